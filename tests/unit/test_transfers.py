"""A place for pictures that travel: who goes out comes first, and no place is ever lost."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

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


async def test_a_picture_that_came_in_keeps_its_place_until_it_goes_out() -> None:
    """So that of many who come at once the first is done while the others still wait."""
    transfers, said = Transfers(2), list[str]()

    async def carry(name: str) -> None:
        async with transfers:
            said.append(f"{name} in")
            await asyncio.sleep(0)
        with transfers.landed():
            await asyncio.sleep(0.002)
        async with transfers.outward:
            said.append(f"{name} out")

    await asyncio.gather(*(carry(str(number)) for number in range(6)))
    for number in range(6):
        before = said[: said.index(f"{number} in")]
        under_way = sum(word.endswith("in") for word in before) - sum(word.endswith("out") for word in before)
        assert under_way <= 2, said
    assert not transfers.locked()


async def test_what_comes_in_quickly_comes_one_after_another() -> None:
    transfers, said = Transfers(4), list[str]()

    async def fetch(name: str) -> None:
        async with transfers:
            said.append(f"{name} begins")
            await asyncio.sleep(0.001)
            said.append(f"{name} in")

    await asyncio.gather(*(fetch(str(number)) for number in range(6)))
    assert said == [f"{number} {word}" for number in range(6) for word in ("begins", "in")]


async def test_what_comes_in_slowly_comes_side_by_side() -> None:
    transfers, begun, over = Transfers(3), asyncio.Semaphore(0), asyncio.Event()

    async def fetch() -> None:
        async with transfers:
            begun.release()
            await over.wait()

    fetching = [asyncio.create_task(fetch()) for _ in range(4)]
    async with asyncio.timeout(2):
        for _ in range(3):
            await begun.acquire()
    await asyncio.sleep(0.05)
    assert begun.locked(), "only three have a place"
    over.set()
    await asyncio.gather(*fetching)


async def test_pictures_that_fail_keep_nobody_waiting() -> None:
    transfers = Transfers(1)
    for _ in range(10):
        with suppress(ValueError), transfers.landed():
            raise ValueError
    async with asyncio.timeout(0.5), transfers:
        pass


async def test_a_picture_that_does_not_go_out_keeps_nobody_waiting_for_long(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("bot.transfers._SOON", 0.02)
    transfers = Transfers(1)
    async with transfers:
        waiting = asyncio.create_task(transfers.acquire())
        with transfers.landed():
            pass
    await asyncio.sleep(0)
    assert not waiting.done()
    async with asyncio.timeout(5):
        await waiting
    transfers.release()
    assert not transfers.locked()


class Crowd:
    """People at the places: who asks, who has one, who gives up; each step is a method."""

    def __init__(self, transfers: Transfers) -> None:
        self._transfers = transfers
        self._asked: list[asyncio.Task[Any]] = []

    @property
    def inside(self) -> list[asyncio.Task[Any]]:
        return [task for task in self._asked if task.done()]

    def come(self) -> None:
        self._asked.append(asyncio.create_task(self._transfers.acquire()))

    def leave(self) -> None:
        self._asked.append(asyncio.create_task(self._transfers.acquire_outward()))

    def land(self) -> None:
        with self._transfers.landed():
            pass

    def give_up(self) -> None:
        for task in [task for task in self._asked if not task.done()][:1]:
            task.cancel()
            self._asked.remove(task)

    def finish(self) -> None:
        for task in self.inside[:1]:
            self._transfers.release()
            self._asked.remove(task)

    def wait(self) -> None:
        for picture in list(self._transfers._landed):
            self._transfers._kept_no_longer(picture)
        self._transfers._no_more_ahead()

    async def go_home(self) -> None:
        self.wait()
        while self._asked:
            await asyncio.sleep(0)
            assert self.inside, "somebody waits for ever"
            self.finish()


STEPS = (Crowd.come, Crowd.leave, Crowd.land, Crowd.give_up, Crowd.finish, Crowd.wait)


@given(st.lists(st.sampled_from(STEPS), max_size=60), st.integers(1, 4))
def test_no_place_is_lost_and_none_is_given_twice(steps: list[Callable[[Crowd], None]], most: int) -> None:
    async def run() -> None:
        transfers = Transfers(most)
        crowd = Crowd(transfers)
        for step in steps:
            step(crowd)
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            assert len(crowd.inside) <= most
        await crowd.go_home()
        assert transfers._free == most

    asyncio.run(run())
