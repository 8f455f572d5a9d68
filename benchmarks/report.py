"""What was measured, as tables, and held against the targets."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from benchmarks.rounds import Figures
from benchmarks.table import Table

ADDED_RATIO, ADDED_ONE, CPU_RATIO = 1.2, 0.050, 1.3
PEAK, IDLE, READY, ANSWERED = 200.0, 120.0, 2.0, 0.1
_MISSED = " ✗"

Measured = tuple[Figures, Figures]
"""The floor's, then Easel's."""


@dataclass(slots=True)
class Report:
    """``rows`` by platform and N. Seconds and MB; zero where it was not measured."""

    ready: float = 0.0
    idle: float = 0.0
    rows: dict[tuple[str, int], Measured] = field(default_factory=dict)

    def __str__(self) -> str:
        start = f"Ready {self.ready:.2f} s after the start, idle with {self.idle:.0f} MB, every face on."
        misses = list(self.misses())
        verdict = "\n".join(misses) if misses else "every target is met"
        return f"{self._table()}\n\n{start}\n\nTargets: {verdict}"

    def _table(self) -> Table:
        table = Table(
            *("", "p50 floor", "Easel", "ratio", "p95 floor", "Easel", "ratio"),
            *("CPU floor", "Easel", "ratio", "peak floor", "Easel", "ratio", "answered"),
        )
        for (platform, count), (floor, easel) in self.rows.items():
            table.row(
                f"{platform}, {count} at once",
                *_pair(floor.p50, easel.p50, "s", _added_misses(count, floor, easel)),
                *_pair(floor.p95, easel.p95, "s"),
                *_pair(floor.cpu * 1000, easel.cpu * 1000, "ms", easel.cpu > CPU_RATIO * floor.cpu),
                *_pair(floor.peak, easel.peak, "MB", count == 200 and easel.peak > PEAK),
                f"{easel.answered:.3f} s" if easel.answered is not None else "",
            )
        return table

    def misses(self) -> Iterator[str]:
        """A line for every target that was not reached."""
        if self.ready > READY:
            yield f"✗ ready after {self.ready:.2f} s; at most {READY:g} s"
        if self.idle > IDLE:
            yield f"✗ idle with {self.idle:.0f} MB; at most {IDLE:g} MB"
        for (platform, count), (floor, easel) in self.rows.items():
            where = f"{platform}, {count} at once"
            if _added_misses(count, floor, easel):
                most = floor.p50 + ADDED_ONE if count == 1 else ADDED_RATIO * floor.p50
                yield f"✗ {where}: {easel.p50:.3f} s added; at most {most:.3f} s"
            if easel.cpu > (most := CPU_RATIO * floor.cpu):
                yield f"✗ {where}: {easel.cpu * 1000:.1f} ms a picture; at most {most * 1000:.1f} ms"
            if count == 200 and easel.peak > PEAK:
                yield f"✗ {where}: a peak of {easel.peak:.0f} MB; at most {PEAK:g} MB"
            if platform == "discord" and count == 50 and (easel.answered or 9) > ANSWERED:
                yield f"✗ {where}: answered after {easel.answered:.3f} s; at most {ANSWERED:g} s"


def _added_misses(count: int, floor: Figures, easel: Figures) -> bool:
    if count == 1:
        return easel.p50 > floor.p50 + ADDED_ONE
    return easel.p50 > ADDED_RATIO * floor.p50


def _pair(floor: float, easel: float, unit: str, missed: bool = False) -> tuple[str, str, str]:
    places = {"s": 3, "ms": 1, "MB": 0}[unit]
    ratio = f"{easel / floor:.2f}" if floor > 0 else "–"
    return f"{floor:.{places}f} {unit}", f"{easel:.{places}f} {unit}", ratio + (_MISSED if missed else "")
