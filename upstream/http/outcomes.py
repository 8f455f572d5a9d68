"""What became of a request, and what that means for the money."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import httpx

from bot.errors import (
    BadAnswer,
    BadKey,
    Forbidden,
    NotFound,
    UnknownOutcome,
    UpstreamBusy,
    UpstreamDown,
    UpstreamError,
)
from upstream.http.clients import Patience
from upstream.http.reading import Unreadable

_NOT_SENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
)
_REFUSED_POLLS = 4  # in a row: then the key or the address is wrong and not just the moment


class NeverArrived(UpstreamDown):
    """The order provably did not reach the relay."""


class TryLater(UpstreamBusy):
    """A 429 whose Retry-After is short enough to be waited for."""


@contextmanager
def fate(shown: Callable[[Exception | str], str]) -> Iterator[None]:
    """What a connection that breaks means for an order. ``shown`` writes what people may read of it."""
    try:
        yield
    except _NOT_SENT as error:
        raise NeverArrived(detail=shown(error)) from error
    except httpx.RequestError as error:
        what = "late" if isinstance(error, httpx.TimeoutException) else "broke"
        raise UnknownOutcome(detail=shown(error), what=what) from error
    except Unreadable as error:
        detail = shown(error.start.decode("utf-8", "replace"))
        unread = BadAnswer(detail=detail) if error.page else UnknownOutcome(detail=detail, what="unreadable")
        raise unread from error


def renamed(kind: type[UpstreamError], error: UpstreamError) -> UpstreamError:
    """The same error in another class."""
    detail, request_id = str(error.params["detail"]), str(error.params["request_id"])
    return kind(detail=detail, request_id=request_id, retry_after=error.retry_after, http=error.http)


def unsure(error: UpstreamError, what: str) -> UnknownOutcome:
    """That an order's fate is not known, as all that was heard is this error; for ``what`` see there."""
    return UnknownOutcome(**error.params, what=what, status=error.http or "none")  # type: ignore[arg-type]


def asked_to_wait(error: BaseException) -> float | None:
    """The seconds that a relay asked for, where it did."""
    return error.retry_after if isinstance(error, TryLater) else None


class Trouble:
    """Polls that fail one after another."""

    def __init__(self, patience: Patience) -> None:
        self.count = 0
        self._patience, self._since = patience, 0.0

    def wait(self, error: UpstreamError, now: float) -> float:
        """Seconds to the next try; raises `UnknownOutcome` when there is no sense in one."""
        self.count += 1
        self._since = self._since or now
        passing = isinstance(error, UpstreamDown | UpstreamBusy | BadAnswer)
        if now - self._since >= self._patience.silence or (not passing and self.count >= _REFUSED_POLLS):
            raise unsure(error, _what(error)) from error
        pause: float = min(15.0, self._patience.again * 2.0 ** (self.count - 2))
        return max(pause, min(error.retry_after or 0.0, self._patience.obey))


def _what(error: UpstreamError) -> str:
    """Why a job that was taken can't be asked for any more."""
    if isinstance(error, NotFound):
        return "gone"
    return "key" if isinstance(error, BadKey | Forbidden) else "trouble"
