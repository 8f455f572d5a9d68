"""Telegram's flood control as documented: by chat, by group and over all; off unless switched on."""

from __future__ import annotations

import time
from collections import defaultdict, deque
from dataclasses import dataclass, field

from tests.fakes.telegram.spec import Refused


@dataclass
class Flood:
    """Most messages (edits count): a second in one chat, a minute in one group, a second over all chats."""

    burst: int = 0
    group_minute: int = 0
    second: int = 0
    refused: int = 0
    _said: dict[int, deque[float]] = field(default_factory=lambda: defaultdict(deque))

    def count(self, chat: int) -> None:
        """One more message. Raises `Refused` with the seconds to wait."""
        windows = [(chat, self.burst, 1.0), (0, self.second, 1.0)]
        if chat < 0:
            windows.append((chat - 1, self.group_minute, 60.0))
        now = time.monotonic()
        for key, most, seconds in windows:
            said = self._said[key]
            while said and now - said[0] > seconds:
                said.popleft()
            if most and len(said) >= most:
                self.refused += 1
                raise too_many(int(said[0] + seconds - now) + 1)
        for key, _, _ in windows:
            self._said[key].append(now)


def too_many(seconds: int) -> Refused:
    return Refused(429, f"Too Many Requests: retry after {seconds}", retry_after=seconds)
