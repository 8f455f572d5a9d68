"""Pictures: read, made ready, made smaller, put together. Never on the event loop.

Every function takes and gives files, and is awaited; but `facts` is `sniff` for whoever is in a thread
already. What decodes works in a pool of two threads, with at most one picture of more than 12 megapixels
at a time, whoever asks; `sniff` never waits for those.
New files get fresh names in ``folder``; the file that was given is never changed.

All raise `BadPicture` with one of three sentences: it is no PNG, JPEG, WebP or GIF; it is
broken or cut off; it has more than 50 megapixels (told from its header, before decoding).
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

from bot.media import moving, shaping
from bot.media.pool import in_pool
from bot.media.reading import MOST_PIXELS, Facts, facts

__all__ = [
    "MOST_PIXELS",
    "Facts",
    "contact_sheet",
    "facts",
    "fit",
    "in_pool",
    "prepare",
    "seconds",
    "sniff",
    "thumbnail",
]


async def sniff(path: Path) -> Facts:
    """What a file is, by its bytes: kind, sides as stored, size. It is complete, but not decoded."""
    return await asyncio.to_thread(facts, path)


async def seconds(path: Path) -> int:
    """How long a video plays, rounded up; 0 where it does not tell."""
    return await asyncio.to_thread(moving.seconds, path)


async def prepare(path: Path, folder: Path) -> Path:
    """A person's picture made ready for a relay: a PNG, JPEG or WebP of ≤ 20 MB and ≤ 4096 pixels a side.

    Decoded to the end, turned upright, in sRGB, the first frame of a moving one, with its
    transparency and without any metadata (place, camera, comments).
    """
    return await in_pool(shaping.prepare, path, folder)


async def fit(
    path: Path,
    folder: Path,
    *,
    most_bytes: int,
    most_sides: int | None = None,
    most_ratio: float | None = None,
) -> Path:
    """The picture as a JPEG of at most ``most_bytes``: first the quality gives way, then the size.

    ``most_sides`` bounds width + height in pixels. ``most_ratio`` bounds long side : short side;
    a narrower picture is set on a broader ground of its own mean colour.
    """
    return await in_pool(shaping.fit, path, folder, most_bytes, most_sides, most_ratio)


async def thumbnail(path: Path, folder: Path, side: int = 320) -> Path:
    """A JPEG with no side above ``side`` pixels."""
    return await in_pool(shaping.thumbnail, path, folder, side)


async def contact_sheet(paths: Sequence[Path], folder: Path) -> Path:
    """One to ten pictures in a numbered grid: a JPEG of at most 2560 pixels a side and 10 MB."""
    from bot.media import sheet  # noqa: PLC0415 - fonts, which few need

    return await in_pool(sheet.contact_sheet, tuple(paths), folder)
