"""Starting Easel: what a new operator reads, and what is said when something is wrong."""

from __future__ import annotations

import asyncio
import errno
import os
import re
import socket
import sqlite3
import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import aiohttp
import pytest

from bot.i18n import words
from tests.fakes.discord import TOKEN as DISCORD_TOKEN
from tests.fakes.discord import FakeDiscord
from tests.fakes.telegram import TOKEN, FakeTelegram
from tests.forkserver import free_port
from tests.whole.house import House, eventually, gone
from tests.whole.towns import CHAT_KEY, TelegramTown, relay, relaying, telegram_town

pytestmark = pytest.mark.whole


@asynccontextmanager
async def standing(home: Path, fresh: bool = False, **settings: str) -> AsyncIterator[House]:
    """A house that is not started yet, and gone at the end."""
    house = House(home, settings, fresh=fresh)
    try:
        yield house
    finally:
        await gone(house)


async def refusal(home: Path, fresh: bool = False, **settings: str) -> str:
    """What a start that fails says: it must be quick, end with an error and hold no trace."""
    async with standing(home, fresh, **settings) as house:
        await house.launch()
        assert await house.ended() == 1
        assert "Traceback" not in house.log
        (said,) = re.findall(r"^easel: (.*)\Z", house.log, re.DOTALL | re.MULTILINE)
        return str(said).strip()


def say(sentence: str, **params: str | int) -> str:
    return words().say("en", sentence, **params)


# a good start


async def test_the_first_start_says_where_it_is_and_what_is_next(tmp_path: Path) -> None:
    async with standing(tmp_path, fresh=True, STORE_URL="") as house:
        await house.start()
        sentences = [say("setup-address", address=house.url), say("setup-next-key"), say("setup-next-token")]
        await eventually(lambda: house.log.splitlines()[-3:] == sentences)
        status, health = await house.health()
        assert status == 200
        assert health["faces"] == {"web": True}
        async with aiohttp.ClientSession() as session:
            async with session.get(house.url) as page:
                assert page.status == 200
                assert "Easel" in await page.text()
            async with session.get(f"{house.url}/metrics") as metrics:
                assert "easel_" in await metrics.text()
        data = tmp_path / "data"
        assert stat.S_IMODE(data.stat().st_mode) == 0o700
        assert stat.S_IMODE((data / "secret.key").stat().st_mode) == 0o600
        assert stat.S_IMODE((data / "easel.db").stat().st_mode) == 0o600
        assert await house.stop() < 5
        assert say("setup-stopped") in house.log


async def test_a_typo_in_the_file_is_pointed_out_in_the_machines_language(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("TELEGRAM_TOKN=\nKEEP_DAYS=5\n", encoding="utf-8")
    async with standing(tmp_path, fresh=True, LANG="zh_CN.UTF-8") as house:
        await house.start()
        typo = {"name": "TELEGRAM_TOKN", "near": "TELEGRAM_TOKEN", "path": ".env"}
        await eventually(lambda: words().say("zh-Hans", "setup-typo", **typo) in house.log)
        await eventually(lambda: words().say("zh-Hans", "setup-address", address=house.url) in house.log)


# a face that can't start leaves the others alone


async def test_a_wrong_telegram_token_is_said_and_discord_runs(tmp_path: Path) -> None:
    async with FakeTelegram() as telegram, FakeDiscord() as discord:
        wrong = TOKEN.replace("AAEasel", "BBWrong")
        tokens = {"TELEGRAM_TOKEN": wrong, "TELEGRAM_API_URL": telegram.url, "DISCORD_TOKEN": DISCORD_TOKEN}
        async with standing(tmp_path, DISCORD_API_URL=discord.url, **tokens) as house:
            await house.start(503)
            await eventually(lambda: say("error-telegram-token") in house.log)
            await eventually(lambda: discord.gateway.live)
            async with asyncio.timeout(15):
                while not (await house.health())[1]["faces"]["discord"]:
                    await asyncio.sleep(0.01)
            status, health = await house.health()
            assert (status, health["faces"]) == (503, {"telegram": False, "discord": True, "web": True})
            assert house.log.count(say("error-telegram-token")) == 1
            assert wrong.split(":")[1] not in house.log
            assert "Traceback" not in house.log


async def test_a_wrong_discord_token_is_said_and_telegram_runs(tmp_path: Path) -> None:
    async with FakeDiscord() as discord:
        wrong = DISCORD_TOKEN.replace("easel", "wrong")
        more = {"DISCORD_TOKEN": wrong, "DISCORD_API_URL": discord.url}
        async with telegram_town(tmp_path, status=503, **more) as town:
            await eventually(lambda: say("error-discord-token") in town.house.log)
            await serves(town)
            _, health = await town.house.health()
            assert health["faces"] == {"telegram": True, "discord": False, "web": True}
            assert town.house.log.count(say("error-discord-token")) == 1
            assert wrong not in town.house.log
            town.house.in_order()


async def serves(town: TelegramTown) -> None:
    ada, home = town.somebody()
    await town.painted(town.fake.say(home, ada, "/imagine a fox"))


async def test_telegram_may_come_later(tmp_path: Path) -> None:
    port = free_port()
    base = {"TELEGRAM_TOKEN": TOKEN, "TELEGRAM_API_URL": f"http://127.0.0.1:{port}", "ACCESS": "open"}
    async with relay() as image_relay:
        async with standing(tmp_path, **base, **relaying(image_relay)) as house:
            await house.start(503)
            assert (await house.health())[1]["faces"] == {"telegram": False, "web": True}
            async with FakeTelegram(port=port) as fake:
                await eventually(lambda: fake.called("getUpdates"))
                town = TelegramTown(house, fake, image_relay)
                await serves(town)
                assert (await house.health())[0] == 200
                house.in_order()


# settings


async def test_a_bad_setting_is_named_and_a_secret_is_not(tmp_path: Path) -> None:
    said = await refusal(tmp_path, fresh=True, TELEGRAM_TOKEN="sesame-open")
    assert said == say("setup-settings", problems=say("setup-setting-token", name="TELEGRAM_TOKEN"))


async def test_a_service_without_a_key(tmp_path: Path) -> None:
    said = await refusal(tmp_path, UPSTREAM_DIALECT="shenfeng")
    assert said == say("setup-settings", problems=say("setup-upstream-key", dialect="shenfeng"))


async def test_all_bad_settings_are_named_at_once(tmp_path: Path) -> None:
    said = await refusal(tmp_path, ACCESS="maybe", KEEP_DAYS="soon", MAX_TRANSFERS="0")
    assert len(said.splitlines()) == 4
    assert re.findall(r"ACCESS|KEEP_DAYS|MAX_TRANSFERS", said) == ["MAX_TRANSFERS", "ACCESS", "KEEP_DAYS"]


async def test_a_settings_file_that_is_a_folder(tmp_path: Path) -> None:
    (tmp_path / ".env").mkdir()
    assert ".env can't be read" in await refusal(tmp_path)


async def test_a_short_secret(tmp_path: Path) -> None:
    assert await refusal(tmp_path, SECRET_KEY="short") == say("setup-secret-short", least=16)


# places


async def test_a_data_folder_that_can_not_be_written(tmp_path: Path) -> None:
    """Below a file there is no folder, for root neither."""
    (tmp_path / "file").touch()
    said = await refusal(tmp_path, STORE_URL=f"sqlite:///{tmp_path}/file/data/easel.db")
    assert said.startswith("Easel can't write to")
    assert "file/data" in said


async def test_a_server_that_is_not_there_and_its_password_not_shown(tmp_path: Path) -> None:
    url = "postgresql://easel:sesame@127.0.0.1:1/easel"
    assert await refusal(tmp_path, STORE_URL=url) == say(
        "setup-settings", problems=say("setup-secret-shared")
    )
    said = await refusal(tmp_path / "other", STORE_URL=url, SECRET_KEY="a secret of all of them")
    assert said.startswith("The PostgreSQL database 127.0.0.1/easel can't be used")
    assert "sesame" not in said


async def test_a_database_that_is_newer_or_cut_off_is_left_alone(tmp_path: Path) -> None:
    async with standing(tmp_path) as house:
        await house.start()
        await house.stop()
    file = tmp_path / "easel.db"
    whole = file.read_bytes()
    with closing(sqlite3.connect(file)) as database, database:
        database.execute("UPDATE _yoyo_migration SET migration_id = '9999_tomorrow'")
    for content, sentence in (
        (file.read_bytes(), "setup-database-newer"),
        (whole[: len(whole) // 3], "setup-database-broken"),
    ):
        file.write_bytes(content)
        (tmp_path / "console.log").unlink()
        assert await refusal(tmp_path) == say(sentence, path=str(file))
        assert file.read_bytes() == content


@pytest.mark.parametrize("kind", ["foreign", "noise", "text"])
async def test_a_database_that_is_none_of_ours_is_left_alone(tmp_path: Path, kind: str) -> None:
    file = tmp_path / "easel.db"
    if kind == "foreign":
        with closing(sqlite3.connect(file)) as database, database:
            database.execute("CREATE TABLE recipes (name TEXT)")
    else:
        file.write_bytes(b"\xde\xad\xbe\xef" * 4096 if kind == "noise" else b"dear diary\n" * 100)
    before = file.read_bytes()
    assert await refusal(tmp_path) == say("setup-database-broken", path=str(file))
    assert file.read_bytes() == before


async def test_a_second_easel_on_the_same_folder(tmp_path: Path) -> None:
    async with standing(tmp_path / "one") as first:
        await first.start()
        url = f"sqlite:///{first.home / 'easel.db'}"
        said = await refusal(tmp_path / "two", STORE_URL=url)
        assert said == say("setup-already-running", path=str(first.home / "easel.db"))
        assert (await first.health())[0] == 200


async def test_a_damaged_secret(tmp_path: Path) -> None:
    (tmp_path / "secret.key").write_text("sesame\n", encoding="utf-8")
    said = await refusal(tmp_path)
    assert said == say("setup-secret-damaged", path=str(tmp_path / "secret.key"))


# the web port


async def test_a_port_that_is_taken(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        said = await refusal(tmp_path, WEB_PORT=str(port))
    reason = os.strerror(errno.EADDRINUSE)
    assert said == say("error-port-taken", port=str(port), reason=reason)


async def test_an_address_that_is_not_ours(tmp_path: Path) -> None:
    said = await refusal(tmp_path, WEB_HOST="192.0.2.1", WEB_PASSWORD="sesame-42")
    reason = os.strerror(errno.EADDRNOTAVAIL)
    assert said == say("error-web-address", host="192.0.2.1", reason=reason)


async def test_an_open_house_needs_a_password(tmp_path: Path) -> None:
    said = await refusal(tmp_path, WEB_HOST="0.0.0.0")
    assert said == say("error-web-password", host="0.0.0.0")


# what a new secret costs


async def test_another_secret_closes_the_keys_and_nothing_else(tmp_path: Path) -> None:
    async with telegram_town(tmp_path) as town:
        ada, home = town.somebody()
        town.fake.say(home, ada, f"/key {CHAT_KEY}")
        await town.says(home, "sk-…dcba")
        await town.house.stop()
        (tmp_path / "secret.key").unlink()
        later = town.fake.say(home, ada, "/imagine a fox")
        await town.house.start()
        await town.answer(later, "can't be opened any more", "/key")
        town.fake.say(home, ada, "/key forget")
        await town.says(home, "The key is gone")
        await serves(town)
        town.house.in_order()
