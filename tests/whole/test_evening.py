"""A group's evening, the same script on every platform: who may what, and what everybody sees."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.whole.evening import PLATFORMS, evening
from tests.whole.towns import CHAT_KEY, WRONG_KEY

pytestmark = [pytest.mark.whole, pytest.mark.parametrize("platform", PLATFORMS)]


async def test_what_an_admin_does_is_told_to_admins_alone(tmp_path: Path, platform: str) -> None:
    async with evening(platform, tmp_path) as club:
        ada = await club.member("Ada", admin=True)
        ben = await club.member("Ben")
        spent = club.spent()
        await ada.says("/settings --size 16:9")
        await ada.sees("Changed", "16:9")
        await ben.says("/imagine a fox")
        picture = await ben.sees("a fox", "1536×864", pictures=1, button="Again")
        await ada.sees("a fox", pictures=1)
        await club.restart()
        await ada.presses(picture, "Again")
        await ada.sees("a fox", pictures=1, button="Again", fresh=True)
        assert spent.now == (2, 2)
        await ada.says("/audit")
        await ada.sees("Ada" if not club.alone else "You", "changed the settings: size 16:9")
        if not club.alone:
            await ben.says("/audit")
            await ben.sees("Only an admin")
            await ben.says("/settings --size 1:1")
            await ben.sees("Only an admin", fresh=True)


async def test_everybody_is_answered_in_their_language_until_the_chat_has_one(
    tmp_path: Path, platform: str
) -> None:
    async with evening(platform, tmp_path) as club:
        ada, cy = await club.member("Ada", admin=True), await club.member("Cy", language="zh-Hans")
        if not club.alone:
            await cy.says("/rules")
            await cy.sees("这里的规则")
            await ada.says("/rules")
            await ada.sees("The rules here")
        await ada.says("/settings --language zh")
        await ada.sees("语言：zh-Hans")
        await ada.says("/imagine a fox")
        await cy.sees("a fox", pictures=1, button="再来一次")
        await ada.says("/settings --language English")
        await ada.sees("Language: en", fresh=True)
        await cy.says("/rules")
        await cy.sees("The rules here", fresh=True)


async def test_an_admin_sets_the_chat_up_and_a_member_plays(tmp_path: Path, platform: str) -> None:
    """A key of the chat's own, a cap, a share and a language; a wrong key on the way; nobody else sees it."""
    async with evening(platform, tmp_path, TRUSTED_HOSTS="127.0.0.1") as club:
        ada, ben = await club.member("Ada", admin=True), await club.member("Ben")
        own = club.spent(CHAT_KEY)
        if not club.alone:
            await ben.says("/setup")
            await ben.sees("Only an admin")
        await ada.says("/setup")
        if platform == "telegram":
            await ada.follows(await ada.sees("in private"))
            await ada.presses(await ada.sees("Which image service"), "shenfeng")
            await ada.sees("Send me its address")
            await ada.says(club.relay.url, private=True)
            await ada.sees("Send me the API key")
            await ada.says(WRONG_KEY, private=True)
            await ada.sees("does not accept the key")
            await club.restart()
            await ada.says(CHAT_KEY, private=True)
            await ada.presses(await ada.sees("sk-…dcba works", "in a month"), "$20")
            await ada.sees("each member")
            await ada.says("5", private=True)
            await ada.presses(await ada.sees("Which language"), "English")
        else:
            filled = {"relay": "shenfeng", "url": club.relay.url, "budget": "20, 5", "language": "en"}
            await ada.fills(key=WRONG_KEY, **filled)
            wrong = await ada.sees("does not accept the key", "kept")
            await ada.presses(wrong, "Go on")
            await ada.fills(key=CHAT_KEY)
        done = await ada.sees("Done, and the chat knows")
        assert [link.rpartition("/")[0] for link in done.links] == club.way_back
        told = await ben.sees("set this chat up", "sk-…dcba", "$20", "$5", "/imagine")
        assert not told.private
        await ben.never_saw(CHAT_KEY)
        await ben.says("/imagine a fox")
        await ben.sees("a fox", pictures=1, button="Again")
        assert own.now == (1, 1)
        await ada.says("/audit", private=platform == "web")
        await ada.sees("set the chat up (key sk-…dcba")


async def test_the_edit_buttons_words_have_flags(tmp_path: Path, platform: str) -> None:
    async with evening(platform, tmp_path) as club:
        ada = await club.member("Ada", admin=True)
        spent = club.spent()
        await ada.says("/imagine a fox")
        picture = await ada.sees("a fox", pictures=1, button="Again")
        for words, sentence in (("snow --foo", "no --foo"), ("snow --size 99:1", "--size can't be “99:1”")):
            await ada.presses(picture, "Edit")
            await ada.fills(prompt=words)
            await ada.sees(sentence, "nothing was charged")
        assert spent.now == (1, 1)
        await ada.presses(picture, "Edit")
        await ada.fills(prompt="add snow ——size 16：9")
        await ada.sees("add snow", "1536×864", pictures=1, button="Again")
        assert [order["prompt"] for order in club.relay.orders] == ["a fox", "add snow"]


async def test_the_rules_of_an_evening(tmp_path: Path, platform: str) -> None:
    """Slow mode, blocked words, a house style, hidden pictures, a member who is blocked; and why."""
    async with evening(platform, tmp_path) as club:
        ada, ben = await club.member("Ada", admin=True), await club.member("Ben")
        spent = club.spent()
        await ada.says("/rules style after in ink")
        await ada.sees("House style", "in ink")
        await ada.says("/rules spoiler on")
        await ada.sees("hidden until somebody touches them")
        await ada.says("/rules quiet on")
        await ada.sees("make no sound")
        await ben.says("/imagine a fox")
        picture = await ben.sees("a fox", "House style: in ink", pictures=1, button="Again")
        assert picture.veiled
        assert picture.silent or platform != "telegram"
        assert club.relay.orders[-1]["prompt"] == "a fox in ink"
        await ada.presses(picture, "Again")
        await ada.sees("a fox", pictures=1, button="Again", fresh=True)
        assert [order["prompt"] for order in club.relay.orders] == ["a fox in ink"] * 2
        await ada.says("/rules block word corgi, 狐狸")
        await ada.sees("2 words are blocked")
        for words in ("a C0RGI", "一只狐狸"):
            await ben.says(f"/imagine {words}")
            await ben.sees("don't allow some of these words", fresh=True)
        if not club.alone:
            await ada.says("/rules slow 10 min")
            await ada.sees("every 600 seconds")
            await club.crash()
            await ben.says("/imagine an owl")
            refused = await ben.sees("Slow mode is on here")
            assert refused.private or platform == "telegram"
            await ben.says("/why")
            await ben.sees("stands in your way", "Slow mode is on here")
            await ada.says("/block Ben")
            await ada.sees("Ben can't ask")
            await ben.says("/imagine an owl")
            await ben.sees("don't let you ask", fresh=True)
            await ada.says("/why Ben")
            await ada.sees("what Ben is told", "don't let you ask")
            await ada.presses(await ada.sees("Ben can't ask"), "Unblock")
            await ada.sees("Ben may ask again")
            await ada.says("/rules slow off")
            await ada.sees("Changed", fresh=True)
            await ben.says("/imagine an owl")
            await ben.sees("an owl", pictures=1, button="Again")
            await ada.says("/audit")
            await ada.sees("blocked Ben", "changed the rules: slow 10 min")
        else:
            await ada.says("/why")
            await ada.sees("Nothing stands in your way")
        assert spent.now == ((2, 2) if club.alone else (3, 3))


async def test_a_room_is_closed_and_the_bot_says_what_it_may_not(tmp_path: Path, platform: str) -> None:
    if platform == "web":
        pytest.skip("the playground is one room, and its own")
    async with evening(platform, tmp_path) as club:
        ada, ben = await club.member("Ada", admin=True), await club.member("Ben")
        lab = await club.room("lab", nsfw=True)
        await ada.says("/rules allow here", room=lab)
        await ada.sees("Only in")
        await ben.says("/imagine a fox")
        await ben.sees("Nothing is painted in this part of the chat")
        await ben.says("/imagine a fox", room=lab)
        await ben.sees("a fox", pictures=1, button="Again")
        await ada.says("/rules allow everywhere")
        await ada.sees("Changed", fresh=True)
        if platform == "discord":
            await ada.says("/rules nsfw on")
            await ada.sees("age-restricted")
            await ben.says("/imagine an owl")
            await ben.sees("in age-restricted channels only")
            await ben.says("/imagine an owl", room=lab)
            await ben.sees("an owl", pictures=1, button="Again")
            await ada.says(f"/rules allow role {club.give_role(ada)}")
            await ada.sees("Changed", fresh=True)
            await ben.says("/imagine a hare", room=lab)
            await ben.sees("don't let you ask")
            await ada.says(f"/rules allow role {club.give_role(ben)}")
            await ada.sees("Changed", fresh=True)
            await ben.says("/imagine a hare", room=lab)
            await ben.sees("a hare", pictures=1, button="Again")
            club.forbid_pictures()
        else:
            club.forbid_pictures()
        await ben.says("/why")
        await ben.sees("stands in your way", "I may not send pictures")


async def test_an_anonymous_admin_is_an_admin(tmp_path: Path, platform: str) -> None:
    if platform != "telegram":
        pytest.skip("only Telegram has such")
    async with evening(platform, tmp_path) as club:
        ada = await club.member("Ada", admin=True)
        ada.anonymous = True
        await ada.says("/rules slow 60")
        await ada.sees("Changed", "every 60 seconds")
        await ada.says("/setup")
        ada.anonymous = False
        await ada.follows(await ada.sees("in private"))
        await ada.presses(await ada.sees("Which image service"), "Leave it")
        await ada.sees("nothing was changed")


async def test_a_purse_that_holds(tmp_path: Path, platform: str) -> None:
    """A cap for each member, a price that is asked for, a budget that is used up, and a grant."""
    async with evening(platform, tmp_path) as club:
        ada, ben, cy = [await club.member(name, admin=name == "Ada") for name in ("Ada", "Ben", "Cy")]
        spent = club.spent()
        await ada.says("/caps --member-day 0.50")
        await ada.sees("Changed", "Each member: a day $0.50")
        await ada.says("/settings --ask-above 0.30")
        await ada.sees("Asks first above: $0.30")
        await ben.says("/price --n 2")
        await ben.sees("would cost about $0.34")
        await ben.says("/imagine a fox --n 2")
        asked = await ben.sees("This costs about $0.34", button="Go ahead")
        if not club.alone:
            await cy.presses(asked, "Go ahead")
            await cy.sees("That question was for somebody else")
        await ben.presses(asked, "Let it be")
        await cy.sees("Let be; nothing was charged")
        assert spent.now == (0, 0)
        await ben.says("/imagine a fox --n 2")
        await ben.presses(await ben.sees("This costs about $0.34", button="Go ahead"), "Go ahead")
        await cy.sees("a fox", button="Again")
        await ben.says("/imagine an owl")
        await ben.sees("Your budget for today", "$0.16")
        await ben.says("/why")
        await ben.sees("stands in your way", "Your budget for today")
        if not club.alone:
            await ben.says("/grant Ben 1")
            await ben.sees("Only an admin")
        await ada.says("/grant You 1" if club.alone else "/grant Ben 1")
        await ada.sees("$1.00 more")
        await ben.says("/imagine an owl")
        await cy.sees("an owl", pictures=1, button="Again")
        assert spent.now == (2, 3)


async def test_turns_a_jam_and_a_goodbye(tmp_path: Path, platform: str) -> None:
    """One member queues, another has a turn all the same; a picture made together; words forgotten."""
    async with evening(platform, tmp_path, MAX_RUNNING_CHAT="1") as club:
        ada, ben, cy = [await club.member(name, admin=name == "Ada") for name in ("Ada", "Ben", "Cy")]
        spent = club.spent()
        club.relay.delay = 0.6
        for beast in ("a fox", "an owl", "a hare"):
            await ben.says(f"/imagine {beast}")
            await ben.sees(beast)
        await cy.says("/imagine a whale")
        await cy.sees("a whale", "In the queue")
        hare = await ada.sees("a hare", "In the queue", button="Cancel")
        if not club.alone:
            await cy.presses(hare, "Cancel")
            await cy.sees("That belongs to Ben")
        await ada.presses(hare, "Cancel")
        await ben.sees("a hare", "Taken back")
        await cy.sees("a whale", pictures=1, button="Again")
        await ben.sees("an owl", pictures=1, button="Again")
        club.relay.delay = 0.2
        painted = [order["prompt"] for order in club.relay.orders]
        assert painted == ["a fox", *(["an owl", "a whale"] if club.alone else ["a whale", "an owl"])]
        await cy.says("/jam a city --go anyone --cost shared")
        await cy.presses(await cy.sees("Jam: a city", button="Add"), "Add")
        await cy.fills(phrase="neon rain")
        await ben.presses(await ben.sees("neon rain", button="Go"), "Go")
        await ada.sees("a city, neon rain", "Together:", pictures=1, button="Again")
        assert spent.now == (4, 4)
        await ben.says("/forget me")
        await ben.presses(await ben.sees("This removes", button="Yes"), "Yes")
        await ben.sees("Removed")
        await ada.says("/jobs")
        shown = await ada.sees("a whale" if not club.alone else "The latest", fresh=True)
        assert "a fox" not in shown.text
        if not club.alone:
            await ada.says("/audit")
            await ada.sees("took back job", "of Ben")
