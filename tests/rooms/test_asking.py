"""A chat that nobody serves yet asks the operators."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.asking import Asking
from bot.model import UserId
from tests.rooms.conftest import House, Killed

OLGA, OTTO = UserId("stage:olga"), UserId("stage:otto")


@pytest.fixture
async def closed(tmp_path: Path) -> AsyncIterator[House]:
    async with House(tmp_path, open_access=False, operators=(OLGA, OTTO)).lives() as house:
        yield house


def read(house: House, who: str) -> str:
    """The latest of what a person, or a place, was told."""
    return house.stage.shown(f"stage:{who}")[-1].text


async def press(house: House, command: str, operator: str) -> None:
    """An operator answers the question that they were sent."""
    for name, message in house.stage.messages.items():
        for button in (button for row in message.reply.buttons for button in row):
            if message.chat == f"stage:{operator}" and button.command == command:
                await house.stage.press(button.label, user=operator, message=name)
                return


async def test_it_is_answered_in_the_language_of_the_chat(closed: House) -> None:
    await closed.stage.say("/settings --language zh-Hans", user="otto", chat="stage:otto")
    await closed.stage.say("/imagine 一只狐狸", user="li", chat="stage:li", speaks="zh-hans")
    assert "wants to use your key" in read(closed, "olga")
    assert "想在" in read(closed, "otto")
    await press(closed, "approve", "olga")
    assert "运营者已同意" in read(closed, "li")


async def test_what_one_operator_decided_no_button_of_another_changes(closed: House) -> None:
    await closed.stage.say("/imagine a fox")
    await press(closed, "deny", "olga")
    await press(closed, "approve", "otto")
    assert read(closed, "otto").startswith(
        "Another operator refused “stage:group” already; /approve stage:group"
    )
    assert "did not approve" in read(closed, "group")
    await closed.stage.say("/approve stage:group", user="otto", chat="stage:otto")
    assert "approved this chat" in read(closed, "group")


async def test_operators_are_asked_again_after_a_crash_before_they_were(
    closed: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def dies(*_: object) -> bool:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(Asking, "_ask", dies)
        with pytest.raises(Killed):
            await closed.stage.say("/imagine a fox")
    await closed.stage.say("/imagine a fox")
    await closed.stage.say("/imagine a fox", user="ben")
    assert len(closed.stage.shown("stage:olga")) == 1
