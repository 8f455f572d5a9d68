"""How a setting's text is read: each kind of value, and the sentence for one that is wrong.

A reader raises `PydanticCustomError`, whose type is the sentence's id in ``locales/``.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError
from pydantic_settings import NoDecode

from bot.model import UNIT, Amount, UserId

_MONEY = re.compile(r"\d{1,9}(\.\d{1,6})?")
_PERSON = re.compile(r"(telegram|discord):\d{1,20}")
_HOST = re.compile(r"([a-z0-9_.-]+|\[[0-9a-f:]+\])(:\d{1,5})?")
_TOKEN = re.compile(r"\d+:[\w-]+")
KEY = re.compile(r"[\x21-\x7e]+")
"""What a key is made of."""


def _wrong(kind: str, **facts: str) -> PydanticCustomError:
    return PydanticCustomError(kind, "{kind}", {"kind": kind, **facts})


def _read(reader: Callable[[str], Any]) -> BeforeValidator:
    """Texts are read; a default is taken as it is."""
    return BeforeValidator(lambda raw: reader(raw) if isinstance(raw, str) else raw)


def whole(least: int, most: int) -> BeforeValidator:
    def reader(raw: str) -> int:
        if re.fullmatch(r"\d{1,9}", raw) and least <= int(raw) <= most:
            return int(raw)
        raise _wrong("setup-setting-number", least=str(least), most=str(most))

    return _read(reader)


def seconds(most: int) -> BeforeValidator:
    def reader(raw: str) -> float:
        if re.fullmatch(r"\d{1,9}(\.\d{1,9})?", raw) and float(raw) <= most:
            return float(raw)
        raise _wrong("setup-setting-number", least="0", most=str(most))

    return _read(reader)


def one_of(*choices: str) -> BeforeValidator:
    def reader(raw: str) -> str:
        if raw.lower() in choices:
            return raw.lower()
        raise _wrong("setup-setting-choice", allowed=", ".join(choices))

    return _read(reader)


def _money(raw: str) -> Amount:
    if not _MONEY.fullmatch(raw):
        raise _wrong("setup-setting-money")
    return int(Decimal(raw) * UNIT)


def _url(raw: str, schemes: tuple[str, ...] = ("http", "https")) -> str:
    try:
        parts = urlsplit(raw)
        good = parts.scheme in schemes and parts.hostname and not re.search(r"\s", raw)
        _ = parts.port  # raises for one that is no number
    except ValueError:
        good = False
    if not good:
        raise _wrong("setup-setting-url" if "http" in schemes else "setup-setting-https")
    return raw.rstrip("/")


def _listed(raw: str) -> list[str]:
    return [part.strip() for part in re.split(r"[,，;\s]+", raw) if part.strip()]


def _matching(pattern: re.Pattern[str], kind: str) -> Callable[[str], str]:
    def reader(raw: str) -> str:
        if not pattern.fullmatch(raw):
            raise _wrong(kind)
        return raw

    return reader


def _all(reader: Callable[[str], str]) -> Callable[[str], tuple[str, ...]]:
    return lambda raw: tuple(reader(part) for part in _listed(raw))


Money = Annotated[Amount | None, _read(_money)]
Url = Annotated[str, _read(_url)]
Urls = Annotated[tuple[str, ...], NoDecode, _read(_all(_url))]
HttpsUrl = Annotated[str, _read(lambda raw: _url(raw, ("https",)))]
Secret = Annotated[str, Field(repr=False)]
Token = Annotated[str, Field(repr=False), _read(_matching(_TOKEN, "setup-setting-token"))]
ApiKey = Annotated[str, Field(repr=False), _read(_matching(KEY, "setup-setting-key"))]
People = Annotated[tuple[UserId, ...], NoDecode, _read(_all(_matching(_PERSON, "setup-setting-people")))]
Hosts = Annotated[
    tuple[str, ...],
    NoDecode,
    _read(lambda raw: _all(_matching(_HOST, "setup-setting-hosts"))(raw.lower())),
]
