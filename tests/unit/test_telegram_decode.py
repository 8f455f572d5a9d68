"""What Telegram's updates mean, without a network: a table of them."""

from __future__ import annotations

from typing import Any

import pytest
from telegram import Update

from adapters.telegram.decode import Bare, Heard, Me, Moved, Part, address, gathered, heard, place
from bot.model import Attachment, ChatId, Invocation, Post, Source

ME = Me(4242, "EaselBot", frozenset({"imagine", "edit", "start", "again"}))
Json = dict[str, Any]

ADA: Json = {"id": 7, "is_bot": False, "first_name": "Ada", "last_name": "L", "language_code": "zh-hans"}
US: Json = {"id": 4242, "is_bot": True, "first_name": "Easel", "username": "EaselBot"}
ANONYMOUS: Json = {"id": 1087968824, "is_bot": True, "first_name": "Group"}
PRIVATE: Json = {"id": 7, "type": "private", "first_name": "Ada", "last_name": "L"}
GROUP: Json = {"id": -5, "type": "group", "title": "Friends"}
SUPER: Json = {"id": -1001234, "type": "supergroup", "title": "Club"}
FORUM: Json = {**SUPER, "is_forum": True}
CHANNEL: Json = {"id": -1009, "type": "channel", "title": "News"}
PHOTO = [
    {"file_id": "big", "file_unique_id": "b", "width": 1280, "height": 960, "file_size": 99},
    {"file_id": "small", "file_unique_id": "s", "width": 90, "height": 67, "file_size": 9},
]
PDF = {
    "file_id": "pdf",
    "file_unique_id": "p",
    "file_name": "a.pdf",
    "mime_type": "application/pdf",
    "file_size": 5,
}
THE_PHOTO = Attachment(Source("telegram:big"), "image/jpeg", 99)
THE_PDF = Attachment(Source("telegram:pdf"), "application/pdf", 5, "a.pdf")


def message(chat: Json = SUPER, sender: Json | None = ADA, **said: Any) -> Json:
    return {"message_id": 50, "date": 1, "chat": chat, **({"from": sender} if sender else {}), **said}


def decoded(said: Json, kind: str = "message", me: Me = ME) -> Heard | None:
    update = Update.de_json({"update_id": 9, kind: said}, None)
    return heard(update, me)


def words(said: Json, kind: str = "message") -> Invocation:
    found = decoded(said, kind)
    assert isinstance(found, Invocation)
    return found


@pytest.mark.parametrize(
    ("text", "command", "rest"),
    [
        ("/imagine a corgi", "imagine", "a corgi"),
        ("/imagine@EaselBot a corgi", "imagine", "a corgi"),
        ("/IMAGINE@easelbot a corgi", "imagine", "a corgi"),
        ("/imagine\na corgi\n--n 2", "imagine", "a corgi\n--n 2"),
        ("/imagine", "imagine", ""),
        ("/imagine 一只柯基", "imagine", "一只柯基"),
        ("/imagine一只柯基", "imagine", "一只柯基"),
        ("／imagine 柯基", "imagine", "柯基"),
        ("/start key-abc", "start", "key-abc"),
    ],
)
def test_commands(text: str, command: str, rest: str) -> None:
    found = words(message(text=text))
    assert (found.command, found.text) == (command, rest)


@pytest.mark.parametrize(
    "said",
    [
        message(text="/imagine@OtherBot a corgi"),
        message(text="/ban somebody"),
        message(text="hello everybody"),
        message(text="@EaselBot hello"),
        message(photo=PHOTO, caption="nice"),
        message(text="ok", reply_to_message=message(text="lunch?")),
        message(new_chat_title="Club"),
        message(text="/imagine x", sender={**ANONYMOUS, "id": 99}),
        message(text="/imagine x", is_automatic_forward=True, sender_chat=CHANNEL),
        message(PRIVATE, text="/imagine@OtherBot a corgi"),
        message(PRIVATE, pinned_message=message(PRIVATE, text="x")),
    ],
)
def test_not_for_us(said: Json) -> None:
    assert decoded(said) is None


def test_edited_messages_are_nothing_new() -> None:
    assert decoded(message(text="/imagine x", edit_date=2), "edited_message") is None


def test_who_and_where() -> None:
    found = words(message(text="/imagine x"))
    assert (found.id, found.chat, found.title) == ("telegram:9", "telegram:-1001234", "Club")
    assert (found.user.id, found.user.name, found.user.language) == ("telegram:7", "Ada L", "zh-hans")
    assert found.origin == Post(ChatId("telegram:-1001234"), "50")
    assert (found.private, found.admin, found.replied) == (False, None, None)


def test_a_private_chat_is_its_persons_own() -> None:
    found = words(message(PRIVATE, text="/nonsense x"))
    assert (found.command, found.private, found.admin, found.title) == ("nonsense", True, True, "Ada L")


def test_words_alone_in_private() -> None:
    found = words(message(PRIVATE, text="a corgi"))
    assert (found.command, found.text, found.replied) == ("", "a corgi", None)
    bare = decoded(message(PRIVATE, photo=PHOTO))
    assert isinstance(bare, Bare)
    assert (bare.call.attachments, bare.addressed) == ((THE_PHOTO,), True)


def test_words_in_reply_to_us() -> None:
    ours = {**message(sender=US, photo=PHOTO), "message_id": 40}
    found = words(message(text="make it blue", reply_to_message=ours))
    assert (found.command, found.text) == ("", "make it blue")
    assert found.replied == Post(ChatId("telegram:-1001234"), "40")
    assert found.attachments == (THE_PHOTO,)


@pytest.mark.parametrize(
    ("said", "attachments"),
    [
        (message(photo=PHOTO, caption="/edit blue"), (THE_PHOTO,)),
        (message(text="/edit blue", reply_to_message=message(photo=PHOTO)), (THE_PHOTO,)),
        (message(text="/edit blue", reply_to_message=message(document=PDF)), (THE_PDF,)),
        (message(document=PDF, caption="/edit blue"), (THE_PDF,)),
        (
            message(photo=PHOTO, caption="/edit x", reply_to_message=message(document=PDF)),
            (THE_PDF, THE_PHOTO),
        ),
        (message(text="/edit blue", reply_to_message=message(text="x")), ()),
        (
            message(
                text="/edit blue",
                external_reply={"origin": {"type": "user", "date": 1, "sender_user": ADA}, "photo": PHOTO},
            ),
            (THE_PHOTO,),
        ),
        (
            message(
                text="/edit blue",
                reply_to_message=message(
                    sticker={
                        "file_id": "st",
                        "file_unique_id": "s",
                        "type": "regular",
                        "width": 512,
                        "height": 512,
                        "is_animated": False,
                        "is_video": False,
                    }
                ),
            ),
            (Attachment(Source("telegram:st"), "image/webp"),),
        ),
    ],
)
def test_attachments(said: Json, attachments: tuple[Attachment, ...]) -> None:
    found = words(said)
    assert (found.command, found.attachments) == ("edit", attachments)


# topics

OPENING = {**message(FORUM, message_thread_id=3, is_topic_message=True), "message_id": 3}
CREATED = {**OPENING, "forum_topic_created": {"name": "Dogs", "icon_color": 1}}


@pytest.mark.parametrize(
    ("said", "chat", "replied"),
    [
        (message(FORUM, text="/imagine x"), "telegram:-1001234", None),
        (
            message(FORUM, text="/imagine x", message_thread_id=3, is_topic_message=True),
            "telegram:-1001234:3",
            None,
        ),
        # A reply in a group without topics carries a thread too, which is none.
        (message(text="/imagine x", message_thread_id=3), "telegram:-1001234", None),
        (
            message(
                FORUM, text="/imagine x", message_thread_id=3, is_topic_message=True, reply_to_message=CREATED
            ),
            "telegram:-1001234:3",
            None,
        ),
        (
            message(
                FORUM, text="/imagine x", message_thread_id=3, is_topic_message=True, reply_to_message=OPENING
            ),
            "telegram:-1001234:3",
            None,
        ),
        (
            message(
                FORUM,
                text="/imagine x",
                message_thread_id=3,
                is_topic_message=True,
                reply_to_message=message(FORUM),
            ),
            "telegram:-1001234:3",
            Post(ChatId("telegram:-1001234:3"), "50"),
        ),
    ],
)
def test_topics(said: Json, chat: str, replied: Post | None) -> None:
    found = words(said)
    assert (found.chat, found.replied) == (chat, replied)
    assert found.chat.home == "telegram:-1001234"


# who speaks as a chat


def test_an_anonymous_admin_is_an_admin() -> None:
    found = words(message(text="/edit x", sender=ANONYMOUS, sender_chat=SUPER))
    assert (found.admin, found.user.id, found.user.name) == (True, "telegram:-1001234", "Club")


def test_a_channel_that_speaks_in_a_group_is_no_admin() -> None:
    found = words(message(text="/imagine x", sender={**ANONYMOUS, "id": 136817688}, sender_chat=CHANNEL))
    assert (found.admin, found.user.id) == (False, "telegram:-1009")


def test_a_channels_post_is_by_its_admins() -> None:
    found = words(message(CHANNEL, None, text="/imagine x", sender_chat=CHANNEL), "channel_post")
    assert (found.admin, found.user.id, found.chat) == (True, "telegram:-1009", "telegram:-1009")


# presses


def press(said: Json | None, **query: Any) -> Heard | None:
    return decoded(
        {"id": "q1", "from": ADA, "chat_instance": "1", "message": said, **query}, "callback_query"
    )


def test_a_press_is_a_command() -> None:
    topic = message(FORUM, US, photo=PHOTO, message_thread_id=3, is_topic_message=True)
    found = press(topic, data="again k3v9abcdef")
    assert isinstance(found, Invocation)
    assert (found.command, found.text, found.pressed) == ("again", "k3v9abcdef", True)
    assert (found.chat, found.user.name, found.admin) == ("telegram:-1001234:3", "Ada L", None)
    assert found.origin
    assert (found.origin.id, found.origin.grip) == ("50", "q1")


def test_a_press_on_a_message_that_is_too_old_to_be_shown() -> None:
    found = press({"chat": SUPER, "message_id": 50, "date": 0}, data="delete k3v9abcdef")
    assert isinstance(found, Invocation)
    assert (found.chat, found.origin) == ("telegram:-1001234", Post(ChatId("telegram:-1001234"), "50"))


def test_a_press_without_a_message_is_nothing() -> None:
    assert press(None, data="again x") is None


# albums and moves


def part(update: int, **said: Any) -> Part:
    found = heard(
        Update.de_json({"update_id": update, "message": message(media_group_id="77", **said)}, None), ME
    )
    assert isinstance(found, Part)
    return found


def test_an_album_is_one_request() -> None:
    parts = [part(11, document=PDF), part(10, photo=PHOTO), part(12, photo=PHOTO, caption="/edit blue")]
    found = gathered(parts, ME)
    assert found
    assert (found.id, found.command, found.text) == ("telegram:10", "edit", "blue")
    assert found.attachments == (THE_PHOTO, THE_PDF, THE_PHOTO)
    assert parts[0].album == "-1001234:77"


def test_an_album_of_others_is_nothing() -> None:
    assert gathered([part(10, photo=PHOTO, caption="our holidays"), part(11, photo=PHOTO)], ME) is None


def test_a_group_moves() -> None:
    assert decoded(message(GROUP, migrate_to_chat_id=-1001234)) == Moved(-5, -1001234)
    assert decoded(message(SUPER, migrate_from_chat_id=-5)) is None


@pytest.mark.parametrize(("number", "thread"), [(7, None), (-1001234, None), (-1001234, 3)])
def test_addresses_go_both_ways(number: int, thread: int | None) -> None:
    assert address(place(number, thread)) == (number, thread)


def test_a_name_says_nothing_but_itself() -> None:
    evil = {**ADA, "first_name": "\u202eAda\u200b", "last_name": "\n\u2066L", "username": "ada"}
    assert words(message(sender=evil, text="/imagine x")).user.name == "Ada L"
    unseen = {**evil, "first_name": "\u200b", "last_name": "\u2060"}
    assert words(message(sender=unseen, text="/imagine x")).user.name == "ada"
    named = words(message(chat={**SUPER, "title": "Club\u202e\nKey: none"}, text="/imagine x"))
    assert named.title == "Club Key: none"
