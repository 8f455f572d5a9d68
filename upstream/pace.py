"""How long to wait between polls.

Polls cost the relay requests, waits cost people time. What a job takes is much the same from one
to the next at one endpoint, model, quality and size; so each poll is put where the wait for a
picture that is ready by then is expected to have cost a set price: rarely while nothing can be
ready, closely where jobs ended lately. Never faster for long than a poll every three seconds.

A job's end is never seen, only a bracket around it: the last poll that came too early and the one
that found it. Two beliefs are drawn from these brackets. One moves on slowly and fits jobs that
differ; the other is the likeliest for the latest few, and homes in on a relay that is steady.

Pure arithmetic: no clock, no network, no chance.
"""

from __future__ import annotations

import math
from collections import OrderedDict, deque
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from typing import Self

EVERY = 3.0
"""Seconds between the polls of the vendors' own samples: the budget that is not exceeded."""

_AHEAD = 4  # polls by which the budget may be run ahead of
_GROWTH, _LONG = 1.3, 20.0  # while nothing is known each wait is longer than the last, then t/20
_SHARE, _FEWEST = 0.8, 1.6  # of the budget's polls that are aimed at; the least budget of a short job
_EAGER = 6.0  # how much more is spent while there is still much to learn
_CHEAPEST = 0.015  # seconds: no picture is worth a poll for less
_SPREAD = 0.004  # least standard deviation of the logarithm: some milliseconds of network
_FORGET = 0.12  # weight of the latest job in the slow belief, once a few were seen
_SURPRISE = 0.02  # belief that this job is of another kind
_PROBE = 8  # every so many jobs one looks early, or a relay that got faster would go unnoticed
_CLOSE = 2.5  # longest wait within the time in which jobs end
_LATELY, _FIRM, _ROUNDS = 16, 5, 3  # brackets that are fitted; from how many on; steps of the fit each time
_SETTLED = 0.05  # of a deviation: a step as small as this is the last
_STEADY = 0.1  # deviation of the logarithm below which the fit is believed

Bracket = tuple[float, float]
"""Logarithms of seconds: not ready then (-inf: never asked), ready then."""


@dataclass(frozen=True, slots=True)
class Belief:
    """What a job takes: a normal distribution of the logarithm of seconds."""

    mean: float
    variance: float

    @classmethod
    def of(cls, bracket: Bracket) -> Self:
        """From one job alone; where it was never asked before, its end may be half as far away."""
        low, high = max(bracket[0], bracket[1] - math.log(2)), bracket[1]
        return cls((low + high) / 2, _bounded((high - low) ** 2 / 12))

    @property
    def middle(self) -> float:
        return math.exp(self.mean)

    @property
    def deviation(self) -> float:
        return math.sqrt(self.variance)

    def within(self, bracket: Bracket) -> tuple[float, float] | None:
        """Mean and variance between two bounds; ``None`` where it holds almost nothing."""
        (low, high), deviation = bracket, self.deviation
        a, b = (low - self.mean) / deviation, (high - self.mean) / deviation
        mass = _below(b) - _below(a) if a < 0 else _below(-a) - _below(-b)
        if mass < 1e-9:
            return None
        at_a, at_b = _density(a), _density(b)
        shift = (at_a - at_b) / mass
        shrink = 1 + ((a * at_a if at_a else 0.0) - b * at_b) / mass - shift**2
        mean = min(max(self.mean + deviation * shift, low), high)
        return mean, self.variance * min(1.0, max(0.0, shrink))

    def fitted(self, brackets: Iterable[Bracket]) -> Belief:
        """One step nearer to the likeliest belief (expectation, then maximisation)."""
        parts = [self.within(bracket) or (Belief.of(bracket).mean, 0.0) for bracket in brackets]
        mean = math.fsum(part for part, _ in parts) / len(parts)
        spread = math.fsum(own + (part - mean) ** 2 for part, own in parts) / len(parts)
        return Belief(mean, _bounded(spread))


class Pace:
    """What one kind of job took lately, sharpened by every job that ends.

    ``first``: seconds before the very first poll, while nothing is known.
    """

    def __init__(self, first: float = 0.5) -> None:
        self.jobs = 0
        self._first = first
        self._weight = 0  # jobs that the slow belief rests on
        self._probed = 0  # jobs when one looked early: of those that begin together it is one
        self._belief = self._slow = self._fit = Belief(0.0, 0.0)
        self._lately: deque[Bracket] = deque(maxlen=_LATELY)

    def wait(self, elapsed: float, polls: int) -> float:
        """Seconds from now to the next poll of a job that was accepted ``elapsed`` seconds ago.

        ``polls`` were made of it so far, the latest just now. Before the first, one job now and then is
        told to look early: of those that begin together one alone.
        """
        earliest = EVERY * (polls + 1 - _AHEAD)
        return max(0.0, max(earliest, self._wanted(elapsed, polls)) - elapsed)

    def learn(self, missed: float, seen: float) -> None:
        """A job was not ready after ``missed`` seconds (0: never asked) and was after ``seen``."""
        self.jobs += 1
        seen = max(seen, 0.001)
        bracket = math.log(max(missed, seen / 2)) if missed > 0 else -math.inf, math.log(seen)
        self._learn_slowly(bracket)
        self._learn_lately(bracket)
        steady = len(self._lately) >= _FIRM and self._fit.deviation < _STEADY
        self._belief = self._fit if steady else self._slow

    def _learn_slowly(self, bracket: Bracket) -> None:
        self._weight += 1
        within = self._slow.within(bracket) if self._weight > 1 else None
        if within is None:  # the first, or something has changed: believe the newest, as after a few jobs
            self._weight = min(self._weight, 3)
            within = Belief.of(bracket).mean, Belief.of(bracket).variance
        mean, variance = within
        rate = max(_FORGET, 1 / self._weight)
        step = mean - self._slow.mean
        spread = (1 - rate) * (self._slow.variance + rate * step**2) + rate * variance
        self._slow = Belief(self._slow.mean + rate * step, _bounded(spread))

    def _learn_lately(self, bracket: Bracket) -> None:
        if not self._lately or self._fit.within(bracket) is None:
            self._lately.clear()
            self._fit = Belief.of(bracket)
        self._lately.append(bracket)
        if len(self._lately) > 1:
            for _ in range(_ROUNDS):
                before, self._fit = self._fit, self._fit.fitted(self._lately)
                if abs(self._fit.mean - before.mean) < _SETTLED * before.deviation:
                    break

    def _wanted(self, elapsed: float, polls: int) -> float:
        if not self._weight:
            return elapsed + max(min(EVERY, self._first * _GROWTH**polls), elapsed / _LONG)
        middle, deviation = self._belief.middle, self._belief.deviation
        if not polls and self.jobs - self._probed >= _PROBE and deviation < 0.15:
            self._probed = self.jobs
            return 0.6 * middle
        at = self._worth_asking(elapsed)
        if elapsed > middle * math.exp(-2 * deviation):
            at = min(at, elapsed + _CLOSE)
        late = elapsed - middle
        if late > 3 * deviation * middle:
            at = max(at, elapsed + min(_CLOSE, late / 4))
        return at

    def _worth_asking(self, elapsed: float) -> float:
        """When the wait since ``elapsed`` for a picture that may be ready is expected to reach its price."""
        middle, deviation = self._belief.middle, self._belief.deviation
        spread = middle * min(1.0, deviation)
        polls = _SHARE * max(_FEWEST, middle / EVERY) * (1 + _EAGER / self._weight)
        before = self._done_by(elapsed)
        if before > 1 - 1e-6:
            return elapsed
        price = max(_CHEAPEST, spread / polls**2) * (1 - before)
        at, cost, rate = max(elapsed, middle * math.exp(-4 * deviation) / 2), 0.0, 0.0
        while True:
            step = max(spread / 10, price / 2, abs(at - middle) / 20)
            ready = self._done_by(at + step) - before
            more = (rate + ready) / 2 * step
            if cost + more >= price:
                return at + step * (price - cost) / more
            at, cost, rate = at + step, cost + more, ready

    def _done_by(self, elapsed: float) -> float:
        """The share of jobs believed to end within ``elapsed`` seconds."""
        if elapsed <= 0:
            return 0.0
        off = math.log(elapsed) - self._belief.mean
        return (1 - _SURPRISE) * _below(off / self._belief.deviation) + _SURPRISE * _below(off)


class Paces:
    """One `Pace` for every kind of job, the ones used least lately forgotten."""

    def __init__(self, first: float = 0.5, most: int = 256) -> None:
        self._first, self._most = first, most
        self._kinds: OrderedDict[Hashable, Pace] = OrderedDict()

    def of(self, kind: Hashable) -> Pace:
        pace = self._kinds.setdefault(kind, Pace(self._first))
        self._kinds.move_to_end(kind)
        if len(self._kinds) > self._most:
            self._kinds.popitem(last=False)
        return pace


def _bounded(variance: float) -> float:
    return max(_SPREAD**2, variance)


def _below(deviations: float) -> float:
    return 0.5 * math.erfc(-deviations / math.sqrt(2))


def _density(deviations: float) -> float:
    return math.exp(-(deviations**2) / 2) / math.sqrt(2 * math.pi) if abs(deviations) < 38 else 0.0
