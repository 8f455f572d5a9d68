"""Memory that survives a crash: jobs, money, chats, pictures. See `bot.ports.Store`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from bot.errors import SetupError, StorageError
from bot.ports import Caps, Store
from storage import premises, schema
from storage.album import Album
from storage.database import Database
from storage.presence import Among
from storage.store import SqlStore

__all__ = ["open_store"]

_CAPS = Caps()
HERE = 200


@asynccontextmanager
async def open_store(url: str, folder: Path, caps: Caps = _CAPS, *, here: int = HERE) -> AsyncIterator[Store]:
    """The store at ``sqlite:///relative/path.db``, ``sqlite:////absolute/path.db`` or ``postgresql://…``.

    ``folder`` holds ``pictures/`` and ``spool/``. Nobody else can open it, or the file, until this is
    closed or the process dies; a server is shared. ``here`` is the most jobs that this one of several
    processes runs at once. Raises `SetupError` with what the operator has to mend.
    """
    opened = _on_server if premises.on_server(url) else _in_file
    async with opened(url, premises.data_folder(folder), caps, here) as store:
        yield store


@asynccontextmanager
async def _in_file(url: str, folder: Path, caps: Caps, here: int) -> AsyncIterator[Store]:
    path = premises.database_file(url)
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


@asynccontextmanager
async def _on_server(url: str, folder: Path, caps: Caps, here: int) -> AsyncIterator[Store]:
    try:
        from storage import postgres, workers  # noqa: PLC0415  (an extra, which few need)
    except ImportError as error:
        raise SetupError("setup-postgresql-missing") from error
    async with AsyncExitStack() as stack:
        place = postgres.place(url)
        stack.enter_context(premises.occupied(folder))
        await asyncio.to_thread(postgres.bring_up_to_date, url)
        try:
            database = await stack.enter_async_context(postgres.Postgres.open(url))
            presence = await stack.enter_async_context(Among.open(url))
            store = SqlStore(
                database,
                folder,
                caps,
                runner=workers.Procrastinate(database, here),
                presence=presence,
                album=Album(database, premises.spool(folder)),
            )
            await store.admit()
        except StorageError as error:
            reason = " ".join(str(error.__cause__).split())
            raise SetupError("setup-server-failed", place=place, reason=reason) from error
        yield store
