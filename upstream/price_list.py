"""An operator's own price list: a file in the form of ``profiles.toml``, checked before it is used."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from bot.errors import SetupError
from bot.model import Quality
from bot.sizes import TIERS

_CREDIT, _AXES = "credit", "axes"


def price_list(file: Path, facts: Mapping[str, Any]) -> dict[str, Any]:
    """What the file says; ``facts`` are Easel's own. Raises `SetupError` with what is wrong."""
    try:
        own = tomllib.loads(file.read_text(encoding="utf-8-sig"), parse_float=Decimal)
    except (OSError, ValueError) as error:
        raise _wrong(file, getattr(error, "strerror", None) or str(error)) from error
    for complaint in _complaints(own, facts):
        raise _wrong(file, complaint)
    return own


def _complaints(own: Mapping[str, Any], facts: Mapping[str, Any]) -> Iterator[str]:
    yield from (f"[{name}]?" for name in own.keys() - facts.keys())
    for name, table in _tables(own, "prices"):
        yield from (f"prices.{name}.{where}" for where in _unpriced(table))
    for name, table in _tables(own, "tokens"):
        yield from (f"tokens.{name}.{kind}" for kind, rate in table.items() if not _rate(kind, rate))
    for name, row in _tables(own, "dialects"):
        if name not in facts["dialects"]:
            yield f"dialects.{name}?"
        for kind in ("prices", "tokens"):
            lists = {**facts[kind], **own.get(kind, {})}
            if row.get(kind, next(iter(lists))) not in lists:
                yield f"dialects.{name}.{kind} = {row[kind]}?"


def _tables(own: Mapping[str, Any], name: str) -> list[tuple[str, Mapping[str, Any]]]:
    """The tables within a table; what is none counts as an empty one, and is complained of as a price."""
    found = own.get(name, {})
    if not isinstance(found, dict):
        return [("", {"": found})]
    return [(key, table if isinstance(table, dict) else {"": table}) for key, table in found.items()]


def _unpriced(table: Mapping[str, Any]) -> Iterator[str]:
    """Where there is no price, or not of a quality and size class that there is."""
    for quality, classes in table.items():
        if quality == _CREDIT and _price(classes):
            continue
        if quality not in set(Quality) or not isinstance(classes, dict):
            yield str(quality)
            continue
        yield from (
            f"{quality}.{klass}" for klass, p in classes.items() if klass not in TIERS or not _price(p)
        )


def _rate(kind: str, value: Any) -> bool:
    """The price of a million tokens, or the table of how many there are."""
    if kind != _AXES:
        return _price(value)
    return isinstance(value, dict) and value.keys() <= set(Quality) and all(map(_price, value.values()))


def _price(value: Any) -> bool:
    """Whether it is an amount: a number that is neither negative nor endless."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return False
    return Decimal(value).is_finite() and 0 <= value < 1_000_000


def _wrong(file: Path, reason: str) -> SetupError:
    return SetupError("setup-prices-file", path=str(file), reason=reason[:200])
