"""Whether a database is whole: its file, the links between its rows, and whether each row can be read."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping

from bot.model import Fault
from storage import audit, jams, pools, rows
from storage.keeping import flow
from storage.keeping.holdings import Holdings
from storage.transaction import Row

_LINKED_PICTURES = "job_pictures"  # whose links are looked at with the pictures, in better words

_READERS: Mapping[str, Callable[[Row], object]] = {
    "asks": lambda row: rows.form_of(row["form"]),
    "audit": audit.entry_of,
    "chats": rows.chat_of,
    "jams": jams.jam_of,
    "jobs": rows.job_of,
    "pool_keys": pools.key_of,
}


async def damage(now: Holdings) -> AsyncIterator[Fault]:
    """What SQLite itself finds wrong. A server sees to its files, and lets no link break."""
    if now.on_server:
        return
    for row in await now.read.all("PRAGMA integrity_check"):
        if row["integrity_check"] != "ok":
            yield Fault("books-damaged", {"what": row["integrity_check"]})
    for row in await now.read.all("PRAGMA foreign_key_check"):
        if row["table"] != _LINKED_PICTURES:
            yield Fault("books-orphan", {"table": row["table"], "parent": row["parent"]})


async def unreadable(now: Holdings) -> AsyncIterator[Fault]:
    """Rows that Easel would stumble over."""
    for table in flow.tables():
        if read := _READERS.get(table.name):
            async for row in flow.rows(now.read, table):
                if not _reads(read, row):
                    key = "/".join(str(row[column]) for column in table.key)
                    yield Fault("books-unreadable", {"table": table.name, "row": key})


def _reads(read: Callable[[Row], object], row: Row) -> bool:
    try:
        read(row)
    except (ValueError, LookupError, TypeError, AttributeError):
        return False
    return True
