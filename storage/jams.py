"""A jam's row inside a transaction: what is looked for in columns, the rest as JSON."""

# ruff: noqa: S608 - what is put into statements here is names of columns and question marks

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime
from typing import Any

from bot.jam import Change, Cost, Jam, Order, Phrase, Pick, Round, Rule, Stage, forgotten
from bot.model import ChatId, Fault, JobId, PictureId, Post, User, UserId
from bot.written import request_of, request_text
from storage.rows import clean, marks, micros, moment
from storage.transaction import Row, Transaction

_LIVE = "stage <> 'over'"
_SAVED = ("stage", "due", "told", "version", "post_chat", "post_id", "post_grip", "state")


async def begin(tx: Transaction, jam: Jam) -> Jam:
    """Write a new jam down; or the one of the same event, or the one that goes on in that place."""
    values = _values(jam)
    await tx.all(
        f"INSERT INTO jams ({', '.join(values)}) VALUES {marks(len(values))} ON CONFLICT DO NOTHING",
        *values.values(),
    )
    row = await tx.one(
        "SELECT * FROM jams WHERE invocation = ? AND invocation <> '' AND host = ? "
        f"UNION ALL SELECT * FROM jams WHERE chat = ? AND {_LIVE} ORDER BY created LIMIT 1",
        jam.invocation,
        jam.host.id,
        jam.chat,
    )
    return jam_of(row) if row else jam


async def change(tx: Transaction, jam: str, change: Change) -> Jam | None:
    """The jam after a change. The row is locked before it is read, so that nobody's change is lost."""
    await tx.all("UPDATE jams SET version = version + 1 WHERE id = ?", jam)
    row = await tx.one("SELECT * FROM jams WHERE id = ?", jam)
    if row is None:
        return None
    now = jam_of(row)
    after = replace(change(now), version=now.version)
    values = _values(after)
    await tx.all(
        f"UPDATE jams SET {', '.join(f'{name} = ?' for name in _SAVED)} WHERE id = ?",
        *(values[name] for name in _SAVED),
        jam,
    )
    if after.post and after.post != now.post:
        await tx.all(
            "INSERT INTO jam_posts (chat, message, home, jam) VALUES (?, ?, ?, ?) "
            "ON CONFLICT (chat, message) DO NOTHING",
            after.post.chat,
            after.post.id,
            after.chat.home,
            jam,
        )
    return after


async def find(read: Transaction, jam: str) -> Jam | None:
    return _maybe(await read.one("SELECT * FROM jams WHERE id = ?", jam))


async def at(read: Transaction, post: Post) -> Jam | None:
    """The jam whose canvas this message is, or was."""
    return _maybe(
        await read.one(
            "SELECT jams.* FROM jam_posts JOIN jams ON jams.id = jam_posts.jam "
            "WHERE jam_posts.chat = ? AND jam_posts.message = ?",
            post.chat,
            post.id,
        )
    )


async def here(read: Transaction, chat: ChatId) -> Jam | None:
    """The jam that goes on in a place."""
    return _maybe(await read.one(f"SELECT * FROM jams WHERE chat = ? AND {_LIVE}", chat))


async def wanting(read: Transaction, at: datetime | None) -> list[Jam]:
    """Jams that are due by then; without a moment all that go on, or whose end was not told."""
    if at is None:
        found = await read.all("SELECT * FROM jams WHERE told = 0 ORDER BY created")
    else:
        found = await read.all("SELECT * FROM jams WHERE told = 0 AND due <= ? ORDER BY created", micros(at))
    return [jam_of(row) for row in found]


async def sweep(tx: Transaction, home: str, before: int) -> None:
    """Forget a chat's jams from before a moment (µs) whose end was shown."""
    await tx.all("DELETE FROM jams WHERE home = ? AND told = 1 AND created < ?", home, before)


async def forget(tx: Transaction, member: UserId, at: datetime) -> None:
    """Take out of every jam what this person said there."""
    for jam in await with_(tx, member):
        await change(tx, jam.id, lambda jam: forgotten(jam, member, at))


async def painted_of(read: Transaction, member: str, before: int) -> list[JobId]:
    """Jobs whose prompts have words of this person's, of jams from before a moment (µs)."""
    found = [jam for jam in await with_(read, member) if micros(jam.created) < before]
    rounds = [one.job for jam in found for one in jam.rounds if member in one.authors]
    orders = [jam.order for jam in found if jam.order and member in jam.order.authors]
    return [*rounds, *(order.job for order in orders if order.job)]


async def with_(read: Transaction, member: str) -> list[Jam]:
    """Jams that a person began or took part in, newest first."""
    found = await read.all(
        "SELECT * FROM jams WHERE host = ? OR state LIKE ? ORDER BY created DESC",
        member,
        f"%{json.dumps(member)}%",
    )
    return [jam_of(row) for row in found]


def _maybe(row: Row | None) -> Jam | None:
    return jam_of(row) if row else None


# --- nouns to columns and back --------------------------------------------------------------


def _values(jam: Jam) -> dict[str, Any]:
    post = jam.post
    return {
        "id": jam.id,
        "home": jam.chat.home,
        "chat": jam.chat,
        "host": jam.host.id,
        "invocation": jam.invocation,
        "stage": jam.stage,
        "due": jam.due and micros(jam.due),
        "told": int(jam.told),
        "version": jam.version,
        "post_chat": post and post.chat,
        "post_id": post and post.id,
        "post_grip": post and post.grip,
        "state": _state(jam),
        "created": micros(jam.created),
    }


def _state(jam: Jam) -> str:
    return json.dumps(
        {
            "host": [clean(jam.host.name), jam.host.language],
            "asked": [jam.roles, jam.within, jam.nsfw],
            "brief": clean(jam.brief),
            "language": jam.language,
            "rule": [jam.rule.host, jam.rule.quorum, jam.rule.names],
            "cost": jam.cost,
            "look": request_text(jam.look),
            "round": jam.round,
            "minutes": jam.minutes,
            "timer": jam.timer,
            "phrases": [_phrase_text(phrase) for phrase in jam.phrases],
            "numbers": jam.numbers,
            "picks": {user: [one.number, micros(one.since)] for user, one in jam.picks.items()},
            "goes": jam.goes,
            "asking": jam.asking,
            "orders": jam.orders,
            "order": jam.order and _order_text(jam.order),
            "rounds": [_round_text(one) for one in jam.rounds],
            "trouble": jam.trouble and [jam.trouble.message_id, dict(jam.trouble.params)],
            "names": {user: clean(name) for user, name in jam.names.items()},
            "seen": jam.seen,
            "shown": jam.shown,
            "losses": jam.losses,
            "claimed": jam.claimed and micros(jam.claimed),
        }
    )


def jam_of(row: Row) -> Jam:
    state = json.loads(row["state"])
    name, language = state["host"]
    roles, within, nsfw = state["asked"]
    host, quorum, names = state["rule"]
    post = Post(ChatId(row["post_chat"]), row["post_id"], row["post_grip"]) if row["post_id"] else None
    order, trouble, claimed = state["order"], state["trouble"], state["claimed"]
    return Jam(
        id=row["id"],
        chat=ChatId(row["chat"]),
        host=User(UserId(row["host"]), name, language),
        brief=state["brief"],
        language=state["language"],
        invocation=row["invocation"],
        roles=tuple(roles),
        within=within,
        nsfw=nsfw,
        rule=Rule(host, quorum, tuple(names)),
        cost=Cost(state["cost"]),
        look=request_of(state["look"]),
        stage=Stage(row["stage"]),
        round=state["round"],
        minutes=state["minutes"],
        due=None if row["due"] is None else moment(row["due"]),
        timer=state["timer"],
        phrases=tuple(_phrase_of(stored) for stored in state["phrases"]),
        numbers=state["numbers"],
        picks={UserId(user): Pick(at, moment(since)) for user, (at, since) in state["picks"].items()},
        goes=tuple(UserId(user) for user in state["goes"]),
        asking=state["asking"],
        orders=state["orders"],
        order=_order_of(order) if order else None,
        rounds=tuple(_round_of(stored) for stored in state["rounds"]),
        trouble=Fault(*trouble) if trouble else None,
        names={UserId(user): name for user, name in state["names"].items()},
        seen=tuple(state["seen"]),
        version=row["version"],
        post=post,
        shown=state["shown"],
        losses=state["losses"],
        claimed=None if claimed is None else moment(claimed),
        told=bool(row["told"]),
        created=moment(row["created"]),
    )


def _phrase_text(phrase: Phrase) -> list[Any]:
    votes = {user: micros(since) for user, since in phrase.votes.items()}
    return [phrase.number, phrase.author, clean(phrase.text), phrase.round, votes]


def _phrase_of(stored: list[Any]) -> Phrase:
    number, author, text, round_, votes = stored
    return Phrase(
        number, UserId(author), text, round_, {UserId(user): moment(since) for user, since in votes.items()}
    )


def _order_text(order: Order) -> list[Any]:
    return [
        order.number,
        order.round,
        clean(order.prompt),
        order.authors,
        order.used,
        order.n,
        order.base,
        order.job,
    ]


def _order_of(stored: list[Any]) -> Order:
    number, round_, prompt, authors, used, n, base, job = stored
    return Order(
        number,
        round_,
        prompt,
        tuple(UserId(user) for user in authors),
        tuple(used),
        n,
        PictureId(base) if base else None,
        JobId(job) if job else None,
    )


def _round_text(one: Round) -> list[Any]:
    return [one.job, clean(one.prompt), one.authors, one.pictures, one.cost, one.winner]


def _round_of(stored: list[Any]) -> Round:
    job, prompt, authors, pictures, cost, winner = stored
    return Round(
        JobId(job),
        prompt,
        tuple(UserId(user) for user in authors),
        tuple(PictureId(picture) for picture in pictures),
        cost,
        winner,
    )
