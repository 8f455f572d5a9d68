"""What Discord's refusals mean, in the words of `bot.errors`."""

from __future__ import annotations

import logging

import aiohttp
import discord

from bot.errors import Flooded, Gone, NotDelivered, PlatformError, SetupError, Unreachable

log = logging.getLogger(__name__)

DROPPED = (aiohttp.ClientError, ConnectionError, TimeoutError)
"""The line broke: the request may have been carried out, so only what can be repeated is tried again."""

_GONE = {10008}
_TOKEN_DEAD = {10015, 10062, 50027}
_TAKEN = {40060}
_TOO_LARGE = {40005}
_UNREACHABLE = {
    10003,  # unknown channel
    10004,  # unknown server
    10013,  # unknown user
    20016,  # slow mode
    50001,  # missing access
    50007,  # this person takes no direct messages
    50008,  # not a channel of text
    50013,  # missing permissions
    50083,  # archived thread
    160005,  # locked thread
    220001,  # a forum takes posts, not messages
    50278,  # no server in common with this person
}
_SILENCE = 60.0
_WRONG_TOKEN, _WRONG_INTENTS = 4004, (4013, 4014)
_NEVER = (4004, 4010, 4011, 4012, 4013, 4014)


class TokenDead(Unreachable):
    """The interaction can't be answered any more; the channel still can."""


class Taken(PlatformError):
    """The interaction was acknowledged before: by a request of ours whose answer was lost."""


class TooLarge(PlatformError):
    """A file is larger than this place takes."""


def translated(error: Exception) -> PlatformError:
    """Our word for what a request ended in."""
    if isinstance(error, discord.RateLimited):
        return Flooded(error.retry_after)
    if isinstance(error, discord.HTTPException):
        return _refused(error)
    if isinstance(error, FileNotFoundError):
        return PlatformError("error-picture-gone")
    return NotDelivered()


def _refused(error: discord.HTTPException) -> PlatformError:
    code, status = error.code, error.status
    for codes, meaning in _MEANINGS:
        if code in codes:
            return meaning()
    if status == 413:
        return TooLarge()
    if status == 429:
        return Flooded(_silence(error))
    if status >= 500:
        return NotDelivered()
    if status in (401, 403, 404):
        return Unreachable()
    log.error("Discord does not take a request of ours: %s", error)
    return PlatformError()


_MEANINGS: tuple[tuple[set[int], type[PlatformError]], ...] = (
    (_GONE, Gone),
    (_TOKEN_DEAD, TokenDead),
    (_TAKEN, Taken),
    (_TOO_LARGE, TooLarge),
    (_UNREACHABLE, Unreachable),
)


def _silence(error: discord.HTTPException) -> float:
    """Seconds that whoever stands before Discord asks for, where they say."""
    said = error.response.headers.get("Retry-After", "")
    return float(said) if said.replace(".", "", 1).isdigit() else _SILENCE


def setup_error(error: Exception) -> SetupError | None:
    """What the operator has to mend before Discord can be heard; ``None`` when time may heal it."""
    if isinstance(error, discord.LoginFailure):
        return SetupError("error-discord-token")
    if isinstance(error, discord.PrivilegedIntentsRequired):
        return SetupError("error-discord-intents")
    if isinstance(error, discord.ConnectionClosed) and error.code in _NEVER:
        if error.code == _WRONG_TOKEN:
            return SetupError("error-discord-token")
        if error.code in _WRONG_INTENTS:
            return SetupError("error-discord-intents")
        return SetupError("error-discord-shards")
    return None
