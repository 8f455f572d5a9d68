"""A city: one Easel with every platform and every dialect at once, and people who ask in all of them."""

from __future__ import annotations

import asyncio
import signal
import sqlite3
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from tests.contract.harness_web import Tab
from tests.crash.doomed import ARMED
from tests.crash.points import DIALECTS, PAID, Point
from tests.crash.table import Count
from tests.fakes.discord import TOKEN as DISCORD_TOKEN
from tests.fakes.discord import Channel, FakeDiscord
from tests.fakes.discord import Person as Member
from tests.fakes.relay import KEY, Relay
from tests.fakes.telegram import TOKEN, FakeTelegram, Person, Place
from tests.whole.house import House, gone

_SECONDS = 40.0
_QUICK, _FOREVER = 0.3, 3600.0
_RETRY = "Try again"
_SETTINGS = {
    "ACCESS": "open",
    "UPSTREAM_DIALECT": "sandbox",
    "SANDBOX_DELAY": "0.3",
    "MAX_RUNNING_CHAT": "100",
    "MAX_RUNNING_MEMBER": "100",
    "MAX_TRANSFERS": "64",
}


@dataclass(frozen=True)
class Ask:
    """One picture that somebody asked for; its ``prompt`` finds it again everywhere."""

    dialect: str
    platform: str
    prompt: str


@dataclass(frozen=True)
class Seen:
    """One message that shows a job: its pictures, and whether it asks what to do."""

    pictures: int = 0
    asks: bool = False


class Quarter(Protocol):
    """The people of one platform."""

    async def settle(self) -> None:
        """Choose a dialect in each chat."""
        ...

    async def ask(self, ask: Ask) -> None: ...
    async def look(self) -> None:
        """See what is there after a restart."""
        ...

    def seen(self, ask: Ask) -> list[Seen]: ...


class OnTelegram:
    def __init__(self, fake: FakeTelegram) -> None:
        self._fake = fake
        self._people: dict[str, tuple[Person, Place]] = {}
        for dialect in DIALECTS:
            person = fake.person(f"Ada of {dialect}")
            self._people[dialect] = person, fake.private(person)

    async def settle(self) -> None:
        for dialect, (person, place) in self._people.items():
            if dialect in PAID:
                self._fake.say(place, person, f"/settings --relay {dialect}")
                await _until(lambda p=place, d=dialect: any(d in m.text for m in self._fake.answers(p)))

    async def ask(self, ask: Ask) -> None:
        person, place = self._people[ask.dialect]
        self._fake.say(place, person, f"/imagine {ask.prompt}")

    async def look(self) -> None:
        """They look all the time."""

    def seen(self, ask: Ask) -> list[Seen]:
        said = [m for m in self._fake.answers(self._people[ask.dialect][1]) if ask.prompt in m.text]
        return [
            Seen(int(m.media is not None), _asks([label for row in m.buttons for label in row])) for m in said
        ]


class OnDiscord:
    def __init__(self, fake: FakeDiscord) -> None:
        self._fake = fake
        # How quick the machine is today is not what is tested; that a token dies has a test of its own.
        fake.answers.patience = 60.0
        self._rooms: dict[str, tuple[Channel, Member]] = {}
        for dialect in DIALECTS:
            person = fake.person(f"Ben of {dialect}")
            self._rooms[dialect] = fake.channel(fake.server(f"The Club of {dialect}", person)), person

    async def settle(self) -> None:
        for dialect, (room, person) in self._rooms.items():
            if dialect in PAID:
                await self._fake.slash(room, person, "settings", relay=dialect)
                await _until(
                    lambda r=room, p=person, d=dialect: any(d in m.content for m in self._fake.said(r, p))
                )

    async def ask(self, ask: Ask) -> None:
        await self._fake.slash(*self._rooms[ask.dialect], "imagine", prompt=ask.prompt)

    async def look(self) -> None:
        """They look all the time."""

    def seen(self, ask: Ask) -> list[Seen]:
        """What is for this job; "thinking…" that stays is a message too."""
        room, person = self._rooms[ask.dialect]
        found = []
        for message in self._fake.messages(room, person):
            if message.thinking:
                found += [Seen()] if message.ask and ask.prompt in str(message.ask.data) else []
            elif ask.prompt in message.content:
                found.append(Seen(len(message.files), _asks(message.labels)))
        return found


class OnTheWeb:
    def __init__(self, house: House) -> None:
        self._house = house
        self._tab: Tab | None = None

    async def settle(self) -> None:
        """There is one chat: its dialect is chosen before each request."""

    async def ask(self, ask: Ask) -> None:
        if self._tab is None:
            await self.look()
        assert self._tab
        wanted = ask.dialect if ask.dialect in PAID else "default"
        before = set(self._tab.messages)
        await self._tab.say(f"/settings --relay {wanted}")
        await _until(lambda: self._answered(before))
        await self._tab.say(f"/imagine {ask.prompt}")

    def _answered(self, before: set[str]) -> bool:
        assert self._tab
        new = (m for at, m in self._tab.messages.items() if at not in before and not m["mine"])
        return any("Image service:" in m["text"] for m in new)

    async def look(self) -> None:
        """Open the page again."""
        await self.close()
        self._tab = Tab(self._house.url)
        await self._tab.open()

    async def close(self) -> None:
        if self._tab:
            await self._tab.close()
        self._tab = None

    def seen(self, ask: Ask) -> list[Seen]:
        shown = self._tab.messages.values() if self._tab else ()
        said = [m for m in shown if not m["mine"] and ask.prompt in m["text"]]
        return [Seen(len(m["pictures"]), _asks([b["label"] for r in m["buttons"] for b in r])) for m in said]


@dataclass
class City:
    house: House
    telegram: FakeTelegram
    discord: FakeDiscord
    relays: Mapping[str, Relay]
    quarters: Mapping[str, Quarter]
    tried: int = 0

    async def start(self, point: Point) -> None:
        """A process that is doomed to end at this point, once it is armed."""
        if point.port:
            await self.house.launch("tests.crash.doomed", DOOM=point.name, DOOMED=str(len(_wanted(point))))
            await self.house.healthy()
        else:
            await self.house.start()
        await self.look()

    async def endure(self, point: Point, then: Point) -> list[tuple[Ask, Count]]:
        """Everybody asks, the power goes at this point, Easel starts again; what became of it.

        The Easel that takes it up is the one that is to end at the point that comes ``then``.
        """
        self.tried += 1
        asks = [
            Ask(dialect, platform, f"No{self.tried} {point.name} by {dialect} on {platform}")
            for dialect, platform in _wanted(point)
        ]
        await self.die(point, asks)
        await self.start(then)
        with suppress(AssertionError):  # what did not end is counted as lost
            await _until(lambda: all(self._ended(ask, point) for ask in asks) and not self.under_way())
        await asyncio.sleep(0.1)
        return [(ask, self.count(ask, needless=ask.dialect not in point.asks)) for ask in asks]

    async def die(self, point: Point, asks: Sequence[Ask]) -> None:
        """Ask, and see the process end."""
        for relay in self.relays.values():
            relay.delay = _FOREVER if point.slow else _QUICK
        assert self.house.process
        if point.port:
            if point.cut:
                _cut(self, asks)
            armed = self.house.log.count(ARMED)
            self.house.process.send_signal(signal.SIGUSR1)
            await _until(lambda: self.house.log.count(ARMED) > armed)
            await self.ask(asks)
            assert await self.house.ended(_SECONDS) == -signal.SIGKILL, self.house.log[-3000:]
        else:
            there = _OUTSIDE[point.name](self, asks)
            await self.ask(asks)
            await self.seen(there, asks)
            await self.house.kill()
        self.mend()

    async def seen(self, there: Callable[[], bool], asks: Sequence[Ask]) -> None:
        """Wait for a moment that the fakes see."""
        try:
            await _until(there)
        except AssertionError as late:
            shown = {ask.prompt: self.quarters[ask.platform].seen(ask) for ask in asks}
            orders = [str(o.fields.get("prompt")) for r in self.relays.values() for o in r.jobs.values()]
            raise AssertionError(f"{shown}\n{orders}\n{self.house.log[-3000:]}") from late

    async def look(self) -> None:
        for quarter in self.quarters.values():
            await quarter.look()

    async def ask(self, asks: Sequence[Ask]) -> None:
        self.telegram.updates.hold.clear()  # so that all of them are read at once
        for ask in asks:
            await self.quarters[ask.platform].ask(ask)
        self.telegram.updates.release()

    def mend(self) -> None:
        for relay in self.relays.values():
            relay.mend()
            relay.delay = _QUICK
            for order in relay.jobs.values():
                order.takes = min(order.takes, _QUICK)
        self.telegram.faults.clear()
        self.discord.faults.clear()

    def _ended(self, ask: Ask, point: Point) -> bool:
        may_ask = ask.dialect in point.asks
        return any(seen.pictures or (seen.asks and may_ask) for seen in self.quarters[ask.platform].seen(ask))

    def under_way(self) -> int:
        """Jobs that still want something."""
        live = "SELECT count(*) FROM jobs WHERE state IN ('queued', 'running', 'delivering')"
        return int(self._rows(live)[0][0])

    # counting: from outside, and from the ledger

    def count(self, ask: Ask, *, needless: bool) -> Count:
        """What became of one request. ``needless``: it had no reason to ask anything."""
        seen = self.quarters[ask.platform].seen(ask)
        pictures = sum(one.pictures for one in seen)
        asks = not pictures and any(one.asks for one in seen) and not needless
        return Count(
            jobs=1,
            delivered=int(pictures > 0),
            asked=int(asks),
            lost=int(not pictures and not asks),
            duplicated=max(0, max(pictures, len(seen)) - 1),
            submitted_twice=max(0, self._orders(ask) - 1),
            charged_twice=self._charges(ask),
        )

    def _orders(self, ask: Ask) -> int:
        if ask.dialect not in PAID:
            return 0
        orders = self.relays[ask.dialect].jobs.values()
        return sum(ask.prompt == order.fields.get("prompt") for order in orders)

    def _charges(self, ask: Ask) -> int:
        """Settlements of this request beyond one on each account."""
        settled = self._rows(
            "SELECT count(*) FROM ledger JOIN jobs ON jobs.id = ledger.job"
            " WHERE ledger.kind = 'settle' AND instr(jobs.request, ?) GROUP BY ledger.account",
            f'"{ask.prompt}"',
        )
        return sum(count - 1 for (count,) in settled)

    def ledger_difference(self) -> int:
        """Millionths of a dollar that do not fit: sums, holds that nobody needs, costs nobody settled."""
        purses = self._rows("SELECT account, period, settled, held FROM purse")
        booked: Counter[tuple[str, str, str]] = Counter()
        for account, kind, amount, day in self._rows("SELECT account, kind, amount, day FROM ledger"):
            for period in (f"day:{day}", f"month:{day[:7]}"):
                booked[account, period, kind] += amount
        wrong = 0
        for account, period, settled, held in purses:
            open_ = booked[account, period, "hold"] - booked[account, period, "release"]
            wrong += abs(settled - booked[account, period, "settle"]) + abs(held - open_)
        states = self._rows(
            "SELECT jobs.state, jobs.cost, held.amount, free.amount, paid.amount FROM ledger AS held"
            " JOIN jobs ON jobs.id = held.job"
            " LEFT JOIN ledger AS free ON (free.job, free.account, free.kind)"
            " = (held.job, held.account, 'release')"
            " LEFT JOIN ledger AS paid ON (paid.job, paid.account, paid.kind)"
            " = (held.job, held.account, 'settle')"
            " WHERE held.kind = 'hold'"
        )
        for state, cost, held, free, paid in states:
            ended = state in ("done", "failed", "cancelled", "delivering")
            wrong += abs((held if ended else 0) - (free or 0))
            wrong += abs((cost or 0) - (paid or 0))
        return wrong

    def _rows(self, sql: str, *params: Any) -> list[Any]:
        path = f"file:{self.house.home / 'easel.db'}?mode=ro"
        with closing(sqlite3.connect(path, uri=True, timeout=10)) as connection:
            return connection.execute(sql, params).fetchall()


def _wanted(point: Point) -> list[tuple[str, str]]:
    """Who asks at a point: dialects and platforms."""
    return [
        (dialect, platform)
        for platform in point.platforms
        for dialect in DIALECTS
        if dialect in point.dialects
    ]


# points that the fakes see


def _cut(city: City, asks: Sequence[Ask]) -> None:
    """The relays take every order, and the line breaks before they say so."""
    for name, count in Counter(ask.dialect for ask in asks).items():
        city.relays[name].fail("submit", "reset", accepted=True, times=count)


def _ordered(city: City, asks: Sequence[Ask]) -> Callable[[], bool]:
    """The relays take every order and never answer."""
    wanted = Counter(ask.dialect for ask in asks)
    before = {name: len(city.relays[name].jobs) for name in wanted}
    for name, count in wanted.items():
        city.relays[name].fail("submit", "timeout", accepted=True, times=count)
    return lambda: all(len(city.relays[name].jobs) - before[name] == wanted[name] for name in wanted)


def _uploaded(city: City, asks: Sequence[Ask]) -> Callable[[], bool]:
    """The platforms show every picture and never say so."""
    city.telegram.fail("editMessageMedia", "hang", 60, times=100)
    for route in ("PATCH /webhooks", "PATCH /channels"):
        city.discord.fail(route, "hang files", 60, times=100)
    return lambda: all(sum(seen.pictures for seen in city.quarters[ask.platform].seen(ask)) for ask in asks)


def _uploading(city: City, asks: Sequence[Ask]) -> Callable[[], bool]:
    """The platforms have seen the beginning of every picture, and no more."""
    wanted = Counter(ask.platform for ask in asks)
    city.telegram.fail("editMessageMedia", "choke", 60, times=100)
    city.discord.fail("PATCH", "choke", 60, times=100)
    before = {"telegram": city.telegram.choking, "discord": city.discord.choking}
    fakes = {"telegram": city.telegram, "discord": city.discord}
    return lambda: all(fakes[name].choking - before[name] >= wanted[name] for name in wanted)


_OUTSIDE = {
    "ordered, not answered": _ordered,
    "uploaded, not answered": _uploaded,
    "uploading": _uploading,
}


@asynccontextmanager
async def city(home: Path, first: Point) -> AsyncIterator[City]:
    """Built and started, with a dialect chosen in every chat; ``first``: the point at which it will end."""
    async with AsyncExitStack() as stack:
        telegram = await stack.enter_async_context(FakeTelegram())
        discord = await stack.enter_async_context(FakeDiscord())
        relays = {
            name: await stack.enter_async_context(Relay(name, delay=_QUICK, keys={KEY: 1e9}))
            for name in DIALECTS
            if name in PAID
        }
        home.mkdir(parents=True, exist_ok=True)
        file = home.parent / f"{home.name}.toml"
        file.write_text("".join(_endpoint(name, relay.url) for name, relay in relays.items()))
        settings = {
            **_SETTINGS,
            "TELEGRAM_TOKEN": TOKEN,
            "TELEGRAM_API_URL": telegram.url,
            "DISCORD_TOKEN": DISCORD_TOKEN,
            "DISCORD_API_URL": discord.url,
            "UPSTREAMS_FILE": str(file),
        }
        house = House(home, settings)
        on_the_web = OnTheWeb(house)
        quarters: dict[str, Quarter] = {
            "telegram": OnTelegram(telegram),
            "discord": OnDiscord(discord),
            "web": on_the_web,
        }
        try:
            here = City(house, telegram, discord, relays, quarters)
            await here.start(first)
            await _until(lambda: discord.world.commands)
            for quarter in quarters.values():
                await quarter.settle()
            yield here
        finally:
            await on_the_web.close()
            await gone(house)


def _endpoint(name: str, url: str) -> str:
    return f'[{name}]\ndialect = "{name}"\nurl = "{url}"\nkey = "{KEY}"\n'


def _asks(labels: Sequence[str]) -> bool:
    return any(label.startswith(_RETRY) for label in labels)


async def _until(condition: Callable[[], object], seconds: float = _SECONDS) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds} s"
        await asyncio.sleep(0.02)
