"""Saying things on Telegram: the right shape, never twice, and what refusals mean."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from PIL import Image

from adapters.telegram.adapter import Telegram
from bot.errors import BadPicture, Flooded, Gone, NotDelivered, PlatformError, Unreachable
from bot.model import Button, ChatId, Field, Form, Invocation, Post, Reply, Source, User, UserId
from bot.patience import patiently
from bot.ports import MB
from tests.contract.door import RecordingDoor
from tests.contract.harness_telegram import TelegramHarness, telegram
from tests.contract.pictures import picture, png
from tests.fakes.telegram import FakeTelegram, Message
from upstream.transport import client_for

AGAIN = ((Button("Again", "again", "k3v9abcdef"),),)


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adapters.telegram.adapter._again", partial(patiently, tries=3, wait=0.02))


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[TelegramHarness]:
    async with telegram(tmp_path) as harness:
        yield harness


async def placeholder(room: TelegramHarness) -> Post:
    return await room.adapter.send(room.chat, Reply("queued"))


def said(room: TelegramHarness) -> list[Message]:
    return room.fake.answers(room.room)


# never twice


@pytest.mark.parametrize("fault", ["lost", "late gateway", "hang"])
async def test_a_send_whose_fate_is_unknown_is_not_repeated(
    room: TelegramHarness, tmp_path: Path, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.telegram.line._UPLOAD", 0.2)
    monkeypatch.setitem(room.adapter._line._client._timeout, "read", 0.2)  # type: ignore[attr-defined]
    room.fake.fail("sendMessage|sendPhoto", fault, 0.5, times=2)
    for reply in (Reply("queued"), Reply("done", pictures=(picture(tmp_path),))):
        with pytest.raises(NotDelivered):
            await room.adapter.send(room.chat, reply)
    assert [message.text for message in said(room)] == ["queued", "done"]


async def test_a_send_that_never_left_is_repeated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adapters.telegram.adapter._again", partial(patiently, tries=3, wait=0.2))
    async with FakeTelegram() as fake:
        port = int(fake.url.rsplit(":", 1)[1])
        room = fake.group("Club", fake.person())
        adapter = Telegram(fake.token, spool=tmp_path, connect=client_for, api_url=fake.url)
    sending = asyncio.create_task(adapter.send(ChatId(f"telegram:{room.id}"), Reply("queued")))
    await asyncio.sleep(0.1)
    async with FakeTelegram(port=port) as again:
        again.world.places[room.id] = room
        await sending
        run = asyncio.create_task(adapter.run(RecordingDoor()))
        await again.until(lambda: adapter.ready)
        run.cancel()
        await asyncio.gather(run, return_exceptions=True)
        assert len(again.called("sendMessage")) == 1


async def test_an_edit_that_fails_for_long_is_not_delivered(room: TelegramHarness) -> None:
    post = await placeholder(room)
    room.fake.fail("editMessageText", "reset", times=9)
    with pytest.raises(NotDelivered):
        await asyncio.wait_for(room.adapter.edit(post, Reply("done")), 10)
    assert 2 <= len(room.fake.called("editMessageText")) < 9


async def test_a_flood_is_not_sat_out(room: TelegramHarness) -> None:
    post = await placeholder(room)
    room.fake.fail("editMessageText", "flood", 209)
    with pytest.raises(Flooded) as flood:
        await room.adapter.edit(post, Reply("done"))
    assert flood.value.seconds == 209
    assert len(room.fake.called("editMessageText")) == 1


async def test_progress_that_comes_late_leaves_the_picture_alone(
    room: TelegramHarness, tmp_path: Path
) -> None:
    """Of a worker that came back from the dead, or of a call that Telegram carried out after the next one."""
    post = await placeholder(room)
    again = ((Button("Again", "again", "x"),),)
    await room.adapter.edit(post, Reply("done", pictures=(picture(tmp_path),), buttons=again))
    await room.adapter.edit(post, Reply("80 %", busy=True))
    [message] = said(room)
    assert (message.text, message.buttons) == ("done", [["Again"]])
    await room.adapter.edit(post, Reply("taken back"))
    assert message.text == "taken back"


# the ladder


async def test_a_heavy_png_travels_as_a_file(room: TelegramHarness, tmp_path: Path) -> None:
    heavy = picture(tmp_path, width=2450, height=2450, noise=True)
    assert heavy.bytes > 17 * MB
    await room.adapter.edit(await placeholder(room), Reply("done", pictures=(heavy,), buttons=AGAIN))
    [message] = said(room)
    assert message.document
    assert (message.document.name, message.document.size) == (heavy.name, heavy.bytes)
    assert (message.text, message.buttons) == ("done", [["Again"]])


async def test_a_refused_photo_travels_as_a_file(room: TelegramHarness, tmp_path: Path) -> None:
    for refusal in ("PHOTO_INVALID_DIMENSIONS", "not enough rights to send photos to the chat"):
        room.fake.fail("editMessageMedia", "refuse", refusal)
        await room.adapter.edit(await placeholder(room), Reply("done", pictures=(picture(tmp_path),)))
        assert said(room)[-1].document


async def test_what_fits_nowhere_is_made_smaller(room: TelegramHarness, tmp_path: Path) -> None:
    """More than 50 MB: here a small picture with much behind its end."""
    path = tmp_path / "huge.png"
    Image.new("RGB", (4000, 100), "red").save(path)
    huge = replace(picture(tmp_path, "huge2"), path=path, width=4000, height=100, bytes=51 * MB)
    await room.adapter.send(room.chat, Reply("done", pictures=(huge,)))
    photo = said(room)[0].photo
    assert photo
    assert photo.mime == "image/jpeg"
    assert photo.facts.width <= 20 * photo.facts.height
    assert sorted(file.name for file in tmp_path.iterdir()) == ["huge.png", "huge2.png"]


async def test_a_picture_that_is_gone_from_the_disk(room: TelegramHarness, tmp_path: Path) -> None:
    gone = picture(tmp_path)
    gone.path.unlink()
    with pytest.raises(PlatformError) as error:
        await room.adapter.edit(await placeholder(room), Reply("done", pictures=(gone,)))
    assert error.value.sentence == "error-picture-gone"


async def test_many_pictures_are_albums(room: TelegramHarness, tmp_path: Path) -> None:
    pictures = tuple(picture(tmp_path, f"p{n}", 30 + n, 30) for n in range(11))
    await room.adapter.send(room.chat, Reply("all of them", pictures=pictures))
    assert len({message.group for message in said(room)}) == 2
    assert [message.photo.facts.width for message in said(room) if message.photo] == [
        30 + n for n in range(11)
    ]
    assert [message.text for message in said(room)] == ["all of them", *[""] * 10]


async def test_buttons_of_albums_are_on_a_message_of_their_own(room: TelegramHarness, tmp_path: Path) -> None:
    pictures = tuple(picture(tmp_path, f"p{n}") for n in range(2))
    post = await room.adapter.send(room.chat, Reply("both", pictures=pictures, files=pictures, buttons=AGAIN))
    first, *rest = said(room)
    assert (str(first.id), first.text, first.buttons) == (post.id, "both", [["Again"]])
    assert [bool(message.photo) for message in rest] == [True, True, False, False]
    assert [message.document.name for message in rest if message.document] == [p.name for p in pictures]


# where


async def test_an_answer_goes_to_the_topic(room: TelegramHarness, tmp_path: Path) -> None:
    forum = room.fake.group("Forum", room.olga, forum=True)
    topic = room.fake.topic(forum, "Dogs")
    room.fake.say(forum, room.olga, "/imagine a corgi", topic=topic)
    room.fake.say(forum, room.olga, "/imagine a cat")
    for invocation in await room.door.wait(2):
        await room.adapter.send(invocation.chat, Reply(invocation.text, pictures=(picture(tmp_path),)))
    assert {message.text: message.thread for message in room.fake.answers(forum)} == {
        "a corgi": topic,
        "a cat": None,
    }


async def test_an_answer_to_a_deleted_message_still_comes(room: TelegramHarness) -> None:
    await room.adapter.send(room.chat, Reply("hello"), origin=Post(room.chat, "999"))
    assert said(room)[0].reply_to is None


async def test_a_moved_chat_is_followed(room: TelegramHarness, tmp_path: Path) -> None:
    post = await placeholder(room)
    new = room.fake.migrate(room.room)
    await room.door.wait_moved()
    moved = await room.adapter.send(room.chat, Reply("hello"))
    assert moved.chat == f"telegram:{new.id}"
    assert [message.text for message in room.fake.answers(new)] == ["hello"]
    with pytest.raises(Gone):
        await room.adapter.edit(post, Reply("done", pictures=(picture(tmp_path),)))
    refused = [call for call in room.fake.calls if call.params.get("chat_id") == room.room.id]
    assert len(refused) == 2  # the placeholder, and one that was told where to


@pytest.mark.parametrize(
    ("kind", "text", "error"),
    [
        ("forbid", "bot was blocked by the user", Unreachable),
        ("refuse", "chat not found", Unreachable),
        ("refuse", "TOPIC_CLOSED", Unreachable),
        ("refuse", "not enough rights to send text messages to the chat", Unreachable),
        ("refuse", "message can't be edited", Gone),
        ("refuse", "something new", PlatformError),
    ],
)
async def test_refusals(room: TelegramHarness, kind: str, text: str, error: type[PlatformError]) -> None:
    post = await placeholder(room)
    room.fake.fail("editMessageText", kind, text)
    with pytest.raises(PlatformError) as refusal:
        await room.adapter.edit(post, Reply("done"))
    assert type(refusal.value) is error


async def test_anothers_message_needs_a_right_to_be_deleted(room: TelegramHarness) -> None:
    message = room.fake.say(room.room, room.max, "/key sk-secret")
    with pytest.raises(Unreachable):
        await room.adapter.delete(Post(room.chat, str(message.id)))
    room.room.members[room.fake.world.bot_id] = "administrator"
    await room.adapter.delete(Post(room.chat, str(message.id)))
    assert said(room) == room.room.seen == []


# presses and forms


async def pressed(room: TelegramHarness, reply: Reply | None, after: float = 0.0) -> Post | None:
    """A member presses a button and is answered by ``reply``."""
    answer: asyncio.Future[Post | None] = asyncio.get_running_loop().create_future()

    async def respond(invocation: Invocation) -> None:
        await asyncio.sleep(after)
        sent = await room.adapter.send(invocation.chat, reply, origin=invocation.origin) if reply else None
        answer.set_result(sent)

    post = await room.adapter.send(room.chat, Reply("done", buttons=AGAIN))
    room.door.answer = respond
    query = room.fake.press(room.room.messages[int(post.id)], "Again", room.max)
    sent = await answer
    await room.fake.until(lambda: query.answered)
    return sent


async def test_every_press_is_answered(room: TelegramHarness) -> None:
    await pressed(room, None)
    [call] = room.fake.called("answerCallbackQuery")
    assert call.params.keys() == {"callback_query_id"}


async def test_a_slow_answer_to_a_press_stops_the_spinner_and_is_a_message(room: TelegramHarness) -> None:
    room.adapter._presses._soon = 0.1  # type: ignore[attr-defined]
    sent = await pressed(room, Reply("only hers", private=True), after=0.3)
    assert sent
    assert sent.id
    assert len(room.fake.called("answerCallbackQuery")) == 1
    assert [message.text for message in said(room)] == ["done", "only hers"]


async def test_long_words_to_a_press_are_a_message(room: TelegramHarness) -> None:
    await pressed(room, Reply("柯" * 201, private=True))
    assert [len(message.text) for message in said(room)] == [4, 201]


async def test_a_query_that_is_too_old_is_no_error(room: TelegramHarness) -> None:
    room.fake.methods.query_age = -1.0
    post = await room.adapter.send(room.chat, Reply("done", buttons=AGAIN))

    async def respond(invocation: Invocation) -> None:
        await room.adapter.send(invocation.chat, Reply("only hers", private=True), origin=invocation.origin)

    room.door.answer = respond
    room.fake.press(room.room.messages[int(post.id)], "Again", room.max)
    await room.fake.until(lambda: len(said(room)) == 2)
    assert said(room)[1].text == "only hers"


async def test_a_form_in_a_group_names_whom_it_asks(room: TelegramHarness) -> None:
    form = Form("Edit", "edit", "k3", (Field("prompt", "What should be different?"),))
    await pressed(room, Reply("Edit", form=form, private=True))
    asked = said(room)[1]
    assert asked.text == "Max Member: Edit\nWhat should be different?"
    assert asked.markup
    assert asked.markup["selective"]
    [mention] = asked.entities
    assert (mention["type"], mention["length"], mention["user"]["id"]) == ("text_mention", 10, room.max.id)


# fetching


async def fetched(room: TelegramHarness, content: bytes, folder: Path) -> bytes:
    room.fake.say(room.room, room.max, "/edit x", document=("big.png", content, "image/png"))
    invocation = (await room.door.wait())[-1]
    await room.adapter.fetch(invocation.attachments[0].source, folder / "fetched")
    return (folder / "fetched").read_bytes()


async def test_a_file_is_fetched_through_trouble(room: TelegramHarness, tmp_path: Path) -> None:
    room.fake.fail("getFile", "gateway")
    assert await fetched(room, content := png(noise=True), tmp_path) == content


async def test_a_file_that_is_too_big(room: TelegramHarness, tmp_path: Path) -> None:
    with pytest.raises(BadPicture) as error:
        await fetched(room, bytes(21 * MB), tmp_path)
    assert error.value.sentence == "error-picture-too-big"
    assert room.door.words.say("en", error.value.sentence, **error.value.params) != error.value.sentence


async def test_a_file_that_is_bigger_than_it_says(room: TelegramHarness, tmp_path: Path) -> None:
    room.fake.say(room.room, room.max, "/edit x", document=("big.png", bytes(10_000), "image/png"))
    source = (await room.door.wait())[0].attachments[0].source
    files, at = room.fake.world.files, source.removeprefix("telegram:")
    files[at] = replace(files[at], size=0)
    room.adapter._most_fetched = 9_999  # type: ignore[attr-defined]
    with pytest.raises(BadPicture) as error:
        await room.adapter.fetch(source, tmp_path / "fetched")
    assert error.value.sentence == "error-picture-too-big"


async def test_a_file_that_is_gone(room: TelegramHarness, tmp_path: Path) -> None:
    with pytest.raises(BadPicture) as error:
        await room.adapter.fetch(Source("telegram:nothing"), tmp_path / "fetched")
    assert error.value.sentence == "error-picture-gone"


async def test_a_self_hosted_server_gives_paths(room: TelegramHarness, tmp_path: Path) -> None:
    room.fake.methods.local = str(tmp_path)
    room.fake.say(room.room, room.max, "/edit x", document=("big.png", bytes(21 * MB), "image/png"))
    source = (await room.door.wait())[0].attachments[0].source
    (tmp_path / source.removeprefix("telegram:")).write_bytes(b"from the disk")
    await room.adapter.fetch(source, tmp_path / "fetched")
    assert (tmp_path / "fetched").read_bytes() == b"from the disk"


# who


async def test_admins_are_asked_for_once_a_minute(room: TelegramHarness) -> None:
    for _ in range(3):
        assert not await room.adapter.is_admin(room.chat, room.member)
    room.room.members[room.max.id] = "administrator"
    assert not await room.adapter.is_admin(room.chat, room.member)
    assert len(room.fake.called("getChatMember")) == 1


async def test_who_needs_not_be_asked_for(room: TelegramHarness) -> None:
    alone = ChatId(f"telegram:{room.max.id}")
    assert await room.adapter.is_admin(alone, room.member)
    assert not await room.adapter.is_admin(ChatId("telegram:made up"), room.member)
    assert not await room.adapter.is_admin(ChatId("telegram:-100555"), room.member)
    assert await room.adapter.is_admin(room.chat, User(UserId(str(room.chat)), "Club"))
    assert not await room.adapter.is_admin(room.chat, User(UserId("telegram:999"), "Stranger"))
    with pytest.raises(Unreachable):
        await room.adapter.private(UserId(str(room.chat)))


# what was sent without anybody knowing its id


async def lost(room: TelegramHarness, reply: Reply, asked: Post) -> Message:
    """Sent by an earlier life that did not learn the id."""
    room.fake.fail("sendMessage", "lost")
    with pytest.raises(NotDelivered):
        await room.adapter.send(room.chat, reply, origin=asked)
    return said(room)[-1]


async def test_a_message_whose_id_nobody_knows_is_found(room: TelegramHarness) -> None:
    person = next(iter(room.fake.world.people.values()))
    asked = room.fake.say(room.room, person, "/imagine a fox")
    origin = Post(room.chat, str(asked.id))
    orphan = await lost(room, Reply("queued #3\na fox"), origin)
    room.fake.say(room.room, person, "/imagine a hare")
    await room.adapter.send(room.chat, Reply("painting…\na fox"), origin=origin)  # another job of this life
    await lost(room, Reply("painting…\na hare"), origin)
    reply = Reply("painting…\na fox")
    post = await room.adapter.send(room.chat, reply, origin=origin)
    before = [message.text for message in room.fake.messages(room.room)]
    assert await room.adapter.orphans(post, reply, origin=origin) == [Post(room.chat, str(orphan.id))]
    assert [message.text for message in room.fake.messages(room.room)] == before
    assert not any(message.edits for message in said(room))


async def test_a_message_that_answers_another_chat_is_looked_for_before_it_alone(
    room: TelegramHarness,
) -> None:
    """The origin's id counts in its own chat, and names another message here."""
    asked = room.fake.say(room.room, room.max, "/imagine a fox")
    elsewhere = Post(ChatId("telegram:-100999"), str(asked.id))
    orphan = await lost(room, Reply("painting…\na fox"), elsewhere)
    for _ in range(15):
        room.fake.say(room.room, room.max, "and so on")
    await lost(room, Reply("painting…\na fox"), elsewhere)
    reply = Reply("painting…\na fox")
    post = await room.adapter.send(room.chat, reply, origin=elsewhere)
    near = said(room)[-2]
    found = await room.adapter.orphans(post, reply, origin=elsewhere)
    assert found == [Post(room.chat, str(near.id))]
    assert near.id - orphan.id > 12


async def test_looking_for_a_message_gives_up_before_a_flood(room: TelegramHarness) -> None:
    person = next(iter(room.fake.world.people.values()))
    origin = Post(room.chat, str(room.fake.say(room.room, person, "/imagine a fox").id))
    await lost(room, Reply("painting…\na fox"), origin)
    post = await room.adapter.send(room.chat, Reply("painting…\na fox"), origin=origin)
    room.fake.fail("stopMessageLiveLocation", "flood", 30, times=30)
    with pytest.raises(Flooded):
        await room.adapter.orphans(post, Reply("painting…\na fox"), origin=origin)
