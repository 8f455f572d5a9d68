"""Memory that survives a crash: jobs, money, chats, pictures. See `bot.ports.Store`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from bot.errors import SetupError, StorageError
from bot.ports import Caps, Store
from storage import premises, schema
from storage.database import Database
from storage.store import SqlStore

__all__ = ["open_store"]

_CAPS = Caps()


@asynccontextmanager
async def open_store(url: str, folder: Path, caps: Caps = _CAPS) -> AsyncIterator[Store]:
    """The store at ``sqlite:///relative/path.db`` or ``sqlite:////absolute/path.db``.

    ``folder`` holds ``pictures/`` and ``spool/``. Nobody else can open either until this is
    closed or the process dies. Raises `SetupError` with what the operator has to mend.
    """
    path, folder = premises.database_file(url), premises.data_folder(folder)
    async with AsyncExitStack() as stack:
        stack.enter_context(premises.occupied(folder, path))
        await asyncio.to_thread(schema.bring_up_to_date, path)
        try:
            database = await stack.enter_async_context(Database.open(path))
            store = SqlStore(database, folder, caps)
            await store.admit()
        except StorageError as error:
            reason = str(error.__cause__)
            raise SetupError("setup-database-failed", path=str(path), reason=reason) from error
        yield store
