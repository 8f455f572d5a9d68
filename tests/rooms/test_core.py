"""The core, from words typed to a picture shown: commands, access, money, buttons, crashes."""

from __future__ import annotations

import asyncio
import threading
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from PIL import Image

from bot.commands import COMMANDS
from bot.credits import Quotas
from bot.errors import (
    BadKey,
    BadRequest,
    Flooded,
    Gone,
    Moderated,
    NotAllowed,
    NotDelivered,
    OutOfCredit,
    PlatformError,
    StorageError,
    UnknownOutcome,
    Unreachable,
    UpstreamBusy,
    UpstreamDown,
)
from bot.model import Access, Balance, ChatId, JobId, Key, Post, Reply, Running, State, User, UserId
from bot.ports import Caps, Claim
from bot.presenter import Pace, _pauses
from storage import pictures
from tests.fakes.painter import CENT
from tests.fakes.stage import Stage, person
from tests.rooms.conftest import House

GROUP = ChatId("stage:group")


def done(reply: Reply) -> bool:
    return bool(reply.pictures) and any(button.command == "again" for row in reply.buttons for button in row)


def says(text: str):  # type: ignore[no-untyped-def]
    return lambda reply: text in reply.text


async def latest(house: House, state: State) -> JobId:
    async with asyncio.timeout(5):
        while not (jobs := await house.store.jobs(GROUP, states=(state,))):
            await asyncio.sleep(0.01)
    return jobs[0].id


async def used(house: House, account: str = "operator/stage:group") -> tuple[int, int]:
    (standing,) = await house.store.standing([account])
    return standing.day, standing.held


# --- the main path ---------------------------------------------------------------------------


async def test_a_prompt_becomes_a_picture_in_one_message(house: House) -> None:
    await house.stage.say("/imagine a corgi in a space suit --size 16:9")
    shown = await house.stage.until(done)
    assert (shown.pictures[0].width, shown.pictures[0].height) == (1536, 864)
    assert "corgi in a space suit" in shown.text
    (message,) = house.stage.messages.values()
    assert not message.history[0].pictures, "the placeholder is words"
    assert message.origin is not None, "it answers the one who asked"
    await latest(house, State.DONE)
    assert await used(house) == (CENT, 0)


async def test_previews_repaint_the_message(house: House) -> None:
    house.painter.previews = True
    await house.stage.say("/imagine a fox")
    await house.stage.until(done)
    (message,) = house.stage.messages.values()
    sketched = [bool(reply.pictures) for reply in message.history]
    assert sketched.count(True) >= 2, "a sketch, then the picture"
    assert sketched == sorted(sketched), "once there is something to see it stays"


async def test_several_pictures_share_a_sheet_and_each_can_be_had(house: House) -> None:
    await house.stage.say("/imagine a fox --n 3")
    shown = await house.stage.until(done)
    assert len(shown.pictures) == 1
    await house.stage.press("2")
    single = house.stage.shown()[-1]
    assert single.pictures[0].id != shown.pictures[0].id
    await house.stage.press("Original", message=list(house.stage.messages)[-1])
    assert [f.id for f in house.stage.shown()[-1].files] == [single.pictures[0].id]


async def test_missing_pictures_are_told_and_not_charged(house: House) -> None:
    house.painter.short = 1
    await house.stage.say("/imagine a fox --n 4")
    shown = await house.stage.until(done)
    assert "One picture did not come" in shown.text
    assert await used(house) == (3 * CENT, 0)


async def test_the_real_cost_is_settled_where_the_relay_says_it(house: House) -> None:
    house.painter.cost = 7 * CENT
    await house.stage.say("/imagine a fox")
    assert "$0.07" in (await house.stage.until(done)).text
    assert await used(house) == (7 * CENT, 0)


async def test_chat_defaults_fill_what_was_not_said(house: House) -> None:
    house.stage.admins.add(UserId("stage:ann"))
    await house.stage.say("/settings size 9:16")
    await house.stage.say("/settings --n 2 --quality low")
    await house.stage.say("/imagine a fox --quality high")
    await house.stage.until(done)
    request = house.painter.submits[0].request
    assert (request.size.pixels, request.n, request.quality) == ("864x1536", 2, "high")


SETTINGS = ("size", "n", "quality", "model", "keep-days", "reply-edits", "ask-above", "relay", "language")


async def test_default_takes_a_choice_back(house: House) -> None:
    house.painter.facts = replace(house.painter.facts, models=("gpt-image-2", "other"))
    house.stage.admins.add(UserId("stage:ann"))
    await house.stage.say("/settings --size 9:16 --n 2 --quality low --model other --keep-days 7")
    assert "Size: 9:16\n" in house.stage.shown()[-1].text
    await house.stage.say("/settings size 4k")
    assert "Size: 16:9@4k\n" in house.stage.shown()[-1].text
    await house.stage.say("/imagine a fox --size default --n default --quality default --model default")
    await house.stage.until(done)
    request = house.painter.submits[0].request
    assert (request.size.auto, request.n, request.quality, request.model) == (True, 1, "auto", "")
    for name in SETTINGS:
        await house.stage.say(f"/settings {name} Default")
        assert "Changed." in house.stage.shown()[-1].text, name
    chat = await house.store.chat(GROUP)
    assert (chat.size, chat.quality, chat.model, chat.keep_days, chat.reply_edits) == ("", "", "", None, None)
    assert "Size: auto\n" in house.stage.shown()[-1].text


async def test_a_price_for_the_relays_own_model(house: House) -> None:
    house.painter.facts = replace(house.painter.facts, models=("gpt-image-2", "other"))
    await house.store.save_chat(GROUP, model="other")
    await house.stage.say("/price --model default --n 2")
    assert "gpt-image-2 · n=2" in house.stage.shown()[-1].text


# --- edits -----------------------------------------------------------------------------------


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "photo.jpg"
    Image.new("RGB", (40, 30), "red").save(path, exif=Image.Exif())
    return path


async def test_an_edit_of_attached_pictures(house: House, photo: Path) -> None:
    files = tuple(house.stage.attach(photo, "image/jpeg") for _ in range(3))
    await house.stage.say("/edit make it night", attachments=files)
    await house.stage.until(done)
    (order,) = house.painter.submits
    assert len(order.images) == 3
    assert order.mask is None


async def test_the_last_picture_may_be_the_mask(house: House, photo: Path, tmp_path: Path) -> None:
    Image.new("RGBA", (40, 30), (0, 0, 0, 0)).save(tmp_path / "mask.png")
    files = (house.stage.attach(photo), house.stage.attach(tmp_path / "mask.png"))
    await house.stage.say("/edit make it night --mask last", attachments=files)
    await house.stage.until(done)
    assert len(house.painter.submits[0].images) == 1
    assert house.painter.submits[0].mask is not None


async def test_a_reply_to_our_picture_edits_the_kept_original(house: House) -> None:
    await house.stage.say("/imagine a fox")
    await house.stage.until(done)
    (post,) = house.stage.messages
    (job,) = await house.store.jobs(GROUP)
    await house.stage.say("/edit make it night", replied=house.stage.messages[post] and job.post)
    await house.stage.until(lambda reply: done(reply) and "night" in reply.text)
    assert house.painter.submits[1].images == (job.pictures[0].path,)
    assert (await house.store.jobs(GROUP))[0].parent == job.id


async def test_words_in_reply_edit_only_where_the_chat_wants_it(house: House) -> None:
    await house.stage.say("/imagine a fox")
    await house.stage.until(done)
    (job,) = await house.store.jobs(GROUP)
    await house.stage.say("lovely!", replied=job.post)
    assert len(house.painter.submits) == 1
    house.stage.admins.add(UserId("stage:ann"))
    await house.stage.say("/settings reply-edits on")
    await house.stage.say("make it night", replied=job.post)
    await house.stage.until(lambda reply: done(reply) and "night" in reply.text)


async def test_the_edit_button_asks_and_takes_the_answer(house: House) -> None:
    await house.stage.say("/imagine a fox")
    await house.stage.until(done)
    await house.stage.press("Edit")
    post, form = next((p, m.reply.form) for p, m in house.stage.messages.items() if m.reply.form)
    assert form is not None
    await house.stage.say("somebody else's words", user="bob", replied=(await _post(house, post)))
    assert len(house.painter.submits) == 1, "only the one who was asked answers"
    await house.stage.say("make it night", replied=(await _post(house, post)))
    await house.stage.until(lambda reply: done(reply) and "night" in reply.text)


@pytest.mark.parametrize("typed", [True, False], ids=["a reply", "a dialog"])
@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("add snow --foo", "no --foo"),
        ("add snow --size 99:1", "--size can't be “99:1”"),
        ("--n 2", "Say what you want to see after /edit"),
    ],
)
async def test_flags_count_in_the_answer_to_the_edit_button(
    house: House, typed: bool, words: str, sentence: str
) -> None:
    await house.stage.say("/imagine a fox")
    await house.stage.until(done)
    await house.stage.press("Edit")
    post, form = next((p, m.reply.form) for p, m in house.stage.messages.items() if m.reply.form)
    assert form is not None

    async def answer(said: str) -> None:
        if typed:
            await house.stage.say(said, replied=await _post(house, post))
        else:
            await house.stage.say(f"/edit {form.text}", options={"prompt": said})

    await answer(words)
    assert sentence in house.stage.shown()[-1].text
    assert (len(house.painter.submits), await used(house)) == (1, (CENT, 0))
    await answer("add snow，——size 16：9\n—n 2")
    await house.stage.until(lambda reply: done(reply) and "snow" in reply.text)
    request = house.painter.submits[-1].request
    assert (request.prompt, str(request.size.pixels), request.n) == ("add snow，", "1536x864", 2)
    assert request.images


async def test_flags_said_before_the_words_count_with_them(house: House) -> None:
    await house.stage.say("/imagine a fox")
    await house.stage.until(done)
    (job,) = await house.store.jobs(GROUP)
    await house.stage.say("/edit --n 2", replied=job.post, options={"size": "16:9"})
    post, form = next((p, m.reply.form) for p, m in house.stage.messages.items() if m.reply.form)
    assert form is not None
    assert form.text == f'--n 2 --size "16:9" --of "{job.id}"'
    await house.stage.say("add snow --n 3", replied=(await _post(house, post)))
    await house.stage.until(lambda reply: done(reply) and "snow" in reply.text)
    request = house.painter.submits[-1].request
    assert (request.prompt, request.size.pixels, request.n) == ("add snow", "1536x864", 3)
    await house.stage.say("/jam --go anyone")
    assert (form := house.stage.shown()[-1].form)
    assert form.text == "--go anyone"


async def test_flags_count_in_a_jams_form_and_not_in_a_key(house: House) -> None:
    await house.stage.say("/jam", options={"brief": "a city --size 16:9"})
    jam = await house.store.jam_here(GROUP)
    assert jam
    assert (jam.brief, jam.look.size.pixels) == ("a city", "1536x864")
    house.stage.admins.add(UserId("stage:ann"))
    await house.stage.say("/key", chat="stage:ann", options={"key": "sk-good-0123456789 --foo"})
    assert "--foo" not in house.stage.shown("stage:ann")[-1].text


async def test_a_key_in_a_form_that_others_may_read_is_found(house: House) -> None:
    await house.stage.say("/edit", options={"prompt": "sk-good-0123456789abcdefghij"})
    assert "treat the key as known" in house.stage.shown()[-1].text
    assert not house.painter.submits


async def _post(house: House, post: str):  # type: ignore[no-untyped-def]
    from bot.model import Post

    return Post(house.stage.messages[post].chat, post)


@pytest.mark.parametrize(
    ("text", "mime", "sentence"),
    [
        ("/edit make it night", None, "no picture to edit"),
        ("/edit make it night", "application/pdf", "no picture I can read"),
        ("/edit --of nothing make it night", None, "can't find that job"),
        ("/edit make it night --mask last", "image/png", "mask needs a picture"),
    ],
)
async def test_edits_that_make_no_sense(
    house: House, photo: Path, text: str, mime: str | None, sentence: str
) -> None:
    files = (house.stage.attach(photo, mime),) if mime else ()
    await house.stage.say(text, attachments=files)
    assert sentence in house.stage.shown()[-1].text
    assert not house.painter.submits
    assert await used(house) == (0, 0)


async def test_a_broken_picture_releases_the_hold(house: House, tmp_path: Path) -> None:
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"\x89PNG\r\n\x1a\n" + b"nonsense" * 40)
    await house.stage.say("/edit make it night", attachments=(house.stage.attach(broken),))
    await latest(house, State.FAILED)
    assert not house.painter.submits
    assert await used(house) == (0, 0)


# --- errors ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        (BadKey(), "does not accept the key"),
        (OutOfCredit(), "out of credit"),
        (Moderated(), "content rules"),
        (UpstreamBusy(), "busy"),
        (UpstreamDown(request_id="req-7"), "req-7"),
        (BadRequest(detail="size is odd"), "size is odd"),
    ],
)
async def test_what_the_relay_refuses_costs_nothing(house: House, fault: Exception, sentence: str) -> None:
    house.painter.faults.append(fault)  # type: ignore[arg-type]
    await house.stage.say("/imagine a fox")
    await house.stage.until(says(sentence))
    assert await used(house) == (0, 0)
    assert len(house.painter.submits) == 1, "never tried again by the machine"


async def test_an_unknown_outcome_is_kept_until_a_person_decides(house: House) -> None:
    house.painter.faults.append(UnknownOutcome())
    await house.stage.say("/imagine a fox")
    await house.stage.until(says("you decide"))
    assert await used(house) == (CENT, CENT), "the hold stays"
    await house.stage.press("Give up", user="bob")
    assert "belongs to Ann" in house.stage.notes[-1][1]
    await house.stage.press("Try again")
    await house.stage.until(done)
    assert await used(house) == (CENT, 0)
    assert len(house.painter.submits) == 2
    assert not says("you decide")(house.stage.shown()[0])
    assert says("was decided")(house.stage.shown()[0])


async def test_what_was_given_up_says_so_after_a_restart_too(tmp_path: Path) -> None:
    house = House(tmp_path)
    async with house.lives():
        house.painter.faults.append(UnknownOutcome(what="broke"))
        await house.stage.say("/imagine a fox")
        await house.stage.until(says("you decide"))
        await house.stage.press("Give up")
        await house.stage.until(says("nothing is held for it here any more"))
        assert await used(house) == (0, 0)
    async with house.lives():
        job = await latest(house, State.FAILED)
        await house.stage.say(f"/show {job}")
        shown = house.stage.shown()[-1].text
        assert "connection broke" in shown
        assert "nothing is held for it here any more" in shown


async def test_giving_up_twice_releases_once(house: House) -> None:
    house.painter.faults.append(UnknownOutcome())
    await house.stage.say("/imagine a fox")
    await house.stage.until(says("you decide"))
    (post,) = house.stage.messages
    before = house.stage.messages[post].reply
    await house.stage.press("Give up")
    house.stage.messages[post].reply = before  # a late press on a message not yet repainted
    await house.stage.press("Give up")
    assert "decided already" in house.stage.notes[-1][1]
    assert await used(house) == (0, 0)


async def test_a_bug_of_ours_is_a_sentence(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    async def explode(*_: object) -> None:
        raise RuntimeError("boom")

    monkeypatch.setattr(house.painter, "balance", explode)
    await house.stage.say("/balance")
    assert "Something went wrong inside Easel" in house.stage.shown()[-1].text


# --- access, caps, keys ----------------------------------------------------------------------


async def test_a_chat_asks_the_operators_once(tmp_path: Path) -> None:
    house = House(tmp_path, open_access=False, operators=(UserId("stage:op"),))
    async with house.lives():
        await house.stage.say("/imagine a fox", title="Foxes")
        await house.stage.say("/imagine a fox", user="bob")
        assert house.stage.shown()[0].text.startswith("This chat is new here")
        (asked,) = house.stage.shown("stage:op")
        assert "Foxes" in asked.text
        await house.stage.press("Approve", user="bob")
        assert "Only the operator" in house.stage.notes[-1][1]
        await house.stage.press("Approve", user="op")
        assert "approved this chat" in house.stage.shown()[-1].text
        await house.stage.say("/imagine a fox")
        await house.stage.until(done)


async def test_a_refused_chat_may_bring_its_own_key(tmp_path: Path) -> None:
    house = House(tmp_path, open_access=False, operators=(UserId("stage:op"),))
    async with house.lives():
        await house.store.save_chat(GROUP, access=Access.DENIED)
        await house.stage.say("/imagine a fox")
        assert "did not approve" in house.stage.shown()[-1].text
        house.stage.admins.add(UserId("stage:ann"))
        await house.stage.say("/key sk-good-0123456789abcdef", private=True)
        await house.stage.say("/imagine a fox")
        await house.stage.until(done)
        assert await used(house, "stage:group") == (CENT, 0)
        assert await used(house) == (0, 0)


async def test_the_first_person_with_the_code_is_the_operator(tmp_path: Path) -> None:
    house = House(tmp_path, open_access=False)
    async with house.lives():
        await house.stage.say("/imagine a fox", chat="stage:ann")
        assert "no operator yet" in house.stage.shown("stage:ann")[-1].text
        code = await house.services.policy.open_claim()
        await house.stage.say(f"/claim {code}")
        assert "in a private chat" in house.stage.shown()[-1].text
        await house.stage.say("/claim WRONG", chat="stage:bob", user="bob")
        await house.stage.say(f"/claim {code.lower()}", chat="stage:ann")
        await house.stage.say(f"/claim {code}", chat="stage:bob", user="bob")
        assert "an operator already" in house.stage.shown("stage:bob")[-1].text
        await house.stage.say("/imagine a fox", chat="stage:ann")
        await house.stage.until(done, "stage:ann")


async def test_who_uses_the_playground_has_nothing_to_claim(tmp_path: Path) -> None:
    """And leaves the code to who needs it, whether there is one or not."""
    house = House(tmp_path, open_access=False)
    at_home = User(UserId("web:me"), "me")
    async with house.lives():
        policy = house.services.policy
        with pytest.raises(NotAllowed, match="error-claim-playground"):
            await policy.claim(at_home, "ABC")
        code = await policy.open_claim()
        with pytest.raises(NotAllowed, match="error-claim-playground"):
            await policy.claim(at_home, code)
        await house.stage.say(f"/claim {code}", chat="stage:ann")
        assert "You are the operator now" in house.stage.shown("stage:ann")[-1].text


async def test_codes_can_not_be_guessed(tmp_path: Path) -> None:
    house = House(tmp_path, open_access=False)
    async with house.lives():
        code = await house.services.policy.open_claim()
        for _ in range(6):
            await house.stage.say("/claim WRONG", chat="stage:ann")
        await house.stage.say(f"/claim {code}", chat="stage:ann")
        assert "wait an hour" in house.stage.shown("stage:ann")[-1].text


async def test_caps_hold_under_fifty_at_once(tmp_path: Path) -> None:
    house = House(tmp_path, quotas=Quotas(chat_daily=10 * CENT), caps=Caps(100, 100, 100, 100))
    async with house.lives():
        await asyncio.gather(*(house.stage.say(f"/imagine {i}", user=f"u{i}") for i in range(50)))
        async with asyncio.timeout(10):
            while (await used(house))[1]:
                await asyncio.sleep(0.02)
        assert await used(house) == (10 * CENT, 0)
        assert len(house.painter.submits) == 10
        assert sum("budget for today" in reply.text for reply in house.stage.shown()) == 40


async def test_the_balance_of_chat_member_and_relay(tmp_path: Path) -> None:
    house = House(tmp_path, quotas=Quotas(chat_daily=100 * CENT, member_monthly=50 * CENT))
    async with house.lives():
        house.painter.gate.clear()
        await house.stage.say("/imagine a fox --n 2")
        await house.stage.say("/balance")
        text = house.stage.shown()[-1].text
        assert "left: $0.98" in text
        assert "left: $0.48" in text
        assert "Held for jobs under way: $0.02" in text
        assert "relay's own balance: unknown" in text
        house.painter.credit = Balance(12.5, "USD")
        await house.stage.say("/balance")
        assert "12.50 USD" in house.stage.shown()[-1].text
        house.painter.gate.set()
        await house.stage.until(done)


async def test_a_key_is_tried_sealed_shown_short_and_forgotten(house: House, tmp_path: Path) -> None:
    secret = "sk-good-0123456789abcdef"
    await house.stage.say("/key sk-bad-0123456789abcdef", chat="stage:ann")
    assert "does not accept the key" in house.stage.shown("stage:ann")[-1].text
    await house.stage.say(f"/key {secret}", chat="stage:ann")
    assert "sk-…cdef" in house.stage.shown("stage:ann")[-1].text
    assert len(house.stage.deleted) == 2, "messages that held a key are taken away"
    for file in tmp_path.rglob("*"):
        if file.is_file():
            assert secret.encode() not in file.read_bytes(), file
    await house.stage.say("/key forget", chat="stage:ann")
    assert (await house.store.chat(ChatId("stage:ann"))).key is None


async def test_a_key_in_a_group_is_taken_away(house: House) -> None:
    await house.stage.say("/key sk-good-0123456789abcdef")
    assert house.stage.deleted
    assert "treat the key as known" in house.stage.shown()[-1].text
    assert (await house.store.chat(GROUP)).key is None


@pytest.mark.parametrize("typed", ["/key correct-horse", "/setup --key correct-horse", "/pool correct-horse"])
async def test_what_looks_like_no_key_is_none_in_a_group_either(tmp_path: Path, typed: str) -> None:
    """Where others read what is typed, it is taken away and kept by nobody, whoever typed it."""
    async with House(tmp_path, stage=Stage(link=True)).lives() as house:
        house.stage.admins.add(UserId("stage:ann"))
        for count, who in enumerate(("ann", "ben"), start=1):
            await house.stage.say(typed, user=who)
            assert len(house.stage.deleted) == count
            assert "treat the key as known" in house.stage.shown()[-1].text
        assert (await house.store.chat(GROUP)).key is None
        assert await house.store.pool(GROUP) == []


async def test_values_are_suggested_whatever_is_wrong_with_the_chat(house: House) -> None:
    await house.store.save_chat(GROUP, key=Key("painter", (), b"sealed by another SECRET_KEY", "sk-…"))
    assert await house.bot.suggest(GROUP, person("ann"), "model", "") == []


async def test_a_group_is_led_to_the_private_chat(tmp_path: Path) -> None:
    house = House(tmp_path)
    house.stage._link = True
    async with house.lives():
        await house.stage.say("/key")
        assert "Only an admin" in house.stage.shown()[-1].text
        house.stage.admins.add(UserId("stage:ann"))
        await house.stage.say("/key")
        url = house.stage.shown()[-1].buttons[0][0].url
        payload = url.rsplit("/", 1)[1]
        await house.stage.say(f"/start {payload}", chat="stage:bob", user="bob")
        assert "Only an admin" in house.stage.shown("stage:bob")[-1].text
        await house.stage.say(f"/start {payload}", chat="stage:ann")
        form = house.stage.shown("stage:ann")[-1].form
        assert form is not None
        await house.stage.say(
            "/key " + form.text, chat="stage:ann", options={"key": "sk-good-0123456789abcdef"}
        )
        assert (await house.store.chat(GROUP)).key is not None
        assert (await house.store.chat(ChatId("stage:ann"))).key is None


# --- buttons and lists -----------------------------------------------------------------------


async def test_again_pressed_twice_starts_one(house: House) -> None:
    await house.stage.say("/imagine a fox")
    await house.stage.until(done)
    house.painter.gate.clear()
    await asyncio.gather(house.stage.press("Again"), house.stage.press("Again"))
    assert "being painted already" in house.stage.notes[-1][1]
    house.painter.gate.set()
    async with asyncio.timeout(5):
        while len(await house.store.jobs(GROUP, states=(State.DONE,))) < 2:
            await asyncio.sleep(0.01)
    assert len(house.painter.submits) == 2


async def test_vary_takes_the_result_as_reference(house: House) -> None:
    await house.stage.say("/imagine a fox")
    await house.stage.until(done)
    await house.stage.press("Vary")
    await latest(house, State.RUNNING)
    async with asyncio.timeout(5):
        while len(house.painter.submits) < 2:
            await asyncio.sleep(0.01)
    assert len(house.painter.submits[1].images) == 1


async def test_only_the_asker_or_an_admin_deletes(house: House) -> None:
    await house.stage.say("/imagine a fox")
    await house.stage.until(done)
    await house.stage.press("Delete", user="bob")
    assert "belongs to Ann" in house.stage.notes[-1][1]
    assert not house.stage.deleted
    house.stage.admins.add(UserId("stage:bob"))
    await house.stage.press("Delete", user="bob")
    assert house.stage.deleted


async def test_a_job_is_not_seen_from_another_chat(house: House) -> None:
    await house.stage.say("/imagine a fox")
    await house.stage.until(done)
    job = await latest(house, State.DONE)
    await house.stage.say(f"/show {job}", chat="stage:elsewhere")
    assert "can't find that job" in house.stage.shown("stage:elsewhere")[-1].text


async def test_jobs_show_and_cancel(tmp_path: Path) -> None:
    house = House(tmp_path, caps=Caps(running_chat=1))
    async with house.lives():
        await house.stage.say("/jobs")
        assert "Nothing has been asked" in house.stage.shown()[-1].text
        house.painter.gate.clear()
        await house.stage.say("/imagine a fox")
        await house.stage.say("/imagine a crow")
        queued = await house.stage.until(says("In the queue, place 1"))
        assert queued.buttons[0][0].command == "cancel"
        await house.stage.press("Cancel", user="bob")
        assert "belongs to Ann" in house.stage.notes[-1][1]
        await house.stage.press("Cancel")
        await house.stage.until(says("Taken back"))
        house.painter.gate.set()
        await house.stage.until(done)
        await house.stage.say("/jobs")
        assert "taken back" in house.stage.shown()[-1].text
        await house.stage.say("/show")
        assert house.stage.shown()[-1].pictures
        await house.stage.say("/cancel")
        assert "nothing waiting" in house.stage.shown()[-1].text


async def test_who_waits_is_told_how_long_and_for_how_much(tmp_path: Path) -> None:
    house = House(tmp_path, caps=Caps(running_chat=1))
    async with house.lives():
        await house.stage.say("/imagine a fox")
        await house.stage.until(done)
        house.painter.gate.clear()
        for _ in range(3):
            await house.stage.say("/imagine a crow")
        said = "In the queue, place 2 (about $0.01); the picture comes in about 5 s."
        await house.stage.until(says(said))
        house.painter.gate.set()
        await house.stage.until(lambda _: len(house.painter.submits) == 4)
        last = list(house.stage.messages.values())[-1]
        assert [reply.text.splitlines()[0] for reply in last.history[:2]] == [said, said.replace("2", "1", 1)]


async def test_help_is_made_from_the_declarations(house: House) -> None:
    await house.stage.say("/help")
    assert "/imagine" in house.stage.shown()[-1].text
    assert "/approve" not in house.stage.shown()[-1].text
    assert len(house.stage.shown()[-1].text.splitlines()) < 14, "on a phone it is read without scrolling far"
    await house.stage.say("/help all")
    everything = house.stage.shown()[-1].text.splitlines()
    assert len(everything) == sum(not each.hidden for each in COMMANDS)
    await house.stage.say("/help")
    for line in everything:
        name = line.partition(" ")[0]
        assert name in house.stage.shown()[-1].text or name in ("/help", "/start", "/claim")
    await house.stage.say("/help imagine")
    assert "--quality (auto, low, medium, high)" in house.stage.shown()[-1].text
    await house.stage.say("/start", chat="stage:ann")
    assert "Hello Ann" in house.stage.shown("stage:ann")[-1].text


async def test_a_chat_speaks_its_language(house: House) -> None:
    house.stage.admins.add(UserId("stage:ann"))
    await house.stage.say("/settings language zh")
    await house.stage.say("/imagine")
    assert "请在 /imagine 后面" in house.stage.shown()[-1].text
    await house.stage.say("/settings language tlh")
    assert "可用" in house.stage.shown()[-1].text


async def test_unknown_commands_are_answered_in_private_only(house: House) -> None:
    await house.stage.say("/weather")
    assert not house.stage.shown()
    await house.stage.say("/weather", chat="stage:ann")
    assert "don't know that command" in house.stage.shown("stage:ann")[-1].text


async def test_an_admin_sees_that_somebody_asked_in_secret_and_takes_it_back(tmp_path: Path) -> None:
    async with House(tmp_path, caps=Caps(running_member=1)).lives() as house:
        house.painter.gate.clear()
        for words in ("a fox", "a ring"):
            await house.stage.say(f"/imagine {words} --only-me", user="ben")
        (waiting, _) = await house.store.jobs(GROUP)
        await house.stage.say("/jobs")
        assert "Nothing has been asked" in house.stage.shown()[-1].text
        await house.stage.say(f"/cancel {waiting.id}")
        assert "can't find that job" in house.stage.shown()[-1].text
        house.stage.admins.add(UserId("stage:ann"))
        await house.stage.say("/jobs")
        listed = house.stage.shown()[-1].text
        assert f"{waiting.id} · waiting · Ben, for their eyes alone" in listed
        assert "ring" not in listed
        await house.stage.say(f"/show {waiting.id}")
        assert "can't find that job" in house.stage.shown()[-1].text
        await house.stage.say(f"/cancel {waiting.id}")
        assert "Taken back" in house.stage.shown()[-1].text
        assert (await house.store.jobs(GROUP, states=(State.CANCELLED,)))[0].id == waiting.id


# --- the platform fails ------------------------------------------------------------------------


async def painted_without_placeholder(house: House) -> str:
    """A picture is made whose placeholder somebody took away; which that was."""
    house.painter.gate.clear()
    await house.stage.say("/imagine a fox")
    (post,) = house.stage.messages
    del house.stage.messages[post]
    house.painter.gate.set()
    await house.stage.until(done)
    return post


async def test_a_lost_placeholder_is_opened_anew_with_words(house: House) -> None:
    await painted_without_placeholder(house)
    (message,) = house.stage.messages.values()
    assert not message.history[0].pictures


@pytest.mark.parametrize("of", ["placeholder", "result"])
async def test_a_flood_delays_and_loses_nothing(house: House, of: str) -> None:
    if of == "placeholder":
        house.stage.faults.append(Flooded(0.1))
    else:
        house.painter.gate.clear()
    await house.stage.say("/imagine a fox")
    if of == "result":
        await house.stage.until(says("50 %"))
        house.stage.faults.append(Flooded(0.1))
        house.painter.gate.set()
    await house.stage.until(done)
    await latest(house, State.DONE)
    assert not house.stage.faults
    assert len(house.stage.messages) == 1


async def test_when_a_flood_window_opens_results_go_out_first(house: House) -> None:
    """Also where many wait: progress has no room in the chat until they are through."""
    await house.stage.say("/imagine a fox")
    await house.stage.until(done)
    house.painter.gate.clear()
    await house.stage.say("/imagine a hare", user="ben")
    await house.stage.until(says("50 %"))
    hare, fox = await house.store.jobs(GROUP)
    presenter, edits = house.services.presenter, house.stage.edits
    edits.clear()
    async with AsyncExitStack() as busy:
        for _ in range(4):
            await busy.enter_async_context(house.transfers)
        presenter.pace.close(GROUP, 0.02)
        result = asyncio.create_task(presenter.conclude(fox))
        async with asyncio.timeout(5):
            while presenter.pace.wait(GROUP):
                await asyncio.sleep(0.001)
        for share in (61, 62):
            presenter.progress(hare, Running(share / 100))
            await asyncio.sleep(0.02)
        assert not edits
    await result
    presenter.progress(hare, Running(0.7))
    await house.stage.until(says("70 %"))
    assert [bool(edit.pictures) for edit in edits] == [True, False]


async def test_asked_for_while_a_flood_lasts_its_message_comes_when_that_is_over(house: House) -> None:
    """Nothing is said into silence that was asked for, and the end is not waited for."""
    house.painter.gate.clear()
    house.services.presenter.pace.close(GROUP, 0.2)
    await house.stage.say("/imagine a fox")
    assert not house.stage.messages
    async with asyncio.timeout(5):
        while not house.stage.messages:
            (job,) = await house.store.jobs(GROUP)
            house.services.presenter.progress(job, Running(0.7))
            await asyncio.sleep(0.02)
    await house.stage.until(says("70 %"))
    house.painter.gate.set()
    await house.stage.until(done)
    assert len(house.stage.messages) == 1


def test_chats_in_which_nothing_moves_any_more_are_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, pace = 0.0, Pace()
    monkeypatch.setattr("bot.presenter.time.monotonic", lambda: clock)
    for number in range(300):
        clock = float(number)
        assert pace.room(ChatId(f"stage:{number}"), 1)
    assert len(pace._edits) <= 62
    assert not pace.room(ChatId("stage:299"), 1)
    clock += 61
    assert pace.room(ChatId("stage:299"), 1)


async def test_chatter_keeps_silent_where_the_platform_wants_silence(house: House) -> None:
    """Whoever floods a group with commands opens no window later for those who wait for pictures."""
    house.stage.faults.append(Flooded(60))
    await house.stage.say("/help")
    assert house.services.presenter.pace.wait(GROUP) > 50
    await house.stage.say("/help")
    await house.stage.say("/settings language klingon")
    assert not house.stage.keys, "asked for nothing meanwhile"
    await house.stage.say("/help", chat="stage:ann")
    assert house.stage.shown("stage:ann")


async def test_a_timed_out_edit_is_repeated(house: House) -> None:
    house.painter.gate.clear()
    await house.stage.say("/imagine a fox")
    await house.stage.until(says("50 %"))
    house.stage.faults.append(NotDelivered())
    house.painter.gate.set()
    await house.stage.until(done)
    await latest(house, State.DONE)
    assert len(house.stage.messages) == 1


async def test_a_placeholder_whose_id_nobody_learnt_is_taken_away(house: House) -> None:
    """But never the message of another job that says the same."""
    await house.stage.say("/imagine a fox")
    await house.stage.until(done)
    other = next(iter(house.stage.messages))
    house.stage.lost = [Post(GROUP, "m-lost"), Post(GROUP, other)]
    await house.stage.say("/imagine a fox")
    async with asyncio.timeout(5):
        while len([shown for shown in house.stage.shown() if done(shown)]) < 2:
            await asyncio.sleep(0.01)
    assert house.stage.deleted == [], "a message that was answered for is looked for by nobody"
    house.stage.faults.append(NotDelivered())
    await house.stage.say("/imagine a fox")
    async with asyncio.timeout(5):
        while len([shown for shown in house.stage.shown() if done(shown)]) < 3:
            await asyncio.sleep(0.01)
    assert house.stage.deleted == ["m-lost"]


async def test_a_message_that_can_not_be_written_down_yet_is_sent_once(house: House) -> None:
    """Nobody waits for that but whoever would write of it next."""
    write, refusals = house.store.posted, [StorageError(), StorageError()]

    async def posted(job: JobId, post: Post) -> None:
        if refusals:
            raise refusals.pop()
        await write(job, post)

    house.store.posted = posted  # type: ignore[method-assign]
    house.painter.gate.clear()
    await house.stage.say("/imagine a fox")
    assert len(house.stage.messages) == 1
    house.painter.gate.set()
    await house.stage.until(done)
    (post,) = house.stage.messages
    job = await house.store.job(await latest(house, State.DONE))
    assert job
    assert job.post
    assert job.post.id == post
    assert not refusals


async def test_what_another_process_sent_before_it_died_is_looked_for(house: House) -> None:
    claim = house.store.claim_post

    async def inherited(job: JobId) -> Claim | None:
        claimed = await claim(job)
        return claimed and replace(claimed, inherited=True)

    house.store.claim_post = inherited  # type: ignore[method-assign]
    house.stage.lost = [Post(GROUP, "m-lost")]
    house.services.presenter.pace.close(GROUP, 0.1)  # so that it is left to whoever comes first
    await house.stage.say("/imagine a fox")
    await house.stage.until(done)
    assert house.stage.deleted == ["m-lost"]


async def test_a_kicked_bot_keeps_the_picture(house: House) -> None:
    house.painter.gate.clear()
    await house.stage.say("/imagine a fox")
    await house.stage.until(says("50 %"))
    house.stage.faults.append(Unreachable())
    house.painter.gate.set()
    job = await latest(house, State.FAILED)
    await house.stage.say(f"/show {job}")
    assert house.stage.shown()[-1].pictures
    assert await used(house) == (CENT, 0)


async def test_what_a_platform_will_not_show_is_said(house: House) -> None:
    """It is not silence that the person gets, but a sentence and a button that brings the picture."""
    house.painter.gate.clear()
    await house.stage.say("/imagine a fox")
    await house.stage.until(says("50 %"))
    house.stage.faults.append(PlatformError())
    house.painter.gate.set()
    await latest(house, State.FAILED)
    told = await house.stage.until(lambda reply: not reply.busy)
    assert [button.command for row in told.buttons for button in row] == ["show"]
    await house.stage.press("Show")
    assert house.stage.shown()[-1].pictures


async def test_a_message_taken_away_is_opened_anew_under_another_key(house: House) -> None:
    """By its first key the platform would name the message that is no more."""
    post = await painted_without_placeholder(house)
    job = await latest(house, State.DONE)
    assert house.stage.keys == [job, f"{job}-{post}"]
    assert all(len(key) <= 25 for key in house.stage.keys)


def test_a_result_is_tried_for_a_day() -> None:
    pauses = list(_pauses())
    assert pauses[0] < 1
    assert max(pauses) <= 120
    assert sum(pauses) >= 24 * 3600


# --- crashes -------------------------------------------------------------------------------------


async def test_a_crash_while_painting_resumes_by_the_relays_id(tmp_path: Path) -> None:
    house = House(tmp_path)
    async with house.lives():
        house.painter.gate.clear()
        await house.stage.say("/imagine a fox")
        async with asyncio.timeout(5):
            while not (await house.store.jobs(GROUP))[0].upstream_id:
                await asyncio.sleep(0.01)
    house.painter.gate.set()
    async with house.lives():
        await house.stage.until(done)
    assert len(house.painter.submits) == 1
    assert house.painter.resumed == ["there-1"]
    assert len(house.stage.messages) == 1


async def test_a_crash_after_a_submit_without_an_id_is_unknown(tmp_path: Path) -> None:
    house = House(tmp_path)
    house.painter.forgets = True
    async with house.lives():
        house.painter.gate.clear()
        await house.stage.say("/imagine a fox")
        async with asyncio.timeout(5):
            while not house.painter.submits:
                await asyncio.sleep(0.01)
    async with house.lives():
        await house.stage.until(says("you decide"))
        assert await used(house) == (CENT, CENT)
    assert len(house.painter.submits) == 1


@pytest.mark.parametrize(
    ("where", "step", "times"),
    [(pictures, "_second_name", 0), (pictures, "_second_name", 1), (pictures.premises, "on_disk", 0)],
)
async def test_a_crash_before_the_result_is_in_the_row_costs_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: ModuleType, step: str, times: int
) -> None:
    """The relay can't be asked again: what it sent is found beside its files, whole, and delivered."""
    house = House(tmp_path)
    house.painter.forgets, house.painter.cost = True, 3 * CENT
    goes_on, reached, over = getattr(where, step), asyncio.Event(), threading.Event()
    loop = asyncio.get_running_loop()

    def cut_off(*given: Any) -> None:
        """In a thread, which a crash takes along."""
        if len(counted) == times:
            loop.call_soon_threadsafe(reached.set)
            over.wait(10)
            raise RuntimeError("there is nobody left to do this")
        counted.append(given)
        goes_on(*given)

    counted: list[Any] = []
    async with house.lives():
        monkeypatch.setattr(where, step, cut_off)
        await house.stage.say("/imagine a fox --n 2")
        await asyncio.wait_for(reached.wait(), 5)
    monkeypatch.setattr(where, step, goes_on)
    over.set()
    async with house.lives():
        await house.stage.until(done)
        job = await house.store.job(await latest(house, State.DONE))
        assert job
        assert len(job.pictures) == 2
        assert await used(house) == (3 * CENT, 0)
        assert list(house.store.spool.iterdir()) == []
    assert len(house.painter.submits) == 1
    assert not house.painter.resumed


async def test_a_crash_before_delivery_delivers_what_was_kept(tmp_path: Path) -> None:
    house = House(tmp_path)
    async with house.lives():
        house.painter.gate.clear()
        await house.stage.say("/imagine a fox")
        await house.stage.until(says("50 %"))
        house.stage.faults += [Flooded(60)]
        house.painter.gate.set()
        await latest(house, State.DELIVERING)
    house.stage.faults.clear()
    async with house.lives():
        await house.stage.until(done)
        await latest(house, State.DONE)
    assert len(house.painter.submits) == 1
    assert not house.painter.resumed


async def test_a_crash_before_the_sentence_says_it_afterwards(tmp_path: Path) -> None:
    house = House(tmp_path)
    async with house.lives():
        house.stage.faults += [Flooded(60)]
        house.painter.faults.append(OutOfCredit())
        await house.stage.say("/imagine a fox")
        assert (await house.store.job(await latest(house, State.DELIVERING))).fault  # type: ignore[union-attr]
        assert await used(house) == (0, 0)
    async with house.lives():
        await house.stage.until(says("out of credit"))
        await latest(house, State.FAILED)
    assert len(house.painter.submits) == 1


async def test_a_sentence_says_how_to_go_on(house: House) -> None:
    """What failed is over, by its looks too, before its row says so."""
    house.painter.faults.append(OutOfCredit())
    await house.stage.say("/imagine a fox")
    told = await house.stage.until(says("out of credit"))
    assert not told.busy
    assert [button.command for row in told.buttons for button in row] == ["again"]


async def test_a_crash_before_the_question_asks_it_afterwards(tmp_path: Path) -> None:
    """And asks once: who was asked is not painted again at every start."""
    house = House(tmp_path)
    async with house.lives():
        house.stage.faults += [Flooded(60)] * 9
        house.painter.faults.append(UnknownOutcome())
        await house.stage.say("/imagine a fox")
        job = await latest(house, State.UNKNOWN)
        assert [job.id for job in await house.store.untold()] == [job]
    house.stage.faults.clear()
    async with house.lives():
        asked = await house.stage.until(says("you decide"))
        assert [button.command for row in asked.buttons for button in row] == ["retry", "giveup"]
        async with asyncio.timeout(5):
            while await house.store.untold():
                await asyncio.sleep(0.01)
    painted = len(house.stage.edits)
    async with house.lives():
        await asyncio.sleep(0.05)
    assert len(house.stage.edits) == painted
    assert len(house.stage.messages) == 1


async def test_a_worker_that_came_back_from_the_dead_paints_nothing(house: House) -> None:
    """Its job was finished elsewhere: neither its progress nor its end touches the message again."""
    house.painter.gate.clear()
    await house.stage.say("/imagine a fox")
    await house.stage.until(says("50 %"))
    (before,) = await house.store.jobs(GROUP)
    house.painter.gate.set()
    await house.stage.until(done)
    await latest(house, State.DONE)
    painted = len(house.stage.edits)
    presenter = house.services.presenter
    presenter.progress(before, Running(0.6))
    await asyncio.sleep(0.05)
    assert len(house.stage.edits) == painted
    presenter.forget(before.id)
    house.stage.messages.clear()
    await presenter.conclude(before)
    assert not house.stage.messages


async def test_an_event_delivered_again_makes_no_second_job(house: House) -> None:
    await house.stage.say("/imagine a fox", id="stage:same")
    await house.stage.say("/imagine a fox", id="stage:same")
    await house.stage.until(done)
    assert len(house.painter.submits) == 1
    assert len(house.stage.messages) == 1


async def test_a_gone_message_while_flooded(house: House) -> None:
    house.painter.gate.clear()
    await house.stage.say("/imagine a fox")
    await house.stage.until(says("50 %"))
    house.stage.faults += [Gone(), Flooded(0.1)]
    house.painter.gate.set()
    await house.stage.until(done)
    await latest(house, State.DONE)


async def test_a_job_that_fails_at_once_is_told_while_the_person_is_being_answered(
    house: House, tmp_path: Path
) -> None:
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"\x89PNG\r\n\x1a\n and no more")
    await house.stage.say("/edit make it night", attachments=(house.stage.attach(broken),))
    assert len(house.stage.messages) == 1  # on Discord nothing takes the place of "thinking…" later
    await house.stage.until(lambda reply: "charged" in reply.text)
    assert len(house.stage.messages) == 1
