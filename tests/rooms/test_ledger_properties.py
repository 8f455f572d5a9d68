"""Money under any sequence of events: whatever happens in whatever order, the sums are right."""

from __future__ import annotations

import asyncio
import sqlite3
from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from itertools import count, pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.errors import CapReached, Refused
from bot.model import (
    LIVE,
    Allowance,
    ChatId,
    Fault,
    ImageRequest,
    Job,
    Key,
    Limit,
    PoolKey,
    State,
    User,
    UserId,
)
from bot.ports import Caps, Store
from storage.keeping import books
from storage.keeping.holdings import looked_at
from tests.contract.store_kit import APPEND_ONLY, SqlitePlace, a_job, audit

CAPS = Caps(running_chat=2, running_member=1, waiting_chat=4, waiting_member=3, running=3)
NO = Fault("error-down")
_worlds = count()

STEPS = ("submit again", "begin", "succeed", "old attempt", "deliver", "fail", "unknown", "give up", "cancel")
OF_THE_PURSE = ("grant", "grant again", "take back", "take back")
Event = tuple[str, int, int]
"""What happens, to which job (or who submits, and where), and an amount."""

events: st.SearchStrategy[Event] = st.tuples(
    st.sampled_from(
        [
            *["submit"] * 4,
            *["share", "borrow"] * 2,
            *["begin", "succeed"] * 2,
            *STEPS,
            *OF_THE_PURSE,
            "restart",
        ]
    ),
    st.integers(0, 14),
    st.sampled_from([*range(0, 90, 10), 7, 31]),
)


@dataclass
class World:
    """Three chats and five members, and what we believe of every account.

    ``more``: what was granted on top of its caps. One of the five lends each chat a key, again and again.
    """

    store: Store = field(init=False)
    name: str = field(default_factory=lambda: f"web:{next(_worlds)}")
    jobs: list[Job] = field(default_factory=list)
    used: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    more: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    grants: list[tuple[str, str, int]] = field(default_factory=list)

    def limits(self, job: Job) -> list[Limit]:
        """Of a job that is shared (its ``n`` says so), three members bear 1, 2 and 3 parts.

        One that is paid by a lent key is held on that key's account, and its asker's.
        """
        if job.endpoint != "operator":
            member = Limit(f"operator/{self.name}/{job.user.id}", daily=70, monthly=80, kind="member")
            return [Limit(job.endpoint, daily=40, monthly=60, kind="pool"), member]
        bearers = [(job.user.id, 0)] if job.request.n == 1 else [(self.member(at), at + 1) for at in range(3)]
        return [
            Limit(f"operator/{self.name}", daily=150, kind="operator"),
            Limit(f"operator/{job.chat}", monthly=100),
            *(
                Limit(f"operator/{self.name}/{user}", daily=70, monthly=80, kind="member", weight=weight)
                for user, weight in bearers
            ),
        ]

    def member(self, number: int) -> UserId:
        return UserId(f"{self.name}-member-{number}")

    def parts(self, job: Job, amount: int) -> dict[str, int]:
        """What each account bears; shares are cut so that they add up."""
        limits = self.limits(job)
        ends = [0, amount // 6, amount // 2, amount]
        shares = iter([after - before for before, after in pairwise(ends)])
        return {limit.account: next(shares) if limit.weight else amount for limit in limits}

    def book(self, job: Job, held: int, cost: int) -> None:
        """Give back what was held, if it was, and take the cost."""
        for sign, amount in ((-1, held), (1, cost)):
            for account, part in self.parts(job, amount).items():
                self.used[account] += sign * part

    def fits(self, job: Job) -> bool:
        """By our own figures: does the hold, or its share, lie below every cap?"""
        parts = self.parts(job, job.hold)
        return all(
            self.used[limit.account] + parts[limit.account] <= cap + self.more[limit.account]
            for limit in self.limits(job)
            for cap in (limit.daily, limit.monthly)
            if cap is not None
        )

    async def live(self, script: Iterator[Event]) -> bool:
        """Go on with the script; true when it wants a restart, false at its end."""
        for what, at, amount in script:
            if what == "restart":
                return True
            if what in ("submit", "share", "borrow"):
                await self.submit(at % 3, at % 5, amount, what)
            elif what in OF_THE_PURSE:
                await self.purse(what, at % 3, amount)
            elif self.jobs:
                await self.do(what, self.jobs[at % len(self.jobs)], amount)
            await self.check()
        await self.leave()
        return False

    def chat(self, number: int) -> ChatId:
        return ChatId(f"{self.name}-chat-{number}")

    def lent(self, chat: int) -> PoolKey:
        key = Key("shenfeng", (), b"sealed", "sk-…abcd")
        return PoolKey(self.chat(chat), User(self.member(0), "Ann"), key, Allowance(40, 60))

    async def purse(self, what: str, chat: int, amount: int) -> None:
        """A grant, made once; a key lent, or taken back with what waits for it."""
        if what == "grant":
            account = self.lent(chat).name if amount % 20 else f"operator/{self.chat(chat)}"
            self.grants.append((f"{self.name} {len(self.grants)}", account, amount))
            name, *_ = self.grants[-1]
            assert await self.store.grant(name, [account], amount)
            self.more[account] += amount
        elif what == "grant again" and self.grants:
            name, account, amount = self.grants[-1]
            assert not await self.store.grant(name, [account], amount)
        elif what == "take back":
            before = [await self.store.job(job.id) for job in self.jobs]
            await self.store.lend(self.lent(chat))
            assert await self.store.take_back(self.chat(chat), self.member(0))
            for job in before:
                if job and job.endpoint == self.lent(chat).name and job.state is State.QUEUED:
                    self.book(job, job.hold, 0)

    async def submit(self, chat: int, member: int, hold: int, what: str) -> None:
        request = ImageRequest("a corgi", n=3 if what == "share" else 1)
        pot = self.lent(chat).name if what == "borrow" else "operator"
        job = a_job(self.member(member), self.chat(chat), hold=hold, request=request, endpoint=pot)
        fits = self.fits(job)
        try:
            accepted = (await self.store.submit(job, self.limits(job))).job
        except CapReached:
            assert not fits
        except Refused:
            assert fits
        else:
            assert fits
            self.jobs.append(accepted)
            self.book(job, 0, hold)

    async def do(self, what: str, job: Job, amount: int) -> None:
        """Try something with a job, in whatever state it is, and book what it says it did."""
        store, now = self.store, await self.store.job(job.id)
        assert now is not None
        match what:
            case "submit again":
                again = await store.submit(job, self.limits(job))
                assert (again.fresh, again.job.id) == (False, job.id)
            case "begin":
                await store.begin(job.id)
            case "succeed" if await store.succeed(job.id, now.attempt, [], amount):
                assert now.state is State.RUNNING
                self.book(job, job.hold, amount)
            case "old attempt":
                assert await store.succeed(job.id, now.attempt - 1, [], amount) is None
                assert await store.fail(job.id, now.attempt - 1, NO) is None
            case "deliver":
                await store.deliver(job.id, now.attempt)
            case "fail" if await store.fail(job.id, now.attempt, NO):
                self.book(job, job.hold if now.state is State.RUNNING else 0, 0)
            case "unknown":
                await store.unknown(job.id, now.attempt, NO)
            case "give up" if await store.give_up(job.id):
                assert now.state is State.UNKNOWN
                self.book(job, job.hold, 0)
            case "cancel" if await store.cancel(job.id):
                assert now.state is State.QUEUED
                self.book(job, job.hold, 0)

    async def check(self) -> None:
        """Our figures and the store's agree, and nobody waits who could run."""
        standings = await self.store.standing(list(self.used))
        assert {s.account: s.day for s in standings} == self.used
        found = [await self.store.job(job.id) for job in self.jobs]
        live = [job for job in found if job and job.state in LIVE]
        busy = [job for job in live if job.state is not State.QUEUED]
        # Those that are only told that their key is gone had no turn, and are over at once.
        painted = [job for job in busy if job.fault is None or job.fault.message_id != "error-pool-gone"]
        assert all(sum(b.chat == j.chat for b in painted) <= CAPS.running_chat for j in live)
        assert all(sum(b.user == j.user for b in painted) <= CAPS.running_member for j in live)
        assert len(painted) <= CAPS.running
        for job in live:
            full = len(busy) >= CAPS.running
            full |= sum(b.chat == job.chat for b in busy) >= CAPS.running_chat
            full |= sum(b.user == job.user for b in busy) >= CAPS.running_member
            assert full or job.state is not State.QUEUED

    async def leave(self) -> None:
        """End all that is open, so that the next world has the engine to itself."""
        for state in (State.QUEUED, State.RUNNING, State.DELIVERING):
            for job in self.jobs:
                now = await self.store.job(job.id)
                if now and now.state is state:
                    await self.store.cancel(job.id) or await self.store.fail(job.id, now.attempt, NO)
                    await self.store.fail(job.id, now.attempt, NO)


async def live_through(place: SqlitePlace, script: list[Event]) -> None:
    world, left = World(), iter(script)
    again = True
    while again:
        async with place.open(CAPS) as world.store:
            again = await world.live(left)
    audit(place)
    report = await books.audit(lambda: looked_at(place.url, place.folder))
    assert not report.problems


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> SqlitePlace:
    """One database for all examples: each has accounts of its own, and the audit covers them all."""
    place = SqlitePlace(tmp_path_factory.mktemp("ledger"))
    asyncio.run(_open(place))
    with closing(sqlite3.connect(place.file)) as connection:
        connection.executescript(APPEND_ONLY)
    return place


async def _open(place: SqlitePlace) -> None:
    async with place.open():
        pass


@settings(max_examples=10, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(events, min_size=20, max_size=40))
def test_any_sequence_of_events_leaves_the_books_right(place: SqlitePlace, script: list[Event]) -> None:
    asyncio.run(live_through(place, script))
