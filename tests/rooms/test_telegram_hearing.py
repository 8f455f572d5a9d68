"""Hearing Telegram: once each, through crashes, rivals, outages and webhooks."""

from __future__ import annotations

import asyncio
import json
import logging
import re
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from adapters.telegram import hear
from adapters.telegram.adapter import Telegram
from bot.errors import SetupError, StorageError
from bot.model import Invocation
from tests.contract.door import RecordingDoor
from tests.contract.harness_telegram import TelegramHarness, telegram
from tests.contract.pictures import png
from tests.fakes.telegram import FakeTelegram
from upstream.transport import client_for


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adapters.telegram.hear._ALBUM_QUIET", 0.2)
    monkeypatch.setattr("adapters.telegram.hear._WORDS_FOLLOW", 0.3)


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[TelegramHarness]:
    async with telegram(tmp_path) as harness:
        yield harness


def heard(room: TelegramHarness) -> list[str]:
    return [invocation.text for invocation in room.door.heard]


async def test_the_inbox_comes_before_the_confirmation(room: TelegramHarness) -> None:
    """While the inbox can't be written, updates stay at Telegram."""
    inbox, receive = room.door.inbox("telegram"), room.door.inbox("telegram").receive

    async def broken(_: object) -> list[str]:
        raise StorageError

    inbox.receive = broken  # type: ignore[assignment,method-assign]
    await room.say("imagine", "a corgi")
    await room.fake.until(lambda: not room.adapter.ready)
    assert room.fake.updates.queue
    inbox.receive = receive  # type: ignore[method-assign]
    await room.door.wait()
    await room.fake.until(lambda: not room.fake.updates.queue)
    assert heard(room) == ["a corgi"]


async def test_what_was_served_is_forgotten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An update is begun once, however often it is found in the inbox; then nothing of it is kept."""
    monkeypatch.setattr("adapters.telegram.hear._ADOPT", 0.02)
    async with telegram(tmp_path) as room:
        for at in range(3):
            await room.say("imagine", f"corgi {at}")
        await room.say("edit", "an album", pictures=[png(8, 8), png(9, 8)])
        await room.door.wait(4)
        ears = room.adapter._ears
        assert ears
        async with asyncio.timeout(5):
            while ears._begun:
                await asyncio.sleep(0.01)
        assert sorted(heard(room)) == ["an album", "corgi 0", "corgi 1", "corgi 2"]


async def test_handled_updates_are_let_go(room: TelegramHarness) -> None:
    await room.say("imagine", "a corgi")
    await room.door.wait()
    await asyncio.sleep(0.01)
    inbox = room.door.inbox("telegram")
    assert (len(inbox.known), inbox.waiting) == (1, {})


async def test_who_waits_for_much_keeps_nobody_else_waiting(
    room: TelegramHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hear, "_MOST_EACH", 2)
    ears, forever = room.adapter._ears, asyncio.Event()
    assert ears
    ears._slots = asyncio.Semaphore(3)

    async def slow(call: Invocation) -> None:
        if call.user.id == room.member.id:
            await forever.wait()

    room.door.answer = slow
    for at in range(5):
        room.fake.say(room.room, room.max, f"/balance {at}")
    room.fake.say(room.room, room.olga, "/balance now")
    async with asyncio.timeout(5):
        while "now" not in heard(room):
            await asyncio.sleep(0.01)
    assert len(heard(room)) == 3
    forever.set()
    await room.door.wait(6)


async def test_chatter_is_not_written_down(room: TelegramHarness) -> None:
    room.fake.privacy = False
    for n in range(5):
        room.fake.say(room.room, room.max, f"hello {n}")
    await room.say("imagine", "a corgi")
    await room.door.wait()
    assert len(room.door.inbox("telegram").known) == 1


async def test_an_album_is_one_invocation_through_a_crash(room: TelegramHarness) -> None:
    """Stopped while the album gathers, and again while it is handled: the same one request each time."""
    await room.say("edit", "blue", pictures=[png(30 + n, 30) for n in range(10)])
    inbox = room.door.inbox("telegram")
    await room.fake.until(lambda: not room.fake.updates.queue)
    assert len(inbox.waiting) == 10
    await room.stop()
    await room.start()
    [invocation] = await room.door.wait()
    assert len(invocation.attachments) == 10
    assert invocation.id == f"telegram:{min(map(int, inbox.known))}"
    await asyncio.sleep(0.01)
    assert inbox.waiting == {}


async def test_a_half_handled_album_keeps_its_id(room: TelegramHarness) -> None:
    """The first part is let go last, so that a crash in between asks for the same invocation again."""
    inbox, handled = room.door.inbox("telegram"), room.door.inbox("telegram").handled
    order: list[str] = []

    async def noted(event: str) -> None:
        order.append(event)
        await handled(event)

    inbox.handled = noted  # type: ignore[method-assign]
    await room.say("edit", "blue", pictures=[png(), png(), png()])
    [invocation] = await room.door.wait()
    await asyncio.sleep(0.01)
    assert len(order) == 3
    assert f"telegram:{order[-1]}" == invocation.id


async def test_one_slow_answer_stops_nobody(room: TelegramHarness) -> None:
    stuck = asyncio.Event()

    async def slow(invocation: Invocation) -> None:
        if invocation.text == "slow":
            await stuck.wait()

    room.door.answer = slow
    await room.say("imagine", "slow")
    await room.say("imagine", "fast")
    await room.door.wait(2)
    await asyncio.sleep(0.01)
    assert len(room.door.inbox("telegram").waiting) == 1
    stuck.set()


async def test_an_update_that_nobody_understands_hides_no_other(
    room: TelegramHarness, caplog: pytest.LogCaptureFixture
) -> None:
    room.fake.updates.push("message", {"message_id": "?", "chat": {"id": 1}})
    await room.say("imagine", "a corgi")
    await room.door.wait()
    assert "can't be read" in caplog.text


async def test_a_rival_is_waited_out(room: TelegramHarness, caplog: pytest.LogCaptureFixture) -> None:
    async with aiohttp.ClientSession() as rival:
        async with rival.post(
            f"{room.fake.url}/bot{room.fake.token}/getUpdates", data={"timeout": "0"}
        ) as answer:
            assert answer.status == 200
        await room.fake.until(lambda: not room.adapter.ready)
    await room.say("imagine", "a corgi")
    await room.door.wait()
    assert heard(room) == ["a corgi"]
    assert caplog.text.count("another program is listening") == 1


@pytest.mark.parametrize("fault", ["gateway", "reset", "lost"])
async def test_an_outage_loses_nothing(
    room: TelegramHarness, caplog: pytest.LogCaptureFixture, fault: str
) -> None:
    caplog.set_level(logging.INFO)
    room.fake.fail("getUpdates", fault, times=2)
    await room.say("imagine", "a corgi")
    await room.say("imagine", "another")
    await room.door.wait(2)
    await room.fake.until(lambda: room.adapter.ready)
    assert sorted(heard(room)) == ["a corgi", "another"]
    assert caplog.text.count("trying again") <= 1
    assert room.secret not in caplog.text


async def test_it_starts_before_telegram_does(tmp_path: Path) -> None:
    async with FakeTelegram() as fake:
        harness = TelegramHarness(fake, tmp_path)
        fake.fail("getMe", "gateway")
        await harness.start()
        assert harness.adapter.ready
        await harness.stop()


async def test_a_network_that_is_down_is_one_line_with_what_to_check(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANGUAGE", "en")
    face = Telegram(f"42:{'A' * 35}", spool=tmp_path, connect=client_for, api_url="http://127.0.0.1:9")
    run = asyncio.create_task(face.run(RecordingDoor()))
    async with asyncio.timeout(5):
        while not caplog.records:
            await asyncio.sleep(0.01)
    run.cancel()
    await asyncio.gather(run, return_exceptions=True)
    (line,) = (record.message for record in caplog.records)
    reason = r"\[Errno \d+\] [^()]+ \('127\.0\.0\.1', 9\)"
    after = r"I keep trying again: .*TELEGRAM_API_URL.*"
    assert re.fullmatch(rf"Telegram can't be reached \({reason}\); {after}", line)
    assert "httpx" not in line
    assert "Error" not in line


async def test_a_group_moves_with_everything(room: TelegramHarness) -> None:
    new = room.fake.migrate(room.room)
    assert await room.door.wait_moved() == [(f"telegram:{room.room.id}", f"telegram:{new.id}")]


# the menu


async def test_the_menu_is_set_once_in_every_language(room: TelegramHarness) -> None:
    await room.fake.until(lambda: len(room.fake.called("setMyCommands")) == 2)
    menus = room.fake.methods.menus
    assert menus.keys() == {"", "zh"}
    assert [command["command"] for command in menus[""]] == ["imagine", "edit", "key", "balance"]
    assert menus[""][0]["description"] == room.door.words.say("en", "command-imagine")
    assert menus["zh"][0]["description"] == room.door.words.say("zh-Hans", "command-imagine")
    await room.stop()
    await room.start()
    await room.fake.until(lambda: len(room.fake.called("getMyCommands")) == 4)
    assert len(room.fake.called("setMyCommands")) == 2


# webhooks


class Hooked:
    """A web server that hands on what Telegram pushes, as Easel's does."""

    def __init__(self, fake: FakeTelegram, folder: Path) -> None:
        self.harness = TelegramHarness(fake, folder)
        self.url = ""

    async def serve(self, request: web.Request) -> web.Response:
        secret = request.headers.get("X-Telegram-Bot-Api-Secret-Token", "")
        status = await self.harness.adapter.webhook(secret, await request.read())  # type: ignore[attr-defined]
        return web.Response(status=status)


@pytest.fixture
async def hooked(tmp_path: Path) -> AsyncIterator[TelegramHarness]:
    async with FakeTelegram() as fake:
        hook = Hooked(fake, tmp_path)
        app = web.Application()
        app.router.add_post("/telegram", hook.serve)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        url = f"http://127.0.0.1:{runner.addresses[0][1]}/telegram"
        adapter = Telegram(fake.token, spool=tmp_path, connect=client_for, api_url=fake.url, webhook_url=url)
        hook.harness.adapter = adapter
        task = asyncio.create_task(adapter.run(hook.harness.door))
        await fake.until(lambda: adapter.ready)
        yield hook.harness
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await fake.updates.close()
        await runner.cleanup()


async def test_a_webhook_is_served_once(hooked: TelegramHarness) -> None:
    await hooked.say("imagine", "a corgi")
    await hooked.door.wait()
    [update] = hooked.door.inbox("telegram").known
    adapter, hook = hooked.adapter, hooked.fake.updates.webhook
    assert isinstance(adapter, Telegram)
    assert hook
    again = {"update_id": int(update), "message": hooked.fake.messages(hooked.room)[0].json()}
    assert await adapter.webhook(hook.secret, json.dumps(again).encode()) == 200
    assert heard(hooked) == ["a corgi"]
    await hooked.fake.until(lambda: hook.statuses == [200])
    assert not hooked.fake.called("getUpdates")


async def test_a_webhook_is_answered_only_after_the_inbox(hooked: TelegramHarness) -> None:
    """What can't be written down now is pushed again."""
    inbox, receive = hooked.door.inbox("telegram"), hooked.door.inbox("telegram").receive

    async def broken(_: object) -> list[str]:
        inbox.receive = receive  # type: ignore[method-assign]
        raise StorageError

    inbox.receive = broken  # type: ignore[assignment,method-assign]
    await hooked.say("imagine", "a corgi")
    await hooked.door.wait()
    hook = hooked.fake.updates.webhook
    assert hook
    await hooked.fake.until(lambda: len(hook.statuses) == 2)
    assert hook.statuses == [503, 200]


async def test_a_webhook_believes_only_telegram(hooked: TelegramHarness) -> None:
    adapter, hook = hooked.adapter, hooked.fake.updates.webhook
    assert isinstance(adapter, Telegram)
    assert hook
    assert hooked.secret not in hook.secret
    assert await adapter.webhook("", b"{}") == 403
    assert await adapter.webhook("wrong", b'{"update_id": 1}') == 403
    assert [await adapter.webhook(hook.secret, body) for body in (b"{", b"[]", b"{}", b"\xff")] == [400] * 4
    assert not hooked.door.heard


async def test_a_webhook_before_the_start_is_pushed_again(tmp_path: Path) -> None:
    adapter = Telegram(
        "4242:x", spool=tmp_path, connect=client_for, webhook_url="https://example.org/t", secret="s"
    )
    assert await adapter.webhook("s", b'{"update_id": 1}') == 503


async def test_a_left_webhook_is_taken_away_and_nothing_dropped(tmp_path: Path) -> None:
    async with FakeTelegram() as fake:
        harness = TelegramHarness(fake, tmp_path)
        fake.updates.set_webhook({"url": "https://example.org/gone"})
        fake.updates.drop_webhook()
        fake.updates.set_webhook({"url": "http://127.0.0.1:1/gone"})
        await harness.say("imagine", "a corgi")
        await harness.start()
        await harness.door.wait()
        assert heard(harness) == ["a corgi"]
        await harness.stop()


async def test_a_webhook_that_telegram_refuses_is_a_setup_error(tmp_path: Path) -> None:
    async with FakeTelegram() as fake:
        adapter = Telegram(
            fake.token,
            spool=tmp_path,
            connect=client_for,
            api_url=fake.url,
            webhook_url="http://example.org/t",
        )
        with pytest.raises(SetupError) as wrong:
            await adapter.run(TelegramHarness(fake, tmp_path).door)
        assert wrong.value.sentence == "error-telegram-webhook"


async def test_a_picture_first_and_the_words_after_are_one_request(room: TelegramHarness) -> None:
    room.fake.privacy = False
    for _ in range(2):
        room.fake.say(room.room, room.olga, photo=png())
    room.fake.say(room.room, room.max, "what a picture!")
    room.fake.say(room.room, room.max, "/imagine a corgi")
    room.fake.say(room.room, room.olga, "/edit make it night")
    calls = await room.door.wait(2)
    assert {(call.command, len(call.attachments)) for call in calls} == {("imagine", 0), ("edit", 2)}
    inbox = room.door.inbox("telegram")
    await room.fake.until(lambda: not inbox.waiting)
    assert len(room.door.heard) == 2


async def test_in_private_words_alone_are_enough(
    room: TelegramHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.telegram.hear._WORDS_FOLLOW", 5)
    ears, place = room.adapter._ears, room.fake.private(room.olga)
    assert ears
    room.fake.say(place, room.olga, album=[png(30, 30), png(31, 31)])
    await room.fake.until(lambda: ears._shown)  # the album is complete, and waits for words
    room.fake.say(place, room.olga, "make it night")
    [call] = await room.door.wait()
    assert (call.command, call.text, len(call.attachments)) == ("", "make it night", 2)


async def test_a_picture_without_words_is_heard_as_it_is_in_private_only(room: TelegramHarness) -> None:
    room.fake.privacy = False
    room.fake.say(room.room, room.olga, photo=png())
    room.fake.say(room.fake.private(room.max), room.max, photo=png())
    [call] = await room.door.wait()
    assert (call.private, call.text, len(call.attachments)) == (True, "", 1)
    inbox = room.door.inbox("telegram")
    await room.fake.until(lambda: not inbox.waiting)
    assert len(room.door.heard) == 1


async def test_a_picture_and_its_words_are_found_again_after_a_crash(room: TelegramHarness) -> None:
    async def crash(_: Invocation) -> None:
        raise RuntimeError("killed")

    room.door.answer = crash
    place = room.fake.private(room.olga)
    room.fake.say(place, room.olga, photo=png())
    room.fake.say(place, room.olga, "make it night")
    [first] = await room.door.wait()
    await room.stop()
    room.door.answer = None
    await room.start()
    _, again = await room.door.wait(2)
    assert (again.id, again.attachments) == (first.id, first.attachments)
    inbox = room.door.inbox("telegram")
    await room.fake.until(lambda: not inbox.waiting)


async def test_who_brings_the_bot_into_a_group_is_heard(room: TelegramHarness) -> None:
    room.fake.bring(room.room, room.max)
    room.fake.bring(room.room, room.olga, "administrator")  # it was there already
    await room.say("balance", "")
    await room.door.wait(2)
    assert [(call.command, call.user.name) for call in room.door.heard] == [
        ("welcome", "Max Member"),
        ("balance", "Max Member"),
    ]
