"""The wall clock, watched by the one that nobody sets."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from bot.model import now

log = logging.getLogger(__name__)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_JUMP, _HOUR = timedelta(minutes=5), timedelta(hours=1)


class Clock:
    """Notices that the time of day was set. Money and pictures are dated by it, waits never are."""

    def __init__(
        self, wall: Callable[[], datetime] = now, steady: Callable[[], float] = time.monotonic
    ) -> None:
        self._wall, self._steady = wall, steady
        self._seen = self._apart()
        self._set: float | None = None

    def look(self) -> None:
        """Compare; says in the log when the clock was set by more than five minutes since the last look."""
        apart = self._apart()
        jump, self._seen = apart - self._seen, apart
        if abs(jump) > _JUMP:
            self._set = self._steady()
            log.warning("the clock was set by %+.1f hours; nothing is tidied away for a while", jump / _HOUR)

    def steady_for(self, seconds: float) -> bool:
        """Whether it was not seen to be set within so many seconds."""
        return self._set is None or self._steady() - self._set >= seconds

    def _apart(self) -> timedelta:
        return (
            self._wall() - datetime.fromtimestamp(0, self._wall().tzinfo) - timedelta(seconds=self._steady())
        )
