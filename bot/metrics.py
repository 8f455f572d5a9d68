"""What Easel counts, in a registry of its own; ``GET /metrics`` shows it in Prometheus' text format.

Labels are few and bounded: never a chat, a person or a key.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import version

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    Info,
    ProcessCollector,
    generate_latest,
)

from bot.model import UNIT, Job, State, now

_registry = CollectorRegistry()
_SECONDS = (1, 2.5, 5, 10, 20, 40, 60, 90, 120, 180, 300, 600, 1800)

_jobs = Counter("easel_jobs", "Jobs by the state they ended in", ["platform", "state"], registry=_registry)
_took = Histogram(
    "easel_job_seconds",
    "From a request's arrival to its pictures in the chat",
    ["platform"],
    buckets=_SECONDS,
    registry=_registry,
)
_settled = Counter("easel_settled", "Money settled, in whole units of the currency", registry=_registry)
_errors = Counter("easel_upstream_errors", "Errors of the image API by kind", ["kind"], registry=_registry)
_floods = Counter("easel_floods", "Times a platform asked for silence", ["platform"], registry=_registry)
_waiting = Gauge("easel_jobs_now", "Jobs as they stand now, by state", ["state"], registry=_registry)
_storage = Gauge("easel_storage_fine", "1 while the last write was taken, else 0", registry=_registry)
_build = Info("easel", "What is running", registry=_registry)
_build.info({"version": version("easel")})
ProcessCollector(registry=_registry)


def finished(job: Job) -> None:
    """A job came to its end, of whatever kind; ``job.cost`` is what was settled."""
    _jobs.labels(job.chat.platform, job.state).inc()
    if job.state is State.DONE:
        took = ((job.finished or now()) - job.created).total_seconds()
        _took.labels(job.chat.platform).observe(max(0.0, took))  # the clock may have been set back
    if job.cost:
        _settled.inc(job.cost / UNIT)


def upstream_error(kind: str) -> None:
    """The image API refused or failed; ``kind`` is the error's class, e.g. ``"UpstreamBusy"``."""
    _errors.labels(kind).inc()


def flooded(platform: str) -> None:
    """A platform answered 429."""
    _floods.labels(platform).inc()


def standing(counts: Mapping[str, int]) -> None:
    """Jobs by state as ``Store.overview`` counts them; states that are not named stand at zero."""
    for state in State:
        if state.live or state is State.UNKNOWN:
            _waiting.labels(state).set(counts.get(state, 0))


def storage(*, fine: bool) -> None:
    """Whether the database and the disk take what is written."""
    _storage.set(fine)


def render() -> bytes:
    """All of it as ``text/plain; version=0.0.4``."""
    return generate_latest(_registry)
