"""What a job looks like in a chat: `Job` (and its progress) → `Reply`. Pure."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

from bot.credits import money, operators, pooled
from bot.folding import one_line
from bot.i18n import Words
from bot.model import (
    Button,
    Fault,
    File,
    ImageRequest,
    Job,
    Picture,
    Progress,
    Queued,
    Reply,
    Running,
    State,
    Style,
)
from bot.ports import MB, Link, no_link

_PROMPT = 300
_ROW = 5
_MINUTE, _HOUR = 55, 5400
_ICONS = {"again": "🔁", "vary": "🎲", "revise": "✏️", "remix": "🎬", "original": "📄", "delete": "🗑"}
_AMOUNTS = ("left", "price")
_MENTION = re.compile(r"(?<!\w)@(?=\w)")
_UNPINGED, _ISOLATED = "@\u2060", "\u2068{}\u2069"

Rows = tuple[tuple[Button, ...], ...]
F = TypeVar("F", Picture, File, Picture | File)


def job_card(
    words: Words,
    job: Job,
    progress: Progress | None = None,
    shown: Sequence[Picture] | None = None,
    number: int | None = None,
    most: int = 0,
    link: Link = no_link,
    ready: float | None = None,
) -> Reply:
    """The one message of a job, as it looks now.

    ``shown`` are the pictures to show if they are not the job's own: a preview while it runs, a
    contact sheet when the platform shows fewer than there are. ``number`` says that only the
    job's n-th picture is meant, by the buttons too. Of what has more than ``most`` bytes it is told where the
    original is; a video is not shown then. ``ready``: the seconds that it is likely to take from now.
    """
    if job.state in (State.DELIVERING, State.DONE) and not job.fault:
        pictures = tuple(job.pictures if shown is None else shown)
        _, said = too_large(words, job.language, pictures, most, link)
        buttons = result_buttons(words, job, len(pictures), number)
        seen = tuple(one for one in pictures if not (one.moving and 0 < most < one.bytes))
        return _shown(job, Reply("\n".join([result_text(words, job), *said]), seen, buttons=buttons))
    busy = job.state.live and not job.fault
    lines = [_headline(words, job, progress, ready), short(job.request.prompt), *_style(words, job)]
    text = "\n".join(lines).strip()
    due = _due(job.request) if busy else ()
    return _shown(job, Reply(text, tuple(shown or ()), buttons=_open_buttons(words, job), busy=busy, due=due))


def _due(request: ImageRequest) -> tuple[float, ...]:
    """The shapes of what was asked for."""
    width, height = request.size.width, request.size.height
    if request.video:
        said = re.fullmatch(r"(\d+):(\d+)", request.video.ratio)
        width, height = (int(said[1]), int(said[2])) if said else (0, 0)
    return ((width / height if height else 0.0),) * request.n


def _shown(job: Job, reply: Reply) -> Reply:
    """In the manner that the chat's rules wanted when it was asked for."""
    return replace(reply, veiled=job.veiled, quiet=job.quiet)


def _style(words: Words, job: Job) -> list[str]:
    """A line for the house style, where one was put around the prompt."""
    if job.request.composed is job.request:
        return []
    parts = filter(None, (job.request.before, job.request.after))
    return [words.say(job.language, "job-style", style=short(" … ".join(parts)))]


def too_large(
    words: Words, language: str, files: Sequence[F], most: int, link: Link = no_link
) -> tuple[tuple[F, ...], list[str]]:
    """The files that a message of ``most`` bytes takes, and what is said of the others."""
    fit = tuple(file for file in files if not 0 < most < file.bytes)
    said = [
        words.say(language, "file-too-large", **excess(file, most), link=linked(file, link))
        for file in files
        if file not in fit
    ]
    return fit, said


def excess(file: Picture | File, most: int) -> dict[str, str | int]:
    """Of a file that is too large: its size and the largest, in MB, and the name that it is kept under."""
    return {"size": -(-file.bytes // MB), "most": most // MB, "name": file.name}


def linked(file: Picture | File, link: Link) -> str:
    """Where it can be fetched, as sentences take it; ``none``: nowhere, like all that is no picture."""
    return (link(file) if isinstance(file, Picture) else "") or "none"


def _headline(words: Words, job: Job, progress: Progress | None, ready: float | None) -> str:
    language = job.language
    if fault := told(job):
        return sentence(words, language, fault)
    if job.state is State.CANCELLED:
        return words.say(language, "job-cancelled")
    wait = _about(words, language, ready)
    if job.state is State.QUEUED:
        return words.say(language, "job-queued", place=job.place, price=_price(job), wait=wait)
    match progress:
        case Queued(place=int() as place):
            return words.say(language, "job-queued-there", place=place)
        case Running(share=float() as share):
            return words.say(language, "job-running-share", percent=round(100 * share))
    return words.say(language, "job-running", price=_price(job), wait=wait)


def _about(words: Words, language: str, seconds: float | None) -> str:
    """A time to wait in round figures, for it is a guess: ``20 s``, ``3 min``; ``none``: unknown."""
    if seconds is None:
        return "none"
    if seconds < _MINUTE:
        return words.say(language, "about-seconds", count=max(5, 5 * math.ceil(seconds / 5)))
    if seconds < _HOUR:
        return words.say(language, "about-minutes", count=math.ceil(seconds / 60))
    return words.say(language, "about-hours", count=round(seconds / 3600))


def told(job: Job) -> Fault | None:
    """The job's fault as it is to be said now: an outcome that was not known may have been decided since."""
    if job.fault is None:
        return None
    decided = "yes" if job.state is State.FAILED else "no"
    return by_key(replace(job.fault, params={**job.fault.params, "decided": decided}), job.endpoint)


def by_key(fault: Fault, endpoint: str) -> Fault:
    """With whose key it is, by the endpoint's name, for sentences that say who has to see to it."""
    payer = "operator" if operators(endpoint) else "member" if pooled(endpoint) else "chat"
    return replace(fault, params={**fault.params, "payer": payer})


def sentence(words: Words, language: str, fault: Fault) -> str:
    """A fault as it is said: its amounts as money, the relay's own words without a stop of their own."""
    params = {
        name: money(value) if name in _AMOUNTS and isinstance(value, int) else value
        for name, value in fault.params.items()
    }
    if isinstance(detail := params.get("detail"), str):
        params["detail"] = detail.rstrip(".。 ") or "none"
    return words.say(language, fault.message_id, **params).strip()


def _price(job: Job) -> str:
    return money(job.hold) if job.hold else "none"


def result_text(words: Words, job: Job) -> str:
    """The prompt, then one line of facts: size, quality, model, cost, time."""
    request, say = job.request, words.say
    first = job.pictures[0] if job.pictures else None
    facts = [f"{first.width}×{first.height}" if first else "", request.model]
    facts.append(request.quality.value if request.quality != "auto" else "")
    facts.append(money(job.cost) if job.cost else "")
    if job.finished and job.started:
        seconds = round((job.finished - job.started).total_seconds())
        facts.append(say(job.language, "fact-seconds", seconds=max(1, seconds)))
    lines = [short(request.prompt), *_style(words, job), job.credit]
    lines.append(" · ".join(fact for fact in facts if fact))
    if job.missing and not job.note.startswith("note-missing"):
        lines.append(say(job.language, "job-missing", missing=job.missing, got=len(job.pictures)))
    if job.note:
        lines.append(say(job.language, job.note, missing=job.missing, got=len(job.pictures)))
    return "\n".join(line for line in lines if line)


def result_buttons(words: Words, job: Job, shown: int, number: int | None = None) -> Rows:
    """Again, Vary, Edit, Original, Delete; a number for each picture when they share one sheet."""
    meant = job.id if number is None else f"{job.id} {number}"

    def button(command: str, style: Style = Style.PLAIN) -> Button:
        label = words.say(job.language, f"button-{command}")
        return Button(label, command, meant, style, icon=_ICONS[command])

    if video := job.request.video:
        go_on = Button(
            words.say(job.language, "button-remix"), "remix", f"--of {job.id}", icon=_ICONS["remix"]
        )
        going_on = (go_on,) if video.lasting and job.upstream_id else ()
        return ((button("again", Style.PRIMARY), *going_on), (button("original"), button("delete")))
    return (
        *(() if number else _numbers(job, shown)),
        (button("again", Style.PRIMARY), button("vary"), button("revise")),
        (button("original"), button("delete")),
    )


def _numbers(job: Job, shown: int) -> Rows:
    count = len(job.pictures)
    numbers = [Button(str(i), "show", f"{job.id} {i}") for i in range(1, count + 1)] if shown < count else []
    return tuple(tuple(numbers[i : i + _ROW]) for i in range(0, count, _ROW)) if numbers else ()


def _open_buttons(words: Words, job: Job) -> Rows:
    language = job.language
    match job.state:
        case State.QUEUED:
            return ((Button(words.say(language, "button-cancel"), "cancel", job.id),),)
        case State.UNKNOWN:
            retry = Button(words.say(language, "button-retry"), "retry", job.id, Style.DANGER)
            stop = Button(words.say(language, "button-giveup"), "giveup", job.id)
            look = Button(words.say(language, "button-look"), "look", job.id, Style.PRIMARY)
            return ((look,), (retry,), (stop,)) if job.upstream_id else ((retry,), (stop,))
        case State.FAILED | State.DELIVERING:  # the sentence that it ends in is on its way
            command = "show" if job.pictures else "again"
            return ((Button(words.say(language, f"button-{command}"), command, job.id),),)
    return ()


def short(prompt: str) -> str:
    """A prompt as a card shows it."""
    return unpinged(prompt if len(prompt) <= _PROMPT else prompt[: _PROMPT - 1].rstrip() + "…")


def unpinged(text: str) -> str:
    """Somebody's words said after them: whom they name was told once, and is not told again by us."""
    return _MENTION.sub(_UNPINGED, text)


def shown_as(text: str) -> str:
    """Somebody's words among others': nobody is pinged by them, and right-to-left stays with itself."""
    safe = unpinged(text)
    leftward = any(unicodedata.bidirectional(character) in ("R", "AL", "AN") for character in safe)
    return _ISOLATED.format(safe) if leftward else safe


def job_line(words: Words, language: str, job: Job) -> str:
    """One line of ``/jobs``: ``k3v9abcdef · done · a corgi in a space suit``."""
    state = words.say(language, f"state-{job.state}")
    prompt = one_line(job.request.prompt)
    return f"{job.id} · {state} · {shown_as(prompt if len(prompt) <= 60 else prompt[:59] + '…')}"
