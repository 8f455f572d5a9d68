"""The contract of `bot.ports.Store`, run on every store there is."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.errors import CapReached, NotAllowed, TooMany, TooSoon
from bot.model import (
    Access,
    Allowance,
    AuditEntry,
    Background,
    Chat,
    ChatId,
    Fault,
    Field,
    Form,
    Format,
    ImageRequest,
    Job,
    JobId,
    Key,
    Limit,
    Moderation,
    PictureId,
    PoolKey,
    Post,
    Quality,
    Source,
    Standing,
    State,
    User,
    UserId,
    now,
)
from bot.ports import Caps, Forgotten, Store
from bot.rules import Kind, Rules, Who
from bot.sizes import parse
from tests.contract.store_kit import (
    ANN,
    BEN,
    EVERYWHERE,
    HOME,
    NARROW,
    PLACES,
    Place,
    SqlitePlace,
    a_job,
    audit,
    begun,
    over,
    painted,
    placed,
    running,
    submitted,
)

CAT = UserId("telegram:3")
NO = Fault("error-down", {"detail": "503"})
DAY = timedelta(days=1)


@pytest.fixture(params=EVERYWHERE)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    return PLACES[request.param](tmp_path)


@pytest.fixture
async def store(place: Place) -> AsyncIterator[Store]:
    async with place.open() as store:
        yield store


# --- a job is written down ------------------------------------------------------------------


async def test_a_job_comes_back_as_it_was_submitted(store: Store) -> None:
    request = ImageRequest(
        prompt="一只柯基 \ud83d 'quoted'\nand \0 more",
        model="gpt-image-2",
        n=4,
        size=parse("16:9 2k"),
        quality=Quality.HIGH,
        output_format=Format.WEBP,
        background=Background.OPAQUE,
        images=(Source("picture:abc"), Source("telegram:file-1")),
        mask=Source("picture:mask"),
        output_compression=0,
        moderation=Moderation.LOW,
    )
    origin = Post(ChatId("telegram:-100:7"), "55", "grip")
    job = a_job(
        request=request, chat="telegram:-100:7", origin=origin, parent=JobId("parent"), once="o", hold=7
    )
    accepted = (await store.submit(job, [])).job
    found = await store.job(job.id)
    assert found == accepted
    assert found is not None
    assert found.request == request
    assert found.origin == origin
    assert found.origin.grip == "grip"
    as_given = ("chat", "user", "invocation", "endpoint", "language", "hold", "parent", "once", "created")
    assert all(getattr(found, name) == getattr(job, name) for name in as_given)


async def test_a_prompt_of_full_length_comes_back(store: Store) -> None:
    request = ImageRequest("画" * 32_000, images=tuple(Source(f"telegram:{i}") for i in range(16)))
    job = await submitted(store, request=request)
    assert (await store.job(job.id)) == job
    assert job.request == request


async def test_what_a_relay_says_is_always_taken(store: Store) -> None:
    """A text that no database takes would have its job worked again for ever."""
    job = await begun(store)
    assert await store.note(job.id, 1, upstream_id="half \ud83d of \0 it")
    noted = await store.job(job.id)
    assert noted
    assert noted.upstream_id == "half ? of  it"
    done = await store.succeed(job.id, 1, [], 1, note="\ud83d\0")
    assert done
    assert done.note == "?"
    lost = await begun(store)
    await store.note(lost.id, 1, submitted=True)
    found = await store.found(lost.id, ["half \ud83d of \0 it", "\0other"], 1)
    assert found
    assert found.upstream_id == "other"


async def test_no_job_of_that_name(store: Store) -> None:
    assert await store.job(JobId("nothing")) is None
    assert await store.begin(JobId("nothing")) is None
    assert await store.cancel(JobId("nothing")) is None


async def test_an_event_delivered_again_makes_no_second_job(store: Store) -> None:
    first = await store.submit(a_job(invocation="update 7", hold=5), [Limit("pot")])
    again = await store.submit(a_job(invocation="update 7", hold=5), [Limit("pot")])
    other = await store.submit(a_job(user=BEN, invocation="update 7"), [])
    assert first.fresh
    assert not again.fresh
    assert again.job == first.job
    assert other.fresh
    assert (await store.standing(["pot"]))[0].held == 5


async def test_an_event_delivered_again_is_known_after_the_job_ended(store: Store) -> None:
    job = await begun(store, invocation="update 8")
    await over(store, job.id)
    again = await store.submit(a_job(invocation="update 8"), [])
    assert (again.fresh, again.job.id, again.job.state) == (False, job.id, State.FAILED)


async def test_an_intention_is_started_once_while_it_is_open(store: Store) -> None:
    job = await begun(store, once="again abc")
    assert not (await store.submit(a_job(once="again abc"), [])).fresh
    await store.unknown(job.id, 1, NO)
    assert not (await store.submit(a_job(once="again abc"), [])).fresh
    await store.give_up(job.id)
    assert (await store.submit(a_job(once="again abc"), [])).fresh
    assert (await store.submit(a_job(once=""), [])).fresh
    assert (await store.submit(a_job(once=""), [])).fresh


# --- a job's life ---------------------------------------------------------------------------


async def test_the_way_of_a_job_that_succeeds(store: Store) -> None:
    accepted = await submitted(store, hold=10)
    assert accepted.state is State.RUNNING
    assert accepted.started is not None
    job = await store.begin(accepted.id)
    assert job is not None
    assert job.attempt == 1
    assert await store.note(job.id, 1, submitted=True)
    noted = await store.job(job.id)
    assert noted is not None
    assert (noted.submitted, noted.upstream_id) == (True, "")
    own = ImageRequest("a corgi", images=(Source("picture:own"),))
    assert await store.note(job.id, 1, upstream_id="relay-1", request=own)
    noted = await store.job(job.id)
    assert noted is not None
    assert (noted.submitted, noted.upstream_id, noted.request) == (True, "relay-1", own)
    came = [await placed(store, name, name.encode()) for name in ("b", "a")]
    done = await store.succeed(job.id, 1, came, 8, missing=1, note="note-size")
    assert done == await store.job(job.id)
    assert done is not None
    pictures = list(done.pictures)
    assert pictures == came
    assert [picture.path.read_bytes() for picture in pictures] == [b"b", b"a"]
    assert [await store.picture(picture.id) for picture in pictures] == pictures
    assert (done.state, done.cost, done.missing, done.note) == (State.DELIVERING, 8, 1, "note-size")
    assert done.finished is None
    delivered = await store.deliver(job.id, 1)
    assert delivered is not None
    assert (delivered.state, list(delivered.pictures)) == (State.DONE, pictures)
    assert delivered.finished is not None


async def test_a_failed_job_says_why(store: Store) -> None:
    job = await begun(store)
    failed = await store.fail(job.id, 1, NO)
    assert failed is not None
    assert (failed.state, failed.fault) == (State.DELIVERING, NO), "somebody has to be told yet"
    assert failed == await store.job(job.id)
    told = await store.deliver(job.id, 1)
    assert told is not None
    assert (told.state, told.fault) == (State.FAILED, NO)


async def test_a_job_that_could_not_be_delivered_keeps_its_pictures_and_cost(store: Store) -> None:
    job = await begun(store, Limit("pot"), hold=10)
    done = await store.succeed(job.id, 1, [await placed(store)], 8)
    failed = await store.fail(job.id, 1, NO)
    assert done is not None
    assert failed is not None
    assert (failed.state, failed.pictures, failed.cost) == (State.FAILED, done.pictures, 8)
    assert len(done.pictures) == 1
    assert await store.standing(["pot"]) == [Standing("pot", day=8, month=8, held=0)]


async def test_a_worker_that_came_back_from_the_dead_changes_nothing(store: Store) -> None:
    job = await begun(store, Limit("pot"), hold=10)
    again = await store.begin(job.id)
    assert again is not None
    assert again.attempt == 2
    assert not await store.note(job.id, 1, submitted=True)
    assert await store.succeed(job.id, 1, [], 1) is None
    assert await store.fail(job.id, 1, NO) is None
    assert await store.unknown(job.id, 1, NO) is None
    assert await store.succeed(job.id, 2, [], 1) is not None
    assert await store.deliver(job.id, 1) is None
    assert await store.deliver(job.id, 2) is not None


async def test_what_is_over_stays_over(place: Place, store: Store) -> None:
    job = await begun(store, Limit("pot"), hold=10)
    await store.succeed(job.id, 1, [], 4)
    await store.deliver(job.id, 1)
    assert await store.succeed(job.id, 1, [], 4) is None
    assert await store.deliver(job.id, 1) is None
    assert await store.fail(job.id, 1, NO) is None
    assert await store.unknown(job.id, 1, NO) is None
    assert not await store.note(job.id, 1, upstream_id="x")
    assert await store.begin(job.id) is None
    assert await store.cancel(job.id) is None
    assert await store.give_up(job.id) is None
    assert audit(place) == {"pot": 4}


async def test_only_a_waiting_job_can_be_cancelled(place: Place) -> None:
    async with place.open(NARROW) as store:
        first = await submitted(store, Limit("pot"), hold=1)
        second = await submitted(store, Limit("pot"), hold=2)
        assert second.state is State.QUEUED
        assert await store.begin(second.id) is None
        assert await store.cancel(first.id) is None
        cancelled = await store.cancel(second.id)
        assert cancelled is not None
        assert cancelled.state is State.CANCELLED
        assert await store.cancel(second.id) is None
        assert (await store.standing(["pot"]))[0].held == 1


async def test_an_unknown_job_holds_its_money_until_somebody_decides(store: Store) -> None:
    job = await begun(store, Limit("pot"), hold=10)
    lost = await store.unknown(job.id, 1, NO)
    assert lost is not None
    assert (lost.state, lost.fault, lost.finished) == (State.UNKNOWN, NO, None)
    assert (await store.standing(["pot"]))[0].held == 10
    assert await store.give_up(JobId("other")) is None
    decided = await store.give_up(job.id)
    assert decided is not None
    assert (decided.state, decided.fault) == (State.FAILED, NO)
    assert await store.give_up(job.id) is None
    assert (await store.standing(["pot"]))[0] == Standing("pot")


async def test_a_job_takes_the_place_of_an_unknown_one_or_nothing_happens(place: Place) -> None:
    pot = Limit("pot", daily=10)
    async with place.open() as store:
        lost = await begun(store, pot, hold=10)
        await store.unknown(lost.id, 1, NO)
        with pytest.raises(CapReached):
            await store.submit(a_job(hold=11), [pot], instead=lost.id)
        kept = await store.job(lost.id)
        assert kept
        assert kept.state is State.UNKNOWN
        anew = a_job(hold=9)
        assert (await store.submit(anew, [pot], instead=lost.id)).fresh
        assert not (await store.submit(anew, [pot], instead=lost.id)).fresh
        with pytest.raises(NotAllowed):
            await store.submit(a_job(hold=1), [pot], instead=lost.id)
        decided = await store.job(lost.id)
        assert decided
        assert decided.state is State.FAILED
        assert (await store.standing(["pot"]))[0].held == 9


async def test_an_unknown_job_may_be_asked_for_again(store: Store) -> None:
    job = await begun(store, Limit("pot"), hold=10)
    await store.note(job.id, 1, submitted=True, upstream_id="there-1")
    assert await store.look_again(job.id) is None, "it is under way"
    await store.unknown(job.id, 1, NO)
    again = await store.look_again(job.id)
    assert again is not None
    assert (again.state, again.fault, again.upstream_id) == (State.RUNNING, None, "there-1")
    assert (await store.standing(["pot"]))[0].held == 10
    assert await store.look_again(job.id) is None
    assert await store.give_up(job.id) is None
    taken = await store.begin(job.id)
    assert taken is not None
    assert (taken.attempt, taken.submitted) == (2, True)
    assert await store.unknown(job.id, 1, NO) is None, "by the first worker, back from the dead"
    assert await store.succeed(job.id, 2, [], 4) is not None
    assert (await store.standing(["pot"]))[0] == Standing("pot", 4, 4, 0)


async def lost(store: Store, **fields: Any) -> Job:
    """A job that was ordered, and whose id is not known."""
    job = await begun(store, Limit("pot"), hold=10, **fields)
    await store.note(job.id, 1, submitted=True)
    unknown = await store.unknown(job.id, 1, NO)
    assert unknown is not None
    return unknown


async def test_a_lost_job_is_found_by_the_one_id_that_is_left(store: Store) -> None:
    before = await begun(store)
    await store.note(before.id, 1, submitted=True, upstream_id="there-1")
    job = await lost(store)
    assert [found.id for found in await store.unsettled()] == [job.id]
    assert await store.found(job.id, ["there-1"]) is None, "another's"
    assert await store.found(job.id, ["there-2", "there-3"]) is None, "two alike"
    assert await store.found(JobId("other"), ["there-2"]) is None
    found = await store.found(job.id, ["there-1", "there-2"])
    assert found is not None
    assert (found.state, found.fault, found.upstream_id) == (State.RUNNING, None, "there-2")
    assert (await store.standing(["pot"]))[0].held == 10
    assert await store.unsettled() == []
    assert await store.found(job.id, ["there-4"]) is None
    assert await store.give_up(job.id) is None


async def test_who_was_asked_about_an_unknown_job_is_not_asked_again(store: Store) -> None:
    job = await lost(store)
    assert [found.id for found in await store.untold()] == [job.id]
    await store.told(job.id)
    assert await store.untold() == []
    assert await store.found(job.id, ["there-1"])
    again = await store.begin(job.id)
    assert again
    await store.unknown(job.id, again.attempt, NO)
    assert [found.id for found in await store.untold()] == [job.id], "asked anew, once it is lost anew"
    await store.give_up(job.id)
    await store.told(job.id)
    assert await store.untold() == []


async def test_a_lost_job_with_a_twin_is_not_guessed_at(store: Store) -> None:
    job, twin = await lost(store), await begun(store)
    elsewhere = await begun(store, endpoint="telegram:-7")
    for other in (twin, elsewhere):
        await store.note(other.id, 1, submitted=True)
    assert await store.found(job.id, ["there-1"]) is None, "it may be the twin's, whose id is on its way"
    await store.note(twin.id, 1, upstream_id="there-1")
    assert await store.found(job.id, ["there-1"]) is None
    assert await store.found(job.id, ["there-1", "there-2"]) is not None


async def test_a_job_is_found_before_anybody_was_told_that_it_is_lost(store: Store) -> None:
    job = await begun(store)
    assert await store.found(job.id, ["there-1"], 1) is None, "nothing was ordered yet"
    await store.note(job.id, 1, submitted=True)
    assert await store.found(job.id, ["there-1"]) is None, "it is under way"
    assert await store.found(job.id, ["there-1"], 2) is None
    found = await store.found(job.id, ["there-1"], 1)
    assert found is not None
    assert (found.state, found.attempt, found.upstream_id) == (State.RUNNING, 1, "there-1")


# --- finding jobs ---------------------------------------------------------------------------


async def test_the_message_that_shows_a_job_finds_it(store: Store) -> None:
    job = await submitted(store)
    post = Post(HOME, "42", "token")
    await store.posted(job.id, post)
    found = await store.job_at(Post(HOME, "42"))
    assert found is not None
    assert (found.id, found.post, found.post and found.post.grip) == (job.id, post, "token")
    assert await store.job_at(Post(ChatId("telegram:-200"), "42")) is None
    await store.posted(job.id, Post(HOME, "43"))
    assert await store.job_at(post) is None


async def test_a_message_that_cannot_be_found_again_finds_no_job(store: Store) -> None:
    job = await submitted(store)
    await store.posted(job.id, Post(HOME, ""))
    assert await store.job_at(Post(HOME, "")) is None


async def test_latest_jobs_of_a_chat(store: Store) -> None:
    jobs = [await submitted(store, user=user) for user in (ANN, BEN, ANN, BEN)]
    await submitted(store, chat="telegram:-200")
    topic = await submitted(store, chat=f"{HOME}:7")
    await store.begin(jobs[1].id)
    await over(store, jobs[1].id)
    await store.begin(jobs[2].id)
    done = await store.succeed(jobs[2].id, 1, [await placed(store)], 0)
    assert done
    (picture,) = done.pictures

    async def ids(**asked: object) -> list[JobId]:
        return [job.id for job in await store.jobs(HOME, **asked)]  # type: ignore[arg-type]

    everything = [topic.id, *(job.id for job in reversed(jobs))]
    assert await ids() == everything
    assert await ids(limit=2) == everything[:2]
    assert await ids(user=BEN) == [jobs[3].id, jobs[1].id]
    assert await ids(states=[State.RUNNING, State.DELIVERING], user=ANN) == [topic.id, jobs[2].id, jobs[0].id]
    assert await ids(states=[State.FAILED, State.DELIVERING]) == [jobs[2].id, jobs[1].id]
    shown = {job.id: job.pictures for job in await store.jobs(HOME)}
    assert shown[jobs[2].id] == (picture,)
    assert shown[jobs[3].id] == ()


async def test_the_queue_in_the_order_in_which_it_is_served(place: Place) -> None:
    async with place.open(NARROW) as store:
        await begun(store, user=ANN)
        anns = [await submitted(store, user=ANN) for _ in range(3)]
        bens = [await submitted(store, user=BEN) for _ in range(2)]
        cats = await submitted(store, user=CAT)
        assert [job.place for job in anns] == [1, 2, 3]
        queue = await store.waiting(HOME)
        expected = [bens[0], cats, anns[0], bens[1], anns[1], anns[2]]
        assert [job.id for job in queue] == [job.id for job in expected]
        assert [job.place for job in queue] == [1, 2, 3, 4, 5, 6]
        found = await store.job(cats.id)
        assert found is not None
        assert found.place == 2
        assert {job.id: job.place for job in await store.jobs(HOME)}[anns[2].id] == 6
        served = [job.id async for job in serve_all(store)]
        assert served[1:] == [job.id for job in expected]


async def serve_all(store: Store) -> AsyncIterator[Job]:
    """Finish whatever runs, oldest admission first, until nothing does."""
    while running := [job for job in await store.jobs(HOME, limit=99) if job.state is State.RUNNING]:
        for job in running:
            begun = await store.begin(job.id)
            assert begun is not None
            await over(store, job.id, begun.attempt)
            yield job


async def test_counts_of_open_jobs(place: Place) -> None:
    async with place.open(NARROW) as store:
        job = await begun(store)
        await submitted(store)
        assert await store.overview() == {"queued": 1, "running": 1, "delivering": 0, "unknown": 0}
        await store.unknown(job.id, 1, NO)
        assert await store.overview() == {"queued": 0, "running": 1, "delivering": 0, "unknown": 1}


# --- caps and turns -------------------------------------------------------------------------


async def states(store: Store, jobs: list[Job]) -> list[State]:
    found = [await store.job(job.id) for job in jobs]
    return [job.state for job in found if job]


async def test_caps_on_running_jobs(place: Place) -> None:
    q, r = State.QUEUED, State.RUNNING
    async with place.open(Caps(running_chat=3, running_member=2)) as store:
        jobs = [await submitted(store, user=user) for user in (ANN, ANN, ANN, BEN, BEN)]
        assert await states(store, jobs) == [r, r, q, r, q]
        elsewhere = [await submitted(store, user=user, chat="telegram:-200") for user in (ANN, BEN)]
        assert await states(store, elsewhere) == [q, r]
        begun = await store.begin(jobs[0].id)
        assert begun is not None
        await store.succeed(jobs[0].id, 1, [], 0)
        assert await states(store, [*jobs[2:], *elsewhere]) == [q, r, q, q, r]
        await store.deliver(jobs[0].id, 1)
        # Ann waits in two chats that both have room; this one was served longer ago.
        assert await states(store, [*jobs[2:], *elsewhere]) == [r, r, q, q, r]


async def test_a_cap_on_all_running_jobs_and_turns_between_chats(place: Place) -> None:
    async with place.open(Caps(running_chat=9, running_member=9, running=1)) as store:
        await submitted(store, chat="telegram:-1")
        busy = [await submitted(store, chat="telegram:-1") for _ in range(3)]
        late = await submitted(store, user=BEN, chat="telegram:-2")
        assert await states(store, [*busy, late]) == [State.QUEUED] * 4
        await finish_running(store, ChatId("telegram:-1"))
        assert await states(store, [*busy, late]) == [State.QUEUED] * 3 + [State.RUNNING]
        await finish_running(store, ChatId("telegram:-2"))
        assert (await states(store, busy)).count(State.RUNNING) == 1


async def finish_running(store: Store, home: ChatId) -> None:
    for job in await store.jobs(home, states=[State.RUNNING]):
        begun = await store.begin(job.id)
        assert begun is not None
        await over(store, job.id, begun.attempt)


async def test_one_member_queues_thirty_and_the_next_waits_for_one_at_most(place: Place) -> None:
    async with place.open(Caps(running_chat=1, running_member=1, waiting_member=30)) as store:
        for _ in range(30):
            await submitted(store, user=ANN)
        bens = await submitted(store, user=BEN)
        finished = 0
        while (await states(store, [bens])) == [State.QUEUED]:
            await finish_running(store, HOME)
            finished += 1
        assert finished == 1


async def _took(store: Store, patch: pytest.MonkeyPatch, seconds: int) -> None:
    """A job of kind ``k`` is done after so long."""
    job = await begun(store, kind="k")
    await store.succeed(job.id, job.attempt, [], 0)
    with patch.context() as later:
        later.setattr("storage.store.running.now", lambda: now() + timedelta(seconds=seconds))
        await store.deliver(job.id, job.attempt)


async def test_when_pictures_are_likely_to_come(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    async with place.open(NARROW) as store:
        for seconds in (50, 150, 100):
            await _took(store, monkeypatch, seconds)
        elsewhere = await submitted(store, user=BEN, chat="telegram:-200", kind="k")
        first, bens, last = [await submitted(store, user=user, kind="k") for user in (ANN, BEN, ANN)]
        seen = await store.outlook(HOME)
        # Ben runs in another chat, for as long as Ann does here.
        assert [round(seen[job.id], -1) for job in (first, bens, last)] == [100, 200, 300]
        assert list(await store.outlook(elsewhere.chat)) == [elsewhere.id]
        unseen = await submitted(store, user=BEN, chat="telegram:-300", kind="never seen")
        assert await store.outlook(unseen.chat) == {}


async def test_who_begins_at_once_has_not_waited(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """And is told how long such jobs took."""
    async with place.open(NARROW) as store:
        await _took(store, monkeypatch, 50)
        first, second = [await store.submit(a_job(kind="k"), ()) for _ in range(2)]
        assert (first.job.state, first.job.waited) == (State.RUNNING, False)
        assert first.ready == pytest.approx(50, abs=5)
        assert (second.job.state, second.job.waited, second.ready) == (State.QUEUED, True, None)
        unseen = await store.submit(a_job(BEN, "telegram:-300", kind="never seen"), ())
        assert (unseen.job.waited, unseen.ready) == (False, None)
        await finish_running(store, HOME)
        begun = await store.begin(second.job.id)
        assert begun
        assert (begun.state, begun.waited) == (State.RUNNING, True)


async def test_who_spent_what(store: Store) -> None:
    """By whichever key, in shares, on the day of the request; what is held is not spent."""
    ann, ben = Limit(f"{HOME}/{ANN}"), Limit(f"{HOME}/{BEN}")
    shared = [replace(ann, weight=1), replace(ben, weight=1)]
    at = datetime(2026, 11, 3, 23, 59, tzinfo=UTC)
    for pots, cost, when in (
        ([Limit("operator"), Limit(HOME), ann], 30, at),
        ([Limit(HOME), *shared], 8, at),
        ([Limit(f"pool/{HOME}/{ANN}"), Limit(f"pool/{HOME}/{ANN}/own")], 5, at),
        ([Limit(f"{NEW}/{ANN}")], 1000, at),
        ([ann], 70, datetime(2026, 10, 31, tzinfo=UTC)),
    ):
        job = await begun(store, *pots, hold=90, created=when, chat=NEW if cost == 1000 else HOME)
        await store.succeed(job.id, job.attempt, [], cost)
    await begun(store, ann, hold=90, created=at)
    found = await store.usage(HOME, "2026-11")
    assert [(one.user.id, one.user.name, one.day, one.spent, one.requests) for one in found] == [
        (ANN, "Ann", "2026-11-03", 39, 3),
        (BEN, BEN, "2026-11-03", 4, 0),
    ]
    assert [one.spent for one in await store.usage(HOME, "2026-10")] == [70]
    assert await store.usage(HOME, "2026-12") == []


async def test_caps_on_waiting_jobs(place: Place) -> None:
    caps = Caps(running_chat=1, running_member=1, waiting_chat=3, waiting_member=2)
    async with place.open(caps) as store:
        pot = Limit("pot")
        for _ in range(3):
            await submitted(store, pot, hold=1)
        with pytest.raises(TooMany) as of_member:
            await submitted(store, pot, hold=1)
        assert of_member.value.params == {"scope": "member", "limit": 2}
        await submitted(store, pot, user=BEN, hold=1)
        with pytest.raises(TooMany) as of_chat:
            await submitted(store, pot, user=CAT, hold=1)
        assert of_chat.value.params == {"scope": "chat", "limit": 3}
        assert (await store.standing(["pot"]))[0].held == 4
        assert len(await store.jobs(HOME)) == 4
    audit(place)


async def test_no_waiting_at_all_still_lets_people_run(place: Place) -> None:
    async with place.open(Caps(running_chat=1, waiting_chat=0, waiting_member=0)) as store:
        assert (await submitted(store)).state is State.RUNNING
        with pytest.raises(TooMany):
            await submitted(store, user=BEN)


async def test_wider_caps_at_the_next_start_let_the_waiting_in(place: Place) -> None:
    async with place.open(NARROW) as store:
        jobs = [await submitted(store, user=user) for user in (ANN, BEN, CAT)]
    async with place.open(Caps(running_chat=2)) as store:
        assert await states(store, jobs) == [State.RUNNING, State.RUNNING, State.QUEUED]


# --- money ----------------------------------------------------------------------------------


async def test_a_hold_is_settled_to_the_real_cost(place: Place, store: Store) -> None:
    accounts = [Limit("operator"), Limit("operator/chat"), Limit("operator/chat/ann")]
    names = [limit.account for limit in accounts]
    job = await begun(store, *accounts, hold=10)
    assert await store.standing(names) == [Standing(name, day=10, month=10, held=10) for name in names]
    await store.succeed(job.id, 1, [], 8)
    assert await store.standing(names) == [Standing(name, day=8, month=8) for name in names]
    assert await store.standing([]) == []
    assert await store.standing(["stranger"]) == [Standing("stranger")]
    audit(place)


@pytest.mark.parametrize(
    ("limit", "period"),
    [(Limit("pot", daily=100, kind="member"), "day"), (Limit("pot", monthly=100, kind="member"), "month")],
)
async def test_a_cap_in_money(store: Store, limit: Limit, period: str) -> None:
    await submitted(store, limit, hold=60)
    await submitted(store, limit, hold=40)
    with pytest.raises(CapReached) as reached:
        await submitted(store, limit, hold=1)
    assert reached.value.params == {"account": "member", "period": period, "left": 0, "price": 1}
    assert len(await store.jobs(HOME)) == 2


async def test_neither_account_is_booked_when_one_of_them_is_full(place: Place, store: Store) -> None:
    narrow = Limit("narrow", daily=5, kind="operator")
    with pytest.raises(CapReached) as reached:
        await submitted(store, Limit("wide", daily=100), narrow, hold=6)
    assert reached.value.params == {"account": "operator", "period": "day", "left": 5, "price": 6}
    assert audit(place) == {}


async def test_accounts_with_a_weight_share_what_is_booked(place: Place, store: Store) -> None:
    whole, ann, ben = Limit("pot"), Limit("pot/ann", weight=2), Limit("pot/ben", weight=1)
    job = await begun(store, whole, ben, ann, hold=100)
    assert [one.held for one in await store.standing(["pot", "pot/ann", "pot/ben"])] == [100, 66, 34]
    await store.succeed(job.id, 1, [], 50)
    assert audit(place) == {"pot": 50, "pot/ann": 33, "pot/ben": 17}
    failed = await begun(store, whole, ann, ben, hold=10)
    await over(store, failed.id)
    assert audit(place) == {"pot": 50, "pot/ann": 33, "pot/ben": 17}


async def test_who_lacks_room_for_a_share_is_named(place: Place, store: Store) -> None:
    shares = [Limit("ann", daily=50, weight=1, name="Ann"), Limit("ben", daily=49, weight=1, name="Ben")]
    await submitted(store, *shares, hold=98)
    with pytest.raises(CapReached) as reached:
        await submitted(store, *shares, hold=2)
    assert reached.value.sentence == "error-cap-of-one"
    assert reached.value.params == {"name": "Ben", "period": "day", "left": 0, "price": 1}
    assert audit(place) == {"ann": 49, "ben": 49}


async def test_a_cap_of_zero_allows_only_what_costs_nothing(store: Store) -> None:
    await submitted(store, Limit("pot", daily=0, monthly=0), hold=0)
    with pytest.raises(CapReached):
        await submitted(store, Limit("pot", daily=0, monthly=0), hold=1)


async def test_a_cost_above_the_hold_is_booked_in_full(store: Store) -> None:
    limit = Limit("pot", daily=100)
    job = await begun(store, limit, hold=90)
    await store.succeed(job.id, 1, [], 130)
    assert await store.standing(["pot"]) == [Standing("pot", day=130, month=130)]
    with pytest.raises(CapReached) as reached:
        await submitted(store, limit, hold=1)
    assert reached.value.params["left"] == 0


async def test_a_job_without_an_estimate_is_settled_too(place: Place, store: Store) -> None:
    job = await begun(store, Limit("pot"), hold=0)
    await store.succeed(job.id, 1, [], 25)
    assert audit(place) == {"pot": 25}


async def test_money_is_booked_on_the_day_of_the_hold(place: Place, store: Store) -> None:
    limit = Limit("pot", daily=100)
    early = await begun(store, limit, hold=100, created=now() - DAY)
    late = await submitted(store, limit, hold=100)
    assert (await store.standing(["pot"]))[0].day == 100
    await store.succeed(early.id, 1, [], 70)
    assert (await store.standing(["pot"]))[0].day == 100
    yesterday = f"{now() - DAY:%Y-%m-%d}"
    days = {row for row in place.rows("SELECT job, day FROM ledger") if row[0] == early.id}
    assert days == {(early.id, yesterday)}
    assert late.created.date() > early.created.date()
    audit(place)


async def test_days_and_months_are_counted_in_utc(place: Place, store: Store) -> None:
    far_east = datetime(2026, 1, 1, 5, tzinfo=UTC).astimezone(tz=None)
    await submitted(store, Limit("pot"), hold=3, created=far_east)
    periods = place.rows("SELECT period, held FROM purse ORDER BY period")
    assert periods == [("day:2026-01-01", 3), ("month:2026-01", 3)]


async def test_what_is_granted_comes_on_top_of_the_caps(place: Place, store: Store) -> None:
    limit = Limit("pot", daily=100, monthly=110)
    await submitted(store, limit, hold=100)
    assert await store.grant("event 1", ["pot"], 30)
    assert not await store.grant("event 1", ["pot"], 30), "the same event again"
    assert await store.grant("event 2", ["pot"], 5, month=True)
    assert await store.standing(["pot"]) == [Standing("pot", 100, 100, 100, 30, 35)]
    with pytest.raises(CapReached) as reached:
        await submitted(store, limit, hold=31)
    assert (reached.value.params["period"], reached.value.params["left"]) == ("day", 30)
    await submitted(store, limit, hold=30)
    assert audit(place) == {"pot": 130}


async def test_those_who_share_are_those_of_one_pot(place: Place, store: Store) -> None:
    two = [Limit(f"{pot}/{name}", weight=1) for pot in ("operator", "chat") for name in "ab"]
    job = await begun(store, Limit("operator"), *two, hold=10)
    await store.succeed(job.id, 1, [], 7)
    assert [one.day for one in await store.standing([limit.account for limit in two])] == [3, 4, 3, 4]
    assert audit(place)["operator"] == 7


async def test_fifty_at_once_on_a_pot_with_room_for_ten(place: Place, store: Store) -> None:
    limit = Limit("pot", daily=100)
    attempts = await asyncio.gather(
        *(submitted(store, limit, hold=10) for _ in range(50)), return_exceptions=True
    )
    assert sum(isinstance(result, Job) for result in attempts) == 10
    assert sum(isinstance(result, CapReached) for result in attempts) == 40
    assert audit(place) == {"pot": 100}


async def test_fifty_who_come_and_go_at_once_never_pass_a_cap(place: Place, store: Store) -> None:
    """Every third asks for three people, who share; meanwhile somebody grants a little on top, twice."""
    people = [UserId(f"telegram:{number}") for number in range(5)]
    pot = [Limit("pot", daily=100, monthly=140, kind="operator"), Limit("pot/chat", daily=90)]
    most = {"pot": 120, "pot/chat": 90}
    refused: list[str] = []

    async def one(number: int) -> None:
        user = people[number % 5]
        bearers = {user: 0} if number % 3 else {people[(number + at) % 5]: at + 1 for at in range(3)}
        members = [
            Limit(f"pot/{one}", daily=30, monthly=50, kind="member", weight=weight)
            for one, weight in bearers.items()
        ]
        try:
            job = await begun(store, *pot, *members, user=user, hold=10)
        except CapReached as error:
            refused.append(str(error.params["account"]))
            return
        match number % 4:
            case 0:
                await store.succeed(job.id, 1, [], 10)
            case 1:
                await store.succeed(job.id, 1, [], 3)
            case 2:
                await store.fail(job.id, 1, Fault("error-down"))
        for standing in await store.standing(["pot", "pot/chat", *(limit.account for limit in members)]):
            assert 0 <= standing.held <= standing.day <= most.get(standing.account, 30)

    grants = (store.grant("a little", ["pot"], 20) for _ in range(2))
    await asyncio.gather(*(one(number) for number in range(25)), *grants, *map(one, range(25, 50)))
    assert refused
    used = audit(place)
    assert used["pot"] == used["pot/chat"] == sum(used[f"pot/{user}"] for user in people)


# --- the engine -----------------------------------------------------------------------------


class Worker:
    """Ends jobs, and writes down which it was given; ``all_done`` when it ended as many as expected."""

    def __init__(self, store: Store, expect: int) -> None:
        self.store, self.expect = store, expect
        self.given: list[JobId] = []
        self.ended = 0
        self.all_done = asyncio.Event()

    async def __call__(self, job: JobId) -> None:
        self.given.append(job)
        begun = await self.store.begin(job)
        assert begun is not None
        await over(self.store, job, begun.attempt)
        self.ended += 1
        if self.ended == self.expect:
            self.all_done.set()


async def test_jobs_are_run_as_they_are_admitted(place: Place) -> None:
    async with place.open(Caps(running_chat=2, running_member=2)) as store:
        worker = Worker(store, expect=12)
        before = [await submitted(store, user=user) for user in (ANN, BEN)]
        async with running(store, worker):
            after = [await submitted(store, user=user) for user in (ANN, BEN) * 5]
            await asyncio.wait_for(worker.all_done.wait(), 5)
        assert sorted(worker.given) == sorted(job.id for job in before + after)
        assert await states(store, before + after) == [State.FAILED] * 12


async def test_work_that_fails_is_logged_and_left_until_the_next_start(
    place: Place, caplog: pytest.LogCaptureFixture
) -> None:
    given: list[JobId] = []

    async def broken(job: JobId) -> None:
        given.append(job)
        raise RuntimeError("a bug")

    async with place.open() as store:
        first = await submitted(store)
        with caplog.at_level(logging.ERROR):
            async with running(store, broken):
                second = await submitted(store)
                while len(given) < 2:
                    await asyncio.sleep(0.001)
                await submitted(store, user=BEN)
                async with asyncio.timeout(10):
                    while len(given) < 3:
                        await asyncio.sleep(0.001)
                await asyncio.sleep(0.01)
        assert set(given[:2]) == {first.id, second.id}
        assert len(given) == 3
        assert f"job {first.id}" in caplog.text
        assert await states(store, [first, second]) == [State.RUNNING] * 2
    async with place.open() as store:
        worker = Worker(store, expect=3)
        async with running(store, worker):
            await asyncio.wait_for(worker.all_done.wait(), 5)
        assert worker.given[:2] == [first.id, second.id]


async def test_a_job_has_one_task_however_often_the_engine_is_woken(store: Store) -> None:
    at_once: dict[JobId, int] = {}
    release = asyncio.Event()

    async def slow(job: JobId) -> None:
        at_once[job] = at_once.get(job, 0) + 1
        await store.begin(job)
        await release.wait()

    async with running(store, slow):
        for _ in range(20):
            await submitted(store)
        release.set()
        while len(at_once) < 20:
            await asyncio.sleep(0.001)
        await submitted(store)
        await asyncio.sleep(0.01)
    assert set(at_once.values()) == {1}


async def test_a_job_admitted_anew_is_run_anew_even_while_its_first_run_ends(store: Store) -> None:
    runs: list[int] = []
    twice = asyncio.Event()

    async def work(job: JobId) -> None:
        begun = await store.begin(job)
        assert begun
        runs.append(begun.attempt)
        if len(runs) == 1:
            await store.unknown(job, begun.attempt, Fault("error-unknown"))
            assert await store.look_again(job)
        else:
            twice.set()

    async with running(store, work):
        await submitted(store)
        await asyncio.wait_for(twice.wait(), 5)
    assert runs == [1, 2]


async def test_the_engine_stops_cleanly_and_unfinished_jobs_run_again(place: Place) -> None:
    started, stopped = asyncio.Event(), asyncio.Event()

    async def endless(job: JobId) -> None:
        started.set()
        try:
            await asyncio.Event().wait()
        finally:
            stopped.set()

    async with place.open() as store:
        one, other = await begun(store), await begun(store)
        await store.succeed(other.id, 1, [], 0)
        async with running(store, endless):
            await started.wait()
        assert stopped.is_set()
    async with place.open() as store:
        worker = Worker(store, expect=2)
        async with running(store, worker):
            await asyncio.wait_for(worker.all_done.wait(), 5)
        assert worker.given == [one.id, other.id]


async def test_a_caller_who_goes_away_leaves_all_or_nothing(place: Place) -> None:
    async with place.open(Caps(running_chat=3, running_member=3, waiting_member=99)) as store:
        for steps in range(60):
            task = asyncio.create_task(submitted(store, Limit("pot"), hold=1))
            for _ in range(steps % 30):
                await asyncio.sleep(0)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        await submitted(store, Limit("pot"), hold=1)
        assert (await store.standing(["pot"]))[0].held == len(await store.jobs(HOME, limit=99))
    audit(place)


# --- chats ----------------------------------------------------------------------------------

KEY = Key(
    "shenfeng", ("https://a.example", "https://b.example"), b"\x00sealed", "sk-…abcd", "gpt-image-2", ANN
)


async def test_a_chat_nobody_knows_has_defaults(store: Store) -> None:
    assert await store.chat(HOME) == Chat(HOME)


async def test_a_chat_is_remembered(store: Store) -> None:
    saved = await store.save_chat(
        HOME, title="Corgis \ud83d", language="zh-Hans", n=2, reply_edits=False, key=KEY
    )
    assert saved.access is Access.NEW
    changed = await store.save_chat(HOME, access=Access.ALLOWED, n=None)
    found = await store.chat(HOME)
    assert (found.n, found.reply_edits, found.key, found.access) == (None, False, KEY, Access.ALLOWED)
    assert found.language == changed.language == "zh-Hans"
    caps = {"chat_cap": Allowance(5), "member_cap": Allowance(1, 9), "role_caps": {"8": Allowance(None, 2)}}
    assert await store.save_chat(HOME, **caps) == replace(found, **caps) == await store.chat(HOME)
    assert (await store.save_chat(HOME, key=None)).key is None
    assert (await store.chat(HOME)).key is None
    assert await store.chat(ChatId("telegram:-1000")) == Chat(ChatId("telegram:-1000"))


async def test_several_chats_at_once(store: Store) -> None:
    await store.save_chat(HOME, title="Home", model="m")
    other = ChatId("telegram:-7")
    assert await store.chats(other, HOME, other) == [Chat(other), await store.chat(HOME), Chat(other)]
    assert (await store.chat(HOME)).title == "Home"


async def test_changes_of_a_chat_at_once_are_all_kept(store: Store) -> None:
    fields = {"title": "t", "language": "en", "size": "4k", "quality": "low", "n": 3, "model": "m"}
    await asyncio.gather(*(store.save_chat(HOME, **{name: value}) for name, value in fields.items()))
    chat = await store.chat(HOME)
    assert {name: getattr(chat, name) for name in fields} == fields


async def test_access_is_asked_for_once(store: Store) -> None:
    claims = await asyncio.gather(*(store.claim_access(HOME) for _ in range(5)))
    assert sorted(claims) == [False] * 4 + [True]
    assert (await store.chat(HOME)).access is Access.ASKED
    await store.save_chat(HOME, access=Access.DENIED)
    assert not await store.claim_access(HOME)
    assert (await store.chat(HOME)).access is Access.DENIED


async def test_operators(store: Store) -> None:
    assert await store.operators() == []
    for user in (BEN, ANN, BEN):
        await store.add_operator(user)
    assert await store.operators() == [BEN, ANN]


NEW = ChatId("telegram:-100200300")


async def test_a_chat_that_moves_takes_everything_along(place: Place) -> None:
    mine, ann = f"operator/{HOME}", f"{HOME}/{ANN}"
    near = ChatId("telegram:-1000")  # begins like the old one, and is another chat
    async with place.open(NARROW) as store:
        await store.save_chat(HOME, language="zh-Hans", key=KEY)
        job = await begun(store, Limit(mine), Limit(ann), hold=5, endpoint=str(HOME), chat=f"{HOME}:7")
        await store.posted(job.id, Post(ChatId(f"{HOME}:7"), "9", "grip"))
        origin = await submitted(store, origin=Post(HOME, "1"))
        other = await submitted(store, Limit(f"operator/{near}"), user=BEN, chat=near, hold=2)
        await store.grant("event", [mine], 20)
        form = Form("Edit", "edit", "abc", (Field("prompt", "Prompt"),))
        await store.ask(Post(HOME, "10"), ANN, form)

        await store.move_chat(HOME, NEW, lambda sealed: sealed + b"!")

        chat = await store.chat(NEW)
        assert (chat.home, chat.language) == (NEW, "zh-Hans")
        assert chat.key is not None
        assert (chat.key.sealed, chat.key.hint) == (KEY.sealed + b"!", KEY.hint)
        assert await store.chat(HOME) == Chat(HOME)
        moved = await store.job_at(Post(ChatId(f"{NEW}:7"), "9"))
        assert moved is not None
        assert (moved.id, moved.chat, moved.endpoint) == (job.id, f"{NEW}:7", NEW)
        assert moved.post is not None
        assert moved.post.grip == "grip"
        assert await store.jobs(HOME) == []
        assert [job.id for job in await store.waiting(NEW)] == [origin.id]
        assert (await store.waiting(NEW))[0].origin == Post(NEW, "1")
        assert await store.standing([f"operator/{NEW}", f"{NEW}/{ANN}"]) == [
            Standing(f"operator/{NEW}", 5, 5, 5, 20, 20),
            Standing(f"{NEW}/{ANN}", 5, 5, 5),
        ]
        assert await store.standing([mine, ann]) == [Standing(mine), Standing(ann)]
        assert await store.asked(Post(NEW, "10"), ANN) == form
        assert (await store.jobs(near))[0].id == other.id
        assert (await store.standing([f"operator/{near}"]))[0].held == 2
        await store.succeed(job.id, 1, [], 4)
    audit(place)


async def test_a_chat_that_moves_to_where_something_is_already(place: Place) -> None:
    async with place.open(Caps(running_chat=1, running_member=9)) as store:
        await store.save_chat(HOME, title="old", language="zh-Hans", n=3, reply_edits=False, key=KEY)
        await store.save_chat(NEW, title="new", access=Access.ALLOWED, reply_edits=True)
        for home, hold in ((HOME, 5), (NEW, 7)):
            await submitted(store, Limit(f"operator/{home}"), chat=home, hold=hold)
        waiting = await submitted(store, user=BEN, chat=NEW)
        await store.move_chat(HOME, NEW)
        chat = await store.chat(NEW)
        assert (chat.title, chat.language, chat.n) == ("new", "zh-Hans", 3)
        assert (chat.reply_edits, chat.access, chat.key) == (True, Access.ALLOWED, KEY)
        assert await store.standing([f"operator/{NEW}"]) == [Standing(f"operator/{NEW}", 12, 12, 12)]
        assert len(await store.jobs(NEW)) == 3
        await store.move_chat(HOME, NEW)
        await store.move_chat(NEW, NEW)
        assert (await store.chat(NEW)).key == KEY
        await finish_running(store, NEW)
        assert await states(store, [waiting]) == [State.RUNNING]
    audit(place)


def lent(giver: UserId, home: ChatId = HOME) -> PoolKey:
    return PoolKey(home, User(giver, "Ann"), KEY_OF_HERS, Allowance(month=7))


KEY_OF_HERS = Key("shenfeng", ("https://a.example",), b"sealed", "sk-…abcd", "m", ANN)


async def test_keys_that_members_lend(place: Place) -> None:
    async with place.open(NARROW) as store:
        await store.lend(lent(ANN))
        await store.lend(replace(lent(ANN), cap=Allowance(1)))
        assert await store.pool(HOME) == [replace(lent(ANN), cap=Allowance(1))]
        pot = Limit(lent(ANN).name)
        running = await submitted(store, pot, hold=1, endpoint=lent(ANN).name)
        waiting = await submitted(store, pot, hold=2, endpoint=lent(ANN).name)
        other = await submitted(store, hold=4)
        assert await store.take_back(HOME, ANN)
        assert not await store.take_back(HOME, ANN)
        found = await store.job(waiting.id)
        assert found is not None
        assert (found.state, found.fault) == (State.DELIVERING, Fault("error-pool-gone"))
        assert await states(store, [running, other]) == [State.RUNNING, State.QUEUED]
        assert (await store.standing([pot.account]))[0].held == 1
        begun = await store.begin(waiting.id)
        assert begun is not None
        await store.deliver(waiting.id, begun.attempt)
    audit(place)


async def test_lent_keys_are_forgotten_with_their_giver(place: Place) -> None:
    async with place.open(NARROW) as store:
        await store.lend(lent(ANN))
        await store.lend(lent(BEN))
        pot = lent(ANN).name
        running = await submitted(store, Limit(pot), user=BEN, hold=1, endpoint=pot)
        waiting = await submitted(store, Limit(pot), user=BEN, hold=2, endpoint=pot)
        assert (await store.forget(ANN)).keys == 1
        assert [key.giver.id for key in await store.pool(HOME)] == [BEN]
        assert await states(store, [running, waiting]) == [State.RUNNING, State.DELIVERING]
        assert (await store.standing([pot]))[0].held == 1
        begun_waiting = await store.begin(waiting.id)
        assert begun_waiting is not None
        await store.deliver(waiting.id, begun_waiting.attempt)
    audit(place)


async def test_lent_keys_move_along(place: Place, store: Store) -> None:
    job = await submitted(store, Limit(lent(ANN).name), hold=3, endpoint=lent(ANN).name)
    await store.lend(lent(ANN))
    await store.move_chat(HOME, NEW, lambda sealed, giver="": sealed + giver.encode())
    (moved,) = await store.pool(NEW)
    assert (moved.key.sealed, moved.name) == (b"sealed" + ANN.encode(), f"pool/{NEW}/{ANN}")
    assert not await store.pool(HOME)
    found = await store.job(job.id)
    assert found is not None
    assert found.endpoint == moved.name
    assert (await store.standing([moved.name]))[0].held == 3


# --- forms ----------------------------------------------------------------------------------


async def test_a_form_asked_by_message(store: Store) -> None:
    fields = (Field("key", "Key", secret=True), Field("size", "Size", required=False, choices=("1k", "2k")))
    form = Form("Key", "key", "", fields)
    post = Post(HOME, "5")
    await store.ask(post, ANN, form)
    assert await store.asked(post, ANN) == form
    assert await store.asked(post, ANN) == form
    assert await store.asked(post, BEN) is None
    await store.ask(post, ANN, Form("Other", "edit", "x", ()))
    assert await store.asked(post, ANN) == Form("Other", "edit", "x", ())
    await store.sweep(now() + DAY)
    assert await store.asked(post, ANN) is None


# --- pictures -------------------------------------------------------------------------------


async def test_a_picture_that_comes_in_is_among_those_that_stay(store: Store) -> None:
    picture = await painted(store, content=b"the bytes")
    assert picture.path.read_bytes() == b"the bytes"
    assert (picture.mime, picture.width, picture.height, picture.bytes) == ("image/png", 64, 32, 9)
    assert picture.path.name == picture.name
    assert [file.name for file in store.spool.iterdir()] == ["picture"]  # left to whoever gave it
    assert await store.picture(picture.id) == picture
    assert await store.picture(PictureId("nothing")) is None


async def test_a_picture_whose_file_is_gone(store: Store, place: Place) -> None:
    """It is lost with a file; a server has its bytes."""
    picture = await painted(store, content=b"PNG" * 200_000)
    picture.path.unlink()
    if isinstance(place, SqlitePlace):
        assert await store.picture(picture.id) is None
    else:
        assert await store.picture(picture.id) == picture
        assert picture.path.read_bytes() == b"PNG" * 200_000
    assert await store.sweep(now() + DAY) == 1


async def test_a_disk_without_second_names_keeps_pictures_too(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "link", refuse)
    picture = await painted(store, content=b"the bytes")
    assert picture.path.read_bytes() == b"the bytes"
    assert (store.spool / "picture").read_bytes() == b"the bytes"


async def test_files_that_a_crash_left_without_a_row_are_swept(store: Store) -> None:
    kept = await painted(store)
    folder = kept.path.parent
    names = ("easel-lost000000.png", "easel-fresh00000.png", "somebody-s.png")
    for name in names:
        (folder / name).write_bytes(b"PNG")
    for name in (kept.path.name, names[0], names[2]):
        os.utime(folder / name, (1, 1))
    await store.sweep(now() - DAY)
    assert sorted(file.name for file in folder.iterdir()) == sorted([kept.path.name, *names[1:]])


async def test_pictures_that_nobody_needs_are_swept(store: Store) -> None:
    old = await asyncio.gather(*(painted(store, str(i)) for i in range(150)))
    begins, masks = old[5], old[7]
    delivering = await store.succeed((await begun(store)).id, 1, [await placed(store, "shown")], 0)
    assert delivering
    (shown,) = delivering.pictures
    request = ImageRequest("edit", images=(begins.source, Source("telegram:x")), mask=masks.source)
    editing = await submitted(store, request=request)
    done = await begun(store)
    await store.succeed(done.id, 1, [await placed(store, "done")], 0)
    await store.deliver(done.id, 1)

    assert await store.sweep(now() - DAY) == 0
    assert await store.sweep(now() + DAY) == 149

    assert [p for p in (shown, *old) if await store.picture(p.id)] == [shown, begins, masks]
    assert sorted(p.name for p in shown.path.parent.iterdir()) == sorted(
        p.name for p in (shown, begins, masks)
    )
    found = await store.job(done.id)
    assert found is not None
    assert found.pictures == ()
    await store.deliver(delivering.id, 1)
    await store.begin(editing.id)
    await over(store, editing.id)
    assert await store.sweep(now() + DAY) == 3


async def test_the_spool_is_empty_after_a_start(place: Place) -> None:
    async with place.open() as store:
        (store.spool / "order").mkdir()
        (store.spool / "order" / "half.png").write_bytes(b"half")
        (store.spool / "loose.png").write_bytes(b"half")
    async with place.open() as store:
        assert list(store.spool.iterdir()) == []


# --- events ---------------------------------------------------------------------------------


async def test_events_are_received_once_and_kept_until_handled(place: Place) -> None:
    async with place.open() as store:
        assert await store.receive("telegram", {}) == []
        assert await store.receive("telegram", {"3": b"c", "1": b"a"}) == ["3", "1"]
        assert await store.receive("telegram", {"1": b"a", "2": b"b", "3": b"c"}) == ["2"]
        assert await store.receive("discord", {"1": b"d"}) == ["1"]
        await store.handled("telegram", "3")
    async with place.open() as store:
        assert await store.pending("telegram") == {"1": b"a", "2": b"b"}
        assert list(await store.pending("telegram")) == ["1", "2"]
        assert await store.receive("telegram", {"3": b"c"}) == []
        assert await store.pending("discord") == {"1": b"d"}


async def test_events_are_remembered_for_two_days(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    await store.receive("telegram", {"1": b"a", "2": b"b"})
    await store.handled("telegram", "1")
    for days, forgotten in ((1, []), (3, ["1"])):
        monkeypatch.setattr("storage.inbox.now", lambda days=days: now() + days * DAY)
        await store.sweep(now())
        assert await store.receive("telegram", {"1": b"a", "2": b"b"}) == forgotten


# --- the audit trail ------------------------------------------------------------------------


async def test_what_was_done_stays_newest_first_and_moves_with_its_chat(place: Place) -> None:
    ann = User(ANN, "Ann \0")
    kept = [AuditEntry(HOME, ann, Fault("audit-key-set", {"hint": f"sk-…{n}"})) for n in range(3)]
    elsewhere = AuditEntry(ChatId("telegram:-7"), ann, Fault("audit-claimed"))
    async with place.open() as store:
        chat = await store.save_chat(HOME, audit=kept[0], size="16:9")
        assert chat.size == "16:9"
        for entry in (*kept[1:], elsewhere):
            await store.audit(entry)
    async with place.open() as store:
        await store.move_chat(HOME, ChatId("telegram:-100200"))
        assert await store.audit_trail(HOME) == []
        found = await store.audit_trail(ChatId("telegram:-100200"), limit=2, skip=1)
        assert [entry.what for entry in found] == [kept[1].what, kept[0].what]
        assert (found[0].user, found[0].at) == (User(ANN, "Ann "), kept[1].at)
        assert [entry.what.message_id for entry in await store.audit_trail(None, limit=1)] == [
            "audit-claimed"
        ]


async def test_what_was_done_to_a_job_is_written_down_where_it_was_done(store: Store) -> None:
    def entry(what: str) -> AuditEntry:
        return AuditEntry(HOME, User(BEN, "Ben"), Fault(what, {"name": "Ann"}))

    job = await begun(store)
    await store.cancel(job.id, audit=entry("audit-job-cancelled"))
    await store.unknown(job.id, 1, NO)
    for _ in range(2):
        await store.look_again(job.id, audit=entry("audit-job-looked"))
    taken = await store.begin(job.id)
    assert taken
    await store.unknown(job.id, taken.attempt, NO)
    for _ in range(2):
        await store.give_up(job.id, audit=entry("audit-job-given-up"))
    trail = await store.audit_trail(HOME)
    assert [done.what.message_id for done in trail] == ["audit-job-given-up", "audit-job-looked"]


async def test_a_deleted_job_has_no_words_and_pictures_and_costs_what_it_cost(place: Place) -> None:
    async with place.open() as store:
        running = await begun(store, request=ImageRequest("an owl"))
        await store.delete(running.id)
        assert (await store.job(running.id) or running).request.prompt == "an owl", "it is not over"
        job, other = await _ended(store, ANN, "a fox", "fox"), await _ended(store, ANN, "a hare", "hare")
        await store.delete(job.id, audit=AuditEntry(HOME, User(BEN, "Ben"), Fault("audit-job-deleted")))
        found, kept = await store.job(job.id), await store.job(other.id)
        assert found
        assert (found.request.prompt, found.pictures, found.cost) == ("", (), 5)
        assert await store.picture(job.pictures[0].id) is None
        assert kept == other
        assert (await store.audit_trail(HOME))[0].what.message_id == "audit-job-deleted"
    assert audit(place) == {f"operator/{ANN}": 10}


# --- rules ----------------------------------------------------------------------------------


async def test_rules_stay_with_the_chat_and_its_members_are_known(store: Store) -> None:
    rules = Rules(slow=60, words=("狐狸",), blocked=(Who(Kind.USER, BEN, "Ben"),))
    await store.save_chat(HOME, rules=rules)
    assert (await store.chat(HOME)).rules == rules
    for user, name in ((ANN, "Ann"), (BEN, "Ben"), (ANN, "Ann the Second")):
        await store.submit(replace(a_job(), user=User(user, name, handle=name[:3])), ())
    found = await store.members(HOME)
    assert [(user.id, user.name, user.handle) for user in found] == [
        (ANN, "Ann the Second", "Ann"),
        (BEN, "Ben", "Ben"),
    ]


async def test_a_member_waits_between_two_jobs_but_not_after_a_failure(place: Place) -> None:
    at = now()
    async with place.open() as store:
        first = (await store.submit(a_job(created=at), (), pause=60)).job
        with pytest.raises(TooSoon) as early:
            await store.submit(a_job(created=at + timedelta(seconds=59.5)), (), pause=60)
        assert early.value.params == {"seconds": 1}
    async with place.open() as store:
        for free in (a_job(user=BEN, created=at), a_job(chat="telegram:-7", created=at)):
            assert (await store.submit(free, (), pause=60)).fresh
        with pytest.raises(TooSoon):
            await store.submit(a_job(created=at + timedelta(seconds=1)), (), pause=60)
        again = await store.submit(replace(a_job(created=at), invocation=first.invocation), (), pause=60)
        assert not again.fresh, "the same event is no second request"
        await store.fail(first.id, (await store.begin(first.id) or first).attempt, NO)
        await store.deliver(first.id, 1)
        assert (await store.submit(a_job(created=at + timedelta(seconds=1)), (), pause=60)).fresh
        assert (await store.submit(a_job(created=at - timedelta(days=1)), (), pause=60)).fresh, "set back"


async def test_how_a_job_is_shown_is_kept(store: Store) -> None:
    job = (await store.submit(replace(a_job(), veiled=True, quiet=True), ())).job
    assert (job.veiled, job.quiet, job.withdrawn) == (True, True, False)


# --- what is forgotten ----------------------------------------------------------------------


async def _ended(store: Store, user: UserId, prompt: str, name: str) -> Job:
    """A job that is done and shows a picture; it began from another one."""
    begun_from = await painted(store, f"{name}-from")
    request = ImageRequest(prompt, images=(begun_from.source,))
    job = await begun(store, Limit(f"operator/{user}"), user=user, request=request, hold=7)
    await store.succeed(job.id, 1, [await placed(store, name)], 5)
    done = await store.deliver(job.id, 1)
    assert done is not None
    return done


async def test_a_person_is_forgotten_and_what_they_spent_is_not(place: Place) -> None:
    async with place.open() as store:
        hers, his = await _ended(store, ANN, "my secret", "a"), await _ended(store, BEN, "his", "b")
        await store.save_chat(HOME, key=Key("jobs", (), b"sealed", "sk-…abcd", owner=ANN))
        await store.ask(Post(HOME, "5"), ANN, Form("my secret", "edit", "", ()))
        at_work = await begun(store, user=ANN, request=ImageRequest("a secret at work"))
        assert await store.forget(ANN) == Forgotten(jobs=1, keys=1, live=1)
        assert [job.id for job in await store.past(BEN)] == [his.id]
        assert (await store.job(his.id)) == his
        assert (await store.chat(HOME)).key is None
        assert await store.picture(hers.pictures[0].id) is None
        await store.succeed(at_work.id, 1, [await placed(store, "c")], 0)
        await store.deliver(at_work.id, 1)
        assert await store.sweep(now() - DAY) == 0
        found = await store.job(at_work.id)
        assert found is not None
        assert (found.request.prompt, found.pictures, found.user.name) == ("", (), "")
        later = await _ended(store, ANN, "said since", "d")
        await store.sweep(now() - DAY)
        assert [job.id for job in await store.past(ANN)] == [later.id]
        (standing,) = await store.standing([f"operator/{ANN}"])
        assert standing.month == 10
    assert "secret" not in str([place.rows(f"SELECT * FROM {table}") for table in ("jobs", "asks")])
    assert place.rows("SELECT count(*) FROM forgotten") == [(0,)]


async def test_a_picture_that_anothers_work_begins_from_goes_when_that_has_ended(store: Store) -> None:
    hers = await _ended(store, ANN, "hers", "a")
    request = ImageRequest("his edit", images=(hers.pictures[0].source,))
    his = await begun(store, user=BEN, request=request)
    assert (await store.forget(ANN)).jobs == 0
    assert await store.picture(hers.pictures[0].id)
    await over(store, his.id)
    await store.sweep(now() - DAY)
    assert await store.picture(hers.pictures[0].id) is None


async def test_a_chat_keeps_its_words_as_long_as_it_said(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = await _ended(store, ANN, "a fox", "a")
    other = await begun(store, chat="telegram:-7", request=ImageRequest("elsewhere"))
    await over(store, other.id)
    await store.save_chat(HOME, keep_days=2)
    for days, prompt in ((1, "a fox"), (3, "")):
        monkeypatch.setattr("storage.privacy.now", lambda days=days: now() + days * DAY)
        await store.sweep(now() - DAY)
        found, elsewhere = await store.job(job.id), await store.job(other.id)
        assert found is not None
        assert elsewhere is not None
        assert (found.request.prompt, elsewhere.request.prompt) == (prompt, "elsewhere")


async def test_a_persons_past_is_found_by_its_words(store: Store) -> None:
    for chat, prompt in ((HOME, "A Fox"), ("discord:5:7", "an owl"), (HOME, "foxes 狐狸")):
        await submitted(store, chat=chat, request=ImageRequest(prompt))
    await submitted(store, user=BEN, request=ImageRequest("a fox of his"))
    assert [job.request.prompt for job in await store.past(ANN)] == ["foxes 狐狸", "an owl", "A Fox"]
    assert [job.request.prompt for job in await store.past(ANN, said="FOX", after=1)] == ["A Fox"]
    assert [job.request.prompt for job in await store.past(ANN, said="狐")] == ["foxes 狐狸"]
    assert await store.past(ANN, states=(State.DONE,)) == []
