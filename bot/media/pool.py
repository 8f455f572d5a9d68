"""Two threads for all work on pictures, so that neither the loop nor the memory is overrun."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

LARGE = 12_000_000

_threads = ThreadPoolExecutor(max_workers=2, thread_name_prefix="media")
_one_large = threading.Lock()


async def in_pool(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run blocking work on pictures in the pool; what it raises is raised here."""
    return await asyncio.get_running_loop().run_in_executor(_threads, lambda: work(*args, **kwargs))


@contextmanager
def room_for(pixels: int) -> Iterator[None]:
    """Held while a picture is decoded: one of 50 megapixels takes 200 MB, two at once are too many."""
    if pixels < LARGE:
        yield
        return
    with _one_large:
        yield
