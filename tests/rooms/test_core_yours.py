"""What Easel keeps of a person is theirs: removed when they say so."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from bot.errors import Unreachable
from bot.model import ChatId, ImageRequest, Job, JobId, Picture, PictureId, Post, Reply, State, UserId
from bot.parcels import parcels
from bot.ports import MB, Caps
from tests.contract.store_kit import ANN
from tests.rooms.conftest import House
from tests.rooms.test_core import done, latest, says


async def test_a_person_is_forgotten_when_they_say_so_twice(house: House) -> None:
    await house.stage.say("/imagine a corgi in a secret garden")
    await house.stage.until(done)
    job = await latest(house, State.DONE)
    await house.stage.say("/forget me")
    asked = await house.stage.until(says("your one request"))
    await house.stage.press(asked.buttons[0][0].label, user="ben")
    assert "Only who asked" in house.stage.notes[-1][1]
    kept = await house.store.job(job)
    assert kept is not None
    assert kept.pictures
    await house.stage.press(asked.buttons[0][0].label)
    await house.stage.until(says("Removed: the words and pictures of one request"))
    gone = await house.store.job(job)
    assert gone is not None
    assert (gone.request.prompt, gone.pictures, gone.cost) == ("", (), kept.cost)
    await house.stage.press("Again")
    assert "Its words were removed" in house.stage.notes[-1][1]


async def test_who_waits_behind_somebody_who_is_forgotten_moves_up(tmp_path: Path) -> None:
    async with House(tmp_path, caps=Caps(running_chat=1)).lives() as house:
        house.painter.gate.clear()
        for who, words in (("cy", "an owl"), ("ann", "a corgi"), ("ben", "a fox")):
            await house.stage.say(f"/imagine {words}", user=who)
        assert "place 2" in house.stage.shown()[-1].text
        await house.stage.say("/forget me")
        await house.stage.press("Yes, remove")
        await house.stage.until(lambda reply: "place 1" in reply.text and "a fox" in reply.text)


async def test_whoever_thinks_better_of_it_keeps_everything(house: House) -> None:
    await house.stage.say("/imagine a corgi")
    await house.stage.until(done)
    await house.stage.say("/forget")
    await house.stage.until(says("your one request"))
    await house.stage.press("Leave it")
    await house.stage.until(says("Everything stays"))
    assert (await house.store.past(UserId("stage:ann")))[0].request.prompt == "a corgi"


async def test_everything_is_given_to_whose_it_is(house: House) -> None:
    """In their private chat, whatever chat it was made in; nobody else's is in it."""
    for who, words in (("ann", "a corgi"), ("ben", "an owl")):
        await house.stage.say(f"/imagine {words}", user=who)
        await house.stage.until(says(words))
        await latest(house, State.DONE)
    taken: list[tuple[ChatId, Reply, list[str], bytes]] = []
    send = house.stage.send

    async def looking(chat: ChatId, reply: Reply, **rest: Any) -> Post:
        for file in reply.files:
            with zipfile.ZipFile(file.path) as archive:
                taken.append((chat, reply, archive.namelist(), archive.read("requests.json")))
        return await send(chat, reply, **rest)

    house.stage.send = looking  # type: ignore[method-assign,assignment]
    await house.stage.say("/export")
    ((chat, reply, names, facts),) = taken
    assert "One request and one picture" in reply.text
    (told,) = json.loads(facts)
    assert (told["prompt"], told["state"], names[1:]) == ("a corgi", "done", told["pictures"])
    assert not list(house.store.spool.glob("*.zip"))
    assert chat


async def test_what_is_older_is_offered_as_long_as_there_is_something(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    for words in ("a corgi", "an owl"):
        await house.stage.say(f"/imagine {words}")
        await house.stage.until(says(words))
        await latest(house, State.DONE)
    for page in (1, 2):
        monkeypatch.setattr("bot.commands.yours._PAGE", page)
        await house.stage.say("/export", chat="stage:ann")
    offered = [bool(reply.buttons) for reply in house.stage.shown("stage:ann")]
    assert offered == [True, False]
    await house.stage.press("What is older")
    assert "One request and one picture" in house.stage.notes[-1][1]


async def test_whose_private_chat_is_closed_is_told_so(house: House) -> None:
    """Some platforms tell it only of what is sent there."""
    await house.stage.say("/imagine a corgi")
    await house.stage.until(done)
    send = house.stage.send

    async def closed(chat: ChatId, reply: Reply, **rest: Any) -> Post:
        if chat == "stage:ann":
            raise Unreachable
        return await send(chat, reply, **rest)

    house.stage.send = closed  # type: ignore[method-assign,assignment]
    await house.stage.say("/export")
    told = [reply.text for reply in house.stage.shown()[-2:]]
    assert ["It comes to you" in told[0], "open a private chat with me" in told[1]] == [True, True]
    assert not list(house.store.spool.glob("*.zip"))


async def test_words_in_a_jam_are_given_to_their_author(house: House) -> None:
    taken: list[tuple[str, bytes]] = []
    send = house.stage.send

    async def looking(chat: ChatId, reply: Reply, **rest: Any) -> Post:
        for file in reply.files:
            with zipfile.ZipFile(file.path) as archive:
                taken.append((reply.text, archive.read("jams.json")))
        return await send(chat, reply, **rest)

    house.stage.send = looking  # type: ignore[method-assign,assignment]
    await house.stage.say("/jam a city")
    canvas = next(reversed(house.stage.messages))
    await house.stage.say("neon rain", user="ben", replied=Post(ChatId("stage:group"), canvas))
    for name, brief, phrases in (("ben", "", ["neon rain"]), ("ann", "a city", [])):
        await house.stage.say("/export", user=name, chat=f"stage:{name}")
        text, told = taken.pop()
        assert text == "What you said in a jam."
        (said,) = json.loads(told)
        assert (said["brief"], said["phrases"], said["chat"]) == (brief, phrases, "stage:group")
    await house.stage.say("/export", user="cy", chat="stage:cy")
    assert "keeps nothing of you" in house.stage.shown("stage:cy")[-1].text


async def test_much_comes_in_parcels_that_the_platform_takes() -> None:
    jobs = [_kept(f"j{n}", sizes) for n, sizes in enumerate([[3], [3, 4], [2], [9], [1]])]
    found = list(parcels(jobs, 8 * MB + 256 * 1024))
    assert [[job.id for job in parcel.jobs] for parcel in found] == [["j0"], ["j1"], ["j2", "j3", "j4"]]
    assert [sum(p.bytes for p in parcel.pictures) // MB for parcel in found] == [3, 7, 3]


def _kept(name: str, sizes: list[int]) -> Job:
    pictures = tuple(
        Picture(PictureId(f"{name}p{n}"), Path(f"{name}{n}.png"), "image/png", 8, 8, size * MB)
        for n, size in enumerate(sizes)
    )
    request = ImageRequest("a corgi")
    return Job(JobId(name), ChatId("stage:c"), ANN, "x", request, "operator", "en", pictures=pictures)
