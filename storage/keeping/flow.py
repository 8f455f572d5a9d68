"""Rows and pictures on their way from one store to another, or into a file: portable, counted, compared.

A row is one line of JSON, an object by column. Bytes stand as ``{"base64": "…"}``. Tables come in an order in
which each one follows those that it refers to; pictures travel as what they are, files.
"""

# ruff: noqa: S608 - what is put into statements here is names of tables and columns of the schema

from __future__ import annotations

import base64
import hashlib
import json
import sqlite3
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from functools import cache
from graphlib import TopologicalSorter
from typing import Any

from storage import schema
from storage.keeping.holdings import Holdings
from storage.rows import marks
from storage.transaction import Row, Transaction

PARTS = "picture_parts"
"""The table where a server keeps pictures: on the way these are files."""

_PAGE = 500
_VALUES = 900  # that one statement takes everywhere
_PART = 256 * 1024


@dataclass(frozen=True, slots=True)
class Table:
    name: str
    columns: tuple[str, ...]
    key: tuple[str, ...]

    @property
    def file(self) -> str:
        """Its name in an archive."""
        return f"rows/{self.name}.jsonl"


@cache
def tables() -> tuple[Table, ...]:
    """All tables of this program's schema, read off the migrations themselves."""
    with closing(sqlite3.connect(":memory:")) as scratch:
        for file in sorted(schema.FOLDER.glob("*.sql")):
            scratch.executescript(file.read_text(encoding="utf-8"))
        names = [
            name
            for (name,) in scratch.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY 1")
        ]
        needs = {
            name: {row[2] for row in scratch.execute(f"PRAGMA foreign_key_list({name})")} for name in names
        }
        order = [name for name in TopologicalSorter(needs).static_order() if name != PARTS]
        return tuple(_table(scratch, name) for name in order)


def _table(scratch: sqlite3.Connection, name: str) -> Table:
    columns = scratch.execute(f"PRAGMA table_info({name})").fetchall()
    key = sorted((place, column) for _, column, _, _, _, place in columns if place)
    return Table(name, tuple(column[1] for column in columns), tuple(column for _, column in key))


async def rows(read: Transaction, table: Table) -> AsyncIterator[Row]:
    """All rows, by key, a page at a time."""
    key = ", ".join(table.key)
    sql = f"SELECT {', '.join(table.columns)} FROM {table.name}"
    page = await read.all(f"{sql} ORDER BY {key} LIMIT {_PAGE}")
    while page:
        for row in page:
            yield row
        last = [page[-1][column] for column in table.key]
        page = await read.all(f"{sql} WHERE ({key}) > {marks(len(last))} ORDER BY {key} LIMIT {_PAGE}", *last)


# --- lines ----------------------------------------------------------------------------------


def line(table: Table, row: Row) -> str:
    return json.dumps({column: _written(row[column]) for column in table.columns}, ensure_ascii=False)


def read_line(text: str) -> dict[str, Any]:
    return {column: _read(value) for column, value in json.loads(text).items()}


def _written(value: Any) -> Any:
    return {"base64": base64.b64encode(value).decode()} if isinstance(value, bytes | memoryview) else value


def _read(value: Any) -> Any:
    return base64.b64decode(value["base64"]) if isinstance(value, Mapping) else value


# --- in -------------------------------------------------------------------------------------


@dataclass
class Tally:
    """How many rows of each table, and a fingerprint of them all that no order changes."""

    counts: dict[str, int] = field(default_factory=dict)
    prints: dict[str, int] = field(default_factory=dict)

    def add(self, table: Table, row: Row) -> None:
        digest = hashlib.blake2b(line(table, row).encode(), digest_size=16).digest()
        self.counts[table.name] = self.counts.get(table.name, 0) + 1
        self.prints[table.name] = (self.prints.get(table.name, 0) + int.from_bytes(digest)) % 2**128


async def tally(read: Transaction) -> Tally:
    found = Tally({table.name: 0 for table in tables()}, {table.name: 0 for table in tables()})
    for table in tables():
        async for row in rows(read, table):
            found.add(table, row)
    return found


async def insert(tx: Transaction, table: Table, given: Iterable[Row]) -> None:
    """Many rows in few statements."""
    into = f"INSERT INTO {table.name} ({', '.join(table.columns)}) VALUES "
    for batch in _batches(given, _VALUES // len(table.columns)):
        await tx.all(
            into + ", ".join([marks(len(table.columns))] * len(batch)),
            *(row[column] for row in batch for column in table.columns),
        )


def _batches(given: Iterable[Row], size: int) -> Iterator[Sequence[Row]]:
    batch: list[Row] = []
    for row in given:
        batch.append(row)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch


async def copy_rows(source: Transaction, tx: Transaction) -> None:
    for table in tables():
        batch: list[Row] = []
        async for row in rows(source, table):
            batch.append(row)
            if len(batch) == _PAGE:
                await insert(tx, table, batch)
                batch = []
        await insert(tx, table, batch)


async def is_empty(read: Transaction) -> bool:
    for table in tables():
        if await read.one(f"SELECT 1 AS found FROM {table.name} LIMIT 1"):
            return False
    return True


async def pictures(source: Holdings) -> AsyncIterator[Row]:
    (table,) = (table for table in tables() if table.name == "pictures")
    async for row in rows(source.read, table):
        yield row


async def insert_parts(tx: Transaction, picture: str, content: AsyncIterator[bytes]) -> None:
    """A picture's bytes, for a server; in parts of a size that fits into memory."""
    seq, left = 0, b""
    async for chunk in content:
        left += chunk
        while len(left) >= _PART:
            seq, left = await _part(tx, picture, seq, left[:_PART]), left[_PART:]
    if left:
        await _part(tx, picture, seq, left)


async def _part(tx: Transaction, picture: str, seq: int, content: bytes) -> int:
    await tx.all(f"INSERT INTO {PARTS} (picture, seq, content) VALUES (?, ?, ?)", picture, seq, content)
    return seq + 1
