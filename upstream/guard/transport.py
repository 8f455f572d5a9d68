"""The guarded dialling as a transport of httpx: no proxy, nothing of the environment."""

from __future__ import annotations

import ssl
from collections.abc import Collection

import httpcore
import httpx

from upstream.guard.dialling import Dialler, Resolve, resolve
from upstream.sockets import Sockets
from upstream.transport import Transport

_LIMITS = httpx.Limits(max_connections=64, max_keepalive_connections=8, keepalive_expiry=15.0)


class Guarded(Transport):
    """Reaches public addresses and ``trusted`` hosts (``host`` or ``host:port``, see `bot.addresses.fit`).

    Connections are shared by all that use it, so one guard has one trust: what only some may reach
    needs a guard of its own. Beside httpx's own errors it raises `BadAddress`, and then nothing was
    connected to, let alone sent.
    """

    def __init__(
        self,
        tls: ssl.SSLContext,
        trusted: Collection[str] = (),
        *,
        limits: httpx.Limits = _LIMITS,
        resolve: Resolve = resolve,
        network: httpcore.AsyncNetworkBackend | None = None,
    ) -> None:
        super().__init__(tls, limits, Dialler(trusted, resolve, network or Sockets()))
