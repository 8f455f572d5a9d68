"""An empty database of today's schema: its migrations are applied once a process, then it is copied."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path

from storage import schema


def prepare(file: Path) -> None:
    """Where there is none yet."""
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(_empty())


@cache
def _empty() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "easel.db"
        schema.bring_up_to_date(file)
        return file.read_bytes()
