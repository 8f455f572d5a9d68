"""Files that are sent as they were when they were found, whatever becomes of their names meanwhile."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from stat import S_ISREG
from typing import BinaryIO

import anyio
from starlette.responses import FileResponse
from starlette.types import Receive, Scope, Send


class Held(FileResponse):
    """An open file as an answer, whole or in ranges; closed with it.

    Starlette's own looks at the name twice, after its route has: a preview that is taken away in
    between is a 500, or an answer that ends before its length.
    """

    def __init__(self, file: BinaryIO, media_type: str, headers: Mapping[str, str]) -> None:
        super().__init__(
            file.name, media_type=media_type, headers=headers, stat_result=os.fstat(file.fileno())
        )
        self._file = file

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with self._file:
            await super().__call__(scope, receive, send)

    @asynccontextmanager
    async def _open_file(self) -> AsyncIterator[anyio.AsyncFile[bytes]]:
        yield anyio.wrap_file(self._file)


async def opened(path: Path | None) -> BinaryIO | None:
    """The file of that name, to be closed by whoever asked; None when there is none."""
    return await asyncio.to_thread(_open, path) if path else None


def _open(path: Path) -> BinaryIO | None:
    try:
        file = path.open("rb")
    except OSError:
        return None
    if S_ISREG(os.fstat(file.fileno()).st_mode):
        return file
    file.close()
    return None
