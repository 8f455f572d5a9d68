"""Easel's own process on Telegram, stopped and killed: one picture, one order, one charge."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio

from tests.fakes.telegram import TOKEN, Message
from tests.forkserver import free_port
from tests.whole.house import eventually
from tests.whole.towns import TelegramTown, telegram_town

pytestmark = [pytest.mark.whole, pytest.mark.asyncio(loop_scope="module")]

CORGI = "/imagine a corgi in a space suit --size 16:9"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def opened(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[TelegramTown]:
    async with telegram_town(tmp_path_factory.mktemp("crash")) as town:
        yield town


@pytest_asyncio.fixture(loop_scope="module")
async def town(opened: TelegramTown) -> AsyncIterator[TelegramTown]:
    yield opened
    opened.house.in_order()


async def test_killed_while_the_order_is_under_way_it_is_found_in_the_relays_list(town: TelegramTown) -> None:
    """The relay has it in its history: it is delivered, and paid once."""
    ada, home = town.somebody()
    spent = town.spent
    town.relay.fail("submit", "timeout", accepted=True)
    asked = town.fake.say(home, ada, "/imagine a corgi that nobody else has asked for")
    await eventually(lambda: spent.now == (1, 1))
    await town.house.kill_and_start()
    await town.painted(asked)
    await town.answer(town.fake.say(home, ada, "/balance"), "You: today $0.17 spent", "under way: $0.00")
    assert spent.now == (1, 1)


async def test_killed_while_the_order_is_under_way_the_person_decides(town: TelegramTown) -> None:
    """The relay may have taken it: nothing is bought twice without being asked."""
    ada, home = town.somebody()
    spent = town.spent
    town.relay.fail("submit", "timeout", accepted=True)
    town.relay.fail("history", 404, times=9)
    asked = town.fake.say(home, ada, CORGI)
    await eventually(lambda: spent.now == (1, 1))
    await town.house.kill_and_start()
    answer = await town.answer(asked, "it may have been accepted and charged", "you decide")
    assert answer.buttons == [["Try again (may be charged twice)"], ["Give up"]]
    await town.answer(town.fake.say(home, ada, "/balance"), "under way: $0.17")
    assert spent.now == (1, 1)
    town.fake.press(answer, "Give up", ada)
    await town.fake.until(lambda: not answer.buttons or answer.buttons == [["Again"]])
    await town.answer(town.fake.say(home, ada, "/balance"), "You: today $0.00 spent", "under way: $0.00")
    assert spent.now == (1, 1)


async def test_what_was_said_while_it_was_down_is_served_once(town: TelegramTown) -> None:
    ada, home = town.somebody()
    result = await town.painted(town.fake.say(home, ada, CORGI))
    await town.house.stop()
    spent = town.spent
    asked = [town.fake.say(home, ada, f"/imagine {what}") for what in ("one", "two", "three")]
    press = town.fake.press(result, "🔁 Again", ada)
    help_ = town.fake.say(home, ada, "/help")
    await town.house.start()
    for each in asked:
        await town.painted(each)
    await town.answer(help_, "/imagine")
    await town.fake.until(lambda: press.answered)
    await eventually(lambda: spent.now == (4, 4))
    await town.fake.until(lambda: sum(m.photo is not None for m in town.fake.answers(home)) == 5, 15.0)
    await town.house.restart()
    await asyncio.sleep(0.3)
    assert spent.now == (4, 4)
    assert len(town.fake.answers(home)) == 6


async def test_stopped_with_a_job_under_way_it_is_quick_and_resumes(town: TelegramTown) -> None:
    ada, home = town.somebody()
    town.relay.delay, spent = 1.5, town.spent
    asked = [town.fake.say(home, ada, f"/imagine {n} corgis") for n in range(4)]
    await eventually(lambda: spent.now == (2, 2))
    assert await town.house.stop() < 10
    assert "Easel has stopped" in town.house.log
    town.relay.delay = 0.2
    await town.house.start()
    for each in asked:
        await town.painted(each)
    assert spent.now == (4, 4)


async def test_stopped_while_an_order_is_under_way_it_waits_for_the_answer(town: TelegramTown) -> None:
    """A stop is no crash: nobody has to decide what became of their picture."""
    ada, home = town.somebody()
    town.relay.hesitation, spent = 1.0, town.spent
    asked = town.fake.say(home, ada, CORGI)
    await eventually(lambda: spent.now == (1, 1))
    assert 0.5 < await town.house.stop() < 5
    town.relay.hesitation = 0.0
    await town.house.start()
    await town.painted(asked)
    assert spent.now == (1, 1)


async def test_a_stop_finishes_what_is_short_and_hands_the_rest_over(town: TelegramTown) -> None:
    """One job waits at the relay, one is just being uploaded, a large one does not get through."""
    people = [town.somebody(name) for name in ("Ada", "Ben", "Cy")]
    spent = town.spent

    async def asks(who: int, seconds: float = 0.1, size: int = 0) -> Message:
        town.relay.delay, town.relay.size = seconds, size
        asked = town.fake.say(people[who][1], people[who][0], CORGI)
        await eventually(lambda: spent.now[0] == who + 1)
        return asked

    waiting = await asks(0, 60.0)
    town.fake.fail("editMessageMedia", "choke", 60)
    large = await asks(1, size=18_000_000)
    await eventually(lambda: town.fake.choking)
    town.fake.fail("editMessageMedia", "hang", 2.0)
    short = await asks(2)
    await town.painted(short)
    edits = len(town.fake.called("editMessageMedia"))
    assert await town.house.stop() < 10
    assert "Traceback" not in town.house.log
    for order in town.relay.jobs.values():
        order.takes = min(order.takes, 0.1)
    town.relay.delay, town.relay.size = 0.2, 0
    await town.house.start()
    for asked in (waiting, large, short):
        await town.painted(asked)
    await eventually(lambda: spent.now == (3, 3))
    uploads = town.fake.called("editMessageMedia")
    assert len(uploads) == edits + 2, "what was just being sent was sent once"
    assert max(sum(call.files.values()) for call in uploads) == 18_000_000


async def test_the_menu_of_commands_is_written_once(town: TelegramTown) -> None:
    before = len(town.fake.called("getMyCommands"))
    await town.house.restart()
    await eventually(lambda: len(town.fake.called("getMyCommands")) == before + 2)
    assert before
    assert len(town.fake.called("setMyCommands")) == 2
    assert {call.params.get("language_code") for call in town.fake.called("setMyCommands")} == {None, "zh"}
    commands = [each["command"] for each in town.fake.methods.menus[""]]
    assert commands[:2] == ["imagine", "edit"]


async def test_telegram_pushes_through_the_web_port(tmp_path: Path) -> None:
    public, port = "https://easel.example/telegram", free_port()
    async with telegram_town(tmp_path, port, TELEGRAM_WEBHOOK_URL=public) as town:
        local = f"{town.house.url}/telegram"
        town.fake.updates.leads[public] = local
        hook = town.fake.updates.webhook
        assert hook
        assert hook.url == public
        assert hook.secret
        assert hook.secret not in TOKEN
        ada, home = town.somebody()
        asked = town.fake.say(home, ada, CORGI)
        await town.painted(asked)
        assert hook.statuses[-1] == 200
        async with aiohttp.ClientSession() as session:
            for secret, status in (("wrong", 403), ("", 403), (hook.secret, 400)):
                headers = {"X-Telegram-Bot-Api-Secret-Token": secret}
                async with session.post(local, data=b"{}", headers=headers) as answer:
                    assert answer.status == status
        spent = town.spent
        await town.house.stop()
        later = town.fake.say(home, ada, CORGI)
        await town.house.start()
        await town.painted(later)
        assert spent.now == (1, 1)
        assert not town.fake.called("getUpdates")
        assert hook.secret not in town.house.log
        town.house.in_order()


# what Telegram does to messages


@pytest.mark.parametrize("fault", ["lost", "late gateway", "gateway", "reset", "flood"])
async def test_a_picture_is_delivered_once_through_everything(town: TelegramTown, fault: str) -> None:
    ada, home = town.somebody()
    town.fake.fail("editMessageMedia", fault, 1 if fault == "flood" else None)
    spent = town.spent
    await town.painted(town.fake.say(home, ada, CORGI))
    assert spent.now == (1, 1)
    assert len(town.fake.answers(home)) == 1


@pytest.mark.parametrize("fault", ["lost", "late gateway", "gateway", "reset", "flood"])
async def test_a_placeholder_is_sent_once_through_everything(town: TelegramTown, fault: str) -> None:
    """Nothing names a new message on Telegram: the one nobody learnt the id of is found and taken away."""
    ada, home = town.somebody()
    town.fake.fail("sendMessage", fault, 1 if fault == "flood" else None)
    spent = town.spent
    asked = town.fake.say(home, ada, CORGI)
    await town.fake.until(lambda: any(m.media and len(m.buttons) > 1 for m in town.answers(asked)), 15)
    assert spent.now == (1, 1)
    assert len(town.fake.answers(home)) == 1


async def test_a_placeholder_that_somebody_removed_is_no_loss(town: TelegramTown) -> None:
    ada, home = town.somebody()
    asked = town.fake.say(home, ada, CORGI)
    placeholder = await town.answer(asked, "Painting")
    del home.messages[placeholder.id]
    assert (await town.painted(asked)).id != placeholder.id


async def test_a_picture_waits_for_a_chat_that_was_closed(town: TelegramTown) -> None:
    ada = town.fake.person()
    club = town.fake.group("The Club", ada)
    spent = town.spent
    await town.answer(town.fake.say(club, ada, CORGI), "Painting")
    club.kicked = True
    await eventually(lambda: "could not be delivered" in town.house.log)
    club.kicked = False
    shown = town.fake.say(club, ada, "/show")
    answer = await town.painted(shown)
    assert "1536×864" in answer.text
    assert "I may not" not in answer.text
    assert spent.now == (1, 1)
