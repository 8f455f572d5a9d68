"""Rounds: people ask at once, both contenders in turn, so that what disturbs one disturbs the other."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from benchmarks.contenders import RELAY_SECONDS, Contender
from benchmarks.crowds import Seen

_SETTLE = 0.5  # seconds for what is still done after the last picture; its CPU counts


@dataclass(frozen=True, slots=True)
class Round:
    seen: list[Seen]
    cpu: float
    peak: float


@dataclass(frozen=True, slots=True)
class Figures:
    """Of all rounds of one contender with one N: seconds, CPU seconds per picture, MB."""

    p50: float
    p95: float
    cpu: float
    peak: float
    answered: float | None


async def compare(contenders: Sequence[Contender], count: int, rounds: int) -> list[Figures]:
    """Each contender's figures, in order."""
    done: list[list[Round]] = [[] for _ in contenders]
    for _ in range(rounds):
        for contender, its in zip(contenders, done, strict=True):
            its.append(await _round(contender, count))
    return [_figures(its, count) for its in done]


async def warm_up(contenders: Sequence[Contender], pictures: int) -> None:
    """Some pictures one after another, unmeasured: connections are opened, Easel learns the relay's pace."""

    async def one_after_another(contender: Contender) -> None:
        for _ in range(pictures):
            await contender.crowd.ask(1)

    await asyncio.gather(*map(one_after_another, contenders))


async def _round(contender: Contender, count: int) -> Round:
    process = contender.process
    process.forget_peak()
    before = process.cpu
    seen = await contender.crowd.ask(count)
    await asyncio.sleep(_SETTLE)
    return Round(seen, process.cpu - before, process.peak)


def _figures(rounds: Sequence[Round], count: int) -> Figures:
    added = sorted(seen.pictured - RELAY_SECONDS for its in rounds for seen in its.seen)
    answered = [seen.answered for its in rounds for seen in its.seen if seen.answered is not None]
    return Figures(
        median(added),
        added[math.ceil(0.95 * len(added)) - 1],
        sum(its.cpu for its in rounds) / (count * len(rounds)),
        max(its.peak for its in rounds),
        median(answered) if answered else None,
    )
