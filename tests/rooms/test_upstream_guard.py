"""The guard for URLs that people and relays name: real servers on loopback, an internet in a box."""

from __future__ import annotations

import asyncio
import base64
import datetime
import gzip
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote_from_bytes

import httpcore
import httpx
import pytest
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from bot.addresses import authorities
from bot.errors import BadAddress
from bot.i18n import words
from upstream.guard import Guard, Guarded, Manners, resolve
from upstream.sockets import Sockets

PUBLIC, OTHER = "93.184.216.34", "151.101.1.69"
PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 2000
MB = 1024 * 1024
QUICK = Manners(connect=3, window=0.15, least=2000, tries=3, wait=0.01, obey=0.5)

TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)

Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


@dataclass
class Site:
    """A server on loopback. ``seen`` are its requests, ``connections`` every socket that was accepted."""

    port: int = 0
    seen: list[web.BaseRequest] = field(default_factory=list)
    connections: int = 0

    async def untouched(self) -> bool:
        """Whether nobody has connected; sees at the same time that it would have noticed."""
        before = self.connections
        _, writer = await asyncio.open_connection("127.0.0.1", self.port)
        while self.connections == before:
            await asyncio.sleep(0.001)
        writer.close()
        return before == 0 and self.connections == 1


class Internet(Sockets):
    """Public addresses lead to sites on loopback, loopback to itself, and everything else nowhere."""

    def __init__(self) -> None:
        self.names: dict[str, list[Sequence[str]]] = {}
        self.routes: dict[str, Site | None] = {}
        self.looked_up: list[str] = []
        self.dialled: list[str] = []

    async def resolve(self, host: str, port: int) -> Sequence[str]:
        """Each look-up gets the name's next answer, the last one for good; literals are read as libc does."""
        self.looked_up.append(host)
        if host not in self.names:
            return [
                str(found[4][0]) for found in socket.getaddrinfo(host, port, flags=socket.AI_NUMERICHOST)
            ][:1]
        answers = self.names[host]
        return answers.pop(0) if len(answers) > 1 else answers[0]

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        self.dialled.append(host)
        if host in self.routes:
            site = self.routes[host]
            if site is None:
                await asyncio.sleep(timeout or 5)
                raise httpcore.ConnectTimeout(host)
            host, port = "127.0.0.1", site.port
        if host != "127.0.0.1":
            raise httpcore.ConnectError(f"no way to {host}")
        return await super().connect_tcp(host, port, timeout, local_address, socket_options)


@asynccontextmanager
async def serving(handler: Handler, tls: ssl.SSLContext | None = None) -> AsyncIterator[Site]:
    site = Site()

    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        site.seen.append(request)
        return await handler(request)

    server = web.Server(answer)

    def accept() -> asyncio.Protocol:
        site.connections += 1
        return server()

    listener = await asyncio.get_running_loop().create_server(accept, "127.0.0.1", 0, ssl=tls)
    site.port = listener.sockets[0].getsockname()[1]
    try:
        yield site
    finally:
        listener.close()
        await server.shutdown(0.01)  # 0 would be for ever


async def picture(request: web.BaseRequest) -> web.StreamResponse:
    return web.Response(body=PICTURE, content_type="image/png")


def moving(*steps: str, status: int = 302) -> Handler:
    """A site that leads from ``/0`` to the first step, from ``/1`` to the second, and so on."""

    async def lead(request: web.BaseRequest) -> web.StreamResponse:
        at = int(request.path.strip("/") or 0)
        return (
            web.Response(status=status, headers={"Location": steps[at]})
            if at < len(steps)
            else await picture(request)
        )

    return lead


@pytest.fixture
async def trap() -> AsyncIterator[Site]:
    """What nobody may connect to."""
    async with serving(picture) as site:
        yield site


@pytest.fixture
async def internet(trap: Site) -> Internet:
    """``pictures.example`` stands at a public address; where that leads is for the test to say."""
    internet = Internet()
    internet.names = {
        "pictures.example": [[PUBLIC]],
        "other.example": [[OTHER]],
        "inside.example": [["127.0.0.1"]],
    }
    return internet


@pytest.fixture
async def guard(internet: Internet) -> AsyncIterator[Guard]:
    guard = Guard((), QUICK, resolve=internet.resolve, network=internet, tls=TLS)
    yield guard
    await guard.aclose()


async def refusal(guard: Guard, url: str, to: Path, most_bytes: int = MB, timeout: float = 5.0) -> str:
    """The sentence that refuses the URL, said in every language; nothing is left on disk."""
    with pytest.raises(BadAddress) as refused:
        await guard.fetch(url, to, most_bytes=most_bytes, timeout=timeout)
    assert not to.exists()
    fault = refused.value.fault
    for language in words().languages:
        said = words().say(language, fault.message_id, **fault.params)
        assert "{" not in said
    return fault.message_id.removeprefix("error-address-")


# --- what works -------------------------------------------------------------------------------


async def test_a_file_of_the_open_internet_is_streamed_to_disk(
    guard: Guard, internet: Internet, tmp_path: Path
) -> None:
    async with serving(picture) as site:
        internet.routes[PUBLIC] = site
        await guard.fetch("http://pictures.example:8080/a%2Fb.png?sig=x%3D", tmp_path / "a", most_bytes=MB)
        await guard.fetch("http://PICTURES.example:8080/b", tmp_path / "b", most_bytes=len(PICTURE))
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes() == PICTURE
    first = site.seen[0]
    assert first.raw_path == "/a%2Fb.png?sig=x%3D"
    assert first.headers["Host"] == "pictures.example:8080"
    assert first.headers["Accept-Encoding"] == "identity"
    assert internet.dialled == [PUBLIC], "one connection served both"
    assert internet.looked_up == ["pictures.example"]


async def test_a_trusted_host_may_be_private(internet: Internet, trap: Site, tmp_path: Path) -> None:
    for trusted in ({"relay"}, {f"relay:{trap.port}"}, authorities([f"http://relay:{trap.port}/v1"])):
        internet.names["relay"] = [["127.0.0.1"]]
        guard = Guard(trusted, QUICK, resolve=internet.resolve, network=internet, tls=TLS)
        await guard.fetch(f"http://relay:{trap.port}/x", tmp_path / "x", most_bytes=MB)
        assert await refusal(guard, f"http://127.0.0.1:{trap.port}/x", tmp_path / "y") == "private"
        await guard.aclose()
    assert trap.connections == 3


async def test_the_machines_own_resolver_and_network_serve_when_nothing_else_is_given(
    trap: Site, tmp_path: Path
) -> None:
    assert "127.0.0.1" in await resolve("localhost", 80)
    guard = Guard({"localhost"}, QUICK, tls=TLS)
    await guard.fetch(f"http://localhost:{trap.port}/", tmp_path / "x", most_bytes=MB)
    await guard.aclose()
    assert (tmp_path / "x").read_bytes() == PICTURE


async def test_proxies_of_the_environment_are_not_asked(
    guard: Guard, internet: Internet, trap: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{trap.port}")
        monkeypatch.setenv(name.upper(), f"http://127.0.0.1:{trap.port}")
    async with serving(picture) as site:
        internet.routes[PUBLIC] = site
        await guard.fetch("http://pictures.example/", tmp_path / "x", most_bytes=MB)
    assert await trap.untouched()


# --- never connected to -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0177.0.0.1",
        "0x7f.1",
        "0x7F000001",
        "127.0.0.1.",
        "１２７。０。０。１",
        "localhost",
        "inside.example",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[::1]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
        "0",
        "mixed.example",
        "late.example",
    ],
)
async def test_no_spelling_of_a_private_address_is_connected_to(
    guard: Guard, internet: Internet, trap: Site, tmp_path: Path, host: str
) -> None:
    internet.names |= {"mixed.example": [["127.0.0.1", PUBLIC]], "late.example": [[PUBLIC] * 9 + ["::1"]]}
    assert await refusal(guard, f"http://{host}:{trap.port}/x", tmp_path / "x") == "private"
    assert internet.dialled == []
    assert await trap.untouched()


@pytest.mark.parametrize("scheme", ["file", "ftp", "gopher", "javascript", "unix", "ws"])
async def test_other_schemes_are_not_opened(
    guard: Guard, internet: Internet, tmp_path: Path, scheme: str
) -> None:
    (tmp_path / "secret").write_bytes(PICTURE)
    assert await refusal(guard, f"{scheme}://{tmp_path}/secret", tmp_path / "x") == "scheme"
    assert internet.looked_up == internet.dialled == []


async def test_user_info_is_refused(guard: Guard, internet: Internet, trap: Site, tmp_path: Path) -> None:
    for url in (f"http://pictures.example@127.0.0.1:{trap.port}/", "http://me:word@pictures.example/"):
        assert await refusal(guard, url, tmp_path / "x") == "login"
    assert internet.dialled == []
    assert await trap.untouched()


async def test_a_name_that_changes_its_mind_is_not_followed(
    guard: Guard, internet: Internet, trap: Site, tmp_path: Path
) -> None:
    """DNS rebinding: the second answer is private. What was checked is what is dialled, in one look-up."""

    async def once(request: web.BaseRequest) -> web.StreamResponse:
        return web.Response(body=PICTURE, headers={"Connection": "close"})

    url = f"http://rebind.example:{trap.port}/"
    internet.names["rebind.example"] = [[PUBLIC], ["127.0.0.1"]]
    async with serving(once) as site:
        internet.routes[PUBLIC] = site
        await guard.fetch(url, tmp_path / "x", most_bytes=MB)
        assert (internet.looked_up, internet.dialled) == (["rebind.example"], [PUBLIC])
        assert await refusal(guard, url, tmp_path / "y") == "private"
        assert (len(internet.looked_up), internet.dialled) == (2, [PUBLIC])
    assert await trap.untouched()


async def test_a_break_does_not_lead_to_the_second_answer_either(
    guard: Guard, internet: Internet, trap: Site, tmp_path: Path
) -> None:
    """The public address refuses, so that the next try looks the name up again."""
    internet.names["rebind.example"] = [[PUBLIC], ["127.0.0.1"]]
    assert await refusal(guard, f"http://rebind.example:{trap.port}/", tmp_path / "x") == "private"
    assert internet.dialled == [PUBLIC]
    assert await trap.untouched()


@pytest.mark.parametrize(
    ("location", "sentence"),
    [
        ("http://127.0.0.1:{trap}/", "private"),
        ("//127.1:{trap}/", "private"),
        ("http://[::ffff:7f00:1]:{trap}/", "private"),
        ("http://inside.example:{trap}/", "private"),
        ("http://localhost:{trap}/", "private"),
        ("http://pictures.example@127.0.0.1:{trap}/", "login"),
        ("file:///etc/passwd", "scheme"),
        ("ftp://127.0.0.1:{trap}/x", "scheme"),
        ("data:image/png;base64,iVBORw0KGgo=", "scheme"),
        ("javascript:alert(1)", "scheme"),
        ("http://pictures.example:22/", "port"),
        ("http://[::1", "unreadable"),
        ("http://a..b/", "unreadable"),
    ],
)
@pytest.mark.parametrize("status", [301, 307])
async def test_redirects_are_judged_like_the_first_address(
    guard: Guard, internet: Internet, trap: Site, tmp_path: Path, location: str, sentence: str, status: int
) -> None:
    async with serving(moving("/1", location.format(trap=trap.port), status=status)) as site:
        internet.routes[PUBLIC] = site
        assert await refusal(guard, "http://pictures.example/0", tmp_path / "x") == sentence
    assert len(site.seen) == 2
    assert set(internet.dialled) == {PUBLIC}
    assert await trap.untouched()


async def echo(request: web.BaseRequest) -> web.StreamResponse:
    return web.Response(body=await request.read())


async def test_a_post_through_the_transport_reaches_nothing_private(internet: Internet, trap: Site) -> None:
    """A relay that a chat named: every spelling is resolved, and judged where it is dialled."""
    transport = Guarded(TLS, resolve=internet.resolve, network=internet)
    async with httpx.AsyncClient(transport=transport) as client:
        for host in ("inside.example", "2130706433", "0x7f.1", "[::ffff:7f00:1]"):
            with pytest.raises(BadAddress):
                await client.post(f"http://{host}:{trap.port}/v1/images", json={"prompt": "x"})
        async with serving(echo) as site:
            internet.routes[PUBLIC] = site
            answer = await client.post("http://pictures.example/v1", content=b"{}")
            assert answer.content == b"{}"
        internet.routes.clear()
        with pytest.raises(httpx.ConnectError):
            await client.post("http://other.example/v1", content=b"{}")
    assert await trap.untouched()


# --- redirects --------------------------------------------------------------------------------


async def test_five_redirects_are_followed_and_no_more(
    guard: Guard, internet: Internet, tmp_path: Path
) -> None:
    steps = ["/1", "//pictures.example/2", "http://pictures.example/3", "4", "?x=1"]
    async with serving(moving(*steps[:4], "/5")) as site:
        internet.routes[PUBLIC] = site
        await guard.fetch("http://pictures.example/0", tmp_path / "x", most_bytes=MB)
        assert (tmp_path / "x").read_bytes() == PICTURE
        assert [request.path for request in site.seen] == [f"/{at}" for at in range(6)]
        (tmp_path / "x").unlink()
    for endless in (moving(*(f"/{at}" for at in range(1, 7))), moving("/0"), moving("")):
        async with serving(endless) as site:
            internet.routes[PUBLIC] = site
            assert await refusal(guard, "http://pictures.example/0", tmp_path / "x") == "redirects"
            assert len(site.seen) == 6


@pytest.mark.parametrize(
    ("steps", "told"),
    [
        (["http://pictures.example/1"], [True, True]),
        (["http://other.example/1"], [True, False]),
        (["http://pictures.example:8080/1"], [True, False]),
        (["http://other.example/1", "http://pictures.example/2"], [True, False, False]),
    ],
)
async def test_a_key_stays_with_scheme_host_and_port(
    guard: Guard, internet: Internet, tmp_path: Path, steps: list[str], told: list[bool]
) -> None:
    async with serving(moving(*steps)) as site:
        internet.routes |= {PUBLIC: site, OTHER: site}
        headers = {"Authorization": "Bearer sk-secret", "X-Key": "sk-secret"}
        await guard.fetch("http://pictures.example/0", tmp_path / "x", most_bytes=MB, headers=headers)
    assert ["sk-secret" in str(request.headers) for request in site.seen] == told
    assert ["Authorization" in request.headers for request in site.seen] == told


async def test_cookies_are_not_carried_anywhere(guard: Guard, internet: Internet, tmp_path: Path) -> None:
    async def sticky(request: web.BaseRequest) -> web.StreamResponse:
        answer = await moving("/1")(request)
        answer.set_cookie("who", "you")
        return answer

    async with serving(sticky) as site:
        internet.routes[PUBLIC] = site
        await guard.fetch("http://pictures.example/0", tmp_path / "x", most_bytes=MB)
    assert not any("Cookie" in request.headers for request in site.seen)


# --- bounds -----------------------------------------------------------------------------------


def pouring(total: int, *, announced: bool) -> tuple[Handler, list[int]]:
    poured: list[int] = []

    async def pour(request: web.BaseRequest) -> web.StreamResponse:
        answer = web.StreamResponse(headers={"Content-Length": str(total)} if announced else {})
        await answer.prepare(request)
        for _ in range(total // 65536):
            await answer.write(bytes(65536))
            poured.append(65536)
        return answer

    return pour, poured


@pytest.mark.parametrize("announced", [True, False])
async def test_an_oversized_body_is_given_up(
    guard: Guard, internet: Internet, tmp_path: Path, announced: bool
) -> None:
    pour, poured = pouring(64 * MB, announced=announced)
    async with serving(pour) as site:
        internet.routes[PUBLIC] = site
        assert await refusal(guard, "http://pictures.example/", tmp_path / "x") == "large"
        assert len(site.seen) == 1, "it is not asked for again"
        assert sum(poured) < 16 * MB


async def test_a_length_that_is_too_much_is_not_waited_for(
    guard: Guard, internet: Internet, tmp_path: Path
) -> None:
    async def announce(request: web.BaseRequest) -> web.StreamResponse:
        answer = web.StreamResponse(headers={"Content-Length": str(MB + 1)})
        await answer.prepare(request)
        await asyncio.sleep(1)
        return answer

    async with serving(announce) as site:
        internet.routes[PUBLIC] = site
        assert await refusal(guard, "http://pictures.example/", tmp_path / "x") == "large"


async def test_a_lie_about_the_length_helps_nobody(guard: Guard, internet: Internet, tmp_path: Path) -> None:
    """More than was announced: what is beyond is another answer, which nobody asked for."""

    async def lie(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n" + bytes(2 * MB))
        writer.close()

    async with await asyncio.start_server(lie, "127.0.0.1", 0) as server:
        internet.routes[PUBLIC] = Site(server.sockets[0].getsockname()[1])
        await guard.fetch("http://pictures.example/", tmp_path / "x", most_bytes=MB)
        assert (tmp_path / "x").read_bytes() == bytes(9)


def dripping(every: float, piece: bytes = b"x") -> Handler:
    async def drip(request: web.BaseRequest) -> web.StreamResponse:
        answer = web.StreamResponse()
        await answer.prepare(request)
        for _ in range(1000):
            await answer.write(piece)
            await asyncio.sleep(every)
        return answer

    return drip


async def test_a_drip_is_given_up_after_a_window(guard: Guard, internet: Internet, tmp_path: Path) -> None:
    async with serving(dripping(0.02)) as site:
        internet.routes[PUBLIC] = site
        start = asyncio.get_running_loop().time()
        assert await refusal(guard, "http://pictures.example/", tmp_path / "x") == "slow"
        assert asyncio.get_running_loop().time() - start < 3
        assert len(site.seen) == 1


async def test_all_of_it_has_to_come_in_time(guard: Guard, internet: Internet, tmp_path: Path) -> None:
    async with serving(dripping(0.01, bytes(1000))) as site:
        internet.routes[PUBLIC] = site
        start = asyncio.get_running_loop().time()
        assert await refusal(guard, "http://pictures.example/", tmp_path / "x", timeout=0.3) == "slow"
        assert 0.29 < asyncio.get_running_loop().time() - start < 3


async def test_silence_is_a_break_and_is_tried_again(
    guard: Guard, internet: Internet, tmp_path: Path
) -> None:
    async def silent(request: web.BaseRequest) -> web.StreamResponse:
        await asyncio.sleep(1)
        return web.Response()

    async with serving(silent) as site:
        internet.routes[PUBLIC] = site
        assert await refusal(guard, "http://pictures.example/", tmp_path / "x") == "silent"
        assert len(site.seen) == QUICK.tries


async def test_a_bomb_is_never_unpacked(guard: Guard, internet: Internet, tmp_path: Path) -> None:
    bomb = gzip.compress(bytes(32 * MB))
    said: dict[str, str] = {}

    async def explode(request: web.BaseRequest) -> web.StreamResponse:
        return web.Response(body=bomb, headers=said)

    async with serving(explode) as site:
        internet.routes[PUBLIC] = site
        for encoding in ("gzip", "br", "identity, deflate", "ZSTD"):
            said["Content-Encoding"] = encoding
            assert await refusal(guard, "http://pictures.example/", tmp_path / "x") == "not-file"
        for harmless in ("identity", "aws-chunked", "utf-8"):
            said["Content-Encoding"] = harmless
            await guard.fetch("http://pictures.example/", tmp_path / "x", most_bytes=MB)
            assert (tmp_path / "x").read_bytes() == bomb


async def test_a_web_page_is_told_early(guard: Guard, internet: Internet, tmp_path: Path) -> None:
    async def page(request: web.BaseRequest) -> web.StreamResponse:
        return web.Response(text="<html>Log in</html>", content_type=request.path.strip("/"))

    async with serving(page) as site:
        internet.routes[PUBLIC] = site
        for mime in ("text/html", "application/xhtml+xml"):
            assert await refusal(guard, f"http://pictures.example/{mime}", tmp_path / "x") == "not-file"
        await guard.fetch("http://pictures.example/image/png", tmp_path / "x", most_bytes=MB)


# --- what may pass ----------------------------------------------------------------------------


def answering(*statuses: int, **headers: str) -> Handler:
    left = list(statuses)

    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        status = left.pop(0) if left else 200
        return web.Response(body=PICTURE, status=status, headers=headers if status != 200 else {})

    return answer


@pytest.mark.parametrize("statuses", [(503, 502), (429, 524), (404,)])
async def test_what_may_pass_is_tried_again(
    guard: Guard, internet: Internet, tmp_path: Path, statuses: tuple[int, ...]
) -> None:
    async with serving(answering(*statuses)) as site:
        internet.routes[PUBLIC] = site
        await guard.fetch("http://pictures.example/", tmp_path / "x", most_bytes=MB)
        assert len(site.seen) == len(statuses) + 1
    assert (tmp_path / "x").read_bytes() == PICTURE


@pytest.mark.parametrize(
    ("status", "headers", "tries"),
    [
        (403, {}, 1),
        (401, {}, 1),
        (410, {}, 1),
        (304, {}, 1),
        (302, {}, 1),
        (500, {}, 3),
        (429, {"Retry-After": "60"}, 1),
    ],
)
async def test_a_refusal_names_its_status(
    guard: Guard, internet: Internet, tmp_path: Path, status: int, headers: dict[str, str], tries: int
) -> None:
    async with serving(answering(*[status] * 9, **headers)) as site:
        internet.routes[PUBLIC] = site
        with pytest.raises(BadAddress) as refused:
            await guard.fetch("http://pictures.example/", tmp_path / "x", most_bytes=MB)
    assert refused.value.fault.params == {"host": "pictures.example", "status": str(status)}
    assert len(site.seen) == tries


async def test_a_host_that_asks_for_a_pause_gets_it(internet: Internet, tmp_path: Path) -> None:
    manners = Manners(wait=0.01, tries=2)
    guard = Guard((), manners, resolve=internet.resolve, network=internet, tls=TLS)
    async with serving(answering(503, **{"Retry-After": "0.3"})) as site:
        internet.routes[PUBLIC] = site
        start = asyncio.get_running_loop().time()
        await guard.fetch("http://pictures.example/", tmp_path / "x", most_bytes=MB)
        assert 0.29 < asyncio.get_running_loop().time() - start < 3
    await guard.aclose()


async def test_a_body_cut_off_is_fetched_again_as_a_whole(
    guard: Guard, internet: Internet, tmp_path: Path
) -> None:
    asked: list[int] = []

    async def cut(request: web.BaseRequest) -> web.StreamResponse:
        asked.append(1)
        if len(asked) == 3:
            return await picture(request)
        answer = web.StreamResponse(headers={"Content-Length": str(len(PICTURE))} if len(asked) == 1 else {})
        await answer.prepare(request)
        await answer.write(PICTURE[:1000])
        assert request.transport is not None
        request.transport.abort()
        return answer

    async with serving(cut) as site:
        internet.routes[PUBLIC] = site
        await guard.fetch("http://pictures.example/", tmp_path / "x", most_bytes=MB)
    assert (tmp_path / "x").read_bytes() == PICTURE
    assert len(asked) == 3


async def test_the_first_address_that_answers_is_taken(
    guard: Guard, internet: Internet, tmp_path: Path
) -> None:
    """One address swallows everything, one refuses: neither is waited for."""
    internet.names["many.example"] = [["2606:4700::1111", "2606:4700::1112", PUBLIC, OTHER]]
    async with serving(picture) as site:
        internet.routes |= {"2606:4700::1111": None, PUBLIC: site, OTHER: site}
        start = asyncio.get_running_loop().time()
        await guard.fetch("http://many.example/", tmp_path / "x", most_bytes=MB)
        assert asyncio.get_running_loop().time() - start < 2
        assert internet.dialled == ["2606:4700::1111", "2606:4700::1112", PUBLIC]
        assert site.connections == 1


async def test_a_name_that_nobody_knows_is_out_of_reach(
    guard: Guard, internet: Internet, tmp_path: Path
) -> None:
    internet.names |= {"empty.example": [[]]}
    assert await refusal(guard, "http://nobody.example/", tmp_path / "x") == "silent"
    assert await refusal(guard, "http://empty.example/", tmp_path / "x") == "silent"
    assert await refusal(guard, "http://other.example/", tmp_path / "x") == "silent"
    assert internet.looked_up.count("nobody.example") == QUICK.tries


async def test_a_slow_name_server_is_not_waited_for(internet: Internet, tmp_path: Path) -> None:
    async def hang(host: str, port: int) -> Sequence[str]:
        await asyncio.sleep(10)
        return [PUBLIC]

    guard = Guard(
        (),
        Manners(connect=0.05, tries=2, wait=0.01),
        resolve=hang,
        network=internet,
        tls=TLS,
    )
    start = asyncio.get_running_loop().time()
    assert await refusal(guard, "http://pictures.example/", tmp_path / "x") == "silent"
    assert asyncio.get_running_loop().time() - start < 2
    await guard.aclose()


# The test's own server may stumble over its write when both ends let go of it at once.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
async def test_a_fetch_that_is_cancelled_leaves_nothing(
    guard: Guard, internet: Internet, tmp_path: Path
) -> None:
    async with serving(dripping(0.01, bytes(1000))) as site:
        internet.routes[PUBLIC] = site
        fetch = asyncio.create_task(guard.fetch("http://pictures.example/", tmp_path / "x", most_bytes=MB))
        while not (tmp_path / "x").exists():
            await asyncio.sleep(0.005)
        fetch.cancel()
        with pytest.raises(asyncio.CancelledError):
            await fetch
    assert list(tmp_path.iterdir()) == []


async def test_a_disk_that_refuses_says_so(guard: Guard, internet: Internet, tmp_path: Path) -> None:
    async with serving(picture) as site:
        internet.routes[PUBLIC] = site
        with pytest.raises(FileNotFoundError):
            await guard.fetch("http://pictures.example/", tmp_path / "no" / "x", most_bytes=MB)


# --- TLS --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for ``pictures.example`` that vouches for itself, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "pictures.example")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), 1, now, now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("pictures.example")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path_factory.mktemp("tls") / "both.pem"
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return file


async def test_tls_goes_by_the_name_though_the_address_is_dialled(
    internet: Internet, certificate: Path, tmp_path: Path
) -> None:
    asked: list[str | None] = []
    ours = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ours.load_cert_chain(certificate)
    ours.sni_callback = lambda _socket, name, _context: asked.append(name)
    trust = ssl.create_default_context(cafile=str(certificate))
    guard = Guard((), QUICK, resolve=internet.resolve, network=internet, tls=trust)
    async with serving(picture, ours) as site:
        internet.routes |= {PUBLIC: site, OTHER: site}
        await guard.fetch("https://pictures.example/", tmp_path / "x", most_bytes=MB)
        assert (tmp_path / "x").read_bytes() == PICTURE
        assert await refusal(guard, "https://other.example/", tmp_path / "y") == "silent"
        assert await refusal(guard, f"https://{PUBLIC}/", tmp_path / "y") == "silent"
        assert len(site.seen) == 1
    assert asked[:2] == ["pictures.example", "other.example"]
    await guard.aclose()


# --- data: URLs -------------------------------------------------------------------------------

CODED = base64.b64encode(PICTURE).decode()


@pytest.mark.parametrize(
    "url",
    [
        f"data:image/png;base64,{CODED}",
        f" DATA:;base64,{CODED.rstrip('=')}\n",
        "data:image/png;charset=utf-8;base64,"
        + "\r\n".join(CODED[at : at + 76] for at in range(0, len(CODED), 76)),
        "data:image/png;base64," + CODED.replace("+", "%2B").replace("/", "%2f").replace("=", "%3D"),
        "data:image/png;base64," + CODED.translate(str.maketrans("+/", "-_")),
        "data:image/png," + quote_from_bytes(PICTURE, safe=""),
    ],
)
async def test_a_data_url_is_decoded_into_the_file(guard: Guard, tmp_path: Path, url: str) -> None:
    await guard.fetch(url, tmp_path / "x", most_bytes=len(PICTURE))
    assert (tmp_path / "x").read_bytes() == PICTURE
    (tmp_path / "x").unlink()
    assert await refusal(guard, url, tmp_path / "x", most_bytes=len(PICTURE) - 1) == "large"


async def test_a_data_url_of_many_pieces(guard: Guard, tmp_path: Path) -> None:
    content = PICTURE * 5
    await guard.fetch(
        f"data:;base64,{base64.b64encode(content).decode()}", tmp_path / "x", most_bytes=len(content)
    )
    assert (tmp_path / "x").read_bytes() == content


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("data:", "unreadable"),
        ("data:image/png;base64", "unreadable"),
        ("data:image/png;base64,****", "unreadable"),
        ("data:image/png;base64,iVBORw0KGgo==iVBO", "unreadable"),
        ("data:image/png;base64,aVBORaaaa", "unreadable"),
        ("data:image/png;base64,图", "unreadable"),
        ("data:text/html,<html>", "not-file"),
        ("data:Text/HTML;charset=utf-8;base64,PGh0bWw+", "not-file"),
    ],
)
async def test_a_data_url_that_holds_no_file(guard: Guard, tmp_path: Path, url: str, sentence: str) -> None:
    assert await refusal(guard, url, tmp_path / "x") == sentence
