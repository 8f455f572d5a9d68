"""The contract of a dialect: what the core may rely on, whichever API is behind it.

Dialects with a relay run against `tests.fakes.relay`; a further one adds a line to `STANDS`.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from bot.errors import (
    BadAnswer,
    BadKey,
    BadRequest,
    EaselError,
    Forbidden,
    Moderated,
    NeverEnds,
    NotFound,
    OutOfCredit,
    UnknownOutcome,
    UpstreamBusy,
    UpstreamDown,
    UpstreamFailed,
)
from bot.model import (
    Accepted,
    Background,
    Endpoint,
    Format,
    ImageRequest,
    Order,
    Preview,
    Progress,
    Quality,
    Running,
    Succeeded,
)
from bot.sizes import parse
from tests.fakes.relay import KEY, Relay, png
from tests.fakes.relay.faults import in_seconds
from upstream import Patience, Upstreams

QUICK = Patience(
    connect=2, submit=0.3, poll=0.3, sync=0.3, job=9, silence=0.5, obey=5, first=0.02, again=0.01, tries=3
)


@dataclass
class Stand:
    """A dialect set up to be tried; ``relay`` is what it talks to, where it talks to one."""

    upstream: Upstreams
    endpoint: Endpoint
    folder: Path
    relay: Relay | None = None
    transfers: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(4))

    def order(self, prompt: str = "a corgi on the moon", **how: Any) -> Order:
        images = tuple(how.pop("images", ()))
        mask = how.pop("mask", None)
        self.folder.mkdir(exist_ok=True)
        return Order(ImageRequest(prompt, **how), self.folder, images, mask, tag="k3v9abcdef")

    def edit(self, *images: Path, **how: Any) -> Order:
        """An order with pictures, where the dialect has such."""
        if not self.upstream.profile(self.endpoint).images:
            pytest.skip("no edits")
        return self.order(images=images, **how)

    async def progress(self, order: Order, resume: str | None = None) -> list[Progress]:
        return [step async for step in self.upstream.generate(self.endpoint, order, resume=resume)]

    async def result(self, order: Order, resume: str | None = None) -> Succeeded:
        last = (await self.progress(order, resume))[-1]
        assert isinstance(last, Succeeded)
        return last

    @property
    def at(self) -> Relay:
        assert self.relay is not None
        return self.relay

    @property
    def bill(self) -> tuple[int, int]:
        """Orders accepted and pictures paid for."""
        return self.at.submits[KEY], self.at.charges[KEY]


RELAYS = ("shenfeng", "image2free", "jobs", "jojokey", "openai", "xinliu")
STANDS = (*RELAYS, "sandbox")
RESUMABLE = ("shenfeng", "jobs")
EDITING = ("shenfeng", "image2free", "jobs", "openai", "xinliu", "sandbox")
BLOCKING_EDITS = ("shenfeng", "image2free")
MASKING = ("shenfeng", "jobs", "openai", "xinliu", "sandbox")


async def _stand(dialect: str, tmp_path: Path) -> AsyncIterator[Stand]:
    transfers = asyncio.Semaphore(4)
    async with Upstreams(transfers, sandbox_delay=0.02, patience=QUICK) as upstream:
        if dialect == "sandbox":
            yield Stand(upstream, Endpoint("operator", dialect), tmp_path / "order", None, transfers)
            return
        async with Relay(dialect) as relay:
            endpoint = Endpoint("operator", dialect, (relay.url,), KEY)
            yield Stand(upstream, endpoint, tmp_path / "order", relay, transfers)


@pytest.fixture(params=STANDS)
async def stand(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Stand]:
    async for stand in _stand(request.param, tmp_path):
        yield stand


@pytest.fixture(params=RELAYS)
async def relay_stand(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Stand]:
    async for stand in _stand(request.param, tmp_path):
        yield stand


@pytest.fixture(params=RESUMABLE)
async def job_stand(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Stand]:
    """Dialects whose orders have an id."""
    async for stand in _stand(request.param, tmp_path):
        yield stand


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    file = tmp_path / "photo.png"
    file.write_bytes(png(320, 240, 30_000))
    return file


@pytest.fixture
def mask(tmp_path: Path) -> Path:
    file = tmp_path / "mask.png"
    Image.new("RGBA", (320, 240), (0, 0, 0, 0)).save(file)
    return file


# --- every dialect --------------------------------------------------------------------------


async def test_a_prompt_becomes_a_picture_in_the_folder(stand: Stand) -> None:
    steps = await stand.progress(stand.order(size=parse("16:9")))
    result = steps[-1]
    assert isinstance(result, Succeeded)
    assert [file.parent for file in result.files] == [stand.folder]
    with Image.open(result.files[0]) as picture:
        assert picture.size == (1536, 864)
    assert result.missing == 0
    assert any(not isinstance(step, Succeeded | Accepted) for step in steps) or stand.relay


async def test_previews_are_files_of_the_folder_that_can_be_read(stand: Stand) -> None:
    async for step in stand.upstream.generate(stand.endpoint, stand.order()):
        if isinstance(step, Preview):
            assert step.path.parent == stand.folder
            with Image.open(step.path) as picture:
                picture.load()


async def test_several_pictures_are_several_files(stand: Stand) -> None:
    result = await stand.result(stand.order(n=4))
    assert len({file.read_bytes() for file in result.files}) == 4


@pytest.mark.parametrize(
    ("size", "quality"),
    list(zip(["auto", "1024x1024", "3:2", "9:16"], Quality, strict=True)),
)
async def test_every_size_and_quality_offered_is_taken(stand: Stand, size: str, quality: Quality) -> None:
    offered = stand.upstream.profile(stand.endpoint).qualities
    order = stand.order(size=parse(size), quality=quality if quality in offered else Quality.AUTO)
    result = await stand.result(order)
    with Image.open(result.files[0]) as picture:
        assert order.request.size.auto or picture.size == (
            order.request.size.width,
            order.request.size.height,
        )


async def test_edits_take_one_picture_or_several_and_a_mask(stand: Stand, photo: Path, mask: Path) -> None:
    assert len((await stand.result(stand.edit(photo))).files) == 1
    assert len((await stand.result(stand.edit(photo, photo, photo))).files) == 1
    mask_or_none = mask if stand.upstream.profile(stand.endpoint).mask else None
    assert len((await stand.result(stand.edit(photo, mask=mask_or_none, n=2))).files) == 2


async def test_strange_words_arrive_unchanged(stand: Stand, photo: Path) -> None:
    words = '中文 "quotes" \\ \n\t 🐶 <b>&amp;</b> ' + "x" * 5000
    await stand.result(stand.order(words))
    assert not stand.relay or stand.relay.orders[0]["prompt"] == words
    await stand.result(stand.edit(photo, prompt=words))
    assert not stand.relay or stand.relay.orders[1]["prompt"] == words


async def test_the_estimate_is_money_and_grows_with_the_number(stand: Stand) -> None:
    one = stand.upstream.estimate(stand.endpoint, ImageRequest("x"))
    many = stand.upstream.estimate(stand.endpoint, ImageRequest("x", n=4))
    assert many == 4 * one >= 0
    assert (one > 0) == (stand.relay is not None)


async def test_the_profile_says_what_was_seen_here(stand: Stand) -> None:
    profile = stand.upstream.profile(stand.endpoint)
    assert (profile.images > 0) == (stand.endpoint.dialect in EDITING)
    assert profile.mask == (stand.endpoint.dialect in MASKING)
    assert profile.resumable == (stand.endpoint.dialect in RESUMABLE)
    assert profile.repeatable == (stand.relay is None)
    assert profile.balance == (await stand.upstream.balance(stand.endpoint) is not None)


async def test_a_good_key_passes_the_check(stand: Stand) -> None:
    await stand.upstream.check(stand.endpoint)
    assert not stand.relay or stand.bill == (0, 0)


async def test_an_order_let_go_leaves_nothing_running(stand: Stand) -> None:
    async with aclosing(stand.upstream.generate(stand.endpoint, stand.order())) as steps:
        async for _ in steps:
            break
    await asyncio.sleep(0)
    assert len(asyncio.all_tasks()) < 6


async def test_an_unknown_dialect_is_said_so(stand: Stand) -> None:
    stranger = replace(stand.endpoint, dialect="nobody")
    for call in (stand.upstream.check, stand.upstream.balance):
        with pytest.raises(NotFound):
            await call(stranger)
    with pytest.raises(NotFound):
        stand.upstream.profile(stranger)
    with pytest.raises(NotFound):
        [step async for step in stand.upstream.generate(stranger, stand.order())]


# --- the sandbox ----------------------------------------------------------------------------


@pytest.fixture
async def sandbox(tmp_path: Path) -> AsyncIterator[Stand]:
    async for stand in _stand("sandbox", tmp_path):
        yield stand


@pytest.mark.parametrize("kind", list(Format))
async def test_the_sandbox_draws_the_format_asked_for(sandbox: Stand, kind: Format) -> None:
    background = None if kind is Format.JPEG else Background.TRANSPARENT
    result = await sandbox.result(sandbox.order(output_format=kind, background=background))
    with Image.open(result.files[0]) as picture:
        assert picture.format == kind.value.upper()
        assert (picture.mode == "RGBA") == (background is not None)


async def test_the_sandbox_draws_again_what_was_left_unfinished(sandbox: Stand) -> None:
    first = (await sandbox.result(sandbox.order())).files[0].read_bytes()
    assert (await sandbox.result(sandbox.order(), resume="whatever")).files[0].read_bytes() == first


# --- an order that is refused costs nothing, and is not repeated ------------------------------

REFUSALS = [
    pytest.param({"what": 401}, BadKey, id="401"),
    pytest.param({"what": 402}, OutOfCredit, id="402"),
    pytest.param({"what": 403}, Forbidden, id="403"),
    pytest.param({"what": 403, "text": "insufficient_user_quota"}, OutOfCredit, id="403-quota"),
    pytest.param({"what": 404, "form": "html"}, NotFound, id="404"),
    pytest.param({"what": 400, "form": "detail"}, BadRequest, id="400"),
    pytest.param({"what": 413, "form": "html"}, BadRequest, id="413"),
    pytest.param({"what": 302, "headers": {"Location": "/login"}}, NotFound, id="302"),
    pytest.param({"what": 400, "text": "moderation_blocked: violence"}, Moderated, id="moderated"),
    pytest.param({"what": 500, "text": "content policy violation"}, Moderated, id="500-moderated"),
    pytest.param(
        {"what": 500, "text": "insufficient credits", "form": "plain"}, OutOfCredit, id="500-credit"
    ),
    pytest.param({"what": 503, "text": "No available channel for model"}, UpstreamDown, id="503-no-channel"),
    pytest.param({"what": 429, "headers": {"Retry-After": "9999"}}, UpstreamBusy, id="429-too-long"),
    pytest.param({"what": 429, "text": "insufficient_quota", "form": "openai"}, OutOfCredit, id="429-quota"),
]


@pytest.mark.parametrize(("fault", "error"), REFUSALS)
@pytest.mark.parametrize("route", ["submit", "edit"])
async def test_a_refused_order(
    relay_stand: Stand, photo: Path, route: str, fault: dict[str, Any], error: type[EaselError]
) -> None:
    relay_stand.at.fail(route, **fault)
    with pytest.raises(error) as caught:
        await relay_stand.result(relay_stand.edit(photo) if route == "edit" else relay_stand.order())
    assert not isinstance(caught.value, UnknownOutcome)
    assert relay_stand.bill == (0, 0)
    assert relay_stand.at.calls[route] == 1


async def test_an_error_under_200_is_an_error_with_its_text(relay_stand: Stand) -> None:
    relay_stand.at.fail("submit", "error200", text="the moon is closed")
    with pytest.raises(UpstreamFailed) as caught:
        await relay_stand.result(relay_stand.order())
    assert caught.value.params["detail"] == "the moon is closed"


async def test_a_web_page_in_place_of_an_answer(relay_stand: Stand) -> None:
    relay_stand.at.fail("submit", "html")
    with pytest.raises(BadAnswer):
        await relay_stand.result(relay_stand.order())


async def test_an_empty_purse(relay_stand: Stand) -> None:
    relay_stand.at.keys[KEY] = 0.01
    with pytest.raises(OutOfCredit):
        await relay_stand.result(relay_stand.order())


@pytest.mark.parametrize("key", ["sk-wrong", "", "sk-schlüssel", "sk-a\nb"])
async def test_a_wrong_key(relay_stand: Stand, key: str) -> None:
    stranger = replace(relay_stand.endpoint, key=key)
    with pytest.raises(BadKey):
        await relay_stand.upstream.check(stranger)
    with pytest.raises(BadKey):
        [step async for step in relay_stand.upstream.generate(stranger, relay_stand.order())]


async def test_what_may_be_ordered_no_more_is_not_sent_again(relay_stand: Stand) -> None:
    """The key was taken back while a busy relay was waited for."""
    asked = 0

    async def permit() -> None:
        nonlocal asked
        asked += 1
        if asked > 1:
            raise BadKey("error-key-gone")

    relay_stand.at.fail("submit", 429)
    with pytest.raises(BadKey, match="error-key-gone"):
        await relay_stand.result(replace(relay_stand.order(), permit=permit))
    assert (asked, relay_stand.bill) == (2, (0, 0))


# --- an order whose fate is not known is never repeated ---------------------------------------

LOST = [
    pytest.param({"what": 500, "accepted": True}, id="500"),
    pytest.param({"what": 500}, id="500-not-accepted"),
    pytest.param({"what": 502, "accepted": True, "form": "html"}, id="502"),
    pytest.param({"what": 503, "accepted": True, "form": "plain"}, id="503"),
    pytest.param({"what": 504, "accepted": True, "form": "html"}, id="504"),
    pytest.param({"what": 408, "accepted": True}, id="408"),
    pytest.param({"what": 520, "accepted": True, "form": "html", "edge": True}, id="520-edge"),
    pytest.param({"what": 524, "accepted": True, "form": "html", "edge": True}, id="524-edge"),
    pytest.param({"what": 524, "accepted": True, "text": "error code: 524", "form": "plain"}, id="524"),
    pytest.param({"what": 522, "accepted": True, "form": "html"}, id="522-by-somebody"),
    pytest.param({"what": "reset"}, id="reset"),
    pytest.param({"what": "timeout"}, id="timeout"),
    pytest.param({"what": "cut"}, id="cut"),
    pytest.param({"what": "truncated"}, id="truncated"),
    pytest.param({"what": "empty"}, id="empty"),
]


@pytest.mark.parametrize("fault", LOST)
@pytest.mark.parametrize("route", ["submit", "edit"])
async def test_an_order_that_may_have_been_accepted(
    relay_stand: Stand, photo: Path, route: str, fault: dict[str, Any]
) -> None:
    relay_stand.at.fail(route, **fault)
    with pytest.raises(UnknownOutcome):
        await relay_stand.result(relay_stand.edit(photo) if route == "edit" else relay_stand.order())
    assert relay_stand.at.calls[route] == 1
    assert list(relay_stand.folder.iterdir()) == []


# --- an order that was provably not accepted is repeated ---------------------------------------


@pytest.mark.parametrize("retry_after", ["0", "0.05", "", "date"])
async def test_a_full_queue_is_waited_for(relay_stand: Stand, retry_after: str) -> None:
    said = in_seconds(0) if retry_after == "date" else retry_after
    relay_stand.at.fail("submit", 429, times=2, headers={"Retry-After": said} if said else {})
    await relay_stand.result(relay_stand.order())
    assert relay_stand.bill == (1, 1)


async def test_a_queue_that_stays_full(relay_stand: Stand) -> None:
    relay_stand.at.fail("submit", 429, times=99, headers={"Retry-After": "0"})
    with pytest.raises(UpstreamBusy):
        await relay_stand.result(relay_stand.order())
    assert relay_stand.at.calls["submit"] == QUICK.tries


@pytest.mark.parametrize("status", [521, 522, 523])
async def test_what_cloudflare_did_not_pass_on_is_sent_again(relay_stand: Stand, status: int) -> None:
    relay_stand.at.fail("submit", status, form="html", edge=True)
    await relay_stand.result(relay_stand.order())
    assert relay_stand.bill == (1, 1)


async def test_the_second_address_serves_when_the_first_is_not_reached(relay_stand: Stand) -> None:
    endpoint = replace(relay_stand.endpoint, urls=("http://127.0.0.1:9", relay_stand.at.url))
    steps = [step async for step in relay_stand.upstream.generate(endpoint, relay_stand.order())]
    assert isinstance(steps[-1], Succeeded)
    assert relay_stand.bill == (1, 1)


async def test_the_second_address_is_not_tried_after_a_broken_answer(relay_stand: Stand) -> None:
    endpoint = replace(relay_stand.endpoint, urls=(relay_stand.at.url, relay_stand.at.url))
    relay_stand.at.fail("submit", "reset")
    with pytest.raises(UnknownOutcome):
        [step async for step in relay_stand.upstream.generate(endpoint, relay_stand.order())]
    assert relay_stand.bill == (1, 1)


async def test_a_relay_that_is_not_there(relay_stand: Stand) -> None:
    plain = relay_stand.at.url.replace("http:", "https:")  # no TLS is spoken there
    for url in ("http://127.0.0.1:9", "https://127.0.0.1:9", plain, "http://nowhere.invalid"):
        endpoint = replace(relay_stand.endpoint, urls=(url,))
        with pytest.raises(UpstreamDown):
            [step async for step in relay_stand.upstream.generate(endpoint, relay_stand.order())]


@pytest.mark.parametrize("url", ["", "ftp://somewhere", "http://", "not an address", "http://[::1"])
async def test_an_address_that_is_none(relay_stand: Stand, url: str) -> None:
    with pytest.raises(NotFound):
        await relay_stand.upstream.check(replace(relay_stand.endpoint, urls=(url,)))
    with pytest.raises(NotFound):
        await relay_stand.upstream.check(replace(relay_stand.endpoint, urls=()))


@pytest.mark.parametrize("end", ["", "/", "/v1", "/v1/", "/v1/images/generations", "?a=b"])
async def test_the_address_as_people_type_it(relay_stand: Stand, end: str) -> None:
    await relay_stand.upstream.check(replace(relay_stand.endpoint, urls=(f" {relay_stand.at.url}{end} ",)))


# --- jobs that are polled -----------------------------------------------------------------------

PASSING = [
    pytest.param({"what": 500}, id="500"),
    pytest.param({"what": 502, "form": "html"}, id="502"),
    pytest.param({"what": 503, "form": "plain"}, id="503"),
    pytest.param({"what": 524, "form": "html", "edge": True}, id="524"),
    pytest.param({"what": 429, "headers": {"Retry-After": "0"}}, id="429"),
    pytest.param({"what": 404}, id="404"),
    pytest.param({"what": "html"}, id="html"),
    pytest.param({"what": "truncated"}, id="truncated"),
    pytest.param({"what": "cut"}, id="cut"),
    pytest.param({"what": "reset"}, id="reset"),
    pytest.param({"what": "timeout"}, id="timeout"),
    pytest.param({"what": "empty"}, id="empty"),
    pytest.param({"what": "error200"}, id="error200"),
]


@pytest.mark.parametrize("fault", PASSING)
async def test_a_poll_that_fails_is_made_again(job_stand: Stand, fault: dict[str, Any]) -> None:
    job_stand.at.fail("poll", **fault)
    result = await job_stand.result(job_stand.order())
    assert job_stand.bill == (1, 1)
    assert sorted(job_stand.folder.iterdir()) == sorted(result.files)


@pytest.mark.parametrize("what", [401, 404, "html"])
async def test_a_job_that_can_not_be_asked_for_any_more(job_stand: Stand, what: int | str) -> None:
    job_stand.at.fail("poll", what, times=99)
    with pytest.raises(UnknownOutcome):
        await job_stand.result(job_stand.order())


async def test_a_job_that_never_ends(job_stand: Stand) -> None:
    job_stand.at.next_job("never")
    async with Upstreams(job_stand.transfers, patience=replace(QUICK, job=0.1)) as upstream:
        with pytest.raises(NeverEnds):
            [step async for step in upstream.generate(job_stand.endpoint, job_stand.order())]


@pytest.mark.parametrize(
    ("message", "error"),
    [
        (None, UpstreamFailed),
        ("the model fell over", UpstreamFailed),
        ("upstream error", UpstreamDown),
        ("Your request was rejected by the safety system", Moderated),
        ("insufficient credits", OutOfCredit),
        ("rate limit", UpstreamBusy),
    ],
)
async def test_a_job_that_fails(job_stand: Stand, message: str | None, error: type[EaselError]) -> None:
    job_stand.at.next_job("failed", message)
    with pytest.raises(error) as caught:
        await job_stand.result(job_stand.order())
    assert caught.value.params["detail"] == (message or "none")
    assert job_stand.bill == (1, 0)


async def test_pictures_that_are_missing_are_counted(job_stand: Stand) -> None:
    job_stand.at.next_job("fewer")
    result = await job_stand.result(job_stand.order(n=4))
    assert (len(result.files), result.missing) == (3, 1)


async def test_success_without_a_picture_is_a_failure(job_stand: Stand) -> None:
    job_stand.at.next_job("empty")
    with pytest.raises(BadAnswer):
        await job_stand.result(job_stand.order())


async def test_an_order_is_found_again_after_a_crash(job_stand: Stand) -> None:
    order, accepted = job_stand.order(n=2), ""
    async with aclosing(job_stand.upstream.generate(job_stand.endpoint, order)) as steps:
        async for step in steps:
            if isinstance(step, Accepted):
                accepted = step.id
                break
    async with Upstreams(asyncio.Semaphore(4), patience=QUICK) as another:
        again = [step async for step in another.generate(job_stand.endpoint, order, resume=accepted)]
    assert isinstance(again[-1], Succeeded)
    assert len(again[-1].files) == 2
    assert job_stand.bill == (1, 2)


async def test_the_id_is_told_before_anything_else(job_stand: Stand) -> None:
    steps = await job_stand.progress(job_stand.order())
    assert isinstance(steps[0], Accepted)
    assert steps[0].id in job_stand.at.jobs


@pytest.mark.parametrize("relay_stand", BLOCKING_EDITS, indirect=True)
async def test_an_edit_that_blocks_is_not_said_to_be_findable(relay_stand: Stand, photo: Path) -> None:
    steps = await relay_stand.progress(relay_stand.edit(photo))
    assert [type(step) for step in steps] == [Running, Succeeded]


# --- what is large, and what is secret ------------------------------------------------------------


async def test_polls_never_wait_for_transfers_but_pictures_do(job_stand: Stand) -> None:
    job_stand.at.delay, job_stand.at.size = 0.06, 300_000
    for _ in range(4):
        await job_stand.transfers.acquire()
    running = asyncio.create_task(job_stand.result(job_stand.order()))
    await asyncio.sleep(0.5)
    assert job_stand.at.calls["poll"] >= 2
    assert not running.done()
    job_stand.transfers.release()
    assert (await running).files[0].stat().st_size == 300_000
    assert job_stand.transfers._value == 1


async def test_ten_large_pictures_come_whole(job_stand: Stand) -> None:
    job_stand.at.size = 1_500_000
    async with Upstreams(job_stand.transfers, patience=replace(QUICK, poll=9, silence=9)) as upstream:
        steps = [step async for step in upstream.generate(job_stand.endpoint, job_stand.order(n=10))]
    assert isinstance(steps[-1], Succeeded)
    assert [file.stat().st_size for file in steps[-1].files] == [1_500_000] * 10


@pytest.mark.parametrize("form", ["string", "openai", "detail", "plain"])
async def test_a_key_that_the_relay_repeats_is_not_passed_on(relay_stand: Stand, form: str) -> None:
    said = f"unsupported thing for Bearer {KEY} {'QUJD' * 40}"
    relay_stand.at.fail("submit", 400, text=said, form=form)
    with pytest.raises(BadRequest) as caught:
        await relay_stand.result(relay_stand.order())
    shown = f"{caught.value!r} {caught.value} {caught.value.params}"
    assert "unsupported thing" in shown
    assert KEY not in shown
    assert "QUJDQUJD" not in shown
