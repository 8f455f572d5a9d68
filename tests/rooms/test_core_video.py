"""Videos through the core: asked for in words, looked at before money, kept, shown, gone on from."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path

import pytest
from PIL import Image

from bot.model import ChatId, ImageRequest, Reply, Source, Video
from bot.ports import VideoFacts
from bot.written import request_of, request_text
from tests.rooms.conftest import House

GROUP = ChatId("stage:group")
VEO = VideoFacts(
    family="veo",
    resolutions=("720p", "1080p"),
    seconds=(8, 8),
    ratios=("16:9", "9:16"),
    prices={"720p": 500_000, "1080p": 500_000},
    by_the_second=False,
    frames=2,
    images=3,
    remix=True,
    gifs=("720p",),
    fallback=True,
)


def done(reply: Reply) -> bool:
    return any(button.command == "again" for row in reply.buttons for button in row) and not reply.busy


@pytest.fixture
def films(house: House) -> House:
    facts = house.painter.facts
    house.painter.facts = replace(
        facts, videos={"veo3.1-fast": VEO, "veo3.1-lite": replace(VEO, remix=False, fallback=False)}
    )
    return house


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "photo.jpg"
    Image.new("RGB", (40, 30), "red").save(path)
    return path


async def test_words_become_a_video(films: House) -> None:
    await films.stage.say("/video dolphins leap --resolution 1080p --ratio 9:16")
    shown = await films.stage.until(done)
    (film,) = shown.pictures
    assert (film.mime, film.width, film.height, film.path.suffix) == ("video/mp4", 320, 240, ".mp4")
    assert film.name.endswith(".mp4")
    request = films.painter.submits[0].request
    assert (request.model, request.prompt) == ("veo3.1-fast", "dolphins leap")
    assert request.video == Video(resolution="1080p", seconds=8, ratio="9:16", lasting=True)
    commands = [button.command for row in shown.buttons for button in row]
    assert commands == ["again", "remix", "original", "delete"]


@pytest.mark.parametrize(
    ("count", "said", "frames"), [(1, "", True), (3, "", False), (2, " --use frame", True)]
)
async def test_pictures_are_beginnings_or_references(
    films: House, photo: Path, count: int, said: str, frames: bool
) -> None:
    files = tuple(films.stage.attach(photo, "image/jpeg") for _ in range(count))
    await films.stage.say(f"/video it moves{said}", attachments=files)
    await films.stage.until(done)
    (order,) = films.painter.submits
    assert len(order.images) == count
    assert order.request.video is not None
    assert order.request.video.frames == frames


async def test_a_picture_of_ours_begins_to_move(films: House) -> None:
    await films.stage.say("/imagine a fox")
    await films.stage.until(lambda reply: bool(reply.pictures) and not reply.busy)
    (job,) = await films.store.jobs(GROUP)
    await films.stage.say("/video it runs", replied=job.post)
    await films.stage.until(lambda reply: done(reply) and "it runs" in reply.text)
    assert films.painter.submits[1].images == (job.pictures[0].path,)


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("/video x --resolution 480p", "--resolution"),
        ("/video x --seconds 5", "--seconds"),
        ("/video x --watermark on", "--watermark"),
        ("/video x --sound on", "--sound"),
        ("/video x --seed 7", "--seed"),
        ("/video x --fallback on --model veo3.1-lite", "--fallback"),
        ("/video x --gif on --resolution 1080p", "720p"),
        ("/video x --videos https://example.com/1.mp4", "--videos"),
        ("/video x --model gpt-image-2", "isn't offered for videos"),
        ("/video x --audios http://127.0.0.1/1.mp3", "public internet"),
        ("/video", "/video"),
        ("/remix x", "/remix"),
    ],
)
async def test_what_can_not_be_made_is_said_before_money(films: House, said: str, words: str) -> None:
    await films.stage.say(said)
    shown = await films.stage.until(lambda reply: bool(reply.text))
    assert words in shown.text
    assert not films.painter.submits
    assert not await films.store.jobs(GROUP)


async def test_a_relay_without_videos_says_so(house: House) -> None:
    await house.stage.say("/video dolphins leap")
    assert "makes no videos" in (await house.stage.until(lambda reply: bool(reply.text))).text
    assert not house.painter.submits


async def test_a_finished_video_goes_on(films: House) -> None:
    await films.stage.say("/video a cat")
    await films.stage.until(done)
    (job,) = await films.store.jobs(GROUP)
    await films.stage.say("/remix it runs on", replied=job.post)
    await films.stage.until(lambda reply: done(reply) and "it runs on" in reply.text)
    request = films.painter.submits[1].request
    assert request.model == "veo3.1-fast"
    assert request.video is not None
    assert request.video.remix == job.upstream_id == "there-1"
    assert (await films.store.jobs(GROUP))[0].parent == job.id


async def test_a_finished_video_goes_on_by_its_button(films: House) -> None:
    await films.stage.say("/video a cat --gif on --fallback off")
    await films.stage.until(done)
    await films.stage.press("Go on")
    asked = await films.stage.until(lambda reply: reply.form is not None)
    assert asked.form
    await films.stage.say(f"/remix {asked.form.text}", options={"prompt": "it runs on"})
    await films.stage.until(lambda reply: done(reply) and "it runs on" in reply.text)
    first, second = (order.request.video for order in films.painter.submits)
    assert first
    assert second
    assert (first.gif, first.fallback, second.remix) == (True, False, "there-1")


async def test_a_model_that_can_not_go_on_has_no_button_for_it(films: House) -> None:
    await films.stage.say("/video a cat --model veo3.1-lite")
    shown = await films.stage.until(done)
    assert [button.command for row in shown.buttons for button in row] == ["again", "original", "delete"]


async def test_a_model_that_can_not_go_on_says_so(films: House) -> None:
    await films.stage.say("/video a cat --model veo3.1-lite")
    await films.stage.until(done)
    (job,) = await films.store.jobs(GROUP)
    await films.stage.say(f"/remix it runs on --of {job.id}")
    await films.stage.until(lambda reply: "veo3.1-lite" in reply.text and "--of" in reply.text)
    assert len(films.painter.submits) == 1


async def test_a_video_is_not_edited(films: House) -> None:
    await films.stage.say("/video a cat")
    await films.stage.until(done)
    (job,) = await films.store.jobs(GROUP)
    await films.stage.say("/edit make it night", replied=job.post)
    await films.stage.until(lambda reply: "/remix" in reply.text)
    assert len(films.painter.submits) == 1


async def test_a_video_that_is_too_large_is_told_and_kept(films: House) -> None:
    films.painter.film = 3 * 1024 * 1024
    films.stage.limits = replace(films.stage.limits, file=2 * 1024 * 1024)
    await films.stage.say("/video a cat")
    shown = await films.stage.until(done)
    (job,) = await films.store.jobs(GROUP)
    assert not shown.pictures
    assert job.pictures[0].name in shown.text
    assert "2 MB" in shown.text
    assert job.pictures[0].path.stat().st_size >= films.painter.film


async def test_a_video_that_is_too_large_is_linked_where_there_is_a_place(films: House) -> None:
    films.painter.film = 3 * 1024 * 1024
    films.stage.limits = replace(films.stage.limits, file=2 * 1024 * 1024)
    films.link = lambda picture: f"https://easel.example/{picture.id}"
    await films.stage.say("/video a cat")
    shown = await films.stage.until(done)
    (job,) = await films.store.jobs(GROUP)
    assert not shown.pictures
    assert f"here it is: https://easel.example/{job.pictures[0].id}" in shown.text
    await films.stage.say(f"/show {job.id}")
    await films.stage.press("Original")
    for reply in films.stage.shown()[-2:]:
        assert (reply.pictures, reply.files) == ((), ())
        assert f"here it is: https://easel.example/{job.pictures[0].id}" in reply.text


async def test_a_video_of_before_a_crash_is_found_again(tmp_path: Path) -> None:
    house = House(tmp_path)
    house.painter.facts = replace(house.painter.facts, videos={"veo3.1-fast": VEO})
    house.painter.gate.clear()
    async with house.lives():
        await house.stage.say("/video a cat")
        await house.stage.until(lambda reply: reply.busy)
        (job,) = await house.store.jobs(GROUP)
        while not (await house.store.jobs(GROUP))[0].upstream_id:
            await house.stage.until(lambda reply: bool(reply.text))
    house.painter.gate.set()
    async with house.lives():
        await house.stage.until(done)
        (after,) = await house.store.jobs(GROUP)
    assert (after.id, house.painter.resumed, len(house.painter.submits)) == (job.id, ["there-1"], 1)


def test_requests_are_written_down_whole_and_old_ones_read() -> None:
    video = Video("720p", 5, "16:9", True, ("https://a.example/1",), (), "on", False, "job_1")
    for request in (ImageRequest("x", video=video, images=(Source("picture:a"),)), ImageRequest("x")):
        assert request_of(request_text(request)) == request
    old = asdict(ImageRequest("x"))
    del old["video"]
    assert request_of(json.dumps(old)) == ImageRequest("x")
