"""Polling, replayed in virtual time: how late a finished job is seen, and after how many polls.

Jobs one after another, their durations log-normal around what relays were seen to take. Against
it a poll every three seconds: once the first of them after three, once at once, as the vendors' own
sample has it, which sees the end no sooner.
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from statistics import fmean

from benchmarks.table import Table
from upstream.pace import EVERY, Pace

RELAYS = ((2.0, 0.002), *((median, spread) for median in (10, 48, 126, 500) for spread in (0.05, 0.15, 0.3)))
"""The median in seconds, and the standard deviation of its logarithm."""

_JOBS, _WARM_UP, _SEEDS = 300, 8, 3


@dataclass(frozen=True, slots=True)
class Seen:
    """When a job's end was noticed: ``delay`` seconds late, after ``polls``."""

    delay: float
    polls: float


def measured() -> Table:
    """Means over all jobs but the first few of each series, which are learnt from."""
    table = Table("", "delay every 3 s", "Easel", "ratio", "polls sample", "after 3 s", "Easel", "ratios", "")
    for median, spread in RELAYS:
        theirs, ours = _mean(_series(median, spread, None)), _mean(_series(median, spread, Pace))
        table.row(
            f"{median:g} s ± {spread:.1%}" if spread < 0.01 else f"{median:g} s ± {spread:.0%}",
            f"{theirs.delay:.3f} s",
            f"{ours.delay:.3f} s",
            _ratio(ours.delay, theirs.delay),
            f"{theirs.polls + 1:.2f}",
            f"{theirs.polls:.2f}",
            f"{ours.polls:.2f}",
            _ratio(ours.polls, theirs.polls + 1),
            _ratio(ours.polls, theirs.polls),
        )
    return table


def _series(median: float, spread: float, pace: type[Pace] | None) -> list[Seen]:
    seen = []
    for seed in range(_SEEDS):
        chance, own = random.Random(seed), pace() if pace else None
        durations = [median * math.exp(chance.gauss(0, spread)) for _ in range(_JOBS)]
        its = [followed(own, duration) if own else every_three(duration) for duration in durations]
        seen += its[_WARM_UP:]
    return seen


def followed(pace: Pace, duration: float) -> Seen:
    """A job of ``duration`` seconds, polled by ``pace``, which learns from it."""
    elapsed, polls = 0.0, 0
    while True:
        missed, elapsed, polls = elapsed, elapsed + pace.wait(elapsed, polls), polls + 1
        if elapsed >= duration:
            pace.learn(missed, elapsed)
            return Seen(elapsed - duration, polls)


def every_three(duration: float) -> Seen:
    """A poll every three seconds, the first after three."""
    polls = math.floor(duration / EVERY) + 1
    return Seen(polls * EVERY - duration, polls)


def _mean(seen: list[Seen]) -> Seen:
    return Seen(fmean(job.delay for job in seen), fmean(job.polls for job in seen))


def _ratio(ours: float, theirs: float) -> str:
    return f"{ours / theirs:.2f}{' ✗' if ours >= theirs else ''}"
