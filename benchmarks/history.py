"""What it costs to accept a job and to admit it, after a thousand finished jobs and after a million."""

from __future__ import annotations

import sqlite3
import tempfile
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.table import Table
from bot.credits import OPERATOR, Quotas, limits
from bot.model import UNIT, Chat, ChatId, ImageRequest, Job, JobId, User, UserId, new_id, now
from bot.ports import Caps
from storage import jobs, ledger, schema, turns
from storage.database import Inside, _driven
from storage.rows import job_values, micros

FEW, MANY, MOST = 1_000, 1_000_000, 1.2
_CHATS, _MEMBERS = 500, 2_000
_TRIES = 400
_APART = 35_000_000  # microseconds between two jobs: a million in 400 days, a thousand since this morning

_ACCOUNTS, _KINDS = ("operator", "operator/H", "operator/M", "H", "H/M"), ("hold", "release", "settle")
_NUMBERS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) "


@dataclass(frozen=True, slots=True)
class Costs:
    """Milliseconds of one thread's CPU: to hold the money, and to write the job down and admit it."""

    hold: float
    claim: float


def measured(few: int = FEW, many: int = MANY) -> Table:
    """Medians; the two databases are asked in turn."""
    table = Table("", f"after {few:,} jobs", f"after {many:,}", "ratio")
    with tempfile.TemporaryDirectory(prefix="easel-bench-", dir="/var/tmp") as folder:
        pair = [_opened(Path(folder, f"{count}.db"), count) for count in (few, many)]
        costs = [[_once(connection, number) for connection in pair] for number in range(_TRIES)]
        for connection in pair:
            connection.close()
    for name in ("hold", "claim"):
        small, big = (median(getattr(cost, name) for cost in column) for column in zip(*costs, strict=True))
        table.row(
            name, f"{small:.3f} ms", f"{big:.3f} ms", f"{big / small:.2f}{' ✗' if big > 1.2 * small else ''}"
        )
    return table


def _once(connection: sqlite3.Connection, number: int) -> Costs:
    """One job accepted and admitted as the store does it, and taken back."""
    job, tx = _job(number), Inside(connection)
    accounts = limits(
        Quotas(UNIT * 10**6, member_daily=UNIT * 10**6), Chat(job.chat.home), OPERATOR, job.user
    )

    async def hold() -> None:
        await ledger.demand_room(tx, job, accounts)
        await ledger.hold(tx, job, accounts)

    async def claim() -> None:
        assert await jobs.same(tx, job) is None
        await jobs.insert(tx, job, 1)
        await turns.admit(tx, Caps(), now())
        await turns.demand_patience(tx, job.id, Caps())

    connection.execute("BEGIN IMMEDIATE")
    costs = Costs(_timed(hold), _timed(claim))
    connection.execute("ROLLBACK")
    return costs


def _timed(step: Callable[[], Coroutine[Any, Any, None]]) -> float:
    began = time.thread_time()
    _driven(step())
    return (time.thread_time() - began) * 1000


def _job(number: int, seconds_ago: int = 0) -> Job:
    return Job(
        id=JobId(new_id()),
        chat=ChatId(f"telegram:-{number % _CHATS}"),
        user=User(UserId(f"telegram:{number % _MEMBERS}"), "Ann", "en"),
        invocation=f"telegram:now:{number}",
        request=ImageRequest("a corgi in a space suit, planting a flag on the moon"),
        endpoint="operator",
        language="en",
        hold=40_000,
        created=now() - timedelta(seconds=seconds_ago),
    )


def _opened(file: Path, count: int) -> sqlite3.Connection:
    """A database with so many finished jobs, delivered and settled, each with its picture."""
    schema.bring_up_to_date(file)
    connection = sqlite3.connect(file, isolation_level=None)
    connection.row_factory = sqlite3.Row
    for pragma in ("journal_mode = OFF", "synchronous = OFF", "cache_size = -200000"):
        connection.execute(f"PRAGMA {pragma}")
    connection.create_function("new_id", 0, new_id)
    connection.execute("BEGIN")
    _fill(connection, count)
    connection.execute("COMMIT")
    # As Easel opens it.
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON", "cache_size = -2000"):
        connection.execute(f"PRAGMA {pragma}")
    return connection


def _fill(connection: sqlite3.Connection, count: int) -> None:
    values = job_values(_job(0))
    varying = {
        "seq": "i",
        "id": "new_id()",
        "home": f"'telegram:-' || (i % {_CHATS})",
        "chat": f"'telegram:-' || (i % {_CHATS})",
        "member": f"'telegram:' || (i % {_MEMBERS})",
        "invocation": "'telegram:' || i",
        "upstream_id": "'up-' || i",
        "post_chat": f"'telegram:-' || (i % {_CHATS})",
        "post_id": "'' || i",
        "post_grip": "''",
        "state": "'done'",
        "created": f"{micros(now())} - ({count} - i) * {_APART}",
    }
    columns = {**{name: f":{name}" for name in values}, **varying}
    connection.execute(
        f"INSERT INTO jobs ({', '.join(columns)}) {_NUMBERS.replace('?', ':count')} "
        f"SELECT {', '.join(columns.values())} FROM n",
        {**values, "count": count},
    )
    connection.execute(
        "INSERT INTO pictures (id, mime, width, height, bytes, created) "
        "SELECT 'p' || id, 'image/png', 1024, 1024, 1500000, created FROM jobs"
    )
    connection.execute("INSERT INTO job_pictures (job, seq, picture) SELECT id, 0, 'p' || id FROM jobs")
    # In the order of the ledger's index, for the sake of the time that this takes.
    connection.execute(
        "INSERT INTO ledger (job, account, kind, amount, day, booked) "
        "SELECT id, account, kind, 40000, date(created / 1000000, 'unixepoch'), created FROM ("
        "SELECT id, created, replace(replace(column1, 'H', home), 'M', member) AS account, column2 AS kind "
        "FROM (SELECT * FROM jobs ORDER BY id) CROSS JOIN (VALUES "
        + ", ".join(f"('{account}', '{kind}')" for account in _ACCOUNTS for kind in _KINDS)
        + "))"
    )
    # As they came, day by day: an index filled in its own order has full pages, which every job would split.
    periods = [
        f"SELECT account, {period} AS period, sum(amount) AS amount, min(day) AS since FROM ledger "
        "WHERE kind = 'settle' GROUP BY 1, 2"
        for period in ("'day:' || day", "'month:' || substr(day, 1, 7)")
    ]
    connection.execute(
        "INSERT INTO purse (account, period, settled, held) SELECT account, period, amount, 0 "
        f"FROM ({' UNION ALL '.join(periods)}) ORDER BY since, random()"
    )
    connection.execute(
        "INSERT INTO turns (home, member, served) "
        "SELECT home, '', max(seq) FROM jobs GROUP BY home UNION ALL "
        "SELECT home, member, max(seq) FROM jobs GROUP BY home, member"
    )
    connection.execute(
        "INSERT INTO inbox (platform, event, received) SELECT 'telegram', '' || seq, created FROM jobs "
        f"WHERE created > {micros(now() - timedelta(days=2))}"
    )
