"""The purse as people meet it: caps, grants, prices."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.credits import Quotas
from bot.model import UNIT, Allowance, ChatId, Invocation, Post, Reply, Standing, User, UserId, now
from tests.fakes.painter import CENT
from tests.rooms.conftest import House

GROUP = ChatId("stage:group")
ANN, BOB = UserId("stage:ann"), UserId("stage:bob")


def done(reply: Reply) -> bool:
    return bool(reply.pictures) and not reply.busy


def last(house: House) -> str:
    return house.stage.shown()[-1].text


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    """Ann is the chat's admin; the operator caps each chat at three cents a day."""
    house = House(tmp_path, quotas=Quotas(chat_daily=3 * CENT))
    house.stage.admins = {ANN}
    async with house.lives() as living:
        yield living


async def test_caps_are_set_by_an_admin_and_shown_to_everybody(house: House) -> None:
    await house.stage.say("/caps --chat-month 5 --member-day 0.02")
    await house.stage.say("/caps member-month 1")
    await house.stage.say("/caps", user="bob")
    for said in ("This chat: a day no cap, a month $5.00", "member: a day $0.02, a month $1.00", "$0.03"):
        assert said in last(house)
    chat = await house.store.chat(GROUP)
    assert (chat.chat_cap, chat.member_cap) == (Allowance(None, 5 * UNIT), Allowance(2 * CENT, UNIT))
    await house.stage.say("/caps --member-day off", user="bob")
    assert "admin" in last(house)
    await house.stage.say("/caps --member-day off")
    assert (await house.store.chat(GROUP)).member_cap == Allowance(None, UNIT)
    assert len(await house.store.audit_trail(GROUP)) == 3


async def test_a_members_cap_binds_that_member(house: House) -> None:
    await house.store.save_chat(GROUP, member_cap=Allowance(CENT))
    await house.stage.say("/imagine a fox")
    await house.stage.until(done)
    await house.stage.say("/imagine a fox")
    assert "Your budget for today" in last(house)
    await house.stage.say("/balance")
    assert "You: today $0.01 spent, left: $0.00 of $0.01" in last(house)
    assert "This chat: today $0.01 spent, left: $0.02 of $0.03" in last(house)
    await house.stage.say("/imagine a fox", user="bob")
    assert "budget" not in last(house)


async def test_the_most_generous_role_of_a_person_counts(house: House) -> None:
    await house.store.save_chat(GROUP, member_cap=Allowance(CENT))
    await house.stage.say("/caps --member-day 0.02", options={"role": "8 Patrons"})
    assert "with the role Patrons: a day $0.02" in last(house)
    await house.stage.say("/imagine a fox --n 2", user="bob")
    assert "Your budget" in last(house)
    await house.stage.say("/imagine a fox --n 2", user="bob", roles=("3", "8"))
    assert "budget" not in last(house)
    await house.stage.say("/caps forget", options={"role": "8"})
    assert not (await house.store.chat(GROUP)).role_caps


async def test_a_grant_comes_on_top_once(house: House) -> None:
    await house.store.save_chat(GROUP, member_cap=Allowance(0, CENT))
    await house.stage.say("/grant 0.02", id="stage:once", replied=Post(GROUP, "hi"), author=User(BOB, "Bob"))
    assert last(house) == "Bob may spend $0.02 more today."
    await house.stage.say("/grant 0.02", id="stage:once", replied=Post(GROUP, "hi"), author=User(BOB, "Bob"))
    (stands,) = await house.store.standing([f"{GROUP}/{BOB}"])
    assert stands == Standing(f"{GROUP}/{BOB}", granted_day=2 * CENT, granted_month=2 * CENT)
    assert len(await house.store.audit_trail(GROUP)) == 1
    await house.stage.say("/imagine a fox --n 3", user="bob")
    assert "Your budget for today is not enough: $0.02 is left and this costs about $0.03" in last(house)
    await house.stage.say("/imagine a fox --n 2", user="bob")
    await house.stage.until(done)
    await house.stage.say("/grant BOB 0.01 --period month")
    assert last(house) == "Bob may spend $0.01 more this month."
    await house.stage.say("/grant Carl 0.01")
    assert "Carl" in last(house)
    assert "may spend" not in last(house)
    await house.stage.say("/grant 0.01", user="bob")
    assert "admin" in last(house)
    await house.stage.say("/grant a lot")
    assert "--amount" in last(house)


async def test_an_admin_grants_on_top_of_the_chats_caps_the_operator_on_top_of_all(house: House) -> None:
    await house.stage.say("/grant 1")
    assert "No cap of yours" in last(house)
    await house.store.add_operator(ANN)
    await house.stage.say("/grant 1")
    assert last(house) == "This chat may spend $1.00 more today."
    (stands,) = await house.store.standing([f"operator/{GROUP}"])
    assert stands.granted_day == UNIT
    await house.stage.say("/balance")
    assert "left: $1.03 of $1.03" in last(house)


async def test_the_price_is_told_before(house: House) -> None:
    await house.stage.say("/price --n 3")
    assert "about $0.03" in last(house)
    await house.stage.say("/imagine a fox --n 2")
    await house.stage.until(done)
    await house.stage.say("/price", options={"of": (await house.store.jobs(GROUP))[0].id})
    assert "about $0.02" in last(house)
    await house.stage.say("/price")
    assert "costs nothing" in last(house)
    assert len(house.painter.submits) == 1


# --- keys that members lend -----------------------------------------------------------------

KEY = "sk-good-bobs-own-key-0123456789"


async def lend(house: House, user: str = "bob", more: str = "") -> None:
    """In private, by the invitation of the group."""
    vouched = house.services.vault.vouch(str(GROUP))
    await house.stage.say(f"/pool {KEY} {more} --chat {vouched}", user=user, chat=f"stage:{user}")


async def endpoints(house: House) -> list[str]:
    return [job.endpoint for job in reversed(await house.store.jobs(GROUP))]


async def test_a_lent_key_pays_for_its_giver_first_and_for_others_when_the_pot_is_empty(house: House) -> None:
    await lend(house, more="--month 0.02")
    assert "at most no cap a day and $0.02 a month" in house.stage.shown("stage:bob")[-1].text
    assert KEY not in str([message.history for message in house.stage.messages.values()])
    await house.store.save_chat(GROUP, chat_cap=Allowance(CENT))
    for user in ("ann", "ann", "bob"):
        await house.stage.say("/imagine a fox", user=user)
    await house.stage.say("/imagine a fox", user="ann")
    assert "This chat's budget" in last(house), "the first payer's words"
    lent = f"pool/{GROUP}/{BOB}"
    assert await endpoints(house) == ["operator", lent, lent]
    used = await house.store.standing([lent, f"{lent}/own", f"{GROUP}/{ANN}", f"{GROUP}/{BOB}"])
    assert [one.month for one in used] == [2 * CENT, CENT, 2 * CENT, 0]
    await house.stage.say("/pool")
    assert "Bob: today $0.02 of no cap, this month $0.02 of $0.02" in last(house)
    await house.stage.say("/balance", user="bob")
    assert "the key that Bob lends" in last(house)


async def test_a_key_taken_back_ends_what_waits_for_it(house: House) -> None:
    house.painter.gate.clear()
    await lend(house)
    for _ in range(4):
        await house.stage.say("/imagine a fox", user="bob")
    waiting = await house.store.waiting(GROUP)
    assert waiting
    await house.stage.say("/pool forget", user="bob")
    await house.stage.until(lambda reply: "taken back; nothing was charged" in reply.text)
    assert not await house.store.waiting(GROUP)
    assert not await house.store.pool(GROUP)
    house.painter.gate.set()
    await house.stage.say("/pool forget", user="bob")
    assert "no such key" in last(house)


async def test_a_key_taken_back_orders_nothing_more(house: House) -> None:
    """Not even what waits for a busy relay; what was ordered by then is followed to its end."""
    house.painter.gate.clear()
    await lend(house)
    await house.stage.say("/imagine a fox", user="bob")
    await house.stage.until(lambda _: len(house.painter.submits) == 1)
    house.painter.busy = True
    await house.stage.say("/imagine an owl", user="bob")
    await house.stage.until(lambda reply: "an owl" in reply.text and len(house.painter.endpoints) == 2)
    await house.stage.say("/pool forget", user="bob")
    house.painter.busy = False
    gone = await house.stage.until(lambda reply: "taken back; nothing was charged" in reply.text)
    assert "an owl" in gone.text
    house.painter.gate.set()
    await house.stage.until(done)
    assert [order.request.prompt for order in house.painter.submits] == ["a fox"]
    assert (await house.store.standing([f"pool/{GROUP}/{BOB}"]))[0].month == CENT


async def test_an_address_of_ones_own_is_for_admins(house: House) -> None:
    await lend(house, more="--url https://relay.example --dialect painter --model x")
    assert "Only an admin" in house.stage.shown("stage:bob")[-1].text
    assert not await house.store.pool(GROUP)


async def test_an_invitation_is_for_its_own_chat(house: House) -> None:
    vouched = house.services.vault.vouch(str(GROUP))
    await house.stage.say(f"/pool {KEY} --chat {vouched}", user="bob", chat="stage:bob")
    assert [key.giver.id for key in await house.store.pool(GROUP)] == [BOB]
    forged = vouched.replace("group", "other")
    await house.stage.say(f"/pool {KEY} --chat {forged}", user="bob", chat="stage:bob")
    assert not await house.store.pool(ChatId("stage:other"))


async def test_a_chat_that_moves_takes_lent_keys_along(house: House) -> None:
    await lend(house)
    await house.stage.say("/imagine a fox", user="bob")
    await house.stage.until(done)
    new = ChatId("stage:super")
    await house.bot.moved(GROUP, new)
    (job,) = await house.store.jobs(new)
    assert (await house.services.policy.endpoint_of(job)).key == KEY
    assert job.endpoint == f"pool/{new}/{BOB}"
    assert (await house.store.standing([job.endpoint]))[0].month == CENT


async def test_an_invitation_outlives_a_move(house: House) -> None:
    new = ChatId("stage:super")
    await house.bot.moved(GROUP, new)
    await lend(house)
    assert [key.home for key in await house.store.pool(new)] == [new]


async def test_an_admin_sends_a_key_away(house: House) -> None:
    await lend(house)
    await house.stage.say("/imagine a fox", user="bob")
    await house.stage.until(done)
    await house.stage.say("/pool forget Bob", user="carl")
    assert "admin" in last(house)
    await house.stage.say("/pool forget Bob")
    assert not await house.store.pool(GROUP)


# --- who spent what -------------------------------------------------------------------------


async def test_the_table_of_who_spent_what_is_for_admins(house: House) -> None:
    await house.stage.say("/usage")
    assert "Nothing was spent" in last(house)
    for number, (user, name) in enumerate(((ANN, "=1+1"), (BOB, "小明"))):
        await house.bot.handle(Invocation(f"e{number}", GROUP, User(user, name), "imagine", "a fox"))
    await house.stage.until(lambda _: len([1 for reply in house.stage.shown() if done(reply)]) == 2)
    await house.stage.say("/usage csv", user="bob")
    assert "Only an admin" in last(house)
    await house.stage.say("/usage csv")
    (table,) = house.stage.handed
    today = f"{now():%Y-%m-%d}"
    assert table.decode("utf-8-sig").splitlines() == [
        "day,member,name,usd,requests",
        f"{today},{ANN},'=1+1,0.010000,1",
        f"{today},{BOB},小明,0.010000,1",
    ]
    assert not list(house.store.spool.glob("usage*"))
    await house.stage.say("/usage november")
    assert "november" in last(house)


async def test_two_charts_at_most_are_drawn_at_once(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each takes a process of its own, whoever asks for how many."""
    drawing, most, together = 0, 0, asyncio.Barrier(2)

    async def bars(*_: object) -> None:
        nonlocal drawing, most
        drawing += 1
        most = max(most, drawing)
        async with asyncio.timeout(5):
            await together.wait()  # two by two
        await asyncio.sleep(0.02)  # in which a third could come
        drawing -= 1

    monkeypatch.setattr("bot.chart.bars", bars)
    await house.stage.say("/imagine a fox")
    await house.stage.until(done)
    await asyncio.gather(*(house.stage.say("/usage") for _ in range(6)))
    assert most == 2
