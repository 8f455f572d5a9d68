"""Relay 001, as strictly as its page describes it; where that is silent, a plausible guess, or a switch.

Switches: ``sync`` (the call that answers at once, and no jobs), ``no-upload``, ``upload-id`` (an
upload is only named), ``inside`` (result URLs name a host of its own network), ``relative``,
``strings`` (``output.images`` holds bare URLs), ``base64``, ``shouting`` (states in capitals),
``lost`` (the first result is nowhere), ``task`` (``task_id`` in the place of ``id``), ``nameless``
(no id at all), ``ratios`` (no pixels are taken).
"""

from __future__ import annotations

import json
import secrets
from base64 import b64decode
from typing import TYPE_CHECKING, Any

from aiohttp import BodyPartReader, web

from tests.fakes.relay.faults import refuse
from tests.fakes.relay.shenfeng import MAGICS, Wrong

if TYPE_CHECKING:
    from tests.fakes.relay import Job, Relay

INPUT = {
    "prompt",
    "image_url",
    "reference_image_urls",
    "reference_images",
    "mask",
    "size",
    "quality",
    "output_format",
    "response_format",
    "background",
    "n",
    "user",
    "aspect_ratio",
}
ENUMS = {
    "quality": {"auto", "low", "medium", "high"},
    "output_format": {"png", "jpeg", "webp"},
    "response_format": {"url", "b64_json"},
    "background": {"auto", "opaque", "transparent"},
    "aspect_ratio": {"1:1", "3:2", "2:3", "4:3", "3:4", "5:4", "4:5", "16:9", "9:16", "21:9", "9:21"},
}
SYNC = {"model", "prompt", "size", "response_format", "reference_images"}
RATIOS = {"16:9": "1536x864", "9:16": "864x1536", "3:2": "1536x1024", "2:3": "1024x1536"}


def routes(relay: Relay) -> list[web.RouteDef]:
    async def submit(request: web.Request, key: str) -> web.StreamResponse:
        if "sync" in relay.switches:
            return refuse(404, "Not Found", "detail")
        fields = _job(relay, await _json(request))
        route = (
            "edit" if {"image_url", "reference_images", "reference_image_urls"} & fields.keys() else "submit"
        )
        return await relay.order(request, route, key, fields, lambda job: _ticket(relay, job))

    async def generations(request: web.Request, key: str) -> web.StreamResponse:
        if "sync" not in relay.switches:
            return refuse(404, "Not Found", "detail")
        fields = _sync(relay, await _json(request))
        return await relay.order(request, "generate", key, fields, relay.sync(lambda job: _data(relay, job)))

    async def poll(request: web.Request, key: str) -> web.StreamResponse:
        def page(job: Job) -> bytes:
            return _page(relay, job)

        return await relay.ask(request, "poll", lambda: relay.find(key, request.match_info["job"]), page)

    async def upload(request: web.Request, key: str) -> web.StreamResponse:
        picture = await _uploaded(request)
        kept = None if "no-upload" in relay.switches else _kept(relay, picture)
        return await relay.ask(request, "upload", lambda: kept, lambda found: json.dumps(found).encode())

    return [
        web.post("/v1/jobs", relay.known(submit)),
        web.get("/v1/jobs/{job}", relay.known(poll)),
        web.post("/v1/images/generations", relay.known(generations)),
        web.post("/v1/files/upload", relay.known(upload)),
    ]


def _ticket(relay: Relay, job: Job) -> bytes:
    ticket = {"object": "job", "status": "processing", "model": "gpt-image-2", "created": int(job.created)}
    if "nameless" in relay.switches:
        return json.dumps(ticket).encode()
    named = {"task_id": job.id, "id": None} if "task" in relay.switches else {"id": job.id}
    return json.dumps({**named, **ticket, "request_id": f"req_{secrets.token_hex(4)}"}).encode()


def _page(relay: Relay, job: Job) -> bytes:
    word = {"queued": "queued", "running": "processing", "succeeded": "completed", "failed": "failed"}
    status = word[job.status()]
    page: dict[str, Any] = {
        "id": job.id,
        "object": "job",
        "status": status.upper() if "shouting" in relay.switches else status,
        "model": "gpt-image-2",
        # A page may well repeat what was ordered.
        "input": {name: value for name, value in job.fields.items() if name not in ("model", "images")},
    }
    if status == "failed":
        page["error"] = {"message": job.message} if job.message else None
    if status == "completed":
        page["output"] = {"images": _images(relay, job)}
    return json.dumps(page).encode()


def _data(relay: Relay, job: Job) -> bytes:
    return json.dumps({"created": int(job.created), "data": _images(relay, job)}).encode()


def _images(relay: Relay, job: Job) -> list[Any]:
    job.fields.setdefault("size", RATIOS.get(job.fields.get("aspect_ratio", ""), "1024x1024"))
    named: list[Any] = []
    for number, picture in enumerate(job.pictures()):
        url = relay.offer(b64decode(picture), f"{job.id}-{number}.png")
        if "lost" in relay.switches and not number:
            url = f"{relay.url}/files/nowhere.png"
        if "inside" in relay.switches:
            url = url.replace(relay.url, "https://backend:8000")
        if "relative" in relay.switches:
            url = url.removeprefix(relay.url)
        if "base64" in relay.switches:
            named.append({"b64_json": picture.decode(), "mime_type": "image/png"})
        else:
            named.append(url if "strings" in relay.switches else {"url": url, "mime_type": "image/png"})
    return named


async def _json(request: web.Request) -> dict[str, Any]:
    if request.content_type != "application/json":
        raise Wrong("Content-Type must be application/json")
    try:
        body = json.loads(await request.read())
    except ValueError as error:
        raise Wrong("body is not JSON") from error
    if not isinstance(body, dict) or body.get("model") != "gpt-image-2":
        raise Wrong("unsupported model")
    return body


def _job(relay: Relay, body: dict[str, Any]) -> dict[str, Any]:
    fields = body.get("input")
    if body.keys() != {"model", "input"} or not isinstance(fields, dict):
        raise Wrong("model and input are required, and nothing else")
    if unknown := fields.keys() - INPUT:
        raise Wrong(f"unknown parameter: input.{', '.join(sorted(unknown))}")
    if {"size", "aspect_ratio"} <= fields.keys():
        raise Wrong("size and aspect_ratio exclude each other")
    if "ratios" in relay.switches and "size" in fields:
        raise Wrong("size is not supported, use aspect_ratio")
    if relay.sizes and fields.get("size", min(relay.sizes)) not in relay.sizes:
        raise Wrong("invalid size")
    if wrong := [name for name, allowed in ENUMS.items() if fields.get(name, min(allowed)) not in allowed]:
        raise Wrong(f"invalid {wrong[0]}: {fields[wrong[0]]}")
    if not isinstance(fields.get("n", 1), int) or not 1 <= fields.get("n", 1) <= 10:
        raise Wrong("n must be between 1 and 10")
    _prompt(fields)
    pictures = [fields[name] for name in ("image_url", "mask") if name in fields]
    pictures += [*fields.get("reference_images", ()), *fields.get("reference_image_urls", ())]
    for picture in pictures:
        _reference(relay, picture)
    if "mask" in fields and "image_url" not in fields:
        raise Wrong("mask needs image_url")
    return {**fields, "model": body["model"], "images": [_bytes(relay, picture) for picture in pictures]}


def _sync(relay: Relay, body: dict[str, Any]) -> dict[str, Any]:
    if body.keys() != SYNC:
        raise Wrong(f"required: {', '.join(sorted(SYNC))}")
    if body["response_format"] != "url" or not isinstance(body["reference_images"], list):
        raise Wrong("invalid response_format or reference_images")
    _prompt(body)
    for picture in body["reference_images"]:
        _reference(relay, picture)
    return {**body, "images": [_bytes(relay, picture) for picture in body["reference_images"]]}


def _prompt(fields: dict[str, Any]) -> None:
    if not isinstance(fields.get("prompt"), str) or not fields["prompt"].strip():
        raise Wrong("prompt is required")


def _reference(relay: Relay, picture: Any) -> None:
    """A URL that leads somewhere, or a picture's bytes."""
    if isinstance(picture, str) and picture.startswith(("http://", "https://")):
        if picture.startswith(relay.url) and picture.rpartition("/")[2] not in relay.files:
            raise Wrong("no such file")
    elif not isinstance(picture, dict) or picture.keys() != {"mime_type", "data_base64"}:
        raise Wrong("a reference is a URL, or mime_type and data_base64")
    elif not b64decode(picture["data_base64"], validate=True).startswith(MAGICS):
        raise Wrong("data_base64 is not an image")


def _bytes(relay: Relay, picture: Any) -> str:
    """The digest-like start of a reference, for tests to compare; a page must not repeat whole pictures."""
    if isinstance(picture, dict):
        return b64decode(picture["data_base64"]).hex()
    return relay.files.get(picture.rpartition("/")[2], b"").hex()


async def _uploaded(request: web.Request) -> bytes:
    fields: dict[str, Any] = {}
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader) or part.name in fields:
            raise Wrong("unexpected part")
        content = bytes(await part.read(decode=False))
        fields[part.name or ""] = content if part.filename else content.decode()
    if fields.keys() != {"kind", "purpose", "file"}:
        raise Wrong("kind, purpose and file are required")
    if (fields["kind"], fields["purpose"]) != ("image", "reference") or not fields["file"].startswith(MAGICS):
        raise Wrong("not an image for reference")
    return bytes(fields["file"])


def _kept(relay: Relay, picture: bytes) -> dict[str, Any]:
    name = f"file_{secrets.token_hex(6)}.png"
    url = relay.offer(picture, name)
    if "upload-id" in relay.switches:
        return {"id": name, "object": "file", "bytes": len(picture)}
    return {"id": name, "file": {"url": url.removeprefix(relay.url) if "relative" in relay.switches else url}}
