"""A place for pictures that travel: who goes out comes first, and no place is ever lost."""

from __future__ import annotations

import asyncio

from bot.transfers import Transfers


async def test_what_goes_out_comes_before_what_comes_in() -> None:
    transfers, said = Transfers(1), list[str]()

    async def fetch(name: str) -> None:
        async with transfers:
            said.append(f"{name} in")
            await asyncio.sleep(0)
        async with transfers.outward:
            said.append(f"{name} out")

    await asyncio.gather(fetch("first"), fetch("second"), fetch("third"))
    assert said.index("first out") < said.index("third in")
    assert not transfers.locked()


async def test_who_gives_up_waiting_takes_no_place_along() -> None:
    transfers = Transfers(1)
    await transfers.acquire()
    waiting = [asyncio.create_task(transfers.acquire()), asyncio.create_task(transfers.acquire_outward())]
    await asyncio.sleep(0)
    waiting[1].cancel()  # while it waits
    await asyncio.sleep(0)
    transfers.release()
    waiting[0].cancel()  # when it was just given its place
    await asyncio.gather(*waiting, return_exceptions=True)
    assert not transfers.locked()
    async with transfers, asyncio.timeout(1):
        assert transfers.locked()
