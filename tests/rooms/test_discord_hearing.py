"""The Discord face hears: the real discord.py against the fake's REST and gateway."""

from __future__ import annotations

import asyncio
import json
import logging
import statistics
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from adapters.discord import adapter, answer, guilds, hear
from adapters.discord.adapter import Discord
from adapters.discord.line import Line
from bot.commands import COMMANDS
from bot.errors import SetupError, StorageError
from bot.model import Button, ChatId, Field, Form, Invocation, Reply
from tests.contract.door import RecordingDoor
from tests.contract.harness import words
from tests.contract.harness_discord import DiscordHarness, discord
from tests.contract.pictures import png
from tests.fakes.discord import Ask, FakeDiscord, Message

QUIET = ("delete", "giveup", "approve", "deny")
REAL = tuple(replace(command, quiet=True) if command.name in QUIET else command for command in COMMANDS)
COMMANDS_ROUTE = "/applications/{application_id}/commands"
CALLBACK = "POST /interactions"


@pytest.fixture
async def face(tmp_path: Path) -> AsyncIterator[DiscordHarness]:
    async with discord(tmp_path, REAL) as harness:
        yield harness


async def slash(face: DiscordHarness, name: str, **options: str | int | bytes) -> Ask:
    return await face.fake.slash(face.room, face.max, name, **options)


async def acknowledged(face: DiscordHarness, ask: Ask) -> int:
    """The type of the first answer."""
    await face.fake.until(lambda: ask.callback is not None)
    assert ask.callback
    return ask.callback


def says(face: DiscordHarness, *texts: str, private: bool = False, **reply: object) -> None:
    """The core answers with these, one after the other."""

    async def answer(call: Invocation) -> None:
        for text in texts:
            said = Reply(text, private=private, **reply)  # type: ignore[arg-type]
            await face.adapter.send(call.chat, said, origin=call.origin)

    face.door.answer = answer


async def shown(face: DiscordHarness, *texts: str) -> list[Message]:
    """Wait until the member sees exactly these."""

    def seen() -> list[Message]:
        found = face.fake.messages(face.room, face.max)
        return found if [message.content for message in found] == list(texts) else []

    return await face.fake.until(seen)


# in time


async def test_fifty_at_once_are_acknowledged(face: DiscordHarness) -> None:
    asks = [await slash(face, "imagine", prompt=f"corgi {n}") for n in range(50)]
    await face.fake.until(lambda: all(ask.callback for ask in asks))
    times = [ask.quickness for ask in asks]
    assert max(times) < 3
    print(f"acknowledged after {statistics.median(times):.3f} s at the median, {max(times):.3f} s at most")
    await face.door.wait(50)
    names = {call.text for call in face.door.heard}
    assert names == {f"corgi {n}" for n in range(50)}


@pytest.mark.parametrize(("name", "ephemeral"), [("imagine", False), ("balance", True)])
async def test_who_sees_the_answer_is_known_at_once(face: DiscordHarness, name: str, ephemeral: bool) -> None:
    ask = await slash(face, name, **({"prompt": "a corgi"} if name == "imagine" else {}))
    assert await acknowledged(face, ask) == 5
    assert ask.original
    assert (ask.original.viewer is face.max) is ephemeral


async def test_a_slow_core_without_a_form_is_in_time(
    face: DiscordHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hear, "_LATE", 0.05)
    ask = await slash(face, "key")
    assert await acknowledged(face, ask) == 5
    assert ask.original
    assert ask.original.viewer is face.max


async def test_what_is_said_to_nobody_leaves_no_thinking(face: DiscordHarness) -> None:
    face.door.answer = None
    for ask in (await slash(face, "imagine", prompt="a corgi"), await slash(face, "key")):
        assert await acknowledged(face, ask) == 5
        await face.fake.until(lambda ask=ask: ask.original.gone)
    assert face.fake.messages(face.room, face.max) == []


async def test_a_lost_acknowledgement_is_one(face: DiscordHarness) -> None:
    says(face, "queued")
    face.fake.fail(CALLBACK, "lost")
    await slash(face, "imagine", prompt="a corgi")
    await shown(face, "queued")


async def test_an_acknowledgement_that_never_arrived_is_repeated(face: DiscordHarness) -> None:
    says(face, "queued")
    face.fake.fail(CALLBACK, "reset", times=2)
    ask = await slash(face, "imagine", prompt="a corgi")
    await shown(face, "queued")
    assert ask.original
    assert ask.quickness < 3


async def test_nobody_waits_for_an_acknowledgement_but_who_says_something(face: DiscordHarness) -> None:
    says(face, "queued")
    face.fake.fail(CALLBACK, "gateway")
    ask = await slash(face, "imagine", prompt="a corgi")
    await face.door.wait(1)
    assert ask.callback is None
    [message] = await shown(face, "queued")
    assert message.ask is ask
    assert face.fake.violations == []


async def test_an_interaction_that_was_given_up_is_answered_in_the_channel(face: DiscordHarness) -> None:
    says(face, "queued")
    face.fake.answers.patience = -1.0
    await slash(face, "imagine", prompt="a corgi")
    [message] = await shown(face, "queued")
    assert message.ask is None


async def test_a_trouble_of_its_own_keeps_nobody_else_waiting(
    face: DiscordHarness, caplog: pytest.LogCaptureFixture
) -> None:
    says(face, "queued")
    for event in ({}, {"type": 2}, {"type": 3, "data": {"custom_id": "again x"}}, None, {"type": "2"}):
        await face.fake.gateway.dispatch("INTERACTION_CREATE", event)  # type: ignore[arg-type]
    await face.fake.gateway.dispatch("GUILD_CREATE", {"strange": True})
    await face.fake.gateway.dispatch("NEW_EVENT", {"d": [1]})
    await slash(face, "imagine", prompt="a corgi")
    await shown(face, "queued")
    assert face.adapter.ready
    assert sum("could not be served" in record.message for record in caplog.records) == 5


# forms


def asks(face: DiscordHarness, form: Form) -> None:
    async def answer(call: Invocation) -> None:
        if call.pressed or not call.options:
            await face.adapter.send(call.chat, Reply(form.title, form=form, private=True), origin=call.origin)
        else:
            await face.adapter.send(call.chat, Reply("kept", private=True), origin=call.origin)

    face.door.answer = answer


async def test_a_key_is_asked_for_by_a_form(face: DiscordHarness, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    fields = (
        Field("key", "API key", secret=True),
        Field("dialect", "Relay", required=False, choices=("openai",)),
    )
    asks(face, Form("This chat's API key", "key", f"--chat {face.chat.home}", fields))
    ask = await slash(face, "key")
    assert await acknowledged(face, ask) == 9
    secret = "sk-verysecretkeyverysecretkey"
    await face.fake.send(ask, key=secret, dialect="openai")
    [message] = await shown(face, "kept")
    assert message.viewer is face.max
    call = face.door.heard[-1]
    assert (call.command, call.text) == ("key", f"--chat {face.chat.home}")
    assert call.options == {"key": secret, "dialect": "openai"}
    assert secret not in caplog.text


async def test_a_form_that_comes_too_late_says_so(
    face: DiscordHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hear, "_LATE", 0.01)

    async def answer(call: Invocation) -> None:
        await asyncio.sleep(0.1)
        form = Form("Edit", "edit", "", (Field("prompt", "Words"),))
        post = await face.adapter.send(call.chat, Reply(form=form, private=True), origin=call.origin)
        assert post.id

    face.door.answer = answer
    await slash(face, "key")
    [message] = await shown(face, face.door.words.say("en", "discord-form-late"))
    assert message.viewer is face.max


async def test_a_form_that_can_t_come_back_is_not_shown(face: DiscordHarness) -> None:
    asks(face, Form("Edit", "edit", "x" * 100, (Field("prompt", "Words"),)))
    ask = await slash(face, "key")
    await shown(face, face.door.words.say("en", "discord-form-late"))
    assert ask.modal is None


async def test_an_asking_command_that_answers(face: DiscordHarness) -> None:
    says(face, "queued")
    await slash(face, "edit", prompt="make it blue", image=png())
    [message] = await shown(face, "queued")
    assert message.viewer is None


# buttons, menus, suggestions


async def test_a_quiet_press_leaves_the_message(face: DiscordHarness) -> None:
    says(face, "done", buttons=((Button("Delete", "delete", "k3v9abcdef"),),))
    await slash(face, "imagine", prompt="a corgi")
    [message] = await shown(face, "done")
    face.door.answer = None
    press = await face.fake.press(message, face.max, "Delete")
    assert await acknowledged(face, press) == 6
    says(face, "that belongs to Olga", private=True)
    await face.fake.press(message, face.max, "Delete")
    [_, note] = await shown(face, "done", "that belongs to Olga")
    assert note.viewer is face.max


async def test_a_press_that_changes_its_message_waits_for_its_acknowledgement(face: DiscordHarness) -> None:
    says(face, "sure?", private=True, buttons=((Button("Yes", "delete", "k3v9abcdef"),),))
    await slash(face, "imagine", prompt="a corgi")
    [message] = await shown(face, "sure?")

    async def change(call: Invocation) -> None:
        assert press.callback is None
        assert call.origin
        await face.adapter.edit(call.origin, Reply("gone"))

    face.door.answer = change
    face.fake.fail(CALLBACK, "gateway")
    press = await face.fake.press(message, face.max, "Yes")
    await shown(face, "gone")
    assert face.fake.violations == []


async def test_a_press_is_answered_by_a_message_of_its_own(face: DiscordHarness) -> None:
    says(face, "done", buttons=((Button("Again", "again", "k3v9abcdef"),),))
    await slash(face, "imagine", prompt="a corgi")
    [message] = await shown(face, "done")
    says(face, "queued")
    press = await face.fake.press(message, face.max, "Again")
    await shown(face, "done", "queued")
    assert press.callback == 5


async def test_a_menu_asks_what_to_change(face: DiscordHarness, tmp_path: Path) -> None:
    face.door.spoken = "zh-Hans"
    picture = png(30, 20)
    message = face.fake.write(face.room, face.olga, "look", picture)
    ask = await face.fake.menu(message, face.max, "Edit this picture")
    assert await acknowledged(face, ask) == 9
    assert ask.modal
    assert ask.modal["title"] == face.door.words.say("zh-Hans", "menu-edit")
    says(face, "queued")
    await face.fake.send(ask, prompt="make it blue --n 2")
    [call] = await face.door.wait(1)
    assert (call.command, call.text, call.options) == ("edit", "", {"prompt": "make it blue --n 2"})
    assert call.replied
    assert (call.replied.chat, call.replied.id) == (face.chat, message.id)
    await face.adapter.fetch(call.attachments[0].source, tmp_path / "fetched")
    assert (tmp_path / "fetched").read_bytes() == picture
    await shown(face, "look", "queued")


async def test_a_menu_on_words_alone_is_the_cores_to_answer(face: DiscordHarness) -> None:
    says(face, "there is no picture", private=True)
    await face.fake.menu(face.fake.write(face.room, face.olga, "look"), face.max, "Edit this picture")
    await shown(face, "look", "there is no picture")


async def test_the_words_about_a_message_survive_a_restart(face: DiscordHarness) -> None:
    message = face.fake.write(face.room, face.olga, "look", png())
    ask = await face.fake.menu(message, face.max, "Edit this picture")
    await acknowledged(face, ask)
    await face.stop()
    await face.start()
    await face.fake.send(ask, prompt="make it blue")
    [call] = await face.door.wait(1)
    assert call.replied
    assert (call.replied.id, call.attachments) == (message.id, ())


async def test_suggestions(face: DiscordHarness) -> None:
    face.door.suggestions = ["16:9", "9:16", "1:1", "16:9 " + "x" * 200]
    ask = await face.fake.type(face.room, face.max, "imagine", "size", "16")
    assert await acknowledged(face, ask) == 8
    assert ask.choices
    assert [choice["value"] for choice in ask.choices] == ["16:9", "9:16", "16:9 " + "x" * 95]


async def test_servers_are_known_by_name(face: DiscordHarness) -> None:
    for _ in range(3):
        await slash(face, "imagine", prompt="a corgi")
    calls = await face.door.wait(3)
    assert [call.title for call in calls] == ["The Easel Club"] * 3
    assert len(face.fake.called("GET /guilds")) == 1


async def test_a_place_that_nobody_tells_about(face: DiscordHarness) -> None:
    brought = face.fake.channel(face.fake.server("Elsewhere", face.olga, face.max, installed=False))
    await face.fake.slash(brought, face.max, "imagine", prompt="a corgi")
    await face.fake.slash(face.fake.private(face.max), face.max, "imagine", prompt="a corgi")
    await face.fake.slash(face.fake.group(face.max, face.olga), face.max, "imagine", prompt="a corgi")
    calls = await face.door.wait(3)
    assert {str(call.chat.home) for call in calls} == {f"discord:@{face.max.id}"}
    assert sorted(call.private for call in calls) == [False, False, True]
    assert all(call.admin for call in calls)
    assert {call.title for call in calls} == {"Max Member"}


# commands


async def test_commands_are_told_once(face: DiscordHarness) -> None:
    assert len(face.fake.called(f"PUT {COMMANDS_ROUTE}")) == 1
    for _ in range(2):
        await face.stop()
        await face.start()
        await face.fake.until(lambda: len(face.fake.called(f"GET {COMMANDS_ROUTE}")) >= 2)
    assert len(face.fake.called(f"PUT {COMMANDS_ROUTE}")) == 1
    await face.stop()
    face.door.commands = face.door.commands[:3]
    await face.start()
    await face.fake.until(lambda: len(face.fake.called(f"PUT {COMMANDS_ROUTE}")) == 2)


async def test_commands_that_can_t_be_told_keep_nobody_waiting(
    face: DiscordHarness, caplog: pytest.LogCaptureFixture
) -> None:
    await face.stop()
    face.fake.fail(f"GET {COMMANDS_ROUTE}", "refuse", (403, 50001, "Missing Access"))
    await face.start()
    await slash(face, "imagine", prompt="a corgi")
    await face.door.wait(1)
    await until(lambda: "those it has stay" in caplog.text)


# the gateway


async def test_least_intents(face: DiscordHarness) -> None:
    [identified] = face.fake.gateway.identified
    assert identified["intents"] == 0


@pytest.mark.parametrize("trouble", ["cut", "ask_to_reconnect", "close"])
async def test_what_happens_while_the_line_is_broken_is_heard(face: DiscordHarness, trouble: str) -> None:
    gateway = face.fake.gateway
    if gone := getattr(gateway, trouble)():
        await gone
    await slash(face, "imagine", prompt="meanwhile")
    [call] = await face.door.wait(1)
    assert words(call) == "meanwhile"
    await until(lambda: gateway.resumed)
    assert len(gateway.identified) == 1
    await until(lambda: face.adapter.ready)


async def test_a_session_that_is_over_becomes_another(
    face: DiscordHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def at_once(*_: object, **__: object) -> None: ...

    monkeypatch.setattr(Line, "before_identify_hook", at_once)
    await face.fake.gateway.invalidate()
    await until(lambda: len(face.fake.gateway.identified) == 2 and face.adapter.ready)
    await slash(face, "imagine", prompt="a corgi")
    await face.door.wait(1)


async def test_several_shards(face: DiscordHarness, monkeypatch: pytest.MonkeyPatch) -> None:
    async def at_once(*_: object, **__: object) -> None: ...

    monkeypatch.setattr(Line, "before_identify_hook", at_once)
    await face.stop()
    face.fake.gateway.sessions.clear()
    face.fake.gateway.shards = 3
    await face.start()
    assert {session.shard for session in face.fake.gateway.live} == {(0, 3), (1, 3), (2, 3)}
    await slash(face, "imagine", prompt="a corgi")
    await face.door.wait(1)


class SharedDoor(RecordingDoor):
    """One of two processes: turns are taken from the same table."""

    def __init__(self, taken: set[str]) -> None:
        super().__init__()
        self._taken = taken

    @asynccontextmanager
    async def turn(self, name: str, *, wait: bool = True) -> AsyncIterator[bool]:
        while name in self._taken and wait:
            await asyncio.sleep(0.001)
        mine = name not in self._taken
        self._taken.add(name)
        try:
            yield mine
        finally:
            if mine:
                self._taken.discard(name)


async def so(condition: Callable[[], object]) -> None:
    """Wait for what no request to Discord tells of."""
    async with asyncio.timeout(5):
        while not condition():
            await asyncio.sleep(0.002)


async def test_shards_are_split_over_processes_and_taken_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.discord.shards._IDENTIFY", 0.0)
    monkeypatch.setattr("adapters.discord.shards._LOOK", 0.05)
    async with FakeDiscord() as fake:
        fake.gateway.shards = 4
        taken: set[str] = set()
        faces = [Discord(fake.token, spool=tmp_path, api_url=fake.url, shared=True) for _ in range(2)]
        doors = [SharedDoor(taken) for _ in faces]
        runs = [asyncio.create_task(face.run(door)) for face, door in zip(faces, doors, strict=True)]
        try:
            await so(lambda: len(fake.gateway.live) == 4 and all(face.ready for face in faces))
            ann = fake.person("Ann")
            room = fake.channel(fake.server("Club", ann))
            everything = [(0, 4), (1, 4), (2, 4), (3, 4)]
            assert sorted(session.shard for session in fake.gateway.live) == everything
            runs[0].cancel()
            await asyncio.gather(runs[0], return_exceptions=True)
            assert 1 <= len(fake.gateway.live) <= 3
            await so(lambda: len(fake.gateway.live) == 4)
            assert sorted(session.shard for session in fake.gateway.live) == everything
            await fake.slash(room, ann, "imagine", prompt="a corgi")
            await doors[1].wait()
            assert (len(doors[0].heard), len(doors[1].heard)) == (0, 1)
        finally:
            for run in runs:
                run.cancel()
            await asyncio.gather(*runs, return_exceptions=True)


async def test_a_face_that_does_not_listen_has_no_session(tmp_path: Path) -> None:
    async with FakeDiscord() as fake:
        face = Discord(fake.token, spool=tmp_path, api_url=fake.url, listens=False)
        run = asyncio.create_task(face.run(RecordingDoor()))
        await so(lambda: face.ready)
        room = fake.channel(fake.server("Club", fake.person("Ann")))
        post = await face.send(ChatId(f"discord:{room.server.id}:{room.id}"), Reply("hello"))
        assert post.id
        assert fake.gateway.identified == []
        run.cancel()
        await asyncio.gather(run, return_exceptions=True)


async def test_a_network_that_is_down_is_one_line_with_what_to_check(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANGUAGE", "en")
    monkeypatch.setattr("adapters.discord.adapter._PAUSE", 0.01)
    face = Discord("any.token", spool=tmp_path, api_url="http://127.0.0.1:9")
    run = asyncio.create_task(face.run(RecordingDoor()))
    await so(lambda: any("DISCORD_API_URL" in record.message for record in caplog.records))
    await asyncio.sleep(0.1)
    run.cancel()
    await asyncio.gather(run, return_exceptions=True)
    (line,) = (record.message for record in caplog.records if record.levelno >= logging.WARNING)
    assert line.startswith("Discord can't be reached (Cannot connect to host 127.0.0.1:9 ")
    assert "ClientConnector" not in line


@pytest.mark.parametrize(
    ("code", "sentence"),
    [(4004, "error-discord-token"), (4014, "error-discord-intents"), (4010, "error-discord-shards")],
)
async def test_what_the_operator_has_to_mend(face: DiscordHarness, code: int, sentence: str) -> None:
    await face.stop()
    face.fake.gateway.refuses = code
    with pytest.raises(SetupError) as wrong:
        await asyncio.wait_for(face._made(face.fake.token).run(face.door), 5)
    assert wrong.value.sentence == sentence


async def test_discord_may_be_away_at_first(face: DiscordHarness, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(adapter, "_PAUSE", 0.01)
    await face.stop()
    face.fake.fail("GET /users/@me", "reset")
    face.fake.fail("GET /gateway/bot", "reset")
    await face.start()
    assert face.adapter.ready


async def until(condition: object, seconds: float = 5.0) -> None:
    async with asyncio.timeout(seconds):
        while not condition():  # type: ignore[operator]
            await asyncio.sleep(0.002)


# what an earlier life left


async def left(face: DiscordHarness, ask: Ask, *, acknowledged: bool) -> None:
    """The process died while this was being served."""
    if acknowledged:
        face.fake._api._answers.callback(ask.id, ask.token, {"type": 5}, {})
    event = json.dumps(face.fake.event(ask)).encode()
    await face.door.inbox("discord").receive({ask.id: event})


async def nothing_waits(face: DiscordHarness) -> None:
    async with asyncio.timeout(5):
        while face.door.inboxes["discord"].waiting:
            await asyncio.sleep(0.001)


def asking(face: DiscordHarness, name: str = "imagine", **options: str) -> Ask:
    """Somebody asks while nobody listens."""
    declared = face.fake._declared(name, 1)
    options_ = [{"name": key, "type": 3, "value": value} for key, value in options.items()]
    ask = Ask(2, face.max, face.room, {"id": declared["id"], "name": name, "type": 1, "options": options_})
    face.fake.world.asks[ask.token] = ask
    return ask


async def test_what_is_asked_is_written_down_until_it_is_answered(face: DiscordHarness) -> None:
    kept: list[str] = []

    async def answer(call: Invocation) -> None:
        kept.extend(face.door.inboxes["discord"].waiting)
        await face.adapter.send(call.chat, Reply("queued"), origin=call.origin)

    face.door.answer = answer
    ask = await slash(face, "imagine", prompt="a corgi")
    await shown(face, "queued")
    assert kept == [ask.id]
    await nothing_waits(face)


@pytest.mark.parametrize("acknowledged", [True, False])
async def test_what_was_left_unanswered_is_served_at_the_next_start(
    face: DiscordHarness, acknowledged: bool
) -> None:
    says(face, "queued")
    await face.stop()
    ask = asking(face, prompt="a corgi")
    await left(face, ask, acknowledged=acknowledged)
    await face.start()
    [message] = await shown(face, "queued")
    assert message is ask.original
    assert [call.text for call in face.door.heard] == ["a corgi"]
    await nothing_waits(face)


async def test_what_was_left_waits_for_a_database_that_answers_late(
    face: DiscordHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    says(face, "queued")
    await face.stop()
    await left(face, asking(face, prompt="a corgi"), acknowledged=True)
    inbox, refusals = face.door.inboxes["discord"], iter([StorageError(), StorageError()])
    pending = inbox.pending

    async def late() -> dict[str, bytes]:
        for error in refusals:
            raise error
        return await pending()

    monkeypatch.setattr("bot.patience._PACE", 0.0)
    monkeypatch.setattr(inbox, "pending", late)
    await face.start()
    await shown(face, "queued")
    await nothing_waits(face)
    assert list(refusals) == []


async def test_who_was_told_that_nobody_answered_is_not_served_late(face: DiscordHarness) -> None:
    """They may have asked again, and would pay twice."""
    says(face, "queued")
    await face.stop()
    await left(face, asking(face, prompt="a corgi"), acknowledged=False)
    face.fake.answers.patience = -1.0
    await face.start()
    await nothing_waits(face)
    assert face.door.heard == []
    assert face.fake.messages(face.room, face.max) == []


async def test_a_job_s_message_is_not_taken_back_when_its_request_is_served_again(
    face: DiscordHarness,
) -> None:
    says(face, "queued")
    ask = await slash(face, "imagine", prompt="a corgi")
    await shown(face, "queued")
    await face.stop()
    face.door.inboxes["discord"].known.clear()
    await left(face, ask, acknowledged=False)
    face.door.answer = None  # the core knows the job, and that it has its message
    await face.start()
    await face.door.wait(2)
    await nothing_waits(face)
    await shown(face, "queued")


# Discord in trouble


@pytest.mark.parametrize("where", ["GET /guilds", CALLBACK])
async def test_a_limit_for_everything_passes(
    face: DiscordHarness, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    monkeypatch.setattr(guilds, "_NAME_IN", 0.1)
    monkeypatch.setattr(answer, "_ACKNOWLEDGE_IN", 0.1)
    says(face, "queued")
    face.fake.fail(where, "global", 0.3)  # longer than anybody waits
    await slash(face, "imagine", prompt="a corgi")
    await face.fake.until(
        lambda: [m.content for m in face.fake.messages(face.room, face.max)][-1:] == ["queued"]
    )
    await slash(face, "imagine", prompt="another")
    await shown(face, "queued", "queued")


async def test_an_acknowledgement_whose_answer_is_late_leaves_nothing_behind(
    face: DiscordHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answer, "_ACKNOWLEDGE_IN", 0.1)
    says(face, "queued")
    face.fake.fail(CALLBACK, "hang", 0.5)
    await slash(face, "imagine", prompt="a corgi")
    [message] = await shown(face, "queued")
    assert message.ask  # in the place of "thinking…"


@pytest.mark.parametrize("fault", [("refuse", (503, 0, "Service Unavailable")), ("reset", None)])
async def test_who_waits_alone_is_acknowledged_at_the_next_try(
    face: DiscordHarness, fault: tuple[str, object]
) -> None:
    says(face, "secret", private=True)
    face.fake.fail(CALLBACK, *fault, times=3)
    await slash(face, "balance")
    await shown(face, "secret")


async def test_what_is_told_twice_is_served_once(face: DiscordHarness) -> None:
    says(face, "queued")
    ask = await slash(face, "imagine", prompt="a corgi")
    await shown(face, "queued")
    await face.fake.gateway.dispatch("INTERACTION_CREATE", face.fake.event(ask), face.server.id)
    await slash(face, "imagine", prompt="another")
    await shown(face, "queued", "queued")
    assert len(face.door.heard) == 2


async def test_commands_that_could_not_be_compared_are_offered_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.patience._PACE", 0.01)
    async with FakeDiscord() as fake:
        harness = DiscordHarness(fake, tmp_path)
        fake.fail("GET /applications/{application_id}/commands", "refuse", (503, 0, "no"), times=9)
        await harness.start()  # until there are commands
        await harness.stop()
