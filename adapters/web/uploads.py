"""Pictures that people give the page, and files that it gives them: of random names, for about a day."""

from __future__ import annotations

import asyncio
import re
import shutil
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from bot.errors import BadPicture
from bot.model import File, Source, new_id
from bot.ports import MB

MOST_BYTES = 25 * MB
KEPT = 24 * 3600.0
_SWEEP_EVERY = 3600.0
_NAME = re.compile(r"[a-z0-9]{20}")
_KINDS = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"),
)


class TooLarge(ValueError):
    """An upload went on after `MOST_BYTES`."""


class Uploads:
    """The folder. Names come from here alone, so no name leads out of it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def receive(self, chunks: AsyncIterator[bytes]) -> str:
        """Stream a body into a new file; its name. Raises `TooLarge`, and then keeps nothing."""
        name = new_id() + new_id()
        await asyncio.to_thread(self._folder.mkdir, parents=True, exist_ok=True)
        path = self._folder / name
        try:
            with await asyncio.to_thread(path.open, "xb") as file:
                async for chunk in _bounded(chunks):
                    await asyncio.to_thread(file.write, chunk)
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        return name

    async def keep(self, file: File) -> File:
        """A copy of ours, for as long as uploads are kept."""
        path = self._folder / (new_id() + new_id())
        await asyncio.to_thread(self._folder.mkdir, parents=True, exist_ok=True)
        await asyncio.to_thread(shutil.copyfile, file.path, path)
        return replace(file, path=path)

    def path(self, name: str) -> Path | None:
        """The file of that name, if there is one."""
        path = self._folder / name
        return path if _NAME.fullmatch(name) and path.is_file() else None

    async def fetch(self, source: Source, to: Path) -> None:
        """Copy an upload to a file. `BadPicture` when it is gone for good."""
        path = self.path(source.removeprefix("web:"))
        if path is None:
            raise BadPicture("error-picture-gone")
        try:
            await asyncio.to_thread(shutil.copyfile, path, to)
        except FileNotFoundError as error:
            raise BadPicture("error-picture-gone") from error

    async def keep_tidy(self) -> None:
        """Until cancelled, delete what is older than a day."""
        while True:
            await asyncio.to_thread(self._sweep, time.time() - KEPT)
            await asyncio.sleep(_SWEEP_EVERY)

    def _sweep(self, before: float) -> None:
        for path in self._folder.glob("*"):
            with suppress(FileNotFoundError):
                if _NAME.fullmatch(path.name) and path.stat().st_mtime < before:
                    path.unlink()


async def _bounded(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    size = 0
    async for chunk in chunks:
        size += len(chunk)
        if size > MOST_BYTES:
            raise TooLarge
        yield chunk


def kind(file: BinaryIO) -> str:
    """The type to serve an upload with: a picture's by its bytes, or one that no browser interprets."""
    head = file.read(16)
    file.seek(0)
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    return next((mime for magic, mime in _KINDS if head.startswith(magic)), "application/octet-stream")
