"""Relay 004, as its examples show it: a gateway that blocks, and names every request.

Switch: ``url`` (it answers with an address, as its page says it may some day).
"""

from __future__ import annotations

import json
import re
from base64 import b64decode
from typing import TYPE_CHECKING, Any

from aiohttp import web

from tests.fakes.relay.faults import refuse
from tests.fakes.relay.shenfeng import QUALITIES, Wrong

if TYPE_CHECKING:
    from tests.fakes.relay import Job, Relay

FIELDS = {"model", "prompt", "size", "quality", "n", "response_format"}
REQUEST_ID = "202611210658001234567890AbCdEf"


def routes(relay: Relay) -> list[web.RouteDef]:
    async def generations(request: web.Request, key: str) -> web.StreamResponse:
        fields = _checked(relay, await request.json())
        return await relay.order(request, "submit", key, fields, relay.sync(lambda job: _data(relay, job)))

    async def models(request: web.Request, key: str) -> web.StreamResponse:
        listed = {"object": "list", "success": True, "data": [{"id": "gpt-image-2", "object": "model"}]}
        return await relay.ask(request, "models", lambda: listed, lambda found: json.dumps(found).encode())

    async def chat(request: web.Request) -> web.StreamResponse:
        relay.calls["chat"] += 1
        return refuse(400, "gpt-image-2 is not a chat model", "openai")

    async def name(request: web.Request, response: web.StreamResponse) -> None:
        response.headers.setdefault("X-Oneapi-Request-Id", REQUEST_ID)

    relay.app.on_response_prepare.append(name)
    return [
        web.post("/v1/images/generations", relay.known(generations)),
        web.get("/v1/models", relay.known(models)),
        web.post("/v1/chat/completions", chat),
    ]


def _data(relay: Relay, job: Job) -> bytes:
    usage = b'{"input_tokens":24,"output_tokens":229,"total_tokens":253}'
    pictures = (_picture(relay, job, number, one) for number, one in enumerate(job.pictures()))
    return b'{"created":%d,"data":[%b],"usage":%b}' % (int(job.created), b",".join(pictures), usage)


def _picture(relay: Relay, job: Job, number: int, picture: bytes) -> bytes:
    if "url" not in relay.switches:
        return b'{"b64_json":"%b"}' % picture
    return json.dumps({"b64_json": "", "url": relay.offer(b64decode(picture), f"{job.id}-{number}")}).encode()


def _checked(relay: Relay, fields: dict[str, Any]) -> dict[str, Any]:
    """The fields of the examples, and nothing else."""
    if unknown := fields.keys() - FIELDS:
        raise Wrong(f"unknown parameter: {', '.join(sorted(unknown))}")
    if fields.get("model") != "gpt-image-2":
        raise Wrong("unsupported model")
    if not isinstance(fields.get("prompt"), str) or not fields["prompt"].strip():
        raise Wrong("prompt is required")
    if not isinstance(fields.get("n", 1), int) or not 1 <= fields.get("n", 1) <= 10:
        raise Wrong("n must be between 1 and 10")
    if fields.get("quality", "auto") not in QUALITIES or fields.get("response_format") != "b64_json":
        raise Wrong("invalid quality or response_format")
    size = fields.get("size", "1024x1024")
    if not re.fullmatch(r"\d+x\d+", size) or (relay.sizes and size not in relay.sizes):
        raise Wrong(f"invalid size {size}")
    return fields
