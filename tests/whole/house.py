"""Easel as an operator starts it: ``python -m bot run`` in a folder of its own, set up by its environment.

Its processes are forked from one that has imported already, unless a house is `House.fresh`.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import aiohttp

from tests.forkserver import Forked, fork, free_port

ROOT = Path(__file__).parent.parent.parent
_PICTURES = (b"iVBORw0KGgo", b"/9j/4")
"""How a PNG and a JPEG begin in base64."""
_BASE64 = re.compile(r"[A-Za-z0-9+/]{200,}")


@dataclass
class House:
    """One Easel and its folder; started, stopped and killed as often as a test likes.

    ``secrets`` are words that may stand nowhere: see `leaks`. ``home`` is where it keeps its data.
    ``fresh``: its processes are started from nothing, with all their imports, which takes a second or two.
    """

    home: Path
    settings: Mapping[str, str] = field(default_factory=dict)
    secrets: tuple[str, ...] = ()
    port: int = 0
    arguments: tuple[str, ...] = ()
    fresh: bool = False
    process: Forked | None = None
    read: int = 0
    """How much of the log was in order."""

    def __post_init__(self) -> None:
        self.port = self.port or free_port()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> str:
        """All that it ever wrote to its console."""
        file = self.home / "console.log"
        return file.read_text(encoding="utf-8") if file.exists() else ""

    @property
    def alive(self) -> bool:
        return self.process is not None and self.process.returncode is None

    def _environment(self, **more: str) -> dict[str, str]:
        return {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            "PYTHONUNBUFFERED": "1",
            "LANG": "C.UTF-8",
            "WEB_PORT": str(self.port),
            "STORE_URL": f"sqlite:///{self.home / 'easel.db'}",
            **self.settings,
            **more,
        }

    async def launch(self, program: str = "bot", **more: str) -> None:
        """Start it, or a ``program`` that starts it, with ``more`` settings; nothing is waited for."""
        assert not self.alive
        self.home.mkdir(parents=True, exist_ok=True)
        with (self.home / "console.log").open("ab") as log:
            self.process = await self._begin([program, "run", *self.arguments], log, **more)

    async def easel(self, *words: str) -> tuple[int, str]:
        """Another command of Easel's, run beside it: exit status, and all that it said."""
        with tempfile.TemporaryFile() as said:
            status = await (await self._begin(["bot", *words], said)).wait()
            said.seek(0)
            return status, said.read().decode()

    async def _begin(self, words: Sequence[str], output: IO[bytes], **more: str) -> Forked:
        env = self._environment(**more)
        return await asyncio.to_thread(fork, words, cwd=self.home, env=env, output=output, fresh=self.fresh)

    async def start(self, status: int = 200, seconds: float = 60.0) -> None:
        """Start it and wait until ``/health`` answers with this status."""
        await self.launch()
        await self.healthy(status, seconds)

    async def healthy(self, status: int = 200, seconds: float = 60.0) -> None:
        until = time.monotonic() + seconds
        while (await self.health())[0] != status:
            assert self.alive, f"Easel ended:\n{self.log}"
            assert time.monotonic() < until, f"no {status} within {seconds} s:\n{self.log}"
            await asyncio.sleep(0.03)

    async def health(self) -> tuple[int, Any]:
        """Status and body of ``GET /health``; 0 while nobody answers."""
        try:
            async with aiohttp.ClientSession() as session, session.get(f"{self.url}/health") as answer:
                return answer.status, json.loads(await answer.read())
        except (aiohttp.ClientError, OSError):
            return 0, None

    async def ended(self, seconds: float = 20.0) -> int:
        """Its exit status, once it ends by itself."""
        assert self.process
        try:
            return await asyncio.wait_for(self.process.wait(), seconds)
        except TimeoutError:
            raise AssertionError(f"it goes on after {seconds} s:\n{self.log}") from None

    async def stop(self) -> float:
        """As ``docker stop`` does; the seconds that it took. It must end without an error."""
        assert self.process
        since = time.monotonic()
        self.process.terminate()
        assert await self.ended() == 0, self.log
        return time.monotonic() - since

    async def kill(self) -> None:
        """SIGKILL: no farewell."""
        assert self.process
        self.process.kill()
        await self.process.wait()

    async def restart(self) -> None:
        await self.stop()
        await self.start()

    async def kill_and_start(self) -> None:
        await self.kill()
        await self.start()

    def leaks(self) -> list[str]:
        """Where a secret or a picture in base64 stands: in the log, or in any file of the data folder."""
        found = [f"{shown!r} in the log" for shown in _BASE64.findall(self.log)]
        for file, content in lying_in(self.home):
            found += [f"{s[:9]}… in {file.name}" for s in self.secrets if s.encode() in content]
            found += [f"base64 in {file.name}" for start in _PICTURES if start in content]
        return found

    def in_order(self) -> None:
        """What must be so after every test: it runs, nothing leaked, nothing went wrong inside."""
        assert self.alive, f"Easel ended:\n{self.log}"
        assert self.leaks() == []
        news, self.read = self.log[self.read :], len(self.log)
        assert "Traceback" not in news, news


def lying_in(folder: Path) -> Iterator[tuple[Path, bytes]]:
    """All files below a folder that a process is at work in, with what is in them; some may just be going."""
    for below, _, names in os.walk(folder):
        for file in (Path(below, name) for name in names):
            with suppress(FileNotFoundError):
                yield file, file.read_bytes()


@asynccontextmanager
async def opened(house: House) -> AsyncIterator[House]:
    """Started, and gone at the end whatever happened."""
    try:
        await house.start()
        yield house
    finally:
        await gone(house)


async def gone(house: House) -> None:
    """Nothing of it is left running."""
    if house.alive and house.process:
        house.process.send_signal(signal.SIGKILL)
        await house.process.wait()


async def eventually(condition: Callable[[], object], seconds: float = 15.0) -> None:
    """Wait until something is so, wherever it may happen."""
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, f"not within {seconds} s"
        await asyncio.sleep(0.005)
