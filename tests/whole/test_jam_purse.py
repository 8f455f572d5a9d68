"""One jam, one purse, and people who press whatever they ever saw, in any order, over many crashes."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain, count
from pathlib import Path
from random import Random

import pytest

from bot.credits import Quotas
from bot.errors import Moderated, UpstreamBusy
from bot.jam import Jam, Stage
from bot.jam_view import bill
from bot.model import ChatId, Invocation, Job, Post
from tests.contract.store_kit import SqlitePlace, audit
from tests.fakes.stage import person
from tests.rooms.conftest import House

pytestmark = pytest.mark.whole

HERE = ChatId("stage:group")
PEOPLE = ("ann", "ben", "cy", "dee", "eve")
STEPS = 300
WHAT = {
    "press": 60,
    "add": 18,
    "go": 12,
    "settle": 12,
    "twice": 6,
    "restart": 5,
    "fail": 5,
    "delete": 5,
}
"""What happens, and how often compared with the rest."""

Step = tuple[str, int, int]


def script(seed: int) -> Iterator[Step]:
    """What is done, by whom, and a number that says to what."""
    dice = Random(seed)
    for what in dice.choices(list(WHAT), list(WHAT.values()), k=STEPS):
        yield what, dice.randrange(len(PEOPLE)), dice.randrange(1000)


@dataclass
class Evening:
    """What people did, by event; and every button that was ever seen."""

    house: House
    events: count[int] = field(default_factory=count)
    last: Invocation | None = None

    def event(self, who: int, command: str, text: str, **options: str) -> Invocation:
        name = f"event {next(self.events)}"
        return Invocation(
            name,
            HERE,
            person(PEOPLE[who]),
            command,
            text,
            options,
            origin=Post(HERE, "", "press"),
            pressed=not options,
        )

    def buttons(self) -> list[tuple[str, str]]:
        """Of all canvases, as they look now and as they ever looked."""
        replies = chain.from_iterable(message.history for message in self.house.stage.messages.values())
        seen = (button for reply in replies for row in reply.buttons for button in row)
        return sorted({(b.command, b.text) for b in seen if b.command.startswith("jam")} - {("jamadd", "")})

    async def do(self, what: str, who: int, number: int, jam: Jam) -> None:
        match what:
            case "add":
                await self.hear(self.event(who, "jamadd", jam.id, phrase=f"word {number % 23}"))
            case "go":
                rivals = (self.event(each, "jamgo", f"{jam.id} {jam.round}") for each in (who, 0, 1))
                await asyncio.gather(*(self.house.bot.handle(rival) for rival in rivals))
            case "press":
                offered = [each for each in self.buttons() if each[0] not in ("jamalbum", "jamadd")]
                calm = [each for each in offered if each[0] != "jamend" or number == 7]
                if calm:
                    await self.hear(self.event(who, *calm[number % len(calm)]))
            case "twice" if self.last:
                await self.hear(self.last)
            case "fail" if not self.house.painter.faults:
                self.house.painter.faults.append(Moderated() if number % 2 else UpstreamBusy())
            case "settle":
                await self.quiet(jam.id)
            case "delete" if self.house.stage.messages:
                names = list(self.house.stage.messages)
                self.house.stage.messages.pop(names[number % len(names)])

    async def hear(self, event: Invocation) -> None:
        self.last = event
        await self.house.bot.handle(event)

    async def quiet(self, jam: str) -> Jam:
        """Once nothing is being painted any more; what the crashes left unknown is given up by people."""
        async with asyncio.timeout(30):
            while True:
                now = await self.house.store.jam(jam)
                assert now
                for job in await self.jobs():
                    await self.house.store.give_up(job.id)
                self.house.services.canvases.knock.set()
                if now.stage is not Stage.PAINTING and not any(job.state.live for job in await self.jobs()):
                    return now
                await asyncio.sleep(0.02)

    async def jobs(self) -> list[Job]:
        return await self.house.store.jobs(HERE, limit=1000)


async def live_through(folder: Path, seed: int, options: str) -> None:
    # What all have together is more than a member has, so that caps are reached.
    evening = Evening(House(folder, quotas=Quotas(member_daily=110_000, chat_daily=300_000)))
    left, name = script(seed), ""
    again = True
    while again:
        again = False
        async with evening.house.lives() as house:
            if not name:
                await house.bot.handle(evening.event(0, "jam", f"a city {options}"))
                jam = await house.store.jam_here(HERE)
                assert jam
                name = jam.id
            for what, who, number in left:
                if what == "restart":
                    again = True
                    break
                now = await house.store.jam(name)
                assert now
                await evening.do(what, who, number, now)
            if not again:
                await the_books_are_right(evening, await evening.quiet(name), folder)


async def the_books_are_right(evening: Evening, jam: Jam, folder: Path) -> None:
    house, jobs = evening.house, await evening.jobs()
    ordered = [job.invocation for job in jobs]
    assert len(set(ordered)) == len(ordered) <= jam.orders
    assert all(event.startswith(f"jam:{jam.id}:") for event in ordered)
    painted = [job for job in jobs if job.pictures]
    assert [job.id for job in reversed(painted)] == [one.job for one in jam.rounds]
    assert len(house.painter.submits) == len(jobs), "no order was given twice"
    assert jam.spent == sum(job.cost or 0 for job in painted)
    used = audit(SqlitePlace(folder))
    shares = {user: amount for user, amount in bill(jam).items() if amount}
    for pot in ("operator", "stage:group"):
        booked = {user: used.get(f"{pot}/{user}", 0) for user in (person(who).id for who in PEOPLE)}
        assert {user: amount for user, amount in booked.items() if amount} == shares
        assert sum(booked.values()) == jam.spent
    assert used.get("operator", 0) == used.get("operator/stage:group", 0) == jam.spent


@pytest.mark.parametrize(("seed", "options"), [(1, "--cost shared --go anyone"), (2, "--go quorum:2")])
async def test_hundreds_of_presses_and_crashes_leave_the_books_right(
    tmp_path: Path, seed: int, options: str
) -> None:
    await live_through(tmp_path, seed, options)
