"""The guarded dialling as a transport of httpx: no proxy, nothing of the environment."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator, Collection, Iterator
from contextlib import contextmanager

import httpcore
import httpx

from upstream.guard.dialling import Dialler, Resolve, resolve

_LIMITS = httpx.Limits(max_connections=64, max_keepalive_connections=8, keepalive_expiry=15.0)


class Guarded(httpx.AsyncBaseTransport):
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
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=tls,
            max_connections=limits.max_connections,
            max_keepalive_connections=limits.max_keepalive_connections,
            keepalive_expiry=limits.keepalive_expiry,
            network_backend=Dialler(trusted, resolve, network or httpcore.AnyIOBackend()),
        )

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        url = request.url
        wanted = httpcore.Request(
            request.method,
            httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
            headers=request.headers.raw,
            content=request.stream,
            extensions=request.extensions,
        )
        with _as_httpx(request):
            answer = await self._pool.handle_async_request(wanted)
        return httpx.Response(
            answer.status,
            headers=answer.headers,
            stream=_Body(answer, request),
            extensions=answer.extensions,
            request=request,
        )

    async def aclose(self) -> None:
        await self._pool.aclose()


class _Body(httpx.AsyncByteStream):
    def __init__(self, answer: httpcore.Response, request: httpx.Request) -> None:
        self._answer, self._request = answer, request

    async def __aiter__(self) -> AsyncIterator[bytes]:
        with _as_httpx(self._request):
            async for piece in self._answer.aiter_stream():
                yield piece

    async def aclose(self) -> None:
        with _as_httpx(self._request):
            await self._answer.aclose()


@contextmanager
def _as_httpx(request: httpx.Request) -> Iterator[None]:
    """httpcore's errors under the names that httpx, which is built on it, gives them: the same."""
    try:
        yield
    except (
        httpcore.TimeoutException,
        httpcore.NetworkError,
        httpcore.ProtocolError,
        httpcore.UnsupportedProtocol,
    ) as error:
        kind: type[httpx.TransportError] = getattr(httpx, type(error).__name__)
        raise kind(str(error), request=request) from error
