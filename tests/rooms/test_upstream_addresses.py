"""A relay's address as people type it, at every dialect: with and without /v1, slashes, a path before it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web

from bot.model import Endpoint, ImageRequest, Order, Succeeded
from tests.fakes.relay import DIALECTS, KEY, Relay
from upstream import Patience, Upstreams
from upstream.http.bases import base_of

QUICK = Patience(connect=1, submit=1, poll=1, sync=1, first=0.02, again=0.01)


@asynccontextmanager
async def behind(path: str, dialect: str) -> AsyncIterator[tuple[str, Relay]]:
    """A relay below a path of another server, which has nothing else; and that server's address."""
    relay, outer = Relay(dialect), web.Application()
    outer.add_subapp(path, relay.app)
    runner = web.AppRunner(outer, access_log=None, shutdown_timeout=0)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host = f"http://127.0.0.1:{runner.addresses[0][1]}"
    relay.url = host + path
    try:
        yield host, relay
    finally:
        await runner.cleanup()


@pytest.mark.parametrize("dialect", sorted(DIALECTS))
async def test_a_relay_below_a_path(dialect: str, tmp_path: Path) -> None:
    async with behind("/some/where", dialect) as (host, relay):
        async with Upstreams(asyncio.Semaphore(4), patience=QUICK) as upstream:
            for end in ("", "/", "/v1", "/v1/images/generations", "/v1/"):
                endpoint = Endpoint("operator", dialect, (f"{host}/some/where{end}",), KEY)
                await upstream.check(endpoint)
            order = Order(ImageRequest("a fox"), tmp_path)
            last = [step async for step in upstream.generate(endpoint, order)][-1]
    assert isinstance(last, Succeeded)
    assert relay.submits[KEY] == 1


async def test_a_host_without_a_scheme_is_asked_by_tls(tmp_path: Path) -> None:
    async with Upstreams(asyncio.Semaphore(1)) as upstream:
        site = upstream.site(Endpoint("operator", "jobs", (" relay.example/v1 ",), KEY))
        assert [str(base) for base in site.bases] == ["https://relay.example/"]


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("relay.example", "https://relay.example/"),
        ("http://relay.example:3000/v1/", "http://relay.example:3000/"),
        ("https://me:secret@relay.example/v1?key=1#x", "https://relay.example/"),
        ("https://relay.example/api/v1/images/edits", "https://relay.example/api"),
        ("https://relay.example/v1/jobs/job_1", "https://relay.example/"),
        ("https://gateway.example/v1/account/openai", "https://gateway.example/v1/account/openai"),
        ("https://relay.example/v1beta", "https://relay.example/v1beta"),
    ],
)
def test_what_people_copy_along_is_left_out(typed: str, read: str) -> None:
    assert str(base_of(typed)) == read
