"""Theirs → ours: what an update asks for. Pure.

See PLATFORMS in the docs for the oddities: topics, anonymous admins, albums, privacy.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from telegram import (
    CallbackQuery,
    Chat,
    ChatMember,
    ChatMemberUpdated,
    ExternalReplyInfo,
    InlineQuery,
    Message,
    PhotoSize,
    Update,
)
from telegram import User as Person

from adapters.telegram import inline
from adapters.telegram.inline import Sought
from bot.folding import one_line
from bot.model import Attachment, ChatId, Invocation, Post, Source, User, UserId

_ANONYMOUS_ADMIN = 1087968824
_COMMAND = re.compile(
    r"[/／]([A-Za-z0-9_]{1,64})(?:@([A-Za-z0-9_]+))?(?=\s|$|[^\x00-\x7f])\s*(.*)", re.DOTALL
)


@dataclass(frozen=True, slots=True)
class Me:
    """The bot's own id and name, and the names of its commands."""

    id: int
    username: str
    commands: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Part:
    """One message of an album, which arrives as several; see `gathered`."""

    update: int
    album: str
    message: Message


@dataclass(frozen=True, slots=True)
class Bare:
    """Pictures without a word, which may yet follow. ``addressed``: they are said to us as they are."""

    call: Invocation
    addressed: bool


@dataclass(frozen=True, slots=True)
class Moved:
    """A group became a supergroup."""

    old: int
    new: int


Heard = Invocation | Bare | Part | Moved | Sought


def place(number: int, thread: int | None = None) -> ChatId:
    """The chat's name in our words: ``telegram:-1001234``, with a topic ``telegram:-1001234:7``."""
    return ChatId(f"telegram:{number}" if thread is None else f"telegram:{number}:{thread}")


def address(chat: ChatId) -> tuple[int, int | None]:
    """The other way round: Telegram's chat id, and the topic's."""
    number, _, thread = chat.rest.partition(":")
    if chat.aside:
        return int(thread.removeprefix("@")), None
    return int(number), int(thread) if thread.isdecimal() else None


def heard(update: Update, me: Me) -> Heard | None:
    """What an update asks of us; ``None``: nothing."""
    if query := update.callback_query:
        return _press(update.update_id, query)
    if update.my_chat_member:
        return _brought(update.update_id, update.my_chat_member)
    if update.inline_query:
        return _sought(update.inline_query)
    message = update.message or update.channel_post
    return _said(update.update_id, message, me) if message and not _is_echo(message, me) else None


def _said(update: int, message: Message, me: Me) -> Heard | None:
    if message.migrate_to_chat_id:
        return Moved(message.chat.id, message.migrate_to_chat_id)
    if message.media_group_id:
        return Part(update, f"{message.chat.id}:{message.media_group_id}", message)
    return _words(update, [message], me)


def gathered(parts: Sequence[Part], me: Me) -> Invocation | Bare | None:
    """An album as one request; its id is that of its first message."""
    ordered = sorted(parts, key=lambda part: part.update)
    return _words(ordered[0].update, [part.message for part in ordered], me)


def _is_echo(message: Message, me: Me) -> bool:
    """A channel's post repeated in its discussion group, another bot talking, or what came by way of us."""
    bot = message.from_user is not None and message.from_user.is_bot and message.sender_chat is None
    ours = message.via_bot is not None and message.via_bot.id == me.id
    return bool(message.is_automatic_forward) or bot or ours


def _words(update: int, messages: Sequence[Message], me: Me) -> Invocation | Bare | None:
    lead = next((m for m in messages if m.caption or m.text), messages[0])
    command, text = _command(lead.text or lead.caption or "")
    name, _, whose = command.partition("@")
    if command and not _meant(lead, name, whose, me):
        return None
    replied = _replied(lead)
    attachments = (*_attached(replied or lead.external_reply), *(a for m in messages for a in _attached(m)))
    addressed = _addressed(lead, replied, me) and bool(text or attachments)
    bare = not text and replied is None and bool(attachments) and all(map(_image, attachments))
    if not (command or addressed or bare):
        return None
    chat = _chat(lead)
    call = Invocation(
        id=f"telegram:{update}",
        chat=chat,
        user=_sender(lead),
        command=name,
        text=text,
        attachments=attachments,
        replied=Post(chat, str(replied.message_id)) if replied else None,
        origin=Post(chat, str(lead.message_id)),
        private=lead.chat.type == Chat.PRIVATE,
        admin=_admin(lead),
        title=_title(lead.chat),
        author=_author(replied, me),
        mentions=_mentions(lead),
    )
    return Bare(call, addressed) if bare and not command else call


def _image(attachment: Attachment) -> bool:
    return attachment.mime.startswith("image/")


def _author(replied: Message | None, me: Me) -> User | None:
    """Who wrote the message that is answered, if it was not the bot."""
    ours = replied is not None and replied.from_user is not None and replied.from_user.id == me.id
    return None if replied is None or ours else _sender(replied)


def _mentions(message: Message) -> tuple[User, ...]:
    """People without an @name are mentioned by an entity that names their id."""
    found = (entity.user for entity in (*message.entities, *message.caption_entities))
    return tuple(_user(person) for person in found if person)


def _command(text: str) -> tuple[str, str]:
    """``/imagine@Bot a corgi`` → ``("imagine@bot", "a corgi")``; words alone → ``("", words)``."""
    found = _COMMAND.match(text)
    if found is None:
        return "", text
    return f"{found[1]}@{found[2] or ''}".lower(), found[3]


def _meant(message: Message, name: str, whose: str, me: Me) -> bool:
    """Whether a command is ours: in a group others' commands fly by, with and without a name."""
    if whose:
        return whose == me.username.lower()
    return message.chat.type == Chat.PRIVATE or name in me.commands


def _addressed(message: Message, replied: Message | None, me: Me) -> bool:
    """Whether words without a command are said to us."""
    ours = replied is not None and replied.from_user is not None and replied.from_user.id == me.id
    return ours or message.chat.type == Chat.PRIVATE


def _chat(message: Message) -> ChatId:
    return place(message.chat.id, message.message_thread_id if message.is_topic_message else None)


def _replied(message: Message) -> Message | None:
    """The message answered. In a topic, one that answers nothing quotes the topic's opening."""
    replied = message.reply_to_message
    if replied is None or replied.forum_topic_created:
        return None
    if message.is_topic_message and replied.message_id == message.message_thread_id:
        return None
    return replied


def _sender(message: Message) -> User:
    """The person; who speaks as a chat (anonymous admins, channels) is that chat."""
    if message.sender_chat or message.from_user is None:
        chat = message.sender_chat or message.chat
        return User(UserId(f"telegram:{chat.id}"), _title(chat))
    person = message.from_user
    return _user(person)


def _user(person: Person) -> User:
    id = UserId(f"telegram:{person.id}")  # noqa: A001
    name = one_line(person.full_name) or person.username or "?"
    return User(id, name, person.language_code, person.username or "")


def _title(chat: Chat) -> str:
    return one_line(chat.effective_name or "")


def _admin(message: Message) -> bool | None:
    """What can be known without asking: the chat itself speaks, or it is the person's own."""
    if message.chat.type in (Chat.PRIVATE, Chat.CHANNEL):
        return True
    if message.sender_chat is None:
        return None
    anonymous = message.from_user is not None and message.from_user.id == _ANONYMOUS_ADMIN
    return anonymous and message.sender_chat.id == message.chat.id


def _attached(message: Message | ExternalReplyInfo | None) -> tuple[Attachment, ...]:
    """The file of a message, whatever it is: that it is no picture is for the core to say."""
    if message is None:
        return ()
    if message.photo:
        return (_photo(message.photo),)
    if sticker := message.sticker:
        mime = (
            "video/webm"
            if sticker.is_video
            else "application/x-tgsticker"
            if sticker.is_animated
            else "image/webp"
        )
        return (Attachment(Source(f"telegram:{sticker.file_id}"), mime, sticker.file_size),)
    file = message.document or message.video
    if file is None:
        return ()
    return (
        Attachment(
            Source(f"telegram:{file.file_id}"), file.mime_type or "", file.file_size, file.file_name or ""
        ),
    )


def _photo(sizes: Sequence[PhotoSize]) -> Attachment:
    largest = max(sizes, key=lambda size: size.width * size.height)
    return Attachment(Source(f"telegram:{largest.file_id}"), "image/jpeg", largest.file_size)


def _brought(update: int, change: ChatMemberUpdated) -> Invocation | None:
    """Somebody added us to a group. In a channel nobody is greeted."""
    out = (ChatMember.LEFT, ChatMember.BANNED)
    was, is_ = change.old_chat_member.status, change.new_chat_member.status
    if was not in out or is_ in out or change.chat.type not in (Chat.GROUP, Chat.SUPERGROUP):
        return None
    return Invocation(
        id=f"telegram:{update}",
        chat=place(change.chat.id),
        user=_user(change.from_user),
        command="welcome",
        title=_title(change.chat),
    )


def _sought(query: InlineQuery) -> Sought:
    skip = int(query.offset) if query.offset.isdecimal() and len(query.offset) < 7 else 0
    return Sought(query.id, _user(query.from_user), query.query, skip)


def _press(update: int, query: CallbackQuery) -> Invocation | None:
    """A button is a command: ``again k3v9…``. The query's id is the grip that it is answered by."""
    message = query.message
    if not query.data or not (message or query.inline_message_id):
        return None
    command, _, text = query.data.partition(" ")
    call = Invocation(
        id=f"telegram:{update}",
        chat=ChatId(),
        user=_user(query.from_user),
        command=command,
        text=text,
        pressed=True,
    )
    if message is None:
        name = query.inline_message_id or ""
        chat = inline.place(query.from_user.id, name)
        return replace(call, chat=chat, origin=Post(chat, name, grip=query.id), admin=True)
    chat = _chat(message) if isinstance(message, Message) else place(message.chat.id)
    return replace(
        call,
        chat=chat,
        replied=Post(chat, str(message.message_id)),
        origin=Post(chat, str(message.message_id), grip=query.id),
        private=message.chat.type == Chat.PRIVATE,
        admin=True if message.chat.type == Chat.PRIVATE else None,
        title=_title(message.chat),
    )
