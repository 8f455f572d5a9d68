"""Doing again what may be done again: how often, how long, and for which errors."""

from __future__ import annotations

import time

import pytest

from bot.patience import patiently


class Flaky:
    """Fails ``failures`` times, then answers."""

    def __init__(self, failures: int, error: Exception) -> None:
        self.left, self.error, self.calls = failures, error, 0

    async def __call__(self, word: str) -> str:
        self.calls += 1
        if self.calls <= self.left:
            raise self.error
        return word


async def test_it_calls_until_the_answer_comes() -> None:
    flaky = Flaky(2, ConnectionResetError())
    assert await patiently(ConnectionError, wait=0.001)(flaky)("yes") == "yes"
    assert flaky.calls == 3


async def test_the_last_error_is_raised_as_it_is() -> None:
    flaky = Flaky(9, ConnectionResetError("cut"))
    with pytest.raises(ConnectionResetError, match="cut"):
        await patiently(ConnectionError, tries=3, wait=0.001)(flaky)("yes")
    assert flaky.calls == 3


async def test_other_errors_are_not_repeated() -> None:
    flaky = Flaky(1, KeyError())
    with pytest.raises(KeyError):
        await patiently(ConnectionError, wait=0.001)(flaky)("yes")
    assert flaky.calls == 1


async def test_a_lambda_that_gives_an_awaitable_is_awaited() -> None:
    flaky = Flaky(1, ConnectionResetError())
    assert await patiently(ConnectionError, wait=0.001)(lambda: flaky("yes"))() == "yes"


async def test_what_the_other_side_asks_for_is_waited() -> None:
    flaky = Flaky(1, ConnectionResetError())
    start = time.monotonic()
    await patiently(ConnectionError, wait=5, asked=lambda error: 0.05)(flaky)("yes")
    assert 0.045 < time.monotonic() - start < 2  # timers of the loop count in milliseconds


async def test_a_wrapped_function_serves_many_at_once() -> None:
    calls = 0

    @patiently(ConnectionError, tries=2, wait=0.001)
    async def fetch() -> int:
        nonlocal calls
        calls += 1
        if calls % 2:
            raise ConnectionResetError
        return calls

    assert await fetch() == 2
    assert await fetch() == 4
