"""Pictures by URL: where they are named, who is shown the key, what happens when they are gone."""

from __future__ import annotations

import asyncio
import base64
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from bot.errors import BadAnswer, NotFound, ResultLost, UnknownOutcome, UpstreamFailed
from bot.i18n import words
from bot.model import Endpoint, ImageRequest, Order, Succeeded
from tests.fakes.relay import KEY, png
from upstream import Patience, Upstreams
from upstream.http import Answer
from upstream.results import collect

PICTURE = png(64, 48, 30_000)
PATIENCE = Patience(connect=1, poll=0.4, first=0.02, again=0.01)


class Host:
    """A server of files: public ones under ``/pictures``, some for a key only, some that come late."""

    def __init__(self) -> None:
        self.calls: Counter[str] = Counter()
        self.keys: list[str] = []
        self.port = 0
        self.dawdling, self.go = asyncio.Event(), asyncio.Event()

    async def answer(self, request: web.Request) -> web.StreamResponse:
        path = request.path
        self.calls[path] += 1
        key = request.headers.get("Authorization", "")
        self.keys += [key] if key else []
        if "locked" in path and key != f"Bearer {KEY}":
            return web.json_response({"error": "who are you"}, status=401)
        if "hidden" in path and key != f"Bearer {KEY}":
            return web.Response(text="<html>log in</html>", content_type="text/html")
        if "late" in path and self.calls[path] < 3:
            return web.Response(status=503)
        if "dawdling" in path:
            self.dawdling.set()
            await self.go.wait()
        if "page" in path:
            return web.Response(text="<html>hello</html>", content_type="image/png")
        if "gone" in path:
            return web.Response(status=410)
        return web.Response(body=PICTURE, content_type="application/octet-stream")


@pytest.fixture
async def host() -> AsyncIterator[Host]:
    host, app = Host(), web.Application()
    app.router.add_get("/{path:.*}", host.answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host.port = runner.addresses[0][1]
    yield host
    await runner.cleanup()


class Bench:
    def __init__(self, host: Host, folder: Path, *, prefix: str = "", trusted: tuple[str, ...] = ()) -> None:
        self.base = f"http://127.0.0.1:{host.port}{prefix}"
        self.folder = folder
        self.transfers = asyncio.Semaphore(2)
        ours = (f"127.0.0.1:{host.port}",)
        self.upstream = Upstreams(self.transfers, patience=PATIENCE, trusted=ours + trusted)

    async def collect(self, document: Any, n: int = 1, files: tuple[Path, ...] = ()) -> Succeeded:
        site = self.upstream.site(Endpoint("operator", "shenfeng", (self.base,), KEY))
        order = Order(ImageRequest("x", n=n), self.folder)
        async with self.upstream:
            return await collect(site, order, Answer(document, files), job="job_7")


@pytest.fixture
def bench(host: Host, tmp_path: Path) -> Bench:
    return Bench(host, tmp_path)


def at(bench: Bench, path: str) -> str:
    return f"{bench.base}/{path}"


# --- where they are named --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "wrap",
    [
        lambda url: {"data": [{"url": url}]},
        lambda url: {"data": [{"b64_json": "", "url": url, "revised_prompt": "better"}]},
        lambda url: {"data": [{"b64_json": None, "url": f" {url}\n"}]},
        lambda url: {"data": {"url": url}},
        lambda url: {"status": "completed", "output": {"images": [{"url": url, "mime_type": "image/png"}]}},
        lambda url: {"status": "done", "output": {"images": [url]}},
        lambda url: {"status": "done", "output": {"url": url}},
        lambda url: {"status": "done", "output": [url]},
        lambda url: {"status": "done", "output": url},
        lambda url: {"status": "done", "images": [{"image_url": url}]},
        lambda url: {"status": "done", "result": {"images": [{"url": url}]}},
        lambda url: {"status": "done", "result": {"image_url": url}},
        lambda url: {"data": {"status": "success", "result": {"urls": [url]}}},
        lambda url: {"id": "job_1", "status": "success", "url": url},
        lambda url: {"status": "done", "url": "https://relay.example/v1/jobs/1", "data": [{"url": url}]},
        lambda url: {"input": {"image_url": "https://example.com/mine.png"}, "output": {"images": [url]}},
    ],
)
async def test_a_picture_by_url_in_every_place(bench: Bench, wrap: Any) -> None:
    result = await bench.collect(wrap(at(bench, "pictures/1.png?sig=a%2Fb")))
    assert [file.read_bytes() for file in result.files] == [PICTURE]
    assert result.files[0].parent == bench.folder
    assert (result.missing, result.revised_prompt in ("", "better")) == (0, True)


async def test_files_that_are_there_already_are_taken_and_others_removed(bench: Bench) -> None:
    mine, echo = bench.folder / "a", bench.folder / "b"
    for file in (mine, echo):
        file.write_bytes(PICTURE)
    document = {"data": [{"b64_json": mine, "url": at(bench, "pictures/1.png")}], "input": {"images": [echo]}}
    result = await bench.collect(document, files=(mine, echo))
    assert (result.files, list(bench.folder.iterdir())) == ((mine,), [mine])


async def test_an_address_may_be_relative_to_the_relays_own(bench: Bench, host: Host) -> None:
    for path in ("/pictures/1.png", "pictures/1.png", f"//127.0.0.1:{host.port}/pictures/1.png"):
        assert (await bench.collect({"data": [{"url": path}]})).files


async def test_the_picture_itself_may_be_in_the_address(bench: Bench, host: Host) -> None:
    data = f"data:image/png;base64,{base64.b64encode(PICTURE).decode()}"
    result = await bench.collect({"data": [{"url": data}]})
    assert result.files[0].read_bytes() == PICTURE
    assert not host.calls


# --- hosts that only the relay knows ---------------------------------------------------------------


@pytest.mark.parametrize(
    "inside", ["https://backend:8000", "http://10.1.2.3", "http://127.0.0.1:9", "http://[::1]"]
)
async def test_a_host_inside_the_relays_network_is_looked_for_at_its_own_address(
    bench: Bench, host: Host, inside: str
) -> None:
    result = await bench.collect({"output": {"images": [{"url": f"{inside}/pictures/1.png?sig=1"}]}})
    assert result.files[0].read_bytes() == PICTURE
    assert dict(host.calls) == {"/pictures/1.png": 1}


async def test_behind_a_prefix_too(host: Host, tmp_path: Path) -> None:
    behind = Bench(host, tmp_path, prefix="/relay/v1/")
    with pytest.raises(ResultLost):
        await behind.collect({"data": [{"url": "https://backend:8000/gone.png"}]})
    assert dict(host.calls) == {"/gone.png": 2, "/relay/gone.png": 2}
    host.calls.clear()
    with pytest.raises(ResultLost):
        await behind.collect({"data": [{"url": "gone.png"}]})
    assert dict(host.calls) == {"/relay/gone.png": 2}


async def test_one_that_is_nowhere_keeps_the_id(bench: Bench) -> None:
    with pytest.raises(ResultLost) as caught:
        await bench.collect({"output": {"images": ["https://backend:8000/gone.png"]}})
    assert isinstance(caught.value, UnknownOutcome)
    for language in words().languages:
        said = words().say(language, caught.value.sentence, **caught.value.params)
        assert "backend" in said
        assert "job_7" in said


async def test_a_picture_elsewhere_that_is_gone(host: Host, tmp_path: Path) -> None:
    bench = Bench(host, tmp_path, trusted=("localhost",))
    with pytest.raises(ResultLost) as caught:
        await bench.collect({"data": [{"url": f"http://localhost:{host.port}/gone.png"}]})
    assert caught.value.params["status"] == "410"
    assert dict(host.calls) == {"/gone.png": 1}


# --- keys ------------------------------------------------------------------------------------------


async def test_the_key_is_only_shown_where_it_is_asked_for(bench: Bench, host: Host) -> None:
    await bench.collect({"data": [{"url": at(bench, "pictures/1.png")}]})
    assert host.keys == []


@pytest.mark.parametrize("name", ["locked", "hidden"])
async def test_the_key_opens_what_is_the_relays_own(bench: Bench, host: Host, name: str) -> None:
    result = await bench.collect({"data": [{"url": at(bench, f"{name}.png")}]})
    assert result.files[0].read_bytes() == PICTURE
    assert host.keys == [f"Bearer {KEY}"]


async def test_no_other_host_is_shown_the_key(host: Host, tmp_path: Path) -> None:
    bench = Bench(host, tmp_path, trusted=("localhost",))
    with pytest.raises(ResultLost):
        await bench.collect({"data": [{"url": f"http://localhost:{host.port}/locked.png"}]})
    assert host.keys == []


# --- patience, and what is lost --------------------------------------------------------------------


async def test_a_fetch_is_repeated_on_the_url(bench: Bench, host: Host) -> None:
    assert (await bench.collect({"data": [{"url": at(bench, "late.png")}]})).files
    assert host.calls["/late.png"] == 3


async def test_pictures_that_are_lost_are_counted(bench: Bench) -> None:
    named = [{"url": at(bench, path)} for path in ("1.png", "gone.png", "page.png", "2.png")]
    result = await bench.collect({"data": named}, n=5)
    assert (len(result.files), result.missing) == (2, 3)
    assert sorted(result.files) == sorted(bench.folder.iterdir())


async def test_a_page_served_as_a_picture_is_none(bench: Bench) -> None:
    with pytest.raises(ResultLost):
        await bench.collect({"data": [{"url": at(bench, "page.png")}]})
    assert list(bench.folder.iterdir()) == []


async def test_more_pictures_than_asked_for_are_not_fetched(bench: Bench, host: Host) -> None:
    await bench.collect({"data": [{"url": at(bench, f"{number}.png")} for number in range(5)]}, n=2)
    assert sorted(host.calls) == ["/0.png", "/1.png"]


async def test_fetches_wait_for_their_turn(bench: Bench, host: Host) -> None:
    for _ in range(2):
        await bench.transfers.acquire()
    running = asyncio.create_task(bench.collect({"data": [{"url": at(bench, "1.png")}]}))
    await asyncio.sleep(0.05)
    assert not host.calls
    bench.transfers.release()
    assert (await running).files


@pytest.mark.parametrize(
    "document", [{}, {"data": None}, {"data": [{"url": ""}]}, {"status": "done"}, [], None]
)
async def test_an_answer_without_pictures(bench: Bench, document: Any) -> None:
    with pytest.raises(BadAnswer):
        await bench.collect(document)


async def test_an_answer_that_says_what_went_wrong(bench: Bench) -> None:
    with pytest.raises(UpstreamFailed) as caught:
        await bench.collect({"status": "failed", "error": {"message": "the model fell over"}})
    assert caught.value.params["detail"] == "the model fell over"


@pytest.mark.parametrize(
    "url", ["http://[::1", "ftp://x/1.png", "http://a@127.0.0.1/1.png", "http://x:99999/"]
)
async def test_an_address_that_is_none(bench: Bench, url: str) -> None:
    with pytest.raises(ResultLost):
        await bench.collect({"data": [{"url": url}]})


# --- what a chat names -----------------------------------------------------------------------------

PRIVATE = ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "[::ffff:127.0.0.1]", "127.1"]


@pytest.mark.parametrize("spelling", PRIVATE)
async def test_a_chats_own_endpoint_never_reaches_inside(host: Host, tmp_path: Path, spelling: str) -> None:
    async with Upstreams(asyncio.Semaphore(1), patience=PATIENCE) as upstream:
        endpoint = Endpoint("telegram:7", "shenfeng", (f"http://{spelling}:{host.port}",), KEY)
        order = Order(ImageRequest("x"), tmp_path)
        for call in (
            upstream.check(endpoint),
            upstream.balance(endpoint),
            anext(upstream.generate(endpoint, order)),
        ):
            with pytest.raises(NotFound) as caught:
                await call
            assert caught.value.sentence == "error-address-private"
            for language in words().languages:
                assert "TRUSTED_HOSTS" in words().say(language, caught.value.sentence, **caught.value.params)
    assert not host.calls


async def test_a_name_that_leads_inside_is_not_dialled(
    host: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A public name, a private address: told where it is dialled."""
    monkeypatch.setattr("socket.getaddrinfo", lambda *_, **__: [(2, 1, 6, "", ("127.0.0.1", host.port))])
    async with Upstreams(asyncio.Semaphore(1), patience=PATIENCE) as upstream:
        endpoint = Endpoint("telegram:7", "shenfeng", (f"http://relay.example:{host.port}",), KEY)
        with pytest.raises(NotFound) as caught:
            await upstream.check(endpoint)
    assert caught.value.sentence == "error-address-private"
    assert not host.calls


async def test_a_result_that_a_chats_relay_puts_inside_is_not_gone_for(host: Host, tmp_path: Path) -> None:
    """The relay may be trusted; what it names is not therefore."""
    met: list[asyncio.StreamWriter] = []
    inside = await asyncio.start_server(lambda _, writer: met.append(writer), "127.0.0.1", 0)
    port = inside.sockets[0].getsockname()[1]
    trusted = {f"127.0.0.1:{host.port}"}
    async with Upstreams(asyncio.Semaphore(1), patience=PATIENCE, trusted=trusted) as upstream:
        site = upstream.site(Endpoint("telegram:7", "shenfeng", (f"http://127.0.0.1:{host.port}",), KEY))
        order = Order(ImageRequest("x", n=3), tmp_path)
        named = [f"http://{spelling}:{port}/gone.png" for spelling in ("127.0.0.1", "localhost", "0x7f.1")]
        with pytest.raises(ResultLost):
            await collect(site, order, Answer({"data": [{"url": url} for url in named]}))
    inside.close()
    assert not met


async def test_the_operators_own_relay_may_be_inside(host: Host) -> None:
    async with Upstreams(asyncio.Semaphore(1), patience=PATIENCE) as upstream:
        with pytest.raises(BadAnswer):  # reached: all that this host has is pictures
            await upstream.check(Endpoint("operator", "shenfeng", (f"http://127.0.0.1:{host.port}",), KEY))
    assert host.calls


async def test_what_is_the_operators_is_not_therefore_a_chats(host: Host, tmp_path: Path) -> None:
    """The operator's relay on this machine is in use; a chat's names it, and is set to it."""
    ours = Endpoint("operator", "shenfeng", (f"http://127.0.0.1:{host.port}",), KEY)
    async with Upstreams(asyncio.Semaphore(1), patience=PATIENCE) as upstream:
        with pytest.raises(BadAnswer):
            await upstream.check(ours)
        calls = host.calls.total()
        theirs = Endpoint("telegram:7", "shenfeng", ("https://relay.example",), KEY)
        named = Answer({"data": [{"url": f"{ours.urls[0]}/pictures/a.png"}]})
        with pytest.raises(ResultLost):
            await collect(upstream.site(theirs), Order(ImageRequest("x"), tmp_path), named)
        with pytest.raises(NotFound):
            await upstream.check(Endpoint("telegram:7", "shenfeng", ours.urls, KEY))
    assert host.calls.total() == calls


async def test_a_chats_relay_that_dawdles_keeps_others_from_nothing(host: Host, tmp_path: Path) -> None:
    """Its files take their turns among themselves."""
    transfers = asyncio.Semaphore(1)
    trusted = {f"127.0.0.1:{host.port}"}
    patience = replace(PATIENCE, poll=9)
    async with Upstreams(transfers, patience=patience, trusted=trusted) as upstream:
        urls = (f"http://127.0.0.1:{host.port}",)
        hostile, honest = (
            upstream.site(Endpoint(name, "shenfeng", urls, KEY)) for name in ("telegram:6", "operator")
        )
        named = Answer({"data": [{"url": f"{urls[0]}/pictures/dawdling-{i}.png"} for i in range(5)]})
        waiting = asyncio.create_task(collect(hostile, Order(ImageRequest("x", n=5), tmp_path), named))
        await host.dawdling.wait()
        await asyncio.sleep(0)
        assert not transfers.locked()
        good = Answer({"data": [{"url": f"{urls[0]}/pictures/a.png"}]})
        assert (await collect(honest, Order(ImageRequest("x"), tmp_path), good)).files
        assert not waiting.done()
        assert host.calls.total() == 3, "two of its five are under way"
        host.go.set()
        assert len((await waiting).files) == 5


async def test_a_chat_may_use_what_the_operator_trusts(host: Host) -> None:
    trusted = {f"127.0.0.1:{host.port}"}
    async with Upstreams(asyncio.Semaphore(1), patience=PATIENCE, trusted=trusted) as upstream:
        with pytest.raises(BadAnswer):
            await upstream.check(Endpoint("telegram:7", "shenfeng", (f"http://127.0.0.1:{host.port}",), KEY))
    assert host.calls
