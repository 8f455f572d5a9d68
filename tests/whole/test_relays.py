"""Easel's own process among several relays: one chosen by a chat, one brought by a key, some kept out of."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass

import pytest
import pytest_asyncio

from tests.fakes.relay import KEY, Relay
from tests.whole.towns import CHAT_KEY, TelegramTown, telegram_town

pytestmark = [pytest.mark.whole, pytest.mark.asyncio(loop_scope="module")]

FILE = """
[generic]
dialect = "jobs"
url = "{generic}/v1/"
key = "{key}"

[plain]
dialect = "jojokey"
url = "{plain}"
key = "{key}"
"""


@dataclass
class Scene:
    town: TelegramTown
    generic: Relay
    plain: Relay


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def opened(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Scene]:
    keys = {KEY: 1000.0, CHAT_KEY: 12.5}
    async with AsyncExitStack() as stack:
        generic = await stack.enter_async_context(Relay("jobs", keys=dict(keys)))
        plain = await stack.enter_async_context(Relay("jojokey", keys=dict(keys)))
        file = tmp_path_factory.mktemp("settings") / "relays.toml"
        file.write_text(FILE.format(generic=generic.url, plain=plain.url, key=KEY))
        home = tmp_path_factory.mktemp("relays")
        near = generic.url.removeprefix("http://")
        town = await stack.enter_async_context(
            telegram_town(home, UPSTREAMS_FILE=str(file), TRUSTED_HOSTS=near)
        )
        yield Scene(town, generic, plain)


@pytest_asyncio.fixture(loop_scope="module")
async def scene(opened: Scene) -> AsyncIterator[Scene]:
    yield opened
    opened.town.house.in_order()


async def test_a_chat_chooses_its_relay(scene: Scene) -> None:
    town = scene.town
    ada, home = town.somebody("Ada")
    await town.painted(town.fake.say(home, ada, "/imagine a fox"))
    assert town.relay.submits[KEY] == 1
    await town.answer(
        town.fake.say(home, ada, "/settings --relay generic"), "generic (there are generic, plain"
    )
    await town.painted(town.fake.say(home, ada, "/imagine a fox --n 2 --size 16:9"))
    assert (scene.generic.submits[KEY], scene.generic.charges[KEY]) == (1, 2)
    assert scene.generic.calls["file"] == 2
    await town.answer(town.fake.say(home, ada, "/settings relay plain"), "Image service: plain")
    painted = await town.painted(town.fake.say(home, ada, "/imagine a fox"))
    assert scene.plain.submits[KEY] == 1
    await town.answer(town.fake.say(home, ada, "/edit at night", reply_to=painted), "can't edit pictures")
    assert scene.plain.submits[KEY] == town.relay.submits[KEY] == scene.generic.submits[KEY] == 1


async def test_a_key_with_an_address_alone(scene: Scene) -> None:
    """The operator trusts that address, so it may be on this machine."""
    town = scene.town
    ben, home = town.somebody("Ben")
    town.fake.say(home, ben, f"/key {CHAT_KEY} --url {scene.generic.url}")
    said = await town.says(home, "(jobs)", "edits of up to 16 pictures together · masks")
    assert CHAT_KEY not in said.text
    await town.painted(town.fake.say(home, ben, "/imagine a fox"))
    assert scene.generic.submits[CHAT_KEY] == 1


async def test_nobody_reaches_into_the_operators_network(scene: Scene) -> None:
    met = 0

    async def meet(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal met
        met += 1
        writer.close()

    server = await asyncio.start_server(meet, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    town = scene.town
    eve, home = town.somebody("Eve beside a relay of the operator's")
    town.fake.say(home, eve, f"/key {CHAT_KEY} --url {scene.plain.url} --dialect jojokey")
    await town.says(home, "not on the public internet")
    for host in ("127.0.0.1", "localhost", "2130706433", "[::ffff:7f00:1]"):
        for dialect in ("", " --dialect jobs"):
            eve, home = town.somebody(f"Eve of {host}{dialect}")
            town.fake.say(home, eve, f"/key {CHAT_KEY} --url http://{host}:{port}{dialect}")
            await town.says(home, "not on the public internet")
    assert met == 0
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    await asyncio.sleep(0.01)
    assert met == 1, "it would have been noticed"
    writer.close()
    server.close()
