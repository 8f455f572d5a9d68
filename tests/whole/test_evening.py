"""A group's evening, the same script on every platform: who may what, and what everybody sees."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.whole.evening import PLATFORMS, evening

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
