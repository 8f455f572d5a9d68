"""Inline mode at the adapter: what is offered as somebody writes, and messages sent by way of the bot."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.model import Button, ChatId, ImageRequest, Invocation, Job, JobId, Post, Reply
from bot.ports import Draft
from tests.contract.harness_telegram import TelegramHarness, telegram
from tests.contract.pictures import picture
from tests.fakes.telegram import Message, Place

DRAFT = Draft("Paint this", "about $0.04", Reply("a fox", buttons=((Button("Paint it", "paint", "d1"),),)))


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[TelegramHarness]:
    async with telegram(tmp_path) as harness:
        yield harness


@pytest.fixture
def elsewhere(room: TelegramHarness) -> Place:
    """A group that the bot is no member of."""
    return room.fake.group("Friends", room.max, room.olga)


async def offered(room: TelegramHarness, text: str, offset: str = "") -> list[dict[str, Any]]:
    seeking = room.fake.seek(room.max, text, offset)
    return await room.fake.until(lambda: seeking.offered) or []


async def sent(room: TelegramHarness, elsewhere: Place) -> tuple[Message, Invocation]:
    """Words put into a chat that the bot doesn't know, and the press of their button."""
    room.door.drafts["a fox", 0] = DRAFT
    seeking = room.fake.seek(room.max, "a fox")
    await room.fake.until(lambda: seeking.offered)
    message = room.fake.choose(elsewhere, seeking)
    room.fake.press(message, "Paint it", room.max)
    await room.door.wait()
    return message, room.door.heard[-1]


def job(room: TelegramHarness, post: Post) -> Job:
    request = ImageRequest("an owl")
    return Job(JobId("k3v9abcdef"), room.chat, room.member, "x", request, "operator", "en", post=post)


async def test_words_are_offered_with_their_price(room: TelegramHarness) -> None:
    room.door.drafts["a fox", 0] = DRAFT
    (words,) = await offered(room, "a fox")
    assert (words["title"], words["description"]) == ("Paint this", "about $0.04")
    assert words["input_message_content"]["message_text"] == "a fox"
    call = room.fake.called("answerInlineQuery")[-1].params
    assert call["is_personal"] is True
    assert call.get("next_offset", "") == ""


async def test_who_types_on_is_asked_for_the_latest_words(room: TelegramHarness) -> None:
    room.door.drafts["a fox in the snow", 0] = DRAFT
    begun = asyncio.Event()
    draft = room.door.draft

    async def slow(chat: ChatId, user: Any, said: str, skip: int = 0) -> Draft:
        if said == "a fox":
            begun.set()
            await asyncio.Event().wait()
        return await draft(chat, user, said, skip)

    room.door.draft = slow  # type: ignore[method-assign]
    first = room.fake.seek(room.max, "a fox")
    await begun.wait()
    assert await offered(room, "a fox in the snow")
    assert first.offered is None


async def test_pictures_of_the_past_come_from_telegram_itself(room: TelegramHarness, tmp_path: Path) -> None:
    fox = picture(tmp_path)
    said = await room.adapter.send(room.chat, Reply("…"))
    shown = await room.adapter.edit(said, Reply("a fox", (fox,)))
    assert shown.grip.startswith("photo:")
    owl, words_alone = job(room, shown), job(room, said)
    room.door.drafts["", 0] = Draft(past=(owl, words_alone), more=20)
    (photo,) = await offered(room, "")
    assert (photo["type"], photo["photo_file_id"]) == ("photo", shown.grip.removeprefix("photo:"))
    assert photo["caption"] == "an owl"
    assert room.fake.called("answerInlineQuery")[-1].params["next_offset"] == "20"
    room.door.drafts["", 20] = Draft(past=(owl,))
    assert len(await offered(room, "", "20")) == 1


async def test_a_picture_that_telegram_lost_does_not_hide_the_words(room: TelegramHarness) -> None:
    owl = job(room, Post(room.chat, "7", "photo:gone"))
    room.door.drafts["a fox", 0] = Draft(DRAFT.title, DRAFT.note, DRAFT.reply, (owl,))
    assert [one["type"] for one in await offered(room, "a fox")] == ["article"]


async def test_such_a_message_belongs_to_who_sent_it(room: TelegramHarness, elsewhere: Place) -> None:
    message, call = await sent(room, elsewhere)
    assert call.chat == f"telegram:{room.max.id}:inline-{message.inline}"
    assert (call.command, call.text, call.private, call.admin) == ("paint", "d1", False, True)
    room.fake.press(message, "Paint it", room.olga)
    await room.door.wait(2)
    assert room.door.heard[-1].chat.home == f"telegram:{room.olga.id}"


async def test_it_becomes_the_picture_and_leaves_nothing_behind(
    room: TelegramHarness, elsewhere: Place, tmp_path: Path
) -> None:
    message, call = await sent(room, elsewhere)
    post = await room.adapter.send(call.chat, Reply("Painting…", busy=True), origin=call.origin)
    assert message.text == "Painting…"
    fox = picture(tmp_path)
    await room.adapter.edit(post, Reply("half a fox", (fox,), busy=True))
    assert not room.fake.called("sendPhoto")
    buttons = ((Button("Again", "again", "j1"), Button("Delete", "delete", "j1")),)
    for _ in range(2):  # a repeat is no harm
        await room.adapter.edit(post, Reply("a fox", (fox,), buttons=buttons))
    assert message.photo
    assert (message.text, message.buttons) == ("a fox", [["Again"]])
    assert not room.fake.answers(room.fake.private(room.max))


async def test_what_is_for_one_alone_goes_to_them_alone(room: TelegramHarness, elsewhere: Place) -> None:
    message, call = await sent(room, elsewhere)
    home = room.fake.private(room.max)
    await room.adapter.send(call.chat, Reply("A long answer. " * 20, private=True), origin=call.origin)
    assert message.text == "a fox"
    assert [said.text for said in room.fake.answers(home)] == ["A long answer. " * 20]


async def test_where_it_can_be_repainted_no_more_the_answer_comes_in_private(
    room: TelegramHarness, elsewhere: Place
) -> None:
    message, call = await sent(room, elsewhere)
    del room.fake.world.inline[message.inline]
    post = await room.adapter.send(call.chat, Reply("Painting…", busy=True), origin=call.origin)
    assert post.chat == f"telegram:{room.max.id}"


async def test_what_came_by_way_of_us_is_not_said_to_us(room: TelegramHarness) -> None:
    room.door.drafts["a fox", 0] = DRAFT
    seeking = room.fake.seek(room.max, "a fox")
    await room.fake.until(lambda: seeking.offered)
    room.fake.choose(room.fake.private(room.max), seeking)
    room.fake.say(room.fake.private(room.max), room.max, "/balance")
    await room.door.wait()
    assert [call.command for call in room.door.heard] == ["balance"]
