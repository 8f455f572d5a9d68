"""When a picture is likely to come: the turns of those who wait, played through."""

from __future__ import annotations

from itertools import count
from typing import Any

import pytest

from bot.i18n import words
from bot.model import Endpoint, ImageRequest, JobId, Quality, State, Video
from bot.outlook import Seat, kind_of, outlook
from bot.ports import Caps
from bot.sizes import parse
from bot.views import job_card
from tests.contract.store_kit import a_job

_numbers = count()
ONE = Caps(running_chat=1, running_member=1)


def seat(member: str, takes: float | None = 10, home: str = "h") -> Seat:
    return Seat(JobId(f"{member}{next(_numbers)}"), home, member, takes)


def foreseen(running: list[Seat], waiting: list[Seat], caps: Caps = ONE, **served: int) -> list[float | None]:
    """Of those who wait, in the order in which they came."""
    turns = {("h", member.strip("_")): turn for member, turn in served.items()}
    found = outlook(running, waiting, turns, caps)
    return [found.get(one.job) for one in waiting]


def test_members_take_turns() -> None:
    ann, ben = [seat("ann") for _ in range(3)], seat("ben")
    assert foreseen([seat("ann", 4)], [*ann, ben], ann=1, _=1) == [24, 34, 44, 14]


def test_chats_take_turns_where_they_share_a_bound() -> None:
    here, there = [seat("ann") for _ in range(2)], seat("zoe", home="other")
    assert foreseen([seat("ann", 5)], [*here, there], Caps(running=1), _=1, ann=1) == [25, 35, 15]


def test_several_run_at_once_and_a_member_not_more_than_allowed() -> None:
    ann, ben = [seat("ann") for _ in range(3)], seat("ben", 3)
    caps = Caps(running_chat=3, running_member=2)
    assert foreseen([], [*ann, ben], caps) == [10, 10, 20, 3]


def test_what_a_member_has_running_elsewhere_counts() -> None:
    assert foreseen([seat("ann", 7, home="other")], [seat("ann")], Caps(running_member=1)) == [17]


def test_of_unknown_lengths_nothing_is_said() -> None:
    assert foreseen([seat("ann", None)], [seat("ben")]) == [None]
    assert foreseen([seat("ann", 4)], [seat("ben", None), seat("cat")]) == [None, None]
    caps = Caps(running_chat=2, running_member=1)
    assert foreseen([seat("ann", None), seat("cat", 5)], [seat("ben"), seat("cat")], caps) == [15, 25]
    known, unknown = seat("ann", 4), seat("ann", None)
    assert outlook([known, unknown], [], {}, ONE) == {known.job: 4}


def test_jobs_of_a_kind() -> None:
    endpoint = Endpoint("operator", "shenfeng", model="gpt-image-2")
    high = ImageRequest("x", quality=Quality.HIGH, size=parse("16:9 2k"))
    assert kind_of(endpoint, high) == "shenfeng/gpt-image-2/high/2k"
    film = ImageRequest("x", model="veo", video=Video("720p"))
    assert kind_of(endpoint, film) == "shenfeng/veo/auto/720p"


@pytest.mark.parametrize(
    ("job", "ready", "said"),
    [
        ({"place": 2}, None, "In the queue, place 2."),
        (
            {"place": 2, "hold": 40_000},
            61,
            "In the queue, place 2 (about $0.04); the picture comes in about 2 min.",
        ),
        ({"place": 1}, 12, "In the queue, place 1; the picture comes in about 15 s."),
        ({"place": 1}, 9000, "In the queue, place 1; the picture comes in about 2 h."),
        ({"state": State.RUNNING}, None, "Painting …"),
        ({"state": State.RUNNING}, 0.2, "Painting … (about 5 s)"),
        ({"state": State.RUNNING, "hold": 40_000}, 33, "Painting … (about $0.04, 35 s)"),
        (
            {"place": 2, "hold": 40_000, "language": "zh-Hans"},
            61,
            "正在排队，第 2 位（约 $0.04），预计约 2 分钟后出图。",
        ),
    ],
)
def test_how_it_is_said(job: dict[str, Any], ready: float | None, said: str) -> None:
    assert job_card(words(), a_job(**job), ready=ready).text.splitlines()[0] == said
