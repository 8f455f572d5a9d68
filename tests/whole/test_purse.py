"""An evening about money, the same on every platform: a member chips in, everybody sees who spent what."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.whole.evening import PLATFORMS, evening
from tests.whole.towns import CHAT_KEY

pytestmark = [pytest.mark.whole, pytest.mark.parametrize("platform", PLATFORMS)]


async def test_a_member_lends_a_key_and_takes_it_back(tmp_path: Path, platform: str) -> None:
    async with evening(platform, tmp_path, TRUSTED_HOSTS="127.0.0.1") as club:
        ada, ben = await club.member("Ada", admin=True), await club.member("Ben")
        ours, bens = club.spent(), club.spent(CHAT_KEY)
        await ben.says("/pool")
        await ben.presses(await ben.sees("Nobody lends this chat a key"), "Lend a key")
        if platform == "telegram":
            await ben.follows(await ben.sees("Keys are never typed in a group"))
            await ben.fills(key=CHAT_KEY)
        else:
            await ben.fills(key=CHAT_KEY, month="3")
        lent = await ben.sees(
            "sk-…dcba works and is lent to the chat", "$5" if platform == "telegram" else "$3"
        )
        assert lent.private or club.alone
        await club.restart()
        await ben.says("/imagine a fox")
        await ben.sees("a fox", pictures=1, button="Again")
        assert (ours.now, bens.now) == ((0, 0), (1, 1))
        await ada.says("/pool")
        await ada.sees("Ben" if not club.alone else "You", "this month $0.")
        await ada.never_saw(CHAT_KEY)
        await ben.says("/pool forget")
        await ben.sees("The key is gone")
        await ben.says("/imagine an owl")
        await ben.sees("an owl", pictures=1, button="Again")
        assert (ours.now, bens.now) == ((1, 1), (1, 1))


async def test_who_spent_what(tmp_path: Path, platform: str) -> None:
    async with evening(platform, tmp_path) as club:
        ada, ben = await club.member("Ada", admin=True), await club.member("Ben")
        for member, words in ((ada, "a fox"), (ben, "an owl")):
            await member.says(f"/imagine {words}")
            await member.sees(words, pictures=1, button="Again")
        await ben.says("/usage")
        chart = await ben.sees("Spent in", "request", pictures=1, button="CSV")
        assert club.alone or ("Ada: $" in chart.text and "Ben: $" in chart.text)
        if not club.alone:
            await ben.presses(chart, "CSV")
            await ben.sees("Only an admin")
        await ada.says("/usage csv")
        table = await ada.sees("by day, in dollars", pictures=1)
        if platform == "discord":
            assert [file.name[:6] for file in table.raw.files] == ["usage-"]
        elif platform == "telegram":
            assert table.raw.document.content.decode("utf-8-sig").count("telegram:") == 2
        else:
            assert [file["kind"] for file in table.raw["files"]] == ["CSV"]
