"""What the Images API and its kin take, and how they say that they do not."""

from __future__ import annotations

import base64
import binascii
import json
import re
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from aiohttp import BodyPartReader, web

from tests.fakes.relay.pictures import png64, sides

MAGICS = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"RIFF")
MIMES = ("image/png", "image/jpeg", "image/webp")
CLASSICS = ("1024x1024", "1536x1024", "1024x1536")
CHOICES = {
    "quality": ("low", "medium", "high", "auto"),
    "background": ("transparent", "opaque", "auto"),
    "output_format": ("png", "webp", "jpeg"),
    "moderation": ("low", "auto"),
}
WHOLE = ("n", "output_compression", "partial_images")

Handler = Callable[[web.Request, str], Awaitable[web.StreamResponse]]


class Invalid(Exception):
    """A request that is refused, as OpenAI words it."""

    def __init__(
        self, message: str, *, param: str | None = None, code: str | None = "invalid_value", status: int = 400
    ) -> None:
        super().__init__(message)
        self.status = status
        kind = "invalid_request_error"
        self.body = {"error": {"message": message, "type": kind, "param": param, "code": code}}


@dataclass(frozen=True)
class Rules:
    """Where providers differ. ``widest``: the most of long side to short, included where ``closed``."""

    models: frozenset[str]
    fields: frozenset[str]
    transparent: frozenset[str]
    classics_only: frozenset[str]
    widest: float
    closed: bool = True
    least_partials: int = 0


def explained(handler: Handler) -> Handler:
    """What is invalid is said, with an id for the support."""

    @wraps(handler)
    async def handle(request: web.Request, key: str) -> web.StreamResponse:
        try:
            return await handler(request, key)
        except Invalid as invalid:
            headers = {"x-request-id": f"req_{secrets.token_hex(8)}"}
            return web.json_response(invalid.body, status=invalid.status, headers=headers)

    return handle


async def from_json(request: web.Request) -> dict[str, Any]:
    if request.content_type != "application/json":
        raise Invalid("Unsupported content type", code="unsupported_content_type")
    try:
        fields = json.loads(await request.read())
    except ValueError as error:
        raise Invalid("We could not parse the JSON body of your request.", code=None) from error
    if not isinstance(fields, dict):
        raise Invalid("The body is not an object", code=None)
    return fields


async def from_form(request: web.Request) -> dict[str, Any]:
    """The fields of a form; its pictures under ``images``. One is an ``image``, a list is ``image[]``."""
    if request.content_type != "multipart/form-data":
        raise Invalid("Unsupported content type", code="unsupported_content_type")
    fields: dict[str, Any] = {"images": []}
    single = False
    async for part in await request.multipart():
        assert isinstance(part, BodyPartReader)
        content, name = bytes(await part.read(decode=False)), part.name or ""
        if name in fields or (name == "image" and fields["images"]):
            raise Invalid(
                f"Duplicate parameter: '{name}'. Use 'image[]=<value>'.", code="duplicate_parameter"
            )
        if name in ("image", "image[]"):
            if single:
                raise Invalid("image and image[] together", param="image")
            single = name == "image"
            fields["images"].append(_file(part, content))
        elif name == "mask":
            fields["mask"] = _file(part, content)
        else:
            fields[name] = _read(name, content.decode())
    if not fields["images"]:
        raise Invalid("Missing required parameter: 'image'.", code="missing_required_parameter")
    _check_mask(fields)
    return fields


def inline(value: str) -> bytes:
    """A picture in JSON: a data URI or bare base64. A URL that nobody else can reach is none."""
    if value.startswith(("http://", "https://")):
        raise Invalid("Error while downloading file", param="image")
    head, _, body = value.rpartition(",")
    if head and not re.fullmatch(r"data:image/(png|jpeg|webp);base64", head):
        raise Invalid("Invalid image data URI", param="image")
    try:
        content = base64.b64decode(body, validate=True)
    except binascii.Error as error:
        raise Invalid("Invalid base64 image", param="image") from error
    if not content.startswith(MAGICS):
        raise Invalid("Invalid image", param="image")
    return content


def checked(fields: dict[str, Any], rules: Rules, names: frozenset[str] | None = None) -> dict[str, Any]:
    """The fields as an order has them, ``size`` in pixels only. Raises `Invalid` for what is undocumented."""
    for name in fields.keys() - (names or rules.fields):
        raise Invalid(f"Unknown parameter: '{name}'.", param=name, code="unknown_parameter")
    _check_words(fields, rules)
    for name, allowed in CHOICES.items():
        if name in fields and fields[name] not in allowed:
            raise Invalid(f"Invalid value: '{fields[name]}'.", param=name)
    for name, least, most in (("n", 1, 10), ("output_compression", 0, 100), ("partial_images", 0, 3)):
        _whole(fields, name, least, most)
    _check_looks(fields, rules)
    _check_stream(fields, rules)
    size = fields.get("size", "auto")
    if size == "auto":
        return {name: value for name, value in fields.items() if name != "size"}
    _check_size(size, fields["model"], rules)
    return fields


def _check_words(fields: dict[str, Any], rules: Rules) -> None:
    for name in ("model", "prompt"):
        if not fields.get(name) or not isinstance(fields[name], str):
            said = f"Missing required parameter: '{name}'."
            raise Invalid(said, param=name, code="missing_required_parameter")
    if fields["model"] not in rules.models:
        said = f"The model '{fields['model']}' does not exist or you do not have access to it."
        raise Invalid(said, param="model", code="model_not_found", status=404)
    if len(fields["prompt"]) > 32_000:
        raise Invalid("Invalid 'prompt': string too long.", param="prompt", code="string_above_max_length")
    if not isinstance(fields.get("user", ""), str):
        raise Invalid("Invalid type for 'user'", param="user", code="invalid_type")


def usage(fields: dict[str, Any]) -> dict[str, Any]:
    """Tokens as OpenAI counts them for gpt-image-2, as far as is known."""
    width, height = map(int, fields.get("size", "1024x1024").split("x"))
    axis = {"low": 16, "medium": 48}.get(fields.get("quality", "auto"), 96)
    short = (2 * axis * min(width, height) + max(width, height)) // (2 * max(width, height))
    one = -(-axis * short * (2_000_000 + width * height) // 4_000_000)
    output = one * fields.get("n", 1) + 100 * fields.get("partial_images", 0)
    text, image = len(fields["prompt"]) // 4 + 1, 1024 * len(fields.get("images", []))
    return {
        "input_tokens": text + image,
        "input_tokens_details": {"text_tokens": text, "image_tokens": image},
        "output_tokens": output,
        "total_tokens": text + image + output,
    }


def partial(number: int) -> str:
    """A picture that is not done, in base64."""
    return png64(256, 256, 4_000, 1000 + number).decode()


def _file(part: BodyPartReader, content: bytes) -> bytes:
    mime = part.headers.get("Content-Type", "application/octet-stream")
    if not part.filename or mime not in MIMES:
        said = f"Invalid file '{part.name}': unsupported mimetype ('{mime}')."
        raise Invalid(said, param=part.name, code="unsupported_file_mimetype")
    if not content.startswith(MAGICS) or len(content) > 50 * 1024 * 1024:
        raise Invalid("Invalid image file or mode", param=part.name, code="invalid_image_file")
    return content


def _check_mask(fields: dict[str, Any]) -> None:
    mask = fields.get("mask")
    if mask is None:
        return
    if not mask.startswith(MAGICS[0]) or len(mask) > 4 * 1024 * 1024 or mask[25] not in (4, 6):
        raise Invalid("Invalid mask image format - mask image missing alpha channel", param="mask")
    try:
        first = sides(fields["images"][0])
    except ValueError:
        return  # of a JPEG nothing is told here
    if sides(mask) != first:
        raise Invalid("Invalid mask image format - mask size does not match image size", param="mask")


def _read(name: str, text: str) -> Any:
    if name in WHOLE:
        if not re.fullmatch(r"\d{1,4}", text):
            raise Invalid(f"Invalid type for '{name}': expected an integer", param=name, code="invalid_type")
        return int(text)
    if name == "stream":
        return {"true": True, "false": False}.get(text, text)
    return text


def _whole(fields: dict[str, Any], name: str, least: int, most: int) -> None:
    value = fields.get(name, least)
    if not isinstance(value, int) or isinstance(value, bool):
        raise Invalid(f"Invalid type for '{name}': expected an integer", param=name, code="invalid_type")
    if not least <= value <= most:
        raise Invalid(f"Invalid '{name}': expected {least} to {most}", param=name)


def _check_looks(fields: dict[str, Any], rules: Rules) -> None:
    kind = fields.get("output_format", "png")
    if "output_compression" in fields and kind == "png":
        raise Invalid(
            "Compression less than 100 is not supported for PNG output format", param="output_compression"
        )
    if fields.get("background") != "transparent":
        return
    if fields["model"] not in rules.transparent:
        raise Invalid("Transparent background is not supported for this model.", param="background")
    if kind == "jpeg":
        raise Invalid("Transparent background is not supported for JPEG output format", param="background")


def _check_stream(fields: dict[str, Any], rules: Rules) -> None:
    stream = fields.get("stream", False)
    if not isinstance(stream, bool):
        raise Invalid("Invalid type for 'stream': expected a boolean", param="stream", code="invalid_type")
    if not stream and fields.get("partial_images"):
        raise Invalid("'partial_images' needs 'stream'", param="partial_images")
    if stream and fields.get("partial_images", 0) < rules.least_partials:
        raise Invalid("Streaming must have non-zero partial images", code=None)


def _check_size(size: Any, model: str, rules: Rules) -> None:
    found = re.fullmatch(r"(\d{1,5})x(\d{1,5})", str(size))
    if not found or (model in rules.classics_only and size not in CLASSICS):
        raise Invalid(
            f"Invalid value: '{size}'. Supported values are: {', '.join(CLASSICS)}, and 'auto'.", param="size"
        )
    width, height = int(found[1]), int(found[2])
    slant = max(width, height) / max(1, min(width, height))
    said = ""
    if width % 16 or height % 16:
        said = "Width and height must both be divisible by 16."
    elif max(width, height) > 3840 or not 655_360 <= width * height <= 8_294_400:
        said = "The size is below or above the current pixel budget."
    elif slant > rules.widest or (slant == rules.widest and not rules.closed):
        said = "The aspect ratio must be between 1:3 and 3:1."
    if said:
        raise Invalid(f"Invalid size '{size}'. {said}", param="size")
