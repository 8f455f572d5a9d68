"""Several processes of Easel's own on one PostgreSQL: shared, killed, taken over; everything once."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import psycopg
import pytest

from bot.model import new_id
from tests import postgres
from tests.contract.harness_web import Tab
from tests.fakes.discord import TOKEN as DISCORD_TOKEN
from tests.fakes.discord import Channel, FakeDiscord, Person
from tests.fakes.telegram import TOKEN, FakeTelegram, Message
from tests.whole.house import House, eventually, gone
from tests.whole.towns import KEY, DiscordTown, Hesitant, Spent, TelegramTown, relay, relaying

pytestmark = [pytest.mark.whole, pytest.mark.postgresql, pytest.mark.timeout(240)]

SECRET = "a secret that all of them know"


@dataclass
class City:
    """Several houses on one database, and one Telegram that they all are on."""

    folder: Path
    fake: FakeTelegram
    relay: Hesitant
    url: str
    houses: dict[str, House]
    settings: dict[str, str]

    async def house(self, name: str, role: str, **settings: str) -> House:
        """One more process, with a data folder of its own."""
        house = House(
            self.folder / name,
            {**self.settings, "DATA_FOLDER": str(self.folder / name / "data"), **settings},
            (TOKEN, DISCORD_TOKEN, KEY, SECRET),
            arguments=("--role", role),
        )
        self.houses[name] = house
        await house.start(seconds=120.0)
        return house

    def town(self, name: str) -> TelegramTown:
        return TelegramTown(self.houses[name], self.fake, self.relay)

    def polls(self, name: str) -> bool:
        return "it is this process's turn: telegram" in self.houses[name].log

    def queued(self) -> list[dict[str, object]]:
        """What Telegram would push."""
        return [update for _, update in self.fake.updates.queue.values()]

    async def push(self, name: str, update: dict[str, object]) -> int:
        """As Telegram does, to the one to which the balancer leads; the status of the answer."""
        assert self.fake.updates.webhook
        headers = {"X-Telegram-Bot-Api-Secret-Token": self.fake.updates.webhook.secret}
        async with aiohttp.ClientSession(self.houses[name].url, headers=headers) as session:
            return (await session.post("/telegram", json=update)).status

    async def known(self, jobs: int) -> None:
        """So many run whose message and whose id at the relay are written down: nothing is in between."""
        running = "SELECT count(*) FROM jobs WHERE state = 'running' AND upstream_id <> '' AND post_id <> ''"
        await eventually(lambda: self.rows(running) == [(jobs,)], 30.0)

    async def all_done(self) -> None:
        """Every job has ended, nothing is held, nothing is left to run, once the dead were found out."""
        await eventually(lambda: self.rows("SELECT DISTINCT state FROM jobs") == [("done",)], 40.0)
        await eventually(lambda: self.rows("SELECT count(*) FROM procrastinate_jobs") == [(0,)], 40.0)
        assert self.rows("SELECT sum(held) FROM purse") == [(0,)]

    def rows(self, sql: str) -> list[tuple[object, ...]]:
        with psycopg.connect(self.url) as connection:
            return connection.execute(sql.encode()).fetchall()

    @property
    def log(self) -> str:
        return "\n".join(f"── {name}\n{house.log[-2000:]}" for name, house in self.houses.items())


@asynccontextmanager
async def city(folder: Path, **settings: str) -> AsyncIterator[City]:
    url = postgres.database(f"city-{new_id()}")
    async with FakeTelegram() as fake, relay() as image_relay, AsyncExitStack() as stack:
        base = {
            "TELEGRAM_TOKEN": TOKEN,
            "TELEGRAM_API_URL": fake.url,
            "ACCESS": "open",
            "SECRET_KEY": SECRET,
            "STORE_URL": url,
            "MAX_RUNNING_CHAT": "100",
            "MAX_RUNNING_MEMBER": "100",
            **relaying(image_relay),
            **settings,
        }
        built = City(folder, fake, image_relay, url, {}, base)
        stack.push_async_callback(_all_gone, built)
        yield built
        for house in built.houses.values():
            assert house.leaks() == []
            assert "Traceback" not in house.log, house.log


async def _all_gone(built: City) -> None:
    for house in built.houses.values():
        await gone(house)


async def painted(built: City, town: TelegramTown, asked: list[Message], seconds: float = 60.0) -> None:
    """Each has its one picture."""
    try:
        await eventually(lambda: all([m for m in town.answers(a) if m.photo] for a in asked), seconds)
    except AssertionError:
        shown = [[(m.text, bool(m.photo)) for m in town.answers(a)] for a in asked]
        raise AssertionError(f"{shown}\n{built.log}") from None
    for each in asked:
        assert [bool(said.photo) for said in town.answers(each)] == [True]


async def test_two_listen_two_work_and_one_of_each_is_killed(tmp_path: Path) -> None:
    """The jobs of the dead go on elsewhere; the other one polls; nothing is lost and nothing done twice."""
    async with city(tmp_path, MAX_RUNNING_HERE="4") as built:
        roles = {"first": "listen", "second": "listen", "one": "work", "two": "work"}
        await asyncio.gather(*(built.house(name, role) for name, role in roles.items()))
        polling, standing = sorted(("first", "second"), key=lambda name: not built.polls(name))
        assert (built.polls(polling), built.polls(standing)) == (True, False)
        town = built.town(polling)
        ada, home = town.somebody()
        spent = Spent(built.relay)
        facts = [(await house.health())[1]["role"] for house in built.houses.values()]
        assert sorted(facts) == ["listen", "listen", "work", "work"]

        # shared: each worker takes some, and a listener shows what it did not make
        asked = [town.fake.say(home, ada, f"/imagine {n} corgis") for n in range(8)]
        await painted(built, town, asked)
        assert spent.now == (8, 8)
        made = {folder: len(list(tmp_path.glob(f"{folder}/data/pictures/*.png"))) for folder in roles}
        assert made["one"] + made["two"] == 8
        assert min(made["one"], made["two"]) >= 2
        assert (made["first"], made["second"]) == (0, 0)
        shown = town.fake.say(home, ada, "/show")
        await eventually(lambda: [m for m in town.answers(shown) if m.photo])
        assert len(list(tmp_path.glob(f"{polling}/data/pictures/*.png"))) == 1

        # a worker and the one that polls are killed in the middle of it
        built.relay.delay = 15.0
        asked = [town.fake.say(home, ada, f"/imagine {n} cats") for n in range(8)]
        await built.known(8)
        await asyncio.gather(built.houses["one"].kill(), built.houses[polling].kill())
        since = time.monotonic()
        help_ = town.fake.say(home, ada, "/help")
        await eventually(lambda: town.answers(help_), 15.0)
        assert time.monotonic() - since < 15
        assert built.polls(standing)
        await painted(built, town, asked)
        assert len(town.answers(help_)) == 1
        assert spent.now == (16, 16)
        await built.all_done()


async def test_a_webhook_may_lead_to_any_of_those_that_listen(tmp_path: Path) -> None:
    """Said twice, to one each, it is served once; what a dead one had heard, another one serves."""
    hook = "https://easel.example/telegram"
    async with city(tmp_path, TELEGRAM_WEBHOOK_URL=hook) as built:
        await asyncio.gather(*(built.house(name, "all") for name in ("one", "two")))
        town = built.town("one")
        ada, home = town.somebody()
        spent = Spent(built.relay)
        asked = [town.fake.say(home, ada, f"/imagine {n} corgis") for n in range(4)]
        updates = built.queued()
        assert len(updates) == 4
        for place, update in enumerate(updates):
            pushes = [built.push(name, update) for name in ("one", "two")[:: 1 if place % 2 else -1]]
            assert await asyncio.gather(*pushes) == [200, 200]
        await painted(built, town, asked)
        assert spent.now == (4, 4)

        # the one that heard it dies before it is served
        town.fake.fail("sendMessage", "hang", 5)
        late = town.fake.say(home, ada, "/help")
        assert await built.push("one", built.queued()[-1]) == 200
        await built.houses["one"].kill()
        town.fake.faults.clear()
        await eventually(lambda: [said for said in town.answers(late) if "/imagine" in said.text], 15.0)
        await built.all_done()


async def test_shards_are_split_and_the_dead_one_s_are_taken_over(tmp_path: Path) -> None:
    """Every server is served before and after; what the dead one had under way, the other one shows."""
    async with FakeDiscord() as fake:
        fake.gateway.shards = 2
        faces = {"TELEGRAM_TOKEN": "", "DISCORD_TOKEN": DISCORD_TOKEN, "DISCORD_API_URL": fake.url}
        async with city(tmp_path, **faces) as built:
            await asyncio.gather(*(built.house(name, "all") for name in ("one", "two")))
            await eventually(lambda: sorted(s.shard for s in fake.gateway.live) == [(0, 2), (1, 2)], 20.0)
            held = {name: built.houses[name].log.count("turn: discord: shard") for name in ("one", "two")}
            assert held == {"one": 1, "two": 1}
            town = DiscordTown(built.houses["two"], fake, built.relay)
            spent = Spent(built.relay)
            clubs: list[tuple[Channel, list[Person]]] = []
            while {(int(room.server.id) >> 22) % 2 for room, _ in clubs if room.server} != {0, 1}:
                await asyncio.sleep(0.001)  # the shard of a server is in the millisecond when it was made
                clubs.append(town.club("Ada Lovelace"))
            asked = [await fake.slash(room, who[0], "imagine", prompt="a corgi") for room, who in clubs]
            for ask in asked:
                await town.painted(ask, seconds=30.0)
            assert spent.now == (len(clubs),) * 2

            built.relay.delay = 15.0
            asked = [await fake.slash(room, who[0], "imagine", prompt="a cat") for room, who in clubs]
            await built.known(len(clubs))
            await built.houses["one"].kill()
            await eventually(lambda: len(fake.gateway.live) == 2, 30.0)
            for ask in asked:
                await town.painted(ask, seconds=60.0)
            last = [await fake.slash(room, who[0], "imagine", prompt="a fox") for room, who in clubs]
            for ask in last:
                await town.painted(ask, seconds=30.0)
            assert spent.now == (3 * len(clubs),) * 2
            assert fake.violations == []
            await built.all_done()


async def test_the_playground_of_one_that_listens_shows_what_another_painted(tmp_path: Path) -> None:
    """Two listeners and a worker: said at one page, painted elsewhere, seen on both pages."""
    faces = {"TELEGRAM_TOKEN": "", "WEB_PASSWORD": SECRET}
    async with city(tmp_path, **faces) as built:
        roles = {"first": "listen", "second": "listen", "worker": "work"}
        await asyncio.gather(*(built.house(name, role) for name, role in roles.items()))
        tabs = [Tab(built.houses[name].url, SECRET) for name in ("first", "second")]
        try:
            await asyncio.gather(*(tab.open() for tab in tabs))
            await tabs[0].say("/imagine a corgi")
            for tab in tabs:
                await eventually(lambda tab=tab: any(_pictures(tab)), 30.0)  # type: ignore[misc]
                (picture,) = _pictures(tab)
                shown = (await tab.http.get(picture["url"])).raise_for_status().content
                assert shown.startswith(b"\x89PNG")
                assert [said["mine"] for said in tab.messages.values()] == [True, False]
        finally:
            await asyncio.gather(*(tab.close() for tab in tabs))
        assert Spent(built.relay).charges == 1
        await built.all_done()


def _pictures(tab: Tab) -> list[dict[str, Any]]:
    return [picture for said in tab.messages.values() for picture in said["pictures"]]
