"""Processes, and what ``/proc`` says of them. Linux only."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
_SCHEDULED = 2  # CPUCLOCK_SCHED: with a process's id it names that process's CPU clock
_KEPT = ("PATH", "HOME", "LANG", "TMPDIR", "LD_LIBRARY_PATH")


@dataclass(frozen=True, slots=True)
class Process:
    """One running process. Memory in MB (10⁶ bytes), times in seconds of the monotonic clock."""

    pid: int
    started: float = 0.0

    @property
    def cpu(self) -> float:
        """User and system time of all its threads so far, by the scheduler's own clock (nanoseconds)."""
        return time.clock_gettime(~self.pid << 3 | _SCHEDULED)

    @property
    def memory(self) -> float:
        """What it occupies now (RSS)."""
        return self._status("VmRSS")

    @property
    def peak(self) -> float:
        """The most that it occupied since `forget_peak`."""
        return self._status("VmHWM")

    def forget_peak(self) -> None:
        Path(f"/proc/{self.pid}/clear_refs").write_text("5")

    def _status(self, name: str) -> float:
        lines = Path(f"/proc/{self.pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) * 1024 / 1e6 for line in lines if line.startswith(f"{name}:"))


@asynccontextmanager
async def running(
    module: str, *arguments: str, log: Path, environment: Mapping[str, str] | None = None
) -> AsyncIterator[Process]:
    """``python -m module arguments…`` for as long as the block lasts; what it says goes into ``log``.

    It gets no more of this process's environment than it needs to start, and no ``.env``.
    """
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    with log.open("wb") as said:
        started = time.monotonic()
        child = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", module, *arguments),
            env={**kept, "PYTHONPATH": str(ROOT), **(environment or {})},
            cwd=log.parent,
            stdout=said,
            stderr=said,
        )
        try:
            yield Process(child.pid, started)
        finally:
            if child.returncode is None:
                child.terminate()
            try:
                await asyncio.wait_for(child.wait(), 10)
            except TimeoutError:
                child.kill()
                await child.wait()


async def said(log: Path, words: str = "", *, within: float = 15.0) -> str:
    """The first line of a log that has these words, as soon as it is there."""
    until = time.monotonic() + within
    while time.monotonic() < until:
        text = log.read_text(errors="replace")
        for line in text.splitlines(keepends=True):
            if words in line and line.endswith("\n"):
                return line.strip()
        await asyncio.sleep(0.01)
    raise TimeoutError(f"{log.name} never said {words!r}:\n{log.read_text(errors='replace')[-2000:]}")
