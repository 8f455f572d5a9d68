"""Relay 003's videos: every family's own fields, tasks with states, and films to fetch.

``switches``: ``wrapped`` (a task's page inside ``data``, in capitals), ``locked`` (films for the key only).
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from aiohttp import web

from tests.fakes.relay import image2free
from tests.fakes.relay.faults import refuse
from tests.fakes.relay.films import mp4
from tests.fakes.relay.shenfeng import Wrong, _json

if TYPE_CHECKING:
    from tests.fakes.relay import Job, Relay

COMMON = {"model", "prompt", "resolution", "duration"}
FAMILIES: dict[str, dict[str, Any]] = {
    "doubao-seedance-2.0": {
        "fields": {"size", "image_urls", "video_urls", "audio_urls", "generate_audio", "seed"},
        "resolution": ("480p", "720p"),
        "ratio": ("16:9", "9:16", "1:1", "4:3", "21:9", "adaptive"),
        "duration": range(4, 16),
        "second": {"480p": 10, "720p": 20},
    },
    "veo3.1-": {
        "fields": {"aspect_ratio", "image_urls", "generation_type", "enable_gif", "official_fallback"},
        "resolution": ("720p", "1080p", "4k"),
        "ratio": ("16:9", "9:16"),
        "duration": range(8, 9),
        "run": 100,
    },
    "happyhorse-1.0": {
        "fields": {
            "size",
            "image_urls",
            "first_frame_image",
            "video_url",
            "audio_setting",
            "watermark",
            "seed",
        },
        "resolution": ("720p", "1080p"),
        "ratio": ("16:9", "9:16", "1:1", "4:3", "3:4"),
        "duration": range(3, 16),
        "second": {"720p": 22, "1080p": 38},
    },
}
REMIX = {"model", "prompt", "raw", "aspect_ratio", "resolution"}
SIDES = {"480p": (854, 480), "720p": (1280, 720), "1080p": (1920, 1080), "4k": (3840, 2160)}


def routes(relay: Relay) -> list[web.RouteDef]:
    async def generations(request: web.Request, key: str) -> web.StreamResponse:
        fields = _checked(await _json(request))
        return await relay.order(request, "video", key, fields, _ticket, price=_price(fields))

    async def remix(request: web.Request, key: str) -> web.StreamResponse:
        fields = await _json(request)
        source = relay.find(key, request.match_info["task"])
        if source is None:
            return refuse(404, form="numbered")
        _check_remix(source, fields)
        return await relay.order(request, "remix", key, {"duration": 8, **fields}, _ticket, price=100)

    async def poll(request: web.Request, key: str) -> web.StreamResponse:
        def answer(job: Job) -> bytes:
            return _page(relay, job)

        return await relay.ask(request, "poll", lambda: relay.find(key, request.match_info["task"]), answer)

    async def film(request: web.Request) -> web.StreamResponse:
        relay.calls["film"] += 1
        job = relay.jobs.get(request.match_info["task"])
        key = request.headers.get("Authorization", "")
        if job is None or ("locked" in relay.switches and key != f"Bearer {job.key}"):
            return refuse(404 if job is None else 401, form="numbered")
        wide, high = SIDES[job.fields.get("resolution", "720p")]
        size = relay.size if relay.size > 1_000_000 else 0
        body = mp4(wide, high, job.fields["duration"], list(relay.jobs).index(job.id), size)
        return web.Response(body=body, content_type="video/mp4")

    return [
        *image2free.routes(relay),
        web.post("/v1/videos/generations", relay.known(generations)),
        web.post("/v1/videos/{task}/remix", relay.known(remix)),
        web.get("/v1/tasks/{task}", relay.known(poll)),
        web.get("/api/videos/{task}", film),
    ]


def _ticket(job: Job) -> bytes:
    return json.dumps({"id": job.id, "object": "video.task", "status": "queued"}).encode()


def _page(relay: Relay, job: Job) -> bytes:
    state = job.status()
    head: dict[str, Any] = {
        "id": job.id,
        "status": state,
        "input": {"image_urls": ["https://example.com/1.png"]},
    }
    if state == "running":
        head["progress"] = 40
    if state == "failed":
        head["error"] = {"message": job.message, "type": "server_error", "code": 500}
    if state == "succeeded" and job.outcome != "empty":
        head["video_url"] = f"{relay.url}/api/videos/{job.id}"
    if "wrapped" in relay.switches:
        url = head.pop("video_url", None)
        result = {"result": {"videos": [{"url": url}]}} if url else {}
        head = {"code": "success", "data": {**head, "status": state.upper(), **result}}
    return json.dumps(head).encode()


def _price(fields: dict[str, Any]) -> int:
    facts = _family(fields["model"])
    return facts["run"] if "run" in facts else facts["second"][fields["resolution"]] * fields["duration"]


def _family(model: Any) -> dict[str, Any]:
    found = next((facts for start, facts in FAMILIES.items() if str(model).startswith(start)), None)
    if found is None:
        raise Wrong("unsupported model")
    return found


def _checked(fields: dict[str, Any]) -> dict[str, Any]:
    facts = _family(fields.get("model"))
    if unknown := fields.keys() - COMMON - facts["fields"]:
        raise Wrong(f"unknown parameter: {', '.join(sorted(unknown))}")
    if not fields.get("prompt") and "first_frame_image" not in fields:
        raise Wrong("prompt is required")
    if fields.get("resolution") not in facts["resolution"] or fields.get("duration") not in facts["duration"]:
        raise Wrong("invalid resolution or duration")
    if fields.get("size", fields.get("aspect_ratio", "16:9")) not in facts["ratio"]:
        raise Wrong("invalid ratio")
    _check_material(fields)
    return fields


def _check_material(fields: dict[str, Any]) -> None:
    if fields["model"].startswith("veo") and len(fields.get("image_urls", [])) > 3:
        raise Wrong("at most 3 image_urls")
    if fields.get("enable_gif") and fields["resolution"] != "720p":
        raise Wrong("enable_gif is for 720p only")
    if "official_fallback" in fields and fields["model"].endswith("-lite"):
        raise Wrong("official_fallback is not for lite")
    if fields.get("generation_type", "frame") not in ("frame", "reference"):
        raise Wrong("invalid generation_type")
    if fields.get("audio_setting", "auto") not in ("auto", "origin"):
        raise Wrong("invalid audio_setting")
    for url in [*fields.get("image_urls", []), *filter(None, [fields.get("first_frame_image")])]:
        image2free.check_images([url])


def _check_remix(source: Job, fields: dict[str, Any]) -> None:
    if unknown := fields.keys() - REMIX:
        raise Wrong(f"unknown parameter: {', '.join(sorted(unknown))}")
    if not str(fields.get("model")).startswith("veo3.1-") or source.fields.get("model") != fields["model"]:
        raise Wrong("model must be that of the source, a VEO3 one")
    if source.status() != "succeeded" or not fields.get("prompt"):
        raise Wrong("the source must be finished, and prompt is required")
