"""Relay 003, as strictly as its page describes it; where that is silent, a plausible guess.

``switches``: ``by-url`` (no base64 in the answer), ``locked`` (pictures are handed out for the key only).
"""

from __future__ import annotations

import binascii
import json
import re
from base64 import b64decode, b64encode
from typing import TYPE_CHECKING, Any

from aiohttp import web

from tests.fakes.relay.faults import refuse
from tests.fakes.relay.pictures import jpeg
from tests.fakes.relay.shenfeng import Wrong, _json

if TYPE_CHECKING:
    from tests.fakes.relay import Job, Relay

GENERATIONS = {"model", "prompt", "size", "quality", "image_urls", "n"}
CREDITS = {"standard": 1, "hd": 2, "uhd": 3}
SQUARES = {"standard": 1024, "hd": 2048, "uhd": 2880}
UHD = ("16:9", "9:16", "2:1", "1:2", "21:9", "9:21")
RATIOS = {
    "1:1": (1024, 1024), "5:4": (1120, 896), "4:3": (1152, 864), "3:2": (1536, 1024),
    "16:9": (1536, 864), "2:1": (1408, 704), "21:9": (1568, 672),
}  # fmt: skip
MAGICS = {"image/png": b"\x89PNG\r\n\x1a\n", "image/jpeg": b"\xff\xd8\xff", "image/webp": b"RIFF"}
MOST_IMAGES = 5


def routes(relay: Relay) -> list[web.RouteDef]:
    relay.form = "numbered"

    async def generations(request: web.Request, key: str) -> web.StreamResponse:
        fields = _checked(await _json(request))
        route, price = "edit" if fields.get("image_urls") else "submit", CREDITS[fields["quality"]]
        late = relay.sync(lambda job: _data(relay, job))
        return await relay.order(request, route, key, fields, late, price=price)

    async def picture(request: web.Request) -> web.StreamResponse:
        relay.calls["picture"] += 1
        job = relay.jobs.get(request.match_info["job"])
        key = request.headers.get("Authorization", "")
        if job is None or ("locked" in relay.switches and key != f"Bearer {job.key}"):
            return refuse(404 if job is None else 401, form="numbered")
        return web.Response(body=_picture(relay, job), content_type="image/jpeg")

    async def me(request: web.Request, key: str) -> web.StreamResponse:
        return await relay.ask(request, "usage", lambda: relay.keys[key], _me)

    return [
        web.post("/v1/images/generations", relay.known(generations)),
        web.get("/api/jobs/{job}/image", picture),
        web.get("/v1/me", relay.known(me)),
    ]


def _me(left: float) -> bytes:
    return json.dumps({"id": "user-7", "email": "you@example.com", "credits": int(left)}).encode()


def _data(relay: Relay, job: Job) -> bytes:
    if job.outcome == "empty":
        return json.dumps({"created": int(job.created), "data": []}).encode()
    inline = "" if "by-url" in relay.switches else b64encode(_picture(relay, job)).decode()
    entry = {"b64_json": inline, "url": f"{relay.url}/api/jobs/{job.id}/image"}
    return json.dumps({"created": int(job.created), "data": [entry]}).encode()


def _picture(relay: Relay, job: Job) -> bytes:
    return jpeg(*sides(job.fields["size"], job.fields["quality"]), number=list(relay.jobs).index(job.id))


def sides(size: str, quality: str) -> tuple[int, int]:
    """Pixels: as in the table of 1K, times the tier's factor; squares for ``auto``."""
    if size == "auto":
        return SQUARES[quality], SQUARES[quality]
    if "x" in size:
        wide, high = size.split("x")
        return int(wide), int(high)
    wide, high = RATIOS.get(size) or tuple(reversed(RATIOS[_turned(size)]))
    return wide * SQUARES[quality] // 1024, high * SQUARES[quality] // 1024


def _checked(fields: dict[str, Any]) -> dict[str, Any]:
    """The fields with their defaults, or `Wrong` for what the page does not document."""
    if unknown := fields.keys() - GENERATIONS:
        raise Wrong(f"unknown parameter: {', '.join(sorted(unknown))}")
    if fields.get("model") != "gpt-image-2":
        raise Wrong("model is required and must be gpt-image-2")
    if not isinstance(fields.get("prompt"), str) or not fields["prompt"].strip():
        raise Wrong("prompt is required")
    if fields.get("n", 1) != 1:
        raise Wrong("n must be 1")
    size, quality = fields.get("size", "1024x1024"), fields.get("quality", "standard")
    if quality not in CREDITS:
        raise Wrong("invalid quality")
    if (
        size != "auto"
        and not re.fullmatch(r"\d{3,4}x\d{3,4}", size)
        and not {size, _turned(size)} & set(RATIOS)
    ):
        raise Wrong(f"invalid size {size}")
    if quality == "uhd" and size not in UHD:
        raise Wrong(f"uhd is not supported for {size}")
    check_images(fields.get("image_urls", []))
    return {**fields, "size": size, "quality": quality}


def check_images(urls: Any) -> None:
    if not isinstance(urls, list) or not all(isinstance(url, str) for url in urls):
        raise Wrong("image_urls must be a list of strings")
    if len(urls) > MOST_IMAGES:
        raise Wrong(f"at most {MOST_IMAGES} image_urls")
    for url in urls:
        if not url.startswith(("https://", "http://")):
            _check_data(url)


def _check_data(url: str) -> None:
    head, _, text = url.partition(",")
    mime = head.removeprefix("data:").removesuffix(";base64")
    try:
        whole = b64decode(text, validate=True)
    except binascii.Error as error:
        raise Wrong("image_urls: broken base64") from error
    if mime not in MAGICS or not whole.startswith(MAGICS[mime]):
        raise Wrong(f"image_urls: {head} is no picture")


def _turned(ratio: str) -> str:
    return ":".join(reversed(ratio.split(":")))
