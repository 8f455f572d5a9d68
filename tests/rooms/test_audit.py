"""The audit trail: what admins and the operator do is in it, and a key never is."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import pytest

from bot import commands
from bot.model import State, UserId
from bot.ports import Caps
from tests.rooms.conftest import House
from tests.rooms.test_core import done, latest
from tests.rooms.test_core_jam import add

KEY = "sk-good-9876543210fedcba"


async def trail(house: House, words: str = "/audit", **more: object) -> str:
    house.stage.admins |= {house_user("ann")}
    await house.stage.say(words, **more)  # type: ignore[arg-type]
    return house.stage.shown()[-1].text


def house_user(name: str) -> UserId:
    return UserId(f"stage:{name}")


async def test_what_an_admin_does_is_in_it_and_the_key_is_not(house: House) -> None:
    house.stage.admins = {house_user("ann")}
    await house.stage.say("/settings size 16:9")
    await house.stage.say(f"/key {KEY}", chat="stage:ann")
    await house.stage.say("/key forget", chat="stage:ann")
    assert "Ann · changed the settings: size 16:9" in await trail(house)
    await house.stage.say("/audit", chat="stage:ann")
    said = house.stage.shown("stage:ann")[-1].text
    assert KEY not in said
    forgot, kept = said.splitlines()[1:]
    assert "Ann · took the key sk-…dcba away" in forgot
    assert "Ann · set the key sk-…dcba (painter)" in kept


async def test_it_is_for_admins_and_all_of_it_for_the_operator(house: House) -> None:
    await house.stage.say("/audit", user="ben")
    assert "Only an admin" in house.stage.shown()[-1].text
    assert "Only the operator" in await trail(house, "/audit everywhere")


async def test_older_entries_are_a_press_away(house: House) -> None:
    house.stage.admins = {house_user("ann")}
    for n in range(1, 10):
        await house.stage.say(f"/settings n {n}")
    await house.stage.say("/settings size 1:1")
    await house.stage.say("/settings size 2:3")
    await house.stage.say("/settings size 3:4")
    assert (await trail(house)).endswith("n 3")
    await house.stage.press("Older")
    older = house.stage.notes[-1][1]
    assert [line.rpartition(": ")[2] for line in older.splitlines()[1:]] == ["n 2", "n 1"]


# --- everything that an admin does ----------------------------------------------------------

READ_ONLY = {"why", "audit", "usage"}
"""Modules of commands for admins that change nothing."""

DONE_BY_ADMINS = {
    "/settings n 2": "settings",
    "/caps chat-day 5": "caps",
    "/grant 2": "granted",
    "/rules slow 60": "rules",
    "/rules block word cats": "rules",
    "/block stage:ben": "blocked",
    "/unblock stage:ben": "unblocked",
    f"/key {KEY}": "key-set",
    "/key forget": "key-forgotten",
    "/setup --budget 20": "setup",
    "/approve stage:group": "access-allowed",
    "/deny stage:group": "access-denied",
}


def test_every_command_for_admins_writes_down_what_was_done() -> None:
    folder = Path(inspect.getfile(commands)).parent
    asking = re.compile(r"\b(demand_admin|demand_owner|is_admin|is_operator|target_chat)\(")
    silent = {
        file.stem
        for file in folder.glob("*.py")
        if asking.search(text := file.read_text(encoding="utf-8"))
        and not re.search(r"\baudit\w*\(\s*f?\"audit-", text)
    }
    assert silent - READ_ONLY <= {"help"}


async def test_each_deed_of_an_admin_is_one_line(tmp_path: Path) -> None:
    async with House(tmp_path, operators=(house_user("ann"),)).lives() as house:
        for at, (words, what) in enumerate(DONE_BY_ADMINS.items(), start=1):
            await house.stage.say(words, chat="stage:ann")
            trail = await house.store.audit_trail(None, limit=100)
            said = (words, house.stage.shown("stage:ann")[-1].text)
            assert (len(trail), trail[0].what.message_id) == (at, f"audit-{what}"), said


@pytest.mark.parametrize("who", ["ann", "ben"])
async def test_what_is_done_to_somebody_elses_job_is_in_it(house: House, who: str) -> None:
    house.stage.admins = {house_user("ann")}
    await house.stage.say("/imagine a fox", user="ben")
    await house.stage.until(done)
    job = await latest(house, State.DONE)
    await house.stage.press("Delete", user=who)
    assert house.stage.deleted
    trail = await house.store.audit_trail(None)
    assert [entry.what.message_id for entry in trail] == (["audit-job-deleted"] if who == "ann" else [])
    await house.stage.say(f"/show {job}")
    assert not house.stage.shown()[-1].pictures, "what was deleted is not brought back"
    assert "a fox" not in house.stage.shown()[-1].text


async def test_what_is_done_to_somebody_elses_jam_is_in_it(house: House) -> None:
    house.stage.admins = {house_user("ann")}
    await house.stage.say("/jam a city", user="ben")
    await add(house, "cy", "neon rain")
    await add(house, "ben", "a tram")
    await house.stage.say("/jam", user="ben", options={"remove": 2})
    await house.stage.say("/jam", options={"remove": 1})
    await house.stage.press("End")
    trail = await house.store.audit_trail(None)
    assert [(entry.user.name, entry.what.message_id, entry.what.params) for entry in trail] == [
        ("Ann", "audit-jam-ended", {"name": "Ben"}),
        ("Ann", "audit-jam-phrase", {"name": "Cy"}),
    ]


async def test_what_waits_is_taken_back_by_an_admin_and_written_down_once(tmp_path: Path) -> None:
    async with House(tmp_path, caps=Caps(running_chat=1)).lives() as house:
        house.stage.admins = {house_user("ann")}
        house.painter.gate.clear()
        await house.stage.say("/imagine a fox", user="ben")
        await house.stage.say("/imagine an owl", user="ben")
        waiting = await latest(house, State.QUEUED)
        await house.stage.say("/jobs")
        assert f"{waiting} · waiting · an owl · Ben" in house.stage.shown()[-1].text
        for _ in range(2):
            await house.stage.say(f"/cancel {waiting}")
        assert "over already" in house.stage.shown()[-1].text
        (entry,) = await house.store.audit_trail(None)
        assert (entry.what.message_id, entry.what.params) == (
            "audit-job-cancelled",
            {"name": "Ben", "job": str(waiting)},
        )
