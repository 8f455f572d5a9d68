"""The folder and the files that a store lives in, and the lock on its door."""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from bot import results
from bot.errors import SetupError

_WANTED = 24 * 3600.0  # seconds in which a job is surely worked again
_SQLITE = "sqlite:///"
_SERVERS = ("postgresql", "postgres")


def on_server(url: str) -> bool:
    """Whether the database is PostgreSQL's, which many processes use."""
    return url.partition("://")[0] in _SERVERS


def database_file(url: str) -> Path:
    """``sqlite:///data/easel.db`` → ``data/easel.db``; with four slashes an absolute path.

    Raises `SetupError` for anything else; the sentence never shows the URL, which may hold a password.
    """
    scheme = url.partition(":")[0]
    path = url.removeprefix(_SQLITE)
    if path in (url, "", ":memory:"):
        raise SetupError("setup-store-url", scheme=scheme if "://" in url else "?")
    return Path(path).expanduser().resolve()


def data_folder(folder: Path) -> Path:
    return folder.expanduser().resolve()


def pictures(folder: Path) -> Path:
    return folder / "pictures"


def spool(folder: Path) -> Path:
    return folder / "spool"


def on_disk(folder: Path) -> None:
    """Wait until the names in a folder are on the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def occupied(folder: Path, database: Path | None = None) -> Iterator[None]:
    """The folders, made where missing, and nobody else's while this lasts.

    The spool is empty but for results of the last day that may not be in the database yet.

    ``database`` is a file's, or nobody's: two locks, since two Easels must share neither a file nor a spool.
    The system frees them when the process dies, however it dies. Raises `SetupError`.
    """
    with ExitStack() as held:
        try:
            for needed in (folder, pictures(folder), spool(folder), *([database.parent] if database else [])):
                needed.mkdir(mode=0o700, parents=True, exist_ok=True)
                _demand_writable(needed)
            for file in (folder / ".lock", *([Path(f"{database}.lock")] if database else [])):
                held.callback(os.close, _lock(file))
            _empty(spool(folder))
            if database:
                database.touch(mode=0o600)  # the files that SQLite puts beside it get the same rights
                _demand_writable(database)
        except BlockingIOError as error:
            if database is None:
                raise SetupError("setup-folder-taken", path=str(folder)) from error
            raise SetupError("setup-already-running", path=str(database)) from error
        except OSError as error:
            reason = error.strerror or str(error)
            raise SetupError("setup-folder", path=str(error.filename or folder), reason=reason) from error
        yield


def _demand_writable(path: Path) -> None:
    if not os.access(path, os.W_OK):
        why = errno.EROFS if os.statvfs(path).f_flag & os.ST_RDONLY else errno.EACCES
        raise OSError(why, os.strerror(why), str(path))


def _lock(file: Path) -> int:
    """A descriptor that holds the lock. Raises `BlockingIOError` when somebody else does."""
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


def _empty(folder: Path) -> None:
    """Whatever somebody else takes away meanwhile is gone as well."""
    for left in folder.iterdir():
        with suppress(FileNotFoundError):
            if not left.is_dir() or left.is_symlink():
                left.unlink()
            elif not _still_wanted(left / results.NOTE):
                shutil.rmtree(left)


def _still_wanted(note: Path) -> bool:
    return note.exists() and abs(time.time() - note.stat().st_mtime) < _WANTED
