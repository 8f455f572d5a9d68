"""Brings a database file up to the schema of this program: forward only, all steps or none.

Migrations are the numbered ``.sql`` files in ``migrations/``, applied by yoyo. A database that is
up to date is recognised without it, as nearly every start finds one. The caller holds the file's lock.
"""

from __future__ import annotations

import glob
import logging
import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from bot.errors import SetupError

log = logging.getLogger(__name__)

FOLDER = Path(__file__).parent / "migrations"
_TABLE = "_yoyo_migration"


def bring_up_to_date(database: Path, folder: Path = FOLDER) -> None:
    """Apply what is missing, after a copy of what was there (``easel.db.before-0002_…``).

    Raises `SetupError` when the file is newer than this program, is not a database or not Easel's.
    """
    known = [file.stem for file in sorted(folder.glob("*.sql"))]
    try:
        applied = _applied(database)
        if not applied <= set(known):
            raise SetupError("setup-database-newer", path=str(database))
        pending = [name for name in known if name not in applied]
        if pending and applied:
            _copy(database, Path(f"{database}.before-{pending[0]}"))
        if pending:
            _apply(database, folder, pending)
    except sqlite3.OperationalError as error:
        raise SetupError("setup-database-failed", path=str(database), reason=str(error)) from error
    except sqlite3.DatabaseError as error:
        raise SetupError("setup-database-broken", path=str(database)) from error


def _applied(database: Path) -> set[str]:
    """The names of the migrations in the file: none in an empty one."""
    with closing(sqlite3.connect(database)) as connection:
        names = {
            name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        }
        if _TABLE in names:
            return {name for (name,) in connection.execute("SELECT migration_id FROM _yoyo_migration")}
    if any("yoyo" not in name and not name.startswith("sqlite_") for name in names):
        raise SetupError("setup-database-broken", path=str(database))
    return set()


def _copy(database: Path, to: Path) -> None:
    part = Path(f"{to}.part")
    part.unlink(missing_ok=True)
    part.touch(mode=0o600)
    with closing(sqlite3.connect(database)) as source, closing(sqlite3.connect(part)) as target:
        source.backup(target)
    part.replace(to)
    log.info("copied the database to %s before changing it", to)


def _apply(database: Path, folder: Path, pending: list[str]) -> None:
    from yoyo.backends.core.sqlite3 import SQLiteBackend  # noqa: PLC0415  (6 MB, wanted once a version)
    from yoyo.connections import DatabaseURI  # noqa: PLC0415
    from yoyo.migrations import read_migrations  # noqa: PLC0415

    logging.getLogger("yoyo").setLevel(logging.WARNING)  # it has a line for every statement
    where = DatabaseURI("sqlite", None, None, None, None, quote(str(database)), {})
    with SQLiteBackend(where, _TABLE) as backend:
        backend.init_database()
        backend.break_lock()  # a row that outlives a kill; our own lock is the one that counts
        backend.ensure_internal_schema_updated()
        # yoyo itself would commit a migration and its mark apart, and a kill between them would be for good.
        with backend.transaction():
            for migration in read_migrations(glob.escape(str(folder))):
                if migration.id in pending:
                    migration.process_steps(backend, "apply")
                    backend.mark_one(migration, log=False)
    log.info("the database is now at %s", pending[-1])
