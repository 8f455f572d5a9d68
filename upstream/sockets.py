"""How httpx reaches the network: asyncio's own transports, without a library in between.

httpcore goes through anyio otherwise, which passes through the event loop and sets a timer for every
piece of a body, whether it has to wait or not: a third of all the CPU that a picture of 1.5 MB
costs, measured. Here a piece that is there already is handed on at once.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections import deque
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any, cast

import aiohappyeyeballs
import httpcore

_AHEAD = 128 * 1024  # bytes that are read before anybody asks for them
_HEAD_START = 0.25  # seconds, as RFC 8305 has it, before the next address is tried alongside


class Sockets(httpcore.AsyncNetworkBackend):
    """TCP, with TLS on top where it is asked for."""

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        async with _in_time(timeout, httpcore.ConnectTimeout, httpcore.ConnectError):
            pipe = await _dialled(host, port, local_address)
        pipe.set(socket_options or ())
        return _Stream(pipe)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


async def _dialled(host: str, port: int, local_address: str | None) -> _Pipe:
    """Whichever of a host's addresses answers first."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    from_here = local_address and await loop.getaddrinfo(local_address, 0, type=socket.SOCK_STREAM)
    connected = await aiohappyeyeballs.start_connection(
        found, local_addr_infos=from_here or None, happy_eyeballs_delay=_HEAD_START
    )
    _, pipe = await loop.create_connection(_Pipe, sock=connected)
    return pipe


class _Stream(httpcore.AsyncNetworkStream):
    def __init__(self, pipe: _Pipe) -> None:
        self._pipe = pipe

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """The next piece as it came, which may be longer than ``max_bytes``; empty at the end."""
        pipe = self._pipe
        if not pipe.pieces and not pipe.ended:
            await pipe.arrival(timeout)
        if pipe.pieces:
            return pipe.take()
        if pipe.error:
            raise httpcore.ReadError(str(pipe.error)) from pipe.error
        return b""

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        pipe = self._pipe
        if not buffer:
            return
        pipe.demand_open()
        pipe.transport.write(buffer)
        if not pipe.writable.is_set():
            async with _in_time(timeout, httpcore.WriteTimeout, httpcore.WriteError):
                await pipe.writable.wait()
        pipe.demand_open()

    async def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.AsyncNetworkStream:
        try:
            async with _in_time(timeout, httpcore.ConnectTimeout, httpcore.ConnectError):
                await self._pipe.start_tls(ssl_context, server_hostname)
        except BaseException:
            await self.aclose()
            raise
        return self

    async def aclose(self) -> None:
        """At once: what was still to be sent is not sent."""
        self._pipe.transport.abort()
        await asyncio.sleep(0)  # in which the socket is closed

    def get_extra_info(self, info: str) -> Any:
        if info == "is_readable":  # asked of an idle connection: has the other side hung up?
            return self._pipe.ended or bool(self._pipe.pieces)
        names = {"client_addr": "sockname", "server_addr": "peername"}
        return self._pipe.transport.get_extra_info(names.get(info, info))


class _Pipe(asyncio.Protocol):
    """What arrives, until somebody takes it; and whether more may be sent."""

    transport: asyncio.Transport

    def __init__(self) -> None:
        self.pieces: deque[bytes] = deque()
        self.ended = self._lost = False
        self.error: Exception | None = None
        self.writable = asyncio.Event()
        self.writable.set()
        self._waiting: asyncio.Future[None] | None = None
        self._ahead, self._paused = 0, False

    def set(self, options: Iterable[httpcore.SOCKET_OPTION]) -> None:
        for option in options:
            self.transport.get_extra_info("socket").setsockopt(*option)

    async def start_tls(self, context: ssl.SSLContext, name: str | None) -> None:
        loop = asyncio.get_running_loop()
        started = await loop.start_tls(self.transport, self, context, server_hostname=name)
        if started is None:
            raise ConnectionResetError("closed during the TLS handshake")
        self.transport = started

    async def arrival(self, seconds: float | None) -> None:
        """Wait until there is a piece, or the end. A body comes in many: a timer alone is cheaper by half."""
        loop = asyncio.get_running_loop()
        self._waiting = loop.create_future()
        timer = loop.call_later(seconds, self._late) if seconds is not None else None
        try:
            await self._waiting
        finally:
            self._waiting = None
            if timer:
                timer.cancel()

    def take(self) -> bytes:
        piece = self.pieces.popleft()
        self._ahead -= len(piece)
        if self._paused and self._ahead < _AHEAD:
            self._paused = False
            self.transport.resume_reading()
        return piece

    def demand_open(self) -> None:
        if self._lost:
            raise httpcore.WriteError(str(self.error or "closed by the other side")) from self.error

    # what asyncio calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)  # of TCP it is, if not by its class

    def data_received(self, data: bytes) -> None:
        self.pieces.append(data)
        self._ahead += len(data)
        if self._ahead >= _AHEAD and not self._paused:
            self._paused = True
            self.transport.pause_reading()
        self._arrived()

    def eof_received(self) -> bool:
        """Nothing more comes; what is being sent may still be (TLS knows no such half)."""
        self.ended = True
        self._arrived()
        return self.transport.get_extra_info("sslcontext") is None

    def connection_lost(self, error: Exception | None) -> None:
        self.ended = self._lost = True
        self.error = error
        self.writable.set()
        self._arrived()

    def pause_writing(self) -> None:
        self.writable.clear()

    def resume_writing(self) -> None:
        self.writable.set()

    def _arrived(self) -> None:
        if self._waiting and not self._waiting.done():
            self._waiting.set_result(None)

    def _late(self) -> None:
        if self._waiting and not self._waiting.done():
            self._waiting.set_exception(httpcore.ReadTimeout())


@asynccontextmanager
async def _in_time(
    seconds: float | None, late: type[Exception], broken: type[Exception]
) -> AsyncIterator[None]:
    """The system's errors by httpcore's names; a name that no resolver takes is one of them."""
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError as error:
        raise late(str(error)) from error
    except (OSError, UnicodeError) as error:
        raise broken(str(error)) from error
