"""A video on both networks at once, as each of them plays it; and one that neither takes, by its link."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from aiohttp import ClientSession

from tests.fakes.relay import KEY, Relay
from tests.fakes.relay.films import mp4
from tests.fakes.telegram import TOKEN, FakeTelegram
from tests.whole.towns import DiscordTown, TelegramTown, discord_town

pytestmark = pytest.mark.whole

PUBLIC, MB = "https://easel.example", 1024 * 1024
HORSE = "a fox runs --model happyhorse-1.0 --seconds 3"
Scene = tuple[TelegramTown, DiscordTown, Relay]


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    async with AsyncExitStack() as stack:
        films = await stack.enter_async_context(Relay("image2free"))
        telegram = await stack.enter_async_context(FakeTelegram())
        town = await stack.enter_async_context(
            discord_town(
                tmp_path,
                TELEGRAM_TOKEN=TOKEN,
                TELEGRAM_API_URL=telegram.url,
                UPSTREAM_DIALECT="image2free",
                UPSTREAM_URL=films.url,
                UPSTREAM_KEY=KEY,
                WEB_PUBLIC_URL=PUBLIC,
            )
        )
        yield TelegramTown(town.house, telegram, town.relay), town, films
        town.house.in_order()
        assert town.fake.violations == []


async def test_a_video_arrives_as_one(scene: Scene) -> None:
    telegram, discord, films = scene
    ada, home = telegram.somebody()
    answer = await telegram.painted(telegram.fake.say(home, ada, f"/video {HORSE}"))
    assert answer.video
    assert answer.video.content == mp4(1280, 720, 3)
    call = next(c for c in reversed(telegram.fake.calls) if c.method == "editMessageMedia")
    medium = call.params["media"]
    facts = [medium[name] for name in ("type", "width", "height", "duration", "supports_streaming")]
    assert facts == ["video", 1280, 720, 3, True]
    shown = telegram.fake.say(home, ada, "/show")
    await telegram.painted(shown)
    call = next(c for c in reversed(telegram.fake.calls) if c.method == "sendVideo")
    assert [int(call.params[name]) for name in ("width", "height", "duration")] == [1280, 720, 3]
    assert call.params["supports_streaming"] in (True, "true")

    room, (ben,) = discord.club("Ben")
    posted = await discord.painted(await discord.fake.slash(room, ben, "video", prompt=HORSE))
    (file,) = posted.files
    assert (file.name[-4:], file.mime, file.content) == (".mp4", "video/mp4", mp4(1280, 720, 3, 1))
    assert films.submits[KEY] == 2


async def test_one_that_is_too_large_is_a_link(scene: Scene) -> None:
    telegram, discord, films = scene
    films.size = 51 * MB
    ada, home = telegram.somebody()
    asked = telegram.fake.say(home, ada, f"/video {HORSE}")
    answer = await telegram.answer(asked, "takes 50 MB; here it is: ", seconds=30)
    assert answer.media is None
    room, (ben,) = discord.club("Ben")
    await discord.fake.slash(room, ben, "video", prompt=HORSE)
    posted = await discord.says(room, "takes 10 MB; here it is: ", seconds=30)
    assert not posted.files
    for text in (answer.text, posted.content):
        (link,) = re.findall(rf"{PUBLIC}(/files/\S+\.mp4)", text)
        async with ClientSession(telegram.house.url) as stranger:
            async with stranger.get(link, headers={"Range": "bytes=4-7"}) as part:
                assert (part.status, part.content_type, await part.read()) == (206, "video/mp4", b"ftyp")
            async with stranger.get(link.replace("/files/", "/pictures/")) as other:
                assert other.status == 404
            async with stranger.head(link) as head:
                assert int(head.headers["Content-Length"]) >= 51 * MB
