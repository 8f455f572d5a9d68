"""One aligned table."""

from __future__ import annotations

import unicodedata


class Table:
    """Columns as wide as their widest cell; the first to the left, the others to the right."""

    def __init__(self, *head: str) -> None:
        self._rows: list[tuple[str, ...]] = [head]

    def row(self, *cells: str) -> None:
        self._rows.append(cells)

    def __str__(self) -> str:
        """As Markdown, readable as it is."""
        widths = [max(map(_width, column)) for column in zip(*self._rows, strict=True)]
        rule = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
        lines = [self._rows[0], tuple(rule), *self._rows[1:]]
        return "\n".join(_line(line, widths) for line in lines)


def _line(cells: tuple[str, ...], widths: list[int]) -> str:
    gaps = [" " * (width - _width(cell)) for cell, width in zip(cells, widths, strict=True)]
    first, *others = zip(cells, gaps, strict=True)
    return "| " + " | ".join([first[0] + first[1], *(gap + cell for cell, gap in others)]) + " |"


def _width(cell: str) -> int:
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in cell)
