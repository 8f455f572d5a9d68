"""What Telegram's refusals mean, in the words of `bot.errors`."""

from __future__ import annotations

from datetime import timedelta

from telegram.error import BadRequest, Forbidden, InvalidToken, NetworkError, RetryAfter, TelegramError

from bot.errors import Flooded, Gone, NotDelivered, PlatformError, Unreachable

_GONE = (
    "message to edit not found",
    "message can't be edited",
    "message_id_invalid",
    "inline message",
    "message to delete not found",
)
_UNREACHABLE = (
    "chat not found",
    "peer_id_invalid",
    "not enough rights",
    "have no rights",
    "need administrator rights",
    "chat_write_forbidden",
    "chat_restricted",
    "chat_admin_required",
    "chat_send_",
    "topic_closed",
    "topic_deleted",
    "message thread not found",
    "group chat was",
    "user is deactivated",
    "user not found",
    "message can't be deleted",
)
_PICTURE_REFUSED = (
    "photo_invalid",
    "photo_ext_invalid",
    "photo_save_file_invalid",
    "image_process_failed",
    "too big",
    "entity too large",
    "wrong type of the web page content",
    "not enough rights to send photos",
    "chat_send_photos_forbidden",
)
_NEVER_SENT = ("ConnectError", "ConnectTimeout", "PoolTimeout")


class NeverSent(NotDelivered):
    """No connection was made, so certainly nothing was carried out, and even a send may be repeated."""


def says(error: TelegramError, *texts: str) -> bool:
    """Whether Telegram's description contains one of these (lower case)."""
    said = error.message.lower()
    return any(text in said for text in texts)


def translated(error: TelegramError) -> PlatformError:
    """Our word for it. Telegram's own words stay here: they may name chats and files."""
    if isinstance(error, RetryAfter):
        return Flooded(seconds(error))
    if isinstance(error, Forbidden | InvalidToken):
        return Unreachable()
    if isinstance(error, BadRequest):
        if says(error, *_GONE):
            return Gone()
        return Unreachable() if says(error, *_UNREACHABLE) else PlatformError()
    if isinstance(error, NetworkError):
        # httpx, which is not imported here, names the cause.
        return NeverSent() if type(error.__cause__).__name__ in _NEVER_SENT else NotDelivered()
    return PlatformError()


def seconds(error: RetryAfter) -> float:
    wait = error.retry_after
    return wait.total_seconds() if isinstance(wait, timedelta) else float(wait)


def picture_refused(error: TelegramError) -> bool:
    """Telegram does not take this picture in this shape, but may in another."""
    return says(error, *_PICTURE_REFUSED)


def unmodified(error: TelegramError) -> bool:
    """The message looks like that already."""
    return isinstance(error, BadRequest) and says(error, "message is not modified")
