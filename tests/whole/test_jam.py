"""A group prompts together for an evening: the same script on every platform."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.whole.evening import PLATFORMS, Evening, Member, evening
from tests.whole.house import eventually

pytestmark = [pytest.mark.whole, pytest.mark.parametrize("platform", PLATFORMS)]


def named(club: Evening, *names: str) -> str:
    """How names are shown; in the playground everybody is its owner."""
    return ", ".join(names) if not club.alone else "You"


async def adds(who: Member, phrase: str) -> None:
    canvas = await who.sees(button="Add")
    await who.presses(canvas, "Add")
    await who.fills(phrase=phrase)


async def test_an_evening_of_three(tmp_path: Path, platform: str) -> None:
    async with evening(platform, tmp_path) as club:
        ann, ben, cy = [await club.member(name) for name in ("Ann", "Ben", "Cy")]
        spent = club.spent()
        await ann.says("/jam a city at night --size 16:9")
        await ben.sees("a city at night", "Go is said by", button="Go")
        await adds(ben, "neon rain --size 4k\n@cy")
        canvas = await cy.sees("1. neon rain --size 4k @", "▲1", button="▲ 1")
        if platform == "telegram":
            await cy.says("a cat on a tram", to=canvas)
        else:
            await adds(cy, "a cat on a tram")
        canvas = await ben.sees("2. a cat on a tram", button="▲ 2")
        await ben.presses(canvas, "▲ 2")
        if not club.alone:
            await ann.sees("2. a cat on a tram — Cy ▲2")
            await ben.presses(canvas, "Go")
            await ben.sees("not for you to say")
        await ann.presses(canvas, "Go")
        picture = await cy.sees("Together:", "1536×864", pictures=1, button="Again")
        assert "a city at night, " in picture.text
        assert spent.now == (1, 1)
        await club.restart()
        second = await ann.sees("Round 2", button="Next round")
        await ann.presses(second, "Next round")
        await ben.sees(
            "Together:", pictures=4 if platform != "telegram" else 1, button="Original", fresh=True
        )
        third = await ben.sees("Round 3", "Votes for the pictures", button="Next round")
        assert spent.now == (2, 5)
        await ben.presses(third, "3")
        await ann.sees("3: 1 ▲", "Number 3 is where the next round begins")
        await ann.presses(third, "End")
        album = await cy.sees(
            "The jam is over: a city at night",
            "In all $0.85",
            pictures=2 if platform != "telegram" else 1,
            button="All pictures",
        )
        await cy.presses(album, "All pictures")
        await cy.sees(pictures=5 if platform != "telegram" else 1, fresh=True)
        assert spent.now == (2, 5)


async def test_two_say_go_at_once_and_it_is_killed(tmp_path: Path, platform: str) -> None:
    async with evening(platform, tmp_path) as club:
        ann, ben = [await club.member(name) for name in ("Ann", "Ben")]
        spent = club.spent()
        await ann.says("/jam a fox in the snow --go anyone")
        canvas = await ben.sees("a fox in the snow", button="Go")
        await asyncio.gather(ann.presses(canvas, "Go"), ben.presses(canvas, "Go"))
        await eventually(lambda: spent.now[0] == 1)
        await club.crash()
        await ann.sees("a fox in the snow", "Together:", pictures=1, button="Again")
        await ann.sees("Round 2", button="Next round")
        assert spent.now == (1, 1)


async def test_a_canvas_is_brought_down_again(tmp_path: Path, platform: str) -> None:
    async with evening(platform, tmp_path) as club:
        ann, ben = [await club.member(name) for name in ("Ann", "Ben")]
        await ann.says("/jam a fox")
        first = await ben.sees("Jam: a fox", button="Add")
        await adds(ben, "in the snow")
        await ann.sees("1. in the snow")
        await ann.says("/jam")
        below = await ann.sees("Jam: a fox", "1. in the snow", button="Add", fresh=True)
        assert below.id != first.id
        await ben.sees("It goes on below")
        await ann.says("/jam --remove 1")
        await ben.sees("Nobody has added anything yet")
