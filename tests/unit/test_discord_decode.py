"""Discord's interactions, read: without a network."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from adapters.discord import declare
from adapters.discord.decode import Offer, focused, invocation
from adapters.discord.grip import Grip, Way
from bot.commands import COMMANDS
from bot.i18n import words
from bot.model import Attachment, ChatId, Invocation, Post, Source, User, UserId

BY_NAME = {command.name: command for command in COMMANDS}
QUIET = {"delete": replace(BY_NAME["delete"], quiet=True)}
OFFER = Offer(BY_NAME | QUIET, declare.menus(COMMANDS, words()))
ADA = {"id": "42", "username": "ada", "global_name": "Ada Lovelace"}


def event(kind: int, data: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "id": "1573586753233617353",
        "application_id": "104",
        "type": kind,
        "token": "aW50ZXJhY3Rpb246abc",
        "data": data,
        "channel_id": "7",
        "guild_id": "5",
        "member": {"user": ADA, "nick": None, "permissions": "2048"},
        "locale": "zh-CN",
        "context": 0,
        "authorizing_integration_owners": {"0": "5"},
        "attachment_size_limit": 50_000_000,
    } | more


def slash(name: str, *options: dict[str, Any], **more: Any) -> Invocation:
    return invocation(event(2, {"name": name, "type": 1, "options": list(options), **more}), OFFER)


def option(name: str, value: Any, kind: int = 3) -> dict[str, Any]:
    return {"name": name, "type": kind, "value": value}


def way(call: Invocation) -> Way:
    grip = Grip.read(call.origin.grip) if call.origin else None
    assert grip
    return grip.way


def test_a_slash_command() -> None:
    call = slash("imagine", option("prompt", "a fox --n 2"), option("n", 3, 4), option("quality", "high"))
    assert call == Invocation(
        id="discord:1573586753233617353",
        chat=ChatId("discord:5:7"),
        user=User(UserId("discord:42"), "Ada Lovelace", "zh-CN"),
        command="imagine",
        text="a fox --n 2",
        options={"n": 3, "quality": "high"},
        origin=call.origin,
        admin=False,
    )


def test_a_member_and_a_role_are_pointed_at() -> None:
    resolved = {"users": {"42": ADA}, "roles": {"8": {"name": "Mods"}}}
    found = slash("grant", option("member", "42", 6), option("amount", "2"), resolved=resolved)
    assert (found.text, found.options["member"]) == ("2", "<@42>")
    assert slash("caps", option("role", "8", 8), resolved=resolved).options == {"role": "8 Mods"}


def test_the_grip_holds_what_the_answer_needs() -> None:
    origin = slash("imagine").origin
    assert origin
    grip = Grip.read(origin.grip)
    assert grip == Grip(
        Way.THINKING, "104", "1573586753233617353", "aW50ZXJhY3Rpb246abc", 50_000_000, "zh-CN"
    )
    assert "aW50" not in repr(origin)


def test_the_roles_of_whoever_speaks() -> None:
    member = {"user": ADA, "nick": None, "permissions": "2048", "roles": ["81", "82"]}
    assert invocation(event(2, {"name": "balance", "type": 1}, member=member), OFFER).roles == ("81", "82")


@pytest.mark.parametrize("text", ["", "open", "1 2 3 4 5"])
def test_what_is_no_grip(text: str) -> None:
    assert Grip.read(text) is None


def test_a_grip_lives_for_less_than_fifteen_minutes() -> None:
    made = (1573586753233617353 >> 22) / 1000 + 1_420_070_400
    grip = Grip(Way.OPEN, "104", "1573586753233617353", "t")
    assert grip.alive(made + 14 * 60)
    assert not grip.alive(made + 15 * 60)


def test_pictures_come_in_the_order_of_their_options() -> None:
    files = {
        name: {
            "url": f"https://cdn/{name}",
            "content_type": "image/png",
            "size": 9,
            "filename": f"{name}.png",
        }
        for name in ("a", "b", "c")
    }
    call = slash(
        "edit",
        option("image3", "c", 11),
        option("image", "a", 11),
        option("image2", "b", 11),
        resolved={"attachments": files},
    )
    assert [attachment.source for attachment in call.attachments] == [
        "discord:https://cdn/a",
        "discord:https://cdn/b",
        "discord:https://cdn/c",
    ]
    assert call.attachments[0] == Attachment(Source("discord:https://cdn/a"), "image/png", 9, "a.png")
    assert call.options == {}


def test_a_private_commands_words_stay_an_option() -> None:
    assert slash("key", option("key", "sk-secret")).options == {"key": "sk-secret"}
    assert slash("key", option("key", "sk-secret")).text == ""


def test_a_menu_on_a_message() -> None:
    target = {
        "id": "99",
        "attachments": [
            {"url": "https://cdn/x.png", "content_type": "image/png"},
            {"url": "https://cdn/x.pdf", "content_type": "application/pdf"},
        ],
    }
    data = {
        "name": "Edit this picture",
        "type": 3,
        "target_id": "99",
        "resolved": {"messages": {"99": target}},
    }
    call = invocation(event(2, data), OFFER)
    assert (call.command, call.replied) == ("edit", Post(ChatId("discord:5:7"), "99"))
    assert [attachment.source for attachment in call.attachments] == ["discord:https://cdn/x.png"]


def test_a_button() -> None:
    call = invocation(event(3, {"custom_id": "again k3v9abcdef"}, message={"id": "88"}), OFFER)
    assert (call.command, call.text, call.pressed) == ("again", "k3v9abcdef", True)
    assert call.origin
    assert call.origin.id == "88"


@pytest.mark.parametrize(
    "rows",
    [
        [
            {"type": 18, "component": {"type": 4, "custom_id": "prompt", "value": " blue "}},
            {"type": 18, "component": {"type": 3, "custom_id": "dialect", "values": ["openai"]}},
            {"type": 18, "component": {"type": 4, "custom_id": "url", "value": ""}},
        ],
        [
            {"type": 1, "components": [{"type": 4, "custom_id": "prompt", "value": "blue"}]},
            {"type": 1, "components": [{"type": 4, "custom_id": "dialect", "value": "openai"}]},
        ],
    ],
)
def test_a_form(rows: list[dict[str, Any]]) -> None:
    call = invocation(event(5, {"custom_id": "key --chat discord:5", "components": rows}), OFFER)
    assert (call.command, call.text, call.pressed) == ("key", "--chat discord:5", False)
    assert call.options == {"prompt": "blue", "dialect": "openai"}


def test_a_command_without_a_text_in_its_form() -> None:
    assert invocation(event(5, {"custom_id": "key", "components": []}), OFFER).text == ""


_DM = {"guild_id": None, "user": ADA, "context": 1, "authorizing_integration_owners": {"0": "0"}}
_BROUGHT = {"authorizing_integration_owners": {"1": "42"}}


@pytest.mark.parametrize(
    ("more", "chat", "private", "admin"),
    [
        ({}, "discord:5:7", False, False),
        ({"member": {"user": ADA, "permissions": str(1 << 5)}}, "discord:5:7", False, True),
        ({"member": {"user": ADA, "permissions": str(1 << 3)}}, "discord:5:7", False, True),
        (_DM, "discord:@42:7", True, True),
        (_DM | _BROUGHT | {"context": 2}, "discord:@42:7", False, True),
        (_BROUGHT, "discord:@42:7", False, True),
        ({"authorizing_integration_owners": {"0": "5", "1": "42"}}, "discord:5:7", False, False),
        ({"authorizing_integration_owners": None}, "discord:5:7", False, False),
        ({"channel_id": None, "channel": {"id": "8"}}, "discord:5:8", False, False),
    ],
)
def test_where_and_who(more: dict[str, Any], chat: str, private: bool, admin: bool) -> None:
    said = event(2, {"name": "balance", "type": 1}, **more)
    if "user" in more:
        del said["member"]
    call = invocation(said, OFFER)
    assert (call.chat, call.private, call.admin) == (chat, private, admin)
    assert call.user.id == "discord:42"


@pytest.mark.parametrize(
    ("member", "name"),
    [
        ({"user": ADA, "nick": "Countess", "permissions": "0"}, "Countess"),
        ({"user": ADA | {"global_name": None}, "permissions": "0"}, "ada"),
    ],
)
def test_names(member: dict[str, Any], name: str) -> None:
    assert invocation(event(2, {"name": "balance"}, member=member), OFFER).user.name == name


@pytest.mark.parametrize(
    ("kind", "data", "expected"),
    [
        (2, {"name": "imagine"}, Way.THINKING),
        (2, {"name": "balance"}, Way.WHISPERING),
        (2, {"name": "key"}, Way.OPEN),
        (2, {"name": "nosuch"}, Way.WHISPERING),
        (3, {"custom_id": "again x"}, Way.THINKING),
        (3, {"custom_id": "revise x"}, Way.OPEN),
        (3, {"custom_id": "delete x"}, Way.PRESSED),
        (3, {"custom_id": "nosuch x"}, Way.PRESSED),
        (5, {"custom_id": "key", "components": []}, Way.WHISPERING),
        (5, {"custom_id": "edit x", "components": []}, Way.THINKING),
    ],
)
def test_how_it_is_acknowledged(kind: int, data: dict[str, Any], expected: Way) -> None:
    assert way(invocation(event(kind, data, message={"id": "88"}), OFFER)) is expected


def test_what_is_being_typed() -> None:
    data = {"name": "x", "options": [option("a", 1), option("reply-edits", "of") | {"focused": True}]}
    assert focused(event(4, data)) == ("reply_edits", "of")


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"type": 2},
        event(99, {}),
        event(2, {}),
        event(2, {"name": "edit", "type": 3, "target_id": "1", "resolved": {}}),
        event(3, {"custom_id": None}, message={"id": "1"}),
        event(3, {"custom_id": "again"}),
        event(5, {"custom_id": "edit", "components": [{}]}),
        event(2, {"name": "imagine"}, guild_id="../..", channel_id="7"),
        event(2, {"name": "imagine"}, member={"user": ADA, "permissions": "all"}),
    ],
)
def test_what_is_no_interaction_is_refused(said: dict[str, Any]) -> None:
    with pytest.raises((KeyError, TypeError, ValueError, AttributeError, IndexError)):
        invocation(said, OFFER)


def test_a_name_says_nothing_but_itself() -> None:
    evil = {"user": {**ADA, "global_name": "\u202eAda\n"}, "nick": "\u200b", "permissions": "0"}
    assert invocation(event(2, {"name": "jobs", "type": 1}, member=evil), OFFER).user.name == "Ada"
