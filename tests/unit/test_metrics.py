"""Numbers as Prometheus reads them; never a chat, a person or a key among the labels."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from prometheus_client.parser import text_string_to_metric_families

from bot import metrics
from bot.model import UNIT, ChatId, ImageRequest, Job, JobId, State, User, UserId, now


def value(name: str, **labels: str) -> float:
    for family in text_string_to_metric_families(metrics.render().decode()):
        for sample in family.samples:
            if sample.name == name and sample.labels == labels:
                return sample.value
    return 0.0


def job() -> Job:
    asker = User(UserId("telegram:42"), "Ada")
    chat = ChatId("telegram:-100777:7")
    return Job(JobId("k3v9abcdef"), chat, asker, "1", ImageRequest("a fox"), "operator", "en")


def test_a_delivered_job_is_counted_with_its_time_and_cost() -> None:
    start = now()
    done = replace(
        job(), state=State.DONE, created=start, finished=start + timedelta(seconds=12), cost=UNIT // 4
    )
    before = value("easel_jobs_total", platform="telegram", state="done")
    settled = value("easel_settled_total")
    metrics.finished(done)
    metrics.finished(replace(job(), state=State.FAILED))
    assert value("easel_jobs_total", platform="telegram", state="done") == before + 1
    assert value("easel_jobs_total", platform="telegram", state="failed") >= 1
    assert value("easel_job_seconds_sum", platform="telegram") >= 12
    assert value("easel_settled_total") == settled + 0.25


def test_errors_and_floods_are_counted_by_kind() -> None:
    metrics.upstream_error("UpstreamBusy")
    metrics.flooded("discord")
    assert value("easel_upstream_errors_total", kind="UpstreamBusy") >= 1
    assert value("easel_floods_total", platform="discord") >= 1


def test_jobs_as_they_stand_now() -> None:
    metrics.standing({"queued": 3, "unknown": 1})
    assert value("easel_jobs_now", state="queued") == 3
    metrics.standing({"running": 2})
    assert value("easel_jobs_now", state="queued") == 0
    assert value("easel_jobs_now", state="running") == 2


def test_labels_name_no_one() -> None:
    metrics.finished(replace(job(), state=State.DONE))
    text = metrics.render().decode()
    assert 'easel_info{version="' in text
    for private in ("-100777", "42", "Ada", "k3v9abcdef", "fox"):
        assert f'"{private}"' not in text
