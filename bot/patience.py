"""Patience: doing again what may be done again.

tenacity's home. For calls that cost nothing when repeated (a GET, an edit, a fetch); never for a
submit that may have been accepted.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, ParamSpec, TypeVar

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type, stop_after_attempt, stop_never
from tenacity.wait import wait_exponential_jitter

from bot.errors import StorageError

P = ParamSpec("P")
T = TypeVar("T")
Asked = Callable[[BaseException], float | None]


_PACE = 1.0


async def _sleep(seconds: float) -> None:
    await asyncio.sleep(seconds * _PACE)


def patiently(
    *errors: type[BaseException],
    tries: int | None = 4,
    wait: float = 0.5,
    most: float = 8.0,
    asked: Asked | None = None,
) -> Callable[[Callable[P, Awaitable[T]]], Callable[P, Coroutine[Any, Any, T]]]:
    """Call again when one of ``errors`` is raised, up to ``tries`` calls; the last error is raised as it is.

    ``tries`` of ``None``: for as long as it takes.

    Waits ``wait`` seconds, then twice that and so on up to ``most``, each with up to ``wait`` of
    chance added. ``asked`` reads from an error the seconds that the other side asked for; those are
    waited in full, whatever ``most`` says (bound them there), and ``None`` means that it did not ask.

        @patiently(ConnectionError, tries=3)
        async def fetch() -> bytes: ...

        await patiently(TimedOut)(bot.edit_message_text)(text, chat, message)
    """

    def retrying() -> AsyncRetrying:
        backing_off = wait_exponential_jitter(multiplier=wait, max=most, jitter=wait)

        def pause(state: RetryCallState) -> float:
            error = state.outcome.exception() if state.outcome else None
            said = asked(error) if asked and error else None
            return backing_off(state) if said is None else said

        stop = stop_never if tries is None else stop_after_attempt(tries)
        retry = retry_if_exception_type(errors)
        return AsyncRetrying(retry=retry, stop=stop, wait=pause, reraise=True, sleep=_sleep)

    def decorate(call: Callable[P, Awaitable[T]]) -> Callable[P, Coroutine[Any, Any, T]]:
        async def persist(*args: P.args, **kwargs: P.kwargs) -> T:
            try:  # nearly every call ends here, and spares itself a machinery that costs as much as a request
                return await call(*args, **kwargs)
            except errors as error:
                first: BaseException | None = error

            async def again() -> T:  # tenacity awaits nothing but coroutine functions
                nonlocal first
                if first is not None:
                    failed, first = first, None
                    raise failed
                return await call(*args, **kwargs)

            return await retrying()(again)

        return persist

    return decorate


outlasting = patiently(StorageError, tries=None, wait=0.25, most=15.0)
"""For a store's method that writes down what can't be had twice: it waits until the storage takes it."""
