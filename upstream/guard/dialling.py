"""From a name to a connection, by way of a check.

Every address that a name has must be public, or nothing is dialled: an honest name does not lead
into the open and into a private network at once. The addresses dialled are the ones that were
checked, so a name server that changes its mind in between (DNS rebinding) changes nothing.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager

import httpcore

from bot.addresses import public, trusts
from bot.errors import BadAddress

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""IP addresses of a host, the preferred first; raises `OSError` when there are none."""

Dial = Callable[[str], Awaitable[httpcore.AsyncNetworkStream]]

_MOST = 8  # addresses of one name that are tried
_HEAD_START = 0.25  # seconds, as RFC 8305 has it, before the next address is tried alongside
# A name server may hold a look-up for as long as it likes: not in a thread that pictures need.
_LOOKING_UP = ThreadPoolExecutor(8, thread_name_prefix="names")


async def resolve(host: str, port: int) -> Sequence[str]:
    """What the machine's own resolver says."""
    loop = asyncio.get_running_loop()
    found = await loop.run_in_executor(
        _LOOKING_UP, lambda: socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    )
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


class Dialler(httpcore.AsyncNetworkBackend):
    """Connects to public addresses, and to any of a trusted host. TLS still goes by the name."""

    def __init__(
        self, trusted: Collection[str], resolve: Resolve, network: httpcore.AsyncNetworkBackend
    ) -> None:
        self._trusted, self._resolve, self._network = trusted, resolve, network

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Raises `BadAddress` when the host is not to be connected to."""
        options = list(socket_options or ())

        async def dial(address: str) -> httpcore.AsyncNetworkStream:
            return await self._network.connect_tcp(address, port, timeout, local_address, options)

        return await _first(await self._checked(host, port, timeout), dial)

    async def sleep(self, seconds: float) -> None:
        await self._network.sleep(seconds)

    async def _checked(self, host: str, port: int, timeout: float | None) -> Sequence[str]:
        try:
            async with asyncio.timeout(timeout):
                addresses = await self._resolve(host, port)
        except TimeoutError as error:
            raise httpcore.ConnectTimeout(f"{host} was not resolved in time") from error
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError(f"{host} was not resolved") from error
        if not trusts(self._trusted, host, port) and not all(map(public, addresses)):
            raise BadAddress("error-address-private", host=host[:80])
        return addresses[:_MOST]


async def _first(addresses: Sequence[str], dial: Dial) -> httpcore.AsyncNetworkStream:
    """The connection that stands first; each further address starts a little later, or after a failure."""
    waiting = list(addresses)
    failure: BaseException = httpcore.ConnectError("the name has no address")
    async with _attempts() as trying:
        while waiting or trying:
            if waiting:
                trying.add(asyncio.ensure_future(dial(waiting.pop(0))))
            pause = _HEAD_START if waiting else None
            done, _ = await asyncio.wait(trying, timeout=pause, return_when=asyncio.FIRST_COMPLETED)
            for attempt in done:
                if (error := attempt.exception()) is None:
                    trying.discard(attempt)
                    return attempt.result()
                failure = error
            trying.difference_update(done)
    raise failure


@asynccontextmanager
async def _attempts() -> AsyncIterator[set[asyncio.Future[httpcore.AsyncNetworkStream]]]:
    """What is still in the set at the end came too late: it is given up, and closed where it stands."""
    trying: set[asyncio.Future[httpcore.AsyncNetworkStream]] = set()
    try:
        yield trying
    finally:
        for attempt in trying:
            attempt.cancel()
        for late in await asyncio.gather(*trying, return_exceptions=True):
            if isinstance(late, httpcore.AsyncNetworkStream):
                await late.aclose()
