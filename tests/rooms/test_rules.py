"""A chat's rules: read, said on a phone, kept, and what they refuse."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.folding import holds
from bot.model import ChatId, Invocation, Post, User, UserId
from bot.rules import (
    FREE,
    Asker,
    HouseStyle,
    Kind,
    Rules,
    Who,
    refusal,
    rules_of,
    rules_text,
    with_,
)
from tests.rooms.conftest import House
from tests.rooms.test_core import done

ANN, BEN = UserId("stage:ann"), UserId("stage:ben")
GROUP = ChatId("stage:group")


# --- blocked words --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "a fox in the snow",
        "FOX",
        "ｆｏｘ",
        "f\u200bo\u200dx",
        "fo\u00adx",
        "f\u0301ox\u0308",
        "фоx f0x",
        "fох with Cyrillic о and х",
        "f o x",
        "F.O.X.",
        "“fox”!",
    ],
)
def test_a_word_is_found_however_it_is_written(text: str) -> None:
    assert holds(text, ["Fox"])


@pytest.mark.parametrize("text", ["foxglove", "a box", "f or x", "", "fo x-ray", "outfox"])
def test_a_word_is_not_found_within_another(text: str) -> None:
    assert not holds(text, ["fox"])


def test_beginnings_phrases_and_chinese() -> None:
    assert holds("foxglove", ["fox*"])
    assert holds("the RED  fox", ["red fox"])
    assert holds("雪里的一只狐狸", ["狐狸"])
    assert holds("雪里的一只狐\u200b 狸", ["狐狸"])
    assert not holds("anything", ["", "!?", "*"])
    assert holds("klll", ["kill"]) is holds("KIll", ["kill"]) is True


# --- who, where -----------------------------------------------------------------------------

ROLE, USER, ROOM = Who(Kind.ROLE, "81"), Who(Kind.USER, ANN), Who(Kind.PLACE, "7")


@pytest.mark.parametrize(
    ("rules", "asker", "sentence"),
    [
        (FREE, Asker(BEN), ""),
        (Rules(allow=(ROLE,)), Asker(BEN), "error-rules-person"),
        (Rules(allow=(ROLE,)), Asker(BEN, roles=("80", "81")), ""),
        (Rules(allow=(ROLE, USER)), Asker(ANN), ""),
        (Rules(allow=(ROLE,), deny=(USER,)), Asker(ANN, roles=("81",)), "error-rules-person"),
        (Rules(allow=(ROLE,)), Asker(BEN, admin=True), ""),
        (Rules(blocked=(USER,)), Asker(ANN), "error-rules-person"),
        (Rules(blocked=(Who(Kind.USER, "@Ann_L"),)), Asker(BEN, "ann_l"), "error-rules-person"),
        (Rules(allow=(ROOM,)), Asker(BEN, places=("8",)), "error-rules-place"),
        (Rules(allow=(ROOM,)), Asker(BEN, places=("9", "7")), ""),
        (Rules(deny=(ROOM,)), Asker(BEN, places=("9", "7")), "error-rules-place"),
        (Rules(deny=(ROOM,), allow=(Who(Kind.PLACE, "9"),)), Asker(BEN, places=("9", "7")), ""),
        (Rules(adults=True), Asker(BEN, nsfw=False), "error-rules-adults"),
        (Rules(adults=True), Asker(BEN, nsfw=True), ""),
        (Rules(adults=True), Asker(BEN), ""),
        (Rules(words=("corgi",)), Asker(BEN, admin=True), "error-rules-words"),
    ],
)
def test_who_may_where(rules: Rules, asker: Asker, sentence: str) -> None:
    assert refusal(rules, asker, "a C0RGI") == sentence


def test_rules_come_back_as_they_were_written() -> None:
    rules = Rules(
        allow=(USER,),
        deny=(ROLE, ROOM),
        blocked=(USER,),
        words=("狐狸", "fox*"),
        slow=60,
        quiet=True,
        veiled=("", "7"),
        adults=True,
        styles=(HouseStyle("", "ink", ""), HouseStyle("7", "", "oil")),
    )
    assert rules_of(rules_text(rules)) == rules
    assert rules_of(rules_text(FREE)) == FREE == rules_of("")
    assert rules.style(("7",)).after == "oil"
    assert rules.style(("8",)).before == "ink"
    assert len(with_(rules.allow, USER)) == 1


# --- said in a chat -------------------------------------------------------------------------


@pytest.fixture
def ruled(house: House) -> House:
    """Ann is the admin."""
    house.stage.admins = {ANN}
    return house


async def refused(house: House, words: str, sentence: str, **more: object) -> None:
    before = len(house.painter.submits)
    await house.stage.say(words, user="ben", **more)  # type: ignore[arg-type]
    assert sentence in house.stage.shown()[-1].text
    assert len(house.painter.submits) == before


async def test_slow_mode_says_when_again_and_binds_no_admin(ruled: House) -> None:
    await ruled.stage.say("/rules slow 5 min")
    assert "every 300 seconds" in ruled.stage.shown()[-1].text
    await ruled.stage.say("/imagine a fox", user="ben")
    await ruled.stage.until(done)
    await refused(ruled, "/imagine a fox", "ask again in 300 seconds")
    for _ in range(2):
        await ruled.stage.say("/imagine a corgi")
        await ruled.stage.until(lambda reply: done(reply) and "corgi" in reply.text)
    await ruled.stage.say("/rules slow off")
    await ruled.stage.say("/imagine an owl", user="ben")
    await ruled.stage.until(lambda reply: done(reply) and "owl" in reply.text)


async def test_blocked_words_refuse_and_cost_nothing(ruled: House) -> None:
    await ruled.stage.say("/rules block word fox, red  panda")
    await refused(ruled, "/imagine a Ｆ0Ｘ", "don't allow some of these words")
    await ruled.stage.say("/rules unblock word FOX")
    await ruled.stage.say("/imagine a fox", user="ben")
    await ruled.stage.until(done)
    await refused(ruled, "/imagine a red\u200b panda", "don't allow")


async def test_the_house_style_goes_around_the_prompt_once(ruled: House) -> None:
    await ruled.stage.say("/rules style before ink drawing of")
    await ruled.stage.say("/rules style after on washi")
    await ruled.stage.say("/imagine a fox", user="ben")
    shown = await ruled.stage.until(done)
    assert "House style: ink drawing of … on washi" in shown.text
    first = next(name for name, message in ruled.stage.messages.items() if message.reply is shown)
    await ruled.stage.press("Again", user="ben")
    await ruled.stage.until(lambda reply: done(reply) and reply is not shown)
    assert {order.request.prompt for order in ruled.painter.submits} == {"ink drawing of a fox on washi"}
    await ruled.stage.say("/rules style here after in oil", chat="stage:group:7")
    await ruled.stage.say("/imagine a fox", chat="stage:group:7")
    await ruled.stage.until(done, "stage:group:7")
    assert ruled.painter.submits[-1].request.prompt == "a fox in oil"
    await ruled.stage.say("/rules style off")
    await ruled.stage.press("Again", user="ben", message=first)
    await ruled.stage.until(lambda reply: done(reply) and "style" not in reply.text)


async def test_pictures_are_veiled_and_quiet_where_the_rules_say(ruled: House) -> None:
    await ruled.stage.say("/rules spoiler on", chat="stage:group:7")
    await ruled.stage.say("/rules quiet on")
    for chat in ("stage:group", "stage:group:7"):
        await ruled.stage.say("/imagine a fox", chat=chat)
        shown = await ruled.stage.until(done, chat)
        assert (shown.veiled, shown.quiet) == (chat.endswith(":7"), True)
    await ruled.stage.say("/rules")
    await ruled.stage.press("Quiet: switch off")
    assert not (await ruled.store.chat(GROUP)).rules.quiet
    assert "Quiet: switch on" in [b.label for row in ruled.stage.shown()[-1].buttons for b in row]


async def test_somebody_is_blocked_by_name_reply_and_mention(ruled: House) -> None:
    await ruled.stage.say("/imagine a fox", user="ben")
    shown = await ruled.stage.until(done)
    post = next(Post(GROUP, name) for name, m in ruled.stage.messages.items() if m.reply is shown)
    cleo = User(UserId("stage:cleo"), "Cleo Long", handle="cleo")
    for said, more in (
        ("Ben", {}),
        ("", {"replied": post}),
        ("be", {}),
        ("stage:ben", {}),
        ("Ben", {"mentions": (User(BEN, "Ben"),)}),
    ):
        await ruled.stage.say(f"/block {said}", **more)
        assert "Ben" in ruled.stage.shown()[-1].text
        await refused(ruled, "/imagine a fox", "don't let you ask")
        await ruled.stage.press("Unblock")
        assert (await ruled.store.chat(GROUP)).rules.blocked == ()
    await ruled.stage.say("/block @cleo")
    await ruled.stage._hear(  # the same, by the name that was blocked
        Invocation("stage:x", GROUP, cleo, "imagine", "a fox", origin=Post(GROUP, "x"))
    )
    assert "don't let you ask" in ruled.stage.shown()[-1].text


async def test_only_admins_rule_and_admins_are_not_blocked(ruled: House) -> None:
    await refused(ruled, "/rules slow 60", "Only an admin")
    await refused(ruled, "/block ann", "Only an admin")
    await refused(ruled, "/block ann everywhere", "Only the operator")
    await ruled.stage.say("/block stage:ann")
    assert "can't be blocked" in ruled.stage.shown()[-1].text
    await ruled.stage.say("/rules deny stage:ben")
    await ruled.stage.say("/rules", user="ben")
    assert "ben" not in ruled.stage.shown()[-1].text, "who is kept out is for admins to read"
    await refused(ruled, "/imagine a fox", "don't let you ask")
    await ruled.stage.say("/rules allow everyone")
    await ruled.stage.say("/imagine a fox", user="ben")
    await ruled.stage.until(done)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("dance", "no rule “dance”"),
        ("slow soon", "Say how long"),
        ("quiet maybe", "neither on nor off"),
        ("style", "where the words go"),
        ("block", "can't be blocked like that"),
        ("block words ,", "commas between"),
        ("allow role painters", "by its mention"),
        ("deny Nobody", "nobody here called"),
        ("deny user", "Say whom you mean"),
    ],
)
async def test_what_is_no_rule_changes_nothing_and_says_how(ruled: House, words: str, sentence: str) -> None:
    await ruled.stage.say(f"/rules {words}")
    assert sentence in ruled.stage.shown()[-1].text
    assert (await ruled.store.chat(GROUP)).rules == FREE


async def test_rooms_are_allowed_and_denied(ruled: House) -> None:
    await ruled.stage.say("/rules allow here", chat="stage:group:7")
    await refused(ruled, "/imagine a fox", "this part of the chat")
    await ruled.stage.say("/imagine a fox", user="ben", chat="stage:group:7")
    await ruled.stage.until(done, "stage:group:7")
    await ruled.stage.say("/rules allow everywhere")
    await ruled.stage.say("/imagine a fox", user="ben")
    await ruled.stage.until(done)


async def test_the_operator_blocks_everywhere(tmp_path: Path) -> None:
    async with House(tmp_path, operators=(ANN,)).lives() as house:
        await house.stage.say("/block stage:ben everywhere", chat="stage:ann")
        assert "anywhere" in house.stage.shown("stage:ann")[-1].text
        await refused(house, "/imagine a fox", "The operator doesn't let you")
        await house.stage.press("Unblock")
        await house.stage.say("/imagine a fox", user="ben")
        await house.stage.until(done)
