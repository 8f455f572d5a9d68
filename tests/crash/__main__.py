"""``make crash``: kills Easel at every named point of a job's life and counts what became of the jobs.

The real process runs among imitations of Telegram, of Discord and of seven image services; each point
is reached by one job of every dialect on every platform, then the process dies by SIGKILL and is
started again. Jobs, messages and orders are counted where people and relays see them.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from tests.crash.city import city
from tests.crash.points import BY_NAME, POINTS, SHORT, Point
from tests.crash.table import Count, Row, by_point, table

_LEGEND = """
asked: the order had gone out, or was about to, and its relay can't be asked about it; the job ends in one
message that says so, with two buttons. It is counted only where nobody could know better; a job that asks
without need is counted as lost. ledger: millionths of a dollar that do not fit, over the whole run.
"""


async def run(points: Sequence[Point], folder: Path, rounds: int = 1) -> list[Row]:
    """What became of every job; the last row has the ledger's difference."""
    rows: list[Row] = []
    tried = [*points] * rounds
    async with city(folder, tried[0]) as here:
        for point, then in zip(tried, [*tried[1:], tried[-1]], strict=True):
            since = time.monotonic()
            found = await here.endure(point, then)
            rows += [((point.name, ask.dialect, ask.platform), count) for ask, count in found]
            wrong = [(ask, count) for ask, count in found if not count.right]
            told = f"{point.name}: {len(found)} jobs, {len(wrong)} wrong, {time.monotonic() - since:.1f} s"
            print(told, *(f"  {ask.prompt}: {count}" for ask, count in wrong), sep="\n", file=sys.stderr)
        rows.append((("ledger", "", ""), Count(ledger=here.ledger_difference())))
    return rows


def main() -> int:
    parser = argparse.ArgumentParser(prog="make crash", description=__doc__.splitlines()[0])
    parser.add_argument("--short", action="store_true", help="a few points alone")
    parser.add_argument("--brief", action="store_true", help="print one line a point")
    parser.add_argument("--rounds", type=int, default=1, help="jobs for each cell of the table")
    parser.add_argument(
        "--point", action="append", choices=list(BY_NAME), help="this point alone; repeatable"
    )
    given = parser.parse_args()
    logging.getLogger("aiohttp.server").setLevel(logging.CRITICAL)  # uploads that break off are wanted here
    named = given.point or (SHORT if given.short else BY_NAME)
    points = [point for point in POINTS if point.name in named]
    since = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="easel-crash-") as folder:
        rows = asyncio.run(run(points, Path(folder) / "data", given.rounds))
    print(table(by_point(rows) if given.brief else rows))
    print(_LEGEND)
    print(f"{len(points)} points, {time.monotonic() - since:.0f} s")
    total = sum((count for _, count in rows), Count())
    return 0 if total.right else 1


if __name__ == "__main__":
    sys.exit(main())
