"""Easel's own process on Telegram: keys, money, languages, and who may use it."""

from __future__ import annotations

import asyncio
import io
import json
import re
import zipfile
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from bot.i18n import words
from tests.fakes.telegram import Person, Place
from tests.whole.house import eventually
from tests.whole.towns import CHAT_KEY, WRONG_KEY, Spent, TelegramTown, telegram_town

pytestmark = [pytest.mark.whole, pytest.mark.asyncio(loop_scope="module")]

CHINESE = re.compile(r"[\u4e00-\u9fff]")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def opened(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[TelegramTown]:
    home = tmp_path_factory.mktemp("chats")
    async with telegram_town(home, ACCESS="approve", QUOTA_MEMBER_DAILY="0.50") as town:
        yield town


@pytest_asyncio.fixture(loop_scope="module")
async def town(opened: TelegramTown) -> AsyncIterator[TelegramTown]:
    """One process for all tests; after each it must be in order."""
    yield opened
    opened.house.in_order()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def operator(opened: TelegramTown) -> tuple[Person, Place]:
    """Who sent the code that the first start printed."""
    olga, home = opened.somebody("Olga Operator")
    await opened.answer(opened.fake.say(home, olga, "/claim AAAAAAAAAA"), "not the code")
    found = re.search(r"/claim (\w+)", opened.house.log)
    assert found
    await opened.answer(opened.fake.say(home, olga, f"/claim {found[1].lower()}"), "You are the operator now")
    ada, other = opened.somebody()
    await opened.answer(opened.fake.say(other, ada, f"/claim {found[1]}"), "no code is open")
    return olga, home


async def balance(town: TelegramTown, person: Person, place: Place) -> str:
    return (await town.answer(town.fake.say(place, person, "/balance"), "The relay's own balance")).text


# who may use it


async def test_a_chat_is_served_once_an_operator_approved_it(
    town: TelegramTown, operator: tuple[Person, Place]
) -> None:
    olga, office = operator
    ada, ben = town.fake.person("Ada Lovelace"), town.fake.person("Ben")
    club = town.fake.group("The Club", ada, ben)
    spent = town.spent
    await town.answer(town.fake.say(club, ada, "/imagine a fox"), "I have asked the operator", "/key")
    await town.answer(town.fake.say(club, ben, "/imagine a fox"), "has not answered yet")
    request = await town.says(office, "Ada Lovelace wants to use your key", "The Club")
    assert [label for row in request.buttons for label in row] == ["Approve", "Refuse"]
    assert sum("wants to use" in said.text for said in town.fake.answers(office)) == 1
    assert spent.now == (0, 0)
    town.fake.press(request, "Approve", olga)
    await town.says(club, "The operator approved this chat")
    assert "is served by your key now" in request.text
    assert not request.buttons
    await town.painted(town.fake.say(club, ben, "/imagine a fox"))
    assert spent.now == (1, 1)


async def test_a_refused_chat_is_told_and_can_bring_a_key(
    town: TelegramTown, operator: tuple[Person, Place]
) -> None:
    olga, office = operator
    ada, home = town.somebody("Ada Refused")
    await town.answer(town.fake.say(home, ada, "/imagine a fox"), "asked the operator")
    request = await town.says(office, "Ada Refused wants to use your key")
    town.fake.press(request, "Refuse", olga)
    await town.says(home, "did not approve this chat")
    await town.answer(town.fake.say(home, ada, "/imagine a fox"), "did not approve this chat", "/key")
    await town.says(home, "did not approve")
    await keyed(town, ada, home)
    own = Spent(town.relay, CHAT_KEY)
    await town.painted(town.fake.say(home, ada, "/imagine a fox"))
    assert own.now == (1, 1)


async def test_a_cap_is_said_before_anything_is_spent(
    town: TelegramTown, operator: tuple[Person, Place]
) -> None:
    olga, office = operator
    spent = town.spent
    await town.painted(town.fake.say(office, olga, "/imagine a fox"))
    asked = town.fake.say(office, olga, "/imagine three foxes --n 3")
    await town.answer(
        asked, "Your budget for today is not enough", "$0.33 is left", "$0.51", "nothing was charged"
    )
    assert spent.now == (1, 1)
    await town.painted(town.fake.say(office, olga, "/imagine a cheap fox --quality low"))
    said = await balance(town, olga, office)
    assert "You: today $0.176 spent, left: $0.324" in said
    assert "Held for jobs under way: $0" in said


# a chat's own key


async def test_a_key_is_tried_kept_shown_as_a_hint_and_forgotten(town: TelegramTown) -> None:
    ada, home = town.somebody()
    typed = town.fake.say(home, ada, f"/key {WRONG_KEY}")
    await town.says(home, "does not accept the key")
    assert typed.id not in home.messages
    usage = town.relay.calls["usage"]
    await keyed(town, ada, home)
    assert town.relay.calls["usage"] == usage + 1
    own = Spent(town.relay, CHAT_KEY)
    await town.painted(town.fake.say(home, ada, "/imagine a fox"))
    assert own.now == (1, 1)
    said = await balance(town, ada, home)
    assert "Paid by sk-…dcba" in said
    assert f"{town.relay.keys[CHAT_KEY]:.2f} USD" in said
    assert "today $0.17 spent, left: no cap" in said
    await town.answer(town.fake.say(home, ada, "/key forget"), "The key is gone from this chat")
    await town.answer(town.fake.say(home, ada, "/imagine a fox"), "operator")
    assert own.now == (1, 1)


async def test_a_relay_that_does_not_tell_its_balance_is_unknown(town: TelegramTown) -> None:
    ada, home = town.somebody()
    await keyed(town, ada, home)
    town.relay.fail("usage", 503, times=2)
    said = await balance(town, ada, home)
    assert said.endswith("The relay's own balance: unknown")


async def test_a_groups_key_is_set_in_private_by_its_admin_alone(town: TelegramTown) -> None:
    ada, ben = town.fake.person("Ada"), town.fake.person("Ben")
    club, home, bens = town.fake.group("The Club", ada, ben), town.fake.private(ada), town.fake.private(ben)
    await town.answer(town.fake.say(club, ben, "/key"), "Only an admin")
    answer = await town.answer(town.fake.say(club, ada, "/key"), "never typed in a group")
    assert answer.markup
    link = answer.markup["inline_keyboard"][0][0]["url"]
    assert link.startswith("https://t.me/EaselBot?start=")
    payload = link.split("=")[1]
    await town.answer(town.fake.say(bens, ben, f"/start {payload}"), "Only an admin")
    await keyed(town, ada, home, payload)
    own = Spent(town.relay, CHAT_KEY)
    await town.painted(town.fake.say(club, ben, "/imagine a fox"))
    assert own.now == (1, 1)


@pytest.mark.parametrize("admin", [True, False])
async def test_a_key_typed_in_a_group_is_taken_away_and_told(town: TelegramTown, admin: bool) -> None:
    ada = town.fake.person("Ada")
    club = town.fake.group("The Club", ada)
    if admin:
        club.members[town.fake.world.bot_id] = "administrator"
    typed = town.fake.say(club, ada, f"/key {CHAT_KEY}")
    await town.says(club, "That message held a key")
    assert (typed.id in club.messages) is not admin
    await town.answer(town.fake.say(club, ada, "/settings"), "Own key: none")


async def test_a_supergroup_keeps_key_quota_and_pictures(town: TelegramTown) -> None:
    ada, home = town.somebody()
    club = town.fake.group("The Club", ada, kind="group")
    await keyed(town, ada, home, f"key_{club.id}")
    await town.answer(town.fake.say(club, ada, "/settings size 16:9"), "Changed")
    first = await town.painted(town.fake.say(club, ada, "/imagine a fox"))
    super_ = town.fake.migrate(club)
    super_.messages[first.id] = first
    own = Spent(town.relay, CHAT_KEY)
    answer = await town.painted(town.fake.say(super_, ada, "/imagine another fox"))
    assert "1536×864" in answer.text
    assert own.now == (1, 1)
    said = await balance(town, ada, super_)
    assert "Paid by sk-…dcba" in said
    assert "This chat: today $0.34 spent" in said
    job = await town.answer(town.fake.say(super_, ada, "/jobs"), "a fox", "another fox")
    name = next(line for line in job.text.splitlines() if "· a fox ·" in line).split()[1]
    await town.painted(town.fake.say(super_, ada, f"/edit in snow --of {name}"))


async def test_what_was_painted_while_the_group_moved_arrives(town: TelegramTown) -> None:
    ada, home = town.somebody()
    club = town.fake.group("The Club", ada, kind="group")
    await keyed(town, ada, home, f"key_{club.id}")
    town.relay.delay, own = 0.8, Spent(town.relay, CHAT_KEY)
    asked = town.fake.say(club, ada, "/imagine a fox")
    await eventually(lambda: own.now == (1, 1) and town.answers(asked))
    town.relay.delay = 0.2
    super_ = town.fake.migrate(club)
    await town.fake.until(lambda: [said for said in town.fake.answers(super_) if said.photo], 15.0)
    assert len(town.fake.answers(super_)) == 1


async def keyed(town: TelegramTown, person: Person, home: Place, link: str = "") -> None:
    """A chat gets a key of its own: this private one, or, by a link, a group."""
    if link:
        question = await town.answer(town.fake.say(home, person, f"/start {link}"), "API key")
        await quiet(town)
        typed = town.fake.say(home, person, CHAT_KEY, reply_to=question)
    else:
        typed = town.fake.say(home, person, f"/key {CHAT_KEY}")
    kept = await town.says(home, "sk-…dcba", "/key forget")
    assert kept.id > typed.id
    assert typed.id not in home.messages


async def quiet(town: TelegramTown) -> None:
    """The bot has done all that it was told: nobody answers a question faster than it is asked."""
    ada, home = town.somebody("Somebody Else")
    await town.answer(town.fake.say(home, ada, "/help"), "/imagine")


async def test_an_anonymous_admin_sets_the_group_up_and_a_member_does_not(town: TelegramTown) -> None:
    ada, ben = town.fake.person("Ada"), town.fake.person("Ben")
    club = town.fake.group("The Club", ada, ben)
    await town.answer(town.fake.say(club, ben, "/settings size 16:9"), "Only an admin")
    await town.answer(town.fake.say(club, ben, "/settings"), "Size: auto")
    said = town.fake.say(club, ada, "/settings size 16:9", anonymous=True)
    await town.answer(said, "Changed", "Size: 16:9")


# languages


async def test_a_chat_speaks_the_language_it_chose(town: TelegramTown) -> None:
    ada = town.fake.person("Ada")
    club = town.fake.group("俱乐部", ada)
    await town.answer(town.fake.say(club, ada, "/settings language zh"), say("settings-changed"))
    await town.answer(town.fake.say(club, ada, "/imagine 一只狐狸 --size 17:3"), "17:3", "--size")
    answer = await town.answer(town.fake.say(club, ada, "/imagine 一只狐狸"))
    assert CHINESE.search(answer.text)
    await town.answer(town.fake.say(club, ada, "/settings language klingon"), "klingon", "zh-Hans")
    await town.answer(town.fake.say(club, ada, "/settings language default"), "Changed")


async def test_a_person_is_spoken_to_in_their_own_language(
    town: TelegramTown, operator: tuple[Person, Place]
) -> None:
    mei, home = town.somebody("林 梅", "zh-hans")
    started = await town.answer(town.fake.say(home, mei, "/start"))
    assert CHINESE.search(started.text)
    await keyed(town, mei, home)
    asked = town.fake.say(home, mei, "/imagine 一只穿太空服的柯基 －－size 16：9")
    placeholder = await town.answer(asked, "一只穿太空服的柯基")
    assert CHINESE.search(placeholder.text.splitlines()[0])
    result = await town.painted(asked)
    assert say("button-again") in result.buttons[0][0]
    assert "1536×864" in result.text


def say(message_id: str) -> str:
    return words().say("zh-Hans", message_id)


# brought along


async def test_a_stranger_who_brings_easel_along_has_to_wait_for_the_operator(
    town: TelegramTown, operator: tuple[Person, Place]
) -> None:
    olga, office = operator
    sam = town.fake.person("Sam Stranger")
    party = town.fake.group("The Party", sam)
    town.fake.bring(party, sam)
    await town.says(party, "I am Easel", "I have asked the operator")
    request = await town.says(office, "Sam Stranger wants to use your key", "The Party")
    town.fake.press(request, "Approve", olga)
    await town.says(party, "The operator approved this chat")
    circle = town.fake.group("The Circle", olga, sam)
    town.fake.bring(circle, olga)
    await town.says(circle, "I am Easel", "/setup")
    await town.painted(town.fake.say(circle, sam, "/imagine a fox --quality low"))


# in conversations that Easel is no part of


async def test_words_become_a_picture_in_a_chat_that_easel_is_not_in(
    town: TelegramTown, operator: tuple[Person, Place]
) -> None:
    olga, office = operator
    ben = town.fake.person("Ben")
    friends = town.fake.group("Friends", olga, ben)
    spent = town.spent
    seeking = town.fake.seek(olga, "a lighthouse --size 16:9 --quality low")
    await eventually(lambda: seeking.offered)
    words = (seeking.offered or [])[0]
    assert words["title"] == "Paint this"
    assert "$" in words["description"]
    message = town.fake.choose(friends, seeking)
    assert message.text == "a lighthouse"
    alone = town.fake.press(message, "Paint it", ben)
    await eventually(lambda: alone.alert)
    assert "Only who sent these words" in alone.text
    before = len(town.fake.answers(office))
    town.fake.press(message, "Paint it", olga)
    town.fake.press(message, "Paint it", olga)
    await eventually(lambda: message.photo)
    assert "a lighthouse" in message.text
    assert spent.now == (1, 1)
    await eventually(lambda: len(town.fake.answers(office)) == before)
    assert [label.split()[-1] for label in message.buttons[0]] == ["Again", "Vary", "Edit"]
    town.fake.press(message, next(label for label in message.buttons[0] if "Again" in label), olga)
    await eventually(lambda: spent.now == (2, 2) and message.edits > 3)


async def test_pictures_of_the_past_are_offered_everywhere(
    town: TelegramTown, operator: tuple[Person, Place]
) -> None:
    olga, office = operator
    painted = await town.painted(town.fake.say(office, olga, "/imagine a copper kettle --quality low"))
    offered = await offers(town, olga, "kettle")
    while len(offered) < 2:  # it is offered as soon as it is written down that it was shown
        await asyncio.sleep(0.05)
        offered = await offers(town, olga, "kettle")
    assert painted.photo
    assert offered[1]["photo_file_id"] == painted.photo.id
    stranger = await offers(town, town.fake.person("Ben"), "kettle")
    assert [one["type"] for one in stranger] == ["article"]


async def offers(town: TelegramTown, person: Person, text: str) -> list[dict[str, Any]]:
    """What somebody is offered who writes this in any chat."""
    seeking = town.fake.seek(person, text)
    await eventually(lambda: seeking.offered)
    return seeking.offered or []


# what is a person's own


async def test_what_is_a_persons_own_is_handed_to_them_alone(
    town: TelegramTown, operator: tuple[Person, Place]
) -> None:
    olga, office = operator
    club = town.fake.group("The Archive", olga, town.fake.person("Ben"))
    await town.painted(town.fake.say(club, olga, "/imagine a paper boat --quality low"))
    await town.answer(town.fake.say(club, olga, "/export"), "in our private chat")
    given = await town.says(office, "requests.json")
    assert given.document
    with zipfile.ZipFile(io.BytesIO(given.document.content)) as archive:
        told = json.loads(archive.read("requests.json"))
        assert set(archive.namelist()) == {
            "requests.json",
            *(name for one in told for name in one["pictures"]),
        }
    assert "a paper boat" in [one["prompt"] for one in told]
    assert not [said for said in town.fake.answers(club) if said.document]


async def test_a_picture_for_one_alone_comes_in_private(
    town: TelegramTown, operator: tuple[Person, Place]
) -> None:
    olga, _ = operator
    ben, eve = town.fake.person("Ben"), town.fake.person("Eve")
    club = town.fake.group("The Quiet Club", olga, ben, eve)
    town.fake.bring(club, olga)
    spent = town.spent
    await town.answer(
        town.fake.say(club, eve, "/imagine a ring --only-me --quality low"), "press Start first"
    )
    home = town.fake.private(ben)
    town.fake.say(club, ben, "/imagine --only-me a ring --quality low")
    await eventually(lambda: any(said.photo for said in town.fake.answers(home)))
    [picture] = [said for said in town.fake.answers(home) if said.photo]
    assert picture.reply_to is None
    assert spent.now == (1, 1)
    assert not [said for said in town.fake.answers(club) if said.photo]
    await town.answer(town.fake.say(club, eve, "/jobs"), "Nothing has been asked for")
    town.fake.press(picture, next(label for label in picture.buttons[0] if "Edit" in label), ben)
    await town.says(home, "Your words")
