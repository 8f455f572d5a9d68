"""A jam on the stage: what a group writes and presses, what everybody sees, and who pays."""

from __future__ import annotations

import asyncio

from bot.model import ChatId, Post, Reply
from tests.unit.conftest import House


def says(*words: str) -> object:
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
    assert "Go is said by Ann.\nAnn pays" in shown.text
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
    assert labels(third)[0] == ["1", "2", "3", "4"]
    for who, number in (("ann", "3"), ("ben", "3"), ("cy", "2")):
        post, _ = house.stage._button("▲ 1", "")
        row = {button.label: button for button in house.stage.messages[post].reply.buttons[0]}
        await house.stage.say(row[number].text, user=who, command="jampick", pressed=True)
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
