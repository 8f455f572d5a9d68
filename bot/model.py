"""The nouns of the house.

Plain frozen data, no behaviour that touches a network, a disk or a clock. Every neighbour
speaks these words; nothing here knows a platform, an SQL statement or a wire format.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import NewType

from bot.rules import FREE, Rules
from bot.sizes import AUTO, Size

Amount = int
"""Money: an integer of millionths of one unit of the currency (USD unless profiles say otherwise)."""

UNIT: Amount = 1_000_000
"""One whole unit of the currency, as an `Amount`."""

UserId = NewType("UserId", str)
"""``"telegram:42"``: a person, on one platform."""

JobId = NewType("JobId", str)
"""Ten characters of lower-case base 32: short enough for a button, too many to guess."""

PictureId = NewType("PictureId", str)

Source = NewType("Source", str)
"""Where a picture's bytes can be had again: ``"picture:<PictureId>"`` for one we keep, else
``"<platform>:<whatever its adapter's fetch understands>"``. Durable for at least a day."""

_ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"


def new_id() -> str:
    """A fresh identifier for a job or a picture (50 bits)."""
    return "".join(_ALPHABET[byte % 32] for byte in secrets.token_bytes(10))


def now() -> datetime:
    """The time now, aware, in UTC: the only clock that is written down."""
    return datetime.now(UTC)


class ChatId(str):
    """A place is one string: ``"telegram:-1001234:7"``, ``"discord:<server>:<channel>"``.

    The first part finds the adapter. The first two parts are the chat's *home*: what owns a
    key, a purse and defaults (a Telegram chat, a Discord server, a person's direct messages).
    What follows, if anything, is the adapter's business (a topic, a channel, a thread).
    """

    __slots__ = ()

    @property
    def platform(self) -> str:
        return self.split(":", 1)[0]

    @property
    def home(self) -> ChatId:
        return ChatId(":".join(self.split(":", 2)[:2]))

    @property
    def room(self) -> str:
        """What follows the home: a topic, a channel; ``"general"`` where nothing does."""
        return self.removeprefix(self.home).removeprefix(":") or "general"

    @property
    def aside(self) -> bool:
        """Whether one person alone reads here, of a chat where others are: the room is ``@`` and who."""
        return self.room.startswith("@")

    @property
    def rest(self) -> str:
        """All after the platform: ``"-1001234:7"``."""
        return self.split(":", 1)[1]


@dataclass(frozen=True, slots=True)
class User:
    """A person as a platform shows them. ``language`` is what their client says, e.g. ``"zh-hans"``.

    ``handle`` is the name that is theirs alone there, where there are such: ``"ada_l"``.
    """

    id: UserId
    name: str
    language: str | None = None
    handle: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture we keep, as a file; an MP4 is one that moves.

    ``mime`` and sides are read from the bytes, never believed.
    """

    id: PictureId
    path: Path
    mime: str
    width: int
    height: int
    bytes: int

    @property
    def source(self) -> Source:
        return Source(f"picture:{self.id}")

    @property
    def name(self) -> str:
        """A file name that says what it is: ``easel-k3v9….png``."""
        return f"easel-{self.id}.{self.mime.partition('/')[2].replace('jpeg', 'jpg')}"

    @property
    def moving(self) -> bool:
        """Whether it is a video."""
        return self.mime.startswith("video/")


@dataclass(frozen=True, slots=True)
class File:
    """A file to be handed over that is no picture: a table, an archive.

    It may be removed once it was sent. ``name`` is what it is saved as: ASCII letters, digits, ``._-``.
    Raises `ValueError` for another name.
    """

    path: Path
    name: str
    mime: str
    bytes: int

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}", self.name):
            raise ValueError(f"no name for a file: {self.name!r}")


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that came with a message, not fetched yet. ``mime`` and ``size`` are what the platform says."""

    source: Source
    mime: str = ""
    size: int | None = None
    name: str = ""


class Quality(StrEnum):
    AUTO = "auto"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class Format(StrEnum):
    PNG = "png"
    JPEG = "jpeg"
    WEBP = "webp"


class Background(StrEnum):
    AUTO = "auto"
    OPAQUE = "opaque"
    TRANSPARENT = "transparent"


class Moderation(StrEnum):
    AUTO = "auto"
    LOW = "low"


@dataclass(frozen=True, slots=True)
class Video:
    """What makes a request one for a moving picture. Empty, 0 and ``None`` mean the model's default.

    ``resolution`` as in ``"720p"``; ``ratio`` as in ``"16:9"``. The request's ``images`` are what it
    looks like, or, with ``frames``, what it begins with. ``videos`` and ``audios`` are public URLs, for
    the relay to fetch. ``remix`` is the relay's id of a finished video that is gone on from. ``gif`` asks
    for one besides; ``fallback``: the model's maker may be asked when the relay's own way fails.
    ``lasting``: it can be gone on from when it is finished.
    """

    resolution: str = ""
    seconds: int = 0
    ratio: str = ""
    frames: bool = False
    videos: tuple[str, ...] = ()
    audios: tuple[str, ...] = ()
    sound: str = ""
    watermark: bool | None = None
    remix: str = ""
    seed: int | None = None
    gif: bool | None = None
    fallback: bool | None = None
    lasting: bool = False


@dataclass(frozen=True, slots=True)
class ImageRequest:
    """What a person asks of an image API; OpenAI's names for the fields.

    ``model`` is empty for "the endpoint's own". With ``images`` it is an edit. ``None`` in
    ``output_format``, ``output_compression`` (0-100, of a JPEG or WebP), ``background`` and
    ``moderation`` means the provider's default, and is not sent.
    With ``video`` a moving picture is meant, and what only still ones have is left alone.
    ``before`` and ``after`` are the house style that the chat puts around the person's prompt.
    """

    prompt: str
    model: str = ""
    n: int = 1
    size: Size = AUTO
    quality: Quality = Quality.AUTO
    output_format: Format | None = None
    background: Background | None = None
    images: tuple[Source, ...] = ()
    mask: Source | None = None
    output_compression: int | None = None
    moderation: Moderation | None = None
    video: Video | None = None
    before: str = ""
    after: str = ""

    @property
    def composed(self) -> ImageRequest:
        """As it goes to the relay: the house style is part of the prompt."""
        if not (self.prompt and (self.before or self.after)):
            return self
        whole = " ".join(part for part in (self.before, self.prompt, self.after) if part)
        return replace(self, prompt=whole, before="", after="")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A site that speaks a dialect, with the key to it. Data, never code.

    ``name`` says whose it is: ``"operator"``, ``"operator:<name>"`` or a chat's home. ``urls`` are
    base URLs of one account, the preferred first. ``key`` is never shown: ``repr`` leaves it out.
    """

    name: str
    dialect: str
    urls: tuple[str, ...] = ()
    key: str = field(default="", repr=False)
    model: str = ""


Permit = Callable[[], Awaitable[None]]


async def _permitted() -> None:
    pass


@dataclass(frozen=True, slots=True)
class Order:
    """One request with its pictures at hand: what a dialect is given.

    ``images`` and ``mask`` are files that were sniffed, bounded and stripped; ``folder`` is an
    empty directory for what comes back; ``tag`` stands for the person in the relay's ``user`` field,
    ``language`` is what they read.
    ``permit`` is awaited just before each time that something is sent to be paid for, and raises
    `UpstreamError` when it may be no more.
    """

    request: ImageRequest
    folder: Path
    images: tuple[Path, ...] = ()
    mask: Path | None = None
    tag: str = ""
    language: str = ""
    permit: Permit = field(default=_permitted, compare=False, repr=False)


# --- what a dialect yields ------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Accepted:
    """The relay took the order. From here on ``generate(resume=id)`` finds it again.

    An empty ``id`` says that it was taken but can't be found again.
    """

    id: str


@dataclass(frozen=True, slots=True)
class Queued:
    """Waiting at the relay; ``place`` from 1 where the relay tells."""

    place: int | None = None


@dataclass(frozen=True, slots=True)
class Running:
    """Being painted; ``share`` between 0 and 1 where it is known."""

    share: float | None = None


@dataclass(frozen=True, slots=True)
class Preview:
    """A partial picture, in a file of the order's folder."""

    path: Path


@dataclass(frozen=True, slots=True)
class Succeeded:
    """The end: files in the order's folder, at least one.

    ``missing`` pictures were asked for and did not come; ``unsure`` of them may have been charged all
    the same. ``cost`` is what the relay says it took, ``None`` where it does not say (then the
    estimate for what came and what is unsure is settled). ``note`` is the id of a sentence that the
    person should read ("the size was changed"); one that begins with ``note-missing`` tells of
    the missing too.
    """

    files: tuple[Path, ...]
    missing: int = 0
    unsure: int = 0
    cost: Amount | None = None
    revised_prompt: str = ""
    note: str = ""


Progress = Accepted | Queued | Running | Preview | Succeeded


@dataclass(frozen=True, slots=True)
class Balance:
    """What a relay says is left. ``unit`` is ``"USD"``, ``"CNY"``, ``"credits"`` or empty when unsaid."""

    amount: float
    unit: str = ""


# --- what people see ------------------------------------------------------------------------


class Style(StrEnum):
    PLAIN = "plain"
    PRIMARY = "primary"
    DANGER = "danger"


@dataclass(frozen=True, slots=True)
class Button:
    """A button that is a command: pressed, it comes back as ``Invocation(command, text, pressed=True)``.

    ``command`` and ``text`` together stay within 60 bytes, so that they fit every platform
    and still work after a restart. ``url`` instead makes it a link. ``icon`` is a pictograph for
    platforms that bring their own; a page without such a font does better without.
    """

    label: str
    command: str = ""
    text: str = ""
    style: Style = Style.PLAIN
    url: str = ""
    icon: str = ""

    @property
    def data(self) -> str:
        return f"{self.command} {self.text}".strip()


@dataclass(frozen=True, slots=True)
class Field:
    """One line of a form. ``secret`` values are masked and never echoed."""

    name: str
    label: str
    value: str = ""
    required: bool = True
    long: bool = False
    secret: bool = False
    max_length: int = 4000
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Form:
    """Questions to one person; the answer comes back as an invocation of ``command`` with ``text`` and
    the fields in ``options``. A modal on Discord, a dialog on the web; on Telegram the first
    field is asked as a message to reply to."""

    title: str
    command: str
    text: str
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class Reply:
    """What the bot says, in plain text that adapters escape. One message where the platform can.

    ``pictures`` are to be looked at (the adapter finds a form that the platform takes: photo,
    file, re-encoded photo); ``files`` are to be kept, byte for byte. ``private`` is for the
    asker's eyes alone where the platform can. ``form`` asks instead of telling. ``busy``: work goes
    on and the message will be repainted, which a face may show by something that moves. ``veiled``:
    pictures are hidden until somebody touches them. ``quiet``: nobody's device makes a sound. ``due``: of
    each picture that is to come its width by its height, 0 where that is not known.
    """

    text: str = ""
    pictures: tuple[Picture, ...] = ()
    files: tuple[Picture | File, ...] = ()
    buttons: tuple[tuple[Button, ...], ...] = ()
    private: bool = False
    form: Form | None = None
    busy: bool = False
    veiled: bool = False
    quiet: bool = False
    due: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Post:
    """A message of ours or theirs, and how to reach it again.

    ``id`` is the platform's and is what replies are matched by; ``grip`` is whatever else the
    adapter needs (an interaction token), opaque to everyone else.
    """

    chat: ChatId
    id: str
    grip: str = field(default="", compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Invocation:
    """A person wants something: a command typed, a slash option filled in, a button pressed, a form sent.

    ``id`` is the same when the platform delivers the event again. ``text`` is all after the
    command's name; ``options`` what the platform typed already. ``command`` is empty for words
    without a command (a reply to a message of ours). ``replied`` is the message that they
    answered or pointed at; its pictures are among ``attachments``. ``origin`` is the event
    itself, to be answered. ``private``: nobody else reads along. ``admin``: ``None`` when the
    adapter has to be asked. ``roles`` are ids of the person's roles here, where a platform has any.
    ``author`` wrote the message that was replied to, ``mentions`` are people named by the platform's own
    means. ``within`` is the room that a thread belongs to; ``nsfw`` whether the place is marked for adults,
    ``None`` where there is no such mark.
    """

    id: str
    chat: ChatId
    user: User
    command: str = ""
    text: str = ""
    options: Mapping[str, str | int | bool] = field(default_factory=dict)
    attachments: tuple[Attachment, ...] = ()
    replied: Post | None = None
    origin: Post | None = None
    pressed: bool = False
    private: bool = False
    admin: bool | None = None
    roles: tuple[str, ...] = ()
    title: str = ""
    author: User | None = None
    mentions: tuple[User, ...] = ()
    within: str = ""
    nsfw: bool | None = None


# --- what is written down -------------------------------------------------------------------


class State(StrEnum):
    """A job's life; see DESIGN in docs/how-it-works.md."""

    QUEUED = "queued"
    RUNNING = "running"
    DELIVERING = "delivering"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"

    @property
    def live(self) -> bool:
        return self in LIVE


LIVE = frozenset({State.QUEUED, State.RUNNING, State.DELIVERING})


@dataclass(frozen=True, slots=True)
class Fault:
    """An error as it is written down: the sentence's id and its parameters, never a trace."""

    message_id: str
    params: Mapping[str, str | int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Job:
    """One accepted request, from submit to the end; the row that halves are joined by.

    ``endpoint`` names who pays (``Endpoint.name``). ``place`` is the place in the chat's queue
    from 1, 0 once it runs. ``submitted`` is written *before* the relay is asked, ``upstream_id``
    after it answered. ``note`` is the id of a sentence to add to the result. ``attempt`` fences a
    worker that came back from the dead: writes with an older attempt change nothing. ``credit`` is a line
    that names who else had a part in it. ``veiled`` and ``quiet`` say how it is shown (see `Reply`).
    ``withdrawn``: an admin took it away, so it is not shown any more. ``kind`` is shared by jobs that take
    about as long.
    """

    id: JobId
    chat: ChatId
    user: User
    invocation: str
    request: ImageRequest
    endpoint: str
    language: str
    state: State = State.QUEUED
    place: int = 0
    attempt: int = 0
    submitted: bool = False
    upstream_id: str = ""
    hold: Amount = 0
    cost: Amount | None = None
    missing: int = 0
    note: str = ""
    post: Post | None = None
    origin: Post | None = None
    pictures: tuple[Picture, ...] = ()
    fault: Fault | None = None
    parent: JobId | None = None
    once: str = ""
    credit: str = ""
    veiled: bool = False
    quiet: bool = False
    withdrawn: bool = False
    kind: str = ""
    created: datetime = field(default_factory=now)
    started: datetime | None = None
    finished: datetime | None = None

    @property
    def waited(self) -> bool:
        """Whether others went first, or still do: who begins at once has its beginning written down so."""
        return self.started != self.created


@dataclass(frozen=True, slots=True)
class Key:
    """A chat's own endpoint, its secret sealed with the chat's home as associated data.

    ``hint`` is all that is ever shown: ``sk-…abcd``.
    """

    dialect: str
    urls: tuple[str, ...]
    sealed: bytes = field(repr=False)
    hint: str
    model: str = ""
    owner: UserId = UserId("")


@dataclass(frozen=True, slots=True)
class Allowance:
    """Most money in a day and in a month (UTC); ``None``: no cap. ``name`` is that of a role."""

    day: Amount | None = None
    month: Amount | None = None
    name: str = field(default="", compare=False)

    def __bool__(self) -> bool:
        return self != UNCAPPED


UNCAPPED = Allowance()


POOL = "pool"
"""What begins the names of endpoints whose key a member lent."""


@dataclass(frozen=True, slots=True)
class PoolKey:
    """A key that a member lends to a chat, and the most that may be spent by it.

    ``key`` is sealed with ``about`` as associated data: it opens for this chat and this giver alone.
    """

    home: ChatId
    giver: User
    key: Key
    cap: Allowance

    @property
    def name(self) -> str:
        """The endpoint's name, and that of its account: ``pool/telegram:-100/telegram:7``."""
        return f"{POOL}/{self.about}"

    @property
    def about(self) -> str:
        return f"{self.home}/{self.giver.id}"


class Access(StrEnum):
    """Whether the operator's key serves a chat."""

    NEW = "new"
    ASKED = "asked"
    ALLOWED = "allowed"
    DENIED = "denied"


@dataclass(frozen=True, slots=True)
class Chat:
    """A chat's home: its key and its defaults. Empty strings and ``None`` mean "Easel's own default".

    A price above ``ask_above`` is asked about before anything is spent; a negative one: never.

    ``relay`` names the service of the operator that is used while the chat has no key of its own.
    Words and pictures are kept for ``keep_days``; ``None``: pictures as long as Easel keeps any, words
    for good.

    ``chat_cap`` is what the chat may spend in all, by its own key or the operator's; ``member_cap`` what
    each member may. ``role_caps`` stand in its place for members who have one of these roles (by id).
    """

    home: ChatId
    title: str = ""
    language: str = ""
    size: str = ""
    quality: str = ""
    n: int | None = None
    model: str = ""
    reply_edits: bool | None = None
    ask_above: Amount | None = None
    keep_days: int | None = None
    relay: str = ""
    access: Access = Access.NEW
    key: Key | None = None
    rules: Rules = FREE
    chat_cap: Allowance = UNCAPPED
    member_cap: Allowance = UNCAPPED
    role_caps: Mapping[str, Allowance] = field(default_factory=dict)


HOUSE = ChatId("easel:house")
"""No place: the row that holds what the operator decided for all chats."""


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """What an admin or the operator did in a chat, as it is written down for good.

    ``what`` is a sentence with its parameters (never a key: its hint): ``audit-…`` in the locales.
    """

    home: ChatId
    user: User
    what: Fault
    at: datetime = field(default_factory=now)


@dataclass(frozen=True, slots=True)
class Limit:
    """One account that a hold is booked on, with its caps; ``None``: no cap.

    ``kind`` says whose account it is (``operator``, ``chat``, ``member`` or ``pool``), for the sentence
    when a cap is reached; ``name`` is that of the person where it is not the asker. ``account`` is a path
    whose parts are joined by ``/``; a part that is a chat's home is renamed when the chat moves.

    Without a ``weight`` the whole amount is booked here. The accounts of one hold that have one, and of whose
    paths all but the last part is the same, share the amount between them, each by its weight.
    """

    account: str
    daily: Amount | None = None
    monthly: Amount | None = None
    kind: str = "chat"
    weight: int = 0
    name: str = ""


@dataclass(frozen=True, slots=True)
class Spending:
    """What a member spent in a chat on a ``day`` (``2026-11-21``, UTC), and how many requests were paid then.

    The name of a member who asked to be forgotten is empty.
    """

    user: User
    day: str
    spent: Amount
    requests: int


@dataclass(frozen=True, slots=True)
class Standing:
    """How an account stands now: what was used in the ``day`` and the ``month``.

    ``held`` is that part of the month which is not settled yet. What was granted by hand comes on top
    of the caps.
    """

    account: str
    day: Amount = 0
    month: Amount = 0
    held: Amount = 0
    granted_day: Amount = 0
    granted_month: Amount = 0
