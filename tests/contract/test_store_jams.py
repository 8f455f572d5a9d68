"""Jams in every store: one at a time in a place, changed by one at a time, found by what shows them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot import jam as rules
from bot.errors import NotAllowed
from bot.jam import Cost, Jam, Rule
from bot.model import ChatId, Fault, ImageRequest, Job, JobId, PictureId, Post, Quality, User, now
from bot.ports import Store
from tests.contract.store_kit import ANN, BEN, EVERYWHERE, HOME, PLACES, Place, begun, over, placed

FREE: dict[str, Any] = {"price": 0, "ask_above": -1}
HOST, GUEST = User(ANN, "Ann", "en"), User(BEN, "Ben")


@pytest.fixture(params=EVERYWHERE)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    return PLACES[request.param](tmp_path)


@pytest.fixture
async def store(place: Place) -> AsyncIterator[Store]:
    async with place.open() as opened:
        yield opened


def a_jam(name: str = "jam1", chat: str = HOME, **fields: Any) -> Jam:
    given = {"brief": "a city", "language": "en", "invocation": f"event {name}", "names": {ANN: "Ann"}}
    return Jam(name, ChatId(chat), HOST, **{**given, **fields})


async def test_a_jam_is_read_as_it_was_written(store: Store) -> None:
    at = now().replace(microsecond=123)
    look = ImageRequest("", quality=Quality.HIGH)
    jam = a_jam(
        rule=Rule.read("@ben"), cost=Cost.SHARED, look=look, due=at, timer=True, roles=("7",), nsfw=True
    )
    await store.begin_jam(jam)

    def evening(jam: Jam) -> Jam:
        jam = rules.add(jam, GUEST, "neon \N{SNOWMAN}", at)
        jam = rules.go(jam, HOST, 1, at, price=0, ask_above=-1)
        jam = rules.submitted(jam, 1, JobId("job1"), at)
        jam = rules.painted(jam, 1, JobId("job1"), (PictureId("p1"), PictureId("p2")), 10, at)
        jam = rules.pick(jam, GUEST, 1, 2, at)
        jam = rules.go(jam, HOST, 2, at, price=9, ask_above=1)
        jam = rules.placed(rules.stumbled(jam, Fault("error-down"), at), Post(HOME, "m1", "grip"), 2)
        return rules.heard(jam, "event", lambda jam: jam)

    changed = await store.change_jam(jam.id, evening)
    assert changed == replace(evening(jam), version=1)
    assert await store.jam(jam.id) == changed
    assert changed.post
    assert changed.post.grip == "grip"
    painting = await store.change_jam(jam.id, lambda jam: rules.spend(jam, HOST, at))
    assert await store.jam(jam.id) == painting


async def test_there_is_one_at_a_time_in_a_place(store: Store) -> None:
    first = await store.begin_jam(a_jam())
    assert (await store.begin_jam(a_jam("jam2"))).id == first.id
    assert (await store.begin_jam(a_jam("jam3", f"{HOME}:7"))).id == "jam3"
    await store.change_jam(first.id, lambda jam: rules.end(jam, now()))
    assert await store.jam_here(HOME) is None
    assert (await store.begin_jam(a_jam())).id == first.id, "the same event begins none twice"
    assert (await store.begin_jam(a_jam("jam2"))).id == "jam2"


async def test_nobodys_change_is_lost(store: Store) -> None:
    await store.begin_jam(a_jam())
    people = [User(type(ANN)(f"telegram:{at}"), f"P{at}") for at in range(10, 22)]

    async def adds(user: User) -> None:
        await store.change_jam("jam1", lambda jam: rules.add(jam, user, f"word of {user.name}", now()))

    await asyncio.gather(*(adds(user) for user in people))
    jam = await store.jam("jam1")
    assert jam
    assert {phrase.author for phrase in jam.phrases} == {user.id for user in people}
    assert [phrase.number for phrase in jam.phrases] == list(range(1, 13))
    assert await store.change_jam("jam9", lambda jam: jam) is None


async def test_a_change_that_is_refused_changes_nothing(store: Store) -> None:
    before = await store.begin_jam(a_jam())
    with pytest.raises(NotAllowed):
        await store.change_jam("jam1", lambda jam: rules.go(jam, GUEST, 1, now(), price=0, ask_above=-1))
    assert await store.jam("jam1") == before


async def test_it_is_found_by_every_message_that_was_its_canvas(store: Store) -> None:
    await store.begin_jam(a_jam())
    for name in ("m1", "m2"):
        post = Post(HOME, name)
        await store.change_jam("jam1", lambda jam, post=post: rules.placed(jam, post, 1))
    found = [await store.jam_at(Post(HOME, name)) for name in ("m1", "m2", "m3")]
    assert [jam and jam.id for jam in found] == ["jam1", "jam1", None]


async def test_those_who_want_something_are_found(store: Store) -> None:
    soon = now() + timedelta(seconds=60)
    await store.begin_jam(a_jam(due=soon))
    assert await store.jams_wanting(now()) == []
    assert [jam.id for jam in await store.jams_wanting()] == ["jam1"]
    assert [jam.id for jam in await store.jams_wanting(soon)] == ["jam1"]
    await store.change_jam("jam1", lambda jam: rules.end(jam, now()))
    assert [jam.id for jam in await store.jams_wanting(now())] == ["jam1"]
    await store.change_jam("jam1", lambda jam: replace(jam, told=True))
    assert await store.jams_wanting() == []


async def test_it_moves_along_with_its_chat(store: Store) -> None:
    new = ChatId("telegram:-200")
    await store.begin_jam(a_jam(chat=f"{HOME}:7"))
    await store.change_jam("jam1", lambda jam: rules.placed(jam, Post(ChatId(f"{HOME}:7"), "m1"), 1))
    await store.move_chat(HOME, new)
    jam = await store.jam_at(Post(ChatId(f"{new}:7"), "m1"))
    assert jam
    assert (jam.chat, jam.post and jam.post.chat) == (f"{new}:7", f"{new}:7")
    assert await store.jam_here(ChatId(f"{new}:7")) == jam


async def test_where_both_places_have_one_the_new_ones_goes_on(store: Store) -> None:
    new = ChatId("telegram:-200")
    await store.begin_jam(a_jam("old"))
    await store.begin_jam(a_jam("new", new))
    await store.move_chat(HOME, new)
    here = await store.jam_here(new)
    assert here
    assert here.id == "new"
    old = await store.jam("old")
    assert old
    assert (old.live, old.chat) == (False, new)


async def round_painted(store: Store, name: str) -> Job:
    """A round that the host pays for, with a phrase of the guest's."""
    jam = await store.change_jam("jam1", lambda jam: rules.go(jam, HOST, jam.round, now(), **FREE))
    assert jam
    order = jam.order
    assert order
    job = await begun(store, user=ANN, request=ImageRequest(order.prompt), credit="Together: Ben")
    await store.change_jam("jam1", lambda jam: rules.submitted(jam, order.number, job.id, now()))
    await store.succeed(job.id, 1, [await placed(store, name)], 0)
    done = await store.deliver(job.id, 1)
    assert done
    pictures = tuple(picture.id for picture in done.pictures)
    assert len(pictures) == 1
    await store.change_jam("jam1", lambda jam: rules.painted(jam, order.number, job.id, pictures, 0, now()))
    return done


async def test_what_a_guest_said_is_forgotten_with_the_prompts_it_went_into(place: Place) -> None:
    async with place.open() as store:
        await store.begin_jam(a_jam())
        await store.change_jam("jam1", lambda jam: rules.add(jam, GUEST, "secret words", now()))
        done = await round_painted(store, "a")
        jam = await store.change_jam("jam1", lambda jam: rules.go(jam, HOST, 2, now(), **FREE))
        assert jam
        assert jam.order
        job = await begun(store, user=ANN, request=ImageRequest(jam.order.prompt), credit="Together: Ben")
        await store.change_jam("jam1", lambda jam: rules.submitted(jam, 2, job.id, now()))
        await store.forget(BEN)
        jam = await store.jam("jam1")
        assert jam
        assert (jam.stage, jam.phrases, jam.names) == (rules.Stage.PAINTING, (), {ANN: "Ann"})
        kept = await store.job(done.id)
        assert kept
        assert (kept.request.prompt, kept.credit, kept.pictures) == ("", "", done.pictures)
        await store.change_jam("jam1", lambda jam: rules.add(jam, GUEST, "said since", now()))
        await over(store, job.id)
        await store.sweep(now() - timedelta(days=1))
        jam = await store.jam("jam1")
        assert jam
        assert [phrase.text for phrase in jam.phrases] == ["said since"]
    assert "secret" not in str([place.rows(f"SELECT * FROM {table}") for table in ("jobs", "jams")])
    assert place.rows("SELECT count(*) FROM forgotten") == [(0,)]


async def test_a_host_who_is_forgotten_ends_the_jam(store: Store) -> None:
    await store.begin_jam(a_jam(brief="secret words"))
    await store.change_jam("jam1", lambda jam: rules.add(jam, GUEST, "neon", now()))
    await round_painted(store, "a")
    await store.forget(ANN)
    (jam,) = await store.jams_wanting(now())
    assert (jam.live, jam.brief, jam.host.name, jam.names) == (False, "…", "", {BEN: "Ben"})
    assert [one.prompt for one in jam.rounds] == ["…"]


async def test_a_chat_keeps_its_jams_as_long_as_its_words(store: Store) -> None:
    long_ago = now() - timedelta(days=3)
    for name, told in (("old", True), ("live", False)):
        await store.begin_jam(a_jam(name, f"{HOME}:{name}", created=long_ago))
        await store.change_jam(name, lambda jam, told=told: replace(jam, told=told))
    await store.begin_jam(a_jam("new", told=True))
    await store.sweep(now())
    await store.save_chat(HOME, keep_days=2)
    await store.sweep(now() - timedelta(days=9))
    assert [bool(await store.jam(name)) for name in ("old", "live", "new")] == [False, True, True]
