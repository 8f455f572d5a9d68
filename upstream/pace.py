"""How long to wait between polls.

Polls cost the relay requests, waits cost people time. What a job takes is much the same from one
to the next at one endpoint, model, quality and size; so each poll is put where the wait for a
picture that is ready by then is expected to have cost a set price: rarely while nothing can be
ready, closely where jobs ended lately. Never faster for long than a poll every three seconds.

Pure arithmetic: no clock, no network, no chance.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Hashable

EVERY = 3.0
"""Seconds between the polls of the vendors' own samples: the budget that is not exceeded."""

_AHEAD = 4  # polls by which the budget may be run ahead of
_GROWTH, _LONG = 1.3, 20.0  # while nothing is known each wait is longer than the last, then t/20
_SHARE = 0.8  # of the budget's polls that are aimed at
_EAGER = 6.0  # how much more is spent while there is still much to learn
_CHEAPEST = 0.015  # seconds: no picture is worth a poll for less
_SPREAD = 0.004  # least standard deviation of the logarithm: some milliseconds of network
_FORGET = 0.12  # weight of the latest job, once a few were seen
_SURPRISE = 0.02  # belief that this job is of another kind
_PROBE = 8  # every so many jobs one looks early, or a relay that got faster would go unnoticed
_CLOSE = 2.5  # longest wait within the time in which jobs end


class Pace:
    """What one kind of job took lately: a log-normal belief, sharpened by every job that ends.

    ``first``: seconds before the very first poll, while nothing is known.
    """

    def __init__(self, first: float = 0.5) -> None:
        self.jobs = 0
        self._first = first
        self._mean = self._variance = 0.0  # of the logarithm of seconds
        self._weight = 0  # jobs that the belief rests on

    def wait(self, elapsed: float, polls: int) -> float:
        """Seconds from now to the next poll of a job that was accepted ``elapsed`` seconds ago.

        ``polls`` were made of it so far, the latest just now.
        """
        earliest = EVERY * (polls + 1 - _AHEAD)
        return max(0.0, max(earliest, self._wanted(elapsed, polls)) - elapsed)

    def learn(self, missed: float, seen: float) -> None:
        """A job was not ready after ``missed`` seconds (0: never asked) and was after ``seen``."""
        self.jobs += 1
        self._weight += 1
        seen = max(seen, 0.001)
        low, high = math.log(max(missed, seen / 2)), math.log(seen)
        if self._weight == 1:
            self._mean, self._variance = (low + high) / 2, self._bounded((high - low) ** 2 / 12)
            return
        mean, variance = self._within(-math.inf if missed <= 0 else low, high) or self._anew(low, high)
        rate = max(_FORGET, 1 / self._weight)
        step = mean - self._mean
        self._mean += rate * step
        self._variance = self._bounded((1 - rate) * (self._variance + rate * step**2) + rate * variance)

    def _wanted(self, elapsed: float, polls: int) -> float:
        if not self._weight:
            return elapsed + max(min(EVERY, self._first * _GROWTH**polls), elapsed / _LONG)
        middle, deviation = math.exp(self._mean), math.sqrt(self._variance)
        if not polls and self.jobs % _PROBE == 0 and deviation < 0.15:
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
        middle, deviation = math.exp(self._mean), math.sqrt(self._variance)
        spread = middle * min(1.0, deviation)
        polls = _SHARE * (middle / EVERY + 1) * (1 + _EAGER / self._weight)
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
        off = math.log(elapsed) - self._mean
        return (1 - _SURPRISE) * _below(off / math.sqrt(self._variance)) + _SURPRISE * _below(off)

    def _within(self, low: float, high: float) -> tuple[float, float] | None:
        """Mean and variance of the belief between two bounds; ``None`` where it holds almost nothing."""
        deviation = math.sqrt(self._variance)
        a, b = (low - self._mean) / deviation, (high - self._mean) / deviation
        mass = _below(b) - _below(a) if a < 0 else _below(-a) - _below(-b)
        if mass < 1e-9:
            return None
        at_a, at_b = _density(a), _density(b)
        shift = (at_a - at_b) / mass
        shrink = 1 + ((a * at_a if at_a else 0.0) - b * at_b) / mass - shift**2
        mean = min(max(self._mean + deviation * shift, low), high)
        return mean, self._variance * min(1.0, max(0.0, shrink))

    def _anew(self, low: float, high: float) -> tuple[float, float]:
        """Something has changed: believe the newest, as after a few jobs."""
        self._weight = min(self._weight, 3)
        return (low + high) / 2, (high - low) ** 2 / 12

    @staticmethod
    def _bounded(variance: float) -> float:
        return max(_SPREAD**2, variance)


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


def _below(deviations: float) -> float:
    return 0.5 * math.erfc(-deviations / math.sqrt(2))


def _density(deviations: float) -> float:
    return math.exp(-(deviations**2) / 2) / math.sqrt(2 * math.pi) if abs(deviations) < 38 else 0.0
