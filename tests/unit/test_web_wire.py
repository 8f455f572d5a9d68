"""The playground's wire: what a browser says becomes an `Invocation`, a `Reply` becomes plain data."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from adapters.web import decode, encode
from adapters.web.decode import PLAYGROUND
from adapters.web.transcript import MOST_MESSAGES, Transcript
from bot.commands import COMMANDS
from bot.i18n import words
from bot.model import (
    Attachment,
    Button,
    Field,
    Form,
    Invocation,
    Picture,
    PictureId,
    Post,
    Reply,
    Source,
    User,
    UserId,
)

OWNER = User(UserId("web:owner"), "You", "en")
EVENT: dict[str, Any] = {"id": "0123456789ab"}


def said(text: str, **more: object) -> decode.Invocation:
    return decode.said({**EVENT, "text": text, **more}, OWNER, "tab-1", "Playground")


def picture(name: str = "k3v9abcdef", size: int = 10) -> Picture:
    return Picture(PictureId(name), Path(f"/kept/{name}.png"), "image/png", 64, 48, size)


# decode


@pytest.mark.parametrize(
    ("text", "command", "rest"),
    [
        ("/imagine a fox --size 16:9", "imagine", "a fox --size 16:9"),
        ("／imagine 狐狸", "imagine", "狐狸"),
        ("/Balance", "balance", ""),
        ("/imagine\ntwo\nlines", "imagine", "two\nlines"),
        ("a fox", "edit", "a fox"),
        ("1/2 of a fox", "edit", "1/2 of a fox"),
        ("/ a fox", "edit", "/ a fox"),
    ],
)
def test_a_slash_names_the_command(text: str, command: str, rest: str) -> None:
    invocation = said(text, command="edit", options={"size": "16:9", "n": ""})
    assert (invocation.command, invocation.text) == (command, rest)
    assert invocation.options == ({"size": "16:9"} if command == "edit" else {})


def test_the_form_goes_with_its_own_command_and_a_typed_flag_wins() -> None:
    form = {"command": "imagine", "options": {"size": "16:9", "n": "2", "ask_above": "1"}}
    assert said("/imagine a fox", **form).options == {"size": "16:9", "n": "2", "ask_above": "1"}
    assert said("／IMAGINE a fox —size 1:1 --ask-above off", **form).options == {"n": "2"}
    assert said("a fox --n 4", **form).options == {"size": "16:9", "ask_above": "1"}
    assert said("/settings", **form).options == {}


def test_an_invocation_of_the_playground() -> None:
    invocation = said("a fox")
    assert invocation.chat == "web:playground"
    assert invocation.origin == Post(invocation.chat, EVENT["id"])
    assert (invocation.private, invocation.admin, invocation.command) == (True, True, "")


def test_pictures_are_named_by_sources_that_we_gave() -> None:
    good = [
        {"source": "web:abc123", "name": "x.png", "size": 3},
        {"source": "picture:k3v9abcdef", "size": "3"},
    ]
    bad = [{"source": "web:../../etc/passwd"}, {"source": "telegram:1"}, {"source": 5}, "web:abc", {}, None]
    assert said("", attachments=[*good, *bad]).attachments == (
        Attachment(Source("web:abc123"), size=3, name="x.png"),
        Attachment(Source("picture:k3v9abcdef")),
    )


@pytest.mark.parametrize("options", [None, "n", [1], {"n": [1], "size": None, "mood": {}}])
def test_options_of_any_shape_do_no_harm(options: object) -> None:
    assert said("x", options=options).options == {}
    assert said("x", attachments=options).attachments == ()


def test_an_event_without_an_id_is_refused() -> None:
    for event in ({}, {"id": ""}, {"id": "a\nb-12345678"}, {"id": 5}):
        with pytest.raises(ValueError, match="id"):
            decode.pressed(event, OWNER, "tab-1", "")


def test_a_press_is_answered_to_the_message_and_its_tab() -> None:
    event = {**EVENT, "post": "key-job", "command": "again", "text": "k3v9abcdef"}
    invocation = decode.pressed(event, OWNER, "tab-1", "Playground")
    assert (invocation.command, invocation.text, invocation.pressed) == ("again", "k3v9abcdef", True)
    assert invocation.origin
    assert (invocation.origin.id, invocation.origin.grip) == ("key-job", "press tab-1")


def test_a_form_comes_back_with_its_fields() -> None:
    event = {
        **EVENT,
        "command": "key",
        "text": "--chat web:playground",
        "options": {"key": "sk-1", "url": ""},
    }
    invocation = decode.answered(event, OWNER, "tab-1", "Playground")
    assert (invocation.command, invocation.text) == ("key", "--chat web:playground")
    assert invocation.options == {"key": "sk-1"}


@pytest.mark.parametrize(
    ("header", "tags"),
    [
        ("zh-CN,zh;q=0.9,en;q=0.8", ["zh-CN", "zh", "en"]),
        ("en;q=0.2, de", ["de", "en"]),
        ("", []),
        ("*;q=0.5,<script>,en;q=wrong", ["en"]),
    ],
)
def test_the_browsers_languages(header: str, tags: list[str]) -> None:
    assert decode.languages(header) == tags


# encode


def test_a_message_is_plain_data() -> None:
    link = Button("Open", url="https://example.org")
    sly = Button("Sly", url="javascript:alert(1)")
    reply = Reply("<b>words</b>", (picture(),), (picture("other"),), ((link, sly),), busy=True)
    message = json.loads(json.dumps(encode.message("key-job", reply)))
    assert message["text"] == "<b>words</b>"
    assert message["pictures"][0]["url"].startswith("/pictures/k3v9abcdef/easel-k3v9abcdef.png?v=")
    assert message["files"][0]["name"] == "easel-other.png"
    assert [button["url"] for button in message["buttons"][0]] == ["https://example.org", ""]
    assert "/kept" not in json.dumps(message)


def test_a_preview_painted_over_another_has_another_address() -> None:
    first, second = (encode.message("x", Reply(pictures=(picture(size=size),))) for size in (10, 11))
    assert first["pictures"][0]["url"] != second["pictures"][0]["url"]


def test_a_key_is_never_shown_again() -> None:
    typed = "/key sk-abcdefghijklmnopqrstuvwxyz0123456789ABCD"
    message = encode.echo(said(typed), typed)
    assert "sk-" not in json.dumps(message)
    assert message["text"] == "/key …"


def test_a_persons_words_are_echoed_with_what_was_chosen() -> None:
    invocation = said(
        "a fox", command="imagine", options={"size": "16:9"}, attachments=[{"source": "web:abc123"}]
    )
    message = encode.echo(invocation, "a fox")
    assert (message["text"], message["tags"], message["mine"]) == ("a fox", ["/imagine", "size 16:9"], True)
    assert message["pictures"][0]["url"] == "/uploads/abc123"


def test_secret_fields_come_empty() -> None:
    form = encode.form(
        Form("Key", "key", "", (Field("key", "Key", "sk-1", secret=True), Field("url", "URL", "u")))
    )
    assert [field["value"] for field in form["fields"]] == ["", "u"]


@pytest.mark.parametrize("language", words().languages)
def test_every_command_is_offered_with_its_options(language: str) -> None:
    menu = {command["name"]: command for command in encode.menu(COMMANDS, words(), language)}
    assert {"imagine", "edit", "balance", "key", "settings"} <= menu.keys()
    assert not {"again", "vary", "revise"} & menu.keys()
    assert menu["imagine"]["needsWords"]
    assert menu["edit"]["pictures"] == 16
    assert {"size", "quality", "n", "model"} <= {option["name"] for option in menu["imagine"]["options"]}
    assert all(option["about"] for command in menu.values() for option in command["options"])
    assert all(option["label"] for command in menu.values() for option in command["options"])
    assert encode.labels(words(), language)["send"]


def test_what_the_next_picture_has_too_is_its_look_and_never_its_price() -> None:
    menu = {command["name"]: command for command in encode.menu(COMMANDS, words(), "en")}
    stays = {name: {o["name"] for o in command["options"] if o["stays"]} for name, command in menu.items()}
    assert {"size", "quality", "model"} <= stays["imagine"]
    assert not {"n", "seed", "seconds", "of"} & set().union(*stays.values())
    assert not stays["settings"] | stays["key"]
    assert "only_me" not in {option["name"] for option in menu["imagine"]["options"]}


# the transcript


def test_a_repaint_keeps_its_place() -> None:
    transcript = Transcript()
    for name, text in (("a", "one"), ("b", "two"), ("a", "three")):
        transcript.put(encode.message(name, Reply(text)))
    assert [message["text"] for message in transcript.messages] == ["three", "two"]


def test_the_transcript_is_bounded() -> None:
    transcript = Transcript()
    for at in range(MOST_MESSAGES + 5):
        transcript.put(encode.message(str(at), Reply("x")))
    assert [transcript.messages[0]["id"], len(transcript.messages)] == ["5", MOST_MESSAGES]


def test_earlier_days_come_first_and_change_nothing() -> None:
    transcript = Transcript()
    transcript.put(encode.message("now", Reply("new")))
    for name in ("now", "yesterday", "before"):
        transcript.prepend(encode.message(name, Reply("old")))
    assert [(m["id"], m["text"]) for m in transcript.messages] == [
        ("before", "old"),
        ("yesterday", "old"),
        ("now", "new"),
    ]


def test_pictures_are_found_by_their_ticket_alone() -> None:
    transcript, shown = Transcript(), picture()
    transcript.put(encode.message("a", Reply(pictures=(shown,))), (shown,))
    assert transcript.picture(encode.ticket(shown)) == shown
    assert transcript.picture("k3v9abcdef") is None


def words_said(name: str) -> encode.Message:
    return encode.echo(Invocation(name, PLAYGROUND, OWNER, "imagine", "a fox"), "/imagine a fox")


def test_a_message_goes_with_the_words_that_asked_for_it() -> None:
    transcript = Transcript()
    for message in (
        words_said("words"),
        encode.message("post", Reply("…")),
        encode.message("else", Reply("x")),
    ):
        transcript.put(message)
    transcript.answers("post", "words")
    assert transcript.drop("post") == ["post", "words"]
    assert [message["id"] for message in transcript.messages] == ["else"]
    assert transcript.dropped("words")


@pytest.mark.parametrize(
    ("answered", "gone"), [(True, ["picture", "price", "words"]), (False, ["picture"])], ids=str
)
def test_a_question_goes_too_once_it_is_answered(answered: bool, gone: list[str]) -> None:
    transcript = Transcript()
    buttons = () if answered else ((Button("Yes", "spend"),),)
    transcript.put(words_said("words"))
    transcript.put(encode.message("price", Reply("That costs $9.", buttons=buttons)))
    transcript.put(encode.message("picture", Reply("a fox")))
    transcript.answers("price", "words")
    transcript.answers("picture", "price")
    assert transcript.drop("picture") == gone


def test_what_shows_the_same_job_goes_too() -> None:
    transcript = Transcript()
    for name, job in (("first", "k3"), ("shown again", "k3 2"), ("another", "k4")):
        transcript.put(encode.message(name, Reply(buttons=((Button("Delete", "delete", job),),))))
    assert transcript.drop("shown again") == ["shown again", "first"]
    assert [message["id"] for message in transcript.messages] == ["another"]


def test_only_words_are_withdrawn() -> None:
    transcript = Transcript()
    transcript.put(words_said("words"))
    transcript.put(encode.message("post", Reply("x")))
    assert [transcript.withdraw(name) for name in ("post", "words", "words")] == [[], ["words"], []]


def test_deleting_is_asked_about_and_stands_out() -> None:
    sent = encode.message("a", Reply(buttons=((Button("Delete", "delete", "k3"), Button("Again", "again")),)))
    assert [(b["style"], b["sure"]) for b in sent["buttons"][0]] == [("danger", True), ("plain", False)]
