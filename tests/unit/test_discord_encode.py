"""Replies and forms as Discord takes them: without a network."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.discord import declare, encode
from adapters.discord.uploads import rungs
from bot.command import command
from bot.commands import COMMANDS
from bot.i18n import words
from bot.model import Button, Field, Form, Reply, Style
from tests.fakes.discord import spec

MB = 1024 * 1024
_UNESCAPE = re.compile(r"\\([^0-9A-Za-z\s])")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a fox", "a fox"),
        ("*bold* _it_ ~no~ `code` ||spoiler||", r"\*bold\* \_it\_ \~no\~ \`code\` \|\|spoiler\|\|"),
        (r"a \* b", r"a \\\* b"),
        ("# big\n## less\n-# small", "\\# big\n\\## less\n\\-# small"),
        ("- a\n  - b\n1. c\n12) d", "\\- a\n  \\- b\n1\\. c\n12\\) d"),
        ("> quote", r"\> quote"),
        ("[text](https://x.example/a_b)", r"\[text\](https://x.example/a_b)"),
        ("see https://x.example/a_b_c now_", r"see https://x.example/a_b_c now\_"),
        ("<@42> <@&7> @everyone", r"\<@42\> \<@&7\> @everyone"),
        ("3 - 2, #1, 1.5", "3 - 2, #1, 1.5"),
    ],
)
def test_words_are_shown_as_they_are(text: str, shown: str) -> None:
    assert encode.escaped(text) == shown


@given(st.text(alphabet="a*_\\~`|<>[]#-+1. \nü🐕", max_size=200))
def test_escaping_loses_nothing(text: str) -> None:
    assert _UNESCAPE.sub(r"\1", encode.escaped(text)) == text


@given(st.text(alphabet="a*\\🐕 \n", min_size=1, max_size=5000))
def test_a_text_fits(text: str) -> None:
    said = encode.fitted(text)
    assert len(said) <= 2000
    kept = _UNESCAPE.sub(r"\1", said)
    assert kept == text or (kept.endswith("…") and text.startswith(kept[:-1]))


def test_a_message() -> None:
    buttons = ((Button("Again", "again", "k3v9", Style.PRIMARY), Button("More", url="https://x.example")), ())
    body = encode.message(Reply("a *fox*", buttons=buttons), ["a.png", "b.png"], "smaller", "")
    assert body == {
        "content": "a \\*fox\\*\nsmaller",
        "components": [
            {
                "type": 1,
                "components": [
                    {"type": 2, "style": 1, "label": "Again", "custom_id": "again k3v9"},
                    {"type": 2, "style": 5, "label": "More", "url": "https://x.example"},
                ],
            }
        ],
        "attachments": [{"id": "0", "filename": "a.png"}, {"id": "1", "filename": "b.png"}],
        "allowed_mentions": {"parse": []},
        "flags": 4,
    }
    for route in (
        "PATCH /channels/1/messages/2",
        "PATCH /webhooks/1/t/messages/2",
        "POST /channels/1/messages",
    ):
        spec.check(spec.match(*route.split()), {}, body, files=True)


def test_many_buttons_stay_within_the_grid() -> None:
    row = tuple(Button(f"{n}" * 100, "show", f"k3v9 {n}") for n in range(7))
    rows = encode.rows((row,) * 7)
    assert [len(each["components"]) for each in rows] == [5] * 5
    assert len(rows[0]["components"][0]["label"]) == 80


def test_a_form() -> None:
    fields = (
        Field("key", "API key", secret=True, max_length=500),
        Field("dialect", "Relay", required=False, choices=("openai", "shenfeng")),
        Field("words", "W" * 60, value="now " * 2000, long=True),
    )
    modal = encode.modal(Form("T" * 60, "key", "--chat discord:5", fields))
    assert modal["custom_id"] == "key --chat discord:5"
    assert modal["title"] == "T" * 44 + "…"
    key, dialect, said = (row["component"] for row in modal["components"])
    assert key == {"type": 4, "custom_id": "key", "style": 1, "required": True, "max_length": 500}
    assert [choice["value"] for choice in dialect["options"]] == ["openai", "shenfeng"]
    assert not dialect["required"]
    assert (len(said["value"]), said["style"]) == (4000, 2)
    found = spec.match("POST", "/interactions/1/t/callback")
    spec.check(found, {}, {"type": 9, "data": modal}, files=False)


def test_a_form_whose_text_can_t_come_back() -> None:
    with pytest.raises(ValueError, match="too long"):
        encode.modal(Form("Edit", "edit", "x" * 100, (Field("prompt", "Words"),)))


def test_every_command_is_one_that_discord_takes() -> None:
    body = declare.declared(COMMANDS, words())
    spec.check(spec.match("PUT", "/applications/1/commands"), {}, body, files=False)
    by_name = {(each["type"], each["name"]): each for each in body}
    assert (1, "again") not in by_name
    assert by_name[3, "Edit this picture"]["name_localizations"].keys() == {"zh-CN", "zh-TW"}
    imagine = {each["name"]: each for each in by_name[1, "imagine"]["options"]}
    assert imagine["prompt"] == imagine["prompt"] | {"type": 3, "required": True, "max_length": 6000}
    assert not imagine["prompt"]["autocomplete"]
    assert imagine["n"] == imagine["n"] | {"type": 4, "min_value": 1, "max_value": 10, "required": False}
    assert [each["value"] for each in imagine["quality"]["choices"]] == ["auto", "low", "medium", "high"]
    assert imagine["size"]["autocomplete"]
    assert imagine["model"]["autocomplete"]
    edit = [each["name"] for each in by_name[1, "edit"]["options"] if each["type"] == 11]
    assert edit == ["image", "image2", "image3", "image4", "image5"]
    settings = [each["name"] for each in by_name[1, "settings"]["options"]]
    assert "reply-edits" in settings


async def claim(ctx: object, model: str = "", *, code: str) -> None: ...


def test_required_options_come_first() -> None:
    [said] = declare.declared([command(claim)], words())
    assert [each["name"] for each in said["options"]] == ["code", "model"]


def test_what_discord_adds_is_no_difference() -> None:
    ours = declare.declared(COMMANDS, words())
    theirs = [
        {
            **each,
            "id": "9",
            "version": "1",
            "nsfw": False,
            "name_localizations": each.get("name_localizations") or None,
            "contexts": each["contexts"][::-1],
            "options": [
                {k: v for k, v in o.items() if v is not False and v != {}} for o in each.get("options", ())
            ]
            or None,
        }
        for each in reversed(ours)
    ]
    assert declare.same(ours, theirs)


@pytest.mark.parametrize("change", ["description", "option", "order", "gone", "more", "type"])
def test_a_change_is_one(change: str) -> None:
    ours, theirs = (declare.declared(COMMANDS, words()) for _ in range(2))
    match change:
        case "description":
            theirs[0]["description_localizations"] = {"zh-CN": "别的"}
        case "option":
            theirs[0]["options"][0]["max_length"] = 5999
        case "order":
            theirs[0]["options"].reverse()
        case "gone":
            theirs.pop()
        case "more":
            theirs.append({"type": 1, "name": "old", "description": "An old one"})
        case "type":
            theirs[0]["type"] = 2
    assert not declare.same(ours, theirs)


@pytest.mark.parametrize(
    ("most", "count", "steps"),
    [
        (10 * MB, 1, [10 * MB, 9 * MB, 0]),
        (50 * MB, 2, [50 * MB, 10 * MB, int(4.5 * MB), 0]),
        (10 * MB, 0, [10 * MB, 9 * MB, 0]),
    ],
)
def test_the_ladder_of_sizes(most: int, count: int, steps: list[int]) -> None:
    assert list(rungs(most, count)) == steps
