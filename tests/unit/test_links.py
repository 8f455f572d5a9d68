"""A link to one file: who has it may read that file, and nothing else, until it ends."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.links import Links
from bot.model import Picture, PictureId

PICTURE = Picture(PictureId("k3v9abcdef"), Path("x"), "video/mp4", 64, 48, 9)
BASE, DAY = "https://easel.example/pics", 86_400


def parts(link: str) -> tuple[PictureId, str, str]:
    picture, ends, signature, _ = link.removeprefix(f"{BASE}/files/").split("/")
    return PictureId(picture), ends, signature


@pytest.fixture
def links() -> Links:
    return Links(f"{BASE}/", b"secret", 7)


def test_a_link_opens_its_file_and_no_other(links: Links) -> None:
    link = links(PICTURE)
    assert link.endswith("/easel-k3v9abcdef.mp4")
    picture, ends, signature = parts(link)
    assert links.opens(picture, ends, signature)
    assert not links.opens(PictureId("k3v9abcdeg"), ends, signature)
    assert not links.opens(picture, str(int(ends) + 1), signature)
    for wrong in ("", signature[:-1], signature.upper() + "0", "ü" * 32):
        assert not links.opens(picture, ends, wrong)
    assert not links.opens(picture, "never", signature)
    assert not Links(BASE, b"another", 7).opens(picture, ends, signature)


def test_a_link_ends(links: Links, monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000 * DAY + 5.0
    monkeypatch.setattr("time.time", lambda: now)
    link = links(PICTURE)
    now += 7 * DAY
    assert links.opens(*parts(link))
    now += DAY
    assert not links.opens(*parts(link))


def test_the_same_day_gives_the_same_link(links: Links, monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a message that is painted again is not changed by it."""
    now = 1000 * DAY
    monkeypatch.setattr("time.time", lambda: float(now))
    first = links(PICTURE)
    now += DAY - 1
    assert links(PICTURE) == first


def test_however_long_files_are_kept_a_link_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.time", lambda: 0.0)
    assert parts(Links(BASE, b"secret", 36_500)(PICTURE))[1] == "31"


def test_without_a_public_address_there_are_none(links: Links) -> None:
    none = Links("", b"secret", 7)
    assert none(PICTURE) == ""
    assert not none.opens(*parts(links(PICTURE)))
