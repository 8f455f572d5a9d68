"""The store: each method one transaction, in the business's words."""

# ruff: noqa: S608 - what is put into statements here is constants and question marks

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Coroutine, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import replace
from datetime import datetime, timedelta
from functools import wraps
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

from bot import jam as jam_rules
from bot.errors import StorageError
from bot.jam import Jam
from bot.model import (
    Access,
    Amount,
    AuditEntry,
    Chat,
    ChatId,
    Fault,
    Form,
    ImageRequest,
    Job,
    JobId,
    Limit,
    Picture,
    PictureId,
    PoolKey,
    Post,
    Standing,
    State,
    User,
    UserId,
    now,
)
from bot.ports import Caps, Forgotten, Submission
from bot.written import request_text
from storage import audit as trail
from storage import (
    chats,
    inbox,
    jams,
    jobs,
    ledger,
    moving,
    paces,
    pictures,
    pools,
    premises,
    privacy,
    rows,
    turns,
)
from storage.album import Album
from storage.condition import Condition
from storage.presence import Alone, Presence
from storage.rows import clean, micros
from storage.runners import Embedded, Runner
from storage.transaction import Body, Driver, Row, Transaction

_COPIES_STAY = timedelta(hours=1)
_BUSY = (State.RUNNING, State.DELIVERING)


P = ParamSpec("P")
T = TypeVar("T")
Step = Callable[Concatenate["SqlStore", Transaction, P], Coroutine[Any, Any, T]]
Method = Callable[Concatenate["SqlStore", P], Coroutine[Any, Any, T]]


def written(step: Step[P, T]) -> Method[P, T]:
    """A method that is one transaction."""

    @wraps(step)
    async def method(self: SqlStore, /, *args: P.args, **kwargs: P.kwargs) -> T:
        return await self._write(lambda tx: step(self, tx, *args, **kwargs))

    return method


def admitting(step: Step[P, T]) -> Method[P, T]:
    """A method that is one transaction, after which the runner has a look who may run."""

    @wraps(step)
    async def method(self: SqlStore, /, *args: P.args, **kwargs: P.kwargs) -> T:
        return await self._write(lambda tx: step(self, tx, *args, **kwargs), self.runner.wake)

    return method


class SqlStore:
    """Fills `bot.ports.Store` over a `Driver`. See there for what each method promises."""

    def __init__(
        self,
        database: Driver,
        folder: Path,
        caps: Caps,
        *,
        runner: Runner | None = None,
        presence: Presence | None = None,
        album: Album | None = None,
    ) -> None:
        self.database = database
        self._read = database.read
        self._presence, self._album = presence or Alone(), album
        self._pictures = premises.pictures(folder)
        self._spool = premises.spool(folder)
        self._caps = caps
        self.runner: Runner = runner or Embedded(self._due, self._left)
        self._condition = Condition()

    async def _write(self, body: Body[T], then: Callable[[], object] | None = None) -> T:
        with self._condition.watched():
            return await self.database.write(body, then)

    @property
    def condition(self) -> str:
        return self._condition.word

    async def probe(self) -> None:
        with suppress(StorageError), self._condition.watched(files=True):
            await pictures.probe(self._spool)  # first: the disk says more exactly what it has than SQLite
            await self.database.write(inbox.probe)

    # --- jobs: in, and who runs -------------------------------------------------------------

    @admitting
    async def submit(
        self, tx: Transaction, job: Job, limits: Sequence[Limit], *, pause: int = 0
    ) -> Submission:
        if before := await jobs.same(tx, job):
            return Submission(await self._whole(tx, before), fresh=False)
        if pause:
            await turns.demand_pause(tx, job, pause)
        await ledger.demand_room(tx, job, limits)
        await jobs.insert(tx, job, self._presence.number)
        await ledger.hold(tx, job, limits)
        await self._admit(tx)
        row = await turns.demand_patience(tx, job.id, self._caps)
        return Submission(await self._whole(tx, row), fresh=True)

    @admitting
    async def admit(self, tx: Transaction) -> None:
        """Let everybody run who may by the caps of this start, which may be wider than the last one's."""
        await self._admit(tx)

    async def _admit(self, tx: Transaction) -> None:
        await self.runner.admitted(tx, await turns.admit(tx, self._caps, now()))

    async def run(self, work: Callable[[JobId], Awaitable[None]]) -> None:
        await self.runner.run(work)

    async def _due(self) -> list[JobId]:
        """Admitted and not begun, by an index of their own: what runs already is not looked at."""
        return await self._named("due = 1")

    async def _left(self) -> list[JobId]:
        """Everything that an earlier process had admitted."""
        return await self._named(turns.BUSY)

    async def _named(self, where: str) -> list[JobId]:
        found = await self._read.all(f"SELECT id FROM jobs WHERE {where} ORDER BY seq")
        return [JobId(row["id"]) for row in found]

    # --- jobs: steps ------------------------------------------------------------------------

    @written
    async def begin(self, tx: Transaction, job: JobId) -> Job | None:
        return await self._maybe(tx, await jobs.begin(tx, job))

    @written
    async def note(
        self,
        tx: Transaction,
        job: JobId,
        attempt: int,
        *,
        submitted: bool | None = None,
        upstream_id: str | None = None,
        request: ImageRequest | None = None,
    ) -> Job | None:
        said = {
            "submitted": None if submitted is None else int(submitted),
            "upstream_id": upstream_id and clean(upstream_id),
            "request": request and request_text(request),
        }
        news = {column: value for column, value in said.items() if value is not None}
        row = await jobs.change(tx, job, attempt, _BUSY, **(news or {"attempt": attempt}))
        return await self._maybe(tx, row)

    async def claim_post(self, job: JobId) -> Job | None:
        number, row = self._presence.number, await self._read.one("SELECT * FROM jobs WHERE id = ?", job)
        if row and row["post_id"] is None and row["announcer"] != number:
            return await self._claim_post(job, await self._presence.living(self._read))
        return await self._maybe(self._read, row)

    @written
    async def _claim_post(self, tx: Transaction, job: JobId, living: Collection[int]) -> Job | None:
        return await self._maybe(tx, await jobs.claim_post(tx, job, self._presence.number, living))

    @written
    async def leave_post(self, tx: Transaction, job: JobId) -> None:
        await tx.all(
            "UPDATE jobs SET announcer = NULL WHERE id = ? AND announcer = ?", job, self._presence.number
        )

    @written
    async def posted(self, tx: Transaction, job: JobId, post: Post) -> None:
        await tx.all(
            "UPDATE jobs SET post_chat = ?, post_id = ?, post_grip = ? WHERE id = ?",
            post.chat,
            post.id,
            post.grip,
            job,
        )

    @written
    async def succeed(
        self,
        tx: Transaction,
        job: JobId,
        attempt: int,
        pictures: Sequence[Picture],
        cost: Amount,
        *,
        missing: int = 0,
        note: str = "",
    ) -> Job | None:
        painted = {"state": State.DELIVERING, "cost": cost, "missing": missing, "note": clean(note)}
        row = await jobs.change(tx, job, attempt, [State.RUNNING], **painted)
        if row is None:
            return None
        await jobs.link(tx, job, pictures)
        await ledger.close(tx, job, now(), cost)
        return rows.job_of(row, pictures)

    async def deliver(self, job: JobId, attempt: int) -> Job | None:
        def end(was: Row) -> State:
            return State.FAILED if was["fault"] else State.DONE

        return await self._end(job, attempt, [State.DELIVERING], end)

    async def fail(self, job: JobId, attempt: int, fault: Fault) -> Job | None:
        def next_state(was: Row) -> State:
            return State.DELIVERING if was["state"] == State.RUNNING else State.FAILED

        return await self._end(job, attempt, _BUSY, next_state, fault=rows.fault_text(fault))

    async def unknown(self, job: JobId, attempt: int, fault: Fault) -> Job | None:
        lost: dict[str, Any] = {"state": State.UNKNOWN, "fault": rows.fault_text(fault)}
        return await self._leave(job, attempt, [State.RUNNING], keep_hold=True, **lost)

    async def look_again(self, job: JobId, *, audit: AuditEntry | None = None) -> Job | None:
        found = {"state": State.RUNNING, "fault": None, "due": 1}
        return await self._leave(job, None, [State.UNKNOWN], keep_hold=True, audit=audit, **found)

    async def unsettled(self) -> list[Job]:
        return [rows.job_of(row) for row in await jobs.without_id(self._read, State.UNKNOWN)]

    @admitting
    async def found(
        self, tx: Transaction, job: JobId, candidates: Sequence[str], attempt: int | None = None
    ) -> Job | None:
        when = State.UNKNOWN if attempt is None else State.RUNNING
        upstream_id = await jobs.only_match(tx, job, when, [clean(name) for name in candidates])
        if not upstream_id:
            return None
        due = int(when is State.UNKNOWN)
        news = {"state": State.RUNNING, "fault": None, "upstream_id": upstream_id, "due": due}
        row = await jobs.change(tx, job, attempt, [when], **news)
        if row and when is State.UNKNOWN:
            await self.runner.admitted(tx, [row["seq"]])
        return await self._maybe(tx, row)

    async def give_up(self, job: JobId, *, audit: AuditEntry | None = None) -> Job | None:
        return await self._end(job, None, [State.UNKNOWN], State.FAILED, audit=audit)

    async def cancel(self, job: JobId, *, audit: AuditEntry | None = None) -> Job | None:
        return await self._end(job, None, [State.QUEUED], State.CANCELLED, audit=audit)

    async def delete(self, job: JobId, *, audit: AuditEntry | None = None) -> None:
        gone = await self._delete(job, audit)
        if self._album:
            await pictures.remove(gone)

    @written
    async def _delete(self, tx: Transaction, job: JobId, audit: AuditEntry | None) -> list[Path]:
        await trail.record(tx, audit)
        return await privacy.erase(tx, job, self._pictures, files=self._album is None)

    async def _end(
        self,
        job: JobId,
        attempt: int | None,
        when: Sequence[State],
        state: State | Callable[[Row], State],
        **columns: Any,
    ) -> Job | None:
        """Into a state that holds no money any more."""
        return await self._leave(job, attempt, when, state=state, finished=micros(now()), **columns)

    @admitting
    async def _leave(
        self,
        tx: Transaction,
        /,
        job: JobId,
        attempt: int | None,
        when: Sequence[State],
        *,
        keep_hold: bool = False,
        audit: AuditEntry | None = None,
        **columns: Any,
    ) -> Job | None:
        """Out of the way, so that whoever waited for the place may run."""
        row = await jobs.change(tx, job, attempt, when, **columns)
        if row is None:
            return None
        await trail.record(tx, audit)
        if row["state"] == State.DONE:
            await paces.learn(tx, row)
        if not keep_hold:
            await ledger.close(tx, job, now())
        if row["state"] == State.RUNNING:
            await self.runner.admitted(tx, [row["seq"]])
        await self._admit(tx)
        return await self._whole(tx, row)

    # --- jobs: looking ----------------------------------------------------------------------

    async def job(self, job: JobId) -> Job | None:
        return await self._maybe(self._read, await self._read.one("SELECT * FROM jobs WHERE id = ?", job))

    async def jobs(
        self, home: ChatId, *, user: UserId | None = None, states: Sequence[State] = (), limit: int = 10
    ) -> list[Job]:
        found = await jobs.find(self._read, home, user, states, limit)
        return await jobs.whole(self._read, found, self._pictures)

    async def waiting(self, home: ChatId) -> list[Job]:
        queue = await turns.queue(self._read, home)
        return [rows.job_of(row, place=place) for place, row in enumerate(queue, start=1)]

    async def outlook(self, home: ChatId) -> Mapping[JobId, float]:
        return await paces.look_ahead(self._read, home.home, self._caps)

    async def past(
        self, user: UserId, *, said: str = "", states: Sequence[State] = (), after: int = 0, limit: int = 10
    ) -> list[Job]:
        found = await jobs.past(self._read, user, said, states, after, limit)
        return await jobs.whole(self._read, found, self._pictures)

    async def job_at(self, post: Post) -> Job | None:
        row = await self._read.one(
            "SELECT * FROM jobs WHERE post_chat = ? AND post_id = ? AND post_id <> '' "
            "ORDER BY seq DESC LIMIT 1",
            post.chat,
            post.id,
        )
        return await self._maybe(self._read, row)

    async def _maybe(self, tx: Transaction, row: Row | None) -> Job | None:
        return await self._whole(tx, row) if row else None

    async def _whole(self, tx: Transaction, row: Row) -> Job:
        (job,) = await jobs.whole(tx, [row], self._pictures)
        return job

    # --- money ------------------------------------------------------------------------------

    async def standing(self, accounts: Sequence[str]) -> list[Standing]:
        return await ledger.standing(self._read, accounts, now())

    @written
    async def grant(
        self,
        tx: Transaction,
        name: str,
        accounts: Sequence[str],
        amount: Amount,
        *,
        month: bool = False,
        audit: AuditEntry | None = None,
    ) -> bool:
        when = now().strftime("%Y-%m" if month else "%Y-%m-%d")
        fresh = await ledger.grant(tx, f"grant:{name}", accounts, amount, when)
        await trail.record(tx, audit if fresh else None)
        return fresh

    async def pool(self, home: ChatId) -> list[PoolKey]:
        return await pools.find(self._read, home)

    @written
    async def lend(self, tx: Transaction, key: PoolKey) -> None:
        await pools.save(tx, key)

    @admitting
    async def take_back(
        self, tx: Transaction, home: ChatId, giver: UserId, *, audit: AuditEntry | None = None
    ) -> bool:
        lent = next((key for key in await pools.find(tx, home) if key.giver.id == giver), None)
        if lent is None:
            return False
        await self._end_waiting(tx, [lent])
        await trail.record(tx, audit)
        return True

    async def _end_waiting(self, tx: Transaction, lent: Sequence[PoolKey]) -> None:
        """Told by whoever runs jobs, so that the sentence is said after a crash too."""
        for key in lent:
            await self.runner.admitted(tx, await pools.take_back(tx, key))
        await self._admit(tx)

    # --- chats and people -------------------------------------------------------------------

    async def chat(self, home: ChatId) -> Chat:
        return await chats.load(self._read, home)

    @written
    async def save_chat(
        self, tx: Transaction, /, home: ChatId, *, audit: AuditEntry | None = None, **changes: Any
    ) -> Chat:
        chat = replace(await chats.load(tx, home), **changes)
        await chats.save(tx, chat)
        await trail.record(tx, audit)
        return chat

    @written
    async def audit(self, tx: Transaction, entry: AuditEntry) -> None:
        await trail.record(tx, entry)

    async def audit_trail(self, home: ChatId | None, *, limit: int = 20, skip: int = 0) -> list[AuditEntry]:
        return await trail.latest(self._read, home, limit, skip)

    async def members(self, home: ChatId) -> list[User]:
        return await jobs.members(self._read, home)

    @written
    async def claim_access(self, tx: Transaction, home: ChatId) -> bool:
        chat = await chats.load(tx, home)
        if chat.access is Access.NEW:
            await chats.save(tx, replace(chat, access=Access.ASKED))
        return chat.access is Access.NEW

    @admitting
    async def move_chat(
        self,
        tx: Transaction,
        old: ChatId,
        new: ChatId,
        reseal: Callable[..., bytes] = lambda sealed, _="": sealed,
    ) -> None:
        if old.home != new.home:
            await moving.move(tx, old.home, new.home, reseal)
            await self._admit(tx)

    async def operators(self) -> list[UserId]:
        found = await self._read.all("SELECT member FROM operators ORDER BY since, member")
        return [UserId(row["member"]) for row in found]

    @written
    async def add_operator(self, tx: Transaction, user: UserId) -> None:
        await tx.all(
            "INSERT INTO operators (member, since) VALUES (?, ?) ON CONFLICT (member) DO NOTHING",
            user,
            micros(now()),
        )

    # --- forms ------------------------------------------------------------------------------

    @written
    async def ask(self, tx: Transaction, post: Post, user: UserId, form: Form) -> None:
        await inbox.ask(tx, post, user, form)

    async def asked(self, post: Post, user: UserId) -> Form | None:
        return await inbox.asked(self._read, post, user)

    # --- jams -------------------------------------------------------------------------------

    @written
    async def begin_jam(self, tx: Transaction, jam: Jam) -> Jam:
        return await jams.begin(tx, jam)

    @written
    async def change_jam(
        self, tx: Transaction, jam: str, change: jam_rules.Change, *, audit: AuditEntry | None = None
    ) -> Jam | None:
        await trail.record(tx, audit)
        return await jams.change(tx, jam, change)

    async def jam(self, jam: str) -> Jam | None:
        return await jams.find(self._read, jam)

    async def jam_at(self, post: Post) -> Jam | None:
        return await jams.at(self._read, post)

    async def jam_here(self, chat: ChatId) -> Jam | None:
        return await jams.here(self._read, chat)

    async def jams_wanting(self, at: datetime | None = None) -> list[Jam]:
        return await jams.wanting(self._read, at)

    # --- pictures ---------------------------------------------------------------------------

    @property
    def spool(self) -> Path:
        return self._spool

    async def keep(self, file: Path, mime: str, width: int, height: int) -> Picture:
        # The row first: after a crash in between there is a row without a file, which the sweep
        # finds, and never a file that nothing knows of.
        with self._condition.watched(files=True):
            size = await pictures.secure(file)
            row = await self._insert_picture(file, mime, width, height, size)
            picture = rows.picture_of(row, self._pictures)
            await pictures.move(file, picture.path)
        return picture

    async def _insert_picture(self, file: Path, mime: str, width: int, height: int, size: int) -> Row:
        if self._album:
            return await self._album.add(file, mime, width, height, size)
        return await self.database.write(lambda tx: pictures.insert(tx, mime, width, height, size))

    async def picture(self, picture: PictureId) -> Picture | None:
        row = await self._read.one("SELECT * FROM pictures WHERE id = ?", picture)
        found = row and rows.picture_of(row, self._pictures)
        return found if found and await self._at_hand(found) else None

    async def at_hand(self, pictures: Sequence[Picture]) -> None:
        if self._album:
            for picture in pictures:
                await self._at_hand(picture)

    async def _at_hand(self, picture: Picture) -> bool:
        """Whether its file is there; now, where another process has made it."""
        if await pictures.exists(picture.path):
            return True
        return self._album is not None and await self._album.fetch(picture.id, picture.path)

    async def forget(self, user: UserId) -> Forgotten:
        keys = await self._leave_all(user)
        gone = sum([await self._scrub(what) for what in await privacy.due(self._read) if what.value == user])
        live = await self.past(user, states=sorted(jobs.OPEN), limit=1_000)
        return Forgotten(gone, keys, len(live))

    @admitting
    async def _leave_all(self, tx: Transaction, user: UserId) -> int:
        lent = await pools.of(tx, user)
        await self._end_waiting(tx, lent)
        return await privacy.leave(tx, user) + len(lent)

    async def _scrub(self, what: privacy.Due) -> int:
        """A page is a transaction; how many jobs were forgotten."""
        gone, page = await self._scrub_page(what, 0)
        while page is not None:
            more, page = await self._scrub_page(what, page)
            gone += more
        return gone

    async def _scrub_page(self, what: privacy.Due, after: int) -> tuple[int, int | None]:
        folder, files = self._pictures, self._album is None
        done, gone, on = await self._write(lambda tx: privacy.scrub(tx, what, after, folder, files=files))
        if self._album:
            await pictures.remove(gone)
        return done, on

    async def sweep(self, before: datetime) -> int:
        await self._write(lambda tx: inbox.forget(tx, before))
        for what in await privacy.due(self._read):
            await self._scrub(what)
        swept, after = 0, ""
        while True:
            page, gone = await self._sweep(before, after)
            swept += len(gone)
            if self._album:
                await pictures.remove(gone)
            if not page:
                break
            after = page[-1].id
        if self._album:
            await self._forget_files(now() - _COPIES_STAY)
        return swept

    async def _forget_files(self, before: datetime) -> None:
        """Copies of pictures that are no more, whoever swept their rows."""
        for some in await pictures.kept(self._pictures, before.timestamp()):
            ids = {file: file.stem.rpartition("-")[2] for file in some}
            gone = await pictures.missing(self._read, list(ids.values()))
            await pictures.remove([file for file in some if ids[file] in gone])

    @written
    async def _sweep(self, tx: Transaction, before: datetime, after: str) -> tuple[list[Picture], list[Path]]:
        page = await pictures.page(tx, before, after, self._pictures)
        return page, await pictures.discard(tx, page, files=self._album is None)

    # --- events -----------------------------------------------------------------------------

    @written
    async def receive(self, tx: Transaction, platform: str, events: Mapping[str, bytes]) -> list[str]:
        return await inbox.receive(tx, platform, events, self._presence.number)

    async def pending(self, platform: str) -> dict[str, bytes]:
        if left := await inbox.orphans(self._read, platform, await self._presence.living(self._read)):
            await self._adopt(platform, left)
        return await inbox.pending(self._read, platform, self._presence.number)

    @written
    async def _adopt(self, tx: Transaction, platform: str, events: Sequence[str]) -> None:
        """What another process has adopted meanwhile stays its own."""
        living = await self._presence.living(tx)
        left = set(events).intersection(await inbox.orphans(tx, platform, living))
        await inbox.adopt(tx, platform, sorted(left), self._presence.number)

    @written
    async def handled(self, tx: Transaction, platform: str, event: str) -> None:
        await inbox.handled(tx, platform, event)

    # --- processes --------------------------------------------------------------------------

    def turn(self, name: str, *, wait: bool = True) -> AbstractAsyncContextManager[bool]:
        return self._presence.turn(name, wait=wait)

    async def overview(self) -> Mapping[str, int]:
        return await jobs.count(self._read)
