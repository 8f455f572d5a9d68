"""Files that are sure to be on the disk, and nobody else's to read."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path


def owned(file: Path) -> Path:
    """The file, made empty for its owner alone."""
    os.close(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
    return file


async def filled(file: Path, content: AsyncIterator[bytes]) -> int:
    """Write a file to the disk; how many bytes. Nothing to write makes none."""
    size = 0
    with owned(file).open("wb") as out:
        async for part in content:
            size += out.write(part)
        out.flush()
        os.fsync(out.fileno())
    if not size:
        await asyncio.to_thread(file.unlink)
    return size
