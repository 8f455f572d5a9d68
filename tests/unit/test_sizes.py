"""Sizes: what people say, and the pixels that every API of the family takes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sizes import LEAST, MOST, RATIOS, SIDE, STEP, TIERS, parse


@pytest.mark.parametrize("ratio", RATIOS)
@pytest.mark.parametrize("tier", TIERS)
def test_every_entry_is_legal_everywhere(ratio: str, tier: str) -> None:
    size = parse(f"{ratio} {tier}")
    wide, high = (int(part) for part in ratio.split(":"))
    assert size.width % STEP == size.height % STEP == 0
    assert LEAST <= size.width * size.height <= MOST
    assert max(size.width, size.height) <= SIDE
    assert abs(size.width / size.height / (wide / high) - 1) < 0.002
    assert size.klass == tier


@pytest.mark.parametrize(
    ("said", "pixels"),
    [
        ("auto", "auto"),
        ("", "auto"),
        ("16:9", "1536x864"),
        ("９：１６", "864x1536"),
        ("16/9", "1536x864"),
        ("1024×1024", "1024x1024"),
        ("1024X1536", "1024x1536"),
        ("1k", "1024x1024"),
        ("2K", "2048x2048"),
        ("4k", "3840x2160"),
        ("9:16@4k", "2160x3840"),
    ],
)
def test_as_people_say_it(said: str, pixels: str) -> None:
    assert parse(said).pixels == pixels


@pytest.mark.parametrize(
    "said", ["17:3", "1000x1000", "4096x4096", "256x256", "3:1", "1536x512", "big", "8k", "x"]
)
def test_what_no_api_takes(said: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        parse(said)


@given(st.integers(1, 300), st.integers(1, 300))
def test_written_and_read_again(wide: int, high: int) -> None:
    try:
        size = parse(f"{wide * STEP}x{high * STEP}")
    except ValueError:
        return
    assert parse(str(size)) == size
