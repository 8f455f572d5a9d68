"""Videos of relay 003: each family's own fields, tasks that are polled, films fetched and kept."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest

from bot import media
from bot.errors import (
    BadAnswer,
    BadInput,
    BadKey,
    BadPicture,
    BadRequest,
    EaselError,
    Moderated,
    OutOfCredit,
    UnknownOutcome,
    UpstreamFailed,
)
from bot.i18n import words
from bot.model import Accepted, Endpoint, ImageRequest, Order, Progress, Running, Succeeded, Video
from bot.videos import fitted
from tests.fakes.relay import KEY, Relay, png
from tests.fakes.relay.films import mp4
from upstream import Patience, Upstreams

HASTE = Patience(submit=0.4, poll=0.4, first=0.02, again=0.01, tries=3, obey=5, silence=0.5)
HORSE, VEO, DANCE = "happyhorse-1.0", "veo3.1-fast", "doubao-seedance-2.0-fast"


class Bench:
    def __init__(self, relay: Relay, upstream: Upstreams, folder: Path) -> None:
        self.relay, self.upstream, self.folder = relay, upstream, folder
        self.endpoint = Endpoint("operator", "image2free", (relay.url,), KEY)

    def order(self, model: str = HORSE, prompt: str = "a dog", images: Any = (), **how: Any) -> Order:
        request = ImageRequest(prompt, model=model, images=images, video=Video(**how))
        return Order(fitted(self.upstream.profile(self.endpoint), request), self.folder, tuple(images))

    async def steps(self, order: Order, resume: str | None = None) -> list[Progress]:
        return [step async for step in self.upstream.generate(self.endpoint, order, resume=resume)]

    async def result(self, *given: Any, **how: Any) -> Succeeded:
        last = (await self.steps(self.order(*given, **how)))[-1]
        assert isinstance(last, Succeeded)
        return last

    @property
    def sent(self) -> dict[str, Any]:
        return self.relay.orders[-1]


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    folder = tmp_path / "order"
    folder.mkdir()
    async with Relay("image2free", keys={KEY: 2000}) as relay:
        trusted = {relay.url.removeprefix("http://")}
        async with Upstreams(asyncio.Semaphore(4), patience=HASTE, trusted=trusted) as upstream:
            yield Bench(relay, upstream, folder)


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    file = tmp_path / "photo.png"
    file.write_bytes(png(64, 64, 9_001))
    return file


# --- what is sent ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("model", "how", "fields"),
    [
        (HORSE, {}, {"resolution": "720p", "duration": 5}),
        (
            HORSE,
            {"ratio": "3:4", "watermark": False, "sound": "origin", "videos": ("https://example.com/1.mp4",)},
            {
                "resolution": "720p",
                "duration": 5,
                "size": "3:4",
                "watermark": False,
                "audio_setting": "origin",
                "video_url": "https://example.com/1.mp4",
            },
        ),
        (HORSE, {"seed": 42}, {"resolution": "720p", "duration": 5, "seed": 42}),
        (
            VEO,
            {"gif": True, "fallback": False},
            {"resolution": "720p", "duration": 8, "enable_gif": True, "official_fallback": False},
        ),
        (VEO, {"ratio": "9:16"}, {"resolution": "720p", "duration": 8, "aspect_ratio": "9:16"}),
        (
            DANCE,
            {"resolution": "480p", "seconds": 15, "ratio": "adaptive", "sound": "on",
             "videos": ("https://a.example/1.mp4",), "audios": ("https://a.example/1.mp3",)},
            {"resolution": "480p", "duration": 15, "size": "adaptive", "generate_audio": True,
             "video_urls": ["https://a.example/1.mp4"], "audio_urls": ["https://a.example/1.mp3"]},
        ),
    ],
)  # fmt: skip
async def test_each_family_in_its_own_words(
    bench: Bench, model: str, how: dict[str, Any], fields: dict[str, Any]
) -> None:
    result = await bench.result(model, **how)
    assert bench.sent == {"model": model, "prompt": "a dog", **fields}
    assert (await media.sniff(result.files[0])).mime == "video/mp4"


@pytest.mark.parametrize(
    ("model", "frames", "name", "kind"),
    [
        (HORSE, True, "first_frame_image", None),
        (HORSE, False, "image_urls", None),
        (VEO, True, "image_urls", "frame"),
        (VEO, False, "image_urls", "reference"),
        (DANCE, True, "image_urls", None),
    ],
)
async def test_pictures_travel_in_the_request(
    bench: Bench, photo: Path, model: str, frames: bool, name: str, kind: str | None
) -> None:
    await bench.result(model, images=(photo,), frames=frames)
    sent = bench.sent[name]
    assert (sent if isinstance(sent, str) else sent[0]).startswith("data:image/png;base64,iVBOR")
    assert bench.sent.get("generation_type") == kind


async def test_a_picture_that_begins_a_video_may_go_without_words(bench: Bench, photo: Path) -> None:
    await bench.result(HORSE, "", images=(photo,), frames=True)
    assert "prompt" not in bench.sent
    for model in (VEO, DANCE):
        with pytest.raises(BadInput):
            bench.order(model, "", images=(photo,), frames=True)


@pytest.mark.parametrize(
    ("model", "how", "option"),
    [
        (HORSE, {"resolution": "480p"}, "resolution"),
        (HORSE, {"seconds": 16}, "seconds"),
        (HORSE, {"ratio": "21:9"}, "ratio"),
        (HORSE, {"sound": "on"}, "sound"),
        (HORSE, {"videos": ("https://a.example/1",) * 2}, "videos"),
        (HORSE, {"audios": ("https://a.example/1",)}, "audios"),
        (HORSE, {"remix": "job_1"}, "of"),
        (VEO, {"seconds": 5}, "seconds"),
        (VEO, {"ratio": "1:1"}, "ratio"),
        (VEO, {"watermark": True}, "watermark"),
        (VEO, {"images": ("picture:a",) * 4}, "use"),
        (DANCE, {"resolution": "1080p"}, "resolution"),
        (DANCE, {"seconds": 3}, "seconds"),
        (DANCE, {"images": ("picture:a",) * 2, "frames": True}, "use"),
    ],
)
async def test_what_a_family_can_not_do_is_said_before_money(
    bench: Bench, model: str, how: dict[str, Any], option: str
) -> None:
    with pytest.raises(BadInput) as caught:
        bench.order(model, **how)
    assert caught.value.params["option"] == option
    for language in words().languages:
        assert model in words().say(language, caught.value.sentence, **caught.value.params)


async def test_other_dialects_make_no_videos(bench: Bench) -> None:
    for dialect in ("shenfeng", "sandbox"):
        profile = bench.upstream.profile(Endpoint("operator", dialect))
        with pytest.raises(BadInput) as caught:
            fitted(profile, ImageRequest("x", video=Video()))
        assert caught.value.sentence == "error-no-videos"


@pytest.mark.parametrize(
    ("model", "how", "price"),
    [
        (HORSE, {"seconds": 3}, 3 * 22),
        (HORSE, {"seconds": 10, "resolution": "1080p"}, 10 * 38),
        (HORSE, {"videos": ("https://a.example/1",)}, 15 * 22),
        (VEO, {}, 250),
        (DANCE, {"seconds": 4, "resolution": "480p"}, 4 * 12),
    ],
)
async def test_prices_are_known_before(bench: Bench, model: str, how: dict[str, Any], price: int) -> None:
    assert bench.upstream.estimate(bench.endpoint, bench.order(model, **how).request) == price * 10_000


# --- tasks -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("switches", [set(), {"wrapped"}, {"locked"}])
async def test_a_task_is_followed_to_its_film(bench: Bench, switches: set[str]) -> None:
    bench.relay.switches, bench.relay.delay = switches, 0.1
    steps = await bench.steps(bench.order(VEO, resolution="1080p"))
    assert isinstance(steps[0], Accepted)
    assert steps[0].id in bench.relay.jobs
    assert any(isinstance(step, Running) and step.share == 0.4 for step in steps)
    assert isinstance(steps[-1], Succeeded)
    facts = await media.sniff(steps[-1].files[0])
    assert (facts.mime, facts.width, facts.height) == ("video/mp4", 1920, 1080)
    assert bench.relay.submits[KEY] == 1


async def test_a_task_is_found_again_after_a_crash(bench: Bench) -> None:
    order = bench.order()
    async with aclosing(bench.upstream.generate(bench.endpoint, order)) as steps:
        accepted = await anext(steps)
    assert isinstance(accepted, Accepted)
    again = await bench.steps(order, accepted.id)
    assert isinstance(again[-1], Succeeded)
    assert bench.relay.submits[KEY] == 1


@pytest.mark.parametrize("what", [500, 404, "html", "truncated", "reset", "timeout"])
async def test_a_poll_that_fails_is_made_again(bench: Bench, what: int | str) -> None:
    bench.relay.fail("poll", what)
    await bench.result()
    assert bench.relay.submits[KEY] == 1


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ({"what": 401}, BadKey),
        ({"what": 402}, OutOfCredit),
        ({"what": 400, "text": "content policy violation"}, Moderated),
        ({"what": 400}, BadRequest),
        ({"what": 500, "accepted": True}, UnknownOutcome),
        ({"what": "reset"}, UnknownOutcome),
        ({"what": "timeout"}, UnknownOutcome),
        ({"what": "truncated"}, UnknownOutcome),
    ],
)
async def test_a_submit_is_made_once(bench: Bench, fault: dict[str, Any], error: type[EaselError]) -> None:
    bench.relay.fail("video", **fault)
    with pytest.raises(error):
        await bench.result()
    assert bench.relay.calls["video"] == 1


async def test_a_task_that_fails_or_has_no_film(bench: Bench) -> None:
    bench.relay.next_job("failed", "the horse fell")
    with pytest.raises(UpstreamFailed) as caught:
        await bench.result()
    assert caught.value.params["detail"] == "the horse fell"
    bench.relay.next_job("empty")
    with pytest.raises(BadAnswer):
        await bench.result()


async def test_a_finished_video_is_gone_on_from(bench: Bench) -> None:
    first = await bench.steps(bench.order(VEO))
    assert isinstance(first[0], Accepted)
    await bench.result(VEO, "the cat runs on", remix=first[0].id, ratio="16:9")
    assert bench.sent == {
        "duration": 8,
        "model": VEO,
        "prompt": "the cat runs on",
        "raw": False,
        "aspect_ratio": "16:9",
        "resolution": "720p",
    }
    assert bench.relay.calls["remix"] == 1


# --- films -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("broken", ["cut", "no media", "no index", "endless", "empty"])
async def test_a_film_that_is_broken_is_told(tmp_path: Path, broken: str) -> None:
    whole = mp4(320, 240)
    body = {
        "cut": whole[:-20],
        "no media": whole[: whole.index(b"mdat") - 4],
        "no index": whole.replace(b"moov", b"free"),
        "endless": whole.replace(b"trak", b"\0\0\0\0"),
        "empty": whole[:16],
    }[broken]
    file = tmp_path / "film"
    file.write_bytes(body)
    with pytest.raises(BadPicture):
        await media.sniff(file)


async def test_a_film_is_no_photo_for_an_edit(tmp_path: Path) -> None:
    file = tmp_path / "film"
    file.write_bytes(mp4(320, 240))
    assert (await media.sniff(file)).width == 320
    with pytest.raises(BadPicture):
        await media.prepare(file, tmp_path)
