"""Addresses that failed are tried last, for a while."""

from __future__ import annotations

from upstream.http import health
from upstream.http.health import REST, Health

ADDRESSES = ["https://a", "https://b", "https://c"]


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_the_preferred_comes_first_while_all_are_well() -> None:
    assert Health().ordered(ADDRESSES) == ADDRESSES


def test_what_failed_comes_last_until_it_is_forgiven() -> None:
    clock = Clock()
    seen = Health(clock)
    seen.failed("https://a")
    assert seen.ordered(ADDRESSES) == ["https://b", "https://c", "https://a"]
    clock.now += REST - 1
    assert seen.ordered(ADDRESSES)[-1] == "https://a"
    clock.now += 2
    assert seen.ordered(ADDRESSES) == ADDRESSES


def test_what_answers_again_is_preferred_again() -> None:
    seen = Health(Clock())
    seen.failed("https://a")
    seen.well("https://a")
    seen.well("https://never-failed")
    assert seen.ordered(ADDRESSES) == ADDRESSES


def test_of_several_that_failed_the_longest_ago_is_tried_first() -> None:
    clock = Clock()
    seen = Health(clock)
    for address in ("https://b", "https://a", "https://c"):
        clock.now += 1
        seen.failed(address)
    assert seen.ordered(ADDRESSES) == ["https://b", "https://a", "https://c"]
    clock.now += 1
    seen.failed("https://b")
    assert seen.ordered(ADDRESSES) == ["https://a", "https://c", "https://b"]


def test_not_every_address_ever_is_remembered() -> None:
    seen = Health(Clock())
    for number in range(health._MOST + 5):
        seen.failed(f"https://{number}")
    assert len(seen._failed) == health._MOST
