"""What each image service can do, from a chat: Easel's own process, a fake of every one of them, one town.

Every row of the table of abilities is tried at every service: either the picture arrives and the service got
what was asked for, or the chat reads why not and nothing was ordered.
"""

from __future__ import annotations

import io
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any

import pytest
import pytest_asyncio
from PIL import Image

from tests.contract.pictures import png
from tests.fakes.relay import KEY, Relay
from tests.fakes.telegram import Message, Person, Place
from tests.whole.house import eventually
from tests.whole.towns import TelegramTown, telegram_town

pytestmark = [pytest.mark.whole, pytest.mark.asyncio(loop_scope="module")]

DIALECTS = ("shenfeng", "jobs", "xinliu", "image2free", "jojokey", "openai")
EDITING = ("shenfeng", "jobs", "xinliu", "image2free", "openai")
MASKING = ("shenfeng", "jobs", "xinliu", "openai")
PHOTO = png(320, 240)


def transparent(width: int = 320, height: int = 240) -> bytes:
    file = io.BytesIO()
    Image.new("RGBA", (width, height), (0, 0, 0, 0)).save(file, "PNG")
    return file.getvalue()


@dataclass
class Room:
    """A person's private chat, served by one of the relays; what was ordered there since it was opened."""

    town: TelegramTown
    relay: Relay
    person: Person
    place: Place
    before: Mapping[str, int] = field(default_factory=dict)

    async def paint(self, text: str, **more: Any) -> Message:
        """Say it, and agree where the price is asked about; the picture that answers."""
        asked = self.town.fake.say(self.place, self.person, text, **more)
        return await self.town.painted(asked)

    async def refused(self, text: str, *words: str, **more: Any) -> None:
        """Say it; it is answered by these words, and nothing was ordered."""
        orders = len(self.relay.orders)
        await self.town.answer(self.town.fake.say(self.place, self.person, text, **more), *words)
        assert len(self.relay.orders) == orders
        assert self.submits == 0

    @property
    def submits(self) -> int:
        return self.relay.submits[KEY] - self.before["submits"]

    @property
    def charges(self) -> int:
        return self.relay.charges[KEY] - self.before["charges"]

    def calls(self, route: str) -> int:
        return self.relay.calls[route] - self.before.get(route, 0)

    @property
    def sent(self) -> dict[str, Any]:
        """The latest order, as the relay read it."""
        return self.relay.orders[-1]


@dataclass
class Scene:
    town: TelegramTown
    relays: dict[str, Relay]
    addresses: tuple[str, str]
    """Of the one that has two."""
    count: int = 0

    async def room(self, dialect: str) -> Room:
        """A chat that has chosen this relay."""
        self.count += 1
        person, place = self.town.somebody(f"Ada {self.count}")
        chosen = self.town.fake.say(place, person, f"/settings --relay {dialect}")
        await self.town.answer(chosen, f"Image service: {dialect}")
        relay = self.relays[dialect]
        counted = {"submits": relay.submits[KEY], "charges": relay.charges[KEY], **relay.calls}
        return Room(self.town, relay, person, place, counted)


def table(relays: Mapping[str, list[str]]) -> str:
    return "\n".join(
        f'[{name}]\ndialect = "{name}"\nurl = {urls!r}\nkey = "{KEY}"\n' for name, urls in relays.items()
    )


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def opened(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Scene]:
    async with AsyncExitStack() as stack:
        relays = {
            name: await stack.enter_async_context(Relay(name, keys={KEY: 100_000.0})) for name in DIALECTS
        }
        urls = {name: [relay.url] for name, relay in relays.items()}
        first, second = relays["xinliu"].url, await relays["xinliu"].another_address()
        urls["xinliu"] = [f"{first}/v1/", second]
        file = tmp_path_factory.mktemp("settings") / "relays.toml"
        file.write_text(table(urls))
        home = tmp_path_factory.mktemp("abilities")
        town = await stack.enter_async_context(telegram_town(home, UPSTREAMS_FILE=str(file)))
        yield Scene(town, relays, (first.removeprefix("http://"), second.removeprefix("http://")))


@pytest_asyncio.fixture(loop_scope="module")
async def scene(opened: Scene) -> AsyncIterator[Scene]:
    yield opened
    for relay in opened.relays.values():
        relay.switches.clear()
        relay.mend()
        relay.delay = 0.03
    opened.town.house.in_order()


@pytest_asyncio.fixture(params=DIALECTS, loop_scope="module")
async def room(request: pytest.FixtureRequest, scene: Scene) -> Room:
    return await scene.room(request.param)


# --- pictures --------------------------------------------------------------------------------------

SIZES = {
    "16:9": ("1536x864", "16:9", "standard"),
    "3:2 2k": ("2016x1344", "3:2", "hd"),
    "16:9 4k": ("3840x2160", "16:9", "uhd"),
    "1280x800": ("1280x800", "1280x800", "standard"),
}


@pytest.mark.parametrize("size", SIZES)
async def test_text_to_image_in_ratios_pixels_and_4k(room: Room, size: str) -> None:
    pixels, ratio, quality = SIZES[size]
    await room.paint(f'/imagine a fox --size "{size}"')
    assert (room.submits, room.charges) == (1, 1)
    if room.relay.dialect == "image2free":
        assert (room.sent["size"], room.sent["quality"]) == (ratio, quality)
    else:
        assert room.sent["size"] == pixels


async def test_pixels_that_nobody_takes(room: Room) -> None:
    for size in ("1000x1000", "4096x2160", "3840x1280", "640x640"):
        await room.refused(f"/imagine a fox --size {size}", "--size")


async def test_jobs_have_an_id_and_are_polled(room: Room) -> None:
    await room.paint("/imagine a fox")
    assert (room.calls("poll") > 0) == (room.relay.dialect in ("shenfeng", "jobs"))


async def test_four_at_once(room: Room) -> None:
    await room.paint("/imagine a fox --n 4")
    one_each = room.relay.dialect == "image2free"
    assert (room.submits, room.charges) == (4 if one_each else 1, 4)
    assert room.sent.get("n", 1) == (1 if one_each else 4)


async def test_one_of_four_that_does_not_come_is_said(room: Room) -> None:
    room.relay.next_job("empty" if room.relay.dialect == "image2free" else "fewer")
    answer = await room.paint("/imagine a fox --n 4")
    assert "One picture did not come; only the 3 that came were charged" in answer.text


async def test_previews_where_they_are_streamed(room: Room) -> None:
    room.relay.delay = 0.6
    answer = await room.paint("/imagine a fox")
    streamed = room.relay.dialect in ("xinliu", "openai")
    assert ("stream" in room.sent) == streamed
    shown = [call for call in room.town.fake.calls if call.method == "editMessageMedia"]
    mine = [call for call in shown if int(call.params["message_id"]) == answer.id]
    assert (len(mine) > 1) == streamed


@pytest.mark.parametrize(
    ("said", "fields", "takes"),
    [
        ("--format webp", {"output_format": "webp"}, {"jobs", "xinliu", "openai"}),
        ("--format png", {}, set(DIALECTS) - {"image2free"}),
        ("--format jpeg", {}, {"jobs", "xinliu", "openai", "image2free"}),
        ("--format webp --compression 40", {"output_compression": 40}, {"xinliu", "openai"}),
        ("--background opaque", {"background": "opaque"}, {"jobs", "xinliu", "openai"}),
        ("--background transparent", {"background": "transparent"}, {"jobs", "openai"}),
        ("--moderation low", {"moderation": "low"}, {"xinliu", "openai"}),
        ("--quality low", {"quality": "low"}, set(DIALECTS) - {"image2free"}),
    ],
)
async def test_looks(room: Room, said: str, fields: dict[str, Any], takes: set[str]) -> None:
    if room.relay.dialect not in takes:
        await room.refused(f"/imagine a fox {said}", "othing was charged")
        return
    await room.paint(f"/imagine a fox {said}")
    assert fields.items() <= room.sent.items()


async def test_transparency_by_the_model_that_has_it(scene: Scene) -> None:
    room = await scene.room("xinliu")
    await room.paint("/imagine a fox --model gpt-image-1.5 --background transparent --format png")
    assert (room.sent["model"], room.sent["background"]) == ("gpt-image-1.5", "transparent")


async def test_4k_in_a_ratio_that_it_is_not_made_in(scene: Scene) -> None:
    room = await scene.room("image2free")
    await room.refused('/imagine a fox --size "1:1 4k"', "1:1@2k", "othing was charged")


# --- edits -----------------------------------------------------------------------------------------


async def test_a_photo_is_edited(room: Room) -> None:
    if room.relay.dialect not in EDITING:
        await room.refused("/edit at night", "can't edit pictures", photo=PHOTO)
        return
    await room.paint("/edit at night", photo=PHOTO)
    assert (room.submits, room.charges, room.calls("edit")) == (1, 1, 1)
    assert pictures(room.sent) == 1
    assert room.calls("upload") == (1 if room.relay.dialect == "jobs" else 0)


async def test_several_references(room: Room) -> None:
    if room.relay.dialect not in EDITING:
        await room.refused("/edit at night", "can't edit pictures", album=[PHOTO] * 3)
        return
    await room.paint("/edit at night", album=[PHOTO] * 3)
    assert pictures(room.sent) == 3


async def test_more_than_five(scene: Scene) -> None:
    room = await scene.room("image2free")
    await room.refused("/edit at night", "1–5", album=[PHOTO] * 6)


async def test_a_mask(room: Room) -> None:
    files = [("photo.png", PHOTO, "image/png"), ("mask.png", transparent(), "image/png")]
    if room.relay.dialect not in MASKING:
        why = "mask" if room.relay.dialect in EDITING else "can't edit pictures"
        await room.refused("/edit a sky --mask last", why, album=files)
        return
    await room.paint("/edit a sky --mask last", album=files)
    assert room.sent["mask"]
    assert (room.submits, room.calls("edit")) == (1, 1)
    assert ("stream" in room.sent) == (room.relay.dialect in ("xinliu", "openai"))


async def test_uploads_that_have_no_address_travel_in_the_order(scene: Scene) -> None:
    room = await scene.room("jobs")
    room.relay.switches.add("upload-id")
    await room.paint("/edit at night", album=[PHOTO] * 2)
    assert [sorted(given) for given in room.sent["reference_images"]] == [["data_base64", "mime_type"]] * 2


def pictures(sent: Mapping[str, Any]) -> int:
    """How many were given."""
    found = sent.get("images") or sent.get("image_urls") or ()
    assert all(found)
    return len(found)


# --- what is left, what was ordered, what is lost --------------------------------------------------


async def test_balance(room: Room) -> None:
    known = {"shenfeng": "USD", "image2free": "credits"}
    said = room.town.fake.say(room.place, room.person, "/balance")
    await room.town.answer(said, known.get(room.relay.dialect, "unknown"))


async def test_history_finds_what_broke_off_and_else_the_person_decides(room: Room) -> None:
    room.relay.fail("submit", "reset")
    asked = room.town.fake.say(room.place, room.person, f"/imagine a fox numbered {room.place.id}")
    if room.relay.dialect == "shenfeng":
        await room.town.painted(asked)
        assert room.calls("history") >= 1
    else:
        answer = await room.town.answer(asked, "you decide")
        assert len([label for row in answer.buttons for label in row]) == 2
    assert (room.submits, room.calls("submit")) == (1, 1)


async def test_results_are_fetched_before_they_die(room: Room) -> None:
    answer = await room.paint("/imagine a fox")
    room.relay.files.clear()
    room.town.fake.press(answer, "📄 Original", room.person)
    await room.town.fake.until(lambda: [m for m in room.place.seen if m.ours and m.document])


async def test_the_second_address_of_one_account(scene: Scene) -> None:
    room = await scene.room("xinliu")
    room.relay.fail("submit", 522, form="html", edge=True)
    before = dict(room.relay.hosts)
    await room.paint("/imagine a fox")
    await room.paint("/imagine another fox")
    used = sorted(room.relay.hosts[host] - before.get(host, 0) for host in scene.addresses)
    assert used == [1, 2], "what never arrived goes by the other one, which is preferred for a while"
    assert (room.submits, room.charges) == (2, 2)


@pytest.mark.parametrize("dialect", ["jojokey", "openai"])
async def test_who_asks_the_support_has_the_request_id(scene: Scene, dialect: str) -> None:
    room = await scene.room(dialect)
    name = "X-Oneapi-Request-Id" if dialect == "jojokey" else "x-request-id"
    for status in (400, 403, 503, 524):
        room.relay.fail("submit", status, text="No available channel", headers={name: f"req_{status}"})
        asked = room.town.fake.say(room.place, room.person, "/imagine a fox")
        await room.town.answer(asked, f"req_{status}")
    assert room.submits == 0


# --- videos ----------------------------------------------------------------------------------------


async def test_videos(room: Room) -> None:
    if room.relay.dialect != "image2free":
        await room.refused("/video a fox runs", "makes no videos")
        return
    answer = await room.paint("/video a fox runs --model happyhorse-1.0 --seconds 3")
    assert answer.video
    answer = await room.paint("/video it runs --model happyhorse-1.0 --seconds 3", photo=PHOTO)
    assert answer.video
    assert room.sent["first_frame_image"].startswith("data:image/")
    assert room.submits == 2


async def test_a_veo_video_is_asked_about_and_goes_on(scene: Scene) -> None:
    room = await scene.room("image2free")
    source = await agreed(room, "/video a cat --model veo3.1-fast", "$2.5")
    answer = await agreed(room, "/remix it runs on", "$2.5", reply_to=source)
    assert answer.video
    assert (room.submits, room.calls("remix")) == (2, 1)


async def agreed(room: Room, text: str, price: str, **more: Any) -> Message:
    """Say it, read the price, agree."""
    submits = room.submits
    asked = room.town.fake.say(room.place, room.person, text, **more)
    question = await room.town.answer(asked, price)
    assert room.submits == submits
    room.town.fake.press(question, question.buttons[0][0], room.person)
    found = await room.town.fake.until(
        lambda: [m for m in room.place.seen if m.ours and m.video and m.id > asked.id]
    )
    await eventually(lambda: len(found[-1].buttons) >= 2)
    last: Message = found[-1]
    return last
