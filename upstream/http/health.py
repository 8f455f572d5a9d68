"""Which of an account's addresses work: one that failed lately is tried last."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from typing import TypeVar

T = TypeVar("T")

REST = 120.0
"""Seconds for which a failure is held against an address."""

_MOST = 1024  # addresses whose failures are remembered


class Health:
    """What happened lately at each address, for all who use it. ``clock`` in seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._failed: OrderedDict[str, float] = OrderedDict()

    def failed(self, address: str) -> None:
        """It was not reached, or broke off."""
        self._failed[address] = self._clock()
        self._failed.move_to_end(address)
        if len(self._failed) > _MOST:
            self._failed.popitem(last=False)

    def well(self, address: str) -> None:
        """It answered."""
        self._failed.pop(address, None)

    def ordered(self, addresses: Iterable[T]) -> list[T]:
        """In the order given, but for those that failed lately: these come last, the longest ago first."""
        forgiven = self._clock() - REST
        return sorted(addresses, key=lambda address: max(forgiven, self._failed.get(str(address), forgiven)))
