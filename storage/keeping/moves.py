"""A store moved from one database into another, and compared row by row and picture by picture."""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.errors import SetupError
from bot.patience import patiently
from storage import premises, schema
from storage.keeping import flow
from storage.keeping.files import filled
from storage.keeping.holdings import Holdings, demand_same_schema, looked_at, server_driver, writing
from storage.rows import picture_of
from storage.transaction import Row


@dataclass(frozen=True, slots=True)
class Moved:
    """What arrived, and was compared with what left: rows and pictures."""

    rows: int
    pictures: int


class _StillIn(SetupError):
    """Somebody else is connected; who has just hung up still is, for a moment."""


async def move(source: tuple[str, Path], target: tuple[str, Path]) -> Moved:
    """Everything from one store into an empty one, each a URL and a data folder. The source stays as it is.

    Raises `SetupError` when either is in use, the target holds data, or anything differs in the end;
    then the target is as empty as before.
    """
    with _nobody_in(source, target):
        if premises.on_server(source[0]):
            await _demand_quiet(source[0])
        async with looked_at(*source) as holdings:
            demand_same_schema(holdings.applied, _name(source[0]))
            return await pour(holdings, *target)


@contextmanager
def _nobody_in(*stores: tuple[str, Path]) -> Iterator[None]:
    """The locks of both; a data folder that they share is locked once."""
    seen: set[Path] = set()
    with ExitStack() as locks:
        for url, folder in stores:
            own, path = premises.data_folder(folder), None
            if not premises.on_server(url):
                path = premises.database_file(url)
                own = path.parent if own in seen else own
            if own not in seen:
                locks.enter_context(premises.occupied(own, path))
            seen.add(own)
        yield


def _name(url: str) -> str:
    """For sentences: a URL may hold a password."""
    if premises.on_server(url):
        return str(server_driver().place(url))
    return str(premises.database_file(url))


async def pour(source: Holdings, url: str, folder: Path) -> Moved:
    async with _empty(url, premises.data_folder(folder)) as target:
        await flow.copy_rows(source.read, target.read)
        count = 0
        async for row in flow.pictures(source):
            if target.on_server:
                await flow.insert_parts(target.read, row["id"], source.content(row))
            else:
                await filled(picture_of(row, target.pictures).path, source.content(row))
            if await _print(source, row) != await _print(target, row):
                raise SetupError("setup-move-differs", what=row["id"])
            count += 1
        left, arrived = await flow.tally(source.read), await flow.tally(target.read)
        for table in flow.tables():
            if left.prints[table.name] != arrived.prints[table.name]:
                raise SetupError("setup-move-differs", what=table.name)
        return Moved(sum(arrived.counts.values()), count)


async def _print(holdings: Holdings, row: Row) -> bytes:
    digest = hashlib.sha256()
    async for part in holdings.content(row):
        digest.update(part)
    return digest.digest()


@asynccontextmanager
async def _empty(url: str, folder: Path) -> AsyncIterator[Holdings]:
    """An empty store to be filled, in one transaction. Raises `SetupError` when it is not, or is in use."""
    opened = (
        _empty_server(url) if premises.on_server(url) else _empty_file(premises.database_file(url), folder)
    )
    async with opened as target:
        if not await flow.is_empty(target.read):
            raise SetupError("setup-holds-data", path=_name(url))
        yield target


@asynccontextmanager
async def _empty_file(path: Path, folder: Path) -> AsyncIterator[Holdings]:
    pictures = premises.pictures(folder)
    if any(pictures.iterdir()):
        raise SetupError("setup-holds-data", path=str(pictures))
    schema.bring_up_to_date(path)
    try:
        with writing(path) as tx:
            yield Holdings(tx, folder, ())
            premises.on_disk(pictures)
    except BaseException:
        for file in pictures.iterdir():
            file.unlink()
        raise


@asynccontextmanager
async def _empty_server(url: str) -> AsyncIterator[Holdings]:
    postgres = server_driver()
    await asyncio.to_thread(postgres.bring_up_to_date, url)
    await _demand_quiet(url)
    try:
        async with await postgres.connect(url) as connection:
            await connection.execute("SET idle_in_transaction_session_timeout = 0")
            async with connection.transaction():
                await connection.execute(
                    f"SELECT pg_advisory_xact_lock({postgres.LOCKS}, {postgres.WRITING})"
                )
                # Its pictures are looked for nowhere but in the database.
                yield Holdings(postgres.Statements(connection), Path(os.devnull), (), on_server=True)
    except postgres.psycopg.Error as error:
        reason = " ".join(str(error).split())
        raise SetupError("setup-server-failed", place=postgres.place(url), reason=reason) from error


@patiently(_StillIn, tries=5, wait=0.05)
async def _demand_quiet(url: str) -> None:
    """Raises `SetupError` when somebody else is connected to the database on a server."""
    postgres = server_driver()
    try:
        async with await postgres.connect(url) as connection:
            others = await postgres.Statements(connection).one(
                "SELECT count(*) AS found FROM pg_stat_activity WHERE datname = current_database() "
                "AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
            )
    except postgres.psycopg.Error as error:
        reason = " ".join(str(error).split())
        raise SetupError("setup-server-failed", place=postgres.place(url), reason=reason) from error
    if others and others["found"]:
        raise _StillIn("setup-already-running", path=postgres.place(url))
