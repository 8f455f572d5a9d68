"""What tokens cost, told by an answer or reckoned before."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bot.credits import supported
from bot.errors import BadInput
from bot.model import Background, Endpoint, Format, ImageRequest, Quality, Source
from bot.sizes import parse
from upstream.profiles import Profiles
from upstream.tokens import cost

PRICES = {"text": 5_000_000, "image": 8_000_000, "output": 30_000_000}
OPENAI = Endpoint("operator", "openai")
XINLIU = Endpoint("operator", "xinliu")


@pytest.mark.parametrize(
    ("usage", "amount"),
    [
        # the real price of a low picture of 1024x1024 with a short prompt: $0.006
        (
            {
                "input_tokens": 14,
                "output_tokens": 196,
                "input_tokens_details": {"text_tokens": 14, "image_tokens": 0},
            },
            14 * 5 + 196 * 30,
        ),
        (
            {
                "input_tokens": 1038,
                "output_tokens": 7024,
                "input_tokens_details": {"text_tokens": 14, "image_tokens": 1024},
            },
            14 * 5 + 1024 * 8 + 7024 * 30,
        ),
        ({"input_tokens": 24, "output_tokens": 229}, 24 * 8 + 229 * 30),
        ({"output_tokens": 229}, 229 * 30),
        ({"output_tokens": 229, "input_tokens_details": None, "input_tokens": None}, 229 * 30),
        ({"output_tokens": 0, "input_tokens": 24}, None),
        ({"output_tokens": "229"}, None),
        ({"output_tokens": -5}, None),
        ({"output_tokens": True}, None),
        ({}, None),
        (None, None),
        ([], None),
    ],
)
def test_what_an_answer_tells(usage: Any, amount: int | None) -> None:
    assert cost(usage, PRICES) == amount
    assert cost(usage, None) is None


def test_parts_of_a_millionth_are_rounded_up() -> None:
    assert cost({"output_tokens": 1}, {"text": 1, "image": 1, "output": 1}) == 1


@pytest.mark.parametrize(
    ("how", "dollars"),
    [
        ({"quality": Quality.LOW, "size": parse("1024x1024")}, 0.006),
        ({"quality": Quality.MEDIUM, "size": parse("1024x1024")}, 0.053),
        ({"quality": Quality.HIGH, "size": parse("1:1")}, 0.211),
        ({"quality": Quality.HIGH, "size": parse("2k")}, 0.429),
        ({"quality": Quality.HIGH, "size": parse("1536x1024")}, 0.165),
        ({"quality": Quality.MEDIUM, "size": parse("1024x1536")}, 0.041),
        ({"quality": Quality.HIGH, "size": parse("1:1 4k")}, 0.712),
        ({"quality": Quality.AUTO, "size": parse("16:9 4k")}, 0.401),
        ({"quality": Quality.LOW, "size": parse("976x704")}, 0.0039),
    ],
)
@pytest.mark.parametrize("endpoint", [OPENAI, XINLIU])
def test_estimates_are_the_list_price_and_what_comes_with_it(
    endpoint: Endpoint, how: dict[str, Any], dollars: float
) -> None:
    estimate = Profiles().estimate(endpoint, ImageRequest("a fox", **how))
    assert dollars * 999_000 < estimate < dollars * 1_000_000 + 8_000  # two previews and a few words


@pytest.mark.parametrize(
    ("how", "more"),
    [
        ({"prompt": "狐" * 32_000}, 31_990 * 5),
        ({"images": (Source("picture:a"), Source("picture:b"))}, 2 * 1024 * 8),
        ({"images": (Source("picture:a"),), "mask": Source("picture:b")}, 2 * 1024 * 8),
    ],
    ids=["prompt", "pictures", "mask"],
)
def test_long_prompts_and_pictures_given_are_held_too(how: dict[str, Any], more: int) -> None:
    plain = Profiles().estimate(OPENAI, ImageRequest("a fox"))
    held = Profiles().estimate(OPENAI, ImageRequest(**{"prompt": "a fox", **how}))
    assert held >= plain + more


def test_shape_counts_only_where_tokens_go_by_it() -> None:
    profiles, wide, square = Profiles(), parse("16:9"), parse("1:1")
    for endpoint, same in ((OPENAI, False), (Endpoint("operator", "shenfeng"), True)):
        estimates = {profiles.estimate(endpoint, ImageRequest("x", size=size)) for size in (wide, square)}
        assert (len(estimates) == 1) is same


def test_models_have_their_own_facts() -> None:
    profiles = Profiles()
    mini = profiles.of(OPENAI, "gpt-image-1-mini")
    assert mini.tokens == {"text": 2_000_000, "image": 2_500_000, "output": 8_000_000}
    assert profiles.of(Endpoint("operator", "openai", model="gpt-image-1-mini")) == mini
    assert profiles.of(OPENAI).tokens == PRICES
    cheap, dear = (
        profiles.estimate(OPENAI, ImageRequest("x", model=model)) for model in ("gpt-image-1-mini", "")
    )
    assert cheap < dear / 3


@pytest.mark.parametrize(
    ("endpoint", "how", "taken"),
    [
        (OPENAI, {"size": parse("2k")}, True),
        (OPENAI, {"size": parse("2k"), "model": "gpt-image-1-mini"}, False),
        (OPENAI, {"size": parse("1536x1024"), "model": "gpt-image-1.5"}, True),
        (OPENAI, {"background": Background.TRANSPARENT}, True),
        (XINLIU, {"background": Background.TRANSPARENT}, False),
        (XINLIU, {"background": Background.TRANSPARENT, "model": "gpt-image-1.5"}, True),
        (XINLIU, {"model": "gpt-image-2.5-flare"}, False),
        (XINLIU, {"output_format": Format.WEBP, "output_compression": 7}, True),
        (XINLIU, {"images": tuple(Source(f"picture:{i}") for i in range(16))}, True),
        (XINLIU, {"images": tuple(Source(f"picture:{i}") for i in range(17))}, False),
    ],
)
def test_what_can_not_be_done_is_said_before(endpoint: Endpoint, how: dict[str, Any], taken: bool) -> None:
    request = ImageRequest("x", **how)
    profile = Profiles().of(endpoint, request.model)
    if taken:
        supported(profile, endpoint, request)
    else:
        with pytest.raises(BadInput):
            supported(profile, endpoint, request)


def test_what_has_no_price_of_its_own_is_free(tmp_path: Path) -> None:
    file = tmp_path / "prices.toml"
    file.write_text(
        '[tokens.mine]\noutput = 10\naxes = { high = 96.0 }\n[dialects.xinliu]\ntokens = "mine"\n'
    )
    profile = Profiles(file).of(XINLIU)
    assert cost({"input_tokens": 5000, "output_tokens": 100}, profile.tokens) == 1000
    wide = ImageRequest("x", quality=Quality.HIGH, size=parse("16:9"))
    assert 0 < Profiles(file).estimate(XINLIU, wide) < Profiles(file).estimate(XINLIU, ImageRequest("x"))


def test_prices_of_tokens_of_ones_own_come_first(tmp_path: Path) -> None:
    file = tmp_path / "prices.toml"
    file.write_text("[tokens.openai-2]\noutput = 12.5\n")
    assert Profiles(file).of(XINLIU).tokens == {**PRICES, "output": 12_500_000}
