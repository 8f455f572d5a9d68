"""httpx over a network of our own choice, `Sockets` or whatever stands before them; and a client of it."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager
from functools import cache, lru_cache
from typing import Any
from urllib.request import getproxies, proxy_bypass

import httpcore
import httpx

from bot.errors import SetupError
from upstream.sockets import Sockets

# base64 hardly shrinks, and inflating it costs more than the bytes saved.
_HEADERS = {"User-Agent": "easel", "Accept-Encoding": "identity"}
_WORTH_IT = 16 * 1024  # bytes
_SILENCE, _CONNECT = 30.0, 10.0  # seconds, where nobody says otherwise
_HERE, _PORTS = ("localhost", "127.0.0.1", "::1"), {"http": 80, "https": 443}


async def trust(scheme: str) -> ssl.SSLContext:
    """Whom connections trust: with TLS the usual authorities, without it nobody.

    Reading the authorities takes 20 ms: once a process, off the loop, and only when they are needed.
    """
    return await asyncio.to_thread(_authorities) if scheme == "https" else _nobody()


@cache
def _authorities() -> ssl.SSLContext:
    return httpx.create_ssl_context()


@cache
def _nobody() -> ssl.SSLContext:
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def client_for(url: str, connections: int) -> Client:
    """For who talks to ``url`` and knows nothing of httpx, by so many connections.

    Raises `SetupError` where the environment names a proxy that can't be used.
    """
    there = httpx.URL(url)
    tls = _nobody() if there.scheme == "http" else _authorities()
    try:
        transport = way(there, tls, httpx.Limits(max_connections=connections, keepalive_expiry=5.0))
    except httpx.ProxyError as error:
        raise SetupError("setup-proxy", reason=str(error)) from error
    return Client(transport, silence=_SILENCE, connect=_CONNECT)


def way(url: httpx.URL, tls: ssl.SSLContext, limits: httpx.Limits) -> httpx.AsyncBaseTransport:
    """Straight to where ``url`` is, or through the proxy that the environment names for it.

    Raises `httpx.ProxyError` for one that can't be used: SOCKS, or a URL that is none.
    """
    proxy = _proxy(url)
    if proxy is None:
        return Transport(tls, limits)
    try:
        return httpx.AsyncHTTPTransport(verify=tls, limits=limits, proxy=proxy, trust_env=False)
    except (ImportError, ValueError, httpx.InvalidURL) as error:
        why = "SOCKS is not spoken" if isinstance(error, ImportError) else "its URL can't be read"
        raise httpx.ProxyError(f"the proxy for {url.scheme}: {why}") from None  # which may hold a password


def _proxy(url: httpx.URL) -> str | None:
    """A proxy of the environment is for the world outside, never for this machine."""
    port = url.port or _PORTS.get(url.scheme)
    if url.host in _HERE or proxy_bypass(url.host) or proxy_bypass(f"{url.host}:{port}"):
        return None
    named = getproxies()
    proxy = named.get(url.scheme) or named.get("all")
    return proxy if not proxy or "://" in proxy else f"http://{proxy}"


@lru_cache(maxsize=64)
def _parsed(url: str) -> httpx.URL:
    """The same few addresses are asked again and again."""
    return httpx.URL(url)


class Client:
    """Requests that go out as they are, one for one: no cookie is kept, and nothing is followed elsewhere.

    A transport alone does that. An `httpx.AsyncClient` before it takes a fifth of a small request's
    CPU, measured, for what must not happen here. ``accept``: what kinds of answers are wanted;
    ``silence`` (in which nothing moves) and ``connect`` (until there is a connection) in seconds.
    """

    def __init__(
        self, transport: httpx.AsyncBaseTransport, accept: str = "*/*", *, silence: float, connect: float
    ) -> None:
        self._transport = transport
        self._headers = {**_HEADERS, "Accept": accept}
        self._timeout = httpx.Timeout(silence, connect=connect, pool=connect).as_dict()

    def request(
        self,
        method: str,
        url: httpx.URL | str,
        headers: Mapping[str, str],
        *,
        silence: float | None = None,
        **content: Any,
    ) -> httpx.Request:
        """``content`` as `httpx.Request` takes it; ``silence`` for this one. Raises `httpx.InvalidURL`."""
        timeout = {**self._timeout, "read": silence, "write": silence} if silence else self._timeout
        target = _parsed(url) if isinstance(url, str) else url
        headers = {**self._headers, **headers}
        return httpx.Request(method, target, headers=headers, extensions={"timeout": timeout}, **content)

    async def send(self, request: httpx.Request) -> httpx.Response:
        """Its body is still to be read, and it is to be closed. Raises `httpx.TransportError`."""
        response = await self._transport.handle_async_request(request)
        response.request = request
        return response

    async def aclose(self) -> None:
        await self._transport.aclose()


class Transport(httpx.AsyncBaseTransport):
    """HTTP/1.1 without a proxy. Raises httpx's own errors."""

    def __init__(
        self, tls: ssl.SSLContext, limits: httpx.Limits, network: httpcore.AsyncNetworkBackend | None = None
    ) -> None:
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=tls,
            max_connections=limits.max_connections,
            max_keepalive_connections=limits.max_keepalive_connections,
            keepalive_expiry=limits.keepalive_expiry,
            network_backend=network or Sockets(),
        )

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        url = request.url
        wanted = httpcore.Request(
            request.method,
            httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
            headers=request.headers.raw,
            content=_Gathered(request.stream),
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


class _Gathered(httpx.AsyncByteStream):
    """A body in pieces that are worth their way: a form is many small ones, and each would be sent alone."""

    def __init__(self, stream: httpx.SyncByteStream | httpx.AsyncByteStream) -> None:
        assert isinstance(stream, httpx.AsyncByteStream)  # noqa: S101  # of an asynchronous client it is
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        small = b""
        async for piece in self._stream:
            if len(small) + len(piece) <= _WORTH_IT:
                small += piece
                continue
            if small:
                yield small
            small = b""
            yield piece
        if small:
            yield small


class _Body(httpx.AsyncByteStream):
    def __init__(self, answer: httpcore.Response, request: httpx.Request) -> None:
        self._answer, self._request = answer, request

    async def __aiter__(self) -> AsyncIterator[bytes]:
        with _as_httpx(self._request):
            async for piece in self._answer.aiter_stream():
                yield piece

    async def aclose(self) -> None:
        """To its end, also for who is cut off meanwhile: httpcore would lose the connection's place."""
        with _as_httpx(self._request):
            await asyncio.shield(self._answer.aclose())


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
