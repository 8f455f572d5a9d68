"""Easel's own process on Discord: what people call, press, fill in and see."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from bot.i18n import words
from tests.contract.pictures import png
from tests.fakes.discord import Message
from tests.fakes.discord.answers import DEFERRED, MODAL
from tests.fakes.relay.pictures import sides
from tests.whole.house import eventually
from tests.whole.towns import CHAT_KEY, WRONG_KEY, DiscordTown, Spent, discord_town

pytestmark = [pytest.mark.whole, pytest.mark.asyncio(loop_scope="module")]

CORGI = "a corgi in a space suit"
BUTTONS = ["Again", "Vary", "Edit", "Original", "Delete"]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def opened(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[DiscordTown]:
    async with discord_town(tmp_path_factory.mktemp("discord"), fresh=True) as town:
        town.house.fresh = False  # once is enough
        yield town


@pytest_asyncio.fixture(loop_scope="module")
async def town(opened: DiscordTown) -> AsyncIterator[DiscordTown]:
    """One process for all tests; after each it must be in order, and Discord content."""
    yield opened
    opened.house.in_order()
    assert opened.fake.violations == []
    assert opened.fake.faults == []


def shown(message: Message) -> list[tuple[int, int]]:
    return [sides(file.content or b"") for file in message.files]


async def test_a_slash_command_with_typed_options_becomes_a_picture(town: DiscordTown) -> None:
    room, (ada,) = town.club()
    spent = town.spent
    ask = await town.fake.slash(room, ada, "imagine", prompt=CORGI, size="16:9", quality="high")
    placeholder = await town.says(room, "Painting", CORGI, seconds=1.0)
    assert ask.callback == DEFERRED
    assert ask.quickness < 1.0
    answer = await town.painted(ask)
    assert answer is placeholder
    assert shown(answer) == [(1536, 864)]
    assert [label.split()[-1] for label in answer.labels] == BUTTONS
    assert "1536×864" in answer.content
    assert town.relay.orders[-1]["quality"] == "high"
    assert spent.now == (1, 1)
    assert len(town.fake.said(room)) == 1


async def test_ten_pictures_come_in_one_message(town: DiscordTown) -> None:
    room, (ada,) = town.club()
    spent = town.spent
    ask = await town.fake.slash(room, ada, "imagine", prompt="ten corgis", n=10)
    answer = await town.painted(ask, 10)
    assert shown(answer) == [(1024, 1024)] * 10
    assert spent.now == (1, 10)
    assert len(town.fake.said(room)) == 1


async def test_attachments_are_edited(town: DiscordTown) -> None:
    room, (ada,) = town.club()
    options = {"image": png(320, 200), "image2": png(200, 320)}
    ask = await town.fake.slash(room, ada, "edit", prompt="on one table", **options)
    await town.painted(ask)
    assert [sides(each) for each in town.relay.orders[-1]["images"]] == [(320, 200), (200, 320)]


async def test_a_message_is_edited_from_its_menu(town: DiscordTown) -> None:
    room, (ada, ben) = town.club("Ada", "Ben")
    ours = await town.painted(await town.fake.slash(room, ada, "imagine", prompt=CORGI))
    menu = await town.fake.menu(ours, ben, "Edit this picture")
    await town.fake.until(lambda: menu.callback == MODAL)
    sent = await town.fake.send(menu, prompt="make it night")
    answer = await town.painted(sent)
    assert "make it night" in answer.content
    assert [sides(each) for each in town.relay.orders[-1]["images"]] == [(1024, 1024)]


async def test_a_message_of_somebody_is_edited_from_its_menu(town: DiscordTown) -> None:
    room, (ada, ben) = town.club("Ada", "Ben")
    theirs = town.fake.write(room, ben, "look", png(320, 200))
    menu = await town.fake.menu(theirs, ada, "Edit this picture")
    await town.fake.until(lambda: menu.callback == MODAL)
    sent = await town.fake.send(menu, prompt="make it night")
    await town.painted(sent)
    assert [sides(each) for each in town.relay.orders[-1]["images"]] == [(320, 200)]


async def test_every_button_works_and_still_after_a_restart(town: DiscordTown) -> None:
    room, (ada, ben) = town.club("Ada", "Ben")
    result = await town.painted(await town.fake.slash(room, ada, "imagine", prompt=CORGI, size="16:9"))
    for round_ in range(2):
        spent = town.spent
        await town.painted(await town.fake.press(result, ben, "Again"))
        await town.painted(await town.fake.press(result, ada, "Vary"))
        assert len(town.relay.orders[-1]["images"]) == 1
        edit = await town.fake.press(result, ben, "Edit")
        await town.fake.until(lambda ask=edit: ask.callback == MODAL)
        await town.painted(await town.fake.send(edit, prompt="in the rain"))
        assert town.relay.orders[-1]["prompt"] == "in the rain"
        original = await town.fake.press(result, ada, "Original")
        file = await town.fake.until(
            lambda ask=original: [m for m in town.fake.said(room) if m.ask is ask and m.files]
        )
        assert shown(file[0]) == [(1536, 864)]
        assert spent.now == (3, 3)
        if not round_:
            await town.house.restart()
            await eventually(lambda: town.fake.gateway.live)
    wrong = await town.fake.press(result, ben, "Delete")
    await town.whispered(wrong, "Ada")
    assert not result.gone
    await town.fake.press(result, ada, "Delete")
    await town.fake.until(lambda: result.gone)


async def test_a_key_is_typed_into_a_form_and_shown_as_a_hint(town: DiscordTown) -> None:
    room, (ada, ben) = town.club("Ada", "Ben")
    refused = await town.fake.slash(room, ben, "key")
    await town.whispered(refused, "Only an admin")
    for key, answer in ((WRONG_KEY, "does not accept the key"), (CHAT_KEY, "sk-…dcba")):
        form = await town.fake.slash(room, ada, "key")
        await town.fake.until(lambda ask=form: ask.callback == MODAL)
        await town.whispered(await town.fake.send(form, key=key), answer)
    own = Spent(town.relay, CHAT_KEY)
    await town.painted(await town.fake.slash(room, ben, "imagine", prompt="a fox"))
    assert own.now == (1, 1)
    balance = await town.whispered(await town.fake.slash(room, ben, "balance"), "Paid by sk-…dcba")
    assert f"{town.relay.keys[CHAT_KEY]:.2f} USD" in balance.content
    forgotten = await town.fake.slash(room, ada, "key", key="forget")
    await town.whispered(forgotten, "The key is gone")
    assert not [m for m in town.fake.said(room) if m.viewer is None and "key" in m.content.lower()]


async def test_private_commands_are_answered_to_the_asker_alone(town: DiscordTown) -> None:
    room, (ada, ben) = town.club("Ada", "Ben")
    said = {"help": "/imagine", "settings": "Size: auto", "jobs": "Nothing", "balance": "operator's key"}
    for name, answer in said.items():
        await town.whispered(await town.fake.slash(room, ben, name), answer)
    assert town.fake.said(room) == []
    assert town.fake.whispers(room, ada) == []


async def test_an_answer_that_outlives_its_interaction_goes_by_channel(town: DiscordTown) -> None:
    room, (ada,) = town.club()
    town.fake.answers.life, town.relay.delay = 1.0, 1.5
    try:
        ask = await town.fake.slash(room, ada, "imagine", prompt=CORGI)
        placeholder = await town.says(room, "Painting")
        answer = await town.painted(ask)
    finally:
        town.fake.answers.life, town.relay.delay = 900.0, 0.2
    assert answer is placeholder
    assert shown(answer) == [(1024, 1024)]
    assert town.fake.called("PATCH /channels/{channel_id}/messages/{message_id}")
    assert len(town.fake.said(room)) == 1


async def test_the_commands_are_declared_once(town: DiscordTown) -> None:
    before = len(town.fake.called("GET /applications/{application_id}/commands"))
    await town.house.restart()
    await eventually(lambda: len(town.fake.called("GET /applications/{application_id}/commands")) > before)
    await eventually(lambda: town.fake.gateway.live)
    assert before
    assert len(town.fake.called("PUT /applications/{application_id}/commands")) == 1


async def test_a_chinese_person_reads_chinese(town: DiscordTown) -> None:
    mei = town.fake.person("林梅", "zh-CN")
    room = town.fake.channel(town.fake.server("茶馆", mei))
    ask = await town.fake.slash(room, mei, "imagine", prompt="一只狐狸")
    answer = await town.painted(ask)
    assert words().say("zh-Hans", "button-again") in answer.labels[0]
    await town.whispered(await town.fake.slash(room, mei, "imagine", prompt="一只狐狸 --n 99"), "99", "--n")


async def test_in_direct_messages_it_is_the_same(town: DiscordTown) -> None:
    ada = town.fake.person()
    room = town.fake.private(ada)
    answer = await town.painted(await town.fake.slash(room, ada, "imagine", prompt=CORGI))
    assert shown(answer) == [(1024, 1024)]


async def test_killed_it_goes_on_in_the_same_message(town: DiscordTown) -> None:
    room, (ada,) = town.club()
    town.relay.delay, spent, polls = 1.0, town.spent, town.relay.calls["poll"]
    ask = await town.fake.slash(room, ada, "imagine", prompt=CORGI)
    await eventually(lambda: town.relay.calls["poll"] > polls)
    await town.house.kill_and_start()
    town.relay.delay = 0.2
    await town.painted(ask)
    assert spent.now == (1, 1)
    assert len(town.fake.said(room)) == 1


# where people post


async def test_in_a_thread_and_in_a_post_of_a_forum_the_picture_stays_there(town: DiscordTown) -> None:
    room, (ada,) = town.club()
    assert room.server
    forum = town.fake.channel(room.server, "ideas", kind=15)
    for place in (town.fake.thread(room, "a thread"), town.fake.thread(forum, "a post")):
        town.relay.delay = 1.0
        ask = await town.fake.slash(place, ada, "imagine", prompt=CORGI)
        await town.says(place, "Painting")
        ask.dead = True  # the interaction is over before the picture is there
        [message] = town.fake.said(place)
        await eventually(lambda message=message: message.files)  # type: ignore[misc]
    town.relay.delay = 0.2
    assert not town.fake.said(forum)


async def test_for_one_alone_and_after_the_interaction_by_direct_message(town: DiscordTown) -> None:
    room, (ada, ben) = town.club("Ada", "Ben")
    await town.fake.slash(room, ada, "imagine", prompt=CORGI, only_me="on")
    await eventually(lambda: any(said.files for said in town.fake.whispers(room, ada)))
    assert not town.fake.said(room, ben)
    town.relay.delay = 1.0
    late = await town.fake.slash(room, ada, "imagine", prompt="a secret", only_me="on")
    await town.fake.until(lambda: len(town.fake.whispers(room, ada)) == 2)
    late.dead = True
    alone = town.fake.private(ada)
    await eventually(lambda: town.fake.said(alone) and town.fake.said(alone)[-1].files)
    town.relay.delay = 0.2
    assert not town.fake.said(room, ben)
    listed = await town.fake.slash(room, ben, "jobs")
    await eventually(lambda: town.fake.whispers(room, ben))
    assert "a secret" not in "".join(m.content for m in town.fake.whispers(room, ben))
    assert listed


async def test_brought_along_to_a_server_that_easel_is_not_in(town: DiscordTown) -> None:
    ada = town.fake.person("Ada")
    foreign = town.fake.channel(town.fake.server("Elsewhere", town.fake.person("Olga"), ada, installed=False))
    friends = town.fake.group(ada, town.fake.person("Ben"))
    for place in (foreign, friends):
        await town.painted(await town.fake.slash(place, ada, "imagine", prompt=CORGI))
        assert len(town.fake.said(place)) == 1
    town.relay.delay = 1.0
    before = len(town.fake.said(town.fake.private(ada)))
    late = await town.fake.slash(foreign, ada, "imagine", prompt="a late corgi")
    await town.says(foreign, "a late corgi")
    late.dead = True
    alone = town.fake.private(ada)
    await eventually(lambda: len(town.fake.said(alone)) > before and town.fake.said(alone)[-1].files)
    town.relay.delay = 0.2


# what Discord does to messages


@pytest.mark.parametrize("fault", ["lost", "late gateway", "gateway", "reset", "flood"])
async def test_a_picture_is_delivered_once_through_everything(town: DiscordTown, fault: str) -> None:
    room, (ada,) = town.club()
    spent = town.spent
    town.fake.fail("PATCH /webhooks", f"{fault} files", 1)
    ask = await town.fake.slash(room, ada, "imagine", prompt=CORGI)
    await town.painted(ask)
    assert spent.now == (1, 1)
    assert len(town.fake.said(room)) == 1


@pytest.mark.parametrize("fault", ["", "lost", "late gateway", "reset"])
async def test_a_placeholder_that_somebody_removed_is_no_loss(town: DiscordTown, fault: str) -> None:
    """The new message is sent to the channel, once: it has a nonce, and another one if it is removed too."""
    room, (ada,) = town.club()
    spent, sent = town.spent, "POST /channels/{channel_id}/messages"
    await town.fake.slash(room, ada, "imagine", prompt=CORGI)
    (await town.says(room, "Painting")).gone = True
    if fault:
        town.fake.fail(sent, fault)
    before = len(town.fake.called(sent))
    (answer,) = await town.fake.until(lambda: [said for said in town.fake.said(room) if said.files], 15)
    assert shown(answer) == [(1024, 1024)]
    nonces = {call.body["nonce"] for call in town.fake.called(sent)[before:]}
    assert len(nonces) == 1
    assert len(town.fake.said(room)) == 1
    assert spent.now == (1, 1)


async def test_a_picture_waits_for_a_channel_that_was_closed(town: DiscordTown) -> None:
    """Shut out, and the interaction is over: what was painted is kept."""
    room, (ada,) = town.club()
    town.fake.answers.life, town.relay.delay, spent = 1.0, 1.5, town.spent
    try:
        await town.fake.slash(room, ada, "imagine", prompt=CORGI)
        await town.says(room, "Painting")
        room.refuses = 403, 50001, "Missing Access"
        await eventually(lambda: "could not be delivered" in town.house.log)
    finally:
        town.fake.answers.life, town.relay.delay = 900.0, 0.2
    room.refuses = None
    ask = await town.fake.slash(room, ada, "show")
    answer = await town.painted(ask)
    assert shown(answer) == [(1024, 1024)]
    assert spent.now == (1, 1)


@pytest.mark.parametrize("trouble", ["cut", "ask_to_reconnect", "close", "invalidate"])
async def test_a_gateway_that_drops_loses_nothing(town: DiscordTown, trouble: str) -> None:
    """What is under way arrives, and what is asked for meanwhile is heard."""
    room, (ada,) = town.club()
    spent = town.spent
    first = await town.fake.slash(room, ada, "imagine", prompt=CORGI)
    if gone := getattr(town.fake.gateway, trouble)():
        await gone
    if trouble == "invalidate":
        await eventually(lambda: town.fake.gateway.live, 20.0)
    second = await town.fake.slash(room, ada, "imagine", prompt=CORGI)
    for ask in (first, second):
        await town.painted(ask, seconds=20.0)
    assert spent.now == (2, 2)
    assert len(town.fake.said(room)) == 2
