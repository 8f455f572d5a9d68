"""What every face must do, whatever the platform. A platform joins by its name in `FACES`."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from importlib import import_module
from pathlib import Path

import pytest

from bot.errors import Flooded, Gone, SetupError, Unreachable
from bot.model import Button, Field, File, Form, Invocation, Post, Reply
from bot.model import Fault as BotFault
from bot.ports import MB
from tests.contract.harness import Can, Fault, Harness, heard, words
from tests.contract.pictures import film, picture, png

Opens = Callable[[Path], AbstractAsyncContextManager[Harness]]
FACES = {
    "telegram": frozenset(Can),
    "discord": frozenset({Can.WHISPER, Can.SHUT_OUT, Can.AIL, Can.REFUSE, Can.ADMINS}),
    "web": frozenset({Can.WHISPER, Can.REFUSE}),
}
"""What is true of each."""

WAITS = {
    "telegram": {"adapters.telegram.hear._FAREWELL": 0.1, "adapters.telegram.hear._ALBUM_QUIET": 0.2},
    "discord": {},
    "web": {},
}
"""Seconds that are shorter here: the network is near."""

AGAIN = ((Button("Again", "again", "k3v9abcdef"),),)
REVISE = ((Button("Edit", "revise", "k3v9abcdef"),),)


def opened(face: str, folder: Path) -> AbstractAsyncContextManager[Harness]:
    """By ``NAME`` of ``harness_NAME``, imported where it is used: it takes half a second of each worker."""
    opens: Opens = getattr(import_module(f"tests.contract.harness_{face}"), face)
    return opens(folder)


@pytest.fixture(params=FACES)
async def face(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Harness]:
    for name, seconds in WAITS[request.param].items():
        monkeypatch.setattr(name, seconds)
    monkeypatch.setattr("bot.patience._PACE", 0.05)
    async with opened(request.param, tmp_path) as harness:
        yield harness


def where(can: Can) -> pytest.MarkDecorator:
    """The test is for faces of which this is true: none is opened in vain."""
    return pytest.mark.parametrize("face", [face for face in FACES if can in FACES[face]], indirect=True)


async def asked(face: Harness) -> Invocation:
    """A member has asked for a picture."""
    await face.say("imagine", "a corgi")
    return await heard(face, len(face.door.heard) + 1)


async def answered(face: Harness, reply: Reply) -> Post:
    """… and has got this answer."""
    invocation = await asked(face)
    return await face.adapter.send(invocation.chat, reply, origin=invocation.origin)


# hearing


async def test_a_command_is_heard(face: Harness) -> None:
    invocation = await asked(face)
    assert (invocation.command, words(invocation)) == ("imagine", "a corgi")
    assert invocation.chat == face.chat
    assert invocation.user.id == face.member.id
    assert invocation.user.name == face.member.name
    assert invocation.chat.platform == face.adapter.name == face.name
    assert invocation.id
    assert not invocation.pressed


async def test_words_arrive_unchanged(face: Harness) -> None:
    said = "柯基，在月球上 --size 16:9\n“quoted” <b>&amp; *x* _y_"
    await face.say("imagine", said)
    assert words(await heard(face)) == said


async def test_pictures_come_along(face: Harness, tmp_path: Path) -> None:
    sent = [png(40, 30), png(50, 30)]
    await face.say("edit", "make it blue", pictures=sent)
    invocation = await heard(face)
    assert len(face.door.heard) == 1
    got = []
    for at, attachment in enumerate(invocation.attachments):
        await face.adapter.fetch(attachment.source, tmp_path / str(at))
        got.append((tmp_path / str(at)).read_bytes())
    assert got == sent


@where(Can.TALK)
async def test_a_reply_to_a_picture_brings_it(face: Harness, tmp_path: Path) -> None:
    post = await answered(face, Reply("done", pictures=(picture(tmp_path),)))
    await face.say("edit", "make it blue", reply_to=post)
    invocation = await heard(face, 2)
    assert invocation.replied == post
    assert len(invocation.attachments) == 1


@where(Can.TALK)
async def test_words_in_reply_to_us_are_heard(face: Harness) -> None:
    post = await answered(face, Reply("done"))
    await face.say("", "make it blue", reply_to=post)
    invocation = await heard(face, 2)
    assert (invocation.command, invocation.text, invocation.replied) == ("", "make it blue", post)


async def test_a_button_comes_back_as_its_command(face: Harness) -> None:
    post = await answered(face, Reply("done", buttons=AGAIN))
    await face.press(post, "Again")
    invocation = await heard(face, 2)
    assert invocation.pressed
    assert (invocation.command, invocation.text) == ("again", "k3v9abcdef")
    assert invocation.user.id == face.member.id
    assert invocation.origin
    assert invocation.origin.id == post.id


async def test_a_button_works_after_a_restart(face: Harness) -> None:
    post = await answered(face, Reply("done", buttons=AGAIN))
    await face.stop()
    await face.start()
    await face.press(post, "Again")
    assert (await heard(face, 2)).text == "k3v9abcdef"


@where(Can.KEEP)
async def test_what_was_said_meanwhile_is_served_once(face: Harness) -> None:
    await face.stop()
    await face.say("imagine", "a corgi")
    await face.start()
    await face.door.wait(1)
    await face.stop()
    await face.start()
    await face.say("imagine", "another")
    await face.door.wait(2)
    assert [words(invocation) for invocation in face.door.heard] == ["a corgi", "another"]


@where(Can.KEEP)
async def test_what_was_heard_but_not_handled_is_served_again(face: Harness) -> None:
    stuck = asyncio.Event()

    async def never(_: Invocation) -> None:
        await stuck.wait()

    face.door.answer = never
    first = await asked(face)
    await face.stop()
    face.door.answer = None
    await face.start()
    second = await heard(face, 2)
    assert second == first


# saying


async def test_an_answer_is_shown(face: Harness) -> None:
    invocation = await asked(face)
    post = await face.adapter.send(face.chat, Reply("queued", buttons=AGAIN), origin=invocation.origin)
    [shown] = await face.shown()
    assert (shown.id, shown.text, shown.buttons) == (post.id, "queued", ("Again",))
    assert post.chat == face.chat


async def test_a_message_is_repainted(face: Harness) -> None:
    post = await answered(face, Reply("queued", buttons=AGAIN))
    post = await face.adapter.edit(post, Reply("painting"))
    [shown] = await face.shown()
    assert (shown.id, shown.text, shown.buttons) == (post.id, "painting", ())


async def test_a_text_becomes_the_picture(face: Harness, tmp_path: Path) -> None:
    post = await answered(face, Reply("queued"))
    done = Reply("a corgi · 0.04 $", pictures=(picture(tmp_path),), buttons=AGAIN)
    await face.adapter.edit(post, done)
    [shown] = await face.shown()
    assert shown.pictures == ((64, 48),)
    assert shown.text == "a corgi · 0.04 $"
    assert shown.buttons == ("Again",)


async def test_a_text_becomes_the_video(face: Harness, tmp_path: Path) -> None:
    post = await answered(face, Reply("queued"))
    done = Reply("a corgi runs", pictures=(film(tmp_path),), buttons=AGAIN)
    for _ in range(2):
        post = await face.adapter.edit(post, done)
    [shown] = await face.shown()
    assert (shown.text, shown.pictures, shown.buttons) == ("a corgi runs", ((320, 240),), ("Again",))


async def test_a_video_said_anew_and_as_a_file(face: Harness, tmp_path: Path) -> None:
    one = film(tmp_path)
    await answered(face, Reply("a corgi runs", pictures=(one,)))
    await answered(face, Reply("as it came", files=(one,)))
    first, second = await face.shown()
    assert first.pictures == ((320, 240),)
    assert second.files == ((one.name, one.path.read_bytes()),)


async def test_a_large_video_arrives_or_is_named(face: Harness, tmp_path: Path) -> None:
    one = film(tmp_path, size=12 * MB)
    post = await answered(face, Reply("queued"))
    await face.adapter.edit(post, Reply("a corgi runs", pictures=(one,), buttons=AGAIN))
    [shown] = await face.shown()
    assert shown.text.startswith("a corgi runs")
    assert shown.buttons == ("Again",)
    assert shown.pictures == ((320, 240),) or (one.name in shown.text and not shown.pictures)


async def test_a_preview_gives_way_to_the_picture(face: Harness, tmp_path: Path) -> None:
    post = await answered(face, Reply("queued"))
    post = await face.adapter.edit(post, Reply("painting", pictures=(picture(tmp_path, "one", 30, 30),)))
    await face.adapter.edit(post, Reply("done", pictures=(picture(tmp_path, "two", 60, 60),)))
    [shown] = await face.shown()
    assert (shown.text, shown.pictures) == ("done", ((60, 60),))


async def test_words_can_follow_a_picture(face: Harness, tmp_path: Path) -> None:
    post = await answered(face, Reply("done", pictures=(picture(tmp_path),), buttons=AGAIN))
    await face.adapter.edit(post, Reply("taken back"))
    [shown] = await face.shown()
    assert (shown.text, shown.buttons) == ("taken back", ())


async def test_an_edit_repeated_does_no_harm(face: Harness, tmp_path: Path) -> None:
    post = await answered(face, Reply("queued"))
    done = Reply("done", pictures=(picture(tmp_path),), buttons=AGAIN)
    for reply in (Reply("queued"), done, done):
        post = await face.adapter.edit(post, reply)
    [shown] = await face.shown()
    assert shown.pictures == ((64, 48),)


@pytest.mark.parametrize("fault", [Fault.LOST, Fault.GATEWAY])
async def test_an_edit_survives_the_network(face: Harness, tmp_path: Path, fault: Fault) -> None:
    post = await answered(face, Reply("queued"))
    await face.fail("edit", fault)
    await face.adapter.edit(post, Reply("done", pictures=(picture(tmp_path),)))
    [shown] = await face.shown()
    assert shown.pictures == ((64, 48),)


async def test_an_edit_of_a_deleted_message_is_gone(face: Harness) -> None:
    post = await answered(face, Reply("queued"))
    await face.remove(post)
    with pytest.raises(Gone):
        await face.adapter.edit(post, Reply("done"))


async def test_a_message_can_be_deleted_twice(face: Harness) -> None:
    post = await answered(face, Reply("queued"))
    await face.adapter.delete(post)
    await face.adapter.delete(post)
    assert await face.shown() == []


@where(Can.FLOOD)
async def test_a_flood_is_told(face: Harness) -> None:
    post = await answered(face, Reply("queued"))
    for call in ("edit", "send"):
        await face.fail(call, Fault.FLOOD)
    with pytest.raises(Flooded) as edited:
        await face.adapter.edit(post, Reply("done"))
    with pytest.raises(Flooded):
        await face.adapter.send(face.chat, Reply("done"))
    assert edited.value.seconds == 7


@where(Can.SHUT_OUT)
async def test_shut_out_is_unreachable(face: Harness) -> None:
    post = await answered(face, Reply("queued"))
    await face.shut_out()
    with pytest.raises(Unreachable):
        await face.adapter.send(face.chat, Reply("hello"))
    with pytest.raises(Unreachable):
        await face.adapter.edit(post, Reply("hello"))


async def test_long_texts_are_cut(face: Harness, tmp_path: Path) -> None:
    limits, long = face.adapter.limits, "柯基🐕 corgi " * 2000
    post = await answered(face, Reply(long))
    [shown] = await face.shown()
    assert limits.text - 50 < len(shown.text) <= limits.text
    await face.adapter.edit(post, Reply(long, pictures=(picture(tmp_path),)))
    [shown] = await face.shown()
    assert limits.caption - 50 < len(shown.text) <= limits.caption
    assert shown.text.startswith("柯基🐕 corgi 柯基🐕")


async def test_files_arrive_byte_for_byte(face: Harness, tmp_path: Path) -> None:
    kept = picture(tmp_path)
    await answered(face, Reply("the original", files=(kept,)))
    shown = [message for message in await face.shown() if message.files]
    assert shown[0].files == ((kept.name, kept.path.read_bytes()),)


async def test_a_file_that_is_no_picture_arrives_and_may_be_removed(face: Harness, tmp_path: Path) -> None:
    path, rows = tmp_path / "spool", "名字,amount\r\nAnn,0.02\r\n".encode()
    path.write_bytes(rows)
    table = File(path, "usage-2026-11.csv", "text/csv", len(rows))
    await answered(face, Reply("who spent what", files=(table,), buttons=AGAIN))
    path.unlink()
    shown = await face.shown()
    assert [message.text for message in shown if message.text] == ["who spent what"]
    assert [file for message in shown for file in message.files] == [(table.name, rows)]
    assert [message.buttons for message in shown if message.buttons] == [("Again",)]


async def test_pictures_and_files_of_every_kind_go_together(face: Harness, tmp_path: Path) -> None:
    path = tmp_path / "data.zip"
    path.write_bytes(b"PK" + bytes(3000))
    one = picture(tmp_path)
    archive = File(path, "easel.zip", "application/zip", path.stat().st_size)
    await answered(face, Reply("yours", pictures=(one,), files=(archive,)))
    shown = await face.shown()
    assert (64, 48) in [sides for message in shown for sides in message.pictures]
    assert (archive.name, path.read_bytes()) in [file for message in shown for file in message.files]


@pytest.mark.parametrize("name", ["", "../etc.csv", "a b.csv", "名字.csv", 'x".csv'])
def test_a_file_has_a_name_that_every_platform_takes(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="no name"):
        File(tmp_path, name, "text/csv", 1)


@where(Can.WHISPER)
async def test_a_private_answer_to_a_press(face: Harness) -> None:
    post = await answered(face, Reply("done", buttons=AGAIN))

    async def refuse(invocation: Invocation) -> None:
        await face.adapter.send(invocation.chat, Reply("only hers", private=True), origin=invocation.origin)

    face.door.answer = refuse
    await face.press(post, "Again")
    await heard(face, 2)
    assert await face.whispered() == ["only hers"]
    assert [shown.text for shown in await face.shown()] == ["done"]


async def test_a_form_is_asked_and_answered(face: Harness) -> None:
    form = Form("Edit", "edit", "k3v9abcdef", (Field("prompt", "What should be different?"),))
    asked_in: asyncio.Queue[Post] = asyncio.Queue()

    async def ask(invocation: Invocation) -> None:
        if invocation.pressed:
            reply = Reply(form.title, form=form, private=True)
            asked_in.put_nowait(await face.adapter.send(invocation.chat, reply, origin=invocation.origin))

    face.door.answer = ask
    post = await answered(face, Reply("done", buttons=REVISE))
    await face.press(post, "Edit")
    form_post = await asked_in.get()
    await face.fill(form_post if form_post.id else None, ["make it blue"])
    invocation = await heard(face, 3)
    if form_post.id:
        assert (invocation.command, invocation.text, invocation.replied) == ("", "make it blue", form_post)
    else:
        assert (invocation.command, invocation.text) == ("edit", "k3v9abcdef")
        assert invocation.options == {"prompt": "make it blue"}


# the rest


@where(Can.ADMINS)
async def test_who_may_set_the_chat_up(face: Harness) -> None:
    assert await face.adapter.is_admin(face.chat, face.owner)
    assert not await face.adapter.is_admin(face.chat, face.member)


def ailing(face: Harness, faults: list[BotFault]) -> list[str]:
    """What hinders, as people read it."""
    words = face.door.words
    return [
        words.say("en", fault.message_id, **fault.params)
        for fault in faults
        if fault.message_id.startswith("ailing-")
    ]


async def test_a_place_in_order_has_no_ailments(face: Harness) -> None:
    await face.say("imagine", "a fox")
    await heard(face)
    assert ailing(face, await face.adapter.ailments(face.chat)) == []


@where(Can.AIL)
async def test_a_right_that_is_missing_is_named(face: Harness) -> None:
    await face.forbid_pictures()
    await face.say("imagine", "a fox")
    await heard(face)
    [said] = ailing(face, await face.adapter.ailments(face.chat))
    assert "pictures" in said
    assert "an admin has to" in said


async def test_a_picture_is_hidden_and_silent_where_that_is_wanted(face: Harness, tmp_path: Path) -> None:
    shown = Reply("a fox", pictures=(picture(tmp_path),), veiled=True, quiet=True)
    await answered(face, shown)
    assert (await face.shown())[-1].veiled
    await answered(face, replace(shown, veiled=False))
    assert not (await face.shown())[-1].veiled


@where(Can.LINK)
async def test_a_person_can_be_spoken_to_alone(face: Harness) -> None:
    alone = await face.adapter.private(face.member.id)
    post = await face.adapter.send(alone, Reply("hello"))
    assert post.chat.home != face.chat.home
    assert face.adapter.link("key-abc").startswith("https://")
    assert "key-abc" in face.adapter.link("key-abc")
    assert face.adapter.link_back(Post(face.chat, "5")).endswith("/5")


async def test_it_is_ready_while_it_hears(face: Harness) -> None:
    assert face.adapter.ready
    await face.stop()
    assert not face.adapter.ready


def face_tasks() -> list[asyncio.Task[object]]:
    """Tasks that run code of a face or of its platform's library."""
    code = [(task, getattr(task.get_coro(), "cr_code", None)) for task in asyncio.all_tasks()]
    homes = ("/adapters/", "/telegram/", "/discord/", "/httpx/")
    return [
        task
        for task, at in code
        if at and "/tests/" not in at.co_filename and any(home in at.co_filename for home in homes)
    ]


async def test_it_leaves_nothing_running(face: Harness) -> None:
    await asked(face)
    assert face_tasks()
    await face.stop()
    await asyncio.sleep(0)
    assert face_tasks() == []


@where(Can.REFUSE)
async def test_a_wrong_token_is_a_setup_error(face: Harness) -> None:
    with pytest.raises(SetupError) as wrong:
        await face.stranger().run(face.door)
    assert face.door.words.say("en", wrong.value.sentence, **wrong.value.params) != wrong.value.sentence


async def test_no_log_holds_the_secret(
    face: Harness, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    await face.stop()
    caplog.set_level(logging.DEBUG)
    await face.start()
    await face.say("edit", "make it blue", pictures=[png()])
    invocation = await heard(face)
    await face.fail("edit", Fault.GATEWAY)
    post = await face.adapter.send(face.chat, Reply("queued"), origin=invocation.origin)
    await face.adapter.edit(post, Reply("done", pictures=(picture(tmp_path),)))
    await face.adapter.fetch(invocation.attachments[0].source, tmp_path / "fetched")
    assert face.secret not in caplog.text
    assert face.secret not in repr(face.adapter)
