"""A picture of 18 MB, and one of 7000×5400, on both networks at once, from one process."""

from __future__ import annotations

import io
import re
from base64 import b64decode
from pathlib import Path

import pytest
from aiohttp import ClientSession
from PIL import Image

from tests.fakes.discord import Message
from tests.fakes.telegram import TOKEN, FakeTelegram
from tests.whole.towns import DiscordTown, TelegramTown, discord_town

pytestmark = pytest.mark.whole

PUBLIC = "https://easel.example"
SIZE, MB = 18_000_000, 1024 * 1024
PROMPT = "a very large corgi --size 4k"


def picture(message: Message) -> Image.Image:
    (file,) = message.files
    return Image.open(io.BytesIO(file.content or b""))


def original(town: DiscordTown) -> bytes:
    """What the relay sent for the latest order."""
    return b64decode(list(town.relay.jobs.values())[-1].pictures()[0])


async def in_a_small_server(town: DiscordTown) -> None:
    """10 MiB a file: a smaller copy is shown, and it says so."""
    room, (ada,) = town.club()
    answer = await town.painted(await town.fake.slash(room, ada, "imagine", prompt=PROMPT), seconds=30)
    assert "a smaller copy" in answer.content
    assert answer.files[0].size <= 10 * MB
    with picture(answer) as shown:
        assert (shown.format, shown.size) == ("JPEG", (3840, 2160))
    await town.fake.press(answer, ada, "Original")
    copy = await town.fake.until(lambda: town.fake.said(room)[1:], 20)
    assert "the original is kept" in copy[0].content
    assert copy[0].files[0].size <= 10 * MB
    for message in (answer, copy[0]):
        (link,) = re.findall(rf"The original of 18 MB: {PUBLIC}(/files/\S+)", message.content)
        async with ClientSession(town.house.url) as stranger, stranger.get(link) as file:
            assert await file.read() == original(town)


async def in_a_large_server(town: DiscordTown) -> None:
    """With 50 MiB a file it is the original at once."""
    room, (ada,) = town.club(upload=50 * MB)
    answer = await town.painted(await town.fake.slash(room, ada, "imagine", prompt=PROMPT), seconds=30)
    assert "smaller" not in answer.content
    assert answer.files[0].content == original(town)


async def on_telegram(town: TelegramTown) -> None:
    """A photo has at most 10 MB; a file may have 50."""
    ada, home = town.somebody()
    answer = await town.painted(town.fake.say(home, ada, f"/imagine {PROMPT}"), seconds=30)
    assert answer.document
    assert answer.document.size == SIZE
    assert answer.document.content == b64decode(list(town.relay.jobs.values())[-1].pictures()[0])
    assert answer.buttons


async def wider_than_photos_are(discord: DiscordTown, telegram: TelegramTown) -> None:
    """7000×5400: few bytes, but 12,400 pixels of width and height, where a photo of Telegram's has 10,000."""
    discord.relay.size, discord.relay.sides = 400_000, (7000, 5400)
    room, (ada,) = discord.club("Ada of the wide")
    posted = await discord.painted(await discord.fake.slash(room, ada, "imagine", prompt="a wide corgi"))
    assert posted.files[0].content == original(discord)
    ben, home = telegram.somebody("Ben of the wide")
    answer = await telegram.painted(telegram.fake.say(home, ben, "/imagine a wide corgi"))
    assert answer.document
    assert answer.document.content == original(discord)


async def test_what_is_large_arrives(tmp_path: Path) -> None:
    async with FakeTelegram() as telegram:
        also = {"WEB_PUBLIC_URL": PUBLIC, "TELEGRAM_TOKEN": TOKEN, "TELEGRAM_API_URL": telegram.url}
        async with discord_town(tmp_path, **also) as town:
            town.relay.size = SIZE
            await in_a_small_server(town)
            await in_a_large_server(town)
            await on_telegram(TelegramTown(town.house, telegram, town.relay))
            await wider_than_photos_are(town, TelegramTown(town.house, telegram, town.relay))
            town.house.in_order()
            assert town.fake.violations == []
