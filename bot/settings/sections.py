"""The settings by what they are for. A variable is a section's prefix and a field's name, in capitals."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Self, cast
from urllib.parse import urlsplit

from pydantic import StringConstraints, ValidationError, model_validator
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.credits import OPERATOR, Quotas
from bot.model import Endpoint, Fault
from bot.security import redact
from bot.settings.values import (
    ApiKey,
    Hosts,
    HttpsUrl,
    Money,
    People,
    Secret,
    Token,
    Url,
    Urls,
    one_of,
    seconds,
    whole,
)

SANDBOX = "sandbox"
ADDRESSES: dict[str, tuple[str, ...]] = {
    "shenfeng": ("https://gpt222.shenfengwl.fun",),
    "jobs": (),
    "xinliu": ("https://cdn.wusag.com", "https://api.xinliu.one"),
    "image2free": ("https://image2free.com",),
    "jojokey": ("https://api.jojokey.com",),
    "openai": ("https://api.openai.com",),
    SANDBOX: (),
}
"""Dialects, and the public addresses of the services that speak them."""


def dialect_of(urls: Iterable[str]) -> str:
    """The dialect at whose public address one of these is; empty when none is known."""
    hosts = {urlsplit(url).hostname for url in urls}
    known = (name for name, theirs in ADDRESSES.items() if hosts & {urlsplit(u).hostname for u in theirs})
    return next(known, "")


class Role(StrEnum):
    """What this process is for, where several share a database."""

    ALL = "all"
    LISTEN = "listen"
    WORK = "work"

    @property
    def listens(self) -> bool:
        """Whether it hears people."""
        return self is not Role.WORK

    @property
    def works(self) -> bool:
        """Whether it runs jobs."""
        return self is not Role.LISTEN


class Section(BaseSettings):
    model_config = SettingsConfigDict(
        env_file_encoding="utf-8-sig", extra="ignore", frozen=True, validate_default=False
    )

    @model_validator(mode="before")
    @classmethod
    def _blank_is_unset(cls, found: dict[str, Any]) -> dict[str, Any]:
        stripped = {name: raw.strip() if isinstance(raw, str) else raw for name, raw in found.items()}
        return {name: value for name, value in stripped.items() if value != ""}

    @classmethod
    def variable(cls, field: str) -> str:
        """``"token"`` → ``"TELEGRAM_TOKEN"``."""
        return f"{cls.model_config.get('env_prefix', '')}{field}".upper()

    @classmethod
    def read(cls, env_file: str | Path, problems: list[Fault]) -> Self:
        """From the environment and the file; a problem more for each value that is wrong."""
        try:
            found: Any = cls(_env_file=env_file)  # pydantic's plugin for mypy takes it for a plain Section
        except ValidationError as error:
            problems += [cls._problem(wrong) for wrong in error.errors(include_url=False)]
            found = cls.model_construct()
        return cast(Self, found)

    @classmethod
    def _problem(cls, wrong: ErrorDetails) -> Fault:
        field = str(wrong["loc"][0])
        shown = cls.model_fields[field].repr
        value = redact(str(wrong["input"]))[:60] if shown else ""
        facts = {name: fact for name, fact in wrong.get("ctx", {}).items() if name != "kind"}
        return Fault(wrong["type"], {"name": cls.variable(field), "value": value, **facts})


class Telegram(Section, env_prefix="TELEGRAM_"):
    token: Token = ""
    api_url: Url = "https://api.telegram.org"
    webhook_url: HttpsUrl = ""


class Discord(Section, env_prefix="DISCORD_"):
    token: Secret = ""
    api_url: Url = "https://discord.com/api/v10"
    shards: Annotated[int | None, whole(1, 1000)] = None


class Web(Section, env_prefix="WEB_"):
    host: str = "127.0.0.1"
    port: Annotated[int, whole(0, 65_535)] = 8000
    password: Secret = ""
    public_url: Url = ""


class Relay(Section, env_prefix="UPSTREAM_"):
    dialect: Annotated[str, StringConstraints(to_lower=True)] = ""
    url: Urls = ()
    key: ApiKey = ""
    model: str = ""
    patience: Annotated[float, seconds(86_400)] = 1800.0

    @property
    def endpoint(self) -> Endpoint:
        """The operator's endpoint; of what is not said, the dialect's public address, else the sandbox."""
        dialect = self.dialect or self._guess()
        return Endpoint(OPERATOR, dialect, self.url or ADDRESSES.get(dialect, ()), self.key, self.model)

    @property
    def given(self) -> bool:
        """Whether any of it was set."""
        return bool(self.dialect or self.url or self.key)

    def _guess(self) -> str:
        return dialect_of(self.url) or "shenfeng" if self.url else SANDBOX


class Budget(Section, env_prefix="QUOTA_"):
    total_daily: Money = None
    total_monthly: Money = None
    chat_daily: Money = None
    chat_monthly: Money = None
    member_daily: Money = None
    member_monthly: Money = None

    @property
    def quotas(self) -> Quotas:
        return Quotas(**self.model_dump())


class Most(Section, env_prefix="MAX_"):
    running: Annotated[int, whole(0, 10_000)] = 0
    running_here: Annotated[int, whole(1, 10_000)] = 200
    running_chat: Annotated[int, whole(1, 1_000)] = 4
    running_member: Annotated[int, whole(1, 1_000)] = 2
    waiting_chat: Annotated[int, whole(1, 10_000)] = 100
    waiting_member: Annotated[int, whole(1, 10_000)] = 20
    transfers: Annotated[int, whole(1, 64)] = 4


class House(Section):
    store_url: Secret = "sqlite:///data/easel.db"
    data_folder: str = ""
    secret_key: Secret = ""
    trusted_hosts: Hosts = ()
    upstreams_file: str = ""
    prices_file: str = ""
    operators: People = ()
    access: Annotated[str, one_of("approve", "open")] = "approve"
    keep_days: Annotated[int, whole(1, 36_500)] = 30
    sandbox_delay: Annotated[float, seconds(3600)] = 2.0
    log_level: Annotated[str, one_of("debug", "info", "warning", "error")] = "info"
    log_format: Annotated[str, one_of("text", "json")] = "text"
