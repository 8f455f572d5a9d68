"""Several processes of Easel's own on one PostgreSQL: shared, killed, taken over; everything once."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from bot.model import new_id
from tests import postgres
from tests.fakes.telegram import TOKEN, FakeTelegram, Message
from tests.whole.house import House, eventually, gone
from tests.whole.towns import KEY, Hesitant, Spent, TelegramTown, relay, relaying

pytestmark = [pytest.mark.whole, pytest.mark.postgresql]

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
            (TOKEN, KEY, SECRET),
            arguments=("--role", role),
        )
        self.houses[name] = house
        await house.start()
        return house

    def town(self, name: str) -> TelegramTown:
        return TelegramTown(self.houses[name], self.fake, self.relay)

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


async def painted(built: City, town: TelegramTown, asked: list[Message], seconds: float = 40.0) -> None:
    """Each has its one picture."""
    try:
        await eventually(lambda: all([m for m in town.answers(a) if m.photo] for a in asked), seconds)
    except AssertionError:
        shown = [[(m.text, bool(m.photo)) for m in town.answers(a)] for a in asked]
        raise AssertionError(f"{shown}\n{built.log}") from None
    for each in asked:
        assert [bool(said.photo) for said in town.answers(each)] == [True]


async def test_one_listens_two_work_and_one_of_each_is_killed(tmp_path: Path) -> None:
    """The jobs of the dead go on elsewhere; another one polls; nothing is lost and nothing done twice."""
    async with city(tmp_path, MAX_RUNNING_HERE="4") as built:
        listener = await built.house("listener", "listen")
        await asyncio.gather(built.house("one", "work"), built.house("two", "work"))
        town = built.town("listener")
        ada, home = town.somebody()
        spent = Spent(built.relay)
        assert (await listener.health())[1]["role"] == "listen"

        # shared
        asked = [town.fake.say(home, ada, f"/imagine {n} corgis") for n in range(8)]
        await painted(built, town, asked)
        assert spent.now == (8, 8)
        assert len({file.parent for file in tmp_path.glob("*/data/pictures/*.png")}) == 2

        # a worker and the listener are killed in the middle of it
        built.relay.delay = 3.0
        asked = [town.fake.say(home, ada, f"/imagine {n} cats") for n in range(8)]
        await eventually(lambda: spent.now == (16, 16))
        await built.houses["one"].kill()
        await listener.kill()
        since = time.monotonic()
        await built.house("another", "listen")
        help_ = town.fake.say(home, ada, "/help")
        await eventually(lambda: town.answers(help_), 15.0)
        assert time.monotonic() - since < 15
        await painted(built, town, asked)
        assert len(town.answers(help_)) == 1
        assert spent.now == (16, 16)
        await eventually(lambda: built.rows("SELECT DISTINCT state FROM jobs") == [("done",)])
        assert built.rows("SELECT sum(held) FROM purse") == [(0,)]
        await eventually(lambda: built.rows("SELECT count(*) FROM procrastinate_jobs") == [(0,)])
