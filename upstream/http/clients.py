"""One HTTP client for each destination and kind of call, each with a pool of its own.

A pool is small where many wait on few (polls that bring pictures one after another), wide where
each call holds its connection until its picture is made. A submit has a pool to itself, so that
it never waits behind pictures on their way. A relay that a chat named is reached through the guard.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Collection
from dataclasses import dataclass
from enum import Enum

import httpx

from upstream.guard import Guarded
from upstream.http.health import Health
from upstream.transport import Transport, direct


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

    @classmethod
    def up_to(cls, longest: float) -> Patience:
        """As usual, but no picture is waited for longer than so many seconds."""
        usual = cls()
        return cls(
            submit=min(usual.submit, longest),
            poll=min(usual.poll, longest),
            sync=min(usual.sync, longest),
            job=longest,
            silence=min(usual.silence, longest),
        )


class Lane(Enum):
    """Kinds of calls: the connections at most, and the seconds for which an idle one is kept.

    An idle connection that the relay closes just as a submit goes out leaves it unknown whether
    the order arrived; most servers wait five seconds or more, so a submit trusts none older than four.
    """

    SUBMIT = (8, 4.0)
    POLL = (8, 20.0)
    SYNC = (256, 4.0)


@dataclass(frozen=True, slots=True)
class Pool:
    """A client, and as many turns as it has connections.

    Waiting happens here: httpx's own pool looks at everybody who waits whenever anybody moves,
    which at 200 waiting costs more than all the reading.
    """

    client: httpx.AsyncClient
    turns: asyncio.Semaphore


class Clients:
    """Opened when first needed, closed together. Hosts that are ``trusted`` may be private."""

    def __init__(self, patience: Patience, trusted: Collection[str] = ()) -> None:
        self.trusted, self.health = trusted, Health()
        self._patience = patience
        self._pools: dict[tuple[str, str, int | None, Lane, bool], Pool] = {}
        self._opening = asyncio.Lock()
        self._trust: ssl.SSLContext | None = None

    async def of(self, url: httpx.URL, lane: Lane, *, guarded: bool = False) -> Pool:
        """The connections to this destination; guarded ones raise `BadAddress` for a private one."""
        where = (url.scheme, url.host, url.port, lane, guarded)
        if where not in self._pools:
            async with self._opening:
                if where not in self._pools:
                    self._pools[where] = self._open(url, lane, await self._authorities(url), guarded)
        return self._pools[where]

    async def aclose(self) -> None:
        pools, self._pools = list(self._pools.values()), {}
        for pool in pools:
            await pool.client.aclose()

    async def _authorities(self, url: httpx.URL) -> ssl.SSLContext:
        """Reading the certificates takes 20 ms: once, off the loop, and only when they are needed."""
        if url.scheme != "https":
            return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        if self._trust is None:
            self._trust = await asyncio.to_thread(httpx.create_ssl_context)
        return self._trust

    def _open(self, url: httpx.URL, lane: Lane, trust: ssl.SSLContext, guarded: bool) -> Pool:
        most, idle = lane.value
        limits = httpx.Limits(max_connections=most, max_keepalive_connections=most, keepalive_expiry=idle)
        silence = {
            Lane.SUBMIT: self._patience.submit,
            Lane.POLL: self._patience.poll,
            Lane.SYNC: self._patience.sync,
        }[lane]
        # A proxy of the environment is for the world outside, never for this machine.
        here = url.host in ("localhost", "127.0.0.1", "::1")
        straight = Transport(trust, limits) if here else direct(trust, limits)
        client = httpx.AsyncClient(
            verify=trust,
            # base64 hardly shrinks, and inflating it costs more than the bytes saved.
            headers={"User-Agent": "easel", "Accept": "application/json", "Accept-Encoding": "identity"},
            timeout=httpx.Timeout(silence, connect=self._patience.connect, pool=None),
            limits=limits,
            transport=Guarded(trust, self.trusted, limits=limits) if guarded else straight,
        )
        return Pool(client, asyncio.Semaphore(most))
