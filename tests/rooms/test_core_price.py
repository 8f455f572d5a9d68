"""What is dear is asked about first: once, of the one who asked, with nothing held until they agree."""

from __future__ import annotations

from dataclasses import replace
from importlib import import_module
from pathlib import Path

import pytest
from PIL import Image

from bot.commands.settings import _limit
from bot.model import UNIT, ChatId, Invocation, Post, Reply, User, UserId
from tests.fakes.painter import CENT
from tests.rooms.conftest import House, cut_off

GROUP = ChatId("stage:group")


def question(reply: Reply) -> bool:
    return [button.command for row in reply.buttons for button in row] == ["spend", "forgo"]


def done(reply: Reply) -> bool:
    return bool(reply.pictures) and not reply.busy


def label(reply: Reply, command: str) -> str:
    return next(button.label for row in reply.buttons for button in row if button.command == command)


@pytest.fixture
async def careful(house: House) -> House:
    """Asks above two cents; a picture costs one."""
    await house.store.save_chat(GROUP, ask_above=2 * CENT)
    return house


async def test_up_to_the_limit_nothing_is_asked(careful: House) -> None:
    await careful.stage.say("/imagine a fox --n 2")
    await careful.stage.until(done)
    assert len(careful.painter.submits) == 1


async def test_above_it_the_price_is_named_and_agreed_to(careful: House, tmp_path: Path) -> None:
    photo = tmp_path / "photo.jpg"
    Image.new("RGB", (40, 30), "red").save(photo)
    await careful.stage.say("/edit make it night --n 3", attachments=(careful.stage.attach(photo),))
    asked = await careful.stage.until(question)
    assert "$0.03" in asked.text
    assert "make it night" in asked.text
    assert not await careful.store.jobs(GROUP)
    (standing,) = await careful.store.standing(["operator/stage:group"])
    assert standing.held == 0
    await careful.stage.press(label(asked, "spend"))
    await careful.stage.until(done)
    (order,) = careful.painter.submits
    assert (order.request.prompt, order.request.n, len(order.images)) == ("make it night", 3, 1)


async def test_the_question_is_its_askers_and_is_answered_once(
    careful: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_module("bot.commands.spend"), "_SOON", (0.0, 0.0, 0.0))
    await careful.stage.say("/imagine a fox --n 3")
    asked = await careful.stage.until(question)
    (message,) = careful.stage.messages
    press = Invocation(
        "stage:late",
        GROUP,
        User(UserId("stage:bob"), "bob"),
        "spend",
        origin=Post(GROUP, message),
        pressed=True,
    )
    await careful.bot.handle(press)
    assert "somebody else" in careful.stage.shown()[-1].text
    await careful.stage.press(label(asked, "spend"))
    await careful.stage.until(done)
    assert not careful.stage.messages[message].reply.buttons
    await careful.bot.handle(replace(press, user=User(UserId("stage:ann"), "ann")))
    assert "answered already" in careful.stage.shown()[-1].text
    assert len(await careful.store.jobs(GROUP)) == len(careful.painter.submits) == 1


@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_yes_that_a_crash_cuts_off_is_heard_again(careful: House, when: str) -> None:
    await careful.stage.say("/imagine a fox --n 3")
    asked = await careful.stage.until(question)
    press = await cut_off(careful, label(asked, "spend"), when)
    await careful.bot.handle(press)
    await careful.stage.until(done)
    await careful.bot.handle(press)
    assert len(await careful.store.jobs(GROUP)) == len(careful.painter.submits) == 1


async def test_it_may_be_let_be(careful: House) -> None:
    await careful.stage.say("/imagine a fox --n 3")
    asked = await careful.stage.until(question)
    await careful.stage.press(label(asked, "forgo"))
    await careful.stage.until(lambda reply: "nothing was charged" in reply.text)
    assert not careful.painter.submits
    assert not await careful.store.jobs(GROUP)


async def test_words_in_reply_to_the_question_are_no_answer(careful: House) -> None:
    await careful.stage.say("/imagine a fox --n 3")
    await careful.stage.until(question)
    (message,) = careful.stage.messages
    await careful.stage.say("yes", replied=Post(GROUP, message))
    assert not careful.painter.submits


async def test_again_asks_again(careful: House) -> None:
    await careful.stage.say("/imagine a fox --n 3")
    await careful.stage.press(label(await careful.stage.until(question), "spend"))
    await careful.stage.until(done)
    await careful.stage.press("Again", message=list(careful.stage.messages)[-1])
    await careful.stage.until(question)
    assert len(careful.painter.submits) == 1


async def test_a_chat_sets_its_limit(house: House) -> None:
    house.stage.admins.add(UserId("stage:ann"))
    for said, stored, shown in (
        ("--ask-above 0.02", 2 * CENT, "$0.02"),
        ("ask-above off", -1, "no"),
        ("--ask-above default", None, "$2.00"),
    ):
        await house.stage.say(f"/settings {said}")
        text = (await house.stage.until(lambda reply: "Changed" in reply.text)).text
        assert f"Asks first above: {shown}" in text
        assert (await house.store.chat(GROUP)).ask_above == stored
    await house.stage.say("/settings --ask-above cheap")
    await house.stage.until(lambda reply: "--ask-above" in reply.text)


def test_limits_are_read_as_people_write_them() -> None:
    assert [_limit(said) for said in ("0.5", "$2", " OFF ", "Default", "0")] == [
        UNIT // 2, 2 * UNIT, -1, "default", 0,
    ]  # fmt: skip
    for said in ("", "-1", "nan", "1e99", "two", "inf"):
        with pytest.raises(ValueError, match=said or "^$"):
            _limit(said)
