"""``python -m tests.crash.doomed run``: Easel as it is, whose process dies at a moment of a job's life.

``DOOM`` is the name of a `Point`, ``DOOMED`` how many jobs are to be there. From SIGUSR1 on, whoever
arrives waits for the others; with the last of them the process ends itself by SIGKILL: no farewell,
nothing flushed. Until then it is an Easel like any other, which takes up what the last one left.
Nothing in Easel knows of this: the ports are wrapped where the front door hands them over.
"""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from collections.abc import AsyncGenerator, Callable
from functools import wraps
from typing import Any

from bot import __main__ as front
from bot.context import Services
from tests.crash.points import BY_NAME, Given, Point

ARMED = "armed"
_LONELY = 6.0
"""Seconds after which those who did not arrive are not waited for any more."""


class Doom:
    def __init__(self, point: Point, expected: int) -> None:
        self._point, self._left = point, expected
        self._end: threading.Timer | None = None
        self._armed = False

    def arm(self, *_: object) -> None:
        self._armed = True
        print(ARMED, flush=True)

    def services(self, **given: Any) -> Services:
        """In place of the front door's `Services`: the same, with the one method wrapped."""
        made = Services(**given)
        point = self._point
        if point.holds:
            self._hold(made.store, point.holds)
        match point.port:
            case "store":
                self._wrap(made.store, point.method)
            case "faces":
                for face in made.adapters.values():
                    self._wrap(face, point.method)
            case "upstream":
                self._follow(made.upstream)
        return made

    def _wrap(self, port: Any, method: str) -> None:
        call = getattr(port, method)

        @wraps(call)
        async def fated(*args: Any, **kwargs: Any) -> Any:
            given = {**{str(at): arg for at, arg in enumerate(args)}, **kwargs}
            arriving = self._point.counts(given) if self._armed else 0
            if arriving and self._point.when == "before":
                if self._point.looked:
                    await asyncio.to_thread(args[0])
                await self._arrive(arriving)
            result = await call(*args, **kwargs)
            if arriving and self._point.when == "after":
                await self._arrive(arriving)
            return result

        setattr(port, method, fated)

    def _hold(self, store: Any, method: str) -> None:
        call = getattr(store, method)

        async def held(*args: Any, **kwargs: Any) -> Any:
            if self._armed:
                await asyncio.Event().wait()
            return await call(*args, **kwargs)

        setattr(store, method, held)

    def _follow(self, upstream: Any) -> None:
        generate: Callable[..., AsyncGenerator[Any, None]] = upstream.generate

        async def fated(*args: Any, **kwargs: Any) -> AsyncGenerator[Any, None]:
            given: Given = {**{str(at): arg for at, arg in enumerate(args)}, **kwargs}
            async for step in generate(*args, **kwargs):
                if self._armed and self._point.counts({**given, "step": step}):
                    await self._arrive(1)
                yield step

        upstream.generate = fated

    async def _arrive(self, jobs: int) -> None:
        self._left -= jobs
        if self._left <= 0:
            die()
        if self._end:
            self._end.cancel()
        self._end = threading.Timer(_LONELY, die)
        self._end.daemon = True
        self._end.start()
        await asyncio.Event().wait()


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def main() -> None:
    doom = Doom(BY_NAME[os.environ["DOOM"]], int(os.environ["DOOMED"]))
    signal.signal(signal.SIGUSR1, doom.arm)
    front.Services = doom.services  # type: ignore[assignment,misc]
    front.main()


if __name__ == "__main__":
    main()
