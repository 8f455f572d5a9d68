"""Pictures for every process: their bytes in the database too, in parts, so that none is ever held whole."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from bot.errors import StorageError
from bot.model import Picture, new_id
from storage import pictures
from storage.transaction import Transaction

if TYPE_CHECKING:
    from storage.postgres import Postgres

_PART = 256 * 1024


class Album:
    """Files of pictures, of a database on a server. ``spool`` is on the file system of the pictures."""

    def __init__(self, database: Postgres, spool: Path) -> None:
        self._database, self._spool = database, spool

    async def add(self, picture: Picture, file: Path) -> None:
        """A row for a picture, and the bytes of its file. It holds up nobody else's writing."""

        async def body(tx: Transaction) -> None:
            await pictures.insert(tx, picture)
            await self.copy(tx, picture.id, file)

        await self._database.aside(body)

    @staticmethod
    async def copy(tx: Transaction, picture: str, file: Path) -> None:
        """The bytes of a file, for a picture that has a row."""
        with await asyncio.to_thread(file.open, "rb") as opened:
            seq = 0
            while part := await asyncio.to_thread(opened.read, _PART):
                await tx.all(
                    "INSERT INTO picture_parts (picture, seq, content) VALUES (?, ?, ?)", picture, seq, part
                )
                seq += 1

    async def fetch(self, picture: str, to: Path) -> bool:
        """Write its file, whole or not at all; whether the database has it."""
        draft = self._spool / f"{picture}.{new_id()}"
        try:
            with await asyncio.to_thread(draft.open, "wb") as opened:
                found = await self._write(picture, opened)
            if found:
                await asyncio.to_thread(draft.replace, to)
        except OSError as error:
            raise StorageError from error
        finally:
            await asyncio.to_thread(draft.unlink, missing_ok=True)
        return found

    async def _write(self, picture: str, opened: BinaryIO) -> bool:
        seq = 0
        while row := await self._database.read.one(
            "SELECT content FROM picture_parts WHERE picture = ? AND seq = ?", picture, seq
        ):
            await asyncio.to_thread(opened.write, row["content"])
            seq += 1
        return seq > 0
