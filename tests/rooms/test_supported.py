"""What a relay can't do is said before money is spent."""

from __future__ import annotations

from typing import Any

import pytest

from bot.credits import supported
from bot.errors import BadInput
from bot.i18n import words
from bot.model import Background, Endpoint, Format, ImageRequest, Moderation
from bot.ports import Profile
from tests.rooms.conftest import House

ENDPOINT = Endpoint("operator", "painter", model="gpt-image-2")
LITTLE = Profile(models=("gpt-image-2",), moderations=("auto",))
MUCH = Profile(models=("gpt-image-2",), compression=True)


@pytest.mark.parametrize(
    ("profile", "how", "said"),
    [
        (LITTLE, {"moderation": Moderation.LOW}, "moderation “low”"),
        (LITTLE, {"output_compression": 50, "output_format": Format.JPEG}, "leave --compression out"),
        (MUCH, {"output_compression": 50}, "Only a JPEG or WebP"),
        (MUCH, {"output_compression": 0, "output_format": Format.PNG}, "Only a JPEG or WebP"),
        (MUCH, {"background": Background.TRANSPARENT, "output_format": Format.JPEG}, "can't be transparent"),
    ],
)
def test_what_is_refused(profile: Profile, how: dict[str, Any], said: str) -> None:
    with pytest.raises(BadInput) as caught:
        supported(profile, ENDPOINT, ImageRequest("x", **how))
    for language in words().languages:
        sentence = words().say(language, caught.value.sentence, **caught.value.params)
        assert (said in sentence) == (language == "en")


@pytest.mark.parametrize(
    ("models", "endpoint", "asked", "name"),
    [
        (("gpt-image-2", "other"), "", "", "gpt-image-2"),
        (("gpt-image-2", "other"), "", "other", "other"),
        (("mine", "gpt-image-2"), "mine", "", "mine"),
        ((), "", "", "painter"),
    ],
)
def test_a_model_that_nobody_named_has_a_name_in_the_sentence(
    models: tuple[str, ...], endpoint: str, asked: str, name: str
) -> None:
    profile = Profile(models, formats=("png",), moderations=("auto",))
    request = ImageRequest("x", model=asked, output_format=Format.WEBP)
    with pytest.raises(BadInput) as caught:
        supported(profile, Endpoint("operator", "painter", model=endpoint), request)
    for language, said in (
        ("en", f"{name} can't make webp; it makes png;"),
        ("zh-Hans", f"{name} 不能生成 webp"),
    ):
        assert words().say(language, caught.value.sentence, **caught.value.params).startswith(said)


@pytest.mark.parametrize(
    ("profile", "how"),
    [
        (LITTLE, {"moderation": Moderation.AUTO}),
        (MUCH, {"moderation": Moderation.LOW}),
        (MUCH, {"output_compression": 0, "output_format": Format.WEBP}),
        (MUCH, {"output_compression": 100, "output_format": Format.JPEG}),
        (MUCH, {"background": Background.TRANSPARENT, "output_format": Format.WEBP}),
        (MUCH, {"background": Background.TRANSPARENT}),
    ],
)
def test_what_is_taken(profile: Profile, how: dict[str, Any]) -> None:
    supported(profile, ENDPOINT, ImageRequest("x", **how))


async def test_compression_and_moderation_reach_the_relay(house: House) -> None:
    house.painter.facts = MUCH
    await house.stage.say("/imagine a fox --format webp —compression 0 --moderation low")
    await house.stage.until(lambda reply: bool(reply.pictures))
    request = house.painter.submits[0].request
    assert (request.prompt, request.output_compression, request.moderation) == ("a fox", 0, Moderation.LOW)


async def test_a_compression_beyond_its_range_is_named(house: House) -> None:
    await house.stage.say("/imagine a fox --compression 101")
    assert await house.stage.until(lambda reply: "0–100" in reply.text)
    assert not house.painter.submits
