"""Nouns to columns and back. Pure: no statement is run here."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, astuple, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bot.model import (
    Access,
    Allowance,
    Chat,
    ChatId,
    Fault,
    Field,
    Form,
    ImageRequest,
    Job,
    JobId,
    Key,
    Picture,
    PictureId,
    Post,
    State,
    User,
    UserId,
)
from bot.rules import rules_of, rules_text
from bot.written import request_of, request_text
from storage.transaction import Row

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def marks(count: int) -> str:
    """Places for values: ``(?, ?, ?)``."""
    return f"({', '.join('?' * count)})"


def micros(moment: datetime) -> int:
    """A moment as microseconds since 1970, exactly."""
    return (moment - _EPOCH) // _MICROSECOND


def moment(micros: int) -> datetime:
    return _EPOCH + timedelta(microseconds=micros)


def _moment(micros: int | None) -> datetime | None:
    return None if micros is None else moment(micros)


def clean(text: str) -> str:
    """What people typed, without what no database takes: halves of surrogate pairs and NUL."""
    return text.encode("utf-8", "replace").decode().replace("\0", "")


# --- jobs -----------------------------------------------------------------------------------


def job_values(job: Job) -> dict[str, Any]:
    """All columns of a new job but ``seq``."""
    return {
        "id": job.id,
        "home": job.chat.home,
        "chat": job.chat,
        "member": job.user.id,
        "member_name": clean(job.user.name),
        "member_language": job.user.language,
        "member_handle": clean(job.user.handle),
        "invocation": job.invocation,
        "request": request_text(job.request),
        "endpoint": job.endpoint,
        "language": job.language,
        "state": job.state,
        "attempt": job.attempt,
        "submitted": int(job.submitted),
        "upstream_id": job.upstream_id,
        "hold": job.hold,
        "cost": job.cost,
        "missing": job.missing,
        "note": job.note,
        **_post_values("post", job.post),
        **_post_values("origin", job.origin),
        "fault": job.fault and fault_text(job.fault),
        "veiled": int(job.veiled),
        "quiet": int(job.quiet),
        "withdrawn": int(job.withdrawn),
        "kind": job.kind,
        "parent": job.parent,
        "once": job.once,
        "credit": clean(job.credit),
        "created": micros(job.created),
        "started": job.started and micros(job.started),
        "finished": job.finished and micros(job.finished),
    }


def job_of(row: Row, pictures: Iterable[Picture] = (), place: int = 0) -> Job:
    return Job(
        id=JobId(row["id"]),
        chat=ChatId(row["chat"]),
        user=User(UserId(row["member"]), row["member_name"], row["member_language"], row["member_handle"]),
        invocation=row["invocation"],
        request=request_of(row["request"]),
        endpoint=row["endpoint"],
        language=row["language"],
        state=State(row["state"]),
        place=place,
        attempt=row["attempt"],
        submitted=bool(row["submitted"]),
        upstream_id=row["upstream_id"],
        hold=row["hold"],
        cost=row["cost"],
        missing=row["missing"],
        note=row["note"],
        post=_post_of("post", row),
        origin=_post_of("origin", row),
        pictures=tuple(pictures),
        fault=fault_of(row["fault"]) if row["fault"] else None,
        veiled=bool(row["veiled"]),
        quiet=bool(row["quiet"]),
        withdrawn=bool(row["withdrawn"]),
        kind=row["kind"],
        parent=JobId(row["parent"]) if row["parent"] else None,
        once=row["once"],
        credit=row["credit"],
        created=moment(row["created"]),
        started=_moment(row["started"]),
        finished=_moment(row["finished"]),
    )


def _post_values(name: str, post: Post | None) -> dict[str, str | None]:
    return {
        f"{name}_chat": post.chat if post else None,
        f"{name}_id": post.id if post else None,
        f"{name}_grip": post.grip if post else None,
    }


def _post_of(name: str, row: Row) -> Post | None:
    if row[f"{name}_id"] is None:
        return None
    return Post(ChatId(row[f"{name}_chat"]), row[f"{name}_id"], row[f"{name}_grip"])


def fault_text(fault: Fault) -> str:
    return json.dumps({"message_id": fault.message_id, "params": dict(fault.params)})


def fault_of(text: str) -> Fault:
    return Fault(**json.loads(text))


# --- chats ----------------------------------------------------------------------------------


def chat_values(chat: Chat) -> dict[str, Any]:
    key = chat.key
    return {
        "home": chat.home,
        "title": clean(chat.title),
        "language": chat.language,
        "size": chat.size,
        "quality": chat.quality,
        "n": chat.n,
        "model": clean(chat.model),
        "ask_above": chat.ask_above,
        "keep_days": chat.keep_days,
        "reply_edits": None if chat.reply_edits is None else int(chat.reply_edits),
        "relay": chat.relay,
        "access": chat.access,
        "rules": clean(rules_text(chat.rules)),
        "key_dialect": key and key.dialect,
        "key_urls": key and json.dumps(key.urls),
        "key_sealed": key and key.sealed,
        "key_hint": key and clean(key.hint),
        "key_model": key and clean(key.model),
        "key_owner": key and key.owner,
        "chat_day": chat.chat_cap.day,
        "chat_month": chat.chat_cap.month,
        "member_day": chat.member_cap.day,
        "member_month": chat.member_cap.month,
        "role_caps": json.dumps({role: astuple(cap) for role, cap in chat.role_caps.items()}),
    }


def chat_of(row: Row) -> Chat:
    return Chat(
        home=ChatId(row["home"]),
        title=row["title"],
        language=row["language"],
        size=row["size"],
        quality=row["quality"],
        n=row["n"],
        model=row["model"],
        ask_above=row["ask_above"],
        keep_days=row["keep_days"],
        reply_edits=None if row["reply_edits"] is None else bool(row["reply_edits"]),
        relay=row["relay"],
        access=Access(row["access"]),
        rules=rules_of(row["rules"]),
        key=_key_of(row) if row["key_dialect"] is not None else None,
        chat_cap=Allowance(row["chat_day"], row["chat_month"]),
        member_cap=Allowance(row["member_day"], row["member_month"]),
        role_caps={role: Allowance(*cap) for role, cap in json.loads(row["role_caps"]).items()},
    )


def _key_of(row: Row) -> Key:
    return Key(
        dialect=row["key_dialect"],
        urls=tuple(json.loads(row["key_urls"])),
        sealed=bytes(row["key_sealed"]),
        hint=row["key_hint"],
        model=row["key_model"],
        owner=UserId(row["key_owner"]),
    )


# --- pictures and forms ---------------------------------------------------------------------


def picture_of(row: Row, folder: Path) -> Picture:
    """The picture, its file in ``folder`` under the name that it is sent with."""
    nameless = Picture(PictureId(row["id"]), folder, row["mime"], row["width"], row["height"], row["bytes"])
    return filed(nameless, folder)


def filed(picture: Picture, folder: Path) -> Picture:
    """The picture with the file that it has among those that stay."""
    return replace(picture, path=folder / picture.name)


def form_text(form: Form) -> str:
    return json.dumps(asdict(form))


def form_of(text: str) -> Form:
    stored = json.loads(text)
    fields = tuple(Field(**{**field, "choices": tuple(field["choices"])}) for field in stored["fields"])
    return Form(stored["title"], stored["command"], stored["text"], fields)


def own_pictures(request: ImageRequest) -> set[str]:
    """The ids of pictures of ours that a request begins from."""
    sources = (*request.images, *([request.mask] if request.mask else []))
    return {source.removeprefix("picture:") for source in sources if source.startswith("picture:")}
