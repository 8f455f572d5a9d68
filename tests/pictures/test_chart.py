"""The chart of who spent what: seen as a picture, for it is made to be looked at."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from bot.chart import bars
from bot.model import UNIT, Amount
from tests.rooms.conftest import House

BAR = (0x4F, 0x6D, 0xF5)


def lengths(file: Path) -> list[int]:
    """How many pixels long each bar is, from the top."""
    with Image.open(file) as picture:
        seen = picture.convert("RGB")
        rows = [
            sum(seen.getpixel((x, y)) == BAR for x in range(0, seen.width, 2)) * 2 for y in range(seen.height)
        ]
    found, at = [], 0
    for here in rows:
        if here and not at:
            found.append(0)
        if here:
            found[-1] = max(found[-1], here)
        at = here
    return found


async def test_bars_are_as_long_as_what_they_stand_for(tmp_path: Path) -> None:
    rows: list[tuple[str, Amount]] = [("Ann", 4 * UNIT), ("小明的爸爸", 2 * UNIT), ("<b>&\0😀" * 9, UNIT)]
    drawn = await bars("2026-11 · 共花费", rows, tmp_path)
    assert drawn
    longest, half, quarter = lengths(drawn)
    assert longest > 250
    assert (half, quarter) == (pytest.approx(longest / 2, abs=6), pytest.approx(longest / 4, abs=6))
    assert [file.suffix for file in tmp_path.iterdir()] == [".png"]


async def test_nothing_spent_is_a_chart_too(tmp_path: Path) -> None:
    drawn = await bars("free", [("Ann", 0), ("", 0)], tmp_path)
    assert drawn
    assert lengths(drawn) in ([], [2, 2], [0, 0])


async def test_who_spent_what_is_said_where_nothing_can_be_drawn(tmp_path: Path) -> None:
    assert await bars("nowhere", [("Ann", 1)], tmp_path / "no such folder") is None


async def test_usage_shows_the_chart_and_names_everybody(tmp_path: Path) -> None:
    house = House(tmp_path)
    async with house.lives():
        for user in ("ann", "bob", "ann"):
            await house.stage.say("/imagine a fox", user=user)
        await house.stage.until(lambda _: sum(bool(reply.pictures) for reply in house.stage.shown()) == 3)
        await house.stage.say("/usage")
        shown = house.stage.shown()[-1]
        assert "Ann: $0.02 · 2 requests" in shown.text
        assert "Bob: $0.01 · 1 request" in shown.text
        ann, bob = lengths(shown.pictures[0].path)
        assert bob == pytest.approx(ann / 2, abs=6)
        assert not list(house.store.spool.iterdir())
