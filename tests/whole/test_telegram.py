"""Easel's own process on Telegram: what people write, press and see."""

from __future__ import annotations

import io
import time
from base64 import b64decode, b64encode
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from PIL import Image

from tests.contract.pictures import png
from tests.fakes.relay.pictures import sides as relay_sides
from tests.fakes.telegram import Message, Place
from tests.whole.house import eventually
from tests.whole.towns import TelegramTown, telegram_town

pytestmark = [pytest.mark.whole, pytest.mark.asyncio(loop_scope="module")]

CORGI = "/imagine a corgi in a space suit --size 16:9"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def opened(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[TelegramTown]:
    async with telegram_town(tmp_path_factory.mktemp("telegram"), fresh=True) as town:
        town.house.fresh = False  # once is enough
        yield town


@pytest_asyncio.fixture(loop_scope="module")
async def town(opened: TelegramTown) -> AsyncIterator[TelegramTown]:
    """One process for all tests; after each it must be in order."""
    yield opened
    opened.house.in_order()
    assert opened.fake.faults == []


def sides(message: Message) -> tuple[int, int]:
    assert message.media
    return message.media.facts.width, message.media.facts.height


# /imagine


async def test_a_prompt_in_private_becomes_a_picture(town: TelegramTown) -> None:
    ada, home = town.somebody()
    spent, since = town.spent, time.monotonic()
    asked = town.fake.say(home, ada, CORGI)
    placeholder = await town.answer(asked, "Painting", "a corgi in a space suit", seconds=1.0)
    assert time.monotonic() - since < 1.0
    assert placeholder.media is None
    answer = await town.painted(asked)
    assert answer is placeholder
    assert answer.photo
    assert sides(answer) == (1536, 864)
    assert "1536×864" in answer.text
    assert [[label.split()[-1] for label in row] for row in answer.buttons] == [
        ["Again", "Vary", "Edit"],
        ["Original", "Delete"],
    ]
    assert spent.now == (1, 1)
    assert len(town.fake.answers(home)) == 1


@pytest.mark.parametrize("kind", ["group", "supergroup"])
async def test_in_a_group_everybody_is_answered_where_they_asked(town: TelegramTown, kind: str) -> None:
    ada, ben = town.fake.person("Ada"), town.fake.person("Ben")
    club = town.fake.group("The Club", ada, ben, kind=kind)
    asked = [town.fake.say(club, ada, CORGI), town.fake.say(club, ben, "/imagine@EaselBot a fox —size 1:1")]
    town.fake.say(club, ben, "/imagine@OtherBot a fox")
    assert [sides(await town.painted(each)) for each in asked] == [(1536, 864), (1024, 1024)]
    assert len(town.fake.answers(club)) == 2


async def test_in_a_topic_the_answer_stays_there(town: TelegramTown) -> None:
    ada = town.fake.person("Ada")
    forum = town.fake.group("The Forum", ada, forum=True)
    topic = town.fake.topic(forum, "Pictures")
    asked = [town.fake.say(forum, ada, CORGI, topic=topic), town.fake.say(forum, ada, CORGI)]
    painted = [await town.painted(each) for each in asked]  # whichever of them was opened first
    assert [answer.thread for answer in painted] == [topic, None]
    town.fake.press(painted[0], "📄 Original", ada)
    await town.fake.until(lambda: len(town.fake.answers(forum)) == 3)
    assert town.fake.answers(forum)[-1].thread == topic


async def test_who_waits_sees_their_place_and_then_the_picture(town: TelegramTown) -> None:
    """A member's third job waits for the first two; its message is repainted on the way.

    Edits, since their end is known at once: they are not polled for.
    """
    ada, home = town.somebody()
    spent, asked = town.spent, []
    for running, town.relay.delay, what in ((1, 0.5, "one"), (2, 2.5, "two"), (2, 2.5, "three")):
        asked.append(town.fake.say(home, ada, f"/edit {what}", photo=png()))
        await eventually(lambda running=running: spent.now[0] == running)
    asked.append(town.fake.say(home, ada, "/edit four", photo=png()))
    places = [await town.answer(each) for each in asked]
    assert ["place 1" in said.text for said in places] == [False, False, True, False]
    assert "place 2" in places[3].text
    await town.answer(asked[2], "Painting", "three")
    await town.answer(asked[3], "place 1", "four")
    town.relay.delay = 0.2
    answers = [await town.painted(each) for each in asked]
    assert answers == places
    assert "four" in answers[3].text


async def test_who_waits_can_take_it_back(town: TelegramTown) -> None:
    ada, home = town.somebody()
    town.relay.delay, spent = 1.0, town.spent
    asked = [town.fake.say(home, ada, f"/imagine {n} foxes") for n in (1, 2, 3, 4)]
    answers = [await town.answer(each) for each in asked]
    town.relay.delay = 0.2
    first, second = sorted((said for said in answers if said.buttons), key=lambda said: said.text)
    town.fake.press(first, "Cancel", ada)
    await town.fake.until(lambda: "Taken back; nothing was charged" in first.text)
    await town.fake.until(lambda: "place 1" in second.text or second.photo)
    for each, answer in zip(asked, answers, strict=True):
        if answer is not first:
            await town.painted(each)
    assert spent.now == (3, 3)
    await town.answer(town.fake.say(home, ada, "/cancel"), "You have nothing waiting here")


async def test_several_pictures_come_as_a_sheet_with_numbers(town: TelegramTown) -> None:
    ada, home = town.somebody()
    spent = town.spent
    asked = town.fake.say(home, ada, "/imagine four corgis --n 4")
    sheet = await town.painted(asked)
    assert spent.now == (1, 4)
    numbers, _, files = sheet.buttons
    assert numbers == ["1", "2", "3", "4"]
    assert files[0].endswith("Original")
    town.fake.press(sheet, "2", ada)
    shown = await town.fake.until(lambda: town.fake.answers(home)[1:])
    await town.fake.until(lambda: shown[0].photo)
    assert sides(shown[0]) == (1024, 1024)
    town.fake.press(sheet, "📄 Original", ada)
    await town.fake.until(lambda: len(town.fake.answers(home)) == 6)
    album = town.fake.answers(home)[2:]
    assert len({message.group for message in album}) == 1
    relayed = [picture for job in town.relay.jobs.values() for picture in job.pictures()]
    originals = [message.document.content for message in album if message.document]
    assert len(originals) == 4
    assert {b64encode(each) for each in originals} <= set(relayed)


async def test_only_what_came_is_charged(town: TelegramTown) -> None:
    ada, home = town.somebody()
    town.relay.next_job("fewer")
    answer = await town.painted(town.fake.say(home, ada, "/imagine four corgis --n 4"))
    assert "One picture did not come; only the 3 that came were charged" in answer.text
    assert answer.buttons[0] == ["1", "2", "3"]
    await town.answer(town.fake.say(home, ada, "/balance"), "You: today $0.51 spent", "under way: $0.00")


# /edit


async def edited(town: TelegramTown, asked: Message, count: int = 1) -> list[bytes]:
    """The pictures that went to the relay for this one request."""
    before = len(town.relay.orders)
    await town.painted(asked)
    orders = [order["images"] for order in town.relay.orders[before:] if "images" in order]
    assert len(orders) == 1
    assert len(orders[0]) == count
    return list(orders[0])


async def test_a_photo_is_edited_by_a_reply(town: TelegramTown) -> None:
    ada, ben = town.fake.person("Ada"), town.fake.person("Ben")
    club = town.fake.group("The Club", ada, ben)
    photo = town.fake.say(club, ben, photo=png(320, 200))
    asked = town.fake.say(club, ada, "/edit make it night", reply_to=photo)
    (sent,) = await edited(town, asked)
    assert relay_sides(sent) == (320, 200)


async def test_a_photo_or_a_file_is_edited_by_its_caption(town: TelegramTown) -> None:
    ada, home = town.somebody()
    photo = town.fake.say(home, ada, "/edit make it night", photo=png(320, 200))
    assert relay_sides((await edited(town, photo))[0]) == (320, 200)
    file = ("corgi.png", png(300, 100), "image/png")
    asked = town.fake.say(home, ada, "/edit make it day --size 1:1", document=file)
    assert relay_sides((await edited(town, asked))[0]) == (300, 100)
    assert sides(await town.painted(asked)) == (1024, 1024)


async def test_an_album_of_ten_is_one_request(town: TelegramTown) -> None:
    ada, home = town.somebody()
    spent = town.spent
    asked = town.fake.say(home, ada, "/edit a collage", album=[png(100 + at, 80) for at in range(10)])
    sent = await edited(town, asked, 10)
    assert [relay_sides(each)[0] for each in sent] == [100 + at for at in range(10)]
    assert spent.now == (1, 1)
    assert len(town.fake.answers(home)) == 1


async def test_our_own_picture_is_edited_from_the_kept_original(town: TelegramTown) -> None:
    ada, home = town.somebody()
    first = await town.painted(town.fake.say(home, ada, CORGI))
    (job,) = [job for job in town.relay.jobs.values() if "corgi" in job.fields["prompt"]][-1:]
    (original,) = map(b64decode, job.pictures())
    assert first.photo
    downloads = len(town.fake.called("getFile"))
    by_reply = town.fake.say(home, ada, "/edit make it night", reply_to=first)
    assert decoded(*await edited(town, by_reply)) == decoded(original)
    by_words = town.fake.say(home, ada, "make it snow", reply_to=first)
    assert decoded(*await edited(town, by_words)) == decoded(original)
    name = data(first, "📄 Original").split()[1]
    by_name = town.fake.say(home, ada, f"/edit make it rain --of {name}")
    assert decoded(*await edited(town, by_name)) == decoded(original)
    assert len(town.fake.called("getFile")) == downloads


# buttons


async def test_every_button_does_what_it_says_and_still_after_a_restart(town: TelegramTown) -> None:
    ada, home = town.somebody()
    result = await town.painted(town.fake.say(home, ada, CORGI))
    for round_ in range(2):
        spent, seen = town.spent, len(town.fake.answers(home))
        again = town.fake.press(result, "🔁 Again", ada)
        await pictures(town, home, seen + 1)
        vary = town.fake.press(result, "🎲 Vary", ada)
        await pictures(town, home, seen + 2)
        assert len(town.relay.orders[-1]["images"]) == 1
        edit = town.fake.press(result, "✏️ Edit", ada)
        question = await town.says(home, "What should change?")
        await town.fake.until(lambda press=edit: press.answered)
        assert question.markup
        assert question.markup["force_reply"]
        await pictures(town, home, seen + 3, town.fake.say(home, ada, "in the rain", reply_to=question))
        assert town.relay.orders[-1]["prompt"] == "in the rain"
        original = town.fake.press(result, "📄 Original", ada)
        file = await town.fake.until(lambda: [m for m in town.fake.answers(home) if m.document])
        assert relay_sides(file[0].document.content) == (1536, 864)
        assert spent.now == (3, 3)
        assert not any(press.text for press in (again, vary, edit, original))
        for extra in (*file, question):
            del home.messages[extra.id]
        if not round_:
            await town.house.restart()
    town.fake.press(result, "🗑 Delete", ada)
    await town.fake.until(lambda: result.id not in home.messages)


async def test_only_the_owner_or_an_admin_deletes(town: TelegramTown) -> None:
    olga, ada, ben = (town.fake.person(name) for name in ("Olga", "Ada", "Ben"))
    club = town.fake.group("The Club", olga, ada, ben)
    mine, other = [await town.painted(town.fake.say(club, ada, f"/imagine {n} foxes")) for n in (1, 2)]
    press = town.fake.press(mine, "🗑 Delete", ben)
    await town.fake.until(lambda: press.answered)
    assert press.alert
    assert "Ada" in press.text
    assert mine.id in club.messages
    town.fake.press(mine, "🗑 Delete", ada)
    town.fake.press(other, "🗑 Delete", olga)
    await town.fake.until(lambda: not {mine.id, other.id} & club.messages.keys())


async def test_again_pressed_twice_is_again_once(town: TelegramTown) -> None:
    ada, home = town.somebody()
    result = await town.painted(town.fake.say(home, ada, CORGI))
    spent = town.spent
    presses = [town.fake.press(result, "🔁 Again", ada) for _ in range(2)]
    await pictures(town, home, 2)
    await town.fake.until(lambda: all(press.answered for press in presses))
    assert sorted(press.text[:13] for press in presses) == ["", "That is being"]
    assert spent.now == (1, 1)
    assert len(town.fake.answers(home)) == 2


async def pictures(town: TelegramTown, place: Place, count: int, asked: Message | None = None) -> None:
    """Wait until so many finished pictures are to be seen (files do not count)."""
    if asked:
        await town.painted(asked)
    await town.fake.until(
        lambda: sum(m.photo is not None and len(m.buttons) > 1 for m in town.fake.answers(place)) == count,
        15.0,
    )


def data(message: Message, label: str) -> str:
    """What a button sends."""
    assert message.markup
    rows = message.markup["inline_keyboard"]
    return next(button["callback_data"] for row in rows for button in row if button["text"] == label)


def decoded(picture: bytes) -> tuple[str, bytes]:
    with Image.open(io.BytesIO(picture)) as opened:
        return opened.mode, opened.convert("RGB").tobytes()
