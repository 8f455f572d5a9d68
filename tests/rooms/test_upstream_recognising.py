"""Which dialect an address speaks: told by free GETs, at every fake, at look-alikes, at nothing at all."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from bot.errors import BadKey, Forbidden, NotFound, UpstreamDown
from bot.settings import ADDRESSES
from tests.fakes.relay import DIALECTS, KEY, Relay
from upstream import Patience, Upstreams

QUICK = Patience(connect=0.5, poll=0.4, again=0.01)
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


async def told(url: str, key: str = KEY) -> str | None:
    trusted = {url.removeprefix("http://").partition("/")[0]}
    async with Upstreams(
        asyncio.Semaphore(1), patience=QUICK, trusted=trusted, addresses=ADDRESSES
    ) as upstream:
        return await upstream.recognise((url,), key)


@asynccontextmanager
async def served(handler: Handler) -> AsyncIterator[tuple[str, list[str]]]:
    """A server that has one answer to everything; and the methods it was asked with."""
    methods: list[str] = []

    async def handle(request: web.Request) -> web.StreamResponse:
        methods.append(request.method)
        return await handler(request)

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handle)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}", methods
    finally:
        await runner.cleanup()


@pytest.mark.parametrize("end", ["", "/v1/"])
@pytest.mark.parametrize("dialect", sorted(DIALECTS))
async def test_every_dialect_is_told_by_its_answers(dialect: str, end: str) -> None:
    async with Relay(dialect) as relay:
        assert await told(relay.url + end) == dialect
        assert (relay.submits, relay.charges, relay.orders) == ({}, {}, [])


@pytest.mark.parametrize("dialect", sorted(DIALECTS))
async def test_a_wrong_key_is_no_reason_for_a_wrong_guess(dialect: str) -> None:
    async with Relay(dialect) as relay:
        like = {"xinliu": "openai"}.get(dialect, dialect)  # its models, which tell them apart, are not shown
        assert await told(relay.url, "sk-wrong") in (dialect, like, None)


@pytest.mark.parametrize(
    ("url", "dialect"),
    [(url, name) for name, urls in ADDRESSES.items() for url in urls]
    + [("https://API.jojokey.com:443/v1", "jojokey"), ("image2free.com", "image2free")],
)
async def test_a_known_host_is_not_even_asked(url: str, dialect: str) -> None:
    assert await told(url) == dialect


# --- look-alikes -----------------------------------------------------------------------------------


async def test_a_gateway_that_names_the_path_in_every_refusal() -> None:
    async def gateway(request: web.Request) -> web.StreamResponse:
        headers = {"X-Oneapi-Request-Id": "2026112107000012345"}
        if request.path == "/v1/models":
            return web.json_response({"data": [{"id": "gpt-image-2"}], "success": True}, headers=headers)
        said = f"Invalid URL (GET {request.path}) (request id: {id(request)})"
        return web.json_response({"error": {"message": said}}, status=404, headers=headers)

    async with served(gateway) as (url, methods):
        assert await told(url) == "jojokey"
    assert set(methods) == {"GET"}


@pytest.mark.parametrize(("model", "dialect"), [("gpt-image-2", "openai"), ("gpt-image-2-pro", "xinliu")])
async def test_by_its_models(model: str, dialect: str) -> None:
    async def like_openai(request: web.Request) -> web.StreamResponse:
        if request.path == "/v1/models":
            return web.json_response({"object": "list", "data": [{"id": model, "object": "model"}]})
        return web.json_response({"error": {"message": f"Invalid URL (GET {request.path})"}}, status=404)

    async with served(like_openai) as (url, _):
        assert await told(url) == dialect


async def test_jobs_told_from_routes_that_nobody_has() -> None:
    async def framework(request: web.Request) -> web.StreamResponse:
        said = "Job not found" if request.path.startswith("/v1/jobs/") else "Not Found"
        return web.json_response({"detail": said}, status=404)

    async with served(framework) as (url, _):
        assert await told(url) == "jobs"


async def plain_404(request: web.Request) -> web.StreamResponse:
    return web.json_response({"detail": "Not Found", "path": request.path}, status=404)


async def page(request: web.Request) -> web.StreamResponse:
    return web.Response(text="<html>Welcome</html>", content_type="text/html")


async def same_json(request: web.Request) -> web.StreamResponse:
    return web.json_response({"ok": True, "balance": 3})


async def broken(request: web.Request) -> web.StreamResponse:
    return web.Response(status=502, text="bad gateway")


@pytest.mark.parametrize("handler", [plain_404, page, broken])
async def test_what_says_nothing_is_no_dialect(handler: Handler) -> None:
    async with served(handler) as (url, methods):
        assert await told(url) is None
    assert set(methods) == {"GET"}


async def locked(request: web.Request) -> web.StreamResponse:
    return web.json_response({"error": "invalid api key"}, status=401)


async def closed(request: web.Request) -> web.StreamResponse:
    return web.json_response({"error": "your country is not served"}, status=403)


@pytest.mark.parametrize(("handler", "kind"), [(locked, BadKey), (closed, Forbidden)])
async def test_a_door_that_stays_shut(handler: Handler, kind: type[Exception]) -> None:
    async with served(handler) as (url, _):
        with pytest.raises(kind):
            await told(url)


async def test_nobody_there() -> None:
    with pytest.raises(UpstreamDown):
        await told("http://127.0.0.1:9")


async def test_nothing_inside_is_asked() -> None:
    async with (
        served(same_json) as (url, methods),
        Upstreams(asyncio.Semaphore(1), patience=QUICK) as upstream,
    ):
        with pytest.raises(NotFound) as caught:
            await upstream.recognise((url,), KEY)
    assert caught.value.sentence == "error-address-private"
    assert not methods
