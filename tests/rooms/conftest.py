"""The core on a stage: a real store, a chat platform and an image API in memory."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from bot.bot import Bot
from bot.commands import COMMANDS
from bot.context import Context, Services
from bot.credits import Quotas
from bot.engine import Engine
from bot.faces import Faces
from bot.i18n import Words, words
from bot.jams import Watch
from bot.model import Endpoint, Invocation, Job, Picture, UserId
from bot.offers import Offer, Offers
from bot.policy import Policy
from bot.ports import Caps, Link, Store, no_link
from bot.presenter import Presenter
from bot.reconciling import Reconciler
from bot.security import Vault
from bot.transfers import Transfers
from storage import open_store
from tests import sqlite
from tests.fakes.painter import Painter
from tests.fakes.stage import Stage

OPERATOR = Endpoint("operator", "painter", ("http://relay.example",), "sk-operators")


@dataclass
class House:
    """Easel without a wire."""

    folder: Path
    stage: Stage = field(default_factory=Stage)
    configured: bool = True
    painter: Painter = field(default_factory=Painter)
    quotas: Quotas = field(default_factory=Quotas)
    caps: Caps = field(default_factory=Caps)
    open_access: bool = True
    operators: tuple[UserId, ...] = ()
    operator: Endpoint = OPERATOR
    offers: tuple[Offer, ...] = ()
    link: Link = no_link
    words: Words = field(default_factory=words)
    reconciled: float = 10.0
    """Every so many seconds."""

    store: Store = field(init=False)
    services: Services = field(init=False)
    bot: Bot = field(init=False)
    transfers: Transfers = field(init=False)

    def _link(self, picture: Picture) -> str:
        return self.link(picture)

    @asynccontextmanager
    async def lives(self) -> AsyncIterator[House]:
        """One life of the process; leaving is a crash: nothing is finished, nothing is said."""
        adapters = Faces(stage=self.stage) if self.configured else Faces()
        file = self.folder / "easel.db"
        sqlite.prepare(file)
        async with open_store(f"sqlite:///{file}", self.folder, self.caps) as self.store:
            vault = Vault(b"v" * 32)
            policy = Policy(
                self.store,
                vault,
                adapters,
                Offers(self.operator, self.offers),
                open_access=self.open_access,
                operators=self.operators,
            )
            self.transfers = transfers = Transfers(4)
            presenter = Presenter(self.store, adapters, self.words, transfers, self._link)
            self.services = Services(
                self.store,
                self.painter,
                adapters,
                self.words,
                vault,
                policy,
                presenter,
                self.quotas,
                COMMANDS,
                link=self._link,
            )
            self.bot = Bot(self.services)
            work = Engine(self.services, transfers)
            work.reconciler = Reconciler(self.services, every=self.reconciled)
            engine = asyncio.gather(self.store.run(work.work), work.reconciler.run())
            jams = asyncio.create_task(Watch(self.services).run())
            face = asyncio.create_task(self.stage.run(self.bot))
            await asyncio.sleep(0)
            try:
                yield self
            finally:
                for task in (engine, face, jams):
                    task.cancel()
                await asyncio.gather(engine, face, jams, return_exceptions=True)


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    """A house that serves every chat."""
    async with House(tmp_path).lives() as living:
        yield living


class Killed(BaseException):
    """The process is gone: nothing that it runs catches this."""


async def cut_off(house: House, label: str, when: str) -> Invocation:
    """Somebody presses a button, and the process dies ``before`` or ``after`` it is ordered; the press."""
    heard: list[Invocation] = []
    submit = Context.submit

    async def handle(press: Invocation) -> None:
        heard.append(press)
        await house.bot.handle(press)

    async def dying(self: Context, *args: Any, **more: Any) -> Job | None:
        if when == "after":
            await submit(self, *args, **more)
        raise Killed

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(house.stage, "handle", handle)
        patch.setattr(Context, "submit", dying)
        with pytest.raises(Killed):
            await house.stage.press(label)
    return heard[0]
