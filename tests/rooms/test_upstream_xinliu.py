"""Relay 002's own ways: streams in every form that its page leaves open, links that die, two addresses."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from bot.errors import BadRequest, ResultLost, UnknownOutcome, UpstreamDown
from bot.model import Background, Endpoint, Format, ImageRequest, Order, Preview, Progress, Quality, Succeeded
from bot.sizes import parse
from tests.fakes.relay import KEY, Relay, png
from upstream import Patience, Upstreams

PATIENCE = Patience(connect=1, submit=1, poll=9, sync=9, first=0.02, again=0.01, tries=3)


@pytest.fixture
async def relay() -> AsyncIterator[Relay]:
    async with Relay("xinliu") as relay:
        yield relay


@pytest.fixture
async def upstream() -> AsyncIterator[Upstreams]:
    async with Upstreams(asyncio.Semaphore(4), patience=PATIENCE) as upstream:
        yield upstream


@pytest.fixture
async def second(relay: Relay) -> str:
    return await relay.another_address()


async def steps(upstream: Upstreams, folder: Path, *urls: str, **how: Any) -> list[Progress]:
    images, mask = tuple(how.pop("images", ())), how.pop("mask", None)
    order = Order(ImageRequest(**{"prompt": "a fox", **how}), folder, images, mask, tag="k3v9abcdef")
    endpoint = Endpoint("operator", "xinliu", urls, KEY)
    return [step async for step in upstream.generate(endpoint, order)]


async def result(upstream: Upstreams, folder: Path, *urls: str, **how: Any) -> Succeeded:
    last = (await steps(upstream, folder, *urls, **how))[-1]
    assert isinstance(last, Succeeded)
    return last


def host(url: str) -> str:
    return url.removeprefix("http://")


# --- streams ---------------------------------------------------------------------------------------

FORMS = [
    set(),
    {"typed"},
    {"openai-events"},
    {"openai-events", "typed", "done"},
    {"url-event"},
    {"url-event", "typed", "comments"},
    {"crlf", "comments", "done"},
    {"no-usage"},
    {"url-partials", "typed"},
    {"url-partials", "url-event", "openai-events"},
]


@pytest.mark.parametrize("switches", FORMS, ids=lambda switches: "+".join(sorted(switches)) or "plain")
async def test_every_form_that_the_page_leaves_open(
    upstream: Upstreams, relay: Relay, tmp_path: Path, switches: set[str]
) -> None:
    relay.switches |= switches
    seen = await steps(upstream, tmp_path, relay.url, size=parse("16:9"))
    assert sum(isinstance(step, Preview) for step in seen) == 2
    last = seen[-1]
    assert isinstance(last, Succeeded)
    assert [file.read_bytes() for file in last.files] == [png(1536, 864, 20_000)]
    assert (last.missing, last.cost is None) == (0, "no-usage" in switches)
    assert last.revised_prompt == ("" if "openai-events" in switches else "a fox, in oil")
    assert relay.submits[KEY] == relay.charges[KEY] == 1


async def test_a_preview_that_can_not_be_fetched_costs_the_preview_alone(
    upstream: Upstreams, relay: Relay, tmp_path: Path
) -> None:
    relay.switches |= {"url-partials", "openai-events"}
    relay.fail("file", 410, times=9)
    seen = await steps(upstream, tmp_path, relay.url)
    assert not [step for step in seen if isinstance(step, Preview)]
    assert isinstance(seen[-1], Succeeded)
    assert relay.submits[KEY] == relay.charges[KEY] == 1


@pytest.mark.parametrize("n", [1, 4])
async def test_an_answer_that_is_not_streamed_after_all(
    upstream: Upstreams, relay: Relay, tmp_path: Path, n: int
) -> None:
    relay.switches.add("json")
    last = await result(upstream, tmp_path, relay.url, n=n)
    assert len(last.files) == n
    assert last.revised_prompt == "a fox, in oil"


async def test_to_stream_without_previews_is_refused_there(relay: Relay, upstream: Upstreams) -> None:
    """What the check of a key counts on."""
    site = upstream.site(Endpoint("operator", "xinliu", (relay.url,), KEY))
    fields = {"model": "gpt-image-2", "prompt": "a fox", "stream": True, "partial_images": 0}
    with pytest.raises(BadRequest) as caught:
        await site.submit("/v1/images/generations", fields)
    assert caught.value.params["detail"] == "Streaming must have non-zero partial images"
    assert relay.submits[KEY] == 0


@pytest.mark.parametrize(
    ("switches", "previews"),
    [(set(), 2), ({"openai-events"}, 2), ({"url-event", "typed"}, 2), ({"plain-edits"}, 0)],
)
async def test_what_is_edited_by_a_mask_is_streamed_where_it_can_be(
    upstream: Upstreams, relay: Relay, tmp_path: Path, switches: set[str], previews: int
) -> None:
    relay.switches |= switches
    photo, mask = tmp_path / "photo.png", tmp_path / "mask.png"
    for file in (photo, mask):
        Image.new("RGBA", (320, 240), (0, 0, 0, 0)).save(file)
    seen = await steps(upstream, tmp_path, relay.url, images=[photo], mask=mask)
    assert len([step for step in seen if isinstance(step, Preview)]) == previews
    assert isinstance(seen[-1], Succeeded)
    assert (relay.submits[KEY], relay.charges[KEY]) == (1, 1)
    assert relay.orders[-1]["mask"] == mask.read_bytes()


# --- what is sent ----------------------------------------------------------------------------------


async def test_pictures_given_travel_inside_the_json(
    upstream: Upstreams, relay: Relay, tmp_path: Path
) -> None:
    files = []
    for number in range(3):
        files.append(tmp_path / f"photo-{number}.png")
        files[-1].write_bytes(png(320, 240, 90_000 + number))
    await result(upstream, tmp_path, relay.url, images=files)
    assert relay.orders[0]["images"] == [file.read_bytes() for file in files]


async def test_transparency_by_the_model_that_has_it(
    upstream: Upstreams, relay: Relay, tmp_path: Path
) -> None:
    how = {"background": Background.TRANSPARENT, "output_format": Format.WEBP}
    await result(upstream, tmp_path, relay.url, model="gpt-image-1.5", **how)
    assert (relay.orders[0]["model"], relay.orders[0]["background"]) == ("gpt-image-1.5", "transparent")


# --- links -----------------------------------------------------------------------------------------


async def test_a_link_that_fails_is_fetched_again_and_nothing_ordered_again(
    upstream: Upstreams, relay: Relay, tmp_path: Path
) -> None:
    relay.fail("file", 503, times=2)
    assert (await result(upstream, tmp_path, relay.url)).files
    assert (relay.calls["submit"], relay.calls["file"]) == (1, 3)


async def test_a_link_that_is_dead_is_said_and_nothing_ordered_again(
    upstream: Upstreams, relay: Relay, tmp_path: Path
) -> None:
    relay.lifetime = 0.0
    with pytest.raises(ResultLost):
        await result(upstream, tmp_path, relay.url)
    assert relay.calls["submit"] == 1


# --- two addresses of one account ------------------------------------------------------------------


async def test_the_first_address_is_preferred(
    upstream: Upstreams, relay: Relay, second: str, tmp_path: Path
) -> None:
    for _ in range(2):
        await result(upstream, tmp_path, relay.url, second, quality=Quality.LOW)
    assert relay.hosts[host(second)] == 0


@pytest.mark.parametrize("how", [{}, {"quality": Quality.LOW}], ids=["streamed", "blocking"])
async def test_what_never_arrived_goes_by_the_other_address_which_is_remembered(
    upstream: Upstreams, relay: Relay, second: str, tmp_path: Path, how: dict[str, Any]
) -> None:
    relay.fail("submit", 522, form="html", edge=True)
    await result(upstream, tmp_path, relay.url, second, **how)
    assert (relay.hosts[host(relay.url)], relay.hosts[host(second)]) == (1, 1)
    await result(upstream, tmp_path, relay.url, second, **how)
    assert (relay.hosts[host(relay.url)], relay.hosts[host(second)]) == (1, 2)
    assert relay.submits[KEY] == relay.charges[KEY] == 2


async def test_the_other_address_serves_for_everything_when_the_first_is_down(
    upstream: Upstreams, relay: Relay, second: str, tmp_path: Path
) -> None:
    await relay.close_first_address()
    await upstream.check(Endpoint("operator", "xinliu", (relay.url, second), KEY))
    assert (await result(upstream, tmp_path, relay.url, second)).files  # its links lead to the first
    assert relay.submits[KEY] == 1


@pytest.mark.parametrize("what", ["reset", "timeout", "cut", 524, 504, 500])
@pytest.mark.parametrize("how", [{}, {"quality": Quality.LOW}], ids=["streamed", "blocking"])
async def test_what_may_have_arrived_never_goes_by_the_other_address(
    relay: Relay, second: str, tmp_path: Path, what: int | str, how: dict[str, Any]
) -> None:
    patience = Patience(connect=1, sync=0.15, again=0.01)
    async with Upstreams(asyncio.Semaphore(4), patience=patience) as upstream:
        relay.fail("submit", what, accepted=True, form="html", edge=True)
        with pytest.raises(UnknownOutcome):
            await steps(upstream, tmp_path, relay.url, second, **how)
    assert relay.submits[KEY] == 1
    assert relay.hosts[host(second)] == 0


async def test_an_address_that_broke_off_is_tried_last_by_the_next_order(
    upstream: Upstreams, relay: Relay, second: str, tmp_path: Path
) -> None:
    relay.fail("submit", "reset")
    with pytest.raises(UnknownOutcome):
        await steps(upstream, tmp_path, relay.url, second)
    await result(upstream, tmp_path, relay.url, second)
    assert (relay.hosts[host(relay.url)], relay.hosts[host(second)]) == (1, 1)


async def test_when_neither_is_reached(upstream: Upstreams, tmp_path: Path) -> None:
    with pytest.raises(UpstreamDown):
        await steps(upstream, tmp_path, "http://127.0.0.1:9", "http://127.0.0.1:7")
