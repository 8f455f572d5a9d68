"""A file from a URL that somebody named: checked at every step, bounded in every way."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import httpcore
import httpx

from bot.addresses import fit
from bot.errors import BadAddress
from bot.patience import patiently
from upstream.guard import data
from upstream.guard.answer import Manners, Passing, save
from upstream.guard.dialling import Resolve, resolve
from upstream.guard.transport import Guarded
from upstream.transport import Client, trust

REDIRECTS = 5

_MOVED = frozenset({301, 302, 303, 307, 308})


class Guard:
    """Fetches what people and relays name by URL; ``trusted`` hosts may be private (`bot.addresses.fit`).

    No cookies, no proxies, nothing of the environment but its certificates. Opened when first
    needed; ``aclose`` it.
    """

    def __init__(
        self,
        trusted: Collection[str] = (),
        manners: Manners | None = None,
        *,
        resolve: Resolve = resolve,
        network: httpcore.AsyncNetworkBackend | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._trusted, self._manners = trusted, manners or Manners()
        self._resolve, self._network, self._tls = resolve, network, tls
        self._opening = asyncio.Lock()
        self._client: Client | None = None

    async def fetch(
        self,
        url: str,
        to: Path,
        *,
        most_bytes: int,
        headers: Mapping[str, str] | None = None,
        timeout: float = 120.0,
    ) -> None:
        """Stream the file at an http(s) or ``data:`` URL to ``to``, all within ``timeout`` seconds.

        ``headers`` (a key, say) go to the URL's own scheme, host and port only. What may pass is
        tried again. Raises `BadAddress`, with a ``status`` among its params where the host refused;
        and `OSError` when the disk does. What the file is, is for `bot.media.sniff` to say.
        """
        if data.is_data(url):
            await asyncio.to_thread(data.decode, url, to, most_bytes)
            return
        target = fit(url, self._trusted)
        again = patiently(Passing, tries=self._manners.tries, wait=self._manners.wait, asked=_asked)
        try:
            async with asyncio.timeout(timeout):
                await again(self._follow)(target, to, most_bytes, headers or {})
        except TimeoutError as error:
            raise BadAddress("error-address-slow", host=_host(target)) from error

    async def aclose(self) -> None:
        if self._client:
            await self._client.aclose()

    async def _follow(self, target: str, to: Path, most_bytes: int, headers: Mapping[str, str]) -> None:
        for _ in range(REDIRECTS + 1):
            async with self._get(target, headers) as response:
                if response.status_code not in _MOVED or "location" not in response.headers:
                    await save(response, to, most_bytes, self._manners)
                    return
                following = fit(_joined(target, response.headers["location"]), self._trusted)
            if _origin(following) != _origin(target):
                headers = {}  # for good: whoever leads back is a stranger
            target = following
        raise BadAddress("error-address-redirects", host=_host(target), most=REDIRECTS)

    @asynccontextmanager
    async def _get(self, target: str, headers: Mapping[str, str]) -> AsyncIterator[httpx.Response]:
        client = await self._opened()
        try:
            response = await client.send(client.request("GET", target, headers))
            try:
                yield response
            finally:
                await response.aclose()
        except httpx.InvalidURL as error:
            raise BadAddress from error
        except httpx.TransportError as error:
            raise Passing("error-address-silent", host=_host(target)) from error

    async def _opened(self) -> Client:
        """When something is fetched for the first time."""
        async with self._opening:
            if self._client is None:
                tls = self._tls or await trust("https")  # to which a redirect may lead
                way = Guarded(tls, self._trusted, resolve=self._resolve, network=self._network)
                self._client = Client(way, silence=self._manners.window, connect=self._manners.connect)
        return self._client


def _joined(target: str, location: str) -> str:
    try:
        return urljoin(target, location.strip())
    except ValueError as error:
        raise BadAddress from error


def _origin(url: str) -> tuple[str, str]:
    """Scheme and host with port, of a URL that `fit` wrote."""
    parts = urlsplit(url)
    return parts.scheme, parts.netloc


def _host(url: str) -> str:
    return (urlsplit(url).hostname or "")[:80]


def _asked(error: BaseException) -> float | None:
    return error.after if isinstance(error, Passing) else None
