"""What the Bot API accepts: names, types and lengths of parameters, from ``api.json``."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Set
from pathlib import Path
from typing import Any

API = json.loads(Path(__file__).with_name("api.json").read_text(encoding="utf-8"))
METHODS: dict[str, dict[str, list[Any]]] = API["methods"]
TYPES: dict[str, Any] = API["types"]

Params = dict[str, Any]


class Refused(Exception):
    """An answer that is not ``ok``: HTTP status, description, and ``parameters`` where there are some."""

    def __init__(self, status: int, description: str, **parameters: int) -> None:
        super().__init__(description)
        self.status, self.description, self.parameters = status, description, parameters


def bad(description: str) -> Refused:
    return Refused(400, f"Bad Request: {description}")


def checked(method: str, raw: Mapping[str, Any], files: Set[str]) -> Params:
    """Parameters as sent (text in a form, or JSON values), read and checked. Raises `Refused`."""
    known = METHODS.get(method)
    if known is None:
        raise Refused(404, "Not Found: method not found")
    for name in raw:
        if name not in known:
            raise bad(f"parameter {name} is not known to {method}")
    for name, facts in known.items():
        if facts[1] and name not in raw and not (name in files and "InputFile" in facts[0]):
            raise bad(f"parameter {name} is required by {method}")
    return {name: _read(f"{method}.{name}", value, known[name]) for name, value in raw.items()}


def _read(where: str, value: Any, facts: list[Any]) -> Any:
    """One parameter from a form: anything but text arrives as JSON."""
    kinds = facts[0].split("|")
    if isinstance(value, str) and not (set(kinds) <= {"String", "InputFile"}):
        try:
            value = json.loads(value)
        except ValueError:
            if "String" not in kinds:
                raise bad(f"can't parse {where} as {facts[0]}") from None
    return _check(where, value, facts)


def _check(where: str, value: Any, facts: list[Any]) -> Any:
    complaints = [_complaint(where, value, kind) for kind in facts[0].split("|")]
    if all(complaints):
        # Of several kinds the one that the value was meant to be complains of the smallest thing.
        raise bad(min(map(str, complaints), key=lambda said: ("must be" in said, "not known" in said)))
    for extra in facts[2:]:
        if isinstance(extra, str) and value != extra:
            raise bad(f"{where} must be {extra}")
        if isinstance(extra, list):
            _measure(where, str(value), *extra)
    return value


def _measure(where: str, value: str, least: int, most: int, unit: str) -> None:
    length = len(value.encode()) if unit == "bytes" else len(value)
    if length < least:
        raise bad("message text is empty" if where.endswith(".text") else f"{where} is empty")
    if length > most:
        raise bad("message caption is too long" if where.endswith("caption") else f"{where} is too long")


def _complaint(where: str, value: Any, kind: str) -> str | None:
    """Why the value is not of the kind; ``None`` if it is."""
    if inner := re.fullmatch(r"Array of (.*)", kind):
        if not isinstance(value, list):
            return f"{where} must be an Array"
        return next(
            filter(None, (_complaint(f"{where}[{i}]", v, inner[1]) for i, v in enumerate(value))), None
        )
    simple: dict[str, type | tuple[type, ...]] = {
        "Integer": int,
        "Boolean": bool,
        "String": str,
        "Float": (int, float),
    }
    simple["InputFile"] = str
    if kind in simple:
        right = isinstance(value, simple[kind]) and (kind == "Boolean" or not isinstance(value, bool))
        return None if right else f"{where} must be {kind}, not {value!r:.60}"
    return _object_complaint(where, value, kind)


def _object_complaint(where: str, value: Any, kind: str) -> str | None:
    known = TYPES.get(kind)
    if known is None or not isinstance(value, dict):
        return f"{where} must be {kind}"
    if isinstance(known, list):
        complaints = [_object_complaint(where, value, each) for each in known]
        return None if None in complaints else _closest(value, known, complaints)
    for name in value:
        if name not in known:
            return f"{where}.{name} is not known to {kind}"
    for name, facts in known.items():
        if facts[1] and name not in value:
            return f"{where}.{name} is required by {kind}"
    try:
        for name, item in value.items():
            _check(f"{where}.{name}", item, known[name])
    except Refused as refusal:
        return refusal.description.removeprefix("Bad Request: ")
    return None


def _closest(value: Mapping[str, Any], kinds: list[str], complaints: list[str | None]) -> str | None:
    """Of several kinds the complaint of the one that the value says it is."""
    said = str(value.get("type", "")).replace("_", "").lower()
    named = [c for kind, c in zip(kinds, complaints, strict=True) if said and kind.lower().endswith(said)]
    return (named or complaints)[0]
