"""What a jam looks like: `Jam` → `Reply`. Pure; the truth is the jam's, this only shows it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from bot.credits import money, split
from bot.i18n import Words
from bot.jam import USED, Cost, Jam, Order, Round, Stage
from bot.model import Amount, Button, Picture, Reply, Style, UserId
from bot.ports import Limits
from bot.views import Rows, sentence, shown_as, unpinged

_ROW = 5
_NAME = 24
_LEAST = 16
"""Characters of a phrase that are shown however long the rest is."""


def canvas(words: Words, jam: Jam, most: int, price: Amount | None = None, *, replies: bool = True) -> Reply:
    """The canvas of a jam that goes on, in ``most`` characters.

    ``price``: of the next Go, if known. ``replies``: words that reply to it are heard.
    """
    if jam.stage is Stage.PAINTING and jam.order:
        return Reply(_painting(words, jam, jam.order, most), buttons=((_add(words, jam),),), busy=True)
    head = [_title(words, jam)]
    if jam.pictures:
        head += [_say(words, jam, "jam-round", round=jam.round), *_ballot(words, jam)]
    foot = _foot(words, jam, price)
    room = most - sum(len(line) + 1 for line in (*head, *foot)) - 1
    phrases = _phrases(words, jam, room, replies=replies)
    return Reply("\n".join([*head, "", *phrases, "", *foot]), buttons=_buttons(words, jam))


def record(words: Words, jam: Jam, round_: int, most: int) -> Reply:
    """What stays of a canvas that goes on below: its round, if that has pictures."""
    lines = [_title(words, jam)]
    if 0 < round_ <= len(jam.rounds):
        lines.append(_line(jam, round_, jam.rounds[round_ - 1]))
    return Reply(_cut("\n".join(lines), most - 80) + "\n" + _say(words, jam, "jam-below"))


def album(words: Words, jam: Jam, most: int, shown: Sequence[Picture] = ()) -> Reply:
    """The end: the evening's rounds, who was there and what it cost."""
    head = [_say(words, jam, "jam-over-title", brief=shown_as(_cut(jam.brief, most // 6)))]
    foot = [_cut(_say(words, jam, "jam-with", names=_names(jam, jam.names)), most // 4)]
    if jam.rounds:
        foot.append(_cut(_bill(words, jam), most // 3))
    else:
        head.append(_say(words, jam, "jam-over-nothing"))
    room = most - sum(len(line) + 1 for line in (*head, *foot))
    each = max(_LEAST, room // max(1, len(jam.rounds)) - 1)
    lines = [_cut(_line(jam, at, one), each) for at, one in enumerate(jam.rounds, start=1)]
    files = Button(_say(words, jam, "button-jam-album"), "jamalbum", jam.id, icon="📄")
    text = "\n".join([*head, *_fitting(lines, room), *foot])
    return Reply(text, tuple(shown), buttons=((files,),) if jam.rounds else ())


def credit(words: Words, jam: Jam, order: Order) -> str:
    """The line under a picture that names whose it is."""
    return _say(words, jam, "jam-credit", names=_names(jam, order.authors or (jam.host.id,)))


def fitted(limits: Limits, most: int, paint: Callable[[int], Reply]) -> Reply:
    """What ``paint`` makes of so much room, once more where the platform needs some of it for itself."""
    reply = paint(most)
    if limits.length(reply.text) <= most:
        return reply
    return paint(most - (limits.length(reply.text) - len(reply.text)))


def _say(words: Words, jam: Jam, message_id: str, /, **params: str | int) -> str:
    return words.say(jam.language, message_id, **params)


def _title(words: Words, jam: Jam) -> str:
    return _say(words, jam, "jam-title", brief=shown_as(jam.brief), name=_name(jam, jam.host.id))


def _painting(words: Words, jam: Jam, order: Order, most: int) -> str:
    lines = [_title(words, jam), _say(words, jam, "jam-painting", round=order.round), ""]
    foot = _say(words, jam, "jam-painting-add")
    room = most - sum(len(line) + 1 for line in (*lines, foot))
    return "\n".join([*lines, _cut(shown_as(order.prompt), room), foot])


def _ballot(words: Words, jam: Jam) -> list[str]:
    """How the votes for the pictures stand, where there are several."""
    if len(jam.pictures) < 2:
        return []
    tally = "  ".join(f"{number}: {count} ▲" for number, count in enumerate(jam.tally, start=1))
    return [_say(words, jam, "jam-ballot", tally=tally, winner=jam.winner)]


def _phrases(words: Words, jam: Jam, room: int, *, replies: bool) -> list[str]:
    if not jam.phrases:
        return [_say(words, jam, "jam-no-phrases", how="reply" if replies else "form")]
    heading = _say(words, jam, "jam-best", most=USED) if len(jam.phrases) > USED else ""
    tails = [f" — {_name(jam, phrase.author)} ▲{len(phrase.votes)}" for phrase in jam.phrases]
    each = (room - len(heading)) // len(jam.phrases) - 6
    lines = [
        f"{phrase.number}. {shown_as(_cut(phrase.text, max(_LEAST, each - len(tail))))}{tail}"
        for phrase, tail in zip(jam.phrases, tails, strict=True)
    ]
    return [*lines, heading] if heading else lines


def _foot(words: Words, jam: Jam, price: Amount | None) -> list[str]:
    who = _name(jam, jam.host.id)
    rule, lines = jam.rule, []
    if jam.asking is not None:
        shared = "yes" if jam.cost is Cost.SHARED else "no"
        return [_say(words, jam, "jam-asking", price=money(jam.asking), name=who, shared=shared)]
    if jam.trouble:
        lines.append("⚠ " + sentence(words, jam.language, jam.trouble))
    if rule.host:
        names = ", ".join([who, *(unpinged(f"@{name}") for name in rule.names)])
        said = _say(words, jam, "jam-go-named", names=names)
    else:
        said = _say(words, jam, "jam-go-quorum", needed=rule.needed)
    if jam.timer:
        said += " " + _say(words, jam, "jam-go-timer", minutes=jam.minutes)
    paid = _say(words, jam, "jam-paid-shared", name=who) if jam.cost is Cost.SHARED else ""
    paid = paid or _say(words, jam, "jam-paid-host", name=who)
    about = _say(words, jam, "jam-about", price=money(price)) if price else ""
    return [*lines, said] if price == 0 else [*lines, said, f"{paid} {about}".strip()]


def _buttons(words: Words, jam: Jam) -> Rows:
    """At most five rows of five: four for votes, one to go on."""
    if jam.asking is not None:
        spend = Button(
            _say(words, jam, "button-spend", price=money(jam.asking)), "jamspend", jam.id, Style.PRIMARY
        )
        return ((spend, Button(_say(words, jam, "button-forgo"), "jamforgo", jam.id)),)
    finished = len(jam.rounds)
    pictures = [
        Button(f"▣ {number}", "jampick", f"{jam.id} {finished} {number}")
        for number in range(1, len(jam.pictures) + 1)
        if len(jam.pictures) > 1
    ]
    votes = [Button(f"▲ {one.number}", "jamvote", f"{jam.id} {one.number}") for one in jam.phrases]
    label = _say(words, jam, "button-jam-next" if finished else "button-jam-go")
    tally = f" {len(jam.goes)}/{jam.rule.quorum}" if jam.rule.quorum > 1 else ""
    controls = (
        _add(words, jam),
        Button(label + tally, "jamgo", f"{jam.id} {jam.round}", Style.PRIMARY),
        Button(_say(words, jam, "button-jam-end"), "jamend", jam.id, Style.DANGER),
    )
    rows = [pictures, *(votes[at : at + _ROW] for at in range(0, len(votes), _ROW))]
    return (*(tuple(row) for row in rows if row), controls)


def _add(words: Words, jam: Jam) -> Button:
    return Button(_say(words, jam, "button-jam-add"), "jamadd", jam.id)


def _line(jam: Jam, number: int, one: Round) -> str:
    names = _names(jam, one.authors or (jam.host.id,))
    return f"{number}. {shown_as(one.prompt)} — {names}" + (f" ({money(one.cost)})" if one.cost else "")


def _bill(words: Words, jam: Jam) -> str:
    shares = bill(jam)
    if not jam.spent:
        return _say(words, jam, "jam-free")
    each = ", ".join(
        f"{_name(jam, user)} {money(amount)}"
        for user, amount in sorted(shares.items(), key=lambda item: (-item[1], item[0]))
        if amount
    )
    return _say(words, jam, "jam-bill", total=money(jam.spent), shares=each)


def bill(jam: Jam) -> dict[UserId, Amount]:
    """Who paid how much, as the ledger divides it; the parts add up to all that was spent."""
    shares: dict[UserId, Amount] = {}
    for one in jam.rounds:
        for user, part in split(one.cost, dict.fromkeys(jam.payers(one.authors), 1)).items():
            shares[UserId(user)] = shares.get(UserId(user), 0) + part
    return shares


def _names(jam: Jam, users: Iterable[UserId]) -> str:
    return ", ".join(_name(jam, user) for user in users)


def _name(jam: Jam, user: UserId) -> str:
    return shown_as(_cut(" ".join(jam.name(user).split()) or "?", _NAME))


def _fitting(lines: list[str], room: int) -> list[str]:
    """As many lines as there is room for; the latest, where there are too many."""
    while lines and sum(len(line) + 1 for line in lines) > room:
        lines = lines[1:]
    return lines


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: max(1, most - 1)].rstrip() + "…"
