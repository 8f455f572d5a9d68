"""OpenAI's own client succeeds at the fakes: what they take, and how they answer, is no invention of ours."""

from __future__ import annotations

import base64
import io
from collections.abc import AsyncIterator
from typing import Any

import openai
import pytest
from openai import AsyncOpenAI
from PIL import Image

from tests.fakes.relay import KEY, Relay, png

PHOTO = png(320, 240, 9_000)


def mask() -> bytes:
    file = io.BytesIO()
    Image.new("RGBA", (320, 240), (0, 0, 0, 0)).save(file, "PNG")
    return file.getvalue()


@pytest.fixture(params=["openai", "xinliu"])
async def relay(request: pytest.FixtureRequest) -> AsyncIterator[Relay]:
    async with Relay(request.param) as relay:
        yield relay


@pytest.fixture
async def client(relay: Relay) -> AsyncIterator[AsyncOpenAI]:
    async with AsyncOpenAI(base_url=f"{relay.url}/v1", api_key=KEY, max_retries=0, timeout=5) as client:
        yield client


async def test_generate(relay: Relay, client: AsyncOpenAI) -> None:
    answer = await client.images.generate(
        model="gpt-image-2",
        prompt="a fox",
        n=2,
        size="1536x1024",
        quality="medium",
        background="opaque",
        output_format="webp",
        output_compression=80,
        moderation="low",
        user="somebody",
    )
    assert answer.data is not None
    assert len(answer.data) == 2
    assert answer.usage is not None
    assert answer.usage.input_tokens_details.text_tokens > 0
    if relay.dialect == "openai":
        assert base64.b64decode(answer.data[0].b64_json or "") == png(1536, 1024, 20_000, 0)
    else:
        assert (answer.data[0].b64_json, answer.data[0].url) == (
            "",
            f"{relay.url}/files/{next(iter(relay.files))}",
        )
    assert relay.submits[KEY] == 1


@pytest.mark.parametrize("pictures", [1, 3])
async def test_edit(relay: Relay, client: AsyncOpenAI, pictures: int) -> None:
    files = [("photo.png", PHOTO, "image/png")] * pictures
    answer = await client.images.edit(
        model="gpt-image-2",
        image=files if pictures > 1 else files[0],
        mask=("mask.png", mask(), "image/png"),
        prompt="make it night",
        size="1024x1024",
    )
    assert answer.data is not None
    assert base64.b64decode(answer.data[0].b64_json or "") == png(1024, 1024, 20_000, 0)
    assert relay.orders[0]["images"] == [PHOTO] * pictures


async def test_stream(relay: Relay, client: AsyncOpenAI) -> None:
    relay.switches |= {"openai-events", "done"}
    stream = await client.images.generate(
        model="gpt-image-2", prompt="a fox", size="1024x1024", stream=True, partial_images=2
    )
    events = [event async for event in stream]
    assert [event.type for event in events] == [
        "image_generation.partial_image",
        "image_generation.partial_image",
        "image_generation.completed",
    ]
    assert base64.b64decode(events[-1].b64_json) == png(1024, 1024, 20_000, 0)


@pytest.mark.parametrize("relay", ["openai"], indirect=True)
async def test_stream_of_an_edit(client: AsyncOpenAI) -> None:
    stream = await client.images.edit(
        model="gpt-image-2",
        image=("photo.png", PHOTO, "image/png"),
        prompt="night",
        stream=True,
        partial_images=1,
    )
    assert [event.type async for event in stream] == ["image_edit.partial_image", "image_edit.completed"]


async def test_what_is_refused(client: AsyncOpenAI, relay: Relay) -> None:
    for how, code in (
        ({"response_format": "b64_json"}, "unknown_parameter"),
        ({"style": "vivid"}, "unknown_parameter"),
        ({"size": "1792x936"}, "invalid_value"),
        ({"size": "16:9"}, "invalid_value"),
        ({"n": 11}, "invalid_value"),
        ({"output_compression": 50}, "invalid_value"),
        ({"prompt": "x" * 32_001}, "string_above_max_length"),
    ):
        with pytest.raises(openai.BadRequestError) as caught:
            await client.images.generate(**{"model": "gpt-image-2", "prompt": "a fox", **how})
        assert caught.value.code == code
        assert caught.value.request_id
    with pytest.raises(openai.NotFoundError):
        await client.images.generate(model="gpt-image-99", prompt="a fox")
    with pytest.raises(openai.AuthenticationError):
        await client.with_options(api_key="sk-wrong").images.generate(model="gpt-image-2", prompt="a fox")
    assert relay.submits[KEY] == 0


async def test_sides_of_three_to_one(client: AsyncOpenAI, relay: Relay) -> None:
    """OpenAI takes them, relay 002 does not."""
    if relay.dialect == "openai":
        await client.images.generate(model="gpt-image-2", prompt="a fox", size="1536x512")
        return
    with pytest.raises(openai.BadRequestError):
        await client.images.generate(model="gpt-image-2", prompt="a fox", size="1536x512")


async def test_models(client: AsyncOpenAI) -> None:
    assert "gpt-image-2" in [model.id async for model in client.models.list()]


# --- the others, as far as their pages have the same call --------------------------------------------


@pytest.mark.parametrize(
    ("dialect", "fields", "switches"),
    [
        ("shenfeng", {"n": 2, "quality": "auto"}, set()),
        ("image2free", {"n": 1}, set()),
        ("jojokey", {"n": 2, "quality": "low", "response_format": "b64_json"}, set()),
        ("jobs", {"response_format": "url", "extra_body": {"reference_images": []}}, {"sync"}),
    ],
)
async def test_those_that_are_like_it(dialect: str, fields: dict[str, Any], switches: set[str]) -> None:
    asked = {"model": "gpt-image-2", "prompt": "a fox", "size": "1024x1024", **fields}
    async with Relay(dialect) as relay:
        relay.switches |= switches
        async with AsyncOpenAI(base_url=f"{relay.url}/v1", api_key=KEY, max_retries=0, timeout=5) as client:
            answer = await client.images.generate(**asked)
            with pytest.raises(openai.AuthenticationError):
                await client.with_options(api_key="sk-wrong").images.generate(**asked)
            with pytest.raises(openai.BadRequestError):
                await client.images.generate(**asked, style="vivid")
    assert answer.data is not None
    assert len(answer.data) == fields.get("n", 1)
    for picture in answer.data:
        handed = relay.files.get(str(picture.url).rpartition("/")[2], b"")
        with Image.open(io.BytesIO(base64.b64decode(picture.b64_json or "") or handed)) as shown:
            assert shown.size == (1024, 1024)
    assert relay.submits[KEY] == 1


async def test_an_edit_of_one_picture() -> None:
    async with Relay("shenfeng") as relay:
        async with AsyncOpenAI(base_url=f"{relay.url}/v1", api_key=KEY, max_retries=0, timeout=5) as client:
            answer = await client.images.edit(
                model="gpt-image-2",
                image=("photo.png", PHOTO, "image/png"),
                mask=("mask.png", mask(), "image/png"),
                prompt="make it night",
            )
    assert answer.data
    assert answer.data[0].b64_json
    assert relay.orders[0]["images"] == [PHOTO]
