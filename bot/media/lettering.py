"""Words on pictures, in fonts that this machine has and that have the characters.

A character that no font here has is left out, never drawn as an empty box.
"""

from __future__ import annotations

import re
import sys
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from io import BytesIO
from itertools import groupby
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

Font = ImageFont.FreeTypeFont
Colour = tuple[int, int, int]

LEADING = 1.24  # from line to line, in font sizes
_UNIT = 100  # size at which words are measured
_ABSENT = "\U0010ffff"
_WIDE = "\u2e80-\u9fff\uac00-\ud7ff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff"
_CLOSING = "。，、；：？！”’）》】」』…"
_PIECES = re.compile(rf"\s+|[{_WIDE}][{_CLOSING}]*|[^\s{_WIDE}]+")

_FACES = (
    ("NotoSerif-Bold.ttf", "Georgia Bold.ttf", "georgiab.ttf", "C059-Bold.otf", "LiberationSerif-Bold.ttf"),
    ("NotoSerifCJK-Bold.ttc", "SourceHanSerifSC-Bold.otf", "NotoSansCJK-Bold.ttc", "NotoSansCJK-Regular.ttc"),
    ("PingFang.ttc", "STHeiti Medium.ttc", "msyhbd.ttc", "msyh.ttc", "simhei.ttf", "wqy-zenhei.ttc"),
    ("wqy-microhei.ttc", "DroidSansFallbackFull.ttf", "DroidSansFallback.ttf"),
    ("DejaVuSans-Bold.ttf", "NotoSans-Bold.ttf", "Arial Unicode.ttf", "arialbd.ttf"),
)
"""Of each line the first that is found; words are set in the first of these that has the character."""

_FOLDERS = {
    "darwin": ("/System/Library/Fonts", "/Library/Fonts", "~/Library/Fonts"),
    "win32": ("C:/Windows/Fonts",),
}
_UNIX = ("/usr/share/fonts", "/usr/local/share/fonts", "~/.fonts", "~/.local/share/fonts")


@dataclass(frozen=True, slots=True)
class Lines:
    """A text broken into lines at a size in pixels. ``whole``: every character has a font here."""

    lines: tuple[str, ...]
    size: int
    whole: bool

    @property
    def height(self) -> int:
        return round(len(self.lines) * self.size * LEADING)


def broken(text: str, width: int, height: int, largest: int, smallest: int) -> Lines:
    """Break a text so that it fits, as large as it may be; at the smallest size the rest gives way to "…"."""
    said = [_settable(character) for character in " ".join(text.split())]
    seen, whole = " ".join("".join(said).split()), all(said)
    size = float(largest)
    while size > smallest:
        lines = _wrapped(seen, width / size)
        if len(lines) * size * LEADING <= height:
            return Lines(tuple(lines), int(size), whole)
        size *= 0.92
    lines = _wrapped(seen, width / smallest)
    room = max(1, int(height / (smallest * LEADING)))
    if len(lines) > room:
        lines = [*lines[: room - 1], lines[room - 1].rstrip()[:-1] + "…"]
    return Lines(tuple(lines), smallest, whole)


def write(picture: Image.Image, lines: Lines, x: int, y: int, colour: Colour, spacing: float = 0) -> None:
    """Write lines with their upper left corner at x, y; ``spacing`` between characters, in font sizes."""
    brush = ImageDraw.Draw(picture)
    for number, line in enumerate(lines.lines):
        at, base = float(x), y + round((number * LEADING + 0.98) * lines.size)
        for text, face in _runs(line):
            font = _sized(face, lines.size)
            for piece in text if spacing else (text,):
                brush.text((at, base), piece, fill=colour, font=font, anchor="ls")
                at += font.getlength(piece) + spacing * lines.size


def length(text: str, spacing: float = 0) -> float:
    """How long a text is, in font sizes."""
    return sum(_sized(face, _UNIT).getlength(run) / _UNIT for run, face in _runs(text)) + spacing * len(text)


def settable(text: str) -> str:
    """The text without what no font here has."""
    return " ".join("".join(map(_settable, text)).split())


def spare() -> bytes:
    """A font with the Latin letters, for where there is none: the one that comes with Pillow."""
    font = ImageFont.load_default(_UNIT)
    assert isinstance(font, ImageFont.FreeTypeFont)  # noqa: S101 - as in `_sized`
    assert isinstance(font.path, BytesIO)  # noqa: S101 - it is in Pillow's own code
    return font.path.getvalue()


def _wrapped(text: str, width: float) -> list[str]:
    """Lines of at most ``width`` font sizes; words that are longer are cut."""
    lines, line, used = [], "", 0.0
    for piece in _pieces(text, width):
        needed = _length(piece)
        if used + needed > width and line.strip():
            lines.append(line.strip())
            line, used = "", 0.0
            if piece.isspace():
                continue
        line, used = line + piece, used + needed
    return [*lines, line.strip()] if line.strip() else lines


def _pieces(text: str, width: float) -> Iterator[str]:
    for piece in _PIECES.findall(text):
        yield from piece if _length(piece) > width else (piece,)


@lru_cache(maxsize=4096)
def _length(piece: str) -> float:
    return length(piece)


def _runs(text: str) -> Iterator[tuple[str, int]]:
    """Stretches of a text that one font sets."""
    for face, characters in groupby(text, key=_face_of):
        if face is not None:
            yield "".join(characters), face


def _settable(character: str) -> str:
    """The character, or its plain form ("e" for "é"), or nothing when no font here has either."""
    forms = (character, unicodedata.normalize("NFKD", character)[:1])
    return next((form for form in forms if _face_of(form) is not None), "")


@lru_cache(maxsize=4096)
def _face_of(character: str) -> int | None:
    """The number of the first font that has the character; spaces are had by all."""
    if character.isspace():
        return 0
    shapes = range(len(_faces()))
    return next((face for face in shapes if _has(_sized(face, 24), character)), None)


def _has(font: Font, character: str) -> bool:
    mask, absent = font.getmask(character), font.getmask(_ABSENT)
    return bool(mask.getbbox()) and (mask.size != absent.size or bytes(mask) != bytes(absent))


@lru_cache(maxsize=64)
def _sized(face: int, size: int) -> Font:
    path, index = _faces()[face]
    if path is None:
        font = ImageFont.load_default(size)
        assert isinstance(font, ImageFont.FreeTypeFont)  # noqa: S101 - it is, for every size that is given
        return font
    return ImageFont.truetype(path, size, index)


@cache
def _faces() -> tuple[tuple[str | None, int], ...]:
    """Path and index of each font; last the one that comes with Pillow, which has the Latin letters."""
    found = _installed()
    names = (next((name for name in line if name.lower() in found), None) for line in _FACES)
    paths = [str(found[name.lower()]) for name in names if name]
    return (*((path, _simplified(path)) for path in paths), (None, 0))


def _installed() -> dict[str, Path]:
    folders = (Path(name).expanduser() for name in _FOLDERS.get(sys.platform, _UNIX))
    files = (file for folder in folders if folder.is_dir() for file in folder.rglob("*.[to]t[fc]"))
    return {file.name.lower(): file for file in files}


def _simplified(path: str) -> int:
    """Which font of a collection has the mainland's forms of characters."""
    if not path.endswith(".ttc"):
        return 0
    for index in range(10):
        try:
            name = ImageFont.truetype(path, 10, index).getname()[0] or ""
        except OSError:
            break
        if "SC" in name.split() or "CN" in name.split():
            return index
    return 0
