"""What Discord's REST API accepts: routes, queries and bodies, from ``api.json``."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

API = json.loads(Path(__file__).with_name("api.json").read_text(encoding="utf-8"))


class Refused(Exception):
    """An answer that is an error: HTTP status, Discord's own code, its words, and more of the body."""

    def __init__(self, status: int, code: int, message: str, **more: Any) -> None:
        super().__init__(f"{status} {code} {message}")
        self.status, self.code, self.message, self.more = status, code, message, more


class Violation(Refused):
    """A request that Discord would never accept: a fault of the caller."""

    def __init__(self, message: str, status: int = 400, code: int = 50035) -> None:
        super().__init__(status, code, message)


@dataclass(frozen=True)
class Match:
    """A request's route, as the document writes it, with what its path holds."""

    route: str
    parts: dict[str, str]

    @property
    def facts(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = API["routes"][self.route]
        return found


def match(method: str, path: str) -> Match:
    """Raises `Violation` for a route that is not known."""
    for route, pattern in _patterns():
        known, _, _ = route.partition(" ")
        if known == method and (found := pattern.fullmatch(path)):
            return Match(route, found.groupdict())
    raise Violation(f"no route {method} {path}", 404, 0)


@cache
def _patterns() -> list[tuple[str, re.Pattern[str]]]:
    """Fixed paths first: ``@original`` is no message id."""
    found = []
    for route in sorted(API["routes"], key=lambda route: route.count("{")):
        path = re.sub(r"\\{(\w+)\\}", _part, re.escape(route.partition(" ")[2]))
        found.append((route, re.compile(path)))
    return found


def _part(found: re.Match[str]) -> str:
    return f"(?P<{found[1]}>[^/]+)" if found[1].endswith("token") else rf"(?P<{found[1]}>\d+)"


def check(found: Match, query: Mapping[str, str], body: Any, *, files: bool) -> None:
    """Raises `Violation` for a query, body or file that the document does not know."""
    for name in query:
        if name not in found.facts["query"]:
            raise Violation(f"{found.route}: no query {name}")
    if files and not found.facts["files"]:
        raise Violation(f"{found.route} takes no files")
    if found.facts["body"] is None:
        if body is not None:
            raise Violation(f"{found.route} takes no body")
        return
    if wrong := _wrong(found.route, json.dumps(body)):
        raise Violation(wrong)


@cache
def _wrong(route: str, body: str) -> str:
    """What is said more than once, as the list of all commands at every start, is looked at once."""
    error = best_match(_validator(route).iter_errors(json.loads(body)))
    if error is None:
        return ""
    where = ".".join(map(str, error.absolute_path)) or "the body"
    return f"{route}: {where}: {error.message[:300]}"


@cache
def _validator(route: str) -> Draft202012Validator:
    return Draft202012Validator({"allOf": [API["routes"][route]["body"]], "schemas": API["schemas"]})
