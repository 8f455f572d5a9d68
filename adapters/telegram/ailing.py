"""What keeps the bot from doing its work in a chat: read off what Telegram says of both. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from telegram import (
    ChatFullInfo,
    ChatMember,
    ChatMemberAdministrator,
    ChatMemberRestricted,
    ChatPermissions,
    User,
)

from bot.model import Fault

OUT = Fault("ailing-telegram-out")


def ailments(me: User, chat: ChatFullInfo, member: ChatMember) -> list[Fault]:
    """What is wrong with the bot's place in a group or channel, then notes on what it does not hear."""
    return list(_ailments(me, chat, member))


def _ailments(me: User, chat: ChatFullInfo, member: ChatMember) -> Iterator[Fault]:
    if member.status in (ChatMember.LEFT, ChatMember.BANNED):
        yield OUT
        return
    if isinstance(member, ChatMemberAdministrator):
        if chat.type == chat.CHANNEL and not member.can_post_messages:
            yield Fault("ailing-telegram-post")
        return
    if chat.type == chat.CHANNEL:
        yield Fault("ailing-telegram-post")
        return
    may: ChatMemberRestricted | ChatPermissions | None = chat.permissions
    if isinstance(member, ChatMemberRestricted):
        may = member
    if may and not may.can_send_messages:
        yield Fault("ailing-telegram-mute")
    elif may and not (may.can_send_photos and may.can_send_documents):
        yield Fault("ailing-telegram-pictures")
    if not me.can_read_all_group_messages:
        yield Fault("note-telegram-privacy")
