"""What only a process of its own shows: its imports, its commands, and what a kill leaves in the database."""

from __future__ import annotations

import asyncio
import os
import random
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bot.settings import defaults
from tests.contract.store_kit import SqlitePlace, audit
from tests.rooms.test_store_premises import refusal, remember
from tests.unit.test_layers import ROOMS

pytestmark = pytest.mark.whole

ROOT = Path(__file__).parents[2]


@pytest.fixture
def place(tmp_path: Path) -> SqlitePlace:
    return SqlitePlace(tmp_path, made=True)


def test_nothing_opens_at_import() -> None:
    """No thread, connection, database or folder comes from importing every room."""
    probe = (
        "import importlib, pathlib, sys, threading\n"
        "opened = []\n"
        "events = {'socket.connect', 'socket.bind', 'sqlite3.connect', 'os.mkdir', 'os.remove'}\n"
        "sys.addaudithook(lambda event, args: event in events and opened.append((event, str(args))))\n"
        "for name in sys.argv[1:]:\n"
        "    importlib.import_module(name)\n"
        "print(opened, threading.active_count())\n"
    )
    names = [
        ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        for room in ROOMS
        for file in sorted((ROOT / room).rglob("*.py"))
    ]
    ran = subprocess.run(
        [sys.executable, "-c", probe, *names],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ran.stdout == "[] 1\n", ran.stdout + ran.stderr


def easel(*arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    quiet = {name: value for name, value in os.environ.items() if name not in {*defaults(), "LANG", "LC_ALL"}}
    return subprocess.run(
        [sys.executable, "-m", "bot", *arguments],
        cwd=ROOT,
        env={**quiet, **env},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


def test_the_command_prints_what_is_in_force(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text('[prices.jojo]\nauto = { 1k = 0.0123 }\n[dialects.jojokey]\nprices = "jojo"\n')
    shown = easel("prices", PRICES_FILE=str(own))
    assert (shown.returncode, shown.stderr) == (0, "")
    assert re.search(r"jojokey · gpt-image-2\n.*\n\s+auto\s+\$0\.0123\s+–\s+–\n", shown.stdout)
    assert re.search(r"shenfeng · gpt-image-2\n.*\n\s+low\s+\$0\.006", shown.stdout)
    assert re.search(r"image2free · gpt-image-2\n.*\n.*\n\s+Counted in credits .* \$0\.01\n", shown.stdout)


CHILD = """
import asyncio, sys
from pathlib import Path
from bot.model import Fault, Limit
from tests.contract.store_kit import SqlitePlace, begun, placed
async def main():
    async with SqlitePlace(Path(sys.argv[1])).open() as store:
        print("open", "yoyo" in sys.modules, flush=True)
        for line in sys.stdin:
            job = await begun(store, Limit("pot"), Limit("pot/ann"), hold=10)
            print(job.id, flush=True)
            await store.note(job.id, 1, submitted=True)
            await store.succeed(job.id, 1, [await placed(store, job.id)], 7)
            await store.deliver(job.id, 1)
asyncio.run(main())
"""


@contextmanager
def another_easel(place: SqlitePlace) -> Iterator[subprocess.Popen[str]]:
    """A process that holds the store, and does one job for every line it is given."""
    args = [sys.executable, "-c", CHILD, str(place.folder)]
    pipe = subprocess.PIPE
    with subprocess.Popen(args, stdin=pipe, stdout=pipe, text=True, cwd=Path(__file__).parents[2]) as child:
        try:
            yield child
        finally:
            child.kill()


def said(child: subprocess.Popen[str]) -> str:
    assert child.stdout is not None
    return child.stdout.readline().strip()


def test_two_easels_on_one_database(place: SqlitePlace) -> None:
    remember(place)
    with another_easel(place) as child:
        assert said(child) == "open False"  # up to date: yoyo was not even imported
        refused = asyncio.run(refusal(place.url, place.folder))
        assert refused.sentence == "setup-already-running"
        assert refused.params == {"path": str(place.file)}
        same_folder = asyncio.run(refusal(f"sqlite:///{place.folder}/other.db", place.folder))
        assert same_folder.sentence == "setup-already-running"
    remember(place)


def test_a_killed_process_leaves_whole_transactions(place: SqlitePlace) -> None:
    remember(place)
    ids: set[str] = set()
    for _ in range(3):
        with another_easel(place) as child:
            assert said(child).startswith("open")
            assert child.stdin is not None
            child.stdin.write("\n" * 500)
            child.stdin.flush()
            for _ in range(random.randrange(1, 12)):
                ids.add(said(child))
            child.send_signal(signal.SIGKILL)
            ids.update(child.stdout.read().split() if child.stdout else [])
        used = audit(place)
        assert used["pot"] == used["pot/ann"] + 3
    assert ids <= {row[0] for row in place.rows("SELECT id FROM jobs")}
    known = {row[0] for row in place.rows("SELECT id FROM pictures")}
    assert {file.name[6:16] for file in (place.folder / "pictures").iterdir()} <= known


def test_a_file_needs_none_of_what_a_server_does(place: SqlitePlace) -> None:
    """Nobody who stays with SQLite starts later or needs more memory for PostgreSQL's sake."""
    probe = (
        "import asyncio, sys\n"
        "import bot.__main__\n"
        "async def main():\n"
        "    async with bot.__main__.opened(bot.__main__.Settings.load()):\n"
        "        print(sorted({'psycopg', 'psycopg_pool', 'procrastinate', 'yoyo'} & set(sys.modules)))\n"
        "asyncio.run(main())\n"
    )
    remember(place)
    ran = subprocess.run(
        [sys.executable, "-c", probe],
        cwd=place.folder,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "STORE_URL": place.url},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ran.stdout == "[]\n", ran.stdout + ran.stderr
