"""The image API, in its dialects.

A dialect is how one vendor's API is spoken: a small module whose ``generate`` reads like the
vendor's page. What they share lies in `upstream.http`, what differs by model in ``profiles.toml``.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager, suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self
from weakref import WeakValueDictionary

from bot.addresses import authorities
from bot.credits import operators
from bot.errors import BadAddress, NotFound, UpstreamDown
from bot.model import Amount, Balance, Endpoint, ImageRequest, Order, Progress
from bot.ports import Profile
from upstream import image2free, jobs, jojokey, openai, shenfeng, xinliu
from upstream.guard import Guard, Manners
from upstream.http import Clients, Patience, Site
from upstream.pace import Paces
from upstream.profiles import Profiles
from upstream.recognising import by_host, by_looking
from upstream.sandbox import Sandbox

__all__ = ["DIALECTS", "Dialect", "Patience", "Upstreams"]


class Dialect(Protocol):
    """What a module of a dialect has. See `bot.ports.Upstream` for what each must do."""

    def generate(self, site: Site, order: Order, resume: str | None) -> AsyncIterator[Progress]: ...
    async def balance(self, site: Site) -> Balance | None: ...
    async def check(self, site: Site) -> None: ...


SANDBOX = "sandbox"
_DIALECTS: dict[str, Dialect] = {
    "image2free": image2free,
    "jobs": jobs,
    "jojokey": jojokey,
    "openai": openai,
    "shenfeng": shenfeng,
    "xinliu": xinliu,
}
_AT_ONCE = 2
"""Big answers and files of one chat's own relay that are read at once."""

_SOON = 45.0
"""Seconds in which a relay has told what is left, or whether it takes a key."""

_HISTORIES: dict[str, Callable[[Site, ImageRequest, datetime], Awaitable[tuple[str, ...]]]] = {
    "shenfeng": shenfeng.reconcile,
}
"""Relays that list what was ordered with a key; the pages of the others have no such call."""

DIALECTS = (*_DIALECTS, SANDBOX)
"""The names of the dialects that are spoken."""


class Upstreams:
    """Fills `bot.ports.Upstream`: finds the dialect that an endpoint speaks. An async context manager.

    ``transfers`` bounds how many big answers are read at once. ``sandbox_delay`` in seconds.
    ``prices``: a file in the form of ``profiles.toml`` whose tables come before ours. ``trusted``:
    hosts (``host`` or ``host:port``) that may be private. The operator's own relays may be so as well,
    and may name each other in a result; an endpoint of a chat's own, and what that names, may not.
    ``addresses``: where dialects are known to be spoken.
    """

    def __init__(
        self,
        transfers: asyncio.Semaphore,
        *,
        sandbox_delay: float = 2.0,
        patience: Patience | None = None,
        prices: Path | None = None,
        trusted: Collection[str] = (),
        addresses: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        self._dialects: dict[str, Dialect] = {
            **_DIALECTS,
            SANDBOX: Sandbox(sandbox_delay),
        }
        self._transfers, self._patience = transfers, patience or Patience()
        self._trusted, self._addresses = set(trusted), addresses or {}
        self._clients = Clients(self._patience, frozenset(trusted))
        self._paces = Paces(self._patience.first)
        self._guard = Guard(self._trusted, _manners(self._patience))
        self._strict = Guard(frozenset(trusted), _manners(self._patience))
        self._strangers: WeakValueDictionary[str, asyncio.Semaphore] = WeakValueDictionary()
        self._profiles = Profiles(prices)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._clients.aclose()
        await self._guard.aclose()
        await self._strict.aclose()

    @property
    def dialects(self) -> tuple[str, ...]:
        return tuple(self._dialects)

    async def generate(
        self, endpoint: Endpoint, order: Order, *, resume: str | None = None
    ) -> AsyncGenerator[Progress, None]:
        dialect, site = self._dialect(endpoint), self.site(endpoint, order.request.model)
        site.permit = order.permit
        async with aclosing(dialect.generate(site, order, resume)) as steps:  # type: ignore[type-var]
            async for progress in steps:
                yield progress

    async def balance(self, endpoint: Endpoint) -> Balance | None:
        async with _soon():
            return await self._dialect(endpoint).balance(self.site(endpoint))

    async def reconcile(self, endpoint: Endpoint, request: ImageRequest, since: datetime) -> tuple[str, ...]:
        look = _HISTORIES.get(endpoint.dialect)
        return await look(self.site(endpoint, request.model), request, since) if look else ()

    async def check(self, endpoint: Endpoint) -> None:
        async with _soon():
            await self._dialect(endpoint).check(self.site(endpoint))

    def profile(self, endpoint: Endpoint, model: str = "") -> Profile:
        return self._profiles.of(endpoint, model)

    def estimate(self, endpoint: Endpoint, request: ImageRequest) -> Amount:
        return self._profiles.estimate(endpoint, request)

    async def recognise(self, urls: tuple[str, ...], key: str) -> str | None:
        if known := by_host(urls, self._addresses):
            return known
        async with _soon():
            return await by_looking(self._site(Endpoint("", "", urls, key)))

    def site(self, endpoint: Endpoint, model: str = "") -> Site:
        """The endpoint as dialects see it; its model is the dialect's first where it names none.

        ``model``: the one whose facts are wanted, if not the endpoint's own.
        """
        profile = self.profile(endpoint, model)
        return self._site(replace(endpoint, model=endpoint.model or profile.models[0]), profile)

    def _site(self, endpoint: Endpoint, profile: Profile | None = None) -> Site:
        ours = operators(endpoint.name)
        if ours:
            self._trusted |= _authorities(endpoint)
        return Site(
            endpoint,
            self._clients,
            self._transfers if ours else self._turns(endpoint.name),
            self._patience,
            self._paces,
            self._guard if ours else self._strict,
            guarded=not ours,
            profile=profile,
        )

    def _turns(self, stranger: str) -> asyncio.Semaphore:
        """A relay that a chat brought may be slow on purpose: it keeps only that chat from its turn."""
        return self._strangers.setdefault(stranger, asyncio.Semaphore(_AT_ONCE))

    def _dialect(self, endpoint: Endpoint) -> Dialect:
        if endpoint.dialect not in self._dialects:
            raise NotFound(detail=f"no dialect {endpoint.dialect}")
        return self._dialects[endpoint.dialect]


@asynccontextmanager
async def _soon() -> AsyncIterator[None]:
    """Around what somebody waits for: a relay that hardly answers is down. Raises `UpstreamDown`."""
    try:
        async with asyncio.timeout(_SOON):
            yield
    except TimeoutError as error:
        raise UpstreamDown(detail="no answer in time") from error


def _authorities(endpoint: Endpoint) -> frozenset[str]:
    """The hosts of the endpoint's own addresses, of those that are any."""
    found: frozenset[str] = frozenset()
    for url in endpoint.urls:
        with suppress(BadAddress):
            found |= authorities([url if "://" in url else f"https://{url}"])
    return found


def _manners(patience: Patience) -> Manners:
    """How strangers are waited for; by default as `Manners` has it."""
    return Manners(connect=patience.connect, window=patience.poll / 2, wait=patience.again / 2)
