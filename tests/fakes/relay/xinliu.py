"""Relay 002, as strictly as its table describes it.

What its page leaves open is done by switches: ``openai-events`` (OpenAI's names, base64 in the end),
``url-event`` (one address in the last event), ``url-partials`` (previews by address),
``typed`` (no ``event:`` lines), ``json`` (it does not stream after all), ``plain-edits`` (the call for
masks does not), ``crlf``, ``comments``, ``done`` (``[DONE]``), ``no-usage``, ``no-list`` (of models).
"""

from __future__ import annotations

import asyncio
import json
from base64 import b64decode
from typing import TYPE_CHECKING, Any

from aiohttp import web

from tests.fakes.relay import rules
from tests.fakes.relay.openai import GENERATIONS
from tests.fakes.relay.rules import Invalid, Rules
from tests.fakes.relay.streaming import Stream

if TYPE_CHECKING:
    from tests.fakes.relay import Job, Relay

MODELS = frozenset({"gpt-image-2", "gpt-image-2-pro", "gpt-image-2-2026-04-21", "gpt-image-1.5"})
FORM = frozenset(
    {"model", "prompt", "n", "size", "quality", "background", "output_format", "output_compression"}
    | {"moderation", "images", "mask", "stream", "partial_images"}
)
RULES = Rules(
    models=MODELS,
    fields=GENERATIONS - {"safety_identifier"} | {"image"},
    transparent=frozenset({"gpt-image-1.5"}),
    classics_only=frozenset({"gpt-image-1.5"}),
    widest=3.0,
    closed=False,
    least_partials=1,
)


def routes(relay: Relay) -> list[web.RouteDef]:
    relay.form = "openai"

    async def generations(request: web.Request, key: str) -> web.StreamResponse:
        fields = rules.checked(await rules.from_json(request), RULES)
        images = fields.pop("image", [])
        if not isinstance(images, list):
            raise Invalid("Invalid type for 'image': expected an array", param="image", code="invalid_type")
        fields["images"] = [rules.inline(image) for image in images]
        route = "edit" if images else "submit"
        if not fields.get("stream") or "json" in relay.switches:
            return await relay.order(request, route, key, fields, relay.sync(lambda job: _answer(relay, job)))
        stream = Stream(relay.delay, "\r\n" if "crlf" in relay.switches else "\n")

        def answer(job: Job) -> bytes:
            return stream.of(job, _events(relay, job))

        return await relay.order(request, route, key, fields, answer, send=stream.send)

    async def edits(request: web.Request, key: str) -> web.StreamResponse:
        names = FORM - {"stream", "partial_images"} if "plain-edits" in relay.switches else FORM
        fields = rules.checked(await rules.from_form(request), RULES, names)
        if not fields.get("stream"):
            return await relay.order(request, "edit", key, fields, relay.sync(_base64))
        stream = Stream(relay.delay)
        return await relay.order(
            request, "edit", key, fields, lambda job: stream.of(job, _events(relay, job)), send=stream.send
        )

    async def models(request: web.Request, key: str) -> web.StreamResponse:
        if "no-list" in relay.switches:
            return web.Response(status=404, text="404 page not found")
        document = {"object": "list", "data": [{"id": name, "object": "model"} for name in sorted(MODELS)]}
        return await relay.ask(request, "models", lambda: document, lambda found: json.dumps(found).encode())

    return [
        web.post("/v1/images/generations", relay.known(rules.explained(generations))),
        web.post("/v1/images/edits", relay.known(rules.explained(edits))),
        web.get("/v1/models", relay.known(models)),
    ]


def _answer(relay: Relay, job: Job) -> bytes:
    if job.outcome == "failed":
        return json.dumps({"error": {"message": job.message, "type": "server_error"}}).encode()
    return json.dumps(_document(relay, job)).encode()


def _document(relay: Relay, job: Job) -> dict[str, Any]:
    data = [{"url": url, "b64_json": "", "revised_prompt": _revised(job)} for url in _urls(relay, job)]
    usage = {} if "no-usage" in relay.switches else {"usage": rules.usage(job.fields)}
    return {"data": data, "created": int(job.created), **usage}


def _urls(relay: Relay, job: Job) -> list[str]:
    """Addresses of the pictures, which are gone after the relay's ``lifetime``."""
    urls = []
    for number, picture in enumerate(job.pictures()):
        name = f"{job.id}-{number}.png"
        urls.append(relay.offer(b64decode(picture), name))
        asyncio.get_running_loop().call_later(relay.lifetime, relay.files.pop, name, None)
    return urls


def _revised(job: Job) -> str:
    return f"{job.fields['prompt'][:20]}, in oil"


def _base64(job: Job) -> bytes:
    pictures = b",".join(b'{"b64_json":"%b"}' % picture for picture in job.pictures())
    return b'{"created":%d,"data":[%b]}' % (int(job.created), pictures)


def _events(relay: Relay, job: Job) -> list[str]:
    if job.outcome == "failed":
        return [_event(relay, "error", {"error": {"message": job.message, "type": "server_error"}})]
    kind = "image_generation." if "openai-events" in relay.switches else ""
    events = [
        _event(relay, f"{kind}partial_image", {**_partial(relay, number), "partial_image_index": number})
        for number in range(job.fields["partial_images"])
    ]
    if job.pictures() and job.outcome != "never":
        events.append(_event(relay, f"{kind}completed", _last(relay, job)))
    if "comments" in relay.switches:
        events = [f": keep-alive\n\n{event}" for event in events]
    return [*events, "data: [DONE]\n\n"] if "done" in relay.switches else events


def _partial(relay: Relay, number: int) -> dict[str, Any]:
    picture = rules.partial(number)
    if "url-partials" in relay.switches:
        return {"b64_json": "", "url": relay.offer(b64decode(picture), f"partial-{number}.png")}
    return {"b64_json": picture}


def _last(relay: Relay, job: Job) -> dict[str, Any]:
    document = _document(relay, job)
    if "openai-events" in relay.switches:
        return {"b64_json": job.pictures()[0].decode(), "usage": rules.usage(job.fields)}
    if "url-event" in relay.switches:
        return {**document["data"][0], "usage": rules.usage(job.fields)}
    return document


def _event(relay: Relay, name: str, data: dict[str, Any]) -> str:
    if relay.switches & {"typed", "openai-events"}:
        data = {"type": name, **data}
    line = "" if "typed" in relay.switches else f"event: {name}\n"
    return f"{line}data: {json.dumps(data)}\n\n"
