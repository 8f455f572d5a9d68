"""``make bench``: Easel against bare scripts, on the same fakes, in the same run.

docs/benchmarks.md says how it is done and what the columns mean.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path
from statistics import median

from benchmarks import answers, fairness, history, many, polling
from benchmarks.contenders import Contender, easel, floor, platform, relay
from benchmarks.report import Report
from benchmarks.rounds import compare, warm_up

COUNTS = {"telegram": (1, 10, 50, 200), "discord": (1, 10, 50)}
_ALONE: dict[str, tuple[str, Callable[[bool], object]]] = {
    "answers": ("Big answers, read by Easel's scanner, and by json and base64", lambda _: answers.measured()),
    "polling": (
        "Polls, replayed: how late the end of a job is seen, and after how many",
        lambda _: polling.measured(),
    ),
    "fairness": (
        f"A fair turn: one asks {fairness.MANY} times, {fairness.OTHERS} ask once after that",
        lambda _: fairness.measured(),
    ),
    "many": (
        "Many jobs in flight in one process: what each of them costs",
        lambda quick: many.measured(1_000 if quick else many.JOBS),
    ),
    "history": (
        "Accepting and admitting a job, by how many have ended before",
        lambda quick: history.measured(many=100_000 if quick else history.MANY),
    ),
}
_ROUNDS = {1: 15, 10: 15, 50: 7}
_ROUNDS_OF_MORE, _STARTS, _WARM_UP, _SILENCE = 3, 5, 8, 3.0


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__.splitlines()[0])
    parser.add_argument(
        "--quick", action="store_true", help="one round, one start, a short warm-up, fewer jobs"
    )
    parser.add_argument("--only", choices=[*COUNTS, *_ALONE], help="one part alone")
    parser.add_argument("--n", type=int, action="append", help="so many at once; may be repeated")
    parser.add_argument("--logs", type=Path, help="a folder for what the processes say")
    given = parser.parse_args()
    began = time.monotonic()
    if given.only not in _ALONE:
        # A real disk: /tmp is often memory.
        with tempfile.TemporaryDirectory(prefix="easel-bench-", dir="/var/tmp") as scratch:
            try:
                print(asyncio.run(_measured(Path(scratch), given)))
            finally:
                if given.logs:
                    shutil.copytree(scratch, given.logs, ignore=shutil.ignore_patterns("data"))
    for name, (title, measured) in _ALONE.items():
        if given.only in (None, name):
            print(f"\n{title}:\n\n{measured(given.quick)}")
    print(f"\n{time.monotonic() - began:.0f} s in all.")


async def _measured(scratch: Path, given: argparse.Namespace) -> Report:
    report = Report()
    async with AsyncExitStack() as stack:
        relay_url = await stack.enter_async_context(relay(scratch))
        theirs = {name: await stack.enter_async_context(platform(name, scratch, "floor")) for name in COUNTS}
        ours = {name: await stack.enter_async_context(platform(name, scratch, "easel")) for name in COUNTS}
        apis = {name: api for name, (api, _) in ours.items()}
        _say("starting and stopping")
        report.ready, report.idle = await _starts(apis, relay_url, scratch, 1 if given.quick else _STARTS)
        process, _ = await stack.enter_async_context(easel(apis, relay_url, scratch))
        for name in [given.only] if given.only else COUNTS:
            api, crowd = theirs[name]
            async with floor(name, api, relay_url, scratch) as bare:
                pair = (Contender(bare, crowd), Contender(process, ours[name][1]))
                _say(f"{name}: warming up")
                await warm_up(pair, 6 if given.quick else _WARM_UP)
                for count in given.n or COUNTS[name]:
                    _say(f"{name}: {count} at once")
                    rounds = 1 if given.quick else _ROUNDS.get(count, _ROUNDS_OF_MORE)
                    measured = await compare(pair, count, rounds)
                    report.rows[name, count] = (measured[0], measured[1])
    return report


async def _starts(apis: dict[str, str], relay_url: str, scratch: Path, times: int) -> tuple[float, float]:
    """Seconds until ready, and MB after a silence: medians. The first start makes the database."""
    ready, idle = [], []
    for _ in range(times):
        async with easel(apis, relay_url, scratch) as (process, seconds):
            ready.append(seconds)
            await asyncio.sleep(_SILENCE)
            idle.append(process.memory)
    return median(ready), median(idle)


def _say(what: str) -> None:
    print(f"… {what}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        main()
