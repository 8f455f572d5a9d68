"""Relay 003's own ways: one picture at a time, ratios and tiers, credits, pictures by address."""

from __future__ import annotations

import asyncio
from base64 import b64decode
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from bot.credits import supported
from bot.errors import (
    BadAnswer,
    BadInput,
    BadKey,
    BadRequest,
    EaselError,
    Moderated,
    OutOfCredit,
    UnknownOutcome,
    UpstreamBusy,
    UpstreamFailed,
)
from bot.i18n import words
from bot.model import Balance, Endpoint, ImageRequest, Order, Progress, Quality, Running, Succeeded
from bot.sizes import parse
from tests.fakes.relay import KEY, Relay, png
from upstream import Patience, Upstreams
from upstream.http.meaning import complaint

RELAY = Endpoint("operator", "image2free", ("https://image2free.com",), KEY)
HASTE = Patience(sync=9, first=0.02, again=0.01, tries=3, obey=5)


class Bench:
    def __init__(self, relay: Relay, upstream: Upstreams, folder: Path) -> None:
        self.relay, self.upstream, self.folder = relay, upstream, folder
        self.endpoint = Endpoint("operator", "image2free", (relay.url,), KEY)

    async def steps(self, prompt: str = "x", images: tuple[Path, ...] = (), **how: Any) -> list[Progress]:
        size = parse(how.pop("size", "auto"))
        order = Order(ImageRequest(prompt, size=size, **how), self.folder, images)
        return [step async for step in self.upstream.generate(self.endpoint, order)]

    async def result(self, *given: Any, **how: Any) -> Succeeded:
        last = (await self.steps(*given, **how))[-1]
        assert isinstance(last, Succeeded)
        return last

    @property
    def bill(self) -> tuple[int, float]:
        """Orders accepted, and credits that are gone."""
        return self.relay.submits[KEY], 1000 - self.relay.keys[KEY]


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    folder = tmp_path / "order"
    folder.mkdir()
    async with Relay("image2free") as relay:
        trusted = {relay.url.removeprefix("http://")}
        async with Upstreams(asyncio.Semaphore(4), patience=HASTE, trusted=trusted) as upstream:
            yield Bench(relay, upstream, folder)


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    file = tmp_path / "photo.png"
    file.write_bytes(png(64, 64, 400_001))
    return file


# --- sizes and credits -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("size", "said", "quality", "price"),
    [
        ("auto", "auto", "standard", 1),
        ("16:9", "16:9", "standard", 1),
        ("4:5", "4:5", "standard", 1),
        ("1:1@2k", "1:1", "hd", 2),
        ("4k", "16:9", "uhd", 3),
        ("9:21@4k", "9:21", "uhd", 3),
        ("1024x1024", "1:1", "standard", 1),
        ("1536x864", "16:9", "standard", 1),
        ("3840x2160", "16:9", "uhd", 3),
        ("2752x1536", "16:9", "hd", 2),
        ("1008x1600", "1008x1600", "hd", 2),
    ],
)
async def test_sizes_are_said_as_a_ratio_and_a_tier(
    bench: Bench, size: str, said: str, quality: str, price: int
) -> None:
    await bench.result(size=size)
    sent = bench.relay.orders[0]
    assert (sent["size"], sent["quality"], "n" in sent) == (said, quality, False)
    assert bench.bill == (1, price)
    request = ImageRequest("x", size=parse(size))
    assert bench.upstream.estimate(bench.endpoint, request) == price * 10_000


@pytest.mark.parametrize(
    ("size", "instead"), [("1:1@4k", "1:1@2k"), ("2880x2880", "1:1@2k"), ("2560x3200", "4:5@2k")]
)
async def test_4k_in_another_ratio_is_refused_before_money_and_2k_is_offered(
    bench: Bench, size: str, instead: str
) -> None:
    request = ImageRequest("x", size=parse(size))
    profile = bench.upstream.profile(bench.endpoint)
    with pytest.raises(BadInput) as caught:
        supported(profile, bench.endpoint, request)
    for language in words().languages:
        assert instead in words().say(language, caught.value.sentence, **caught.value.params)
    supported(profile, bench.endpoint, ImageRequest("x", size=parse(instead)))
    with pytest.raises(BadRequest):
        await bench.steps(size=size)
    assert not bench.relay.calls


@pytest.mark.parametrize("how", [{"quality": Quality.HIGH}, {"n": 11}])
def test_what_it_does_not_have_is_refused_before_money(how: dict[str, Any]) -> None:
    profile = Upstreams(asyncio.Semaphore(1)).profile(RELAY)
    with pytest.raises(BadInput):
        supported(profile, RELAY, ImageRequest("x", **how))


async def test_the_fake_is_as_strict_as_the_page(bench: Bench) -> None:
    site = bench.upstream.site(bench.endpoint)
    good = {"model": "gpt-image-2", "prompt": "x"}
    for wrong in (
        {**good, "n": 2},
        {**good, "response_format": "b64_json"},
        {**good, "size": "1:1", "quality": "uhd"},
        {**good, "size": "7:5"},
        {**good, "quality": "high"},
        {**good, "image_urls": ["https://example.com/1.png"] * 6},
        {**good, "image_urls": ["data:image/png;base64,QUJD"]},
        {"prompt": "x"},
    ):
        with pytest.raises(BadRequest):
            await site.submit("/v1/images/generations", wrong)
    await site.submit("/v1/images/generations", {**good, "n": 1, "size": "21:9", "quality": "uhd"})
    assert bench.bill == (1, 3)


# --- references ------------------------------------------------------------------------------------


async def test_references_arrive_whole_as_data_urls(bench: Bench, photo: Path) -> None:
    await bench.result('a "dog"', images=(photo,) * 5)
    urls = bench.relay.orders[0]["image_urls"]
    assert {url.partition(",")[0] for url in urls} == {"data:image/png;base64"}
    assert [b64decode(url.partition(",")[2]) for url in urls] == [photo.read_bytes()] * 5
    with pytest.raises(BadRequest):
        await bench.steps(images=(photo,) * 6)


# --- answers ---------------------------------------------------------------------------------------


async def test_jpegs_are_told_by_their_bytes(bench: Bench) -> None:
    result = await bench.result(size="3:2")
    with Image.open(result.files[0]) as picture:
        assert (picture.format, picture.size) == ("JPEG", (1536, 1024))
    assert not bench.relay.calls["picture"]


@pytest.mark.parametrize("locked", [False, True])
async def test_a_picture_by_its_address_with_the_key_where_it_must_be(bench: Bench, locked: bool) -> None:
    bench.relay.switches |= {"by-url", "locked"} if locked else {"by-url"}
    result = await bench.result()
    assert result.files[0].read_bytes().startswith(b"\xff\xd8\xff")
    assert bench.relay.calls["picture"] == 1 + locked


@pytest.mark.parametrize(
    ("status", "error"), [(401, "error-bad-key"), (402, "error-out-of-credit"), (429, "error-busy")]
)
async def test_errors_carry_their_status_as_a_number(bench: Bench, status: int, error: str) -> None:
    bench.relay.fail("submit", status, form="numbered", headers={"Retry-After": "99"})
    with pytest.raises(EaselError) as caught:
        await bench.steps()
    assert caught.value.sentence == error


async def test_credits_are_what_is_left(bench: Bench) -> None:
    await bench.result(size="2k")
    assert await bench.upstream.balance(bench.endpoint) == Balance(998, "credits")


# --- several ---------------------------------------------------------------------------------------


async def test_each_of_several_is_an_order_of_its_own(bench: Bench) -> None:
    steps = await bench.steps(n=6)
    result = steps[-1]
    assert isinstance(result, Succeeded)
    assert len({file.read_bytes() for file in result.files}) == 6
    assert (result.missing, result.unsure, result.note, result.cost) == (0, 0, "", None)
    assert bench.bill == (6, 6)
    shares = [step.share for step in steps if isinstance(step, Running)]
    assert shares[0] is None
    assert shares[1:] == sorted(shares[1:])


async def test_not_all_are_ordered_at_once(bench: Bench) -> None:
    bench.relay.delay = 0.15
    running = asyncio.create_task(bench.result(n=6))
    await asyncio.sleep(0.1)
    assert bench.relay.submits[KEY] == 4
    assert len((await running).files) == 6


async def test_one_that_is_refused_is_missing_and_free(bench: Bench) -> None:
    bench.relay.fail("submit", 400, text="content policy violation")
    result = await bench.result(n=3)
    assert (len(result.files), result.missing, result.unsure, result.note) == (2, 1, 0, "")
    assert bench.bill == (2, 2)


async def test_one_whose_fate_is_not_known_is_told_and_counted(bench: Bench) -> None:
    bench.relay.fail("submit", 524, accepted=True, edge=True)
    bench.relay.fail("submit", 400, text="content policy violation")
    result = await bench.result(n=4)
    assert (len(result.files), result.missing, result.unsure) == (2, 2, 1)
    for language in words().languages:
        assert "2" in words().say(language, result.note, missing=result.missing, got=len(result.files))
    assert bench.bill == (3, 3)
    assert bench.relay.calls["submit"] == 4


@pytest.mark.parametrize("what", ["reset", "cut", "truncated", "empty"])
async def test_a_broken_answer_of_one_is_not_ordered_again(bench: Bench, what: str) -> None:
    bench.relay.fail("submit", what)
    result = await bench.result(n=2)
    assert (len(result.files), result.missing, result.unsure) == (1, 1, 1)
    assert bench.relay.calls["submit"] == 2
    assert list(bench.folder.iterdir()) == list(result.files)


async def test_all_refused_is_the_refusal(bench: Bench) -> None:
    bench.relay.fail("submit", 400, text="content policy violation", times=3)
    with pytest.raises(Moderated):
        await bench.steps(n=3)
    assert bench.bill == (0, 0)


async def test_none_came_and_one_may_be_charged(bench: Bench) -> None:
    bench.relay.fail("submit", 400, text="content policy violation")
    bench.relay.fail("submit", "reset")
    with pytest.raises(UnknownOutcome):
        await bench.steps(n=2)


async def test_what_all_would_hear_is_heard_once(bench: Bench) -> None:
    bench.relay.keys[KEY] = 2
    result = await bench.result(n=10)
    assert (len(result.files), result.missing) == (2, 8)
    assert bench.relay.keys[KEY] == 0
    assert bench.relay.calls["submit"] <= 6
    bench.relay.calls.clear()
    with pytest.raises(OutOfCredit):
        await bench.steps(n=10)
    assert bench.relay.calls["submit"] <= 4


async def test_each_waits_for_a_full_queue_by_itself(bench: Bench) -> None:
    # One of the three may meet both: it has three tries.
    bench.relay.fail("submit", 429, times=2, headers={"Retry-After": "0"})
    assert len((await bench.result(n=3)).files) == 3
    bench.relay.fail("submit", 429, times=99, headers={"Retry-After": "0"})
    with pytest.raises(UpstreamBusy):
        await bench.steps(n=2)
    assert bench.bill == (3, 3)


async def test_success_without_a_picture_is_a_failure(bench: Bench) -> None:
    bench.relay.next_job("empty")
    with pytest.raises(BadAnswer):
        await bench.steps()
    bench.relay.fail("submit", "error200", text="the moon is closed")
    with pytest.raises(UpstreamFailed):
        await bench.steps()


async def test_an_order_of_another_dialect_is_not_looked_for_here(bench: Bench) -> None:
    order = Order(ImageRequest("x"), bench.folder)
    with pytest.raises(UnknownOutcome):
        [step async for step in bench.upstream.generate(bench.endpoint, order, resume="job_7")]
    assert not bench.relay.calls


@pytest.mark.parametrize(
    ("code", "kind"), [(401, BadKey), (402, OutOfCredit), (429, UpstreamBusy), (500, UpstreamFailed)]
)
def test_a_number_in_an_error_under_200_is_its_status(code: int, kind: type[EaselError]) -> None:
    error = complaint({"error": {"message": "no", "type": "error", "code": code}})
    assert type(error) is kind
