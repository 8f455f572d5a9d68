"""A relay as a dialect sees it: submit, get, poll.

What costs money is sent once. Only what was provably not accepted is sent again; what may have
been accepted and can't be followed is `UnknownOutcome`. What costs nothing is asked again and again.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import unquote

import httpx

from bot.addresses import fit
from bot.errors import (
    BadAddress,
    BadAnswer,
    BadKey,
    NeverEnds,
    NotFound,
    UpstreamBusy,
    UpstreamDown,
    UpstreamError,
)
from bot.model import Endpoint, ImageRequest, Order, Permit
from bot.patience import patiently
from bot.ports import Profile
from upstream.guard import Guard
from upstream.http import meaning
from upstream.http.bases import base_of, refused
from upstream.http.clients import Clients, Lane, Patience
from upstream.http.outcomes import NeverArrived, Trouble, TryLater, asked_to_wait, fate, renamed, unsure
from upstream.http.reading import MOMENTS, Answer, Unreadable, explanation, read, read_events
from upstream.http.sending import Form, content
from upstream.pace import Pace, Paces
from upstream.scan import parsed
from upstream.shapes import FAILED, status
from upstream.sse import Event
from upstream.transport import Client

T = TypeVar("T")

MOST_FILE = 192 * 1024 * 1024
"""Bytes of a result that is fetched by its URL: eight seconds of 4K; a PNG of noise in 4K takes 33 MB."""

_ILL = frozenset({502, 504, *range(520, 531)})  # said by what stands before the relay: try another way in
_FAILURE = re.compile(r"\b(error|failed)\b")

_EVENTS = {"Accept": "text/event-stream, application/json"}


@dataclass(frozen=True, slots=True)
class Probe:
    """An answer as it came; of ``body`` its first 64 KB."""

    status: int
    headers: httpx.Headers
    body: bytes

    @property
    def document(self) -> Any:
        """The body as JSON; ``None`` when it is something else."""
        try:
            return parsed(self.body)
        except ValueError:
            return None

    def error(self, key: str) -> UpstreamError:
        """What it means where it is a refusal."""
        return meaning.explain(self.status, self.headers, self.body, key)


class Site:
    """One endpoint, for one call of the core. Paths begin with ``/v1/``."""

    def __init__(
        self,
        endpoint: Endpoint,
        clients: Clients,
        transfers: asyncio.Semaphore,
        patience: Patience,
        paces: Paces,
        guard: Guard,
        *,
        guarded: bool = False,
        profile: Profile | None = None,
    ) -> None:
        self.endpoint, self.profile = endpoint, profile or Profile(models=())
        self._clients, self._transfers = clients, transfers
        self._patience, self._paces = patience, paces
        self._guard, self._guarded = guard, guarded
        self._since: float | None = None  # when the order was, by the loop's clock
        self.permit: Permit | None = None
        """Asked before anything is sent that may cost; see `Order`."""

    @property
    def bases(self) -> list[httpx.URL]:
        """The addresses, the preferred first, those that failed lately last.

        Raises `NotFound` when one is none, or may not be gone to.
        """
        try:
            bases = [base_of(url) for url in self.endpoint.urls]
            if self._guarded:
                for base in bases:
                    fit(str(base), self._clients.trusted)
        except httpx.InvalidURL as error:
            raise NotFound(detail="not an address") from error
        except BadAddress as error:
            raise refused(error) from error
        if not bases:
            raise NotFound(detail="no address")
        return self._clients.health.ordered(bases)

    async def submit(
        self, path: str, body: Mapping[str, Any] | Form, *, into: Path | None = None, sync: bool = False
    ) -> Answer:
        """POST an order. ``sync``: the answer comes with its pictures, after minutes perhaps.

        Sent again only after a 429, or when it never arrived (there the next address is tried
        first). Raises `UnknownOutcome` when it may have been accepted.
        """
        lane = Lane.SYNC if sync else Lane.SUBMIT

        async def attempt(base: httpx.URL) -> Answer:
            async with AsyncExitStack() as held:
                response = await self._accepted(held, base, path, body, lane)
                return await read(response, into, self._transfers)

        answer = await self._once(attempt)
        self._since = answer.told
        complaint = None if answer.files else meaning.complaint(answer.data, self.endpoint.key)
        if complaint:
            raise complaint
        return answer

    async def stream(
        self, path: str, body: Mapping[str, Any] | Form, into: Path
    ) -> AsyncGenerator[Event, None]:
        """POST an order that is answered by events; with the promises of ``submit``.

        An answer that is no stream after all is one event. Whoever takes an event owns its files.
        """
        async with AsyncExitStack() as held:

            async def attempt(base: httpx.URL) -> httpx.Response:
                return await self._accepted(held, base, path, body, Lane.SYNC, accept=_EVENTS)

            response = await self._once(attempt)
            async with aclosing(read_events(response, into, self._transfers)) as events:
                async for event in events:
                    if complaint := self._complaint(event):
                        raise complaint
                    yield event

    async def get(self, path: str, *, params: Mapping[str, str] | None = None) -> Answer:
        """GET what costs nothing, again where that may help. Pictures in it are read past."""
        wait = min(0.3, self._patience.again)
        again = patiently(UpstreamDown, TryLater, tries=2, wait=wait, most=5, asked=asked_to_wait)

        async def attempt() -> Answer:
            return await self._get(self.bases[0], path, None, params)

        answer = await again(attempt)()
        if error := meaning.complaint(answer.data, self.endpoint.key):
            raise error
        return answer

    async def probe(self, path: str) -> Probe:
        """GET what costs nothing, once, to see what is there; a refusal is an answer too.

        Raises `UpstreamDown` when nobody answers, `NotFound` when there is no going there.
        """
        try:
            async with self._response("GET", self.bases[0], path, Lane.POLL) as response:
                return Probe(response.status_code, response.headers, await explanation(response))
        except httpx.RequestError as broken:
            raise UpstreamDown(detail=self._shown(broken)) from broken

    async def fetch(self, url: str, to: Path, *, with_key: bool = False) -> None:
        """Stream a picture that the relay names by URL to a file, in its turn. Raises `BadAddress`."""
        headers = self._identity() if with_key else None
        async with self._transfers:
            await self._guard.fetch(url, to, most_bytes=MOST_FILE, headers=headers)

    async def poll(
        self,
        path: str,
        order: Order,
        *,
        until: Callable[[Answer], bool],
        resumed: bool = False,
    ) -> AsyncIterator[tuple[Answer, bool]]:
        """GET again and again: each answer, and whether it is the last, the one that ``until`` is true of.

        A poll that fails is simply made again. Raises `UnknownOutcome` when the job can't be asked
        for any more, `NeverEnds` when it takes too long. ``resumed``: the job is older than this call.
        """
        clock = asyncio.get_running_loop().time
        began = clock() if self._since is None else self._since
        polls, missed, trouble = 0, 0.0, Trouble(self._patience)
        urls, pace = self.bases, self._pace(order.request)
        wait = 0.0 if resumed else pace.wait(clock() - began, 0)
        while True:
            await asyncio.sleep(wait)
            try:
                answer = await self._get(urls[trouble.count % len(urls)], path, order.folder, None)
            except UpstreamError as error:
                wait = trouble.wait(error, clock())
                continue
            ended = until(answer)
            if not ended and (complaint := meaning.complaint(answer.data, self.endpoint.key)):
                wait = trouble.wait(complaint, clock())
                continue
            trouble, polls = Trouble(self._patience), polls + 1
            if answer.files and not ended:  # a page may repeat the references
                await asyncio.to_thread(_drop, answer.files)
            if ended:
                if not resumed and status(answer.data) not in FAILED:
                    pace.learn(missed, answer.asked - began)
                yield answer, True
                return
            yield answer, False
            missed, elapsed = answer.asked - began, clock() - began
            left = self._patience.job - elapsed
            if left <= 0:
                raise NeverEnds(request_id=unquote(path.rpartition("/")[2]))
            wait = min(left, pace.wait(elapsed, polls))

    def _pace(self, request: ImageRequest) -> Pace:
        """What such jobs took lately: of one account or another, the same model, quality and size."""
        model = request.model or self.endpoint.model
        return self._paces.of((self.endpoint.urls, model, request.quality, request.size.klass))

    async def _once(self, attempt: Callable[[httpx.URL], Awaitable[T]]) -> T:
        """Until an order is accepted or refused: again after a 429, and elsewhere when it never arrived."""

        async def anywhere() -> T:
            *others, last = self.bases
            for base in others:
                try:
                    return await attempt(base)
                except NeverArrived:
                    continue
            return await attempt(last)

        again = patiently(
            NeverArrived,
            TryLater,
            tries=self._patience.tries,
            wait=self._patience.again,
            most=30.0,
            asked=asked_to_wait,
        )
        return await again(anywhere)()

    async def _accepted(
        self,
        held: AsyncExitStack,
        base: httpx.URL,
        path: str,
        body: Mapping[str, Any] | Form,
        lane: Lane,
        accept: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        """POST an order; the beginning of an answer that is a success.

        It stays open as long as ``held``, which also says what it means when it breaks off.
        """
        async with AsyncExitStack() as trying:
            trying.enter_context(fate(self._shown))
            sent = trying.enter_context(content(body))
            sent["headers"] = {**sent.get("headers", {}), **(accept or {})}
            response = await trying.enter_async_context(self._response("POST", base, path, lane, **sent))
            if not response.is_success:
                raise await self._refusal(response)
            await held.enter_async_context(trying.pop_all())
        return response

    def _complaint(self, event: Event) -> UpstreamError | None:
        """The error that an event tells of, if it does."""
        if event.files:
            return None
        if complaint := meaning.complaint(event.data, self.endpoint.key):
            return complaint
        return meaning.failed(event.data, self.endpoint.key) if _FAILURE.search(event.kind) else None

    async def _refusal(self, response: httpx.Response) -> UpstreamError:
        """What a submit's error means for the money."""
        status, headers = response.status_code, response.headers
        error = meaning.explain(status, headers, await explanation(response), self.endpoint.key)
        if status == 429 and isinstance(error, UpstreamBusy) and self._waitable(error):
            return renamed(TryLater, error)
        if meaning.never_arrived(status, headers):
            return renamed(NeverArrived, error)
        return error if meaning.refused(status, headers, error) else unsure(error, "status")

    async def _get(
        self, url: httpx.URL, path: str, into: Path | None, params: Mapping[str, str] | None
    ) -> Answer:
        try:
            async with self._response("GET", url, path, Lane.POLL, params=params) as response:
                if response.is_success:
                    return await read(response, into, self._transfers)
                error = meaning.explain(
                    response.status_code, response.headers, await explanation(response), self.endpoint.key
                )
        except httpx.RequestError as broken:
            raise UpstreamDown(detail=self._shown(broken)) from broken
        except Unreadable as unreadable:
            text = unreadable.start.decode("utf-8", "replace")
            raise BadAnswer(detail=self._shown(text)) from unreadable
        if response.status_code == 429 and isinstance(error, UpstreamBusy) and self._waitable(error):
            raise renamed(TryLater, error)
        raise error

    @asynccontextmanager
    async def _response(
        self,
        method: str,
        base: httpx.URL,
        path: str,
        lane: Lane,
        headers: Mapping[str, str] | None = None,
        **content: Any,
    ) -> AsyncIterator[httpx.Response]:
        url = base.copy_with(path=base.path.rstrip("/") + path)
        sent = {**self._identity(), **(headers or {})}
        async with self._clients.turn(base, lane, guarded=self._guarded) as client:
            request = client.request(method, url, sent, **content)
            if method == "POST" and self.permit:
                await self.permit()
            response = await self._sent(client, request, base)
            try:
                yield response
            except httpx.TransportError:
                self._clients.health.failed(str(base))
                raise
            finally:
                await response.aclose()

    async def _sent(self, client: Client, request: httpx.Request, base: httpx.URL) -> httpx.Response:
        """Send, and remember how this address fared."""
        health, clock = self._clients.health, asyncio.get_running_loop().time
        asked = clock()
        until = asked + self._patience.job
        try:
            async with asyncio.timeout_at(until):
                response = await client.send(request)
        except BadAddress as error:
            raise refused(error) from error
        except TimeoutError as error:
            health.failed(str(base))
            raise httpx.ReadTimeout("the answer did not begin", request=request) from error
        except httpx.TransportError:
            health.failed(str(base))
            raise
        (health.failed if response.status_code in _ILL else health.well)(str(base))
        response.extensions[MOMENTS] = asked, clock(), until
        return response

    def _identity(self) -> dict[str, str]:
        key = self.endpoint.key
        if not key.isascii() or not key.isprintable():
            raise BadKey  # no header can hold it
        return {"Authorization": f"Bearer {key}"} if key else {}

    def _waitable(self, error: UpstreamError) -> bool:
        return error.retry_after is None or error.retry_after <= self._patience.obey

    def _shown(self, said: Exception | str) -> str:
        text = said if isinstance(said, str) else f"{type(said).__name__}: {said}"
        return meaning.shown(text, self.endpoint.key)


def _drop(files: Iterable[Path]) -> None:
    for file in files:
        file.unlink(missing_ok=True)
