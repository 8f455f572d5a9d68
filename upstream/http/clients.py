"""One HTTP client for each destination and kind of call, each with a pool of its own.

A pool is small where many wait on few (polls that bring pictures one after another), wide where
each call holds its connection until its picture is made. A submit has a pool to itself, so that
it never waits behind pictures on their way. A relay that a chat named is reached through the guard.
"""

from __future__ import annotations

import asyncio
import ssl
from collections import OrderedDict
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass
from enum import Enum

import httpx

from upstream.guard import Guarded
from upstream.http.health import Health
from upstream.transport import Client, trust, way


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


_STRANGERS, _IDLE = 96, 4
"""Pools of relays that chats named, and idle connections of each, that are kept: anybody may name many."""


class Lane(Enum):
    """Kinds of calls: the connections at most, and the seconds for which an idle one is kept.

    An idle connection that the relay closes just as a submit goes out leaves it unknown whether
    the order arrived; most servers wait five seconds or more, so a submit trusts none older than four.
    """

    SUBMIT = (8, 4.0)
    POLL = (8, 20.0)
    SYNC = (256, 4.0)


@dataclass(slots=True)
class Pool:
    """A client, and as many turns as it has connections; how many ``users`` have one, or wait for it.

    Waiting happens here: httpcore's own pool looks at everybody who waits whenever anybody moves,
    which at 200 waiting costs more than all the reading.
    """

    client: Client
    turns: asyncio.Semaphore
    users: int = 0


class Clients:
    """Opened when first needed, closed together; a stranger's sooner, when it was not used for the longest.

    Hosts that are ``trusted`` may be private.
    """

    def __init__(self, patience: Patience, trusted: Collection[str] = ()) -> None:
        self.trusted, self.health = trusted, Health()
        self._patience = patience
        self._pools: OrderedDict[tuple[str, str, int | None, Lane, bool], Pool] = OrderedDict()
        self._opening = asyncio.Lock()

    @asynccontextmanager
    async def turn(self, url: httpx.URL, lane: Lane, *, guarded: bool = False) -> AsyncIterator[Client]:
        """A client for this destination, once there is a connection for it.

        Guarded ones raise `BadAddress` for a private destination.
        """
        where = (url.scheme, url.host, url.port, lane, guarded)
        if new := where not in self._pools:
            async with self._opening:
                if where not in self._pools:
                    self._pools[where] = self._open(url, lane, await trust(url.scheme), guarded)
        pool = self._pools[where]
        pool.users += 1
        self._pools.move_to_end(where)
        try:
            if new:
                await self._let_go()
            async with pool.turns:
                yield pool.client
        finally:
            pool.users -= 1

    async def _let_go(self) -> None:
        """Close the pools of strangers that are too many, those used least lately, never one in use."""
        strangers = [where for where in self._pools if where[-1]]
        idle = [where for where in strangers if not self._pools[where].users]
        for pool in [self._pools.pop(where) for where in idle[: max(0, len(strangers) - _STRANGERS)]]:
            await pool.client.aclose()

    async def aclose(self) -> None:
        while self._pools:
            _, pool = self._pools.popitem()
            await pool.client.aclose()

    def _open(self, url: httpx.URL, lane: Lane, tls: ssl.SSLContext, guarded: bool) -> Pool:
        most, idle = lane.value
        kept = min(most, _IDLE) if guarded else most
        limits = httpx.Limits(max_connections=most, max_keepalive_connections=kept, keepalive_expiry=idle)
        silence = {
            Lane.SUBMIT: self._patience.submit,
            Lane.POLL: self._patience.poll,
            Lane.SYNC: self._patience.sync,
        }[lane]
        transport = Guarded(tls, self.trusted, limits=limits) if guarded else way(url, tls, limits)
        client = Client(transport, "application/json", silence=silence, connect=self._patience.connect)
        return Pool(client, asyncio.Semaphore(most))
