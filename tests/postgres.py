"""A real PostgreSQL for tests: started by the first of its users, gone with the last, also after a kill.

Everybody who uses it holds a shared lock on a file, which the system frees when a process ends, however it
ends. A keeper (this file, run as a program) waits for all of them, stops the server and removes its folder.
"""

from __future__ import annotations

import fcntl
import getpass
import json
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path

import psycopg

_OPTIONS = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "200",
    "shared_buffers": "32MB",
    "autovacuum": "off",
}
_PATIENCE = 180.0  # seconds that a busy machine may need

_LEFT = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_get_activity(NULL)
    WHERE datid = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND pid <> pg_backend_pid()
"""
_MADE = """
    SELECT (SELECT count(*) FROM pg_class), (SELECT count(*) FROM pg_attribute),
        (SELECT count(*) FROM pg_proc), (SELECT count(*) FROM pg_trigger)
"""
"""How much there is in a database besides rows."""
_EMPTY = """
    SET session_replication_role = replica;
    DO $$ DECLARE name regclass; BEGIN
        FOR name IN SELECT oid FROM pg_class WHERE relkind = 'r'
            AND relnamespace = 'public'::regnamespace AND relname NOT LIKE '%yoyo%'
        LOOP EXECUTE 'DELETE FROM ' || name; END LOOP;
        PERFORM setval(seqrelid, seqstart, false) FROM pg_sequence;
    END $$
"""
_clean: list[str] = []
_used: list[str] = []


def programs() -> Path | None:
    """The folder with ``initdb`` and ``postgres``; none is installed: ``None``."""
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    folders = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    return max((initdb.parent for initdb in folders), key=lambda bin_: float(bin_.parent.name), default=None)


@cache
def begin() -> Path:
    """The folder of the server that this run of tests shares. Whoever comes first starts it; nobody waits."""
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID") or f"{os.getpid()}"
    folder = Path(tempfile.gettempdir()) / f"easel-postgres-{run}"
    folder.mkdir(mode=0o755, exist_ok=True)
    _hold(folder / "users")
    with (folder / "start").open("a") as one_at_a_time:
        fcntl.flock(one_at_a_time, fcntl.LOCK_EX)
        if not (folder / "keeper").exists():
            _start(folder)
    return folder


@cache
def server() -> str:
    """A URL of the run's server, to which ``/NAME`` is put before the ``?``. Waits until it answers."""
    folder, since = begin(), time.monotonic()
    while not (folder / "ready").exists():
        waited = time.monotonic() - since
        if not _lives(folder) or waited > _PATIENCE:
            load = " ".join(f"{load:.1f}" for load in os.getloadavg())
            log = (folder / "log").read_text()
            raise RuntimeError(f"no PostgreSQL after {waited:.0f} s (load {load}); it says:\n{log}")
        time.sleep(0.02)
    return f"postgresql:///postgres?host={folder}&user=easel"


def _hold(file: Path) -> None:
    """As long as this process lives: the descriptor is never closed."""
    fcntl.flock(os.open(file, os.O_RDWR | os.O_CREAT), fcntl.LOCK_SH)


def _start(folder: Path) -> None:
    """The keeper is born with a lock on a file, which the system frees when it dies."""
    with (folder / "log").open("ab") as log, (folder / "keeper").open("ab") as alive:
        fcntl.flock(alive, fcntl.LOCK_EX)
        keeper = subprocess.Popen(
            [sys.executable, __file__, str(folder)],
            stdout=log,
            stderr=log,
            start_new_session=True,
            pass_fds=[alive.fileno()],
        )
    keeper.returncode = 0  # it outlives this process, which need not wait for it


def _lives(folder: Path) -> bool:
    """Whether there is a keeper still."""
    with (folder / "keeper").open("ab") as alive:
        try:
            fcntl.flock(alive, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def database(name: str, template: str = "template1") -> str:
    """The URL of a new database."""
    url = server()
    with psycopg.connect(url, autocommit=True) as connection:
        new = connection.info.server_version >= 150000  # before, files were what was copied anyway
        by = "STRATEGY FILE_COPY" if new else ""  # less than half the work: nothing is written to the log
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" {by}'.encode())
    return url.replace("/postgres?", f"/{name}?")


def template(name: str, fill: Callable[[str], None]) -> str:
    """The name of a database that ``fill`` was given the URL of, by whoever needed it first in this run."""
    with (begin() / f"template-{name}").open("a+") as filled:
        fcntl.flock(filled, fcntl.LOCK_EX)
        if not filled.seek(0, os.SEEK_END):
            fill(url := database(name))
            with psycopg.connect(url) as connection:
                json.dump(connection.execute(_MADE).fetchone(), filled)
    return name


def empty(template: str) -> str:
    """The URL of a copy of a `template`, with no rows but its schema's own; its own until `done`.

    What somebody has used before is emptied, which takes a tenth of the time of a new copy.
    """
    while _clean:
        url = _clean.pop()
        if _emptied(url, template):
            break
    else:
        url = database(f"empty-{secrets.token_hex(8)}", template)
    _used.append(url)
    return url


def done() -> None:
    """Nobody needs the databases any longer that `empty` gave."""
    _clean.extend(_used)
    _used.clear()


def _emptied(url: str, template: str) -> bool:
    """False where more than rows was changed: it is left alone then. Whoever is still there is thrown out."""
    with psycopg.connect(url, autocommit=True) as connection:
        while connection.execute(_LEFT).fetchall():
            time.sleep(0.002)
        if connection.execute(_MADE).fetchone() != _made(template):
            return False
        connection.execute(_EMPTY)
    return True


@cache
def _made(template: str) -> tuple[int, ...]:
    """As it was filled; to look is no longer allowed, where others may be making copies."""
    return tuple(json.loads((begin() / f"template-{template}").read_text()))


def _user() -> str:
    """PostgreSQL refuses to be run by root."""
    if os.geteuid():
        return getpass.getuser()
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


def _keep(folder: Path) -> None:
    """Run the server until nobody holds the lock."""
    bin_, data = programs(), folder / "data"
    if bin_ is None:
        raise SystemExit("no initdb was found: see tests/postgres.sh")
    other = {"user": _user(), "group": pwd.getpwnam(_user()).pw_gid, "extra_groups": []}
    who: dict[str, object] = {} if os.geteuid() else other
    if who:
        os.chown(folder, pwd.getpwnam(_user()).pw_uid, -1)
    make = [bin_ / "initdb", "-D", data, "-U", "easel", "-A", "trust", "-E", "UTF8", "--locale=C", "-N"]
    subprocess.run(make, check=True, cwd="/", **who)  # type: ignore[call-overload]
    options = [word for name, value in _OPTIONS.items() for word in ("-c", f"{name}={value}")]
    serve = [bin_ / "postgres", "-D", data, "-k", folder, *options]
    process = subprocess.Popen(serve, cwd="/", **who)  # type: ignore[call-overload]
    try:
        while not _answers(folder):
            if process.poll() is not None:
                raise SystemExit(f"postgres ended with {process.returncode}")
            time.sleep(0.02)
        (folder / "ready").touch()
        with (folder / "users").open("a") as users:
            fcntl.flock(users, fcntl.LOCK_EX)
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(10)
        shutil.rmtree(data if process.returncode else folder)  # the log of one that failed is kept


def _answers(folder: Path) -> bool:
    if not (folder / ".s.PGSQL.5432").exists():
        return False
    try:
        psycopg.connect(f"postgresql:///postgres?host={folder}&user=easel").close()
    except psycopg.OperationalError:
        return False
    return True


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    _keep(Path(sys.argv[1]))
