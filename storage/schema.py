"""Brings a database up to the schema of this program: forward only, all steps or none.

Migrations are the numbered ``.sql`` files in ``migrations/``, applied by yoyo. A database that is
up to date is recognised without it, as nearly every start finds one.
"""

from __future__ import annotations

import glob
import io
import logging
import sqlite3
from collections.abc import Callable, Collection, Iterable
from contextlib import closing, redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from bot.errors import SetupError

if TYPE_CHECKING:
    import psycopg

log = logging.getLogger(__name__)

FOLDER = Path(__file__).parent / "migrations"
_COPIES = 3
_TABLE = "_yoyo_migration"
_APPLIED = "SELECT migration_id FROM _yoyo_migration"
_SERVERS_TABLES = "SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema"


def bring_up_to_date(database: Path, folder: Path = FOLDER) -> None:
    """Apply what is missing to a file, after a copy of what was there (``easel.db.before-0002_…``).

    The latest three of these copies are kept.
    The caller holds the file's lock.
    Raises `SetupError` when the file is newer than this program, is not a database or not Easel's.
    """
    try:
        applied = _applied(database)
        pending = _pending(folder, applied, str(database))
        if pending and applied:
            _copy(database, Path(f"{database}.before-{pending[0]}"))
        if pending:
            _apply(lambda: _file(database), folder, pending)
    except sqlite3.OperationalError as error:
        raise SetupError("setup-database-failed", path=str(database), reason=str(error)) from error
    except sqlite3.DatabaseError as error:
        raise SetupError("setup-database-broken", path=str(database)) from error
    except OSError as error:
        reason = error.strerror or str(error)
        raise SetupError("setup-database-failed", path=str(database), reason=reason) from error


def bring_server_up_to_date(connection: psycopg.Connection[Any], name: str, folder: Path = FOLDER) -> None:
    """Apply what is missing to a database on a server, and what procrastinate needs there.

    The caller holds the server's lock. Raises `SetupError` as for a file; ``name`` is for its sentence.
    """
    tables = {table for (table,) in connection.execute(_SERVERS_TABLES)}
    applied: set[str] = set()
    if _TABLE in tables:
        applied = {migration for (migration,) in connection.execute(_APPLIED)}
    else:
        _demand_nobodys(tables, name)
    if pending := _pending(folder, applied, name):
        _apply(lambda: _server(connection.info.dsn, connection.info.password), folder, pending)
    if "procrastinate_jobs" not in tables:
        from procrastinate.schema import SchemaManager  # noqa: PLC0415  (an extra)

        with connection.transaction():
            connection.execute(SchemaManager.get_schema().encode())


def _pending(folder: Path, applied: Collection[str], name: str) -> list[str]:
    """The migrations to apply, in order. Raises `SetupError` when there are some that we don't know."""
    known = [file.stem for file in sorted(folder.glob("*.sql"))]
    if not set(applied) <= set(known):
        raise SetupError("setup-database-newer", path=name)
    return [migration for migration in known if migration not in applied]


def _applied(database: Path) -> set[str]:
    """The names of the migrations in the file: none in an empty one."""
    with closing(sqlite3.connect(database)) as connection:
        names = {
            name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        }
        if _TABLE in names:
            return {name for (name,) in connection.execute(_APPLIED)}
    _demand_nobodys((name for name in names if not name.startswith("sqlite_")), str(database))
    return set()


def _demand_nobodys(tables: Iterable[str], name: str) -> None:
    """Raises `SetupError` when some other program has tables here."""
    if any("yoyo" not in table for table in tables):
        raise SetupError("setup-database-broken", path=name)


def _copy(database: Path, to: Path) -> None:
    part = Path(f"{to}.part")
    try:
        part.unlink(missing_ok=True)
        part.touch(mode=0o600)
        with closing(sqlite3.connect(database)) as source, closing(sqlite3.connect(part)) as target:
            source.backup(target)
        part.replace(to)
    finally:
        part.unlink(missing_ok=True)
    log.info("copied the database to %s before changing it", to)
    copies = sorted(database.parent.glob(f"{glob.escape(database.name)}.before-[0-9]*"), key=_age)
    for old in copies[:-_COPIES]:
        old.unlink()


def _age(copy: Path) -> tuple[float, str]:
    return copy.stat().st_mtime, copy.name


def _file(database: Path) -> Any:
    from yoyo.backends.core.sqlite3 import SQLiteBackend  # noqa: PLC0415  (6 MB, wanted once a version)
    from yoyo.connections import DatabaseURI  # noqa: PLC0415

    return SQLiteBackend(DatabaseURI("sqlite", None, None, None, None, quote(str(database)), {}), _TABLE)


def _server(dsn: str, password: str) -> Any:
    from psycopg.conninfo import conninfo_to_dict  # noqa: PLC0415  (an extra)
    from yoyo.backends.core.postgresql import PostgresqlPsycopgBackend  # noqa: PLC0415
    from yoyo.connections import DatabaseURI  # noqa: PLC0415

    words = conninfo_to_dict(dsn, password=password or None)
    name = words.pop("dbname", "")
    return PostgresqlPsycopgBackend(
        DatabaseURI("postgresql+psycopg", None, None, None, None, name, words), _TABLE
    )


def _apply(connect: Callable[[], Any], folder: Path, pending: list[str]) -> None:
    from yoyo.migrations import read_migrations  # noqa: PLC0415  (6 MB, wanted once a version)

    logging.getLogger("yoyo").setLevel(logging.WARNING)  # it has a line for every statement
    with connect() as backend:
        backend.init_database()
        backend.break_lock()  # a row that outlives a kill; our own lock is the one that counts
        backend.ensure_internal_schema_updated()
        # yoyo itself would commit a migration and its mark apart, and a kill between them would be for good.
        # It prints the rows of whatever has some, and a change of a table has, in SQLite.
        with backend.transaction(), redirect_stdout(io.StringIO()):
            for migration in read_migrations(glob.escape(str(folder))):
                if migration.id in pending:
                    migration.process_steps(backend, "apply")
                    backend.mark_one(migration, log=False)
    log.info("the database is now at %s", pending[-1])
