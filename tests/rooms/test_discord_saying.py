"""The Discord face says things: to the right people, once, whatever happens on the way."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import aiohttp
import pytest
from yarl import URL

from adapters.discord import fetch, hear, rest
from adapters.discord.grip import Grip
from bot.errors import BadPicture, EaselError, Flooded, Gone, NotDelivered, PlatformError, Unreachable
from bot.model import Button, ChatId, Invocation, Picture, PictureId, Post, Reply, Source, User, UserId
from tests.contract.harness import heard
from tests.contract.harness_discord import DiscordHarness, discord
from tests.contract.pictures import picture, png
from tests.fakes.discord import Ask, Message
from tests.fakes.discord.world import ADMINISTRATOR, MANAGE_GUILD, SEND_MESSAGES

MB = 1024 * 1024
PATCH = "PATCH "
FOLLOW_UP = "POST /webhooks"
CHANNEL = "POST /channels"


@pytest.fixture
async def face(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[DiscordHarness]:
    for module in (rest, fetch):
        monkeypatch.setattr(module, "_WAIT", 0.02)
    async with discord(tmp_path) as harness:
        yield harness


async def asked(face: DiscordHarness) -> tuple[Ask, Invocation]:
    ask = await face.fake.slash(face.room, face.max, "imagine", prompt="a corgi")
    return ask, await heard(face, len(face.door.heard) + 1)


async def answered(face: DiscordHarness, reply: Reply) -> tuple[Ask, Post]:
    ask, call = await asked(face)
    return ask, await face.adapter.send(call.chat, reply, origin=call.origin, key="k3v9abcdef")


def said(face: DiscordHarness) -> list[Message]:
    return face.fake.said(face.room, face.max)


def texts(face: DiscordHarness) -> list[str]:
    return [message.content for message in said(face)]


# once


@pytest.mark.parametrize("fault", ["lost", "late gateway", "reset"])
async def test_an_answer_is_one_message(face: DiscordHarness, fault: str) -> None:
    ask, call = await asked(face)
    face.fake.fail(PATCH, fault)
    post = await face.adapter.send(call.chat, Reply("queued"), origin=call.origin)
    assert [message.id for message in said(face)] == [post.id]
    assert said(face)[0] is ask.original


@pytest.mark.parametrize("fault", ["lost", "reset"])
async def test_a_message_without_an_origin_is_one(face: DiscordHarness, fault: str) -> None:
    face.fake.fail(CHANNEL, fault)
    post = await face.adapter.send(face.chat, Reply("hello"))
    assert [message.id for message in said(face)] == [post.id]


async def test_a_key_makes_one_message_whoever_sends_it(face: DiscordHarness) -> None:
    for _ in range(2):
        await face.adapter.send(face.chat, Reply("hello"), key="k3v9abcdef")
        await face.stop()
        await face.start()
    await face.adapter.send(face.chat, Reply("hello"), key="k3v9abcdeg")
    assert texts(face) == ["hello", "hello"]


async def test_a_note_besides_is_never_sent_again(face: DiscordHarness) -> None:
    _, call = await asked(face)
    await face.adapter.send(call.chat, Reply("queued"), origin=call.origin)
    face.fake.fail(FOLLOW_UP, "lost")
    with pytest.raises(NotDelivered):
        await face.adapter.send(call.chat, Reply("note", private=True), origin=call.origin)
    assert texts(face) == ["queued", "note"]


async def test_a_lost_upload_is_one(face: DiscordHarness, tmp_path: Path) -> None:
    _, post = await answered(face, Reply("queued"))
    face.fake.fail(PATCH, "lost")
    await face.adapter.edit(post, Reply("done", pictures=(picture(tmp_path),)))
    [message] = said(face)
    assert len(message.files) == 1
    assert message.edits == 3  # queued, done, done again


# after the token


async def test_an_edit_outlives_the_token(face: DiscordHarness, tmp_path: Path) -> None:
    ask, post = await answered(face, Reply("queued"))
    ask.dead = True
    moved = await face.adapter.edit(post, Reply("done", pictures=(picture(tmp_path),)))
    assert (moved.id, moved.grip) == (post.id, "")
    assert [len(message.files) for message in said(face)] == [1]
    calls = len(face.fake.called("PATCH /webhooks"))
    await face.adapter.edit(moved, Reply("again"))
    assert len(face.fake.called("PATCH /webhooks")) == calls


async def test_an_old_token_is_not_even_tried(face: DiscordHarness, tmp_path: Path) -> None:
    _, post = await answered(face, Reply("queued"))
    grip = Grip.read(post.grip)
    assert grip
    hour_ago = int(grip.interaction) - (3_600_000 << 22)
    old = replace(post, grip=str(replace(grip, interaction=str(hour_ago))))
    calls = len(face.fake.called("PATCH /webhooks"))
    await face.adapter.edit(old, Reply("done", pictures=(picture(tmp_path),)))
    await face.adapter.send(face.chat, Reply("more"), origin=old)
    assert len(face.fake.called("PATCH /webhooks")) == calls
    assert texts(face) == ["done", "more"]
    await face.adapter.delete(old)
    assert texts(face) == ["more"]


async def test_an_answer_that_comes_too_late_goes_to_the_channel(face: DiscordHarness) -> None:
    ask, call = await asked(face)
    ask.dead = True
    for _ in range(2):
        post = await face.adapter.send(call.chat, Reply("queued"), origin=call.origin, key="k3v9abcdef")
    assert [message.id for message in said(face)] == [post.id]
    assert said(face)[0].ask is None


async def test_an_answer_survives_a_crash(face: DiscordHarness, monkeypatch: pytest.MonkeyPatch) -> None:
    async def never(_: Invocation) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(hear, "_FAREWELL", 0.0)
    face.door.answer = never
    ask, call = await asked(face)
    await face.stop()
    await face.start()
    await face.adapter.send(call.chat, Reply("queued"), origin=call.origin)
    assert said(face) == [ask.original]


async def test_what_one_person_saw_is_gone_with_the_token(face: DiscordHarness) -> None:
    ask = await face.fake.slash(face.room, face.max, "key")
    call = await heard(face)
    post = await face.adapter.send(call.chat, Reply("yours alone", private=True), origin=call.origin)
    await face.adapter.edit(post, Reply("still yours"))
    assert [message.content for message in face.fake.whispers(face.room, face.max)] == ["still yours"]
    ask.dead = True
    with pytest.raises(Gone):
        await face.adapter.edit(post, Reply("nobody's"))
    await face.adapter.delete(post)


async def test_a_deleted_answer_is_said_anew_in_the_channel(face: DiscordHarness) -> None:
    ask, call = await asked(face)
    post = await face.adapter.send(call.chat, Reply("queued"), origin=call.origin)
    assert ask.original
    ask.original.gone = True
    with pytest.raises(Gone):
        await face.adapter.edit(post, Reply("done"))
    again = await face.adapter.send(call.chat, Reply("done"), origin=call.origin)
    assert (texts(face), again.grip) == (["done"], "")


# to whom


async def test_a_private_word_after_a_public_wait(face: DiscordHarness) -> None:
    ask, call = await asked(face)
    await face.adapter.send(call.chat, Reply("not allowed", private=True), origin=call.origin)
    assert ask.original
    assert ask.original.gone
    [whisper] = face.fake.whispers(face.room, face.max)
    assert whisper.content == "not allowed"
    assert face.fake.messages(face.room, face.olga) == []


async def test_a_private_word_is_for_nobody_once_the_token_is_dead(face: DiscordHarness) -> None:
    ask, call = await asked(face)
    ask.dead = True
    with pytest.raises(Unreachable):
        await face.adapter.send(call.chat, Reply("not allowed", private=True), origin=call.origin)
    assert call.origin
    grip = Grip.read(call.origin.grip)
    assert grip
    old = replace(grip, interaction=str(int(grip.interaction) - (3_600_000 << 22)))
    with pytest.raises(Unreachable):
        await face.adapter.send(
            call.chat, Reply("no", private=True), origin=replace(call.origin, grip=str(old))
        )
    assert texts(face) == []


async def test_a_wait_that_was_dismissed_is_no_trouble(face: DiscordHarness) -> None:
    ask, call = await asked(face)
    assert ask.original
    ask.original.gone = True
    await face.adapter.send(call.chat, Reply("not allowed", private=True), origin=call.origin)
    assert [message.content for message in face.fake.whispers(face.room, face.max)] == ["not allowed"]


async def test_a_second_answer_is_one_more_message(face: DiscordHarness) -> None:
    _, call = await asked(face)
    for text in ("one", "two"):
        await face.adapter.send(call.chat, Reply(text), origin=call.origin)
    assert texts(face) == ["one", "two"]
    assert len(face.fake.called(CHANNEL)) == 1


async def test_where_the_bot_may_not_speak_it_answers(face: DiscordHarness) -> None:
    face.room.refuses = 403, 50001, "Missing Access"
    _, call = await asked(face)
    for text in ("one", "two"):
        await face.adapter.send(call.chat, Reply(text), origin=call.origin)
    assert texts(face) == ["one", "two"]


async def test_the_message_of_a_quiet_press_is_changed_and_taken_away(face: DiscordHarness) -> None:
    quiet = tuple(replace(c, quiet=c.name == "again") for c in face.door.commands)
    await face.stop()
    face.door.commands = quiet
    await face.start()
    _, post = await answered(face, Reply("approve?", buttons=((Button("Yes", "again", "x"),),)))
    for change in ("approved", ""):
        await face.fake.press(face._message(post), face.max, "Yes")
        origin = (await heard(face, len(face.door.heard) + 1)).origin
        assert origin
        if change:
            buttons = ((Button("Yes", "again", "x"),),)
            await face.adapter.edit(origin, Reply(change, buttons=buttons))
            assert texts(face) == ["approved"]
        else:
            await face.adapter.delete(origin)
            assert texts(face) == []


async def test_the_message_of_any_press_is_changed_and_taken_away(face: DiscordHarness) -> None:
    _, post = await answered(face, Reply("approve?", buttons=((Button("Yes", "again", "x"),),)))
    await face.fake.press(face._message(post), face.max, "Yes")
    origin = (await heard(face, 2)).origin
    assert origin
    await face.adapter.edit(origin, Reply("approved"))
    assert texts(face) == ["approved"]
    await face.adapter.delete(origin)
    assert texts(face) == []


async def test_a_command_is_no_message_to_take_away(face: DiscordHarness) -> None:
    _, call = await asked(face)
    assert call.origin
    await face.adapter.delete(call.origin)
    await face.adapter.send(call.chat, Reply("still here"), origin=call.origin)
    assert texts(face) == ["still here"]


async def test_nobody_is_pinged(face: DiscordHarness) -> None:
    _, post = await answered(face, Reply("@everyone <@42> *bold*"))
    await face.adapter.send(face.chat, Reply("@here <@&7>"))
    await face.adapter.edit(post, Reply("@everyone again"))
    assert [message.pings for message in face.room.messages] == [[], []]
    assert said(face)[0].content == "@everyone again"


async def test_people_are_spoken_to_alone(face: DiscordHarness) -> None:
    alone = await face.adapter.private(face.member.id)
    assert alone == await face.adapter.private(face.member.id)
    assert alone.home == f"discord:@{face.max.id}"
    await face.adapter.send(alone, Reply("hello"))
    assert [m.content for m in face.fake.said(face.fake.private(face.max))] == ["hello"]
    face.max.closed = True
    with pytest.raises(Unreachable):
        await face.adapter.send(alone, Reply("hello?"))
    with pytest.raises(Unreachable):
        await face.adapter.private(UserId("discord:1"))
    face.fake.fail("POST /users", "flood", 209.0)
    with pytest.raises(Flooded):
        await face.adapter.private(face.member.id)


# sizes


async def test_what_the_server_takes_goes_as_it_is(face: DiscordHarness, tmp_path: Path) -> None:
    face.server.upload = 50 * MB
    large = picture(tmp_path, width=2450, height=2450, noise=True)
    _, post = await answered(face, Reply("queued"))
    await face.adapter.edit(post, Reply("done", pictures=(large,)))
    [message] = said(face)
    assert (message.content, message.files[0].size) == ("done", large.bytes)


async def test_what_is_too_large_is_re_encoded_and_said(face: DiscordHarness, tmp_path: Path) -> None:
    face.server.upload = 2 * MB
    large = picture(tmp_path, width=1000, height=1000, noise=True)
    small = picture(tmp_path, "small")
    _, post = await answered(face, Reply("queued"))
    await face.adapter.edit(post, Reply("done", pictures=(large, small)))
    [message] = said(face)
    assert "smaller copy" in message.content
    assert [file.name for file in message.files] == ["easel-k3v9abcdef.jpg", "easel-small.png"]
    assert message.files[0].size <= 2 * MB
    assert [path.name for path in tmp_path.glob("*.jpg")] == []


async def test_a_place_that_takes_less_than_it_said(face: DiscordHarness, tmp_path: Path) -> None:
    _, post = await answered(face, Reply("queued"))
    face.server.upload = 9 * MB
    large = picture(tmp_path, width=1800, height=1800, noise=True)
    await face.adapter.edit(post, Reply("done", pictures=(large,)))
    [message] = said(face)
    assert len(message.files) == 1


async def test_words_arrive_where_no_file_may(face: DiscordHarness, tmp_path: Path) -> None:
    _, post = await answered(face, Reply("queued"))
    face.server.upload = 10
    await face.adapter.edit(post, Reply("done", pictures=(picture(tmp_path),)))
    [message] = said(face)
    assert message.files == []
    assert message.content.startswith("done\nOne picture could not be posted")


async def test_a_broken_file_sinks_no_message(face: DiscordHarness, tmp_path: Path) -> None:
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"\x89PNG" + bytes(11 * MB))
    gone = Picture(PictureId("gone"), tmp_path / "gone.png", "image/png", 1, 1, 1)
    pictures = (
        Picture(PictureId("broken"), broken, "image/png", 1, 1, 11 * MB),
        gone,
        picture(tmp_path),
    )
    _, post = await answered(face, Reply("queued"))
    await face.adapter.edit(post, Reply("done", pictures=pictures))
    [message] = said(face)
    assert [file.name for file in message.files] == ["easel-k3v9abcdef.png"]
    assert "2 pictures could not be posted" in message.content


async def test_ten_pictures_are_one_message(face: DiscordHarness, tmp_path: Path) -> None:
    pictures = tuple(picture(tmp_path, f"p{n}") for n in range(10))
    _, post = await answered(face, Reply("queued"))
    await face.adapter.edit(post, Reply("done", pictures=pictures))
    await face.adapter.edit(post, Reply("done", pictures=pictures))
    [message] = said(face)
    assert [file.name for file in message.files] == [f"easel-p{n}.png" for n in range(10)]


async def test_the_place_speaks_its_language(face: DiscordHarness, tmp_path: Path) -> None:
    face.door.spoken = "zh-Hans"
    face.server.upload = 10
    await answered(face, Reply("好", pictures=(picture(tmp_path),)))
    assert "附加文件" in said(face)[0].content


# refusals


@pytest.mark.parametrize(
    ("refusal", "meaning"),
    [
        ((403, 50001, "Missing Access"), Unreachable),
        ((403, 50013, "Missing Permissions"), Unreachable),
        ((403, 50007, "Cannot send messages to this user"), Unreachable),
        ((404, 10003, "Unknown Channel"), Unreachable),
        ((400, 50083, "Thread is archived"), Unreachable),
        ((400, 160005, "This thread is locked"), Unreachable),
        ((400, 50008, "Cannot send messages in a non-text channel"), Unreachable),
        ((403, 0, "Forbidden"), Unreachable),
        ((404, 10008, "Unknown Message"), Gone),
        ((503, 0, "Unavailable"), NotDelivered),
        ((400, 50035, "Invalid Form Body"), PlatformError),
    ],
)
async def test_what_refusals_mean(
    face: DiscordHarness, refusal: tuple[int, int, str], meaning: type[EaselError]
) -> None:
    face.fake.fail(CHANNEL, "refuse", refusal, times=4)
    with pytest.raises(meaning) as error:
        await face.adapter.send(face.chat, Reply("hello"))
    assert type(error.value) is meaning
    face.fake.fail("PATCH /channels", "refuse", refusal, times=4)
    with pytest.raises(meaning):
        await face.adapter.edit(Post(face.chat, "1"), Reply("hello"))


@pytest.mark.parametrize(
    ("status", "body"),
    [(503, b""), (502, b"<html>"), (200, b""), (200, b"\xff\xfe"), (429, b"{}"), (429, b"[]")],
)
async def test_what_says_it_is_json_and_is_none(face: DiscordHarness, status: int, body: bytes) -> None:
    face.fake.fail(CHANNEL, "garbled", (status, body))
    await face.adapter.send(face.chat, Reply("hello"), key="k3v9abcdef")
    assert [message.content for message in said(face)] == ["hello"]
    face.fake.fail(CHANNEL, "garbled", (status, body), times=9)
    with pytest.raises(NotDelivered):
        await face.adapter.send(face.chat, Reply("hello again"))


async def test_a_long_flood_is_the_cores_to_wait(face: DiscordHarness) -> None:
    _, post = await answered(face, Reply("queued"))
    face.fake.fail(PATCH, "flood", 209.0)
    with pytest.raises(Flooded) as flood:
        await face.adapter.edit(post, Reply("done"))
    assert flood.value.seconds == 209
    await face.adapter.edit(post, Reply("done"))


async def test_a_short_flood_is_waited_for(face: DiscordHarness) -> None:
    _, post = await answered(face, Reply("queued"))
    face.fake.fail(PATCH, "flood", 0.05)
    await face.adapter.edit(post, Reply("done"))
    assert texts(face) == ["done"]


async def test_a_place_that_is_none(face: DiscordHarness) -> None:
    with pytest.raises(Unreachable):
        await face.adapter.send(ChatId(f"discord:{face.server.id}"), Reply("hello"))
    with pytest.raises(Unreachable):
        await face.adapter.send(ChatId(f"discord:{face.server.id}:99"), Reply("hello"))


async def test_nothing_is_said_while_discord_is_away(
    face: DiscordHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.discord.rest._SIGN_IN", 0.01)
    await face.stop()
    with pytest.raises(NotDelivered):
        await face.adapter.send(face.chat, Reply("hello"))


# who may


async def test_rights_come_from_roles(face: DiscordHarness) -> None:
    async def admin(user: User) -> bool:
        return await face.adapter.is_admin(face.chat, user)

    assert not await admin(face.member)
    for permissions, expected in ((MANAGE_GUILD, True), (ADMINISTRATOR, True), (SEND_MESSAGES, False)):
        face.server.members[face.max.id] = [face.server.role(permissions)]
        assert await admin(face.member) is expected
    face.server.roles[face.server.id] |= MANAGE_GUILD
    assert await admin(face.member)
    assert not await admin(User(UserId("discord:1"), "Nobody"))
    own = ChatId(f"discord:@{face.max.id}:7")
    assert await face.adapter.is_admin(own, face.member)
    assert not await face.adapter.is_admin(own, face.owner)
    elsewhere = face.fake.server("Elsewhere", face.max, installed=False)
    assert not await face.adapter.is_admin(ChatId(f"discord:{elsewhere.id}:7"), face.member)
    assert not await face.adapter.is_admin(ChatId("discord:made up"), face.member)


# attachments


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/attachments/1/2/a.png",
        "http://cdn.discordapp.com/attachments/1/2/a.png",
        "https://cdn.discordapp.com.evil.example/a.png",
        "https://cdn.discordapp.com:8443/a.png",
        "https://user@evil.example/cdn.discordapp.com",
        "file:///etc/passwd",
        "http://127.0.0.1:1/a.png",
        "",
    ],
)
async def test_only_discords_own_hosts(face: DiscordHarness, tmp_path: Path, url: str) -> None:
    with pytest.raises(BadPicture):
        await face.adapter.fetch(Source(f"discord:{url}"), tmp_path / "fetched")
    assert not (tmp_path / "fetched").exists()


async def test_what_is_gone_or_too_large(
    face: DiscordHarness, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(BadPicture) as gone:
        await face.adapter.fetch(Source(f"discord:{face.fake.base}/cdn/1/a.png"), tmp_path / "fetched")
    assert gone.value.sentence == "error-picture-gone"
    monkeypatch.setattr(fetch, "MOST", 1000)
    message = face.fake.write(face.room, face.max, "", png(100, 100, noise=True))
    url = message.files[0].json(face.fake.base)["url"]
    with pytest.raises(BadPicture) as large:
        await face.adapter.fetch(Source(f"discord:{url}"), tmp_path / "fetched")
    assert large.value.sentence == "error-picture-too-big"


async def test_a_download_that_says_less_than_it_sends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def endless(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
        while not writer.is_closing():
            writer.write(b"x" * 1000)
            try:
                await writer.drain()
            except ConnectionError:
                break
        writer.close()

    monkeypatch.setattr(fetch, "MOST", 100_000)
    server = await asyncio.start_server(endless, "127.0.0.1", 0)
    async with server:
        api = URL(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
        since = time.monotonic()
        with pytest.raises(BadPicture):
            await fetch.download(str(api / "a.png"), tmp_path / "fetched", api=api)
        assert time.monotonic() - since < 2


async def test_a_download_that_breaks_off_is_tried_again(face: DiscordHarness, tmp_path: Path) -> None:
    message = face.fake.write(face.room, face.max, "", png())
    url = message.files[0].json(face.fake.base)["url"]
    face.fake.breaks = 1
    await face.adapter.fetch(Source(f"discord:{url}"), tmp_path / "fetched")
    assert (tmp_path / "fetched").read_bytes() == png()


def test_errors_of_the_line_are_known() -> None:
    assert issubclass(aiohttp.ServerDisconnectedError, fetch.DROPPED)
