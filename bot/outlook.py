"""How long a picture will take to come: the turns played through, from what such jobs took lately.

Pure. The rules are those by which the store admits (`storage.turns`); who asks for more in the meantime is
not foreseen.
"""

from __future__ import annotations

import heapq
import itertools
import math
from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from bot.model import Endpoint, ImageRequest, JobId
from bot.ports import Caps


def kind_of(endpoint: Endpoint, request: ImageRequest) -> str:
    """Jobs that take about as long as each other: ``shenfeng/gpt-image-2/high/2k``."""
    look = request.video.resolution if request.video else request.size.klass
    return f"{endpoint.dialect}/{request.model or endpoint.model}/{request.quality.value}/{look}"


@dataclass(frozen=True, slots=True)
class Seat:
    """A job that runs or waits. ``takes``: seconds from now, or from its begin on; ``None``: nobody knows."""

    job: JobId
    home: str
    member: str
    takes: float | None


@dataclass
class _Queue:
    """Who runs and who waits, while time goes on."""

    caps: Caps
    served: dict[tuple[str, str], int]
    heads: dict[tuple[str, str], deque[Seat]] = field(default_factory=lambda: defaultdict(deque))
    busy: Counter[str] = field(default_factory=Counter)
    ends: list[tuple[float, int, Seat]] = field(default_factory=list)
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    def begin(self, seat: Seat, now: float) -> None:
        self.busy.update((seat.home, f"/{seat.member}"))
        ends = math.inf if seat.takes is None else now + seat.takes
        heapq.heappush(self.ends, (ends, next(self._numbers), seat))

    def end(self) -> float:
        """The next one ends; when."""
        at, _, seat = heapq.heappop(self.ends)
        self.busy.subtract((seat.home, f"/{seat.member}"))
        return at

    def next(self) -> Seat | None:
        """Whose turn it is among those who have room: chats, then members, by least recent service."""
        caps = self.caps
        if caps.running and len(self.ends) >= caps.running:
            return None
        able = [
            who
            for who, waiting in self.heads.items()
            if waiting
            and self.busy[who[0]] < caps.running_chat
            and self.busy[f"/{who[1]}"] < caps.running_member
        ]
        if not able:
            return None
        who = min(able, key=lambda who: (self.served.get((who[0], ""), 0), self.served.get(who, 0)))
        turn = max(self.served.values(), default=0) + 1
        self.served |= {(who[0], ""): turn, who: turn}
        return self.heads[who].popleft()


def outlook(
    running: Iterable[Seat], waiting: Iterable[Seat], served: Mapping[tuple[str, str], int], caps: Caps
) -> dict[JobId, float]:
    """Seconds until each job is likely to be ready; without those who wait for one of unknown length.

    ``waiting`` in the order of arrival; ``served`` as in the store: (home, member) → turn, member ``""`` for
    the chat itself.
    """
    queue, found = _Queue(caps, dict(served)), dict[JobId, float]()
    for seat in running:
        queue.begin(seat, 0.0)
        if seat.takes is not None:
            found[seat.job] = seat.takes
    for seat in waiting:
        queue.heads[seat.home, seat.member].append(seat)
    now = 0.0
    while any(queue.heads.values()):
        while (admitted := queue.next()) is not None:
            queue.begin(admitted, now)
            if admitted.takes is not None:
                found[admitted.job] = now + admitted.takes
        if not queue.ends or queue.ends[0][0] == math.inf:
            break
        now = queue.end()
    return found
