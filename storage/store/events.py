"""Events of platforms that forget them once they are confirmed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from storage import inbox
from storage.store.base import Base, written
from storage.transaction import Transaction


class Events(Base):
    @written
    async def receive(self, tx: Transaction, platform: str, events: Mapping[str, bytes]) -> list[str]:
        return await inbox.receive(tx, platform, events, self._presence.number)

    async def pending(self, platform: str) -> dict[str, bytes]:
        if left := await inbox.orphans(self._read, platform, await self._presence.living(self._read)):
            await self._adopt(platform, left)
        return await inbox.pending(self._read, platform, self._presence.number)

    @written
    async def _adopt(self, tx: Transaction, platform: str, events: Sequence[str]) -> None:
        """What another process has adopted meanwhile stays its own."""
        living = await self._presence.living(tx)
        left = set(events).intersection(await inbox.orphans(tx, platform, living))
        await inbox.adopt(tx, platform, sorted(left), self._presence.number)

    @written
    async def handled(self, tx: Transaction, platform: str, event: str) -> None:
        await inbox.handled(tx, platform, event)
