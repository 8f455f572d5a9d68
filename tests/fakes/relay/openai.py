"""OpenAI's Images API as its own client's types and docstrings have it; strict about every field.

Switches: ``unverified`` (an organisation that may not stream), ``no-list`` (a gateway that lists no
models), ``no-scope`` (a key that may paint, but not list), ``done`` (the stream ends in ``[DONE]``).
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from aiohttp import web

from tests.fakes.relay import rules
from tests.fakes.relay.rules import Invalid, Rules
from tests.fakes.relay.streaming import Stream

if TYPE_CHECKING:
    from tests.fakes.relay import Job, Relay

MODELS = {
    "gpt-image-2",
    "gpt-image-2-2026-04-21",
    "gpt-image-2.5-sunburst",
    "gpt-image-2.5-flare",
    "gpt-image-2.6-sunburst",
    "gpt-image-2.6-flare",
    "gpt-image-1.5",
    "gpt-image-1-mini",
}
GENERATIONS = frozenset(
    {"model", "prompt", "n", "size", "quality", "background", "output_format", "output_compression"}
    | {"moderation", "user", "safety_identifier", "stream", "partial_images"}
)
RULES = Rules(
    models=frozenset(MODELS),
    fields=GENERATIONS,
    transparent=frozenset(MODELS),
    classics_only=frozenset({"gpt-image-1.5", "gpt-image-1-mini"}),
    widest=3.0,
)
UNVERIFIED = (
    "Your organization must be verified to stream this model. Please go to the settings and click on "
    "Verify Organization."
)


def routes(relay: Relay) -> list[web.RouteDef]:
    relay.form = "openai"

    async def generations(request: web.Request, key: str) -> web.StreamResponse:
        fields = rules.checked(await rules.from_json(request), RULES)
        return await _order(request, "submit", key, fields, "image_generation")

    async def edits(request: web.Request, key: str) -> web.StreamResponse:
        fields = rules.checked(await rules.from_form(request), RULES, RULES.fields | {"images", "mask"})
        return await _order(request, "edit", key, fields, "image_edit")

    async def _order(
        request: web.Request, route: str, key: str, fields: dict[str, Any], kind: str
    ) -> web.StreamResponse:
        if not fields.get("stream"):
            return await relay.order(request, route, key, fields, relay.sync(_answer))
        if "unverified" in relay.switches:
            relay.calls[route] += 1
            raise Invalid(UNVERIFIED, param="stream", code="unsupported_value")
        stream = Stream(relay.delay)
        ended = ["data: [DONE]\n\n"] if "done" in relay.switches else []

        def answer(job: Job) -> bytes:
            return stream.of(job, [*_events(job, kind), *ended])

        return await relay.order(request, route, key, fields, answer, send=stream.send)

    async def models(request: web.Request, key: str) -> web.StreamResponse:
        if "no-list" in relay.switches:
            return web.Response(status=404, text="404 page not found")
        if "no-scope" in relay.switches:
            said = "You have insufficient permissions for this operation. Missing scopes: api.model.read."
            return web.json_response({"error": {"message": said}}, status=403)
        listed = [{"id": name, "object": "model", "created": 1, "owned_by": "openai"} for name in MODELS]
        document = {"object": "list", "data": listed}
        return await relay.ask(request, "models", lambda: document, lambda found: json.dumps(found).encode())

    return [
        web.post("/v1/images/generations", relay.known(rules.explained(generations))),
        web.post("/v1/images/edits", relay.known(rules.explained(edits))),
        web.get("/v1/models", relay.known(models)),
    ]


def _answer(job: Job) -> bytes:
    if job.outcome == "failed":
        return json.dumps({"error": {"message": job.message, "type": "server_error"}}).encode()
    head = {"created": int(job.created), **_looks(job.fields), "usage": rules.usage(job.fields)}
    pictures = b",".join(b'{"b64_json":"%b"}' % picture for picture in job.pictures())
    return json.dumps(head)[:-1].encode() + b',"data":[%b]}' % pictures


def _events(job: Job, kind: str) -> list[str]:
    if job.outcome == "failed":
        said = {"type": "error", "error": {"message": job.message, "type": "server_error", "code": None}}
        return [_event("error", said)]
    facts = {"created_at": int(job.created), **_looks(job.fields)}
    sent = [
        _event(
            f"{kind}.partial_image",
            {"b64_json": rules.partial(number), "partial_image_index": number, **facts},
        )
        for number in range(job.fields.get("partial_images", 0))
    ]
    usage = rules.usage(job.fields)
    done = [
        _event(f"{kind}.completed", {"b64_json": picture.decode(), "usage": usage, **facts})
        for picture in job.pictures()
    ]
    return sent if job.outcome == "never" else [*sent, *done]


def _event(name: str, data: dict[str, Any]) -> str:
    return f"event: {name}\ndata: {json.dumps({'type': name, **data})}\n\n"


def _looks(fields: dict[str, Any]) -> dict[str, str]:
    return {
        "background": "opaque" if fields.get("background", "auto") == "auto" else fields["background"],
        "output_format": fields.get("output_format", "png"),
        "quality": "high" if fields.get("quality", "auto") == "auto" else fields["quality"],
        "size": fields.get("size", "1024x1024"),
    }
