"""What Easel keeps of a person, packed into ZIP files that a platform takes."""

from __future__ import annotations

import asyncio
import json
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.jam import Jam
from bot.model import UNIT, File, Job, Picture, UserId

_MARGIN = 256 * 1024  # of a parcel's bytes, for what is not a picture
_FACTS, _SAID = "requests.json", "jams.json"
_MIME = "application/zip"


@dataclass(frozen=True, slots=True)
class Parcel:
    """Requests that go into one file, with those of their pictures that fit into one at all.

    ``said``: what their person said in jams.
    """

    jobs: tuple[Job, ...]
    pictures: tuple[Picture, ...]
    said: tuple[dict[str, Any], ...] = ()


def said_in(jam: Jam, user: UserId) -> dict[str, Any]:
    """What a person said in a jam; empty where that is nothing."""
    words = {
        "brief": jam.brief if user == jam.host.id else "",
        "phrases": [phrase.text for phrase in jam.phrases if phrase.author == user],
    }
    return {"began": jam.created.isoformat(), "chat": jam.chat, **words} if any(words.values()) else {}


def parcels(jobs: Sequence[Job], most: int) -> Iterator[Parcel]:
    """All jobs in their order, as many in each parcel as ``most`` bytes take. A request is never divided,
    unless its pictures alone are too many: what is left out then is told by its facts."""
    room, packed, shown = most - _MARGIN, list[Job](), list[Picture]()
    for job in jobs:
        pictures = _fitting(job.pictures, room)
        size = sum(picture.bytes for picture in (*shown, *pictures))
        if packed and size > room:
            yield Parcel(tuple(packed), tuple(shown))
            packed, shown = [], []
        packed.append(job)
        shown += pictures
    if packed:
        yield Parcel(tuple(packed), tuple(shown))


def _fitting(pictures: Sequence[Picture], room: int) -> list[Picture]:
    fit = list[Picture]()
    for picture in pictures:
        if sum(one.bytes for one in fit) + picture.bytes <= room:
            fit.append(picture)
    return fit


async def pack(parcel: Parcel, path: Path, name: str) -> File:
    """The parcel as a ZIP file at ``path``: the facts as JSON, the pictures byte for byte."""
    size = await asyncio.to_thread(_packed, parcel, path)
    return File(path, name, _MIME, size)


def _packed(parcel: Parcel, path: Path) -> int:
    inside = {picture.id for picture in parcel.pictures}
    facts = [_facts(job, inside) for job in parcel.jobs]
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(_FACTS, json.dumps(facts, ensure_ascii=False, indent=1))
        if parcel.said:
            archive.writestr(_SAID, json.dumps(parcel.said, ensure_ascii=False, indent=1))
        for picture in parcel.pictures:
            archive.write(picture.path, picture.name)
    return path.stat().st_size


def _facts(job: Job, inside: set[Any]) -> dict[str, Any]:
    """A request as its person may read it, without what is the relay's or the operator's."""
    request = job.request
    return {
        "id": job.id,
        "asked": job.created.isoformat(),
        "chat": job.chat,
        "state": job.state,
        "prompt": request.prompt,
        "size": str(request.size),
        "quality": request.quality,
        "n": request.n,
        "model": request.model,
        "cost": None if job.cost is None else job.cost / UNIT,
        "pictures": [picture.name for picture in job.pictures if picture.id in inside],
        "left_out": [picture.name for picture in job.pictures if picture.id not in inside],
    }
