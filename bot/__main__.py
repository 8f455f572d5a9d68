"""The front door: settings → store → upstream → faces → run. The one module that sees every room."""

from __future__ import annotations

import argparse
import asyncio
import gc
import hashlib
import logging
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from importlib.metadata import version
from typing import NoReturn

# What libraries would import, can do without, and Easel never uses: a command line, reloading, old models.
for unused in ("httpx._main", "watchfiles", "pydantic.v1"):
    sys.modules.setdefault(unused, None)  # type: ignore[arg-type]
gc.disable()  # what is imported below is kept for good; looking for garbage in it takes a quarter of a second

from adapters.discord.adapter import Discord
from adapters.telegram.adapter import Telegram
from adapters.web.adapter import Web
from adapters.web.site import Hook
from bot import log as logs
from bot import metrics
from bot.bot import Bot
from bot.clock import Clock
from bot.commands import COMMANDS
from bot.context import Services
from bot.engine import Engine
from bot.errors import SetupError, StorageError
from bot.faces import Faces
from bot.i18n import words
from bot.jams import Watch
from bot.links import Links
from bot.loop import new_event_loop
from bot.model import now
from bot.offers import Offers
from bot.patience import outlasting
from bot.policy import Policy
from bot.ports import FINE, Adapter, Store
from bot.presenter import Presenter
from bot.prices import price_table
from bot.security import Vault, load_secret
from bot.settings import ADDRESSES, Role, Settings, machine_language
from bot.transfers import Transfers
from storage import open_store
from storage.keeping import commands as keeping
from upstream import DIALECTS, Patience, Upstreams
from upstream.transport import client_for

gc.freeze()
gc.enable()

log = logging.getLogger("easel")

_TIDY_EVERY = 3600.0
_COUNT_EVERY = 15.0
_PROBE_EVERY = 2.0
_LOOK_EVERY = 0.02
_AGAIN = 1.0
TELEGRAM_HOOK = "/telegram"


def main() -> None:
    """The command line: ``easel run``, ``easel prices``."""
    parser = argparse.ArgumentParser(
        prog="easel", description="Image APIs for Telegram, Discord and the web."
    )
    parser.add_argument("--version", action="version", version=f"easel {version('easel')}")
    commands = parser.add_subparsers(dest="command", metavar="command")
    running = commands.add_parser("run", help="serve every face (what is done without a command)")
    running.add_argument(
        "--role",
        choices=list(Role),
        default=Role.ALL,
        help="with PostgreSQL: listen to people, work at jobs, or all of it (the default)",
    )
    commands.add_parser("prices", help="print what pictures are taken to cost")
    keeping.declare(commands)
    given = parser.parse_args()
    command = given.command or "run"
    try:
        settings = Settings.load(spoken=DIALECTS)
        if command == "prices":
            print_prices(settings)
            return
        if "keeping" in given:
            sys.exit(keep(settings, given))
        logs.configure(settings.house.log_level, settings.house.log_format, settings.secrets)
        with asyncio.Runner(loop_factory=new_event_loop) as runner:
            runner.run(run(settings.acting(Role(getattr(given, "role", Role.ALL)))))
    except SetupError as error:
        _give_up(error)


def print_prices(settings: Settings) -> None:
    """The price table, with the operator's own prices in it."""
    upstream = Upstreams(asyncio.Semaphore(1), prices=settings.prices)
    print("\n".join(price_table(words(), machine_language(), upstream)))  # noqa: T201  # what was asked for


def keep(settings: Settings, given: argparse.Namespace) -> int:
    """What an operator does with a store besides running it; the exit status."""
    said = keeping.run(given, keeping.Kept(settings.house.store_url, settings.folder))
    print("\n".join(_say(line.message_id, **line.params) for line in said.lines))  # noqa: T201  # asked for
    return said.status


async def run(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT; unfinished jobs are left to the next start, which takes them up."""
    log.debug("settings that differ from the defaults: %s", ", ".join(settings.describe()) or "none")
    here = asyncio.current_task()
    assert here is not None  # noqa: S101  # asyncio.run made one
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, here.cancel)
    try:
        async with opened(settings) as easel:
            await easel.serve()
    except asyncio.CancelledError:
        log.info(_say("setup-stopped"))


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Easel]:
    """Everything opened and joined; nothing runs yet."""
    store_at = (settings.house.store_url, settings.folder, settings.caps)
    async with open_store(*store_at, here=settings.most.running_here) as store:
        secret = load_secret(settings.house.secret_key, settings.folder / "secret.key")
        transfers = Transfers(settings.most.transfers)
        async with Upstreams(
            transfers,
            sandbox_delay=settings.house.sandbox_delay,
            patience=Patience.up_to(settings.upstream.patience),
            prices=settings.prices,
            trusted=settings.house.trusted_hosts,
            addresses=ADDRESSES,
        ) as upstream:
            links = Links(settings.web.public_url, secret, settings.house.keep_days)
            faces = _faces(settings, store, secret, links)
            vault = Vault(secret)
            policy = Policy(
                store,
                vault,
                faces,
                Offers(settings.endpoint, settings.offers),
                addresses=ADDRESSES,
                open_access=settings.open_access,
                operators=settings.house.operators,
            )
            presenter = Presenter(store, faces, words(), transfers, links)
            services = Services(
                store=store,
                upstream=upstream,
                adapters=faces,
                words=words(),
                vault=vault,
                policy=policy,
                presenter=presenter,
                quotas=settings.quotas,
                commands=COMMANDS,
                language=settings.language,
                link=links,
            )
            yield Easel(settings, services, Engine(services, transfers))


def _faces(settings: Settings, store: Store, secret: bytes, links: Links) -> Faces:
    """The faces that are configured, by platform."""
    faces = Faces()
    hooks: dict[str, Hook] = {}
    if settings.telegram.token:
        telegram = Telegram(
            settings.telegram.token,
            api_url=settings.telegram.api_url,
            webhook_url=settings.telegram.webhook_url,
            secret=_derived(secret, "telegram webhook"),
            spool=store.spool,
            connect=client_for,
            listens=settings.role.listens,
        )
        faces["telegram"] = telegram
        if settings.telegram.webhook_url:
            hooks[TELEGRAM_HOOK] = _telegram_hook(telegram)
    if settings.discord.token:
        faces["discord"] = Discord(
            settings.discord.token,
            api_url=settings.discord.api_url,
            shards=settings.discord.shards,
            spool=store.spool,
            link=links,
            listens=settings.role.listens,
            shared=settings.shared,
        )
    faces["web"] = Web(
        settings.web.host,
        settings.web.port,
        password=settings.web.password,
        secret=_derived(secret, "web sessions").encode(),
        uploads=settings.folder / "uploads",
        find=store.picture,
        health=lambda: _health(settings.role, faces, store),
        metrics=metrics.render,
        hooks=hooks,
        opens=links.opens,
        listens=settings.role.listens,
        shared=settings.shared,
    )
    return faces


def _telegram_hook(telegram: Telegram) -> Hook:
    async def hear(headers: Mapping[str, str], body: bytes) -> int:
        return await telegram.webhook(headers.get("x-telegram-bot-api-secret-token", ""), body)

    return hear


def _health(role: Role, faces: Mapping[str, Adapter], store: Store) -> tuple[bool, Mapping[str, object]]:
    """Whether every configured face is ready, each by name, how storage is in a word, and the role."""
    ready = {name: face.ready for name, face in faces.items()}
    fine = all(ready.values()) and store.condition == FINE
    facts = {"role": role, "faces": ready, "storage": store.condition, "version": version("easel")}
    return fine, facts


def _derived(secret: bytes, purpose: str) -> str:
    """A secret for one purpose alone, the same after a restart."""
    return hashlib.blake2b(purpose.encode(), key=hashlib.sha256(secret).digest(), digest_size=24).hexdigest()


@dataclass(frozen=True, slots=True)
class Easel:
    """The house with everyone in it."""

    settings: Settings
    services: Services
    engine: Engine
    clock: Clock = field(default_factory=Clock)

    async def serve(self) -> None:
        """Run the engine and every face until cancelled. The web face alone is indispensable.

        Faces end after everything else: what is just being sent still needs them.
        """
        bot = Bot(self.services)
        try:
            async with asyncio.TaskGroup() as faces:
                for face in self.services.adapters.values():
                    faces.create_task(self._serve(face, bot), name=face.name)
                async with asyncio.TaskGroup() as tasks:
                    self._work(tasks)
        except BaseExceptionGroup as group:
            if found := group.subgroup(SetupError):
                raise _first(found) from None
            raise

    def _work(self, tasks: asyncio.TaskGroup) -> None:
        if self.settings.role.works:
            tasks.create_task(self.services.store.run(self.engine.work), name="engine")
        tasks.create_task(self._alone("reconciling", self.engine.reconciler.run), name="reconciling")
        tasks.create_task(Watch(self.services).run(), name="jams")
        tasks.create_task(self._keep_tidy(), name="tidy")
        tasks.create_task(self._keep_watch(), name="watch")
        tasks.create_task(self._greet(), name="greeting")

    async def _serve(self, face: Adapter, bot: Bot) -> None:
        """A face that can't start says why and leaves the others alone; ``/health`` then says 503."""
        try:
            await face.run(bot)
        except SetupError as error:
            if face.name == "web":
                raise
            log.error(_say(error.sentence, **error.params))  # noqa: TRY400  # a sentence, not a trace

    async def _alone(self, name: str, run: Callable[[], Awaitable[None]]) -> None:
        """In one process of all that share the database; when it dies, in another."""
        while True:
            try:
                async with self.services.store.turn(name):
                    await run()
            except StorageError as error:
                log.warning("%s stops here until the database answers: %s", name, error.__cause__)
            await asyncio.sleep(_AGAIN)

    async def _keep_tidy(self) -> None:
        """Forget what is older than it should be; not soon after the clock was set, it may be set back."""
        store, days = self.services.store, self.settings.house.keep_days
        while True:
            if self.clock.steady_for(_TIDY_EVERY):
                with suppress(StorageError):  # which is in the log already, and may pass within the hour
                    if gone := await store.sweep(now() - timedelta(days=days)):
                        log.info("%d pictures older than %d days were removed", gone, days)
            await asyncio.sleep(_TIDY_EVERY)

    async def _keep_watch(self) -> None:
        """Refresh what ``/metrics`` shows; look whether storage that refused takes things again."""
        store = self.services.store
        while True:
            self.clock.look()
            try:
                metrics.standing(await store.overview())
            except StorageError:
                await store.probe()
            if store.condition != FINE:
                await store.probe()
            metrics.storage(fine=store.condition == FINE)
            await asyncio.sleep(_COUNT_EVERY if store.condition == FINE else _PROBE_EVERY)

    async def _greet(self) -> None:
        """Say where Easel is and what the next step is, once it can be reached."""
        web = self.services.adapters["web"]
        while not web.ready:  # noqa: ASYNC110  # a port has no event for it; it takes a second, once
            await asyncio.sleep(_LOOK_EVERY)
        for line in await self._greeting(getattr(web, "address", "")):
            print(line, flush=True)  # noqa: T201  # the one place where Easel speaks to a console

    async def _greeting(self, address: str) -> list[str]:
        settings = self.settings
        lines = [*settings.warnings, _say("setup-address", address=address)]
        if settings.endpoint.dialect == "sandbox":
            lines.append(_say("setup-next-key"))
        if not (settings.telegram.token or settings.discord.token):
            lines.append(_say("setup-next-token"))
        elif settings.role.listens and (code := await outlasting(self.services.policy.open_claim)()):
            lines.append(_say("setup-claim", code=code))
        return lines


def _first(group: BaseExceptionGroup[SetupError]) -> SetupError:
    found = group.exceptions[0]
    return _first(found) if isinstance(found, BaseExceptionGroup) else found


def _say(message_id: str, **params: str | int) -> str:
    return words().say(machine_language(), message_id, **params)


def _give_up(error: SetupError) -> NoReturn:
    sys.exit(f"easel: {_say(error.sentence, **error.params)}")


if __name__ == "__main__":
    main()
