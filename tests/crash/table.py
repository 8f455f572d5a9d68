"""What is counted, and the table that is printed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields

COLUMNS = ("jobs", "delivered", "asked", "lost", "duplicated", "submitted twice", "charged twice", "ledger")
"""``asked`` is one honest sentence with two buttons: nobody can know whether the relay took the order.
A job that asks without need is counted as lost. ``ledger``: millionths of a dollar that do not fit."""


@dataclass
class Count:
    """One row's figures."""

    jobs: int = 0
    delivered: int = 0
    asked: int = 0
    lost: int = 0
    duplicated: int = 0
    submitted_twice: int = 0
    charged_twice: int = 0
    ledger: int = 0

    def __add__(self, other: Count) -> Count:
        return Count(*(a + b for a, b in zip(self.figures, other.figures, strict=True)))

    @property
    def figures(self) -> tuple[int, ...]:
        return tuple(getattr(self, field.name) for field in fields(self))

    @property
    def right(self) -> bool:
        """Everything asked for arrived, or ended in an honest sentence, once."""
        return self.jobs == self.delivered + self.asked and not any(self.figures[3:])


Row = tuple[tuple[str, str, str], Count]
"""Point, dialect, platform; and what was counted there."""


def by_point(rows: Iterable[Row]) -> list[Row]:
    """One row a point, dialects and platforms together."""
    points: dict[str, Count] = {}
    for (point, _, _), count in rows:
        points[point] = points.get(point, Count()) + count
    return [((point, "all", "all"), count) for point, count in points.items()]


def table(rows: Sequence[Row]) -> str:
    """All rows, and their totals."""
    heads = ("point", "dialect", "platform", *COLUMNS)
    total = sum((count for _, count in rows), Count())
    lines = [
        heads,
        *((*where, *map(str, count.figures)) for where, count in rows),
        ("total", "", "", *map(str, total.figures)),
    ]
    widths = [max(len(line[at]) for line in lines) for at in range(len(heads))]
    rule = "  ".join("─" * width for width in widths)
    drawn = ["  ".join(_cells(line, widths)) for line in lines]
    return "\n".join([drawn[0], rule, *drawn[1:-1], rule, drawn[-1]])


def _cells(line: Iterable[str], widths: Sequence[int]) -> list[str]:
    named = 3
    return [
        cell.ljust(width) if at < named else cell.rjust(width)
        for at, (cell, width) in enumerate(zip(line, widths, strict=True))
    ]
