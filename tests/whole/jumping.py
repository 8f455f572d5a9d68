"""Easel with a clock that can be set: as many hours off as the file ``clock`` beside it says."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import bot.model

_real = bot.model.now


def _now() -> datetime:
    return _real() + timedelta(hours=float(Path("clock").read_text()))


def set_clock(folder: Path, hours: float) -> None:
    """At once: nobody ever reads half of it."""
    draft = folder / "clock.new"
    draft.write_text(str(hours))
    draft.replace(folder / "clock")


if __name__ == "__main__":
    bot.model.now = _now  # before anybody else has it by name
    import bot.__main__ as front

    front._COUNT_EVERY = 0.2
    front.main()
