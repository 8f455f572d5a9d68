"""Files made ready to travel: as they are where they fit, else re-encoded, never sinking their message."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from adapters.discord.grip import DEFAULT_UPLOAD
from adapters.discord.rest import Upload
from bot import media
from bot.errors import BadPicture
from bot.model import Picture


@dataclass(frozen=True, slots=True)
class Baggage:
    """What travels; which files were ``shrunk`` or had to be ``left``; videos too ``large`` for here."""

    uploads: tuple[Upload, ...]
    shrunk: tuple[Picture, ...] = ()
    left: tuple[Picture, ...] = ()
    large: tuple[Picture, ...] = ()


def rungs(most: int, count: int) -> Iterator[int]:
    """Bytes that a file may have, step by step down, each tried when the one before was refused.

    What Discord said; what it takes everywhere; for a proxy that bounds whole requests, all files
    together within that; and at last the words without any file.
    """
    yield most
    if most > DEFAULT_UPLOAD:
        yield DEFAULT_UPLOAD
    yield DEFAULT_UPLOAD * 9 // 10 // max(count, 1)
    yield 0


@asynccontextmanager
async def packed(pictures: Sequence[Picture], folder: Path, most: int) -> AsyncIterator[Baggage]:
    """The pictures as files of at most ``most`` bytes each; re-encoded ones are deleted at the end."""
    made: list[Path] = []
    uploads: list[Upload] = []
    shrunk, left, large = list[Picture](), list[Picture](), list[Picture]()
    try:
        for picture in pictures:
            upload = await _fitted(picture, folder, most)
            if upload is None:
                (large if picture.moving else left).append(picture)
                continue
            uploads.append(upload)
            if upload.path != picture.path:
                made.append(upload.path)
                shrunk.append(picture)
        yield Baggage(tuple(uploads), tuple(shrunk), tuple(left), tuple(large))
    finally:
        await asyncio.to_thread(_remove, made)


async def _fitted(picture: Picture, folder: Path, most: int) -> Upload | None:
    """``None`` for a picture that can't be read or made to fit."""
    if not most:
        return None
    try:
        if await asyncio.to_thread(_size, picture.path) <= most:
            return Upload(picture.path, picture.name, picture.mime)
        path = await media.fit(picture.path, folder, most_bytes=most)
    except (BadPicture, OSError, ValueError):
        return None
    return Upload(path, Path(picture.name).with_suffix(path.suffix).name, "image/jpeg")


def _size(path: Path) -> int:
    return path.stat().st_size


def _remove(paths: Sequence[Path]) -> None:
    for path in paths:
        path.unlink(missing_ok=True)
