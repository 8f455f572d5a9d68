"""A platform that is not configured any more: what was asked for there brings nobody down, and waits."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

from bot.errors import NotDelivered, UnknownOutcome
from bot.jams import Watch
from bot.model import ChatId, State, now
from bot.reconciling import Reconciler
from tests.rooms.conftest import House
from tests.rooms.test_core import GROUP, done, latest, says


async def test_what_was_asked_for_where_there_is_no_face_any_more_waits_for_one(tmp_path: Path) -> None:
    """A question that nobody was asked yet, and a jam whose time is up meanwhile."""
    house = House(tmp_path)
    async with house.lives():
        await house.stage.say("/jam a city --minutes 5", chat="stage:town")
        house.painter.faults = [UnknownOutcome()]
        house.stage.faults = [NotDelivered() for _ in range(1000)]
        await house.stage.say("/imagine a fox")
        asked = await latest(house, State.UNKNOWN)
        jam = await house.store.jam_here(ChatId("stage:town"))
        assert jam
    house.configured = False
    async with house.lives():
        await house.store.change_jam(jam.id, lambda jam: replace(jam, due=now()))
        reconciling = asyncio.create_task(Reconciler(house.services, every=0.01).run())
        watching = asyncio.create_task(Watch(house.services).run())
        async with asyncio.timeout(5):
            while not await house.store.jobs(ChatId("stage:town"), states=(State.DELIVERING,)):
                await asyncio.sleep(0.01)
        assert not reconciling.done()
        assert not watching.done()
        assert [job.id for job in await house.store.untold()] == [asked]
        for task in (reconciling, watching):
            task.cancel()
        await asyncio.gather(reconciling, watching, return_exceptions=True)
    house.configured = True
    house.stage.faults.clear()
    async with house.lives():
        await house.stage.until(says("you decide"), str(GROUP))
        await house.stage.until(done, "stage:town")
