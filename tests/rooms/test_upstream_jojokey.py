"""Relay 004's own ways: no edits, request ids, a used-up quota told apart from a wrong group."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.credits import supported
from bot.errors import (
    BadAnswer,
    BadInput,
    BadKey,
    BadRequest,
    EaselError,
    Forbidden,
    OutOfCredit,
    UnknownOutcome,
    UpstreamDown,
)
from bot.i18n import words
from bot.model import Endpoint, ImageRequest, Order, Quality, Source, Succeeded
from bot.sizes import parse
from tests.fakes.relay import KEY, Relay
from tests.fakes.relay.jojokey import REQUEST_ID
from upstream import Patience, Upstreams

QUICK = Patience(connect=1, submit=0.3, poll=0.3, sync=0.3, first=0.02, again=0.01, tries=3)


class Bench:
    def __init__(self, upstream: Upstreams, relay: Relay, folder: Path) -> None:
        self.upstream, self.relay, self.folder = upstream, relay, folder
        self.endpoint = Endpoint("operator", "jojokey", (relay.url,), KEY)

    async def result(self, *images: Path, **how: Any) -> Succeeded:
        order = Order(ImageRequest("a corgi", **how), self.folder, images)
        last = [step async for step in self.upstream.generate(self.endpoint, order)][-1]
        assert isinstance(last, Succeeded)
        return last


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    async with Upstreams(asyncio.Semaphore(4), patience=QUICK) as upstream, Relay("jojokey") as relay:
        yield Bench(upstream, relay, tmp_path)


async def test_only_the_fields_of_the_examples_are_sent(bench: Bench) -> None:
    await bench.result(size=parse("1024x1024"), quality=Quality.LOW, n=2)
    await bench.result()
    first, second = bench.relay.orders
    common = {"model": "gpt-image-2", "prompt": "a corgi", "response_format": "b64_json"}
    assert first == {**common, "size": "1024x1024", "quality": "low", "n": 2}
    assert second == {**common, "n": 1}


async def test_an_address_is_read_too(bench: Bench) -> None:
    bench.relay.switches = {"url"}
    result = await bench.result(n=2)
    assert [file.stat().st_size for file in result.files] == [bench.relay.size] * 2


async def test_fewer_pictures_than_asked_for(bench: Bench) -> None:
    bench.relay.next_job("fewer")
    result = await bench.result(n=3)
    assert (len(result.files), result.missing) == (2, 1)


async def test_no_picture_at_all(bench: Bench) -> None:
    bench.relay.next_job("empty")
    with pytest.raises(BadAnswer):
        await bench.result()


async def test_a_size_that_is_refused_becomes_the_nearest_classic(bench: Bench) -> None:
    bench.relay.sizes = frozenset({"1024x1024", "1536x1024", "1024x1536"})
    done = await bench.result(size=parse("16:9"))
    assert (done.note, bench.relay.orders[-1]["size"]) == ("note-size-nearest", "1536x1024")


async def test_edits_are_refused_before_anything_is_spent(bench: Bench, tmp_path: Path) -> None:
    request = ImageRequest("x", images=(Source("picture:abc"),))
    with pytest.raises(BadInput) as refusal:
        supported(bench.upstream.profile(bench.endpoint), bench.endpoint, request)
    with pytest.raises(BadRequest) as caught:
        await bench.result(tmp_path / "photo.png")
    assert refusal.value.sentence == caught.value.sentence == "error-unsupported-edit"
    assert not bench.relay.calls


@pytest.mark.parametrize(
    ("fault", "kind"), [(401, BadKey), (403, Forbidden), ("html", BadAnswer), (502, UpstreamDown)]
)
async def test_a_key_is_tried_by_the_list_of_models(
    bench: Bench, fault: int | str, kind: type[EaselError]
) -> None:
    await bench.upstream.check(bench.endpoint)
    bench.relay.fail("models", fault)
    with pytest.raises(kind):
        await bench.upstream.check(bench.endpoint)


async def test_nothing_is_ever_a_chat(bench: Bench) -> None:
    await bench.result()
    await bench.upstream.check(bench.endpoint)
    assert set(bench.relay.calls) == {"submit", "models"}


async def test_nothing_is_found_again(bench: Bench) -> None:
    order = Order(ImageRequest("x"), bench.folder)
    with pytest.raises(UnknownOutcome):
        [step async for step in bench.upstream.generate(bench.endpoint, order, resume="job_1")]
    assert not bench.relay.calls


REFUSALS = [
    (401, "Invalid token", BadKey),
    (401, "该令牌状态不可用", BadKey),
    (401, "该令牌额度已用尽 TokenStatusExhausted", OutOfCredit),
    (403, "该令牌无权访问模型 gpt-image-2", Forbidden),
    (403, "This token has no access to group image", Forbidden),
    (403, "insufficient_user_quota", OutOfCredit),
    (403, "user quota is not enough", OutOfCredit),
    (403, "用户额度不足, 剩余额度: ＄0.1", OutOfCredit),
    (403, "预扣费额度失败, 用户剩余额度: ＄0.1, 需要预扣费额度: ＄0.2", OutOfCredit),
    (403, "token quota is not enough, token remain quota: ＄0.1", OutOfCredit),
    (503, "No available channel for model gpt-image-2 under group default (distributor)", UpstreamDown),
    (503, "当前分组 default 下对于模型 gpt-image-2 无可用渠道", UpstreamDown),
]


@pytest.mark.parametrize(("status", "text", "kind"), REFUSALS)
async def test_what_a_refusal_means(bench: Bench, status: int, text: str, kind: type[EaselError]) -> None:
    bench.relay.fail("submit", status, text=f"{text} (request id: {REQUEST_ID})", form="openai")
    with pytest.raises(kind) as caught:
        await bench.result()
    assert type(caught.value) is kind
    assert caught.value.params["request_id"] == REQUEST_ID
    assert (bench.relay.submits[KEY], bench.relay.calls["submit"]) == (0, 1)


@pytest.mark.parametrize("kind", ["text", "header"])
@pytest.mark.parametrize("status", [403, 503, 524])
async def test_whoever_asks_the_support_is_told_the_request_id(bench: Bench, status: int, kind: str) -> None:
    said = "No available channel" if status == 503 else "no"
    if kind == "text":
        bench.relay.fail("submit", status, text=f"{said} (request id: {REQUEST_ID})", form="plain")
    else:
        bench.relay.fail("submit", status, text=said, headers={"X-Oneapi-Request-Id": REQUEST_ID})
    with pytest.raises(EaselError) as caught:
        await bench.result()
    for language in words().languages:
        assert REQUEST_ID in words().say(language, caught.value.sentence, **caught.value.params)
