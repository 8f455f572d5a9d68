"""Polling, simulated: fewer requests than a poll every three seconds, and a shorter wait."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from statistics import fmean

import pytest

from benchmarks.polling import Seen, every_three, followed
from upstream.pace import EVERY, Pace, Paces


def simulate(draw: Callable[[random.Random], float], jobs: int = 150, known: int = 8) -> list[Seen]:
    """Jobs one after another, without the first few that it is learnt from."""
    pace, chance = Pace(), random.Random(7)
    return [followed(pace, draw(chance)) for _ in range(jobs)][known:]


@pytest.mark.parametrize(("median", "spread"), [(10, 0.05), (10, 0.3), (48, 0.15), (126, 0.15), (500, 0.3)])
def test_fewer_polls_and_a_shorter_wait_than_every_three_seconds(median: float, spread: float) -> None:
    def draw(chance: random.Random) -> float:
        return median * math.exp(chance.gauss(0, spread))

    ours = simulate(draw)
    chance = random.Random(7)
    theirs = [every_three(draw(chance)) for _ in range(150)][8:]
    assert fmean(seen.polls for seen in ours) < 0.97 * fmean(seen.polls for seen in theirs)
    assert fmean(seen.delay for seen in ours) < 0.97 * fmean(seen.delay for seen in theirs)


def test_a_steady_relay_is_seen_at_once() -> None:
    seen = simulate(lambda chance: 2.0 + chance.uniform(0, 0.004), jobs=60)
    assert fmean(job.delay for job in seen) < 0.02
    assert fmean(job.polls for job in seen) < 1.6


@pytest.mark.parametrize("duration", [0.7, 2.0, 2.9, 10.0, 48.0])
def test_a_steady_relay_is_learnt_in_a_few_jobs(duration: float) -> None:
    pace = Pace()
    first = [followed(pace, duration) for _ in range(12)]
    assert max(job.delay for job in first[1:8]) < 0.3
    assert max(job.delay for job in first[8:]) < 0.035 + duration / 500


@pytest.mark.parametrize(("before", "after"), [(2.0, 1.0), (2.0, 4.0), (10.0, 60.0), (60.0, 10.0)])
def test_a_change_is_noticed(before: float, after: float) -> None:
    pace = Pace()
    for duration in [before] * 100 + [after] * 30:
        followed(pace, duration)
    late = [followed(pace, after) for _ in range(30)]
    assert fmean(job.delay for job in late) < 0.03 + after / 500


def test_the_first_polls_come_soon_and_grow_apart() -> None:
    pace, elapsed, waits = Pace(), 0.0, []
    for polls in range(30):
        waits.append(pace.wait(elapsed, polls))
        elapsed += waits[-1]
    assert waits[0] == 0.5
    assert waits == sorted(waits)
    assert EVERY <= waits[-1] < 10


@pytest.mark.parametrize("duration", [0.02, 2.0, 50.0, 1700.0])
def test_the_budget_is_kept_whatever_is_believed(duration: float) -> None:
    """A job that never ends costs no more than a poll every three seconds, but for a few at the start."""
    pace = Pace()
    for _ in range(20):
        followed(pace, duration)
    elapsed, polls = 0.0, 0
    while elapsed < 1800:
        elapsed, polls = elapsed + pace.wait(elapsed, polls), polls + 1
        assert polls <= elapsed / EVERY + 4


def test_kinds_are_learnt_apart_and_forgotten_in_time() -> None:
    paces = Paces(most=2)
    paces.of("low").learn(1.9, 2.0)
    assert paces.of("low").jobs == 1
    assert paces.of("high").jobs == 0
    paces.of("low")
    paces.of("third")
    assert paces.of("low").jobs == 1
    assert paces.of("high").jobs == 0


def test_of_those_that_begin_together_one_looks_early() -> None:
    pace = Pace()
    for _ in range(24):
        pace.learn(1.99, 2.01)
    first = [pace.wait(0.0, 0) for _ in range(10)]
    assert sum(wait < 1.5 for wait in first) == 1
