"""Relay 000's own ways: sizes and names that may not be taken, history, the pace of polls."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.errors import BadRequest, UnknownOutcome
from bot.i18n import words
from bot.model import Accepted, Endpoint, ImageRequest, Order, Progress, Queued, Running, Succeeded
from bot.sizes import parse
from tests.fakes.relay import KEY, Relay, png
from upstream import Patience, Upstreams
from upstream.http import reading

CLASSICS = frozenset({"1024x1024", "1536x1024", "1024x1536"})


@pytest.fixture
async def upstream() -> AsyncIterator[Upstreams]:
    async with Upstreams(asyncio.Semaphore(4), patience=Patience(first=0.02, again=0.01)) as upstream:
        yield upstream


async def result(upstream: Upstreams, relay: Relay, order: Order) -> Succeeded:
    endpoint = Endpoint("operator", "shenfeng", (relay.url,), KEY)
    last = [step async for step in upstream.generate(endpoint, order)][-1]
    assert isinstance(last, Succeeded)
    return last


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    file = tmp_path / "photo.png"
    file.write_bytes(png(64, 64, 9_000))
    return file


@pytest.mark.parametrize("editing", [False, True])
async def test_a_size_that_is_refused_becomes_the_nearest_classic_and_is_said(
    upstream: Upstreams, tmp_path: Path, photo: Path, editing: bool
) -> None:
    async with Relay(sizes=CLASSICS) as relay:
        order = Order(ImageRequest("x", size=parse("16:9")), tmp_path, (photo,) if editing else ())
        done = await result(upstream, relay, order)
        assert [sent["size"] for sent in relay.orders] == ["1536x1024"]
        assert relay.calls["edit" if editing else "submit"] == 1
    assert words().has(done.note)


async def test_a_size_that_is_taken_is_sent_as_it_is(upstream: Upstreams, tmp_path: Path) -> None:
    async with Relay() as relay:
        done = await result(upstream, relay, Order(ImageRequest("x", size=parse("16:9")), tmp_path))
        assert [sent["size"] for sent in relay.orders] == ["1536x864"]
    assert done.note == ""


async def test_a_refusal_about_something_else_is_not_tried_in_another_size(
    upstream: Upstreams, tmp_path: Path
) -> None:
    async with Relay() as relay:
        relay.fail("submit", 400, text="the prompt is too poetic")
        with pytest.raises(BadRequest):
            await result(upstream, relay, Order(ImageRequest("x", size=parse("16:9")), tmp_path))
        assert relay.calls["submit"] == 1


async def test_no_size_is_sent_where_the_relay_is_to_choose(
    upstream: Upstreams, tmp_path: Path, photo: Path
) -> None:
    async with Relay() as relay:
        await result(upstream, relay, Order(ImageRequest("x"), tmp_path))
        await result(upstream, relay, Order(ImageRequest("x"), tmp_path, (photo,)))
        first, second = relay.orders
        assert set(first) == {"model", "prompt", "n", "quality", "response_format"}
        assert set(second) == {"model", "prompt", "response_format", "images"}


async def test_the_other_name_of_the_files_is_tried_when_they_are_missed(
    upstream: Upstreams, tmp_path: Path, photo: Path
) -> None:
    async with Relay(image_field="image[]") as relay:
        await result(upstream, relay, Order(ImageRequest("x"), tmp_path, (photo, photo)))
        assert [len(order["images"]) for order in relay.orders] == [2]
        assert relay.submits[KEY] == 1


async def test_files_arrive_as_they_are(upstream: Upstreams, tmp_path: Path, photo: Path) -> None:
    async with Relay() as relay:
        await result(upstream, relay, Order(ImageRequest("x"), tmp_path, (photo, photo), photo))
        assert relay.orders[0]["images"] == [photo.read_bytes()] * 2
        assert relay.orders[0]["mask"] == photo.read_bytes()


async def test_a_body_that_falls_silent_gives_its_turn_back(
    tmp_path: Path, photo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "STALL", 0.1)
    turn = asyncio.Semaphore(1)
    async with Relay(size=400_000) as relay, Upstreams(turn) as upstream:
        relay.fail("edit", "stall")
        with pytest.raises(UnknownOutcome):
            await result(upstream, relay, Order(ImageRequest("x"), tmp_path, (photo,)))
    assert not turn.locked()


async def test_waiting_and_painting_are_told_apart(upstream: Upstreams, tmp_path: Path) -> None:
    async with Relay(queued=3600, delay=3600) as relay:
        endpoint = Endpoint("operator", "shenfeng", (relay.url,), KEY)
        seen: list[type[Progress]] = []
        async for step in upstream.generate(endpoint, Order(ImageRequest("x"), tmp_path)):
            seen.append(type(step))
            (job,) = relay.jobs.values()
            job.waits = 0 if isinstance(step, Queued) else job.waits
            job.takes = 0 if isinstance(step, Running) else job.takes
        assert [kind for kind in seen if kind is not Accepted] == [Queued, Running, Succeeded]


async def test_what_one_job_took_is_known_to_the_next(tmp_path: Path) -> None:
    clock = asyncio.get_running_loop().time
    async with Relay(delay=0.1) as relay, Upstreams(asyncio.Semaphore(4)) as upstream:
        took = []
        for _ in range(3):
            began = clock()
            await result(upstream, relay, Order(ImageRequest("x"), tmp_path))
            took.append(clock() - began)
    assert took[0] >= 0.5
    assert took[2] < 0.45
