"""A member who means ill: what they press, forge and type does nothing to anybody else."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from importlib import import_module

import pytest

from bot.commands import COMMANDS
from bot.model import ChatId, Post, State, User, UserId
from tests.rooms.conftest import House
from tests.rooms.test_core import done, latest

HERE = ChatId("stage:group")
KEY = "sk-" + "a1B2" * 8


async def forge(house: House, command: str, text: str, message: str) -> None:
    """A press of a button that nobody was shown: Telegram hands on whatever a client sends."""
    await house.stage.say(
        text, user="eve", command=command, pressed=True, origin=Post(HERE, message, "press")
    )


async def test_forged_presses_do_nothing_to_others(
    house: House, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_module("bot.commands.spend"), "_SOON", (0.0, 0.0, 0.0))
    await house.stage.say("/imagine a fox")
    await house.stage.until(done)
    job = await latest(house, State.DONE)
    picture = next(reversed(house.stage.messages))
    await house.stage.say("/jam a city")
    jam = await house.store.jam_here(HERE)
    assert jam
    before, chat = await house.store.job(job), await house.store.chat(HERE)
    texts = ("", f"{job} 1", f"{jam.id} 1", jam.id, str(HERE))
    with caplog.at_level(logging.ERROR):
        for command in COMMANDS:
            for text in texts:
                await forge(house, command.name, text, picture)
    assert not caplog.records
    assert await house.store.job(job) == before
    assert await house.store.chat(HERE) == chat
    assert picture in house.stage.messages
    jam = await house.store.jam_here(HERE)
    assert jam
    assert (jam.live, jam.orders) == (True, 0)
    spent = await house.store.jobs(HERE, limit=100)
    assert {other.user.id for other in spent} <= {UserId("stage:ann"), UserId("stage:eve")}
    assert [other.id for other in spent if other.user.id == "stage:ann"] == [job]


async def test_a_press_of_what_is_not_there_changes_no_message_of_others(house: House) -> None:
    """What is one's own to delete or to answer is not the message that one chooses to press it on."""
    await house.stage.say("/imagine a fox")
    await house.stage.until(done)
    anns = next(reversed(house.stage.messages))
    await house.stage.say("/jam a city")
    canvas = next(reversed(house.stage.messages))
    await house.stage.say("/imagine a rat", user="eve")
    await house.stage.until(lambda reply: done(reply) and "a rat" in reply.text)
    eves = next(reversed(house.stage.messages))
    own = await house.store.job_at(Post(HERE, eves))
    assert own
    before = {post: house.stage.messages[post].reply for post in (anns, canvas)}
    for post in (anns, canvas):
        for command, text in (("remember", "stage:eve"), ("setup", "leave"), ("delete", own.id)):
            await forge(house, command, text, post)
        await forge(house, "forgetme", "stage:eve", post)
    assert {post: house.stage.messages[post].reply for post in (anns, canvas)} == before
    assert eves not in house.stage.messages


async def test_a_key_in_a_forged_press_takes_no_message_away(house: House) -> None:
    await house.stage.say("/imagine a fox")
    await house.stage.until(done)
    picture = next(reversed(house.stage.messages))
    await forge(house, "again", KEY, picture)
    assert picture in house.stage.messages
    await house.stage.say(f"/imagine {KEY}", user="eve")
    assert "key" in house.stage.shown()[-1].text
    assert house.stage.deleted


@pytest.mark.parametrize(
    "words", ["half \ud800 a pair", "nul \0 inside", "\u202egnihton", "\u200b", "x" * 40_000]
)
async def test_whatever_is_typed_is_answered(
    house: House, caplog: pytest.LogCaptureFixture, words: str
) -> None:
    with caplog.at_level(logging.ERROR):
        for command in ("imagine", "jam", "rules", "block", "why", "show", "settings", "forget"):
            await house.stage.say(f"/{command} {words}", user="eve")
        jam = await house.store.jam_here(HERE)
        if jam:
            await house.stage.say(jam.id, user="eve", command="jamadd", options={"phrase": words})
    assert not caplog.records
    assert house.stage.shown() or house.stage.notes


async def test_who_is_let_into_one_room_sees_no_other(house: House) -> None:
    staff, lobby = ChatId("stage:club:1"), ChatId("stage:club:2")
    house.stage.limits = replace(house.stage.limits, walled=True)
    await house.stage.say("/imagine a secret plan", chat=staff)
    await house.stage.until(done, chat=staff)
    await house.stage.say("/jobs", chat=lobby, user="eve")
    assert "nothing" in house.stage.shown(lobby)[-1].text.lower()
    await house.stage.say("/show", chat=lobby, user="eve")
    assert not [reply for reply in house.stage.shown(lobby) if "secret" in reply.text]
    ann, eve = User(UserId("stage:ann"), "Ann"), User(UserId("stage:eve"), "Eve")
    async with asyncio.timeout(10):  # it is done a moment after its picture is seen
        while not await house.bot.suggest(staff, eve, "job", ""):
            await asyncio.sleep(0.01)
    assert not await house.bot.suggest(lobby, eve, "job", "")
    assert await house.bot.suggest(lobby, ann, "job", "")


async def test_who_is_blocked_moves_no_canvas(house: House) -> None:
    await house.stage.say("/jam a city")
    house.stage.admins.add(UserId("stage:ann"))
    await house.stage.say("/imagine a hat", user="eve")
    await house.stage.say("/block Eve")
    shown = len(house.stage.messages)
    await house.stage.say("/jam", user="eve")
    assert not [reply for reply in house.stage.shown() if "It goes on below" in reply.text]
    assert len(house.stage.messages) <= shown + 1


async def test_whom_a_prompt_names_is_told_once_and_not_by_us_again(house: House) -> None:
    """Placeholder, picture, each Again and each list would else ping them in our name."""
    await house.stage.say("/imagine @alice and @everyone, mail to ann@example.org")
    await house.stage.until(done)
    await house.stage.press("Again", user="eve")
    await house.stage.say("/jobs")
    said = [reply.text for message in house.stage.messages.values() for reply in message.history]
    assert sum("ann@example.org" in text for text in said) >= 4
    assert not [text for text in said if "@alice" in text or "@everyone" in text]


async def test_a_prompt_turns_round_no_words_but_its_own(house: House) -> None:
    await house.stage.say("/imagine \u202ea fox\u2066 \u05d0", user="eve")
    await house.stage.until(done)
    await house.stage.say("/jobs")
    assert house.stage.shown()[-1].text.endswith("· \u2068a fox \u05d0\u2069 · Eve")
