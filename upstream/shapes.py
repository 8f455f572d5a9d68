"""Answers whose shape the vendors leave open, read in every shape seen: UPSTREAMS, section 5. Pure."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from bot.model import Balance
from bot.sizes import Size

DONE = frozenset({"succeeded", "success", "completed", "complete", "done", "finished"})
FAILED = frozenset({"failed", "failure", "error", "canceled", "cancelled", "timeout", "expired", "rejected"})
WAITING = frozenset({"queued", "queueing", "pending", "waiting", "submitted", "created", "not_start"})

CLASSICS = ((1024, 1024), (1536, 1024), (1024, 1536))
"""The sizes that every model of the family has ever taken."""

_IDS = ("id", "job_id", "task_id", "data", "request_id")
_LISTS = ("items", "data", "records", "list", "history", "results", "jobs")
_AMOUNTS = (
    "balance",
    "wallet_balance",
    "credits",
    "total_available",
    "remain_quota",
    "remaining",
    "amount",
)
_INSIDE = ("data", "wallet", "account", "user", "usage", "job", "result")
_UNITS = ("currency", "unit")
_PICTURE = ("b64_json", "url", "image_url", "image", "image_base64", "base64", "data_base64")
_RESULTS = ("images", "data", "output", "outputs", "result", "results", "image_urls", "urls", "url")
_UPLOAD = ("url", "file_url", "image_url", "public_url", "download_url")
_UPLOADED = ("data", "file", "files", "result", "upload")
_ORDERED = ("input", "params", "parameters", "request")
_ID = re.compile(r"[\x21-\x7e]{1,200}")
_SENSIBLE = 1e12  # of any money; what is beyond is no balance
_LONGEST_UNIT = 12
_CHINESE = timezone(timedelta(hours=8))
_ADDRESS = re.compile(r"(https?://|data:image/|/)\S+", re.IGNORECASE)


def job_id(document: Any) -> str:
    """The id of a job in the answer to its submit (row 4); empty when there is none that can be asked for."""
    if isinstance(document, str | int) and not isinstance(document, bool):
        return str(document) if _ID.fullmatch(str(document)) else ""
    if not isinstance(document, dict):
        return ""
    return next(filter(None, (job_id(document.get(name)) for name in _IDS)), "")


def page(document: Any) -> Mapping[str, Any]:
    """The part of a job's page that tells its ``status``: the page itself, or what it is wrapped in."""
    if not isinstance(document, dict):
        return {}
    if "status" in document:
        return document
    inner = (document.get(name) for name in _INSIDE)
    return next((part for part in inner if isinstance(part, dict) and "status" in part), document)


def status(document: Any) -> str:
    """The status word of a job's page, in lower case; empty when it has none."""
    return str(page(document).get("status") or "").lower()


def share(document: Any) -> float | None:
    """How far a job is, where its page tells: ``0.4``, ``40`` or ``"40%"``."""
    said = str(page(document).get("progress") or "").strip().removesuffix("%")
    try:
        number = float(said)
    except ValueError:
        return None
    part = number / 100 if number > 1 else number
    return part if 0 < part < 1 else None


def pictures(document: Any) -> list[Path | str]:
    """The pictures that an answer names, each a file or an address (row 7). Empty strings are none (row 17).

    One entry with both is one picture, the file. Only places for results are looked at: a page may
    repeat what was ordered, references included.
    """
    if isinstance(document, Path):
        return [document]
    if isinstance(document, str):
        return [document.strip()] if _ADDRESS.fullmatch(document.strip()) else []
    if isinstance(document, list):
        return [picture for entry in document for picture in pictures(entry)]
    if not isinstance(document, dict):
        return []
    own, ended = _picture(document), "status" not in document or status(document) in DONE
    if own and ("status" not in document or isinstance(own, Path)):
        return [own]
    inner = (pictures(document.get(name)) for name in _RESULTS)
    # A job's page may well name its own address: that counts as a picture's when nothing else does.
    return next(filter(None, inner), [own] if own and ended else [])


def upload_url(document: Any) -> str:
    """Where an upload is to be found (row 9); empty when the relay only names it."""
    if isinstance(document, list):
        return next(filter(None, map(upload_url, document)), "")
    if not isinstance(document, dict):
        return ""
    own = (document.get(name) for name in _UPLOAD)
    if url := next((one.strip() for one in own if isinstance(one, str) and "/" in one), ""):
        return url
    return next(filter(None, (upload_url(document.get(name)) for name in _UPLOADED)), "")


def revised_prompt(document: Any) -> str:
    """What the relay made of the prompt, where it says so with its first picture."""
    entry = next(iter(records(document)), {})
    said = entry.get("revised_prompt")
    return said if isinstance(said, str) else ""


def records(document: Any) -> list[Mapping[str, Any]]:
    """The entries of a list, wherever it lies (row 5)."""
    if isinstance(document, list):
        return [entry for entry in document if isinstance(entry, dict)]
    if not isinstance(document, dict):
        return []
    return next(filter(None, (records(document.get(name)) for name in _LISTS)), [])


def told(entry: Mapping[str, Any], name: str) -> str:
    """What an entry repeats of its order under this name, as text; empty where it does not tell."""
    inner = (entry.get(part) for part in _ORDERED)
    places = (entry, *(part for part in inner if isinstance(part, dict)))
    values = (place.get(name) for place in places)
    return next((str(value) for value in values if isinstance(value, str | int) and value != ""), "")


def total(document: Any, seen: int) -> int:
    """How many entries a list has in all; ``seen``, where it does not tell."""
    if not isinstance(document, dict):
        return seen
    count = document.get("total", document.get("count"))
    inner = document.get("data")
    if count is None and isinstance(inner, dict):
        return total(inner, seen)
    return count if isinstance(count, int) else seen


def moments(value: Any) -> list[datetime]:
    """The moments that a time may mean: seconds or milliseconds since 1970, or ISO 8601.

    Without a zone it may be UTC or Chinese time.
    """
    number = _number(value)
    try:
        if number is not None:
            return [datetime.fromtimestamp(number / 1000 if number > 1e11 else number, UTC)]
        then = datetime.fromisoformat(str(value).strip())
    except (ValueError, OverflowError, OSError):
        return []
    return [then] if then.tzinfo else [then.replace(tzinfo=zone) for zone in (UTC, _CHINESE)]


def balance(document: Any) -> Balance | None:
    """What is left, and of what (row 5); ``None`` when there is no number."""
    if not isinstance(document, dict):
        return None
    for name in _AMOUNTS:
        amount = _number(document.get(name))
        if amount is not None and abs(amount) < _SENSIBLE:
            return Balance(amount, _unit(document))
    inner = (balance(document.get(name)) for name in (*_INSIDE, *_AMOUNTS))
    found = next(filter(None, inner), None)
    return Balance(found.amount, found.unit or _unit(document)) if found else None


def nearest_classic(size: Size) -> str:
    """The classic size whose ratio is nearest, e.g. ``"1536x1024"``."""

    def off(classic: tuple[int, int]) -> float:
        return abs(math.log(classic[0] / classic[1] * size.height / size.width))

    width, height = min(CLASSICS, key=off)
    return f"{width}x{height}"


def _picture(entry: Mapping[str, Any]) -> Path | str | None:
    """The picture of one entry: a file before an address, in whichever form it is named."""
    named = [entry.get(name) for name in (*_PICTURE, "data")]
    file = next((one for one in named if isinstance(one, Path)), None)
    said = (entry.get(name) for name in _PICTURE)
    return file or next((one.strip() for one in said if isinstance(one, str) and one.strip()), None)


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(str(value).strip().lstrip("$¥").replace(",", ""))
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _unit(document: Mapping[str, Any]) -> str:
    unit = next((document[name] for name in _UNITS if isinstance(document.get(name), str)), "").strip()
    if len(unit) > _LONGEST_UNIT or not unit.isprintable():
        return ""
    return unit.upper() if unit.lower() in ("usd", "cny") else unit
