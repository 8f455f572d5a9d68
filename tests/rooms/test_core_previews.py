"""From a relay's stream to the message in the chat: previews repaint it, the real cost is settled."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from bot.model import Endpoint, State
from tests.fakes.relay import KEY, Relay
from tests.fakes.relay.rules import usage
from tests.rooms.conftest import House
from tests.rooms.test_core import done, latest, says, used
from upstream import Patience, Upstreams


def speaking(upstream: Upstreams, dialect: str, relay: Relay, folder: Path) -> House:
    house = House(folder, operator=Endpoint("operator", dialect, (relay.url,), KEY))
    house.painter = upstream  # type: ignore[assignment]  # a real one
    return house


@pytest.mark.parametrize("dialect", ["openai", "xinliu"])
async def test_a_stream_repaints_the_message_and_settles_what_it_really_cost(
    dialect: str, tmp_path: Path
) -> None:
    upstream = Upstreams(asyncio.Semaphore(4), patience=Patience(sync=9))
    async with Relay(dialect, delay=0.4) as relay, upstream:
        house = speaking(upstream, dialect, relay, tmp_path)
        async with house.lives():
            await house.stage.say("/imagine a fox in the snow --size 16:9")
            shown = await house.stage.until(done)
            (message,) = house.stage.messages.values()
            sketches = [reply for reply in message.history if reply.pictures and reply != shown]
            assert len(sketches) == 2
            assert {(sketch.pictures[0].width, sketch.busy) for sketch in sketches} == {(256, True)}
            assert (shown.pictures[0].width, shown.pictures[0].height) == (1536, 864)
            await latest(house, State.DONE)
            counted = usage(relay.orders[0])
            cost = counted["input_tokens"] * 5 + counted["output_tokens"] * 30
            assert await used(house) == (cost, 0)
            assert f"${cost / 1e6:.4f}".rstrip("0") in shown.text


async def test_nothing_is_painted_before_a_preview_that_says_no_more(tmp_path: Path) -> None:
    """It would take the preview's place: platforms let a message be repainted every few seconds."""
    upstream = Upstreams(asyncio.Semaphore(4), patience=Patience(sync=9))
    async with Relay("openai", delay=0.2) as relay, upstream:
        house = speaking(upstream, "openai", relay, tmp_path)
        async with house.lives():
            await house.stage.say("/imagine a fox in the snow")
            await house.stage.until(done)
            await latest(house, State.DONE)
            await house.stage.say("/imagine another, for which it is known how long it takes")
            await house.stage.until(lambda reply: done(reply) and "another" in reply.text)
            *_, message = house.stage.messages.values()
            opened, *later = message.history
            assert not opened.pictures
            assert all(reply.pictures for reply in later)


@pytest.mark.parametrize("dialect", ["openai", "xinliu"])
async def test_a_stream_that_ends_without_its_picture_asks_the_person(dialect: str, tmp_path: Path) -> None:
    upstream = Upstreams(asyncio.Semaphore(4), patience=Patience(sync=9))
    async with Relay(dialect) as relay, upstream:
        house = speaking(upstream, dialect, relay, tmp_path)
        async with house.lives():
            relay.next_job("empty")
            await house.stage.say("/imagine a fox in the snow")
            await house.stage.until(says("you decide"))
            assert relay.calls["submit"] == 1
            day, held = await used(house)
            assert day == held > 0
