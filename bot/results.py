"""What a relay made, written down beside its files: a crash before it is in the database costs nothing.

A relay that answers an order with its pictures can't be asked for them again. So what it sent stays in the
order's folder, with a note of what it is, until the job's row says that it has it.
"""

from __future__ import annotations

import json
import logging
import shutil
from dataclasses import fields, replace
from pathlib import Path

from bot.model import JobId, Succeeded

log = logging.getLogger(__name__)

NOTE = "result.json"


def make_room(folder: Path) -> None:
    """For what an order brings. Not in a thread: a change of threads would take more of the loop's time."""
    folder.mkdir(parents=True, exist_ok=True)


def write(result: Succeeded) -> None:
    """Into the folder of its files. A disk that refuses leaves it to memory alone."""
    if not result.files:
        return
    folder = result.files[0].parent
    try:
        facts = {fact.name: getattr(result, fact.name) for fact in fields(result)}
        facts["files"] = [(file.name, file.stat().st_size) for file in result.files]
        draft = folder / f"{NOTE}.new"
        draft.write_text(json.dumps(facts), encoding="utf-8")
        draft.replace(folder / NOTE)
    except OSError as error:
        log.warning("a result could not be written down beside its files: %s", error)


def left(spool: Path, job: JobId) -> Succeeded | None:
    """What an earlier attempt at this job left whole."""
    return next((found for note in spool.glob(f"{job}-*/{NOTE}") if (found := _read(note))), None)


def _read(note: Path) -> Succeeded | None:
    try:
        facts = json.loads(note.read_text(encoding="utf-8"))
        files = [(note.parent / name, size) for name, size in facts["files"]]
        whole = all(file.stat().st_size == size for file, size in files)
        return replace(Succeeded(()), **{**facts, "files": tuple(f for f, _ in files)}) if whole else None
    except (OSError, ValueError, TypeError, KeyError):
        return None


def forget(result: Succeeded) -> None:
    """It is in the database."""
    if result.files:
        shutil.rmtree(result.files[0].parent, ignore_errors=True)


def clear(folder: Path) -> None:
    """Take an order's folder away, unless it holds what nobody else has."""
    if not (folder / NOTE).exists():
        shutil.rmtree(folder, ignore_errors=True)
