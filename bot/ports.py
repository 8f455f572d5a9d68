"""The three openings in the wall, and the door between them.

`Adapter`, `Store` and `Upstream` are filled by the neighbours; `Door` is what the core offers
to an adapter. The contract suites in ``tests/contract`` say in code what the words below say.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from bot.command import Command
from bot.i18n import Words
from bot.jam import Change, Jam
from bot.model import (
    Amount,
    AuditEntry,
    Balance,
    Chat,
    ChatId,
    Endpoint,
    Fault,
    Form,
    ImageRequest,
    Invocation,
    Job,
    JobId,
    Limit,
    Order,
    Picture,
    PictureId,
    PoolKey,
    Post,
    Progress,
    Reply,
    Source,
    Spending,
    Standing,
    State,
    User,
    UserId,
)

MB = 1024 * 1024


# --- adapters -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Limits:
    """What a platform takes. Lengths in characters, times in seconds.

    ``pictures``: how many one message shows; the presenter makes a contact sheet of more.
    ``edit_every``: least time between two progress edits of one message.
    ``edits_per_minute``: most progress edits in one chat; results are not counted. ``file``: bytes of
    the largest file or video that a message takes; 0: the adapter sees to that itself. ``fields``: how many
    questions of a form are asked at once. ``replies``: whether words that reply to a message are heard.
    ``walled``: who is in one room of a home may not be let into another. ``length``: how much of ``text``
    some words take, where that is more than they have.
    """

    text: int
    caption: int
    pictures: int
    edit_every: float
    edits_per_minute: int
    file: int = 0
    fields: int = 5
    replies: bool = True
    walled: bool = False
    length: Callable[[str], int] = len


Link = Callable[[Picture], str]
"""Where a kept picture may be fetched by whoever has the address; ``""`` where there is no such place."""


def no_link(_: Picture) -> str:
    return ""


class Adapter(Protocol):
    """A face: hears, decodes, encodes. Raises only `PlatformError` (and `SetupError` from ``run``)."""

    name: str
    limits: Limits

    @property
    def ready(self) -> bool:
        """Whether people are heard right now; what ``/health`` asks."""
        ...

    async def run(self, door: Door) -> None:
        """Serve until cancelled; leaves nothing open. `SetupError` when it never can (a wrong token)."""
        ...

    async def send(self, chat: ChatId, reply: Reply, *, origin: Post | None = None, key: str = "") -> Post:
        """Say something new, as an answer to ``origin`` where given.

        ``key`` (≤ 25 characters) names the message: sent twice with one key it appears once
        where the platform can promise that. A private reply to a press is shown to the presser
        alone; its `Post` has an empty id when there is no message to find again.
        """
        ...

    async def edit(self, post: Post, reply: Reply) -> Post:
        """Repaint a message. Repeating it does no harm; "not modified" is success.

        Raises `Gone` when the message no longer exists; the caller then sends anew. Returns the
        post as it is to be reached from now on.
        """
        ...

    async def delete(self, post: Post) -> None:
        """Take a message away; one that is gone already is fine."""
        ...

    async def orphans(self, post: Post, reply: Reply, *, origin: Post | None = None) -> list[Post]:
        """What an earlier try to send this ``reply`` may have left: messages that say the same as ``post``,
        near it and near the ``origin``, whose ids nobody lived to write down, or was told.

        Empty where a ``key`` keeps that from happening. Never names what this process said itself; it may
        name the message of another job in the same words, so the caller asks the store before deleting.
        """
        ...

    async def fetch(self, source: Source, to: Path) -> None:
        """Stream an attachment's bytes to a file. `BadPicture` when it is too large or gone for good."""
        ...

    async def is_admin(self, chat: ChatId, user: User) -> bool:
        """Whether this person may set the chat up; private chats belong to their person.

        Nobody may where the bot is not let in.
        """
        ...

    async def ailments(self, chat: ChatId) -> list[Fault]:
        """What keeps the bot from working in this place, as sentences that say how it is mended.

        Those that are called ``note-…`` hinder nothing, and say what can't be heard here.
        """
        ...

    async def private(self, user: UserId) -> ChatId:
        """The place where this person is spoken to alone. `Unreachable` when there is none."""
        ...

    async def aside(self, chat: ChatId, user: UserId) -> ChatId:
        """Where what belongs to this chat is said to one person of it alone; see `ChatId.aside`.

        `Unreachable` where they can't be spoken to alone.
        """
        ...

    def link(self, payload: str) -> str:
        """A URL that opens a private chat with ``payload`` (≤ 64 of ``A-Za-z0-9_-``), or ``""``."""
        ...

    def link_back(self, post: Post) -> str:
        """A URL that leads from a private chat to a message in a group, or ``""``."""
        ...


class Inbox(Protocol):
    """Events that the platform forgets once confirmed, written down before they are (sealed)."""

    async def receive(self, events: Mapping[str, bytes]) -> list[str]:
        """Write events down in one transaction; returns the ids that are new, in order."""
        ...

    async def pending(self) -> dict[str, bytes]:
        """Events of this platform not handled that are this process's to serve, oldest first.

        They are those that it received, and from now on those of processes that are dead.
        """
        ...

    async def handled(self, event: str) -> None:
        """The event needs no more; its id is remembered for two days."""
        ...


@dataclass(frozen=True, slots=True)
class Draft:
    """What a person who writes a few words may put into a conversation that Easel is not part of.

    ``reply`` is a message with a button that paints those words, ``title`` says so and ``note`` what it
    costs, or what is wrong with them; without words there is none. ``past`` are jobs of theirs that fit the
    words, the newest first, and ``more`` is where the next of them begin, 0 at the end.
    """

    title: str = ""
    note: str = ""
    reply: Reply | None = None
    past: tuple[Job, ...] = ()
    more: int = 0


@dataclass(frozen=True, slots=True)
class Memory:
    """A job as it looks now, in the message that shows it, and the words that asked for it, if any did.

    ``asked`` has what its event had, as far as it was written down: the same id, and flags as ``options``.
    """

    post: Post
    reply: Reply
    asked: Invocation | None = None


class Door(Protocol):
    """What an adapter may ask of the core."""

    commands: Sequence[Command]
    words: Words

    async def handle(self, invocation: Invocation) -> None:
        """One way in. Returns when the person has been answered (a job goes on by itself). Never raises."""
        ...

    async def suggest(self, chat: ChatId, user: User, option: str, typed: str) -> list[str]:
        """Values for an option as somebody types it: ≤ 25, each ≤ 100 characters."""
        ...

    async def language(self, chat: ChatId, user: User) -> str:
        """The language to speak: the chat's, else the user's, else Easel's."""
        ...

    async def draft(self, chat: ChatId, user: User, said: str, skip: int = 0) -> Draft:
        """What to offer somebody who writes ``said`` elsewhere; ``chat``: where they are alone with Easel."""
        ...

    async def moved(self, old: ChatId, new: ChatId) -> None:
        """A chat got another id (group → supergroup): everything of it moves along."""
        ...

    async def recall(self, chat: ChatId, limit: int) -> list[Memory]:
        """The chat's latest jobs as they look now, oldest first: for a face with no memory of its own."""
        ...

    def inbox(self, platform: str) -> Inbox: ...

    def turn(self, name: str, *, wait: bool = True) -> AbstractAsyncContextManager[bool]:
        """See `Store.turn`: what only one process of several may do, such as polling."""
        ...


# --- storage --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Caps:
    """Most running and waiting jobs, per member (wherever they ask) and per chat's home.

    ``running`` is the most that run at once in all chats together; 0: no bound.
    """

    running_chat: int = 4
    running_member: int = 2
    waiting_chat: int = 100
    waiting_member: int = 20
    running: int = 0


@dataclass(frozen=True, slots=True)
class Submission:
    """``fresh`` is false when the same invocation (or the same ``once`` while live) was submitted before.

    ``ours``: its message is this process's to send, and no other can come by that right. ``ready``: the
    seconds that it is likely to take, where it began at once and such jobs are known.
    """

    job: Job
    fresh: bool
    ours: bool = False
    ready: float | None = None


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to send a job's message; ``inherited`` from a process that died and may have sent one."""

    job: Job
    inherited: bool = False


FINE = "ok"
"""The word for a storage that takes everything."""


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What `Store.forget` removed, and how many jobs still ``live`` will follow when they have ended."""

    jobs: int
    keys: int
    live: int


class Store(Protocol):
    """Memory that survives a crash. Every method is one transaction; ``attempt`` fences the dead.

    Raises `StorageError` when the database or the disk refuses; then nothing was changed.

    Methods that change a job return it as it is now, or ``None`` when the change did not apply
    (another attempt, another state): then somebody else has won and the caller does no more.
    """

    # jobs
    async def submit(
        self,
        job: Job,
        limits: Sequence[Limit],
        *,
        pause: int = 0,
        instead: JobId | None = None,
        audit: AuditEntry | None = None,
    ) -> Submission:
        """Queue the job and hold ``job.hold`` on every account, or do neither; then admit.

        ``pause``: seconds that must have passed since this member's last job here that was neither
        cancelled nor failed; else `TooSoon`. It comes ``instead`` of one whose outcome is unknown, which is
        given up with it, as ``audit`` says; `NotAllowed` when that was decided before.

        Accounts with a ``weight`` hold (and later settle) their shares of it instead.

        The hold counts in the day and month (UTC) of ``job.created``. Raises `CapReached` or `TooMany`.
        """
        ...

    async def run(self, work: Callable[[JobId], Awaitable[None]]) -> None:
        """Until cancelled, call ``work`` for every job admitted, now and later, and for those that an
        earlier process left unfinished. One whose ``work`` raises is worked again after a pause: a few
        times, and after a `StorageError` for as long as it takes."""
        ...

    async def job(self, job: JobId) -> Job | None: ...
    async def begin(self, job: JobId) -> Job | None:
        """A worker takes an admitted job: attempt + 1. ``None`` if it is not running or delivering."""
        ...

    async def note(
        self,
        job: JobId,
        attempt: int,
        *,
        submitted: bool | None = None,
        upstream_id: str | None = None,
        request: ImageRequest | None = None,
    ) -> bool:
        """Write down what is to be known after a crash: the intent, the relay's id, pictures made our own.

        False, and nothing done, for an attempt that is over.
        """
        ...

    async def claim_post(self, job: JobId) -> Claim | None:
        """This process alone may send the job's message from now on, unless the job returned has one.

        ``None`` while another living process is at it. Whoever submits a job has the claim.
        """
        ...

    async def leave_post(self, job: JobId) -> None:
        """The message was not sent after all; whoever comes next may."""
        ...

    async def posted(self, job: JobId, post: Post) -> None:
        """The message that shows the job."""
        ...

    async def succeed(
        self,
        job: JobId,
        attempt: int,
        placed: Sequence[Picture],
        cost: Amount,
        *,
        missing: int = 0,
        note: str = "",
    ) -> Job | None:
        """running → delivering: keep the pictures, settle ``cost``, release the hold."""
        ...

    async def deliver(self, job: JobId, attempt: int, *, post: Post | None = None) -> Job | None:
        """delivering → done, or failed where what was delivered is a sentence. ``post``: as in `posted`."""
        ...

    async def fail(self, job: JobId, attempt: int, fault: Fault) -> Job | None:
        """running → delivering a sentence, the hold released; delivering → failed, the pictures kept."""
        ...

    async def unknown(self, job: JobId, attempt: int, fault: Fault) -> Job | None:
        """running → unknown; the hold stays until it is reconciled."""
        ...

    async def look_again(self, job: JobId, *, audit: AuditEntry | None = None) -> Job | None:
        """unknown → running, the hold kept: the relay is asked by the order's id, and nothing is ordered.

        ``audit``, here and below, is written down with what was done, where something was.
        """
        ...

    async def unsettled(self) -> list[Job]:
        """Unknown jobs of every chat that have no id to be asked for by, oldest first."""
        ...

    async def untold(self) -> list[Job]:
        """Unknown jobs of every chat whose person may not have been asked yet what to do, oldest first."""
        ...

    async def told(self, job: JobId) -> None:
        """The person was asked what to do about this unknown job."""
        ...

    async def found(self, job: JobId, candidates: Sequence[str], attempt: int | None = None) -> Job | None:
        """unknown → running with the relay's id, the hold kept; with ``attempt``, of a running one too.

        Only where one candidate is left without those that other jobs of this endpoint have, and no other
        job with the same words is under way there without an id: else it may be anybody's, ``None``.
        """
        ...

    async def give_up(self, job: JobId, *, audit: AuditEntry | None = None) -> Job | None:
        """unknown → failed, and the hold is released: a person decided."""
        ...

    async def cancel(self, job: JobId, *, audit: AuditEntry | None = None) -> Job | None:
        """queued → cancelled, hold released. A running job can't be taken back: ``None``."""
        ...

    async def delete(self, job: JobId, *, audit: AuditEntry | None = None) -> None:
        """Remove the words and pictures of a job that is over, for good; its amounts stay.

        A picture that work under way begins from stays until that is done and it is swept.
        """
        ...

    async def jobs(
        self, home: ChatId, *, user: UserId | None = None, states: Sequence[State] = (), limit: int = 10
    ) -> list[Job]:
        """The latest, newest first."""
        ...

    async def waiting(self, home: ChatId) -> list[Job]:
        """The chat's queue in the order in which it will be served, with ``place``."""
        ...

    async def outlook(self, home: ChatId) -> Mapping[JobId, float]:
        """Seconds until each job of the chat that runs or waits is likely to be ready, by recent times.

        Left out is what can't be told: kinds of jobs that were never seen, and whoever waits for one.
        """
        ...

    async def past(
        self, user: UserId, *, said: str = "", states: Sequence[State] = (), after: int = 0, limit: int = 10
    ) -> list[Job]:
        """A person's jobs in all chats, the newest first, without forgotten ones; those of ``said`` words.

        ``after`` of them are left out.
        """
        ...

    async def job_at(self, post: Post) -> Job | None:
        """The job that a message shows."""
        ...

    # money
    async def standing(self, accounts: Sequence[str]) -> list[Standing]:
        """How accounts stand now, in the order asked for; an unknown account stands at zero."""
        ...

    async def usage(self, home: ChatId, month: str) -> list[Spending]:
        """Who spent what in a chat in a month (``2026-11``), by day and then by member.

        By whichever key; of a request that several paid, each one's share, and the request is its asker's.
        """
        ...

    async def grant(
        self,
        name: str,
        accounts: Sequence[str],
        amount: Amount,
        *,
        month: bool = False,
        audit: AuditEntry | None = None,
    ) -> bool:
        """Let these accounts use so much more than their caps: today, or with ``month`` this month (UTC).

        A grant for today counts in the month too. ``audit`` is written down with it. False, and nothing
        changes, when one of this ``name`` was made already.
        """
        ...

    # keys that members lend
    async def pool(self, home: ChatId) -> list[PoolKey]:
        """All keys lent to a chat, by giver."""
        ...

    async def lend(self, key: PoolKey) -> None:
        """Keep it in the place of any that its giver lent here before."""
        ...

    async def take_back(self, home: ChatId, giver: UserId, *, audit: AuditEntry | None = None) -> bool:
        """Forget the key. What waits for it ends in a sentence, its hold released; false: there was none."""
        ...

    # chats and people
    async def chat(self, home: ChatId) -> Chat: ...
    async def chats(self, *homes: ChatId) -> list[Chat]:
        """Several at once, in the order asked for."""
        ...

    async def save_chat(self, home: ChatId, *, audit: AuditEntry | None = None, **changes: Any) -> Chat:
        """Change fields of a chat (names of `Chat`), atomically; ``audit`` is written down with it."""
        ...

    async def audit(self, entry: AuditEntry) -> None:
        """Write down what was done: never changed, kept for good."""
        ...

    async def audit_trail(self, home: ChatId | None, *, limit: int = 20, skip: int = 0) -> list[AuditEntry]:
        """What was done in a chat, or in all of them, newest first."""
        ...

    async def members(self, home: ChatId) -> list[User]:
        """Who asked for something here, the latest first (at most 500), as they were called then."""
        ...

    async def claim_access(self, home: ChatId) -> bool:
        """new → asked; whether it was."""
        ...

    async def move_chat(
        self, old: ChatId, new: ChatId, reseal: Callable[..., bytes] = lambda sealed, _="": sealed
    ) -> None:
        """Everything of the old home belongs to the new one from now on; what both have is merged.

        ``reseal`` turns a key sealed for the old home into one sealed for the new, in the same
        transaction; of a key that a member lent it is given their id too.
        """
        ...

    async def operators(self) -> list[UserId]: ...
    async def add_operator(self, user: UserId) -> None: ...

    # forms that are asked by message
    async def ask(self, post: Post, user: UserId, form: Form) -> None: ...
    async def asked(self, post: Post, user: UserId) -> Form | None:
        """The form that a message asks this person; answered or not."""
        ...

    # jams
    async def begin_jam(self, jam: Jam) -> Jam:
        """Write a new jam down; returns the one that its event began before, or that goes on in its place."""
        ...

    async def change_jam(self, jam: str, change: Change, *, audit: AuditEntry | None = None) -> Jam | None:
        """What a pure function makes of the jam, whoever else changes it at the same time.

        What it raises is raised, and nothing was changed. Chat, host and birth stay as they are. Returns the
        jam as it is now, one ``version`` further; ``None`` for one that is not there.
        """
        ...

    async def jam(self, jam: str) -> Jam | None: ...
    async def jam_at(self, post: Post) -> Jam | None:
        """The jam whose canvas a message is, or was."""
        ...

    async def jam_here(self, chat: ChatId) -> Jam | None:
        """The jam that goes on in this place: there is one at most."""
        ...

    async def jams_with(self, user: UserId) -> list[Jam]:
        """Jams that this person began or took part in, newest first."""
        ...

    async def jams_wanting(self, at: datetime | None = None) -> list[Jam]:
        """Those that are due by then; without a moment all that go on, or are over and not ``told`` yet."""
        ...

    # pictures
    @property
    def spool(self) -> Path:
        """A folder on the pictures' file system, for files on their way; emptied at start."""
        ...

    async def keep(self, passing: Picture) -> Picture:
        """Put a picture that was on its way in among those that stay; it is on the disk then.

        Its file is left to whoever gave it, so that what fails here may be tried again; it may be the
        very file that stays, under another name, and is not to be written to any more.
        """
        ...

    async def place(self, look: Callable[[], Sequence[Picture]]) -> list[Picture]:
        """As `keep`, of all that ``look`` finds, which is called in a thread and may raise what it likes.

        They stay with the job that `succeed` is told of them for, and only then.
        """
        ...

    async def picture(self, picture: PictureId) -> Picture | None: ...
    async def at_hand(self, pictures: Sequence[Picture]) -> None:
        """See that their files are here, whichever process made them; those that are no more stay away."""
        ...

    async def forget(self, user: UserId) -> Forgotten:
        """Remove a person's words, pictures and keys everywhere; amounts stay, without content.

        What is still at work then is forgotten by a `sweep` after it has ended.
        """
        ...

    async def sweep(self, before: datetime) -> int:
        """Delete pictures older than that which no live job needs, and what is to be forgotten; how many.

        Forms asked before then are forgotten too, and the ids of events handled two days ago.
        """
        ...

    # how it is
    @property
    def condition(self) -> str:
        """What the last write met: ``ok``, or full, read-only, locked, damaged, unreachable, failing."""
        ...

    async def probe(self) -> None:
        """Write something of no consequence, so that ``condition`` is as it is now. Never raises."""
        ...

    # events
    async def receive(self, platform: str, events: Mapping[str, bytes]) -> list[str]: ...
    async def pending(self, platform: str) -> dict[str, bytes]:
        """Events not handled that this process received, or one that is dead; they are this one's now."""
        ...

    async def handled(self, platform: str, event: str) -> None: ...

    # processes
    def turn(self, name: str, *, wait: bool = True) -> AbstractAsyncContextManager[bool]:
        """What only one process may do at a time: waits until it is this one's turn, and keeps it inside.

        Gives whether it is; without ``wait`` it may not be.
        Raises `StorageError` inside when the turn is lost; whoever dies has none.
        """
        ...

    async def overview(self) -> Mapping[str, int]:
        """Counts for metrics: jobs by state, for the states that still want something (live, unknown)."""
        ...


# --- the image API --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class VideoFacts:
    """What a family of models that make videos can do.

    ``seconds``: least and most. ``frames``: pictures that it can begin with; ``images``, ``videos`` and
    ``audios``: references. ``edits``: a video given is changed, and is as long as that one.
    ``wordless``: needs no prompt where it begins with a picture. ``gifs``: resolutions with a GIF besides.
    ``prices`` in `Amount` by resolution, for a second or, where it is not ``by_the_second``, for a video.
    """

    family: str
    resolutions: tuple[str, ...]
    seconds: tuple[int, int]
    ratios: tuple[str, ...]
    prices: Mapping[str, Amount]
    by_the_second: bool = True
    frames: int = 0
    images: int = 0
    videos: int = 0
    audios: int = 0
    sounds: tuple[str, ...] = ()
    edits: bool = False
    watermark: bool = False
    wordless: bool = False
    remix: bool = False
    gifs: tuple[str, ...] = ()
    fallback: bool = False
    seed: bool = False


@dataclass(frozen=True, slots=True)
class Profile:
    """What a model at a dialect can do: facts, from ``profiles.toml``.

    ``images`` is the most references (0: no edits); ``resumable`` whether a submit gives an id
    that can be asked for later; ``repeatable`` whether doing it twice costs nothing.
    ``previews``: partial pictures of one that is being made. ``tokens``: `Amount` of a million tokens
    of ``text`` and ``image`` (in) and of ``output``, where the relay tells how many it took; ``axes``:
    by quality, the tokens of a picture's long side, where its shape decides how many it takes.
    ``ratios_4k``: the only ratios there are at 4K. ``prices`` of one image in `Amount`, by
    (quality, size class); where the relay counts in credits, ``credit`` is what one is taken to cost.
    ``videos``: by model; none: it makes none.
    """

    models: tuple[str, ...]
    n: int = 10
    images: int = 0
    mask: bool = False
    sizes: tuple[str, ...] = ()
    ratios_4k: tuple[str, ...] = ()
    formats: tuple[str, ...] = ()
    backgrounds: tuple[str, ...] = ()
    qualities: tuple[str, ...] = ()
    compression: bool = False
    moderations: tuple[str, ...] = ()
    prompt: int = 32_000
    resumable: bool = False
    repeatable: bool = False
    previews: int = 0
    tokens: Mapping[str, Amount] | None = None
    axes: Mapping[str, int] = field(default_factory=dict)
    balance: bool = False
    prices: Mapping[tuple[str, str], Amount] | None = None
    credit: Amount = 0
    videos: Mapping[str, VideoFacts] = field(default_factory=dict)


class Upstream(Protocol):
    """The image API in all its dialects. Raises only `UpstreamError`.

    An endpoint of a chat's own, and a URL in an answer, lead to public addresses or to hosts that the
    operator trusts; nothing is connected to otherwise.
    """

    def generate(
        self, endpoint: Endpoint, order: Order, *, resume: str | None = None
    ) -> AsyncGenerator[Progress, None]:
        """Forward one order and follow it to `Succeeded`, or raise.

        With ``resume`` nothing is submitted: the order is found again by its id. Raises
        `UnknownOutcome` whenever the relay may have accepted and it can't be followed.
        """
        ...

    async def reconcile(self, endpoint: Endpoint, request: ImageRequest, since: datetime) -> tuple[str, ...]:
        """The relay's ids of what may be this order, submitted at ``since`` or a little later.

        Empty where the relay keeps no list, or tells too little. That nothing is found does not say that
        nothing was accepted.
        """
        ...

    async def balance(self, endpoint: Endpoint) -> Balance | None:
        """What the relay says is left; ``None`` when it has no such call or gives no number."""
        ...

    async def check(self, endpoint: Endpoint) -> None:
        """Try the key by a call that costs nothing; raises what is wrong with it."""
        ...

    async def recognise(self, urls: tuple[str, ...], key: str) -> str | None:
        """The dialect that an address of a chat's own speaks, told without spending; ``None``: can't tell.

        Raises what `check` would where nothing can be asked: a wrong key, nobody there.
        """
        ...

    @property
    def dialects(self) -> tuple[str, ...]:
        """The names of the dialects that there are."""
        ...

    def profile(self, endpoint: Endpoint, model: str = "") -> Profile:
        """Facts about the model, else about the endpoint's own. `NotFound` for an unknown dialect."""
        ...

    def estimate(self, endpoint: Endpoint, request: ImageRequest) -> Amount:
        """What the request will cost at most, as far as is known."""
        ...
