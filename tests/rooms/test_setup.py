"""``/setup``: one form or one question after the other; nothing is lost on the way, and no key is shown."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.model import UNIT, Allowance, ChatId, UserId
from bot.setup import Draft, Step, draft_of, draft_text
from tests.fakes.stage import Stage
from tests.rooms.conftest import House

ANN = UserId("stage:ann")
GROUP = ChatId("stage:group")
KEY = "sk-good-9876543210fedcba"
BAD = "sk-bad-0011223344556677"


def test_a_draft_comes_back_as_it_was_written() -> None:
    draft = Draft(
        ChatId("a:b:7"), Step.SHARE, "jobs", "https://x", "c2Vh", "sk-…dcba", 3, None, "en", ("key",)
    )
    assert draft_of(draft_text(draft)) == draft
    assert [step.after for step in (Step.RELAY, Step.LANGUAGE, Step.DONE)] == [Step.URL, Step.DONE, Step.DONE]


@pytest.fixture
async def asked(tmp_path: Path) -> AsyncIterator[House]:
    """A platform that asks one question at once, in private."""
    async with House(tmp_path, stage=Stage(link=True)).lives() as house:
        house.stage.admins = {ANN}
        yield house


def shown(house: House, chat: str = "stage:ann") -> str:
    return house.stage.shown(chat)[-1].text


async def said(house: House, words: str) -> str:
    await house.stage.say(words, chat="stage:ann")
    return shown(house)


async def pressed(house: House, label: str) -> str:
    """What is said next, or in the place of the question."""
    before = len(house.stage.notes)
    await house.stage.press(label)
    return house.stage.notes[-1][1] if len(house.stage.notes) > before else shown(house)


async def test_one_question_after_the_other(asked: House) -> None:
    await asked.stage.say("/setup", chat="stage:group:7")
    (button,) = asked.stage.shown("stage:group:7")[-1].buttons[0]
    payload = button.url.removeprefix("https://stage.example/")
    assert payload == "setup_group_7"
    assert "Which image service" in await said(asked, f"/start {payload}")
    assert "I don't know that image service" in await said(asked, "paintbox")
    assert "Send me its address" in await said(asked, "guess")
    assert "API key" in await said(asked, "https://relay.example")
    wrong = await said(asked, BAD)
    assert "does not accept the key" in wrong
    assert "API key" in wrong, "the same question again"
    works = await said(asked, KEY)
    assert "sk-…dcba works" in works
    assert "up to" in works
    assert "in a month" in works
    assert "is no amount" in await said(asked, "a lot")
    assert "each member" in await said(asked, "$20")
    assert "Which language" in await said(asked, "off")
    assert "Done, and the chat knows" in await said(asked, "zh-Hans")
    (back,) = asked.stage.shown("stage:ann")[-1].buttons[0]
    assert back.url.startswith("https://stage.example/stage:group:7/")
    told = shown(asked, "stage:group:7")
    assert "sk-…dcba" in told
    assert "$20" in told
    chat = await asked.store.chat(GROUP)
    assert chat.key
    assert (chat.key.dialect, chat.key.urls) == ("painter", ("https://relay.example",))
    assert (chat.chat_cap, chat.member_cap) == (Allowance(month=20 * UNIT), Allowance())
    assert chat.language == "zh-Hans"
    assert KEY not in "".join(m.reply.text for m in asked.stage.messages.values())
    assert len(asked.stage.deleted) == 2, "messages that held a key are taken away"
    (entry,) = await asked.store.audit_trail(GROUP)
    assert entry.what.message_id == "audit-setup"
    assert "To paint that" in await said(asked, "thank you"), "the dialogue is over"


async def test_it_survives_a_restart_and_no_key_is_written_down(tmp_path: Path) -> None:
    stage = Stage(link=True)
    async with House(tmp_path, stage=stage).lives() as house:
        stage.admins = {ANN}
        await said(house, "/start setup_group")
        await said(house, "guess")
        await said(house, "https://relay.example")
        await said(house, KEY)
    for file in tmp_path.rglob("*"):
        assert not file.is_file() or KEY.encode() not in file.read_bytes()
    async with House(tmp_path, stage=stage).lives() as house:
        assert "each member" in await said(house, "20")
        assert "each member" in await said(house, "/start setup_group"), "it goes on where it was left"
        await said(house, "5")
        await said(house, "en")
        assert (await house.store.chat(GROUP)).member_cap.month == 5 * UNIT


async def test_an_address_is_an_answer_and_a_key_out_of_turn_is_taken_away(asked: House) -> None:
    await said(asked, "/start setup_group")
    early = await said(asked, KEY)
    assert "looks like a key" in early
    assert "Which image service" in early
    assert len(asked.stage.deleted) == 1
    assert "Send me the API key" in await said(asked, "https://relay.example")
    assert "in a month" in await said(asked, KEY)
    assert KEY not in "".join(m.reply.text for m in asked.stage.messages.values())


async def test_what_was_left_stays_as_others_set_it_meanwhile(asked: House) -> None:
    await said(asked, "/start setup_group")
    await asked.store.save_chat(GROUP, chat_cap=Allowance(1, 2), language="zh-Hans")
    for answer in ("keep", "keep", "7", "keep"):
        await said(asked, answer)
    chat = await asked.store.chat(GROUP)
    assert (chat.chat_cap, chat.member_cap) == (Allowance(1, 2), Allowance(month=7 * UNIT))
    assert chat.language == "zh-Hans"


async def test_a_group_that_became_another_meanwhile_is_set_up_where_it_is(asked: House) -> None:
    await said(asked, "/start setup_group")
    await said(asked, "https://relay.example")
    await said(asked, KEY)
    await asked.bot.moved(GROUP, ChatId("stage:supergroup"))
    for answer in ("20", "off", "en"):
        await said(asked, answer)
    assert "set this chat up" in shown(asked, "stage:supergroup")
    chat = await asked.store.chat(ChatId("stage:supergroup"))
    assert chat.key
    assert asked.services.policy.payer(chat).key == KEY
    assert (await asked.store.chat(GROUP)).key is None
    assert "Which image service" in await said(asked, "/start setup_group"), "an old link leads there too"


async def test_it_can_be_left_and_old_buttons_do_no_harm(asked: House) -> None:
    await said(asked, "/start setup_group")
    await asked.stage.press("Leave as it is")
    assert "in a month" in asked.stage.notes[-1][1]
    await asked.stage.press("Leave as it is")
    assert "in a month" in asked.stage.notes[-1][1], "a press that comes twice asks again"
    await asked.stage.press("Leave it")
    assert "nothing was changed" in shown(asked)
    assert "over already" in await said(asked, "/setup budget 20")
    assert (await asked.store.chat(GROUP)).key is None


async def test_a_member_sets_nothing_up(asked: House) -> None:
    await asked.stage.say("/setup", user="ben")
    assert "Only an admin" in shown(asked, "stage:group")
    await asked.stage.say("/start setup_group", user="ben", chat="stage:ben")
    assert "Only an admin" in shown(asked, "stage:ben")


async def test_who_is_no_admin_any_more_finishes_nothing(asked: House) -> None:
    await said(asked, "/start setup_group")
    asked.stage.admins.clear()
    assert "Only an admin" in await said(asked, "guess")


async def test_a_form_with_one_wrong_answer_loses_none(house: House) -> None:
    house.stage.admins = {ANN}
    await house.stage.say("/setup")
    form = house.stage.shown()[-1].form
    assert form
    assert len(form.fields) == 5
    filled = {"url": "https://relay.example", "key": BAD, "budget": "20, 5", "language": "zh-Hans"}
    await house.stage.say(f"/setup {form.text}", options=filled)
    assert "does not accept the key" in shown(house, "stage:group")
    await house.stage.press("Go on")
    again = house.stage.shown()[-1].form
    assert again
    assert [field.value for field in again.fields] == [
        "",
        "https://relay.example",
        "",
        "$20.00, $5.00",
        "zh-Hans",
    ]
    assert BAD not in str(again)
    filled = {field.name: field.value for field in again.fields if field.value} | {"key": KEY}
    await house.stage.say(f"/setup {again.text}", options=filled)
    chat = await house.store.chat(GROUP)
    assert chat.key
    assert chat.key.hint == "sk-…dcba"
    assert chat.chat_cap.month == 20 * UNIT
    texts = [reply.text for reply in house.stage.shown()]
    assert any("Paid by" in text or "付费" in text for text in texts)
