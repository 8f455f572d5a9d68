"""``easel audit``, ``backup``, ``restore``, ``export`` and ``move``: what they take and what they say."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.errors import SetupError
from bot.model import Fault, now
from storage import premises
from storage.keeping import books, copies, moves, restoring
from storage.keeping.archive import SECRET, Manifest
from storage.keeping.holdings import looked_at

MB = 1_000_000


@dataclass(frozen=True, slots=True)
class Kept:
    """Where the operator's own store is."""

    url: str
    folder: Path


@dataclass(frozen=True, slots=True)
class Said:
    """What to print, a sentence each, and the exit status."""

    lines: tuple[Fault, ...]
    status: int = 0


Body = Callable[[argparse.Namespace, Kept], Said]


def declare(commands: Any) -> None:
    """Add the commands to the ones of ``easel``; what is parsed then has a ``keeping`` to `run`."""
    about = "add up the money again and look for every picture; Easel may run meanwhile"
    commands.add_parser("audit", help=about, description=about).set_defaults(keeping=_audit)
    about = "copy the database and the pictures into one file; Easel may run meanwhile"
    _archiving(commands.add_parser("backup", help=about, description=about)).set_defaults(keeping=_backup)
    about = "put a backup or an export back in place; Easel must not run"
    restore = commands.add_parser("restore", help=about, description=about)
    restore.add_argument("file", type=Path, help="what easel backup or easel export made")
    restore.add_argument(
        "--replace", action="store_true", help="also where there is data, which is kept aside"
    )
    restore.set_defaults(keeping=_restore)
    about = "write everything down as lines of JSON, with the pictures, in one file; Easel may run meanwhile"
    _archiving(commands.add_parser("export", help=about, description=about)).set_defaults(keeping=_export)
    about = "copy everything from one database into another, empty one; no Easel may run on either"
    move = commands.add_parser("move", help=about, description=about)
    move.add_argument("source", help="where it is, as in STORE_URL: sqlite:///data/easel.db")
    move.add_argument("target", help="where it goes to: postgresql://…")
    move.set_defaults(keeping=_move)


def _archiving(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    parser.add_argument("file", type=Path, nargs="?", help="a new file (easel-….tar, here, if not given)")
    parser.add_argument("--with-secret", action="store_true", help="put the key to the chats' keys in, too")
    return parser


def run(given: argparse.Namespace, kept: Kept) -> Said:
    """Do it. Raises `SetupError`."""
    body: Body = given.keeping
    return body(given, kept)


def _audit(given: argparse.Namespace, kept: Kept) -> Said:
    report = asyncio.run(books.audit(lambda: looked_at(kept.url, kept.folder)))
    end = Fault("books-problems", {"count": len(report.problems)}) if report.problems else Fault("books-fine")
    return Said((*report.figures, *report.problems, end), status=1 if report.problems else 0)


def _backup(given: argparse.Namespace, kept: Kept) -> Said:
    file, secret = _new(given, "backup"), _secret(given, kept)
    return Said(tuple(_made(file, asyncio.run(copies.backup(kept.url, kept.folder, file, secret)), kept)))


def _export(given: argparse.Namespace, kept: Kept) -> Said:
    file, secret = _new(given, "export"), _secret(given, kept)
    return Said(tuple(_made(file, asyncio.run(copies.export(kept.url, kept.folder, file, secret)), kept)))


def _new(given: argparse.Namespace, kind: str) -> Path:
    chosen: Path | None = given.file
    return (chosen or Path(f"easel-{kind}-{now():%Y%m%d-%H%M%S}.tar")).expanduser().absolute()


def _secret(given: argparse.Namespace, kept: Kept) -> Path | None:
    """The file to put in. Raises `SetupError` when it was asked for and there is none."""
    file = premises.data_folder(kept.folder) / SECRET
    if not given.with_secret:
        return None
    if not file.exists():
        raise SetupError("setup-secret-elsewhere", path=str(file))
    return file


def _made(file: Path, manifest: Manifest, kept: Kept) -> Iterator[Fault]:
    size = f"{file.stat().st_size / MB:.1f}"
    rows = sum(manifest.counts.values())
    yield Fault(
        "keeping-made", {"path": str(file), "rows": rows, "pictures": manifest.pictures, "size": size}
    )
    if manifest.missing:
        yield Fault("keeping-missing", {"count": len(manifest.missing)})
    if SECRET in manifest.files:
        yield Fault("keeping-with-secret")
    else:
        yield Fault("keeping-no-secret", {"path": str(premises.data_folder(kept.folder) / SECRET)})


def _restore(given: argparse.Namespace, kept: Kept) -> Said:
    work = restoring.restore(given.file.expanduser(), kept.url, kept.folder, over=given.replace)
    manifest, before = asyncio.run(work)
    rows = sum(manifest.counts.values())
    lines = [
        Fault("keeping-restored", {"rows": rows, "pictures": manifest.pictures, "made": manifest.made}),
        *([Fault("keeping-before", {"path": str(before)})] if before else []),
    ]
    if SECRET not in manifest.files:
        lines.append(Fault("keeping-needs-secret", {"path": str(premises.data_folder(kept.folder) / SECRET)}))
    return Said(tuple(lines))


def _move(given: argparse.Namespace, kept: Kept) -> Said:
    source, target = _store(given.source, kept), _store(given.target, kept)
    moved = asyncio.run(moves.move(source, target))
    return Said(
        (Fault("keeping-moved", {"rows": moved.rows, "pictures": moved.pictures}), Fault("keeping-next"))
    )


def _store(url: str, kept: Kept) -> tuple[str, Path]:
    """A store by its URL; the data folder is the operator's own, or where the file is."""
    if premises.on_server(url) or url == kept.url:
        return url, kept.folder
    return url, premises.database_file(url).parent
