"""Prompting together: one jam as a pure state machine. No clock, no chat and no money moves in here.

Every function takes the jam and what somebody did, and returns the jam as it is from then on, or raises
`Refused` or `BadInput`, which say why not. What is done twice is done once: events have ids.

::

    open ──Go──▶ painting ──the pictures come──▶ open (the next round) ──End──▶ over
     ▲               │
     └──it failed────┘
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from bot.errors import BadInput, NotAllowed
from bot.folding import one_line
from bot.model import Amount, ChatId, Fault, ImageRequest, JobId, PictureId, Post, User, UserId, now

BRIEF, PHRASE = 300, 120
"""Most characters."""
MOST_PHRASES, EACH, USED = 15, 3, 8
"""Phrases at once, per member in a round, and those that go into a prompt: the best."""
MEMBERS, NAMED = 50, 10
"""Most people who take part, and most who are named to say Go."""
VARIATIONS = 4
IDLE = timedelta(hours=24)
"""A jam in which nobody did anything for so long is over."""

GONE = "…"
"""Instead of words that were removed."""

_DOUBLE = timedelta(seconds=2)
"""Within that a second press is a slip of the finger, not a change of mind."""
_REMEMBERED = 64
_LEASE = timedelta(seconds=5)
"""So long whoever said Go has to hand the order in, before somebody else sees to it."""
SENDING = timedelta(seconds=10)
"""So long nobody else sends a canvas."""

_RULE = re.compile(r"quorum[:=]?(\d{1,2})")
_NAMED = re.compile(r"@\S{1,40}|<@!?\d{1,20}>")
_MENTION = re.compile(r"<@!?(\d+)>")


class Stage(StrEnum):
    OPEN = "open"
    PAINTING = "painting"
    OVER = "over"


class Cost(StrEnum):
    """Who pays: the host, or the host and those whose phrases are used, in equal shares."""

    HOST = "host"
    SHARED = "shared"


@dataclass(frozen=True, slots=True)
class Rule:
    """Who says Go: the host, anyone, so many people (``quorum``), or the host and who is named."""

    host: bool = True
    quorum: int = 0
    names: tuple[str, ...] = ()

    @classmethod
    def read(cls, text: str) -> Rule:
        """``host``, ``anyone``, ``quorum:3`` or ``@ben,@cy``. Raises `ValueError`."""
        said = text.strip().lower()
        if said == "host":
            return cls()
        if said == "anyone":
            return cls(host=False, quorum=1)
        if found := _RULE.fullmatch(said):
            if not 1 <= int(found[1]) <= MEMBERS:
                raise ValueError(text)
            return cls(host=False, quorum=int(found[1]))
        names = tuple(name for name in re.split(r"[,，\s]+", said) if name)
        if not 0 < len(names) <= NAMED or not all(_NAMED.fullmatch(name) for name in names):
            raise ValueError(text)
        return cls(names=tuple(name if _MENTION.fullmatch(name) else name.lstrip("@") for name in names))

    def lets(self, user: User, host: UserId) -> bool:
        """Whether this person's Go counts."""
        if self.quorum or user.id == host:
            return True
        number = user.id.partition(":")[2]
        mentioned = [found[1] for name in self.names if (found := _MENTION.fullmatch(name))]
        return number in mentioned or (user.handle.lower() in self.names if user.handle else False)

    @property
    def needed(self) -> int:
        """How many people have to say Go."""
        return max(1, self.quorum)


RULES = ("host", "anyone", "quorum:2", "quorum:3")


@dataclass(frozen=True, slots=True)
class Phrase:
    """A few words of somebody's. ``votes``: who is for it, since when."""

    number: int
    author: UserId
    text: str
    round: int
    votes: Mapping[UserId, datetime] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Order:
    """What was decided by a Go, frozen: whatever happens since, this is what is painted, once.

    ``base`` is the picture that it begins from. ``authors`` had phrases in the prompt. ``job`` is empty until
    it is known that there is one.
    """

    number: int
    round: int
    prompt: str
    authors: tuple[UserId, ...]
    used: tuple[int, ...]
    n: int = 1
    base: PictureId | None = None
    job: JobId | None = None


@dataclass(frozen=True, slots=True)
class Round:
    """A round that has its pictures. ``winner`` is the picture's number from 1; 0: not decided yet."""

    job: JobId
    prompt: str
    authors: tuple[UserId, ...]
    pictures: tuple[PictureId, ...]
    cost: Amount
    winner: int = 0


@dataclass(frozen=True, slots=True)
class Pick:
    """A vote for a picture."""

    number: int
    since: datetime


@dataclass(frozen=True, slots=True)
class Jam:
    """A jam as it is now; the truth that the canvas only shows.

    ``roles`` are those of the host, ``within`` and ``nsfw`` are about the place, as in `Invocation`. ``look``
    is the request without its words: size, quality, model. ``names`` are those of everybody who took part.
    ``due``: when it wants to be looked at: it goes by itself (``timer``), is given up, has an order.
    ``asking``: the price that somebody has to agree to. ``post`` is the canvas, ``shown`` the round that it
    was sent for, ``losses`` how many were lost. ``claimed``: until then somebody is busy sending one.
    ``told``: its end has been shown.
    """

    id: str
    chat: ChatId
    host: User
    brief: str
    language: str
    invocation: str = ""
    roles: tuple[str, ...] = ()
    within: str = ""
    nsfw: bool | None = None
    rule: Rule = Rule()
    cost: Cost = Cost.HOST
    look: ImageRequest = field(default_factory=lambda: ImageRequest(""))
    stage: Stage = Stage.OPEN
    round: int = 1
    minutes: int = 0
    due: datetime | None = None
    timer: bool = False
    phrases: tuple[Phrase, ...] = ()
    numbers: int = 0
    picks: Mapping[UserId, Pick] = field(default_factory=dict)
    goes: tuple[UserId, ...] = ()
    asking: Amount | None = None
    orders: int = 0
    order: Order | None = None
    rounds: tuple[Round, ...] = ()
    trouble: Fault | None = None
    names: Mapping[UserId, str] = field(default_factory=dict)
    seen: tuple[str, ...] = ()
    version: int = 0
    post: Post | None = None
    shown: int = 0
    losses: int = 0
    claimed: datetime | None = None
    told: bool = False
    created: datetime = field(default_factory=now)

    @property
    def live(self) -> bool:
        return self.stage is not Stage.OVER

    @property
    def pictures(self) -> tuple[PictureId, ...]:
        """What there is to vote on: the last round's pictures."""
        return self.rounds[-1].pictures if self.rounds else ()

    @property
    def best(self) -> tuple[Phrase, ...]:
        """Phrases that go into the prompt, the most wanted first, of equals the older; none without votes."""
        wanted = [phrase for phrase in self.phrases if phrase.votes]
        return tuple(sorted(wanted, key=lambda phrase: (-len(phrase.votes), phrase.number))[:USED])

    @property
    def prompt(self) -> str:
        """Brief and best phrases, as the image API will read them."""
        return ", ".join(part for part in (self.brief, *(phrase.text for phrase in self.best)) if part)

    @property
    def winner(self) -> int:
        """The picture of the last round with the most votes, from 1; of equals the first."""
        tally = self.tally
        return max(range(1, len(tally) + 1), key=lambda number: (tally[number - 1], -number), default=0)

    @property
    def tally(self) -> tuple[int, ...]:
        """Votes for each picture of the last round."""
        chosen = [pick.number for pick in self.picks.values()]
        return tuple(chosen.count(number) for number in range(1, len(self.pictures) + 1))

    @property
    def spent(self) -> Amount:
        return sum(one.cost for one in self.rounds)

    def payers(self, authors: tuple[UserId, ...]) -> tuple[UserId, ...]:
        """Who bears the cost of a picture of these authors, in equal parts.

        The brief is the host's own words: nobody begins a jam that only others pay for.
        """
        shared = authors if self.cost is Cost.SHARED else ()
        return tuple(dict.fromkeys((self.host.id, *shared)))

    def name(self, user: UserId) -> str:
        return self.names.get(user, "?")


def minutes(count: int) -> timedelta:
    return timedelta(minutes=count)


Change = Callable[[Jam], Jam]


def heard(jam: Jam, event: str, change: Change) -> Jam:
    """The jam after an event; one that is delivered again changes nothing."""
    if event and event in jam.seen:
        return jam
    after = change(jam)
    return replace(after, seen=(*after.seen, event)[-_REMEMBERED:] if event else after.seen)


# --- phrases --------------------------------------------------------------------------------


def add(jam: Jam, user: User, text: str, at: datetime) -> Jam:
    """Somebody's phrase, with their own vote. One that is there already gets their vote instead."""
    _demand_live(jam)
    said = one_line(text)
    if not said:
        raise BadInput("error-jam-no-words")
    if len(said) > PHRASE:
        raise BadInput("error-text-too-long", length=len(said), most=PHRASE)
    twin = next((one for one in jam.phrases if one.text.casefold() == said.casefold()), None)
    if twin:
        return jam if user.id in twin.votes else vote(jam, user, twin.number, at)
    current = jam.round + (jam.stage is Stage.PAINTING)
    if sum(one.author == user.id and one.round == current for one in jam.phrases) >= EACH:
        raise NotAllowed("error-jam-enough", most=EACH)
    if len(jam.phrases) >= MOST_PHRASES:
        raise NotAllowed("error-jam-full", most=MOST_PHRASES)
    phrase = Phrase(jam.numbers + 1, user.id, said, current, {user.id: at})
    return _with(jam, user, at, phrases=(*jam.phrases, phrase), numbers=phrase.number)


def vote(jam: Jam, user: User, number: int, at: datetime) -> Jam:
    """For a phrase, or, pressed again, no longer for it."""
    _demand_live(jam)
    phrase = _phrase(jam, number)
    since = phrase.votes.get(user.id)
    if since is None:
        votes = {**phrase.votes, user.id: at}
    elif at - since < _DOUBLE:
        return jam
    else:
        votes = {voter: then for voter, then in phrase.votes.items() if voter != user.id}
    changed = replace(phrase, votes=votes)
    return _with(
        jam, user, at, phrases=tuple(changed if one is phrase else one for one in jam.phrases), trouble=None
    )


def remove(jam: Jam, user: User, number: int, at: datetime, *, boss: bool) -> Jam:
    """Take a phrase away: its author's right, and that of a ``boss``, the host or an admin."""
    _demand_live(jam)
    phrase = _phrase(jam, number)
    if not boss and phrase.author != user.id:
        raise NotAllowed("error-not-yours", name=jam.name(phrase.author))
    return _with(jam, None, at, phrases=tuple(one for one in jam.phrases if one is not phrase), trouble=None)


def _phrase(jam: Jam, number: int) -> Phrase:
    found = next((one for one in jam.phrases if one.number == number), None)
    if found is None:
        raise NotAllowed("error-jam-no-such-phrase")
    return found


# --- pictures -------------------------------------------------------------------------------


def pick(jam: Jam, user: User, round_: int, number: int, at: datetime) -> Jam:
    """For a picture of a finished round, instead of whichever before; pressed again, for none."""
    _demand_live(jam)
    if jam.stage is not Stage.OPEN or round_ != len(jam.rounds) or not 0 < number <= len(jam.pictures):
        raise NotAllowed("error-jam-late")
    before = jam.picks.get(user.id)
    if before and before.number == number and at - before.since < _DOUBLE:
        return jam
    others = {voter: one for voter, one in jam.picks.items() if voter != user.id}
    chosen = {} if before and before.number == number else {user.id: Pick(number, at)}
    return _with(jam, user, at, picks={**others, **chosen})


# --- Go -------------------------------------------------------------------------------------


def go(
    jam: Jam, user: User | None, round_: int, at: datetime, *, price: Amount, ask_above: Amount, n: int = 1
) -> Jam:
    """Somebody says Go to a round; nobody (``None``) when the time is up.

    Once enough people have, it is painted; above ``ask_above`` (negative: never) somebody is asked first.
    ``n`` is how many pictures this round may have.
    """
    _demand_live(jam)
    if jam.stage is Stage.PAINTING or round_ != jam.round:
        raise NotAllowed("error-jam-painting" if jam.stage is Stage.PAINTING else "error-jam-late")
    if not jam.prompt:
        raise BadInput("error-jam-empty")
    if user is not None:
        if not jam.rule.lets(user, jam.host.id):
            raise NotAllowed("error-jam-not-you", name=jam.host.name)
        goes = jam.goes if user.id in jam.goes else (*jam.goes, user.id)
        jam = _with(jam, user, at, goes=goes, trouble=None)
        if len(goes) < jam.rule.needed:
            return jam
    if 0 <= ask_above < price:
        return replace(jam, asking=price, timer=False, due=at + IDLE)
    return _ordered(jam, n, at)


def spend(jam: Jam, user: User, at: datetime, *, n: int = 1) -> Jam:
    """Somebody agrees to the price: whoever pays it, or has a say in it."""
    _demand_open(jam)
    _demand_asked(jam, user)
    return _ordered(_with(jam, user, at), n, at)


def forgo(jam: Jam, user: User, at: datetime) -> Jam:
    """The price is too high: nobody has said Go any more."""
    _demand_open(jam)
    _demand_asked(jam, user)
    return _with(jam, user, at, asking=None, goes=())


def _demand_asked(jam: Jam, user: User) -> None:
    if jam.asking is None:
        raise NotAllowed("error-not-asked")
    payer = user.id == jam.host.id if jam.cost is Cost.HOST else jam.rule.lets(user, jam.host.id)
    if not payer:
        raise NotAllowed("error-jam-not-you", name=jam.host.name)


def _ordered(jam: Jam, n: int, at: datetime) -> Jam:
    """open → painting. All that the picture depends on is written down here."""
    base, rounds = None, jam.rounds
    if rounds:
        base = jam.pictures[jam.winner - 1]
        rounds = (*rounds[:-1], replace(rounds[-1], winner=jam.winner))
    order = Order(
        number=jam.orders + 1,
        round=jam.round,
        prompt=jam.prompt,
        authors=tuple(dict.fromkeys(phrase.author for phrase in jam.best)),
        used=tuple(phrase.number for phrase in jam.best),
        n=n,
        base=base,
    )
    return replace(
        jam,
        stage=Stage.PAINTING,
        order=order,
        orders=order.number,
        rounds=rounds,
        asking=None,
        goes=(),
        trouble=None,
        timer=False,
        due=at + _LEASE,
    )


def submitted(jam: Jam, number: int, job: JobId, at: datetime) -> Jam:
    """The order is a job now, which wants to be looked at until it is over."""
    order = _current(jam, number)
    if order is None or order.job == job:
        return jam
    return replace(jam, order=replace(order, job=job), due=at)


def failed(jam: Jam, number: int, fault: Fault, at: datetime) -> Jam:
    """No picture and no charge: people may change something and say Go again."""
    if _current(jam, number) is None:
        return jam
    return replace(jam, stage=Stage.OPEN, order=None, trouble=fault, due=at + IDLE)


def painted(
    jam: Jam, number: int, job: JobId, pictures: tuple[PictureId, ...], cost: Amount, at: datetime
) -> Jam:
    """The pictures came: the next round is open. Phrases that were not used make room for new ones."""
    order = _current(jam, number)
    if order is None:
        return jam
    done = Round(job, order.prompt, order.authors, pictures, cost)
    kept = tuple(one for one in jam.phrases if one.number in order.used or one.round > order.round)
    return replace(
        jam,
        stage=Stage.OPEN,
        order=None,
        round=jam.round + 1,
        rounds=(*jam.rounds, done),
        phrases=kept,
        picks={},
        trouble=None,
        due=at + IDLE,
    )


def _current(jam: Jam, number: int) -> Order | None:
    """The order, if it is this one that is being painted."""
    order = jam.order if jam.stage is Stage.PAINTING else None
    return order if order and order.number == number else None


# --- the end --------------------------------------------------------------------------------


def end(jam: Jam, at: datetime) -> Jam:
    """open → over. What is being painted is waited for; repeated, it does nothing."""
    if jam.stage is Stage.OVER:
        return jam
    _demand_open(jam)
    rounds = jam.rounds
    if rounds:
        rounds = (*rounds[:-1], replace(rounds[-1], winner=jam.winner))
    return replace(jam, stage=Stage.OVER, rounds=rounds, asking=None, goes=(), due=at, timer=False)


def stumbled(jam: Jam, fault: Fault, at: datetime) -> Jam:
    """Its time was up and it could not go: people have to say Go now."""
    return replace(jam, trouble=fault, timer=False, due=at + IDLE) if jam.stage is Stage.OPEN else jam


def forgotten(jam: Jam, user: UserId, at: datetime) -> Jam:
    """The jam without what this person said. Who pays for what stays; as its host they end it."""
    theirs = user == jam.host.id

    def without(votes: Mapping[UserId, Any]) -> dict[UserId, Any]:
        return {voter: vote for voter, vote in votes.items() if voter != user}

    jam = replace(
        jam,
        brief=GONE if theirs else jam.brief,
        phrases=tuple(replace(p, votes=without(p.votes)) for p in jam.phrases if p.author != user),
        rounds=tuple(
            replace(one, prompt=GONE) if theirs or user in one.authors else one for one in jam.rounds
        ),
        picks=without(jam.picks),
        goes=tuple(one for one in jam.goes if one != user),
        names=without(jam.names),
    )
    if theirs:
        host = replace(jam.host, name="", handle="")
        jam = replace(jam, host=host, order=None, asking=None, trouble=None)
        return replace(jam, stage=Stage.OVER, due=at, timer=False) if jam.live else jam
    if jam.order and user in jam.order.authors:
        # What is handed in already is the job's to say; what is not says what the others said.
        return replace(jam, order=replace(jam.order, prompt=GONE if jam.order.job else jam.prompt))
    return jam


# --- the canvas -----------------------------------------------------------------------------


def misplaced(jam: Jam) -> bool:
    """Whether there is no canvas below the latest pictures."""
    return jam.post is None or jam.shown < jam.round


def claimed(jam: Jam, until: datetime, at: datetime) -> Jam:
    """Somebody is about to send a canvas, unless somebody else is."""
    return jam if jam.claimed and jam.claimed > at else replace(jam, claimed=until)


def placed(jam: Jam, post: Post, round_: int) -> Jam:
    """A canvas was sent, as the jam was in that round."""
    return replace(jam, post=post, shown=round_, claimed=None)


def lost(jam: Jam, post: Post) -> Jam:
    """Somebody deleted the canvas."""
    return replace(jam, post=None, losses=jam.losses + 1) if jam.post == post else jam


def _demand_live(jam: Jam) -> None:
    if not jam.live:
        raise NotAllowed("error-jam-over")


def _demand_open(jam: Jam) -> None:
    _demand_live(jam)
    if jam.stage is Stage.PAINTING:
        raise NotAllowed("error-jam-painting")


def _with(jam: Jam, user: User | None, at: datetime, **changes: object) -> Jam:
    """A change that somebody made: they take part, and the jam is not idle."""
    names = jam.names
    if user is not None and names.get(user.id) != user.name:
        if user.id not in names and len(names) >= MEMBERS:
            raise NotAllowed("error-jam-crowded", most=MEMBERS)
        names = {**names, user.id: user.name}
    due = jam.due if jam.timer or jam.stage is not Stage.OPEN else at + IDLE
    return replace(jam, names=names, due=due, **changes)  # type: ignore[arg-type]
