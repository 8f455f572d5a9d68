"""An order looked for in relay 000's list: by its words, its time and all that an entry repeats of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from bot.errors import UnknownOutcome
from bot.model import Endpoint, ImageRequest, Order, Quality
from bot.sizes import Size, parse
from tests.fakes.relay import KEY, Relay
from tests.rooms.test_upstream_shenfeng import result
from upstream import Patience, Upstreams
from upstream.history import orders_like
from upstream.http import Answer, Site

QUICK = Patience(first=0.02, again=0.01)
THEN = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
FOX = ImageRequest("a fox", size=parse("1:1"), quality=Quality.HIGH)
OLD = {"id": "old", "prompt": "long ago", "created_at": 1}


def site(page: Callable[[int], Any]) -> Site:
    """Answers with that page, whose number is asked for."""

    async def get(path: str, *, params: dict[str, str] | None = None) -> Answer:
        return Answer(page(int((params or {}).get("page", "1"))))

    return cast(
        "Site", SimpleNamespace(get=get, endpoint=Endpoint("operator", "shenfeng", model="gpt-image-2"))
    )


async def found(*entries: dict[str, Any], request: ImageRequest = FOX) -> tuple[str, ...]:
    """Among these entries, and an old one."""
    document = {"items": [*entries, OLD]}
    return await orders_like(site(lambda _: document), "/history", request, THEN, ["1024x1024"])


def entry(**fields: Any) -> dict[str, Any]:
    return {"id": "it", "prompt": "a fox", "created_at": THEN.timestamp() + 1, **fields}


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"prompt": " a  fox\n"},
        {"created_at": (THEN.timestamp() + 1) * 1000},
        {"created_at": str(THEN.timestamp())},
        {"created_at": "2026-11-21T09:31:00Z"},
        {"created_at": "2026-11-21 17:31:00"},
        {"created_at": "2026-11-21 09:31:00"},
        {"created_at": None, "create_time": "2026-11-21T17:31:00+08:00"},
        {"model": "gpt-image-2", "size": "1024x1024", "quality": "high", "n": 1, "endpoint": "generations"},
        {"prompt": None, "input": {"prompt": "a fox", "size": "1024x1024"}},
        {"status": "failed"},
    ],
)
async def test_it_is_the_order(fields: dict[str, Any]) -> None:
    assert await found(entry(**fields)) == ("it",)


@pytest.mark.parametrize(
    "fields",
    [
        {"prompt": "a fox…"},
        {"prompt": "A fox"},
        {"prompt": None},
        {"id": None},
        {"created_at": THEN.timestamp() - 200},
        {"created_at": (THEN + timedelta(hours=1)).timestamp()},
        {"created_at": None},
        {"created_at": "yesterday"},
        {"created_at": 1e300},
        {"model": "gpt-image-1"},
        {"size": "1536x1024"},
        {"quality": "low"},
        {"n": 2},
        {"endpoint": "edits"},
        {"input": {"size": "1536x1024"}},
    ],
)
async def test_it_is_another(fields: dict[str, Any]) -> None:
    assert await found(entry(**fields)) == ()


async def test_what_was_left_to_the_relay_contradicts_nothing() -> None:
    auto = ImageRequest("a fox", size=Size())
    assert await found(entry(size="1536x1024", quality="high"), request=auto) == ("it",)


async def test_all_that_are_alike_are_named() -> None:
    assert await found(entry(), entry(id="too"), entry(id="not", prompt="an owl")) == ("it", "too")


async def test_further_pages_are_looked_at_as_far_back_as_the_order() -> None:
    asked: list[int] = []

    def page(number: int) -> Any:
        asked.append(number)
        newer = [entry(id=f"{number}-{i}", prompt="an owl") for i in range(3)]
        return {"data": {"list": [[*newer], [entry(), *newer], [OLD]][number - 1]}}

    assert await orders_like(site(page), "/history", FOX, THEN, []) == ("it",)
    assert asked == [1, 2, 3]


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        pytest.param([entry()], ("it",), id="a list that just ends"),
        pytest.param({"items": [entry()], "total": 1}, ("it",), id="all that there is"),
        pytest.param({"items": [entry()], "total": 9}, (), id="the same page again and again"),
        pytest.param({"items": []}, (), id="empty"),
        pytest.param("no list", (), id="something else"),
    ],
)
async def test_what_is_not_seen_may_be_another(document: Any, expected: tuple[str, ...]) -> None:
    assert await orders_like(site(lambda _: document), "/history", FOX, THEN, []) == expected


async def test_a_list_without_end_is_given_up() -> None:
    def page(number: int) -> Any:
        return [entry(id=f"{number}")]

    assert await orders_like(site(page), "/history", FOX, THEN, []) == ()


async def test_a_lost_order_is_found_and_paid_once(tmp_path: Path) -> None:
    async with Relay() as relay, Upstreams(asyncio.Semaphore(4), patience=QUICK) as upstream:
        endpoint = Endpoint("operator", "shenfeng", (relay.url,), KEY)
        began = datetime.now(UTC)
        await result(upstream, relay, Order(ImageRequest("an owl"), tmp_path))
        relay.fail("submit", "reset")
        with pytest.raises(UnknownOutcome):
            await result(upstream, relay, Order(ImageRequest("a fox"), tmp_path))
        (it,) = await upstream.reconcile(endpoint, ImageRequest("a fox"), began)
        assert relay.jobs[it].fields["prompt"] == "a fox"
        steps = [
            step
            async for step in upstream.generate(endpoint, Order(ImageRequest("a fox"), tmp_path), resume=it)
        ]
        assert steps
        assert (relay.submits[KEY], relay.charges[KEY]) == (2, 2)
        for other in ("jobs", "xinliu", "openai", "jojokey", "image2free", "sandbox"):
            elsewhere = Endpoint("operator", other, (relay.url,), KEY)
            assert await upstream.reconcile(elsewhere, ImageRequest("a fox"), began) == ()
