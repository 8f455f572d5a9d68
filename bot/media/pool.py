"""Two threads for all work on pictures, so that neither the loop nor the memory is overrun."""

from __future__ import annotations

import asyncio
import ctypes
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

LARGE = 12_000_000

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3  # of malloc.h
_MB = 1024 * 1024


def _give_memory_back() -> None:
    """Tell the C library to return every block of 1 MB and more as soon as it is freed.

    Left to itself glibc learns to keep them: measured after two pictures of 38 megapixels, the
    process stayed at 407 MB; so it goes back to 35 MB. Told so, it would also give back the end of its
    heap whenever that is 128 KB: each piece of a passing picture, to be fetched again page by page for the
    next one. Of that 4 MB may stay. Other C libraries have no such call.
    """
    if sys.platform != "linux":
        return
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_MMAP_THRESHOLD, _MB)
        mallopt(_TRIM_THRESHOLD, 4 * _MB)


_threads = ThreadPoolExecutor(2, thread_name_prefix="media", initializer=_give_memory_back)
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
