"""What a relay made, written down beside its files: a crash before it is in the database costs nothing.

A relay that answers an order with its pictures can't be asked for them again. So what it sent stays in the
order's folder, with a note of what it is, until the job's row says that it has it.
"""

from __future__ import annotations

import json
import logging
import os
import shutil
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path

from bot.model import JobId, Succeeded

log = logging.getLogger(__name__)

NOTE = "result.json"


def take(result: Succeeded) -> list[Path]:
    """Write it down, and give its files under names that may be moved away."""
    write(result)
    return list(copies(result))


def write(result: Succeeded) -> None:
    """Into the folder of its files. A disk that refuses leaves it to memory alone."""
    if not result.files:
        return
    folder = result.files[0].parent
    try:
        facts = {**asdict(result), "files": [(file.name, file.stat().st_size) for file in result.files]}
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


def copies(result: Succeeded) -> Iterator[Path]:
    """Its files under second names, to be moved away; under their own where a disk knows no such thing."""
    for file in result.files:
        copy = file.with_name(f"keep-{file.name}")
        try:
            copy.unlink(missing_ok=True)
            os.link(file, copy)
        except OSError:
            yield file
        else:
            yield copy


def forget(result: Succeeded) -> None:
    """It is in the database."""
    if result.files:
        shutil.rmtree(result.files[0].parent, ignore_errors=True)


def clear(folder: Path) -> None:
    """Take an order's folder away, unless it holds what nobody else has."""
    if not (folder / NOTE).exists():
        shutil.rmtree(folder, ignore_errors=True)
