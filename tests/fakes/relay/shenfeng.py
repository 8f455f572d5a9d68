"""Relay 000, as strictly as its page describes it; where that is silent, a plausible guess."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from aiohttp import BodyPartReader, web

from tests.fakes.relay.pictures import sides

if TYPE_CHECKING:
    from tests.fakes.relay import Job, Relay

GENERATIONS = {"model", "prompt", "n", "size", "quality", "response_format"}
EDITS = GENERATIONS  # the page shows three of them, and says that the interface is OpenAI's
QUALITIES = ("auto", "low", "medium", "high")
MAGICS = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"RIFF")


class Wrong(Exception):
    """A request that is not as documented: 400 with these words."""


def routes(relay: Relay) -> list[web.RouteDef]:
    async def submit(request: web.Request, key: str) -> web.StreamResponse:
        fields = await _json(request)
        if fields.pop("endpoint", None) != "generations":
            raise Wrong("endpoint must be generations")
        return await relay.order(request, "submit", key, _checked(relay, fields, GENERATIONS), _ticket)

    async def generations(request: web.Request, key: str) -> web.StreamResponse:
        fields = _checked(relay, await _json(request), GENERATIONS)
        return await relay.order(request, "generate", key, fields, relay.sync(_data))

    async def edits(request: web.Request, key: str) -> web.StreamResponse:
        fields = _checked(relay, await _multipart(request, relay.image_field), EDITS | {"images", "mask"})
        return await relay.order(request, "edit", key, fields, relay.sync(_data))

    async def poll(request: web.Request, key: str) -> web.StreamResponse:
        return await relay.ask(request, "poll", lambda: relay.find(key, request.match_info["job"]), _page)

    async def history(request: web.Request, key: str) -> web.StreamResponse:
        jobs = [job for job in reversed(relay.jobs.values()) if job.key == key]
        page = int(request.query.get("page", "1"))
        return await relay.ask(request, "history", lambda: jobs, lambda jobs: _history(jobs, page))

    async def usage(request: web.Request, key: str) -> web.StreamResponse:
        return await relay.ask(request, "usage", lambda: relay.keys[key], _usage)

    return [
        web.post("/v1/images/jobs", relay.known(submit)),
        web.post("/v1/images/generations", relay.known(generations)),
        web.post("/v1/images/edits", relay.known(edits)),
        web.get("/v1/images/jobs/{job}", relay.known(poll)),
        web.get("/v1/images/history", relay.known(history)),
        web.get("/v1/usage", relay.known(usage)),
    ]


def _ticket(job: Job) -> bytes:
    return json.dumps({"id": job.id, "status": "queued", "created_at": job.created}).encode()


def _page(job: Job) -> bytes:
    status = job.status()
    head: dict[str, Any] = {"id": job.id, "status": status, "error_message": None, "images": []}
    if status == "failed":
        head["error_message"] = job.message
    if status != "succeeded":
        return json.dumps(head).encode()
    return b'{"id":"%b","status":"succeeded","error_message":null,"images":[%b]}' % (
        job.id.encode(),
        b",".join(b'{"b64_json":"%b"}' % picture for picture in job.pictures()),
    )


def _data(job: Job) -> bytes:
    return b'{"data":[%b]}' % b",".join(b'{"b64_json":"%b"}' % picture for picture in job.pictures())


def _history(jobs: list[Job], page: int) -> bytes:
    items = [
        {"id": job.id, "status": job.status(), "prompt": job.fields["prompt"], "created_at": job.created}
        for job in jobs[20 * (page - 1) : 20 * page]
    ]
    return json.dumps({"items": items, "page": page, "page_size": 20, "total": len(jobs)}).encode()


def _usage(balance: float) -> bytes:
    return json.dumps({"balance": f"{balance:.4f}", "currency": "USD"}).encode()


async def _json(request: web.Request) -> dict[str, Any]:
    if request.content_type != "application/json":
        raise Wrong("Content-Type must be application/json")
    try:
        fields = json.loads(await request.read())
    except ValueError as error:
        raise Wrong("body is not JSON") from error
    if not isinstance(fields, dict):
        raise Wrong("body is not an object")
    return fields


async def _multipart(request: web.Request, image: str) -> dict[str, Any]:
    if request.content_type != "multipart/form-data":
        raise Wrong("Content-Type must be multipart/form-data")
    fields: dict[str, Any] = {"images": []}
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader):
            raise Wrong("nested multipart")
        content = bytes(await part.read(decode=False))
        if part.name in (image, "mask") and not (part.filename and content.startswith(MAGICS)):
            raise Wrong(f"{part.name} is not an image file")
        if part.name == image:
            fields["images"].append(content)
        elif part.name in fields:
            raise Wrong(f"{part.name} is given twice")
        elif part.name == "mask" or not part.filename:
            fields[part.name or ""] = content if part.name == "mask" else content.decode()
    if not fields["images"]:
        raise Wrong(f"missing image: {image} is required")
    _check_mask(fields)
    if "n" in fields:
        fields["n"] = int(fields["n"])
    return fields


def _check_mask(fields: dict[str, Any]) -> None:
    if "mask" not in fields:
        return
    try:
        if sides(fields["mask"]) != sides(fields["images"][0]):
            raise Wrong("mask and image must have the same size")
    except ValueError as error:
        raise Wrong("mask must be a PNG") from error


def _checked(relay: Relay, fields: dict[str, Any], allowed: set[str]) -> dict[str, Any]:
    """The fields, or `Wrong` for what the page does not document."""
    if unknown := fields.keys() - allowed:
        raise Wrong(f"unknown parameter: {', '.join(sorted(unknown))}")
    if fields.get("model") != "gpt-image-2":
        raise Wrong("unsupported model")
    if not isinstance(fields.get("prompt"), str) or not fields["prompt"].strip():
        raise Wrong("prompt is required")
    if not isinstance(fields.get("n", 1), int) or not 1 <= fields.get("n", 1) <= 10:
        raise Wrong("n must be between 1 and 10")
    if fields.get("quality", "auto") not in QUALITIES:
        raise Wrong("invalid quality")
    if fields.get("response_format", "b64_json") != "b64_json":
        raise Wrong("invalid response_format")
    size = fields.get("size", "1024x1024")
    if not re.fullmatch(r"\d+x\d+", size) or (relay.sizes and size not in relay.sizes):
        raise Wrong(f"invalid size {size}")
    return fields
