"""``UPSTREAMS_FILE``: several image services of the operator, each a table of a TOML file.

::

    [cheap]                          # the name that a chat says: /settings --relay cheap
    dialect = "jojokey"              # may be left out where the address is a known one
    url = "https://api.jojokey.com"  # or a list, of one account; may be left out where it is known
    key = "sk-…"
    model = "gpt-image-2"            # may be left out
    chats = ["telegram:-1001234"]    # may be left out: then every chat that is served may use it
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from bot.addresses import authorities
from bot.command import DEFAULT
from bot.credits import OPERATOR
from bot.errors import BadAddress, SetupError
from bot.model import ChatId, Endpoint, Fault
from bot.offers import Offer
from bot.settings.sections import ADDRESSES, SANDBOX, dialect_of
from bot.settings.values import KEY

FIELDS = ("dialect", "url", "key", "model", "chats")

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,31}")
_CHAT = re.compile(r"[a-z]+:[^:\s]+")


def relays(file: str, spoken: Collection[str], problems: list[Fault]) -> tuple[Offer, ...]:
    """The services that the file names, in its order; what is wrong with it is added to ``problems``.

    Raises `SetupError` when it can't be read at all.
    """
    if not file:
        return ()
    found = (_offer(_Table(file, name, table, problems), spoken) for name, table in _read(file).items())
    return tuple(offer for offer in found if offer)


def _read(file: str) -> Mapping[str, Any]:
    try:
        return tomllib.loads(Path(file).expanduser().read_text(encoding="utf-8-sig"))
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise SetupError("setup-relays-file", path=file, reason=reason[:200]) from error


class _Table:
    """One table, read field by field; each complaint is a sentence, and none holds the key."""

    def __init__(self, file: str, name: str, table: Any, problems: list[Fault]) -> None:
        self.name = name
        self._file, self._problems = file, problems
        self._table: Mapping[str, Any] = table if isinstance(table, dict) else {}
        self._before = len(problems)
        if not _NAME.fullmatch(name) or name == DEFAULT or not isinstance(table, dict):
            self._wrong("setup-relay-name")
        for field in self._table.keys() - set(FIELDS):
            self._wrong("setup-relay-field", field=field[:60], allowed=", ".join(FIELDS))

    @property
    def sound(self) -> bool:
        return len(self._problems) == self._before

    def text(self, field: str, pattern: re.Pattern[str] | None = None) -> str:
        found = self._table.get(field, "")
        if isinstance(found, str) and (not found or not pattern or pattern.fullmatch(found.strip())):
            return found.strip()
        self.wrong(field)
        return ""

    def texts(self, field: str) -> tuple[str, ...]:
        """A list of texts, or one."""
        found = self._table.get(field, [])
        listed = [found] if isinstance(found, str) else found
        if isinstance(listed, list) and all(isinstance(one, str) for one in listed):
            return tuple(one.strip() for one in listed if one.strip())
        self.wrong(field)
        return ()

    def wrong(self, field: str, allowed: str = "") -> None:
        self._wrong("setup-relay-value", field=field, allowed=allowed or "none")

    def missing(self, field: str) -> None:
        self._wrong("setup-relay-missing", field=field)

    def _wrong(self, sentence: str, **facts: str) -> None:
        self._problems.append(Fault(sentence, {"path": self._file, "name": self.name[:60], **facts}))


def _offer(table: _Table, spoken: Collection[str]) -> Offer | None:
    urls, key = table.texts("url"), table.text("key", KEY)
    dialect = table.text("dialect").lower() or dialect_of(urls)
    chats = table.texts("chats")
    try:
        authorities(urls)
    except BadAddress:
        table.wrong("url")
    if not dialect:
        table.missing("dialect")
    elif dialect not in spoken:
        table.wrong("dialect", ", ".join(spoken))
    elif dialect != SANDBOX:
        if not key:
            table.missing("key")
        if not urls and not ADDRESSES.get(dialect):
            table.missing("url")
    if not all(map(_CHAT.fullmatch, chats)):
        table.wrong("chats", "telegram:-1001234, discord:5678")
    if not table.sound:
        return None
    endpoint = Endpoint(
        f"{OPERATOR}:{table.name}", dialect, urls or ADDRESSES.get(dialect, ()), key, table.text("model")
    )
    return Offer(endpoint, frozenset(ChatId(chat) for chat in chats))
