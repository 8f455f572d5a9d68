"""Relay 001's own ways: references by upload or as bytes, states, addresses, the call without jobs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from bot.errors import NotFound, ResultLost, UnknownOutcome
from bot.i18n import words
from bot.model import (
    Accepted,
    Background,
    Endpoint,
    Format,
    ImageRequest,
    Order,
    Progress,
    Quality,
    Queued,
    Running,
    Succeeded,
)
from bot.sizes import parse
from tests.fakes.relay import KEY, Relay, png
from upstream import Patience, Upstreams

QUICK = Patience(connect=1, submit=0.3, poll=0.3, sync=0.3, first=0.02, again=0.01, tries=3, silence=0.3)


class Bench:
    def __init__(self, upstream: Upstreams, relay: Relay, folder: Path) -> None:
        self.upstream, self.relay, self.folder = upstream, relay, folder
        self.endpoint = Endpoint("operator", "jobs", (relay.url,), KEY)
        folder.mkdir()

    async def steps(self, *images: Path, mask: Path | None = None, **how: Any) -> list[Progress]:
        order = Order(ImageRequest("a corgi", **how), self.folder, images, mask, tag="k3v9abcdef")
        return [step async for step in self.upstream.generate(self.endpoint, order)]

    async def result(self, *images: Path, **how: Any) -> Succeeded:
        last = (await self.steps(*images, **how))[-1]
        assert isinstance(last, Succeeded)
        return last

    @property
    def sent(self) -> dict[str, Any]:
        """The fields of the last order, what the fake adds left out."""
        return {name: value for name, value in self.relay.orders[-1].items() if name != "images"}


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    async with Upstreams(asyncio.Semaphore(4), patience=QUICK) as upstream, Relay("jobs") as relay:
        yield Bench(upstream, relay, tmp_path / "order")


@pytest.fixture
def photos(tmp_path: Path) -> list[Path]:
    files = [tmp_path / f"photo-{number}.png" for number in range(3)]
    for number, file in enumerate(files):
        file.write_bytes(png(64, 48, 9_001 + number, number))
    return files


@pytest.fixture
def mask(tmp_path: Path) -> Path:
    file = tmp_path / "mask.png"
    Image.new("RGBA", (64, 48), (0, 0, 0, 0)).save(file)
    return file


# --- what is sent ------------------------------------------------------------------------------


async def test_only_what_was_asked_for_is_sent(bench: Bench) -> None:
    await bench.result()
    assert {name: value for name, value in bench.sent.items() if name != "size"} == {
        "model": "gpt-image-2",
        "prompt": "a corgi",
        "n": 1,
        "response_format": "url",
        "user": "k3v9abcdef",
    }


async def test_everything_that_can_be_asked_for_is_sent(bench: Bench) -> None:
    await bench.result(
        n=2,
        size=parse("16:9 2k"),
        quality=Quality.HIGH,
        output_format=Format.WEBP,
        background=Background.OPAQUE,
    )
    expected = {
        "size": "2048x1152",
        "quality": "high",
        "output_format": "webp",
        "background": "opaque",
        "n": 2,
    }
    assert bench.sent.items() >= expected.items()
    assert "aspect_ratio" not in bench.sent


@pytest.mark.parametrize(
    ("switches", "sizes", "asked", "taken"),
    [
        ({"ratios"}, (), "16:9", {"aspect_ratio": "16:9"}),
        (set(), ("1536x1024",), "1152x864", {"size": "1536x1024"}),
        (set(), ("1536x1024",), "16:9", {"aspect_ratio": "16:9"}),
    ],
)
async def test_a_size_that_is_refused_is_said_otherwise(
    bench: Bench, switches: set[str], sizes: tuple[str, ...], asked: str, taken: dict[str, str]
) -> None:
    bench.relay.switches, bench.relay.sizes = switches, frozenset(sizes)
    done = await bench.result(size=parse(asked))
    assert {
        name: bench.sent[name] for name in ("size", "aspect_ratio") if name in bench.sent
    }.items() >= taken.items()
    assert words().has(done.note)
    assert bench.relay.submits[KEY] == 1


# --- references --------------------------------------------------------------------------------


@pytest.mark.parametrize("switch", ["", "relative", "upload-id", "no-upload"])
async def test_references_arrive_whole_and_in_order(bench: Bench, photos: list[Path], switch: str) -> None:
    bench.relay.switches = {switch}
    await bench.result(*photos)
    assert bench.relay.orders[-1]["images"] == [photo.read_bytes().hex() for photo in photos]
    assert set(bench.sent) & {"image_url", "mask", "reference_image_urls"} == set()
    by_url = [isinstance(one, str) for one in bench.sent["reference_images"]]
    assert by_url == [switch in ("", "relative")] * 3
    assert bench.relay.calls["upload"] == (3 if all(by_url) else 1)


@pytest.mark.parametrize("switch", ["", "no-upload"])
async def test_a_mask_goes_with_the_first_picture(
    bench: Bench, photos: list[Path], mask: Path, switch: str
) -> None:
    bench.relay.switches = {switch}
    await bench.result(*photos[:2], mask=mask)
    first, lid, second = bench.relay.orders[-1]["images"]
    assert [first, lid, second] == [file.read_bytes().hex() for file in (photos[0], mask, photos[1])]
    assert {"image_url", "mask", "reference_images"} <= set(bench.sent)
    await bench.result(photos[0], mask=mask)
    assert "reference_images" not in bench.sent


@pytest.mark.parametrize("fault", [500, 400, 404, "reset", "empty", "html", "timeout"])
async def test_an_upload_that_fails_costs_nothing_but_the_detour(
    bench: Bench, photos: list[Path], fault: int | str
) -> None:
    bench.relay.fail("upload", fault)
    await bench.result(photos[0])
    assert isinstance(bench.sent["reference_images"][0], dict)
    assert bench.relay.submits[KEY] == 1


async def test_a_page_that_repeats_the_references_brings_no_strange_pictures(
    bench: Bench, photos: list[Path]
) -> None:
    bench.relay.switches, bench.relay.queued = {"no-upload"}, 0.04
    result = await bench.result(*photos)
    assert sorted(bench.folder.iterdir()) == sorted(result.files)
    assert result.files[0].read_bytes() not in [photo.read_bytes() for photo in photos]


# --- what comes back ---------------------------------------------------------------------------


@pytest.mark.parametrize("switch", ["strings", "relative", "inside", "base64", "shouting", "task"])
async def test_results_in_every_form(bench: Bench, switch: str) -> None:
    bench.relay.switches, bench.relay.queued = {switch}, 0.03
    steps = await bench.steps(n=3, size=parse("3:2"))
    assert isinstance(steps[0], Accepted)
    assert {type(step) for step in steps[1:-1]} <= {Queued, Running}
    last = steps[-1]
    assert isinstance(last, Succeeded)
    for file in last.files:
        with Image.open(file) as picture:
            assert picture.size == (1536, 1024)
    assert (len(last.files), last.missing, bench.relay.submits[KEY]) == (3, 0, 1)


async def test_a_result_that_can_not_be_fetched_is_not_ordered_again(bench: Bench) -> None:
    bench.relay.fail("file", 403, times=99)
    with pytest.raises(ResultLost) as caught:
        await bench.result()
    (job,) = bench.relay.jobs
    assert caught.value.params["job"] == job
    assert bench.relay.submits[KEY] == 1


async def test_a_lost_result_is_had_later_by_its_id(bench: Bench) -> None:
    bench.relay.fail("file", 500, times=99)
    with pytest.raises(ResultLost) as caught:
        await bench.result()
    bench.relay.mend()
    order, job = Order(ImageRequest("a corgi"), bench.folder), str(caught.value.params["job"])
    steps = [step async for step in bench.upstream.generate(bench.endpoint, order, resume=job)]
    assert isinstance(steps[-1], Succeeded)
    assert bench.relay.submits[KEY] == 1


async def test_one_lost_of_several_is_missing(bench: Bench) -> None:
    bench.relay.switches = {"lost"}
    result = await bench.result(n=3)
    assert (len(result.files), result.missing) == (2, 1)


async def test_a_submit_without_an_id_is_followed_by_nobody(bench: Bench) -> None:
    bench.relay.switches = {"nameless"}
    with pytest.raises(UnknownOutcome):
        await bench.result()
    assert bench.relay.submits[KEY] == 1


# --- a relay without jobs ----------------------------------------------------------------------


async def test_a_relay_without_jobs_is_asked_for_each_picture(bench: Bench, photos: list[Path]) -> None:
    bench.relay.switches = {"sync"}
    steps = await bench.steps(photos[0], n=3, size=parse("16:9"))
    assert not any(isinstance(step, Accepted) for step in steps)
    last = steps[-1]
    assert isinstance(last, Succeeded)
    assert (len(last.files), bench.relay.submits[KEY], bench.relay.charges[KEY]) == (3, 3, 3)
    assert [order["size"] for order in bench.relay.orders] == ["1536x864"] * 3


async def test_all_five_fields_are_sent_to_it_always(bench: Bench) -> None:
    bench.relay.switches = {"sync"}
    await bench.result()
    assert bench.sent == {
        "model": "gpt-image-2",
        "prompt": "a corgi",
        "size": "1024x1024",
        "response_format": "url",
        "reference_images": [],
    }


async def test_a_mask_is_never_dropped_silently(bench: Bench, photos: list[Path], mask: Path) -> None:
    bench.relay.switches = {"sync"}
    with pytest.raises(NotFound):
        await bench.result(photos[0], mask=mask)
    assert bench.relay.submits[KEY] == 0


# --- the key -----------------------------------------------------------------------------------


async def test_the_key_is_tried_without_an_order(bench: Bench) -> None:
    await bench.upstream.check(bench.endpoint)
    assert (bench.relay.calls["poll"], bench.relay.submits[KEY]) == (1, 0)


async def test_a_page_in_place_of_the_relay_is_told_apart(bench: Bench) -> None:
    bench.relay.fail("poll", 404, form="html")
    with pytest.raises(NotFound):
        await bench.upstream.check(bench.endpoint)
