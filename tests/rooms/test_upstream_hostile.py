"""Relays that mean no good, or are just broken: whatever they say ends as an error of ours."""

from __future__ import annotations

import asyncio
import gzip
import json
import sys
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from functools import lru_cache
from pathlib import Path
from typing import Any

import httpx
import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import EaselError, UnknownOutcome, UpstreamDown, UpstreamError
from bot.model import Endpoint, ImageRequest, Order
from tests.fakes.relay.pictures import png64
from upstream import Patience, Upstreams, recognising, shapes, tokens
from upstream.http import Probe, meaning, reading
from upstream.image2free_video import _addresses
from upstream.packing import Unpacking
from upstream.scan import DEEPEST, Scanner, TooMuch, parsed

KEY = "sk-mine-0123456789"
PATIENCE = Patience(connect=1, submit=1, poll=1, sync=1, first=0.01, again=0.01, tries=2)


@pytest.mark.parametrize("word", ["<h1>", "<h1", "<", "insufficient", "a", "-", "sk-", "ab/", "request id"])
def test_a_long_refusal_is_read_in_no_time(word: str) -> None:
    """64 KB that a pattern which looks far ahead would look at for a minute, and nobody else be served."""
    body = (word * (65536 // len(word))).encode()
    assert meaning.explain(500, {}, body, KEY).params["detail"]
    assert recognising._refusal(Probe(404, httpx.Headers(), body))[0] == 404


# --- what is said ----------------------------------------------------------------------------------

_VALUES = (
    st.none()
    | st.booleans()
    | st.integers(-(10**40), 10**40)
    | st.floats()
    | st.sampled_from(
        ["", "succeeded", "failed", "\ud800", "\0", "9" * 400, "1e999", "https://a.example/x", "//", "data:,"]
    )
    | st.text(max_size=20)
)
_NAMES = st.sampled_from(
    [
        *("id", "job_id", "task_id", "data", "request_id", "status", "images", "output", "result", "url"),
        *("error", "message", "detail", "code", "type", "success", "balance", "credits", "unit", "currency"),
        *("usage", "output_tokens", "input_tokens", "input_tokens_details", "created_at", "total", "count"),
        *("b64_json", "progress", "items", "prompt", "revised_prompt"),
    ]
)
_DOCUMENTS = st.recursive(
    _VALUES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_NAMES, inner, max_size=5),
    max_leaves=12,
)
_READERS = (
    *(shapes.pictures, shapes.records, shapes.upload_url, shapes.page, shapes.moments),
    *(_addresses, shapes.share),
)


@given(_DOCUMENTS)
def test_no_document_makes_a_reader_stumble(said: Any) -> None:
    document = parsed(json.dumps(said).encode())
    assert isinstance(meaning.explain(400, {}, json.dumps(said).encode(), KEY), UpstreamError)
    meaning.complaint(document, KEY)
    for read in _READERS:
        read(document)
    assert len(shapes.job_id(document)) <= 200
    shapes.job_id(document).encode("ascii")
    shapes.revised_prompt(document).encode()
    shapes.total(document, 3)
    if left := shapes.balance(document):
        assert len(f"{left.amount:,.2f} {left.unit}") < 40
    cost = tokens.cost(document, {"text": 5, "image": 8, "output": 30})
    assert cost is None or 0 <= cost < 2**40


@given(st.text(max_size=30) | st.sampled_from(["Mon, 01 Jan 2024 00:00:00 +9999999999999", "nan", "1e400"]))
def test_no_header_does(said: str) -> None:
    wait = meaning.seconds(said)
    assert wait is None or wait >= 0
    headers = {"retry-after": said, "x-request-id": said}
    error = meaning.explain(429, headers, said.encode("utf-8", "replace"), KEY)
    assert str(error.params["detail"]).isprintable()
    assert str(error.params["request_id"]).isprintable()


def test_an_error_repeats_no_secret_and_no_controls_anywhere() -> None:
    said = json.dumps({"error": {"message": f"half \ud83d of \0 a \x1b[31m {KEY} \u202egnp"}}).encode()
    error = meaning.explain(500, {"x-request-id": KEY}, said, KEY)
    shown = f"{error.params['detail']} {error.params['request_id']}"
    assert shown.isprintable()
    assert KEY not in shown
    shown.encode()
    assert meaning.request_id({"x-request-id": "a b\tc", "cf-ray": "8f-AMS"}) == "8f-AMS"


def test_what_is_nested_is_read_as_deep_as_everybody_can_follow() -> None:
    for opening, closing in (("[", "]"), ('{"data":', "}")):
        parsed((opening * (DEEPEST - 2) + "1" + closing * (DEEPEST - 2)).encode())
        for deep in (DEEPEST, 400, 900, 5_000):
            text = (opening * deep + "1" + closing * deep).encode()
            with pytest.raises(ValueError, match=r"nested|recursion"):
                parsed(text)
            scanner = Scanner(None)
            scanner.feed(text)
            with pytest.raises(ValueError, match="JSON"):
                scanner.close()


def test_more_values_than_any_honest_answer_has() -> None:
    scanner = Scanner(None)
    with pytest.raises(TooMuch):
        scanner.feed(b"[" + b"[]," * 200_000)


def test_numbers_without_end() -> None:
    longest = sys.get_int_max_str_digits()
    for number in (b"9" * (longest + 1), b"1e999999999", b"-" + b"9" * longest):
        scanner = Scanner(None)
        scanner.feed(b"[" + number + b"]")
        try:
            document = scanner.close()
        except ValueError:
            continue
        assert shapes.balance({"balance": document[0]}) is None
        assert shapes.moments(document[0]) == []


# --- what is packed --------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "pack"), [("gzip", gzip.compress), ("deflate", zlib.compress)])
@pytest.mark.parametrize("cut", [1, 7, 100_000])
def test_a_packed_body_is_read_all_the_same(name: str, pack: Callable[[bytes], bytes], cut: int) -> None:
    body = json.dumps({"data": [{"b64_json": png64(64, 48, 3_000).decode()}]}).encode()
    packed, unpacking = pack(body), Unpacking(name)
    found = [chunk for at in range(0, len(packed), cut) for chunk in unpacking.chunks(packed[at : at + cut])]
    assert b"".join(found) + unpacking.rest() == body


@lru_cache
def bomb() -> bytes:
    """A picture of 16 MB in 16 KB."""
    return gzip.compress(b'{"data":[{"b64_json":"iVBORw0KGgo' + b"A" * (16 << 20) + b'"}]}')


def test_a_bomb_is_given_up_in_small_pieces() -> None:
    unpacking, seen = Unpacking("gzip"), []
    with pytest.raises(TooMuch):
        seen.extend(len(chunk) for chunk in unpacking.chunks(bomb()))
    assert max(seen, default=0) <= 256 * 1024
    assert len(seen) <= 16


def test_what_is_not_packed_as_it_says_is_rubbish() -> None:
    with pytest.raises(ValueError, match="packed"):
        list(Unpacking("gzip").chunks(b'{"data":[]}'))


# --- how it is said --------------------------------------------------------------------------------

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def hostile(answer: Answer) -> AsyncIterator[str]:
    """Somebody who answers everything in one way."""
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0, handler_cancellation=True)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


async def bombs(request: web.Request) -> web.StreamResponse:
    return web.Response(body=bomb(), headers={"Content-Encoding": "gzip"})


async def nests(request: web.Request) -> web.StreamResponse:
    return web.Response(body=b'{"id":' + b'{"data":' * 900 + b"1" + b"}" * 901)


async def invalid(request: web.Request) -> web.StreamResponse:
    return web.Response(body=b'{"id":"\xff\xfe\\ud800\\u0000","status":"\xf0\x28"}')


async def redirects(request: web.Request) -> web.StreamResponse:
    raise web.HTTPTemporaryRedirect(str(request.url))


async def trickles(request: web.Request) -> web.StreamResponse:
    """Something comes all the time, and never the end."""
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
    await response.prepare(request)
    while True:
        await response.write(b": still here\n\n")
        await asyncio.sleep(0.01)


async def errs_slowly(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(status=400)
    await response.prepare(request)
    while True:
        await response.write(b"x")
        await asyncio.sleep(0.01)


HOSTILE = (bombs, nests, invalid, redirects, trickles, errs_slowly)


@pytest.mark.parametrize("answer", HOSTILE)
@pytest.mark.parametrize("dialect", ["shenfeng", "xinliu"])
async def test_it_ends_in_a_sentence_and_leaves_nothing(
    answer: Answer, dialect: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "STALL", 0.1)
    folder = tmp_path / "order"
    folder.mkdir()
    patience = Patience(connect=1, submit=1, poll=1, sync=1, job=0.3, first=0.01, again=0.01, tries=2)
    async with hostile(answer) as url, Upstreams(asyncio.Semaphore(1), patience=patience) as upstream:
        endpoint, order = Endpoint("operator", dialect, (url,), KEY), Order(ImageRequest("a fox"), folder)
        with pytest.raises(UpstreamError):
            [step async for step in upstream.generate(endpoint, order)]
        for ask in (upstream.check, upstream.balance):
            with suppress(EaselError):
                await ask(endpoint)
    assert list(folder.iterdir()) == []


async def test_a_stream_that_goes_on_for_ever_is_unknown_in_the_end(tmp_path: Path) -> None:
    patience = Patience(connect=1, sync=1, job=0.2)
    async with hostile(trickles) as url, Upstreams(asyncio.Semaphore(1), patience=patience) as upstream:
        order = Order(ImageRequest("a fox"), tmp_path)
        steps = upstream.generate(Endpoint("operator", "openai", (url,), KEY), order)
        with pytest.raises(UnknownOutcome):
            [step async for step in steps]


async def test_nobody_waits_long_for_what_a_relay_hardly_tells(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever asks what is left, or brings a key, has an answer, and keeps no place that others need."""
    monkeypatch.setattr("upstream._SOON", 0.05)
    async with hostile(trickles) as url, Upstreams(asyncio.Semaphore(1)) as upstream:
        endpoint = Endpoint("operator", "shenfeng", (url,), KEY)
        for ask in (upstream.check, upstream.balance):
            with pytest.raises(UpstreamDown):
                await ask(endpoint)
