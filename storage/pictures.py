"""Pictures: a row for each, and a file whose handling stays off the event loop."""

# ruff: noqa: S608 - what is put into statements here is constants and question marks

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from bot.errors import StorageError
from bot.model import Picture, PictureId, new_id, now
from bot.written import request_of
from storage import premises, turns
from storage.rows import filed, marks, micros, own_pictures, picture_of
from storage.transaction import Transaction

T = TypeVar("T")

_PAGE = 100
_PROBE = 256 * 1024


def staying(passing: Picture, folder: Path) -> Picture:
    """A picture that is to stay: under a new id, and with the file that it is going to have."""
    return filed(replace(passing, id=PictureId(new_id())), folder)


async def insert(tx: Transaction, picture: Picture) -> None:
    await tx.all(
        "INSERT INTO pictures (id, mime, width, height, bytes, created) VALUES (?, ?, ?, ?, ?, ?)",
        picture.id,
        picture.mime,
        picture.width,
        picture.height,
        picture.bytes,
        micros(now()),
    )


async def page(tx: Transaction, before: datetime, after: str, folder: Path) -> list[Picture]:
    """Some pictures older than ``before``, by id from ``after`` on."""
    found = await tx.all(
        "SELECT * FROM pictures WHERE created < ? AND id > ? ORDER BY id LIMIT ?",
        micros(before),
        after,
        _PAGE,
    )
    return [picture_of(row, folder) for row in found]


async def missing(read: Transaction, ids: Sequence[str]) -> set[str]:
    """Which of these have no row."""
    rows = await read.all(f"SELECT id FROM pictures WHERE id IN {marks(len(ids))}", *ids) if ids else []
    return set(ids) - {row["id"] for row in rows}


async def discard(tx: Transaction, pictures: Sequence[Picture], *, files: bool) -> list[Path]:
    """Delete those that no live job shows or begins from: the files, if wanted now, then the rows."""
    keep = await needed(tx)
    gone = [picture for picture in pictures if picture.id not in keep]
    paths = [picture.path for picture in gone]
    if files:
        _remove(paths)
    if gone:
        await tx.all(
            f"DELETE FROM pictures WHERE id IN {marks(len(gone))}", *(picture.id for picture in gone)
        )
    return paths


async def needed(tx: Transaction) -> set[str]:
    """The ids of pictures that a live job shows or begins from."""
    shown = await tx.all(
        f"SELECT picture FROM job_pictures WHERE job IN (SELECT id FROM jobs WHERE {turns.LIVE})"
    )
    begun = await tx.all(f"SELECT request FROM jobs WHERE {turns.LIVE}")
    requests = (request_of(row["request"]) for row in begun)
    return {row["picture"] for row in shown}.union(*map(own_pictures, requests))


# --- files ----------------------------------------------------------------------------------


async def place(look: Callable[[], Sequence[Picture]], folder: Path) -> list[Picture]:
    """What ``look`` finds, with a name in the folder too; on the disk, bytes and names, or none of it.

    Raises what ``look`` raises, and `StorageError`.
    """
    return await asyncio.to_thread(_place, look, folder)


async def probe(folder: Path) -> None:
    """Write a little, and take it away again."""
    await _off_the_loop(_probe, folder / ".probe")


async def exists(file: Path) -> bool:
    return await _off_the_loop(Path.is_file, file)


async def kept(folder: Path, before: float) -> list[list[Path]]:
    """The folder's pictures that are older than ``before`` (seconds since 1970), some at a time."""
    return await _off_the_loop(_kept, folder, before)


async def remove(files: Sequence[Path]) -> None:
    await _off_the_loop(_remove, files)


async def _off_the_loop(work: Callable[..., T], *args: object) -> T:
    """In a thread. Raises `StorageError` when the disk refuses."""
    try:
        return await asyncio.to_thread(work, *args)
    except OSError as error:
        raise StorageError from error


def _place(look: Callable[[], Sequence[Picture]], folder: Path) -> list[Picture]:
    found = look()
    placed = [staying(passing, folder) for passing in found]
    try:
        for passing, picture in zip(found, placed, strict=True):
            _second_name(passing.path, picture.path)
            _secure(picture.path)
        premises.on_disk(folder)  # the names are in the journal by now, so that it costs next to nothing
    except OSError as error:
        with suppress(StorageError):
            _remove([picture.path for picture in placed])
        raise StorageError from error
    return placed


def _second_name(file: Path, at: Path) -> None:
    try:
        os.link(file, at)
    except OSError:  # a file system that knows no second names
        shutil.copyfile(file, at)
    os.utime(at)  # whatever has no row is swept when it is old


def _secure(file: Path) -> None:
    with file.open("rb") as opened:
        os.fsync(opened.fileno())


def _probe(file: Path) -> None:
    try:
        file.write_bytes(bytes(_PROBE))
        _secure(file)
    finally:
        file.unlink(missing_ok=True)


def _kept(folder: Path, before: float) -> list[list[Path]]:
    old = sorted(file for file in folder.glob("easel-*") if _older(file, before))
    return [old[start : start + _PAGE] for start in range(0, len(old), _PAGE)]


def _older(file: Path, than: float) -> bool:
    try:
        return file.stat().st_mtime < than
    except FileNotFoundError:  # just taken away
        return False


def _remove(files: Sequence[Path]) -> None:
    """In the database's own thread, which is off the loop too."""
    try:
        for file in files:
            file.unlink(missing_ok=True)
    except OSError as error:
        raise StorageError from error
