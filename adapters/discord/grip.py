"""What holds on to an interaction: its token, how it was acknowledged, what may be uploaded."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from bot.ports import MB

DEFAULT_UPLOAD = 10 * MB
"""Bytes that a file may have where Discord did not say otherwise."""

_EPOCH = 1_420_070_400.0
_LIFE, _MARGIN = 15 * 60.0, 15.0


class Way(StrEnum):
    """How far an interaction is answered, and so what its ``@original`` message is.

    ``OPEN``: not at all. ``THINKING`` and ``WHISPERING``: "thinking…" stands in the channel, or before the
    asker's eyes alone, and becomes the first answer. ``PRESSED``: acknowledged in silence,
    ``@original`` is the message with the button. ``TAKEN``: ``@original`` says something already.
    """

    OPEN = "open"
    THINKING = "thinking"
    WHISPERING = "whispering"
    PRESSED = "pressed"
    TAKEN = "taken"


@dataclass(frozen=True, slots=True)
class Grip:
    """One interaction, as it travels in `Post.grip`. Its token is good for 15 minutes.

    ``upload`` is the most bytes of one file, ``locale`` what the person's client speaks. On a
    message of ours ``WHISPERING`` says that only one person sees it.
    """

    way: Way
    application: str
    interaction: str
    token: str
    upload: int = DEFAULT_UPLOAD
    locale: str = ""

    def __str__(self) -> str:
        parts = (self.way, self.application, self.interaction, self.token, self.upload, self.locale or "-")
        return " ".join(map(str, parts))

    @classmethod
    def read(cls, text: str) -> Self | None:
        """What ``str`` wrote; ``None`` where there is no interaction to hold on to."""
        parts = text.split(" ")
        if len(parts) != 6:
            return None
        way, application, interaction, token, upload, locale = parts
        return cls(Way(way), application, interaction, token, int(upload), locale.strip("-"))

    def alive(self, now: float) -> bool:
        """Whether the token still works; ``now`` in seconds since 1970. The id tells when it was made."""
        made = (int(self.interaction) >> 22) / 1000 + _EPOCH
        return now < made + _LIFE - _MARGIN
