"""The moments of a job's life at which the power goes, each named by what has just happened."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.model import Accepted, Preview, Queued, Running, Succeeded

BY_ID = frozenset({"shenfeng", "jobs"})
"""Dialects whose relay gives an order an id that can be asked for later."""
LISTED = frozenset({"shenfeng"})
"""Of those the ones whose relay tells what was ordered lately: there an order without its id is found."""
AT_ONCE = frozenset({"xinliu", "image2free", "jojokey", "openai"})
"""Dialects whose relay answers an order with its pictures, and can't be asked for it again."""
DIALECTS = (*sorted(BY_ID), *sorted(AT_ONCE), "sandbox")
PLATFORMS = ("telegram", "discord", "web")
PAID = BY_ID | AT_ONCE

Given = Mapping[str, Any]
"""What a method was called with: by position as ``"0"``, ``"1"``, else by name."""


def _one(given: Given) -> int:
    return 1


def _keyed(given: Given) -> int:
    return 1 if given.get("key") else 0


def _result(given: Given) -> int:
    reply = given["1"]
    return 1 if reply.pictures and not reply.busy else 0


@dataclass(frozen=True)
class Point:
    """One moment. Easel's own process ends right ``before`` or ``after`` a method of a port.

    ``counts`` says how many jobs arrive with a call (0: it is about something else). Without a ``port``
    it is ended from outside, when the fakes have seen what ``name`` says. ``holds``: a method of the store
    that nobody gets through meanwhile; ``looked``: what the method was given to call has been called;
    ``slow``: relays finish nothing until then; ``cut``: relays take the order, and the line breaks before
    they say so. ``asks``: dialects whose jobs then rightly end in a question, since nobody can know whether
    the relay took the order.
    """

    name: str
    port: str = ""
    method: str = ""
    when: str = "after"
    counts: Callable[[Given], int] = _one
    dialects: frozenset[str] = frozenset(DIALECTS)
    platforms: tuple[str, ...] = PLATFORMS
    holds: str = ""
    looked: bool = False
    slow: bool = False
    cut: bool = False
    asks: frozenset[str] = field(default=frozenset())


def _yields(*kinds: type) -> Callable[[Given], int]:
    return lambda given: int(isinstance(given["step"], kinds))


POINTS = (
    Point(
        "update read",
        "store",
        "receive",
        counts=lambda given: len(given["1"]),
        platforms=("telegram", "discord"),
    ),
    Point("before the row", "store", "submit", "before", platforms=("telegram", "discord")),
    Point("row", "store", "submit", holds="begin"),
    # The order is on its way beside the placeholder, but for these.
    Point("before the placeholder", "faces", "send", "before", _keyed, holds="begin"),
    Point("placeholder", "faces", "send", "after", _keyed, holds="begin"),
    Point("placeholder noted", "store", "posted", holds="begin"),
    Point("begun", "store", "begin"),
    Point(
        "before the order",
        "store",
        "note",
        "before",
        counts=lambda given: int(given.get("submitted") is True),
    ),
    Point(
        "order announced",
        "store",
        "note",
        counts=lambda given: int(given.get("submitted") is True),
        asks=PAID,
    ),
    Point("ordered, not answered", dialects=PAID, asks=PAID - LISTED),
    Point("question due", "store", "unknown", dialects=PAID - LISTED, cut=True, asks=PAID - LISTED),
    Point("answered", "upstream", "generate", counts=_yields(Accepted), dialects=BY_ID, asks=BY_ID - LISTED),
    Point(
        "id noted",
        "store",
        "note",
        counts=lambda given: int(given.get("upstream_id") is not None),
        dialects=BY_ID,
    ),
    Point("polling", "upstream", "generate", counts=_yields(Queued, Running), dialects=BY_ID, slow=True),
    Point(
        "preview",
        "upstream",
        "generate",
        counts=_yields(Preview),
        dialects=frozenset({"xinliu", "openai", "sandbox"}),
        asks=AT_ONCE,
    ),
    Point("result fetched", "upstream", "generate", counts=_yields(Succeeded), asks=AT_ONCE),
    Point("result noted", "store", "place", "before", looked=True),
    Point("picture placed", "store", "place"),
    Point("result written", "store", "succeed"),
    Point("before the upload", "faces", "edit", "before", _result),
    Point("uploading", platforms=("telegram", "discord")),
    Point("uploaded, not answered", platforms=("telegram", "discord")),
    Point("upload", "faces", "edit", "after", _result),
    Point("before done", "store", "deliver", "before"),
    Point("done", "store", "deliver"),
)

BY_NAME = {point.name: point for point in POINTS}

SHORT = ("update read", "placeholder", "ordered, not answered", "polling", "uploaded, not answered")
"""What `make test` tries: a moment of each kind."""
