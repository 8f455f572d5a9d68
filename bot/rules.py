"""A chat's rules: who may ask for what, where, how often, and how it is shown. Pure.

`Rules` stand on the chat's row as one document. They are looked at when something is asked for, never when
it is paid or shown: what was accepted is painted.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from enum import StrEnum

from bot.folding import holds

EVERYWHERE = ""
"""The place of a rule that holds in all of a chat's channels and topics."""


class Kind(StrEnum):
    """What an allowance or a denial is about. A place is a channel, a topic or a thread."""

    USER = "user"
    ROLE = "role"
    PLACE = "place"


@dataclass(frozen=True, slots=True)
class Who:
    """A person, a role or a place, by the platform's id; ``name`` is for people. A person of whom only the
    ``@name`` is known has that for an id."""

    kind: Kind
    id: str
    name: str = ""

    @property
    def shown(self) -> str:
        return self.name or self.id

    def same(self, other: Who) -> bool:
        return (self.kind, self.id) == (other.kind, other.id)


@dataclass(frozen=True, slots=True)
class HouseStyle:
    """Words that are put around every prompt, in one place or everywhere."""

    place: str = EVERYWHERE
    before: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks, and where: ``places`` are the place itself and those that it lies in.

    ``nsfw``: whether the place is marked for adults; ``None`` where the platform has no such mark.
    """

    user: str
    handle: str = ""
    roles: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    nsfw: bool | None = None
    admin: bool = False

    def is_(self, who: Who) -> bool:
        match who.kind:
            case Kind.USER:
                return who.id == self.user or bool(
                    self.handle and who.id.lower() == f"@{self.handle}".lower()
                )
            case Kind.ROLE:
                return who.id in self.roles
            case Kind.PLACE:
                return who.id in self.places


@dataclass(frozen=True, slots=True)
class Rules:
    """``allow``: once a user or role is in it, others are not served; once a place is, other places are not.
    ``deny`` and ``blocked`` come before it. ``slow``: seconds between two requests of one member. ``quiet``:
    answers make no sound. ``veiled``: places whose pictures are hidden until they are touched. ``adults``:
    only channels that are marked for adults.
    """

    allow: tuple[Who, ...] = ()
    deny: tuple[Who, ...] = ()
    blocked: tuple[Who, ...] = ()
    words: tuple[str, ...] = ()
    slow: int = 0
    quiet: bool = False
    veiled: tuple[str, ...] = ()
    adults: bool = False
    styles: tuple[HouseStyle, ...] = ()

    def veils(self, places: Iterable[str]) -> bool:
        return EVERYWHERE in self.veiled or bool(set(places).intersection(self.veiled))

    def style(self, places: Iterable[str]) -> HouseStyle:
        """The house style of a place: its own, else that of what it lies in, else the chat's."""
        own = {style.place: style for style in self.styles}
        return next((own[place] for place in (*places, EVERYWHERE) if place in own), HouseStyle())

    def styled(self, style: HouseStyle) -> Rules:
        """With this style in its place; an empty one takes it away."""
        others = tuple(each for each in self.styles if each.place != style.place)
        return replace(self, styles=(*others, style) if style.before or style.after else others)


FREE = Rules()
"""No rules at all."""


def refusal(rules: Rules, asker: Asker, *texts: str) -> str:
    """The id of the sentence that refuses, or ``""``. Admins are bound by blocked words alone."""
    if rules == FREE:
        return ""
    if not asker.admin:
        if any(asker.is_(who) for who in (*rules.blocked, *rules.deny) if who.kind is not Kind.PLACE):
            return "error-rules-person"
        people = [who for who in rules.allow if who.kind is not Kind.PLACE]
        if people and not any(asker.is_(who) for who in people):
            return "error-rules-person"
        if misplaced(rules, asker):
            return "error-rules-place"
        if rules.adults and asker.nsfw is False:
            return "error-rules-adults"
    return "error-rules-words" if rules.words and holds("\n".join(texts), rules.words) else ""


def misplaced(rules: Rules, asker: Asker) -> bool:
    """Whether nothing is painted in this place. The narrower is asked first: a thread, then its channel."""
    denied = {who.id for who in rules.deny if who.kind is Kind.PLACE}
    allowed = {who.id for who in rules.allow if who.kind is Kind.PLACE}
    for place in asker.places:
        if place in denied or place in allowed:
            return place in denied
    return bool(allowed)


def with_(whos: tuple[Who, ...], who: Who) -> tuple[Who, ...]:
    return (*without(whos, who), who)


def without(whos: tuple[Who, ...], who: Who) -> tuple[Who, ...]:
    return tuple(each for each in whos if not each.same(who))


# --- as they are written down ---------------------------------------------------------------


def rules_text(rules: Rules) -> str:
    """JSON; ``""`` for no rules."""
    return "" if rules == FREE else json.dumps(asdict(rules), ensure_ascii=False)


def rules_of(text: str) -> Rules:
    if not text:
        return FREE
    stored = json.loads(text)
    for name in ("allow", "deny", "blocked"):
        stored[name] = tuple(Who(Kind(who["kind"]), who["id"], who["name"]) for who in stored[name])
    styles = tuple(HouseStyle(**style) for style in stored["styles"])
    words, veiled = tuple(stored["words"]), tuple(stored["veiled"])
    return Rules(**{**stored, "styles": styles, "words": words, "veiled": veiled})
