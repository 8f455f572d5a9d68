"""Who runs an admitted job among many processes: procrastinate, on the same PostgreSQL.

An admitted job is deferred in the transaction that admits it, so there is never one without the other. A
worker that falls silent loses its jobs to the others; the job's ``attempt`` keeps a late return harmless.
"""

# ruff: noqa: S608 - what is put into statements here is constants and question marks

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection
from contextlib import suppress
from datetime import UTC, datetime

import procrastinate
import psycopg
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import DeleteJobCondition
from procrastinate.jobs import Job as Deferred
from procrastinate.retry import BaseRetryStrategy, RetryDecision

from bot.errors import StorageError
from bot.model import Job, JobId
from storage import turns
from storage.postgres import Postgres, Statements
from storage.rows import marks
from storage.runners import Work, persistently
from storage.transaction import Transaction

log = logging.getLogger(__name__)

HEARTBEAT, STALLED = 5.0, 15.0  # seconds
_TAKE_OVER = 3.0  # seconds between two looks for jobs of the dead
_FETCH = 1.0  # seconds between two looks for jobs that no notification told of
_AGAIN = 1.0
_FAREWELL = 0.2  # seconds for what is just ending; the rest is handed over

_LOST = f"""
    SELECT seq FROM jobs WHERE {turns.BUSY} AND NOT EXISTS
        (SELECT 1 FROM procrastinate_jobs WHERE lock = jobs.id AND status IN ('todo', 'doing'))
"""
_WAITING = f"""
    SELECT id FROM jobs WHERE {turns.BUSY} AND seq IN {{}} AND NOT EXISTS
        (SELECT 1 FROM procrastinate_jobs WHERE queueing_lock = jobs.id AND status = 'todo')
    ORDER BY seq
"""


class _HandOver(BaseRetryStrategy):
    """A job that is cut off is somebody else's at once."""

    def get_retry_decision(self, *, exception: BaseException, job: Deferred) -> RetryDecision:
        return RetryDecision(retry_at=datetime(2000, 1, 1, tzinfo=UTC))


class Procrastinate:
    """Runs at most ``most`` jobs at once in this process."""

    def __init__(self, database: Postgres, most: int) -> None:
        logging.getLogger("procrastinate").setLevel(logging.WARNING)
        logging.getLogger("procrastinate.utils").setLevel(logging.CRITICAL)  # what it says is said below
        self._database, self._most = database, most
        self._app = procrastinate.App(connector=procrastinate.PsycopgConnector())
        self._work: Work | None = None
        self._task = self._app.task(name="work", queue="jobs", retry=_HandOver())(self._run)

    async def admitted(self, tx: Transaction, seqs: Collection[int]) -> None:
        assert isinstance(tx, Statements)  # noqa: S101  # there is one driver for PostgreSQL
        for row in await tx.all(_WAITING.format(marks(len(seqs))), *seqs) if seqs else []:
            names = {"lock": row["id"], "queueing_lock": row["id"]}
            await self._task.configure(**names, connection=tx.connection).defer_async(job=row["id"])

    def begun(self, job: JobId) -> Job | None:
        """None here: a job is begun by the worker that takes it."""
        return None

    async def _run(self, job: str) -> None:
        assert self._work  # noqa: S101  # a worker runs only then
        await persistently(self._work, JobId(job))

    async def run(self, work: Work) -> None:
        """Until cancelled; then what is under way is cut off and handed to the other processes."""
        self._work = work
        async with self._app.open_async(self._database.pool), asyncio.TaskGroup() as tasks:
            tasks.create_task(self._take_over(), name="takeover")
            while True:
                try:
                    await self._app.run_worker_async(
                        queues=["jobs"],
                        concurrency=self._most,
                        install_signal_handlers=False,
                        delete_jobs=DeleteJobCondition.ALWAYS,
                        update_heartbeat_interval=HEARTBEAT,
                        stalled_worker_timeout=STALLED,
                        fetch_job_polling_interval=_FETCH,
                        shutdown_graceful_timeout=_FAREWELL,
                    )
                except (ConnectorException, psycopg.Error) as error:
                    log.warning("the database is out of reach, jobs wait: %s", error.__cause__ or error)
                await asyncio.sleep(_AGAIN)

    async def _take_over(self) -> None:
        """Jobs of workers that fell silent, and those that got lost on the way, are for whoever is free."""
        manager = self._app.job_manager
        while True:
            try:
                with suppress(ConnectorException, StorageError):  # which others tell of
                    for job in await manager.get_stalled_jobs(seconds_since_heartbeat=STALLED):
                        log.info("job %s is taken over from a worker that fell silent", job.lock)
                        await manager.retry_job(job)
                    await self._database.write(self._find_lost)
            except Exception:
                log.exception("jobs of the dead could not be looked for")
            await asyncio.sleep(_TAKE_OVER)

    async def _find_lost(self, tx: Transaction) -> None:
        await self.admitted(tx, [row["seq"] for row in await tx.all(_LOST)])
