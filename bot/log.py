"""Logs: calm lines for people, or JSON lines for machines; never a secret in either."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterable
from datetime import UTC, datetime

from bot.security import Redacting

CHATTY = (
    "aiosqlite",
    "asyncio",
    "discord",
    "engineio",
    "fastapi",
    "httpcore",
    "httpx",
    "nicegui",
    "PIL",
    "socketio",
    "telegram",
    "uvicorn",
    "watchfiles",
    "yoyo",
)
"""Libraries that tell each request; their warnings are heard."""


class _Calm(logging.Formatter):
    """``12:30:05 warning adapters.telegram: …`` on one line; ``info`` goes without saying."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802
        level = "" if record.levelno == logging.INFO else f"{record.levelname.lower()} "
        text = " ⏎ ".join(record.message.splitlines())
        return f"{self.formatTime(record, '%H:%M:%S')} {level}{record.name}: {text}"


class _Json(logging.Formatter):
    """One object a line: ``time`` (ISO 8601, UTC), ``level``, ``logger``, ``message``, ``trace``."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        traces = [text for text in (record.exc_text, record.stack_info) if text]
        return json.dumps(line | ({"trace": "\n".join(traces)} if traces else {}), ensure_ascii=False)


def configure(level: str = "info", style: str = "text", secrets: Iterable[str] = ()) -> None:
    """Log to standard error from now on.

    ``style`` is ``text`` or ``json``; ``secrets`` are hidden everywhere, whatever they look like.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(Redacting(secrets))
    handler.setFormatter(_Json() if style == "json" else _Calm())
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    logging.captureWarnings(True)
    for name in CHATTY:
        logging.getLogger(name).setLevel(max(logging.WARNING, logging.getLogger().level))
