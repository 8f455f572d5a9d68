"""httpx over our own sockets: what a connection does when the other side is slow, silent, rude or gone."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import httpcore
import httpx
import pytest

from bot.errors import SetupError
from upstream.http.outcomes import NeverArrived, fate
from upstream.sockets import Sockets
from upstream.transport import Client, Transport, client_for, way

TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
LIMITS = httpx.Limits(max_connections=4, max_keepalive_connections=4, keepalive_expiry=5.0)
MB = 1024 * 1024
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"

Answer = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def server(answer: Answer) -> AsyncIterator[str]:
    """Each connection is given to ``answer``, and closed after it."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await answer(reader, writer)
        finally:
            writer.transport.abort()

    listener = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}"
    finally:
        listener.close()


def client(**options: float) -> httpx.AsyncClient:
    timeout = httpx.Timeout(**{"timeout": 5.0, **options})
    return httpx.AsyncClient(transport=Transport(TLS, LIMITS), timeout=timeout)


async def head(reader: asyncio.StreamReader) -> bytes:
    return await reader.readuntil(b"\r\n\r\n")


async def patient(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Says the same to every request."""
    while await head(reader):
        writer.write(OK)
        await writer.drain()


async def test_a_connection_is_used_again() -> None:
    connections = 0

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        await patient(reader, writer)

    async with server(answer) as url, client() as http:
        for _ in range(3):
            assert (await http.get(url)).text == "hi"
    assert connections == 1


async def test_a_connection_that_was_hung_up_meanwhile_is_not_used_again() -> None:
    connections = 0

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        await head(reader)
        writer.write(OK)
        await writer.drain()

    async with server(answer) as url, client() as http:
        for _ in range(3):
            assert (await http.get(url)).text == "hi"
            await asyncio.sleep(0.02)
    assert connections == 3


async def test_a_big_body_is_not_read_before_it_is_wanted() -> None:
    sent = 0

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        await head(reader)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (64 * MB))
        for _ in range(64):
            writer.write(bytes(MB))
            await writer.drain()
            sent += 1
        writer.close()
        await writer.wait_closed()  # drained is not yet sent

    async with server(answer) as url, client() as http, http.stream("GET", url) as response:
        pieces = response.aiter_raw()
        await anext(pieces)
        await asyncio.sleep(0.1)
        assert sent < 32  # what the system itself holds on the way
        assert sum([len(piece) async for piece in pieces]) > 60 * MB


async def test_a_body_is_sent_at_the_speed_of_who_reads_it() -> None:
    got = b""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal got
        await head(reader)
        await asyncio.sleep(0.05)
        got = await reader.readexactly(32 * MB)
        writer.write(OK)
        await writer.drain()

    pieces = 0

    async def body() -> AsyncIterator[bytes]:
        nonlocal pieces
        for number in range(512):
            pieces = number
            yield bytes([number % 256]) * (64 * 1024)

    async with server(answer) as url, client() as http:
        sending = asyncio.create_task(
            http.post(url, content=body(), headers={"Content-Length": str(32 * MB)})
        )
        await asyncio.sleep(0.03)
        assert pieces < 400
        assert (await sending).text == "hi"
    assert [got[at] for at in range(0, 32 * MB, 64 * 1024)] == [number % 256 for number in range(512)]


async def test_an_answer_before_the_body_was_read_is_heard() -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await head(reader)
        writer.write(b"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n")
        await writer.drain()
        writer.write_eof()
        await reader.read(64 * MB)

    async with server(answer) as url, client() as http:
        assert (await http.post(url, content=bytes(MB))).status_code == 413


async def silence(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(30)


async def half(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await head(reader)
    writer.write(OK.replace(b"Length: 2", b"Length: 9"))
    await writer.drain()


async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await head(reader)


async def deaf(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    reader._transport.pause_reading()  # type: ignore[attr-defined]  # else asyncio reads for its own buffer
    await asyncio.sleep(30)


@pytest.mark.parametrize(
    ("answer", "body", "error"),
    [
        (silence, b"", httpx.ReadTimeout),
        (deaf, bytes(32 * MB), httpx.WriteTimeout),
        (half, b"", httpx.RemoteProtocolError),
        (hang_up, b"", (httpx.RemoteProtocolError, httpx.ReadError)),
    ],
)
async def test_trouble_has_httpx_own_names(answer: Answer, body: bytes, error: type[Exception]) -> None:
    async with server(answer) as url, client(read=0.1, write=0.1) as http:
        with pytest.raises(error):
            await http.post(url, content=body)


async def test_where_nobody_listens() -> None:
    async with server(silence) as url:
        pass
    async with client() as http:
        with pytest.raises(httpx.ConnectError):
            await http.get(url)
        with pytest.raises(httpx.ConnectError):
            await http.get("http://nowhere.invalid/")


async def test_a_server_that_speaks_no_tls() -> None:
    async def rude(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(OK)
        await writer.drain()

    async with server(rude) as url, client() as http:
        with pytest.raises(httpx.ConnectError):
            await http.get(url.replace("http:", "https:"))
    async with server(silence) as url, client(connect=0.1) as http:
        with pytest.raises(httpx.ConnectTimeout):
            await http.get(url.replace("http:", "https:"))


async def test_what_is_given_up_is_closed() -> None:
    ended = asyncio.Event()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await head(reader)
        await reader.read()
        ended.set()

    async with server(answer) as url, client() as http:
        asking = asyncio.create_task(http.get(url))
        await asyncio.sleep(0.05)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        await asyncio.wait_for(ended.wait(), 2)


async def test_a_stream_says_where_it_leads() -> None:
    async with server(silence) as url:
        port = httpx.URL(url).port or 0
        stream = await Sockets().connect_tcp("127.0.0.1", port, timeout=1)
        assert stream.get_extra_info("server_addr") == ("127.0.0.1", port)
        assert stream.get_extra_info("ssl_object") is None
        assert not stream.get_extra_info("is_readable")
        await stream.aclose()
        with pytest.raises(httpcore.WriteError):
            await stream.write(b"late")


PROXIES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")


@pytest.fixture
def proxied(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Sets what the environment says about proxies, and nothing else of that kind."""

    def name(**proxies: str) -> None:
        for proxy in PROXIES:
            monkeypatch.delenv(proxy, raising=False)
            monkeypatch.delenv(proxy.upper(), raising=False)
        for proxy, where in proxies.items():
            monkeypatch.setenv(proxy, where)

    return name


@pytest.mark.parametrize(
    ("environment", "url", "straight"),
    [
        ({}, "https://api.example.org", True),
        ({"HTTPS_PROXY": "http://proxy.test:3128"}, "https://api.example.org", False),
        ({"ALL_PROXY": "proxy.test:3128"}, "https://api.example.org", False),
        ({"https_proxy": "http://proxy.test:3128"}, "http://api.example.org", True),
        ({"all_proxy": "http://proxy.test:3128", "no_proxy": "example.org"}, "https://api.example.org", True),
        ({"all_proxy": "http://proxy.test:3128", "no_proxy": "here:81"}, "http://here:81", True),
        ({"all_proxy": "http://proxy.test:3128", "no_proxy": "here:80"}, "http://here", True),
        ({"all_proxy": "http://proxy.test:3128", "no_proxy": "here:81"}, "http://here", False),
        ({"all_proxy": "http://proxy.test:3128"}, "http://127.0.0.1:8000", True),
        ({"all_proxy": "http://proxy.test:3128"}, "http://localhost:8000", True),
    ],
)
def test_a_proxy_of_the_environment_is_for_the_world_outside(
    proxied: Callable[..., None], environment: dict[str, str], url: str, straight: bool
) -> None:
    proxied(**environment)
    assert isinstance(way(httpx.URL(url), TLS, LIMITS), Transport) is straight
    assert isinstance(client_for(url, 4)._transport, Transport) is straight


@pytest.mark.parametrize("proxy", ["socks5://proxy.test:1080", "http://me:pa#ss@proxy.test", "gopher://x"])
def test_a_proxy_that_can_not_be_used_is_said_so_without_its_password(
    proxied: Callable[..., None], proxy: str
) -> None:
    proxied(all_proxy=proxy)
    with pytest.raises(httpx.ProxyError) as late:
        way(httpx.URL("https://api.example.org"), TLS, LIMITS)
    with pytest.raises(SetupError) as early:
        client_for("https://api.example.org", 4)
    assert "pa#" not in f"{late.value!r} {early.value.params}"
    assert "'pa'" not in f"{late.value!r} {early.value.params}"


async def test_a_name_that_is_none_is_not_reached() -> None:
    url = httpx.URL("http://relay..example.org/v1/usage")
    client = Client(Transport(TLS, LIMITS), silence=5.0, connect=5.0)
    with pytest.raises(httpx.ConnectError):
        await client.send(client.request("GET", url, {}))
    await client.aclose()


async def test_through_a_proxy(proxied: Callable[..., None]) -> None:
    heads = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heads.append(await head(reader))
        writer.write(OK)
        await writer.drain()

    async with server(answer) as proxy:
        proxied(http_proxy=proxy)
        url = httpx.URL("http://relay.test/v1/usage")
        client = Client(way(url, TLS, LIMITS), silence=5.0, connect=5.0)
        response = await client.send(client.request("GET", url, {"Authorization": "Bearer k"}))
        assert await response.aread() == b"hi"
        assert response.request.url == url
        await response.aclose()
        await client.aclose()
    assert heads[0].startswith(b"GET http://relay.test/v1/usage HTTP/1.1\r\nHost: relay.test\r\n")


async def test_who_is_cut_off_as_an_answer_is_closed_gives_its_place_back() -> None:
    async with server(patient) as url, asyncio.timeout(5):
        client = Client(Transport(TLS, httpx.Limits(max_connections=1)), silence=5.0, connect=5.0)
        for _ in range(3):
            response = await client.send(client.request("GET", url, {}))
            closing = asyncio.create_task(response.aclose())
            await asyncio.sleep(0)
            closing.cancel()
            await asyncio.gather(closing, return_exceptions=True)
        await client.aclose()


async def test_who_gets_no_connection_has_sent_nothing() -> None:
    async with server(patient) as url, asyncio.timeout(5):
        client = Client(Transport(TLS, httpx.Limits(max_connections=1)), silence=5.0, connect=0.1)
        held = await client.send(client.request("GET", url, {}))
        with pytest.raises(NeverArrived), fate(str):
            await client.send(client.request("POST", url, {}))
        await held.aclose()
        await client.aclose()


async def test_no_cookie_is_kept_and_nothing_followed() -> None:
    heads = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while raw := await head(reader):
            heads.append(raw.lower())
            writer.write(
                b"HTTP/1.1 302 Found\r\nLocation: /there\r\nSet-Cookie: a=b\r\nContent-Length: 2\r\n\r\nhi"
            )

    async with server(answer) as url:
        client = Client(Transport(TLS, LIMITS), silence=5.0, connect=5.0)
        for _ in range(2):
            response = await client.send(client.request("GET", httpx.URL(url), {}))
            assert response.status_code == 302
            await response.aread()
            await response.aclose()
        await client.aclose()
    assert len(heads) == 2
    assert b"cookie" not in heads[1]
