"""A jam on the stage: what a group writes and presses, what everybody sees, and who pays."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot import jam as rules
from bot.credits import Quotas
from bot.errors import Moderated
from bot.jam import Jam
from bot.jams import carry_on
from bot.model import ChatId, Post, Reply, now
from tests.fakes.painter import CENT
from tests.rooms.conftest import House


def says(*words: str) -> Callable[[Reply], bool]:
    return lambda reply: all(word in reply.text for word in words)


def painted(reply: Reply) -> bool:
    return bool(reply.pictures) and bool(reply.buttons)


def labels(reply: Reply) -> list[list[str]]:
    return [[button.label for button in row] for row in reply.buttons]


async def open_jam(house: House, words: str = "a city at night", **more: object) -> str:
    """The canvas's message."""
    await house.stage.say(f"/jam {words}", **more)
    return next(reversed(house.stage.messages))


async def add(house: House, who: str, phrase: str) -> None:
    """By the button, and an answer to its question, which is taken away then."""
    await house.stage.press("Add", user=who)
    question = next(reversed(house.stage.messages))
    await house.stage.say(phrase, user=who, replied=Post(ChatId("stage:group"), question))
    assert question not in house.stage.messages


async def test_an_evening(house: House) -> None:
    canvas = await open_jam(house)
    shown = house.stage.messages[canvas].reply
    assert "a city at night (with Ann)" in shown.text
    assert "Go is said by Ann.\nPaid by Ann" in shown.text
    assert labels(shown) == [["Add", "Go", "End"]]
    await add(house, "ben", "neon rain")
    await add(house, "cy", "a cat on a tram")
    await house.stage.press("▲ 1", user="cy")
    await house.stage.until(says("1. neon rain — Ben ▲2", "2. a cat on a tram — Cy ▲1"))
    await house.stage.press("Go", user="ben")
    assert "Ann chose who does" in house.stage.notes[-1][1]
    await house.stage.press("Go", user="ann")
    picture = await house.stage.until(painted)
    assert "a city at night, neon rain, a cat on a tram\nTogether: Ben, Cy" in picture.text
    second = await house.stage.until(says("Round 2", "1. neon rain"))
    assert labels(second) == [["▲ 1", "▲ 2"], ["Add", "Next round", "End"]]
    record = await house.stage.until(says("It goes on below"))
    assert record is house.stage.messages[canvas].reply
    assert "1. a city at night, neon rain, a cat on a tram — Ben, Cy" in record.text
    await add(house, "dee", "seen from the air")
    await house.stage.press("Next round")
    await house.stage.until(lambda reply: painted(reply) and "seen from the air" in reply.text)
    third = await house.stage.until(says("Round 3", "1: 0 ▲  2: 0 ▲  3: 0 ▲  4: 0 ▲", "Number 1 is"))
    assert labels(third)[0] == ["▣ 1", "▣ 2", "▣ 3", "▣ 4"]
    for who, number in (("ann", "3"), ("ben", "3"), ("cy", "2")):
        post, _ = house.stage._button("▲ 1", "")
        row = {button.label: button for button in house.stage.messages[post].reply.buttons[0]}
        await house.stage.say(row[f"▣ {number}"].text, user=who, command="jampick", pressed=True)
    await house.stage.until(says("1: 0 ▲  2: 1 ▲  3: 2 ▲  4: 0 ▲", "Number 3 is"))
    orders = [submit.request for submit in house.painter.submits]
    assert [(order.n, len(order.images)) for order in orders] == [(1, 0), (4, 1)]
    await house.stage.press("End", user="ben")
    assert "belongs to Ann" in house.stage.notes[-1][1]
    await house.stage.press("End", user="ann")
    album = await house.stage.until(says("The jam is over: a city at night", "With: Ann, Ben, Cy, Dee"))
    assert len(album.pictures) == 1
    assert labels(album) == [["All pictures"]]
    await house.stage.press("All pictures")
    assert len(house.stage.shown()[-1].files) == 5


async def test_two_press_go_at_once_and_one_job_starts(house: House) -> None:
    await open_jam(house, "a fox --go anyone")
    await asyncio.gather(*(house.stage.press("Go", user=who) for who in ("ann", "ben", "cy")))
    await house.stage.until(painted)
    await house.stage.until(says("Round 2"))
    assert len(house.painter.submits) == 1
    assert [note for _, note in house.stage.notes if "being painted already" in note]


async def test_it_goes_on_after_a_restart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "SENDING", timedelta(seconds=0.1))  # whoever was sending a canvas is dead
    home = House(tmp_path)
    async with home.lives():
        canvas = await open_jam(home, "a fox --go quorum:2")
        await add(home, "ben", "in the snow")
        await home.stage.press("Go 0/2", user="ben")
    async with home.lives():
        await home.stage.press("▲ 1", user="cy", message=canvas)
        await home.stage.until(says("1. in the snow — Ben ▲2"))
        await home.stage.press("Go 1/2", user="cy", message=canvas)
        await home.stage.until(painted)
    async with home.lives():
        await home.stage.until(says("Round 2"))
        assert [order.request.prompt for order in home.painter.submits] == ["a fox, in the snow"]


async def gone(house: House, at: datetime) -> Jam:
    """Somebody said Go, and the process was killed at once."""
    here = await house.store.jam_here(ChatId("stage:group"))
    assert here
    change = lambda jam: rules.go(jam, jam.host, jam.round, at, price=0, ask_above=-1)  # noqa: E731
    jam = await house.store.change_jam(here.id, change)
    assert jam
    return jam


async def test_killed_between_go_and_the_order_it_is_handed_in_by_whoever_comes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "SENDING", timedelta(seconds=0.1))
    home = House(tmp_path)
    async with home.lives():
        await open_jam(home, "a fox")
        await gone(home, now() - timedelta(seconds=10))
    async with home.lives():
        await home.stage.until(says("Round 2"))
        assert len(home.painter.submits) == 1


async def test_killed_between_the_order_and_its_note_it_is_ordered_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "SENDING", timedelta(seconds=0.1))
    home = House(tmp_path)
    async with home.lives():
        home.painter.gate.clear()
        await open_jam(home, "a fox")
        jam = await gone(home, now() - timedelta(seconds=10))
        await asyncio.gather(*(carry_on(home.services, jam) for _ in range(3)))
        await home.store.change_jam(jam.id, lambda _: jam)
    home.painter.gate.set()
    async with home.lives():
        await home.stage.until(says("Round 2"))
        assert len(home.painter.submits) == 1


async def test_a_jam_that_can_not_be_looked_after_takes_no_other_along(
    house: House, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    await open_jam(house, "a fox --minutes 1")
    await house.stage.say("/jam a hare --minutes 1", chat="stage:town")
    broken = await house.store.jam_here(ChatId("stage:group"))
    other = await house.store.jam_here(ChatId("stage:town"))
    assert broken
    assert other
    quote = house.services.canvases.quote

    async def stumbling(jam: Jam) -> Any:
        if jam.id == broken.id:
            raise RuntimeError("inside")
        return await quote(jam)

    monkeypatch.setattr(house.services.canvases, "quote", stumbling)
    with caplog.at_level(logging.CRITICAL):
        for jam in (broken, other):
            await house.store.change_jam(jam.id, lambda jam: replace(jam, due=now()))
        house.services.canvases.knock.set()
        await house.stage.until(painted, "stage:town")


async def test_a_canvas_that_was_deleted_is_sent_anew(house: House) -> None:
    canvas = await open_jam(house)
    del house.stage.messages[canvas]
    await house.stage.say("neon rain", user="ben", replied=Post(ChatId("stage:group"), canvas))
    await house.stage.until(says("1. neon rain — Ben"))


async def test_a_jam_moves_along_with_its_chat(house: House) -> None:
    canvas = await open_jam(house)
    await add(house, "ben", "neon rain")
    await house.bot.moved(ChatId("stage:group"), ChatId("stage:super"))
    house.stage.messages[canvas].chat = ChatId("stage:super")
    await house.stage.say(
        "a tram", user="cy", chat="stage:super", replied=Post(ChatId("stage:super"), canvas)
    )
    await house.stage.until(says("1. neon rain", "2. a tram — Cy"), chat="stage:super")
    await house.stage.say("/jam", chat="stage:super")
    await house.stage.press("Go")
    await house.stage.until(says("Round 2"), chat="stage:super")


async def test_one_at_a_time_in_one_place_and_the_canvas_comes_down(house: House) -> None:
    first = await open_jam(house, id="event 1")
    assert await open_jam(house, "something else", user="ben") != first
    await house.stage.until(says("It goes on below"))
    assert "a city at night" in house.stage.shown()[-1].text
    await house.stage.say("/jam", chat="stage:group:7")
    (question,) = house.stage.shown("stage:group:7")
    assert question.form


async def test_when_the_time_is_up_it_goes_by_itself(house: House) -> None:
    await open_jam(house, "a fox --minutes 10")
    await house.stage.until(says("It goes by itself 10 minutes after the beginning"))
    await overdue(house)
    await house.stage.until(says("Round 2"))
    await overdue(house)
    await house.stage.until(says("The jam is over"))
    assert len(house.painter.submits) == 1


async def overdue(house: House) -> None:
    jam = await house.store.jam_here(ChatId("stage:group"))
    assert jam
    await house.store.change_jam(jam.id, lambda jam: replace(jam, due=now() - timedelta(seconds=1)))
    house.services.canvases.knock.set()


async def test_above_the_chats_limit_the_host_is_asked(house: House) -> None:
    await house.store.save_chat(ChatId("stage:group"), ask_above=5_000)
    await open_jam(house, "a fox --go anyone")
    await house.stage.press("Go", user="ben")
    await house.stage.until(says("This will cost Ann about $0.01. Go ahead, Ann?"))
    await house.stage.press("$0.01", user="ben")
    assert not house.painter.submits
    await house.stage.press("$0.01", user="ann")
    await house.stage.until(says("Round 2"))
    assert len(house.painter.submits) == 1


async def test_a_refusal_is_shown_to_all_and_go_may_be_said_again(house: House) -> None:
    house.painter.faults = [Moderated()]
    await open_jam(house)
    await add(house, "ben", "something bad")
    await house.stage.press("Go")
    canvas = await house.stage.until(says("⚠ The image service's content rules", "1. something bad"))
    assert labels(canvas)[-1] == ["Add", "Go", "End"]
    await house.stage.say("/jam --remove 1")
    await add(house, "ben", "something good")
    await house.stage.press("Go")
    await house.stage.until(says("Round 2"))
    assert [order.request.prompt for order in house.painter.submits][1] == "a city at night, something good"


# --- who pays -------------------------------------------------------------------------------


async def spent(house: House, *names: str) -> list[int]:
    accounts = ["operator/stage:group", *(f"operator/stage:{name}" for name in names)]
    return [standing.day for standing in await house.store.standing(accounts)]


async def test_the_host_pays_for_all(house: House) -> None:
    await open_jam(house)
    await add(house, "ben", "neon rain")
    await house.stage.press("Go")
    await house.stage.until(says("Round 2"))
    assert await spent(house, "ann", "ben") == [CENT, CENT, 0]


async def test_the_host_and_those_whose_words_are_used_pay_in_equal_parts(house: House) -> None:
    await open_jam(house, "a city --cost shared")
    for who in ("ben", "cy", "dee"):
        await add(house, who, f"{who} was here")
    await house.stage.press("Go")
    await house.stage.until(says("Round 2"))
    assert await spent(house, "ann", "ben", "cy", "dee") == [CENT, 2_500, 2_500, 2_500, 2_500]
    await house.stage.press("End")
    album = await house.stage.until(says("The jam is over"))
    assert "In all $0.01: Ann $0.0025, Ben $0.0025, Cy $0.0025, Dee $0.0025" in album.text


async def test_who_lacks_room_for_a_share_is_named_and_nothing_is_spent(tmp_path: Path) -> None:
    async with House(tmp_path, quotas=Quotas(member_daily=12_000)).lives() as house:
        await house.stage.say("/imagine a hat", user="ben")
        await house.stage.until(painted)
        await open_jam(house, "a city --cost shared")
        await add(house, "ben", "neon rain")
        await house.stage.press("Go")
        await house.stage.until(says("⚠ The share of Ben is about $0.005", "let the host pay"))
        assert await spent(house, "ann", "ben") == [CENT, 0, CENT]
        await house.stage.say("/jam --remove 1")
        await add(house, "cy", "a tram")
        await house.stage.press("Go")
        await house.stage.until(says("Round 2"))
        assert await spent(house, "ann", "ben", "cy") == [2 * CENT, CENT // 2, CENT, CENT // 2]


async def test_a_host_who_lacks_room_is_named_too(tmp_path: Path) -> None:
    async with House(tmp_path, quotas=Quotas(member_daily=6_000)).lives() as house:
        await open_jam(house, "a city --go anyone")
        await house.stage.press("Go", user="ben")
        await house.stage.until(says("⚠ Ann has $0.006 left for today"))
        assert not house.painter.submits


async def test_the_chats_rules_hold_for_phrases_and_for_those_who_press(house: House) -> None:
    chat = await house.store.chat(ChatId("stage:group"))
    await house.store.save_chat(chat.home, rules=replace(chat.rules, words=("rain",)))
    await open_jam(house)
    (canvas,) = house.stage.messages
    await house.stage.say("neon R A I N", user="ben", replied=Post(chat.home, canvas))
    await house.stage.say("neon rain", user="ben", replied=Post(chat.home, canvas))
    await house.stage.say("neon snow", user="ben", replied=Post(chat.home, canvas))
    await house.stage.until(says("neon snow — Ben"))
    jam = await house.store.jam_here(chat.home)
    assert jam
    assert "neon rain" not in [phrase.text for phrase in jam.phrases]


async def test_a_key_among_the_phrases_is_not_shown(house: House) -> None:
    canvas = await open_jam(house)
    key = "sk-" + "a1B2" * 8
    jam = await house.store.jam_here(ChatId("stage:group"))
    assert jam
    await house.stage.say(jam.id, user="ben", command="jamadd", options={"phrase": key})
    await house.stage.say("neon rain", user="ben", replied=Post(ChatId("stage:group"), canvas))
    await house.stage.until(says("1. neon rain"))
    assert not [reply for reply in house.stage.shown() if key in reply.text]


async def test_who_is_forgotten_is_gone_from_the_canvas(house: House) -> None:
    await open_jam(house)
    await add(house, "ben", "a secret garden")
    await house.stage.until(says("a secret garden — Ben"))
    await house.stage.say("/forget me", user="ben")
    await house.stage.press("Yes, remove", user="ben")
    await house.stage.until(says("a city at night", "Nobody has added anything yet"))
    await house.stage.say("/forget me")
    await house.stage.press("Yes, remove")
    await house.stage.until(says("The jam is over: …"))
    assert not [reply for reply in house.stage.shown() if "a city at night" in reply.text]
