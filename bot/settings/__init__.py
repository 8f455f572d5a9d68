"""Settings: the environment and ``.env`` (the environment wins), read once into typed, frozen sections.

An empty value means "not set". What is wrong becomes one sentence each, all of them at once, in
one `SetupError`; no secret is ever part of a sentence or a ``repr``.
"""

from __future__ import annotations

import difflib
import logging
import os
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from dotenv.parser import Binding, parse_stream
from pydantic_settings import DotEnvSettingsSource

from bot.credits import Quotas
from bot.errors import SetupError
from bot.i18n import FALLBACK, words
from bot.model import Endpoint, Fault
from bot.offers import Offer
from bot.ports import Caps
from bot.security import redact
from bot.settings.relays import relays
from bot.settings.sections import (
    ADDRESSES,
    SANDBOX,
    Budget,
    Discord,
    House,
    Most,
    Relay,
    Role,
    Section,
    Telegram,
    Web,
)

__all__ = ["ADDRESSES", "SECTIONS", "Role", "Settings", "defaults", "machine_language"]

LANGUAGE = "LANGUAGE"
SQLITE = "sqlite:///"
_LINES_NAMED = 5
SECTIONS = (Telegram, Discord, Web, Relay, Budget, Most, House)

S = TypeVar("S", bound=Section)


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings. ``language`` is empty for each person's own; ``warnings`` are sentences.

    ``offers`` are the services of ``UPSTREAMS_FILE``.
    """

    telegram: Telegram
    discord: Discord
    web: Web
    upstream: Relay
    budget: Budget
    most: Most
    house: House
    language: str = ""
    warnings: tuple[str, ...] = ()
    offers: tuple[Offer, ...] = ()
    role: Role = Role.ALL

    @classmethod
    def load(cls, env_file: str | Path = ".env", spoken: Collection[str] = tuple(ADDRESSES)) -> Settings:
        """Read them. Raises `SetupError`, whose ``problems`` are sentences in the machine's language.

        ``spoken`` are the dialects that may be chosen.
        """
        written = _read_file(Path(env_file))
        problems: list[Fault] = []

        def read(section: type[S]) -> S:
            return section.read(env_file, problems)

        settings = cls(
            read(Telegram),
            read(Discord),
            read(Web),
            read(Relay),
            read(Budget),
            read(Most),
            read(House),
            _language(written.get(LANGUAGE.lower()), problems),
            (*_unreadable(Path(env_file)), *_typos(written, env_file)),
        )
        if not problems:
            offers = relays(settings.house.upstreams_file, spoken, problems)
            settings = replace(settings, offers=offers)
        problems += [] if problems else settings._contradictions(spoken)
        if problems:
            sentences = (*map(_say, problems), *settings.warnings)
            raise SetupError("setup-settings", problems="\n".join(sentences))
        return settings

    @property
    def endpoint(self) -> Endpoint:
        """For a chat that chose nothing: ``UPSTREAM_…``, else the file's first for all, else the sandbox."""
        if self.upstream.given:
            return self.upstream.endpoint
        return next((offer.endpoint for offer in self.offers if not offer.chats), self.upstream.endpoint)

    @property
    def endpoints(self) -> tuple[Endpoint, ...]:
        """All of the operator's."""
        return self.endpoint, *(offer.endpoint for offer in self.offers)

    @property
    def prices(self) -> Path | None:
        """The operator's own price list."""
        return Path(self.house.prices_file).expanduser() if self.house.prices_file else None

    @property
    def quotas(self) -> Quotas:
        return self.budget.quotas

    @property
    def caps(self) -> Caps:
        most = self.most
        return Caps(
            most.running_chat, most.running_member, most.waiting_chat, most.waiting_member, most.running
        )

    @property
    def folder(self) -> Path:
        """The data folder: the one given, else where the SQLite file is."""
        path = self.house.store_url.removeprefix(SQLITE)
        beside = Path(path).parent if path != self.house.store_url else Path("data")
        return Path(self.house.data_folder or beside).expanduser().absolute()

    @property
    def shared(self) -> bool:
        """Whether several processes may share the database."""
        return not self.house.store_url.startswith(SQLITE)

    def acting(self, role: Role) -> Settings:
        """The same for a process of this role. `SetupError` where there can be no other process."""
        if role is not Role.ALL and not self.shared:
            raise SetupError("setup-role-alone", role=role)
        return replace(self, role=role)

    @property
    def open_access(self) -> bool:
        return self.house.access == "open"

    @property
    def secrets(self) -> tuple[str, ...]:
        """Values that no log may show, whatever they look like."""
        given = (self.telegram.token, self.discord.token, self.web.password, self.house.secret_key)
        return tuple(value for value in (*given, *(endpoint.key for endpoint in self.endpoints)) if value)

    def describe(self) -> list[str]:
        """``NAME=value`` of all that differs from its default; secrets as ``…``."""
        lines = [line for section in self._sections() for line in _described(section)]
        return [*lines, f"{LANGUAGE}={self.language}"] if self.language else lines

    def _sections(self) -> tuple[Section, ...]:
        return (self.telegram, self.discord, self.web, self.upstream, self.budget, self.most, self.house)

    def _contradictions(self, spoken: Collection[str]) -> list[Fault]:
        """What is wrong with values that are right each for itself."""
        if self.shared and not self.house.secret_key:
            return [Fault("setup-secret-shared")]
        endpoint, allowed = self.endpoint, ", ".join(spoken)
        if endpoint.dialect not in spoken:
            facts = {"name": self.upstream.variable("dialect"), "value": endpoint.dialect, "allowed": allowed}
            return [Fault("setup-setting-choice", facts)]
        if endpoint.dialect == SANDBOX:
            unclear = self.upstream.key and not self.upstream.dialect
            return [Fault("setup-upstream-dialect", {"allowed": allowed})] if unclear else []
        found = []
        if not endpoint.key:
            found.append(Fault("setup-upstream-key", {"dialect": endpoint.dialect}))
        if not endpoint.urls:
            found.append(Fault("setup-upstream-url", {"dialect": endpoint.dialect}))
        return found


def defaults() -> dict[str, str]:
    """Every setting by the name of its variable, with its default as it would be written."""
    found = {
        section.variable(field): _spelt(about.default)
        for section in SECTIONS
        for field, about in section.model_fields.items()
    }
    return {**found, LANGUAGE: ""}


def machine_language() -> str:
    """The language of the machine's own user, for sentences on its console."""
    said = (os.environ.get(name, "") for name in (LANGUAGE, "LC_ALL", "LC_MESSAGES", "LANG"))
    return words().match(*(tag.split(".")[0] for value in said for tag in value.split(":")))


def _language(written: str | None, problems: list[Fault]) -> str:
    """The file's word, else the environment's.

    Of all variables this one alone may stand in the environment for other reasons (gettext's own
    ``LANGUAGE=en_GB:en``): there, what is no language of ours is passed over, and the file wins.
    """
    if wanted := (written or "").strip():
        if not _known(wanted):
            allowed = ", ".join(words().languages)
            problems.append(
                Fault("setup-setting-choice", {"name": LANGUAGE, "value": wanted[:60], "allowed": allowed})
            )
        return words().match(wanted)
    tags = os.environ.get(LANGUAGE, "").split(":")
    return next((words().match(tag) for tag in tags if tag and _known(tag)), "")


def _known(tag: str) -> bool:
    return words().match(tag) != FALLBACK or tag.lower().replace("_", "-").split("-")[0] == FALLBACK


def _read_file(path: Path) -> Mapping[str, str | None]:
    """All that the file says, names in lower case; nothing when there is no file.

    What is no line of it we say ourselves, once, in our words: the library would at every reading.
    """
    logging.getLogger("dotenv.main").setLevel(logging.ERROR)
    try:
        if path.exists():
            with path.open("rb") as file:
                file.read(1)  # a folder or a forbidden file says so here, by its own error
        return DotEnvSettingsSource(House, path).env_vars
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "UTF-8?"
        raise SetupError("setup-env-file", path=str(path), reason=reason) from error


def _unreadable(path: Path) -> Iterator[str]:
    """A sentence for the lines that say nothing, if there are any."""
    if not path.exists():
        return
    with path.open(encoding="utf-8-sig") as file:
        lines = [_line(one) for one in parse_stream(file) if one.error or (one.key and one.value is None)]
    if lines:
        shown = ", ".join(map(str, lines[:_LINES_NAMED])) + (", …" if len(lines) > _LINES_NAMED else "")
        yield _say(Fault("setup-env-lines", {"count": len(lines), "lines": shown, "path": str(path)}))


def _line(binding: Binding) -> int:
    """Where it stands, and not the empty lines before it."""
    text = binding.original.string
    return binding.original.line + text[: len(text) - len(text.lstrip())].count("\n")


def _typos(written: Mapping[str, str | None], env_file: str | Path) -> Iterator[str]:
    """A sentence for every name in the file that is nearly one of ours."""
    names = list(defaults())
    for name in (name.upper() for name in written):
        near = difflib.get_close_matches(name, names, 1, cutoff=0.8)
        if near and name not in names:
            yield _say(Fault("setup-typo", {"name": name, "near": near[0], "path": str(env_file)}))


def _say(fault: Fault) -> str:
    return words().say(machine_language(), fault.message_id, **fault.params)


def _spelt(value: Any) -> str:
    if value is None or value == ():
        return ""
    return f"{value:g}" if isinstance(value, float) else str(value)


def _described(section: Section) -> Iterator[str]:
    for field, about in type(section).model_fields.items():
        value = getattr(section, field)
        if value != about.default:
            shown = ",".join(value) if isinstance(value, tuple) else str(value)
            yield f"{section.variable(field)}={redact(shown) if about.repr else '…'}"
