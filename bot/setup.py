"""What a chat is set up with, as far as it has been said: the state of a half-finished ``/setup``. Pure."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from enum import StrEnum

from bot.model import Amount, ChatId

DIALOGUE = "setup"
"""Stands for a message in a `Post`: where a person's draft is kept, in the chat that they are asked in."""


class Step(StrEnum):
    """The questions, in the order in which they are asked one by one."""

    RELAY = "relay"
    URL = "url"
    KEY = "key"
    BUDGET = "budget"
    SHARE = "share"
    LANGUAGE = "language"
    DONE = "done"

    @property
    def after(self) -> Step:
        return list(Step)[min(list(Step).index(self) + 1, len(Step) - 1)]


@dataclass(frozen=True, slots=True)
class Draft:
    """``place`` is the chat that is set up, with the room to come back to. ``sealed`` is the key, sealed for
    that chat, in base64: what is written down of a draft shows no key. ``budget`` and ``share``, in a month:
    ``None`` for no cap. ``said`` are the steps that were answered; the others stay as they are."""

    place: ChatId
    step: Step = Step.RELAY
    relay: str = ""
    url: str = ""
    sealed: str = ""
    hint: str = ""
    budget: Amount | None = None
    share: Amount | None = None
    language: str = ""
    said: tuple[str, ...] = ()

    def has(self, step: Step) -> bool:
        return step in self.said


def draft_text(draft: Draft) -> str:
    return json.dumps(asdict(draft))


def draft_of(text: str) -> Draft:
    stored = json.loads(text)
    place, step = ChatId(stored["place"]), Step(stored["step"])
    return Draft(**{**stored, "place": place, "step": step, "said": tuple(stored["said"])})
