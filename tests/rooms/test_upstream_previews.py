"""Orders that are answered as their picture is made: previews, bad ends, fields, keys, masks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from bot.errors import (
    BadKey,
    BadRequest,
    Forbidden,
    Moderated,
    OutOfCredit,
    UnknownOutcome,
    UpstreamDown,
    UpstreamError,
    UpstreamFailed,
)
from bot.i18n import words
from bot.model import (
    Background,
    Endpoint,
    Format,
    ImageRequest,
    Moderation,
    Order,
    Preview,
    Progress,
    Quality,
    Running,
    Succeeded,
)
from bot.sizes import parse
from tests.fakes.relay import KEY, Relay, png
from tests.fakes.relay.rules import usage
from upstream import Patience, Upstreams
from upstream.http import Site, reading
from upstream.sse import Event

PATIENCE = Patience(connect=1, submit=1, poll=9, sync=9, first=0.02, again=0.01, tries=3)


@dataclass
class Bench:
    relay: Relay
    upstream: Upstreams
    endpoint: Endpoint
    folder: Path
    transfers: asyncio.Semaphore

    async def steps(self, *images: Path, mask: Path | None = None, **how: Any) -> list[Progress]:
        order = Order(ImageRequest(**{"prompt": "a fox", **how}), self.folder, images, mask, "k3v9abcdef")
        return [step async for step in self.upstream.generate(self.endpoint, order)]

    async def result(self, *images: Path, **how: Any) -> Succeeded:
        last = (await self.steps(*images, **how))[-1]
        assert isinstance(last, Succeeded)
        return last

    @property
    def sent(self) -> dict[str, Any]:
        return self.relay.orders[-1]


@pytest.fixture(params=["openai", "xinliu"])
async def bench(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Bench]:
    folder, transfers = tmp_path / "order", asyncio.Semaphore(2)
    folder.mkdir()
    async with Relay(request.param) as relay, Upstreams(transfers, patience=PATIENCE) as upstream:
        yield Bench(
            relay, upstream, Endpoint("operator", request.param, (relay.url,), KEY), folder, transfers
        )


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    file = tmp_path / "photo.png"
    file.write_bytes(png(320, 240, 9_000))
    return file


# --- previews --------------------------------------------------------------------------------------


async def test_previews_come_while_the_picture_is_made(bench: Bench) -> None:
    bench.relay.delay = 0.15
    clock, times = asyncio.get_running_loop().time, []
    order = Order(ImageRequest("a fox"), bench.folder)
    async for step in bench.upstream.generate(bench.endpoint, order):
        times.append((clock(), step))
    kinds = [type(step) for _, step in times]
    assert kinds == [Running, Preview, Preview, Succeeded]
    assert times[-1][0] - times[1][0] > 0.06
    previews = [step.path.read_bytes() for _, step in times if isinstance(step, Preview)]
    assert previews[0] != previews[1]
    last = times[-1][1]
    assert isinstance(last, Succeeded)
    assert [file.read_bytes() for file in last.files] == [png(1024, 1024, 20_000)]


@pytest.mark.parametrize("how", [{"quality": Quality.LOW}, {"n": 2}])
async def test_no_previews_where_they_are_not_worth_it(bench: Bench, how: dict[str, Any]) -> None:
    steps = await bench.steps(**how)
    assert [type(step) for step in steps] == [Running, Succeeded]
    assert not {"stream", "partial_images"} & bench.sent.keys()


async def test_an_edit_is_streamed_too(bench: Bench, photo: Path) -> None:
    steps = await bench.steps(photo, photo)
    assert [type(step) for step in steps] == [Running, Preview, Preview, Succeeded]
    assert bench.sent["images"] == [photo.read_bytes()] * 2


@pytest.mark.parametrize("bench", ["openai"], indirect=True)
async def test_who_may_not_stream_gets_the_picture_without_previews(bench: Bench) -> None:
    bench.relay.switches.add("unverified")
    steps = await bench.steps()
    assert [type(step) for step in steps] == [Running, Succeeded]
    assert bench.relay.calls["submit"] == 2
    assert (bench.relay.submits[KEY], bench.relay.charges[KEY]) == (1, 1)


async def test_any_other_refusal_is_not_tried_again(bench: Bench) -> None:
    bench.relay.fail("submit", 400, text="the fox is shy")
    with pytest.raises(BadRequest):
        await bench.steps()
    assert bench.relay.calls["submit"] == 1


# --- streams that end badly ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "error"),
    [
        ("Your request was rejected by the safety system", Moderated),
        ("moderation_blocked", Moderated),
        ("insufficient_quota", OutOfCredit),
        ("the model fell over", UpstreamFailed),
    ],
)
async def test_an_error_in_the_stream(bench: Bench, said: str, error: type[UpstreamError]) -> None:
    bench.relay.next_job("failed", said)
    with pytest.raises(error) as caught:
        await bench.steps()
    assert not isinstance(caught.value, UnknownOutcome)
    assert caught.value.params["detail"] == said
    assert bench.relay.calls["submit"] == 1


async def test_a_stream_without_its_picture_may_have_been_charged(bench: Bench) -> None:
    bench.relay.next_job("empty")
    steps = bench.upstream.generate(bench.endpoint, Order(ImageRequest("a fox"), bench.folder))
    assert [type(await anext(steps)) for _ in range(3)] == [Running, Preview, Preview]
    with pytest.raises(UnknownOutcome):
        await anext(steps)
    assert bench.relay.calls["submit"] == 1
    assert list(bench.folder.iterdir()) == []


@pytest.mark.parametrize("what", ["cut", "truncated", "stall"])
async def test_a_stream_that_breaks_off_is_never_ordered_again(
    bench: Bench, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "STALL", 0.1)
    bench.relay.size = 400_000
    bench.relay.switches.add("openai-events")
    bench.relay.fail("submit", what)
    with pytest.raises(UnknownOutcome):
        await bench.steps()
    assert bench.relay.calls["submit"] == 1
    assert list(bench.folder.iterdir()) == []
    assert bench.transfers._value == 2


async def test_a_relay_that_paints_for_ever_is_given_up(bench: Bench) -> None:
    bench.relay.next_job("never")
    async with Upstreams(bench.transfers, patience=replace(PATIENCE, sync=0.15)) as upstream:
        with pytest.raises(UnknownOutcome):
            [step async for step in upstream.generate(bench.endpoint, Order(ImageRequest("x"), bench.folder))]


async def test_an_order_let_go_in_the_middle_leaves_no_file_and_no_turn_taken(bench: Bench) -> None:
    order = Order(ImageRequest("a fox"), bench.folder)
    async with aclosing(bench.upstream.generate(bench.endpoint, order)) as steps:
        async for step in steps:
            if isinstance(step, Preview):
                break
    assert list(bench.folder.iterdir()) == []
    assert bench.transfers._value == 2


async def test_a_stream_that_waits_takes_no_turn_but_a_big_picture_does(bench: Bench) -> None:
    bench.relay.delay, bench.relay.size = 0.06, 400_000
    bench.relay.switches.add("openai-events")
    for _ in range(2):
        await bench.transfers.acquire()
    running = asyncio.create_task(bench.steps())
    await asyncio.sleep(0.25)
    assert not running.done()
    assert len(list(bench.folder.iterdir())) >= 2  # the previews are small and came
    bench.transfers.release()
    steps = await running
    assert isinstance(steps[-1], Succeeded)
    assert steps[-1].files[0].stat().st_size == 400_000
    assert bench.transfers._value == 1


# --- what is sent, and what comes back -------------------------------------------------------------


async def test_no_more_is_sent_than_was_asked_for(bench: Bench) -> None:
    await bench.result(quality=Quality.LOW)
    sent = {name: value for name, value in bench.sent.items() if name != "images"}
    assert sent == {
        "model": "gpt-image-2",
        "prompt": "a fox",
        "n": 1,
        "quality": "low",
        "user": "k3v9abcdef",
    }


async def test_all_that_is_asked_for_is_sent(bench: Bench) -> None:
    await bench.result(
        n=3,
        model="gpt-image-2-2026-04-21",
        size=parse("21:9 4k"),
        quality=Quality.MEDIUM,
        output_format=Format.WEBP,
        output_compression=0,
        background=Background.OPAQUE,
        moderation=Moderation.LOW,
    )
    sent = {name: value for name, value in bench.sent.items() if name not in ("images", "prompt")}
    assert sent == {
        "model": "gpt-image-2-2026-04-21",
        "n": 3,
        "size": "3840x1648",
        "quality": "medium",
        "output_format": "webp",
        "output_compression": 0,
        "background": "opaque",
        "moderation": "low",
        "user": "k3v9abcdef",
    }


async def test_an_edit_has_all_of_them_too(bench: Bench, photo: Path, tmp_path: Path) -> None:
    mask = tmp_path / "mask.png"
    Image.new("RGBA", (320, 240), (0, 0, 0, 0)).save(mask)
    for masked in (None, mask):
        await bench.result(
            photo,
            mask=masked,
            n=2,
            size=parse("3:2"),
            quality=Quality.HIGH,
            output_format=Format.JPEG,
            output_compression=55,
            background=Background.OPAQUE,
            moderation=Moderation.AUTO,
        )
        sent = bench.sent
        looks = ("output_format", "output_compression", "background", "moderation")
        assert [sent[name] for name in looks] == ["jpeg", 55, "opaque", "auto"]
        assert (sent["n"], sent["size"], sent["quality"]) == (2, "1536x1024", "high")
        assert sent["images"] == [photo.read_bytes()]
        assert sent.get("mask") == (mask.read_bytes() if masked else None)


async def test_sizes_in_ratios_are_sent_in_pixels(bench: Bench) -> None:
    for said in ("9:16", "21:9 2k", "5:4"):
        size = parse(said)
        await bench.result(size=size, quality=Quality.LOW)
        assert bench.sent["size"] == f"{size.width}x{size.height}"


@pytest.mark.parametrize("how", [{}, {"n": 4}, {"quality": Quality.LOW}, {"size": parse("4k")}])
async def test_the_real_cost_is_told_by_the_tokens(bench: Bench, how: dict[str, Any]) -> None:
    bench.relay.switches.add("openai-events")
    took = (await bench.result(**how)).cost
    counted = usage(bench.sent)
    details = counted["input_tokens_details"]
    assert took == details["text_tokens"] * 5 + details["image_tokens"] * 8 + counted["output_tokens"] * 30
    held = bench.upstream.estimate(bench.endpoint, ImageRequest("a fox", **how))
    assert held * 0.9 < took <= held


async def test_fewer_pictures_are_counted(bench: Bench) -> None:
    bench.relay.next_job("fewer")
    result = await bench.result(n=4)
    assert (len(result.files), result.missing) == (3, 1)


# --- masks -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "sides"), [("PNG", (320, 241)), ("PNG", (64, 48)), ("JPEG", (320, 240))])
async def test_a_mask_that_does_not_fit_is_told_before_anything_is_sent(
    bench: Bench, photo: Path, tmp_path: Path, kind: str, sides: tuple[int, int]
) -> None:
    mask = tmp_path / "mask"
    Image.new("RGBA" if kind == "PNG" else "RGB", sides).save(mask, kind)
    with pytest.raises(BadRequest) as caught:
        await bench.result(photo, mask=mask)
    assert not bench.relay.calls
    for language in words().languages:
        assert "320×240" in words().say(language, caught.value.sentence, **caught.value.params)


async def test_a_mask_that_is_no_picture(bench: Bench, photo: Path, tmp_path: Path) -> None:
    (tmp_path / "mask").write_bytes(b"nothing")
    with pytest.raises(BadRequest):
        await bench.result(photo, mask=tmp_path / "mask")
    assert not bench.relay.calls


# --- keys ------------------------------------------------------------------------------------------


async def test_a_key_is_tried_by_a_list_that_is_free(bench: Bench) -> None:
    await bench.upstream.check(bench.endpoint)
    assert dict(bench.relay.calls) == {"models": 1}


@pytest.mark.parametrize(
    ("bench", "switch"),
    [("openai", "no-list"), ("openai", "no-scope"), ("xinliu", "no-list")],
    indirect=["bench"],
)
async def test_where_no_models_are_listed_an_order_that_is_none_tells(bench: Bench, switch: str) -> None:
    bench.relay.switches.add(switch)
    await bench.upstream.check(bench.endpoint)
    with pytest.raises(BadKey):
        await bench.upstream.check(replace(bench.endpoint, key="sk-wrong"))
    assert (bench.relay.submits, bench.relay.charges, bench.relay.orders) == ({}, {}, [])


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ({"what": 401}, BadKey),
        ({"what": 403, "text": "your group may not"}, Forbidden),
        ({"what": 402}, OutOfCredit),
        ({"what": 500, "times": 9}, UpstreamDown),
    ],
)
async def test_a_key_that_does_not_work(
    bench: Bench, fault: dict[str, Any], error: type[UpstreamError]
) -> None:
    bench.relay.fail("models", **fault)
    with pytest.raises(error):
        await bench.upstream.check(bench.endpoint)


async def test_a_model_that_there_is_not(bench: Bench) -> None:
    with pytest.raises(UpstreamError) as caught:
        await bench.result(model="gpt-image-99")
    assert "gpt-image-99" in str(caught.value.params["detail"])
    assert caught.value.params["request_id"].startswith("req_")


async def test_there_is_no_balance_and_nothing_to_resume(bench: Bench) -> None:
    assert await bench.upstream.balance(bench.endpoint) is None
    assert not bench.upstream.profile(bench.endpoint).resumable
    order = Order(ImageRequest("x"), bench.folder)
    with pytest.raises(UnknownOutcome):
        await anext(bench.upstream.generate(bench.endpoint, order, resume="job_1"))
    assert not bench.relay.calls


@pytest.mark.parametrize(
    ("url", "field"),
    [("https://api.openai.com/v1", "safety_identifier"), ("https://relay.example", "user")],
)
async def test_who_asks_is_told_by_a_pseudonym_where_there_is_a_field_for_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, url: str, field: str
) -> None:
    sent: list[Any] = []

    async def stream(site: Site, path: str, body: Any, into: Path) -> AsyncIterator[Event]:
        sent.append(body)
        raise BadKey
        yield

    monkeypatch.setattr(Site, "stream", stream)
    async with Upstreams(asyncio.Semaphore(1)) as upstream:
        order = Order(ImageRequest("a fox"), tmp_path, tag="pseudonym")
        with pytest.raises(BadKey):
            [step async for step in upstream.generate(Endpoint("operator", "openai", (url,), KEY), order)]
    (body,) = sent
    assert {name for name, value in body.items() if value == "pseudonym"} == {field}
