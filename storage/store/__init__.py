"""The store: each method one transaction, in the business's words."""

from __future__ import annotations

from storage.store.events import Events
from storage.store.files import Files
from storage.store.people import People
from storage.store.running import Running

__all__ = ["SqlStore"]


class SqlStore(Running, People, Files, Events):
    """Fills `bot.ports.Store` over a `Driver`. See there for what each method promises."""
