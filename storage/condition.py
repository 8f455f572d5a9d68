"""How storage is: what the last write met, in one word, and said in the log when it changes."""

from __future__ import annotations

import errno
import logging
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from bot.errors import StorageError
from bot.ports import FINE

log = logging.getLogger(__name__)

UNREACHABLE = "unreachable"
_DISK = {
    **dict.fromkeys((errno.ENOSPC, errno.EDQUOT, errno.EFBIG), "full"),
    **dict.fromkeys((errno.EROFS, errno.EACCES, errno.EPERM), "read-only"),
}
_SQLITE = {
    "SQLITE_FULL": "full",
    "SQLITE_READONLY": "read-only",
    "SQLITE_BUSY": "locked",
    "SQLITE_LOCKED": "locked",
    "SQLITE_CORRUPT": "damaged",
    "SQLITE_NOTADB": "damaged",
}


_SERVER = {  # classes and codes of SQLSTATE
    "53100": "full",
    "25006": "read-only",
    "55P03": "locked",
    "XX": "damaged",
    "08": UNREACHABLE,
    "57P": UNREACHABLE,
}


class Condition:
    """``word`` is as `bot.ports.Store.condition` says."""

    def __init__(self) -> None:
        self.word = FINE
        self._of_room = False

    @contextmanager
    def watched(self, *, files: bool = False) -> Iterator[None]:
        """Around a write: how it went is how storage is. A disk that is full may take a row, and no file."""
        try:
            yield
        except StorageError as error:
            self._met(error)
            raise
        if files or not self._of_room:
            self._fine()

    def _met(self, error: StorageError) -> None:
        word = _word(error.__cause__)
        if word != self.word:
            log.error(
                "storage is %s (%s); what was accepted is kept and goes on later", word, error.__cause__
            )
        self.word, self._of_room = word, word == "full" or isinstance(error.__cause__, OSError)

    def _fine(self) -> None:
        if self.word != FINE:
            log.info("storage takes everything again")
        self.word, self._of_room = FINE, False


def _word(cause: BaseException | None) -> str:
    if isinstance(cause, sqlite3.Error):
        name = getattr(cause, "sqlite_errorname", "")  # extended codes go on: SQLITE_READONLY_DBMOVED
        return next((word for code, word in _SQLITE.items() if name.startswith(code)), "failing")
    if isinstance(cause, OSError) and not isinstance(cause, TimeoutError):
        return _DISK.get(cause.errno or 0, "failing")
    state = getattr(cause, "sqlstate", None)  # of a server's driver
    if state is None:
        return UNREACHABLE
    return next((word for code, word in _SERVER.items() if state.startswith(code)), "failing")
