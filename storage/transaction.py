"""What a transaction is, whichever database it runs on, and the line in which transactions wait.

Statements use ``?`` and words that SQLite and PostgreSQL share. A transaction is a coroutine that awaits
nothing but its statements, and may be run again from its beginning.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

T = TypeVar("T")


class Row(Protocol):
    """A row, read by the column's name."""

    def __getitem__(self, column: str, /) -> Any: ...
    def keys(self) -> Iterable[str]: ...


class Transaction(Protocol):
    """The statements of one transaction."""

    async def all(self, sql: str, *params: Any) -> list[Row]: ...
    async def one(self, sql: str, *params: Any) -> Row | None:
        """The first row, if there is one."""
        ...


Body = Callable[[Transaction], Coroutine[Any, Any, T]]


class Driver(Protocol):
    """A database as the store sees it. Raises `StorageError` for whatever it refuses."""

    read: Transaction
    """Single statements, each a transaction of its own that changes nothing."""

    async def write(self, body: Body[T]) -> T:
        """All that ``body`` does is done, or nothing of it.

        One transaction at a time, whoever asks. Once it is in line it runs to its end, also when the
        caller is cancelled meanwhile; what is in line together shares a commit.
        """
        ...


@dataclass(frozen=True, slots=True)
class Asked(Generic[T]):
    """A transaction in line."""

    body: Body[T]
    answer: asyncio.Future[T]


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a transaction: what its body gave, or raised, and what is called when it is done."""

    value: Any = None
    error: BaseException | None = None
    afterwards: Sequence[Callable[[], object]] = ()


def hand_out(line: Sequence[Asked[Any]], answers: Sequence[Answer]) -> None:
    """Each in the line gets its answer, unless nobody waits for it any more; in the event loop."""
    for asked, answer in zip(line, answers, strict=True):
        for call in answer.afterwards:
            call()
        if asked.answer.done():
            continue
        if answer.error is None:
            asked.answer.set_result(answer.value)
        else:
            asked.answer.set_exception(answer.error)
