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
from bot.model import File, Picture


@dataclass(frozen=True, slots=True)
class Baggage:
    """What travels; which pictures were ``shrunk`` or had to be ``left``; what else is too ``large`` here."""

    uploads: tuple[Upload, ...]
    shrunk: tuple[Picture, ...] = ()
    left: tuple[Picture, ...] = ()
    large: tuple[Picture | File, ...] = ()


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
async def packed(files: Sequence[Picture | File], folder: Path, most: int) -> AsyncIterator[Baggage]:
    """Files of at most ``most`` bytes each; re-encoded pictures are deleted at the end."""
    made: list[Path] = []
    uploads: list[Upload] = []
    shrunk, left, large = list[Picture](), list[Picture](), list[Picture | File]()
    try:
        for file in files:
            upload = await _fitted(file, folder, most)
            if upload is None:
                if isinstance(file, File) or file.moving:
                    large.append(file)
                else:
                    left.append(file)
                continue
            uploads.append(upload)
            if upload.path != file.path and isinstance(file, Picture):
                made.append(upload.path)
                shrunk.append(file)
        yield Baggage(tuple(uploads), tuple(shrunk), tuple(left), tuple(large))
    finally:
        if made:
            await asyncio.to_thread(_remove, made)


async def _fitted(file: Picture | File, folder: Path, most: int) -> Upload | None:
    """``None`` for what can't be read or made to fit."""
    if not most:
        return None
    try:
        if file.path.stat().st_size <= most:
            return Upload(file.path, file.name, file.mime)
        if isinstance(file, File):
            return None
        path = await media.fit(file.path, folder, most_bytes=most)
    except (BadPicture, OSError, ValueError):
        return None
    return Upload(path, Path(file.name).with_suffix(path.suffix).name, "image/jpeg")


def _remove(paths: Sequence[Path]) -> None:
    for path in paths:
        path.unlink(missing_ok=True)
