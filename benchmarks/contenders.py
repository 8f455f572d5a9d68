"""Who is measured: Easel's own process, and the bare scripts, each on fakes of its own."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from benchmarks.crowds import Crowd, DiscordCrowd, TelegramCrowd
from benchmarks.process import Process, running, said
from tests.fakes.discord import TOKEN as DISCORD_TOKEN
from tests.fakes.relay import KEY
from tests.fakes.telegram import TOKEN as TELEGRAM_TOKEN

RELAY_SECONDS, PICTURE_BYTES = 2.0, 1_500_000
PEOPLE = {"telegram": 200, "discord": 50}
_CROWDS: Mapping[str, type[Crowd]] = {"telegram": TelegramCrowd, "discord": DiscordCrowd}


@dataclass(frozen=True, slots=True)
class Contender:
    """``ready``: seconds from the start of its process."""

    process: Process
    crowd: Crowd
    ready: float = 0.0


@asynccontextmanager
async def relay(folder: Path) -> AsyncIterator[str]:
    """The fake relay's address."""
    log = folder / "relay.log"
    arguments = ("--delay", str(RELAY_SECONDS), "--size", str(PICTURE_BYTES))
    async with running("tests.fakes.relay", *arguments, log=log):
        yield await said(log, "http://")


@asynccontextmanager
async def platform(name: str, folder: Path, whose: str) -> AsyncIterator[tuple[str, Crowd]]:
    """A fake platform's API address, and the people on it."""
    log = folder / f"{name}-{whose}.log"
    async with running(f"tests.fakes.{name}", log=log):
        api = await said(log, "http://")
        crowd = _CROWDS[name](api.removesuffix("/api/v10"))
        await crowd.gather(PEOPLE[name])
        yield api, crowd


@asynccontextmanager
async def floor(name: str, api: str, relay_url: str, folder: Path) -> AsyncIterator[Process]:
    """The bare script for one platform."""
    log = folder / f"floor-{name}.log"
    environment = {
        "RELAY": relay_url,
        "KEY": KEY,
        f"{name.upper()}_API_URL": api,
        f"{name.upper()}_TOKEN": {"telegram": TELEGRAM_TOKEN, "discord": DISCORD_TOKEN}[name],
    }
    async with running(f"benchmarks.floor_{name}", log=log, environment=environment) as process:
        await said(log, "ready")
        yield process


@asynccontextmanager
async def easel(
    apis: Mapping[str, str], relay_url: str, folder: Path
) -> AsyncIterator[tuple[Process, float]]:
    """Easel with every face on, and the seconds it took until ``/health`` said 200."""
    port = _free_port()
    environment = {
        "TELEGRAM_TOKEN": TELEGRAM_TOKEN,
        "TELEGRAM_API_URL": apis["telegram"],
        "DISCORD_TOKEN": DISCORD_TOKEN,
        "DISCORD_API_URL": apis["discord"],
        "WEB_PORT": str(port),
        "UPSTREAM_DIALECT": "shenfeng",
        "UPSTREAM_URL": relay_url,
        "UPSTREAM_KEY": KEY,
        "ACCESS": "open",
        "STORE_URL": f"sqlite:///{folder}/data/easel.db",
        "MAX_TRANSFERS": "4",
    }
    async with running("bot", "run", log=folder / "easel.log", environment=environment) as process:
        yield process, await _healthy(port, process.started, folder / "easel.log")


async def _healthy(port: int, since: float, log: Path) -> float:
    async with httpx.AsyncClient(trust_env=False) as http:
        while (now := time.monotonic()) < since + 90:
            try:
                if (await http.get(f"http://127.0.0.1:{port}/health")).status_code == 200:
                    return time.monotonic() - since
            except httpx.TransportError:
                pass
            await asyncio.sleep(max(0.0, 0.02 - (time.monotonic() - now)))
    raise TimeoutError(f"Easel was not ready after 90 s:\n{log.read_text(errors='replace')[-2000:]}")


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
