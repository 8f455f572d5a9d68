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
from upstream import Patience, Upstreams, sandbox

QUICK = Patience(connect=2, submit=9, poll=9, sync=9, job=30, obey=5, first=0.01, again=0.01, tries=3)
HASTY = replace(QUICK, submit=0.15, poll=0.15, sync=0.15, silence=0.3)
"""For relays that say nothing at all."""


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


async def _stand(dialect: str, tmp_path: Path, patience: Patience = QUICK) -> AsyncIterator[Stand]:
    transfers = asyncio.Semaphore(4)
    async with Upstreams(transfers, sandbox_delay=0.02, patience=patience) as upstream:
        if dialect == "sandbox":
            yield Stand(upstream, Endpoint("operator", dialect), tmp_path / "order", None, transfers)
            return
        async with Relay(dialect, delay=0.005) as relay:
            endpoint = Endpoint("operator", dialect, (relay.url,), KEY)
            yield Stand(upstream, endpoint, tmp_path / "order", relay, transfers)


@pytest.fixture(params=STANDS)
async def stand(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Stand]:
    monkeypatch.setattr(sandbox, "_SIDE", 128)  # where no size is asked for, a small one is drawn sooner
    async for stand in _stand(request.param, tmp_path):
        yield stand


@pytest.fixture(params=RELAYS)
async def relay_stand(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Stand]:
    async for stand in _stand(request.param, tmp_path):
        yield stand


@pytest.fixture(params=RELAYS)
async def silent_stand(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Stand]:
    """Relays that are not waited for: they will not answer."""
    async for stand in _stand(request.param, tmp_path, HASTY):
        yield stand


@pytest.fixture(params=RESUMABLE)
async def job_stand(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Stand]:
    """Dialects whose orders have an id."""
    async for stand in _stand(request.param, tmp_path):
        yield stand


@pytest.fixture(params=RESUMABLE)
async def brief_stand(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Stand]:
    """Jobs that are given up soon when nothing sensible is heard of them."""
    async for stand in _stand(request.param, tmp_path, replace(QUICK, silence=0.05)):
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


async def test_every_size_and_quality_offered_is_taken(stand: Stand) -> None:
    offered = stand.upstream.profile(stand.endpoint).qualities
    sizes = ["auto", "1024x1024", "3:2", "9:16"] if stand.relay else ["3:2"]  # which is drawn in earnest
    for said, quality in zip(sizes, Quality, strict=False):
        size = parse(said)
        result = await stand.result(
            stand.order(size=size, quality=quality if quality in offered else Quality.AUTO)
        )
        with Image.open(result.files[0]) as picture:
            assert size.auto or picture.size == (size.width, size.height), said


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
async def easel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Stand]:
    monkeypatch.setattr(sandbox, "_SIDE", 128)
    async for stand in _stand("sandbox", tmp_path):
        yield stand


@pytest.mark.parametrize("kind", list(Format))
async def test_the_sandbox_draws_the_format_asked_for(easel: Stand, kind: Format) -> None:
    background = None if kind is Format.JPEG else Background.TRANSPARENT
    result = await easel.result(easel.order(output_format=kind, background=background))
    with Image.open(result.files[0]) as picture:
        assert picture.format == kind.value.upper()
        assert (picture.mode == "RGBA") == (background is not None)


async def test_the_sandbox_draws_again_what_was_left_unfinished(easel: Stand) -> None:
    first = (await easel.result(easel.order())).files[0].read_bytes()
    assert (await easel.result(easel.order(), resume="whatever")).files[0].read_bytes() == first


# --- an order that is refused costs nothing, and is not repeated ------------------------------

REFUSALS = [
    ({"what": 401}, BadKey),
    ({"what": 402}, OutOfCredit),
    ({"what": 403}, Forbidden),
    ({"what": 403, "text": "insufficient_user_quota"}, OutOfCredit),
    ({"what": 404, "form": "html"}, NotFound),
    ({"what": 400, "form": "detail"}, BadRequest),
    ({"what": 413, "form": "html"}, BadRequest),
    ({"what": 302, "headers": {"Location": "/login"}}, NotFound),
    ({"what": 400, "text": "moderation_blocked: violence"}, Moderated),
    ({"what": 500, "text": "content policy violation"}, Moderated),
    ({"what": 500, "text": "insufficient credits", "form": "plain"}, OutOfCredit),
    ({"what": 503, "text": "No available channel for model"}, UpstreamDown),
    ({"what": 429, "headers": {"Retry-After": "9999"}}, UpstreamBusy),
    ({"what": 429, "text": "insufficient_quota", "form": "openai"}, OutOfCredit),
]


@pytest.mark.parametrize("route", ["submit", "edit"])
async def test_a_refused_order(relay_stand: Stand, photo: Path, route: str) -> None:
    order = relay_stand.edit(photo) if route == "edit" else relay_stand.order()
    for made, (fault, error) in enumerate(REFUSALS, 1):
        relay_stand.at.fail(route, **fault)
        with pytest.raises(EaselError) as caught:
            await relay_stand.result(order)
        assert type(caught.value) is error, fault
        assert relay_stand.bill == (0, 0), fault
        assert relay_stand.at.calls[route] == made, fault


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


async def test_a_wrong_key(relay_stand: Stand) -> None:
    for key in ("sk-wrong", "", "sk-schlüssel", "sk-a\nb"):
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
    ({"what": 500, "accepted": True}, "status"),
    ({"what": 500}, "status"),
    ({"what": 502, "accepted": True, "form": "html"}, "status"),
    ({"what": 503, "accepted": True, "form": "plain"}, "status"),
    ({"what": 504, "accepted": True, "form": "html"}, "status"),
    ({"what": 408, "accepted": True}, "status"),
    ({"what": 520, "accepted": True, "form": "html", "edge": True}, "status"),
    ({"what": 524, "accepted": True, "form": "html", "edge": True}, "status"),
    ({"what": 524, "accepted": True, "text": "error code: 524", "form": "plain"}, "status"),
    ({"what": 522, "accepted": True, "form": "html"}, "status"),
    ({"what": "reset"}, "broke"),
    ({"what": "cut"}, "broke"),
    ({"what": "truncated"}, "unreadable"),
    ({"what": "empty"}, "unreadable"),
]
"""What comes in the place of an answer, and what is said of it."""


@pytest.mark.parametrize("route", ["submit", "edit"])
async def test_an_order_that_may_have_been_accepted(relay_stand: Stand, photo: Path, route: str) -> None:
    order = relay_stand.edit(photo) if route == "edit" else relay_stand.order()
    for made, (fault, what) in enumerate(LOST, 1):
        relay_stand.at.fail(route, **fault)
        with pytest.raises(EaselError) as caught:
            await relay_stand.result(order)
        assert isinstance(caught.value, UnknownOutcome), fault
        assert caught.value.params["what"] == what, fault
        assert what != "status" or caught.value.params["status"] == fault["what"], fault
        assert relay_stand.at.calls[route] == made, fault
        assert list(relay_stand.folder.iterdir()) == [], fault


@pytest.mark.parametrize("route", ["submit", "edit"])
async def test_an_order_that_nobody_answers(silent_stand: Stand, photo: Path, route: str) -> None:
    order = silent_stand.edit(photo) if route == "edit" else silent_stand.order()
    silent_stand.at.fail(route, "timeout")
    with pytest.raises(UnknownOutcome) as caught:
        await silent_stand.result(order)
    assert caught.value.params["what"] == "late"
    assert silent_stand.at.calls[route] == 1


# --- an order that was provably not accepted is repeated ---------------------------------------


async def test_a_full_queue_is_waited_for(relay_stand: Stand) -> None:
    for made, said in enumerate(("0", "0.05", "", in_seconds(0)), 1):
        relay_stand.at.fail("submit", 429, times=2, headers={"Retry-After": said} if said else {})
        await relay_stand.result(relay_stand.order())
        assert relay_stand.bill == (made, made)
        assert relay_stand.at.calls["submit"] == 3 * made


async def test_a_queue_that_stays_full(relay_stand: Stand) -> None:
    relay_stand.at.fail("submit", 429, times=99, headers={"Retry-After": "0"})
    with pytest.raises(UpstreamBusy):
        await relay_stand.result(relay_stand.order())
    assert relay_stand.at.calls["submit"] == QUICK.tries


async def test_what_cloudflare_did_not_pass_on_is_sent_again(relay_stand: Stand) -> None:
    for made, status in enumerate((521, 522, 523), 1):
        relay_stand.at.fail("submit", status, form="html", edge=True)
        await relay_stand.result(relay_stand.order())
        assert relay_stand.bill == (made, made), status


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


async def test_an_address_that_is_none(relay_stand: Stand) -> None:
    for urls in ((), ("",), ("ftp://somewhere",), ("http://",), ("not an address",), ("http://[::1",)):
        with pytest.raises(NotFound):
            await relay_stand.upstream.check(replace(relay_stand.endpoint, urls=urls))


async def test_the_address_as_people_type_it(relay_stand: Stand) -> None:
    for end in ("", "/", "/v1", "/v1/", "/v1/images/generations", "?a=b"):
        typed = replace(relay_stand.endpoint, urls=(f" {relay_stand.at.url}{end} ",))
        await relay_stand.upstream.check(typed)


# --- jobs that are polled -----------------------------------------------------------------------

PASSING = [
    {"what": 500},
    {"what": 502, "form": "html"},
    {"what": 503, "form": "plain"},
    {"what": 524, "form": "html", "edge": True},
    {"what": 429, "headers": {"Retry-After": "0"}},
    {"what": 404},
    {"what": "html"},
    {"what": "truncated"},
    {"what": "cut"},
    {"what": "reset"},
    {"what": "empty"},
    {"what": "error200"},
]


async def test_a_poll_that_fails_is_made_again(job_stand: Stand) -> None:
    had: list[Path] = []
    for made, fault in enumerate(PASSING, 1):
        job_stand.at.fail("poll", **fault)
        had += (await job_stand.result(job_stand.order())).files
        assert job_stand.bill == (made, made), fault
        assert sorted(job_stand.folder.iterdir()) == sorted(had), fault


@pytest.mark.parametrize("silent_stand", RESUMABLE, indirect=True)
async def test_a_poll_that_nobody_answers_is_made_again(silent_stand: Stand) -> None:
    silent_stand.at.fail("poll", "timeout")
    await silent_stand.result(silent_stand.order())
    assert silent_stand.bill == (1, 1)


@pytest.mark.parametrize(
    ("fault", "what", "status"),
    [
        (401, "key", 401),
        (403, "key", 403),
        (404, "gone", 404),
        (500, "trouble", 500),
        ("error200", "trouble", 200),
        ("html", "trouble", "none"),
        ("truncated", "trouble", "none"),
        ("reset", "trouble", "none"),
    ],
)
async def test_a_job_that_can_not_be_asked_for_any_more(
    brief_stand: Stand, fault: int | str, what: str, status: int | str
) -> None:
    brief_stand.at.fail("poll", fault, times=99)
    with pytest.raises(UnknownOutcome) as caught:
        await brief_stand.result(brief_stand.order())
    assert (caught.value.params["what"], caught.value.params["status"]) == (what, status)


async def test_a_job_that_never_ends(job_stand: Stand) -> None:
    job_stand.at.next_job("never")
    async with Upstreams(job_stand.transfers, patience=replace(QUICK, job=0.1)) as upstream:
        async with asyncio.timeout(2):  # less than a poll every three seconds would take to see it
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
    job_stand.at.delay, job_stand.at.size = 3600, 300_000
    for _ in range(4):
        await job_stand.transfers.acquire()
    running = asyncio.create_task(job_stand.result(job_stand.order()))
    async with asyncio.timeout(9):
        while job_stand.at.calls["poll"] < 2:
            await asyncio.sleep(0.005)
        for job in job_stand.at.jobs.values():
            job.takes = 0
        while not job_stand.transfers._waiters:
            await asyncio.sleep(0.005)
    assert not running.done()
    job_stand.transfers.release()
    assert (await running).files[0].stat().st_size == 300_000
    assert job_stand.transfers._value == 1


async def test_ten_large_pictures_come_whole(job_stand: Stand) -> None:
    job_stand.at.size = 900_000
    result = await job_stand.result(job_stand.order(n=10))
    assert [file.stat().st_size for file in result.files] == [900_000] * 10


async def test_a_key_that_the_relay_repeats_is_not_passed_on(relay_stand: Stand) -> None:
    said = f"unsupported thing for Bearer {KEY} {'QUJD' * 40}"
    for form in ("string", "openai", "detail", "plain"):
        relay_stand.at.fail("submit", 400, text=said, form=form, headers={"X-Request-Id": KEY})
        with pytest.raises(BadRequest) as caught:
            await relay_stand.result(relay_stand.order())
        shown = f"{caught.value!r} {caught.value} {caught.value.params}"
        assert "unsupported thing" in shown
        assert KEY not in shown
        assert "QUJDQUJD" not in shown
