"""One HTTP client for each destination and kind of call, each with a pool of its own.

A pool is small where many wait on few (polls that bring pictures one after another), wide where
each call holds its connection until its picture is made. A submit has a pool to itself, so that
it never waits behind pictures on their way.
"""

from __future__ import annotations

import asyncio
import ssl
from dataclasses import dataclass
from enum import Enum

import httpx


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait for what, in seconds.

    ``first``: until the first poll, while nothing is known of such jobs. ``again``: until what
    failed is tried again, longer each time; a submit that was not accepted ``tries`` times in all.

    ``submit``, ``poll`` and ``sync`` bound the silence of one connection: of a call that answers
    soon, and of one that answers with its picture. ``job`` bounds a job that has an id, ``silence``
    the time in which none of its polls succeeds. ``obey`` is the longest Retry-After that is waited.
    """

    connect: float = 10.0
    submit: float = 60.0
    poll: float = 30.0
    sync: float = 900.0
    job: float = 1800.0
    silence: float = 600.0
    obey: float = 120.0
    first: float = 0.5
    again: float = 1.0
    tries: int = 5


class Lane(Enum):
    """Kinds of calls: the connections at most, and the seconds for which an idle one is kept.

    An idle connection that the relay closes just as a submit goes out leaves it unknown whether
    the order arrived; most servers wait five seconds or more, so a submit trusts none older than four.
    """

    SUBMIT = (16, 4.0)
    POLL = (16, 20.0)
    SYNC = (256, 4.0)


class Clients:
    """Opened when first needed, closed together."""

    def __init__(self, patience: Patience) -> None:
        self._patience = patience
        self._clients: dict[tuple[str, str, int | None, Lane], httpx.AsyncClient] = {}
        self._opening = asyncio.Lock()
        self._trust: ssl.SSLContext | None = None

    async def of(self, url: httpx.URL, lane: Lane) -> httpx.AsyncClient:
        """The client for this destination."""
        where = (url.scheme, url.host, url.port, lane)
        if where not in self._clients:
            async with self._opening:
                if where not in self._clients:
                    self._clients[where] = self._open(url, lane, await self._trusted(url))
        return self._clients[where]

    async def aclose(self) -> None:
        clients, self._clients = list(self._clients.values()), {}
        for client in clients:
            await client.aclose()

    async def _trusted(self, url: httpx.URL) -> ssl.SSLContext:
        """Reading the certificates takes 20 ms: once, off the loop, and only when they are needed."""
        if url.scheme != "https":
            return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        if self._trust is None:
            self._trust = await asyncio.to_thread(httpx.create_ssl_context)
        return self._trust

    def _open(self, url: httpx.URL, lane: Lane, trust: ssl.SSLContext) -> httpx.AsyncClient:
        most, idle = lane.value
        silence = {
            Lane.SUBMIT: self._patience.submit,
            Lane.POLL: self._patience.poll,
            Lane.SYNC: self._patience.sync,
        }[lane]
        return httpx.AsyncClient(
            verify=trust,
            # base64 hardly shrinks, and inflating it costs more than the bytes saved.
            headers={"User-Agent": "easel", "Accept": "application/json", "Accept-Encoding": "identity"},
            timeout=httpx.Timeout(silence, connect=self._patience.connect, pool=None),
            limits=httpx.Limits(max_connections=most, max_keepalive_connections=most, keepalive_expiry=idle),
            # A proxy of the environment is for the world outside, never for this machine.
            trust_env=url.host not in ("localhost", "127.0.0.1", "::1"),
        )
