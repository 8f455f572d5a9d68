"""``/why``: the sentences that a request would be refused with, without one, and without money."""

from __future__ import annotations

from pathlib import Path

import pytest
from telegram import ChatFullInfo, ChatMember
from telegram import User as Account

from adapters.telegram.ailing import ailments
from bot.credits import Quotas
from bot.errors import UpstreamDown
from bot.model import Fault, UserId
from tests.rooms.conftest import House
from tests.rooms.test_core import done

ANN = UserId("stage:ann")


async def why(house: House, words: str = "/why", **more: object) -> str:
    await house.stage.say(words, **more)  # type: ignore[arg-type]
    return house.stage.shown()[-1].text


async def test_nothing_stands_in_the_way(house: House) -> None:
    assert await why(house) == "Nothing stands in your way here: /imagine away."
    assert house.painter.submits == []


async def test_all_that_stands_in_the_way_is_said_at_once(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.stage.admins = {ANN}
    house.stage.ailing = [Fault("ailing-telegram-mute"), Fault("note-telegram-privacy")]
    await house.stage.say("/imagine a fox", user="ben")
    await house.stage.until(done)
    await house.stage.say("/rules slow 60")
    await house.stage.say("/rules deny Ben")

    async def down(endpoint: object) -> None:
        raise UpstreamDown

    monkeypatch.setattr(house.painter, "check", down)
    said = (await why(house, user="ben")).splitlines()
    assert said[0] == "This stands in your way here:"
    parts = ["here don't let you", "ask again in", "can't be reached", "may not write", "privacy mode is on"]
    for line, part in zip(said[1:], parts, strict=True):
        assert part in line
    assert len(house.painter.submits) == 1


async def test_caps_and_access_are_said(tmp_path: Path) -> None:
    async with House(tmp_path, quotas=Quotas(member_daily=1)).lives() as house:
        assert "Your budget for today is not enough: $0.00 is left" in await why(house)
    async with House(tmp_path, open_access=False, operators=(UserId("stage:olga"),)).lives() as house:
        assert "This chat is new here" in await why(house)
        assert not house.stage.shown("stage:olga"), "to ask is no request"


async def test_an_admin_asks_for_somebody_else(house: House) -> None:
    assert "Only an admin" in await why(house, "/why stage:ann", user="ben")
    house.stage.admins = {ANN}
    await house.stage.say("/imagine a fox", user="ben")
    await house.stage.until(done)
    assert await why(house, "/why ben") == "Nothing stands in Ben's way here."
    await house.stage.say("/block ben")
    said = await why(house, "/why Ben")
    assert said.startswith("This is what Ben is told here:")
    assert "don't let you ask" in said
    assert "I know nobody" in await why(house, "/why @nobody")


# --- Telegram's own hindrances --------------------------------------------------------------

ME = Account(1, "Easel", is_bot=True, can_read_all_group_messages=False)
WHO = {"id": 1, "is_bot": True, "first_name": "Easel"}
FREE = dict.fromkeys(
    [f"can_send_{w}" for w in ("messages", "audios", "documents", "photos", "videos", "video_notes")]
    + ["can_send_voice_notes", "can_send_polls", "can_send_other_messages", "can_add_web_page_previews"]
    + ["can_change_info", "can_invite_users", "can_pin_messages", "can_manage_topics"]
    + ["can_edit_tag", "can_react_to_messages"],
    True,
)


def chat(kind: str = "supergroup", **denied: bool) -> ChatFullInfo:
    said = {"id": -1, "type": kind, "title": "Club", "accent_color_id": 0, "max_reaction_count": 1}
    gifts = dict.fromkeys(
        ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels"),
        False,
    )
    found = ChatFullInfo.de_json(
        {**said, "accepted_gift_types": gifts, "permissions": {**FREE, **denied}}, None
    )
    assert found
    return found


def member(status: str, **rights: object) -> ChatMember:
    facts = {"until_date": 0, "is_member": True, **FREE} if status == "restricted" else {"until_date": 0}
    found = ChatMember.de_json({"status": status, "user": WHO, **facts, **rights}, None)
    assert found
    return found


@pytest.mark.parametrize(
    ("there", "me", "said"),
    [
        (chat(), member("member"), ["note-telegram-privacy"]),
        (chat(), member("left"), ["ailing-telegram-out"]),
        (chat(), member("kicked"), ["ailing-telegram-out"]),
        (
            chat(can_send_messages=False),
            member("member"),
            ["ailing-telegram-mute", "note-telegram-privacy"],
        ),
        (
            chat(can_send_photos=False),
            member("member"),
            ["ailing-telegram-pictures", "note-telegram-privacy"],
        ),
        (
            chat(),
            member("restricted", can_send_messages=False),
            ["ailing-telegram-mute", "note-telegram-privacy"],
        ),
        (chat("channel"), member("member"), ["ailing-telegram-post"]),
    ],
)
def test_what_telegram_does_not_let_it_do(there: ChatFullInfo, me: ChatMember, said: list[str]) -> None:
    assert [fault.message_id for fault in ailments(ME, there, me)] == said
