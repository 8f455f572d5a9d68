"""Make ``api.json`` from Discord's own OpenAPI document: the routes that the fake knows, and what
their queries and bodies may be.

    python -m tests.fakes.discord.condense discord-openapi.json

Of the schemas only those in ``KEPT`` stay; a property or alternative that is made of others
alone is left out, and what is left out is refused: the fake is stricter than Discord, and whoever
wants to send more adds a name here.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

TARGET = Path(__file__).with_name("api.json")

_WEBHOOK = "/webhooks/{webhook_id}/{webhook_token}"
ROUTES = (
    "GET /users/@me",
    "GET /oauth2/applications/@me",
    "GET /gateway/bot",
    "GET /applications/{application_id}/commands",
    "PUT /applications/{application_id}/commands",
    "POST /interactions/{interaction_id}/{interaction_token}/callback",
    f"POST {_WEBHOOK}",
    f"GET {_WEBHOOK}/messages/@original",
    f"PATCH {_WEBHOOK}/messages/@original",
    f"DELETE {_WEBHOOK}/messages/@original",
    f"GET {_WEBHOOK}/messages/{{message_id}}",
    f"PATCH {_WEBHOOK}/messages/{{message_id}}",
    f"DELETE {_WEBHOOK}/messages/{{message_id}}",
    "POST /channels/{channel_id}/messages",
    "GET /channels/{channel_id}/messages/{message_id}",
    "PATCH /channels/{channel_id}/messages/{message_id}",
    "DELETE /channels/{channel_id}/messages/{message_id}",
    "POST /users/@me/channels",
    "GET /guilds/{guild_id}",
    "GET /guilds/{guild_id}/members/{user_id}",
)
KEPT = {
    "MessageCreateRequest",
    "MessageEditRequestPartial",
    "MessageAllowedMentionsRequest",
    "AllowedMentionTypes",
    "MessageAttachmentRequest",
    "IncomingWebhookRequestPartial",
    "IncomingWebhookUpdateRequestPartial",
    "IncomingWebhookInteractionRequest",
    "IncomingWebhookUpdateForInteractionCallbackRequestPartial",
    "ActionRowComponentForMessageRequest",
    "ButtonComponentForMessageRequest",
    "ButtonStyleTypes",
    "CreateMessageInteractionCallbackRequest",
    "UpdateMessageInteractionCallbackRequest",
    "ModalInteractionCallbackRequest",
    "ModalInteractionCallbackRequestData",
    "LabelComponentForModalRequest",
    "TextInputComponentForModalRequest",
    "TextInputStyleTypes",
    "StringSelectComponentForModalRequest",
    "StringSelectOptionForRequest",
    "ApplicationCommandAutocompleteCallbackRequest",
    "InteractionApplicationCommandAutocompleteCallbackStringData",
    "ApplicationCommandUpdateRequest",
    "ApplicationCommandType",
    "ApplicationCommandAttachmentOption",
    "ApplicationCommandIntegerOption",
    "ApplicationCommandRoleOption",
    "ApplicationCommandStringOption",
    "ApplicationCommandUserOption",
    "ApplicationCommandOptionIntegerChoice",
    "ApplicationCommandOptionStringChoice",
    "ApplicationIntegrationType",
    "InteractionContextType",
    "CreatePrivateChannelRequest",
    "Int53Type",
    "SnowflakeType",
}
_WORDS = {"description", "title", "contentEncoding", "x-discord-union"}
_MARK = "#/components/schemas/"


def pruned(schema: dict[str, Any]) -> dict[str, Any] | None:
    """The schema without what is not kept; ``None`` when nothing is left of it."""
    if "$ref" in schema:
        name = schema["$ref"].removeprefix(_MARK)
        return {"$ref": f"#/schemas/{name}"} if name in KEPT else None
    result = {key: value for key, value in schema.items() if key not in _WORDS}
    for union in ("oneOf", "anyOf"):
        if union in schema:
            kept = [one for one in map(pruned, schema[union]) if one]
            if not [one for one in kept if one != {"type": "null"}]:
                return None
            result[union] = kept
    if "enum" in schema or isinstance(schema.get("const"), int):
        result.pop("allOf", None)
    if "items" in schema:
        items = pruned(schema["items"])
        if items is None:
            return None
        result["items"] = items
    if "properties" in schema:
        properties = {name: pruned(one) for name, one in schema["properties"].items()}
        result["properties"] = {name: one for name, one in properties.items() if one is not None}
        result["additionalProperties"] = False
    return result


def consts(schema: dict[str, Any]) -> dict[str, Any]:
    """Named values (``oneOf`` of constants) as a plain ``enum``."""
    values = [one["const"] for one in schema.get("oneOf", ()) if "const" in one]
    return {"enum": values} if values else schema


def route(spec: dict[str, Any], said: str) -> dict[str, Any]:
    method, path = said.split(" ")
    operation = spec["paths"][path][method.lower()]
    content = operation.get("requestBody", {}).get("content", {})
    body = content.get("application/json", {}).get("schema")
    return {
        "query": sorted(p["name"] for p in operation.get("parameters", ()) if p["in"] == "query"),
        "body": pruned(body) if body else None,
        "files": "multipart/form-data" in content,
        "token": {} not in operation.get("security", [{}]),
    }


def main(source: Path) -> None:
    spec = json.loads(source.read_text(encoding="utf-8"))
    schemas = spec["components"]["schemas"]
    result = {
        "version": spec["info"]["version"],
        "routes": {said: route(spec, said) for said in ROUTES},
        "schemas": {name: pruned(consts(schemas[name])) for name in sorted(KEPT)},
    }
    named = set(re.findall(r"#/schemas/(\w+)", json.dumps(result)))
    unused = KEPT - named
    if unused:
        raise SystemExit(f"kept, but not used: {sorted(unused)}")
    TARGET.write_text(written(result) + "\n", encoding="utf-8")


def written(value: Any, depth: int = 0) -> str:
    """JSON with one property a line, readable in a diff."""
    if not isinstance(value, dict) or not value or depth > 3:
        return json.dumps(value, ensure_ascii=False)
    inner = " " * (depth + 1)
    lines = [f"{inner}{json.dumps(key)}: {written(value[key], depth + 1)}" for key in sorted(value)]
    return "{\n" + ",\n".join(lines) + "\n" + " " * depth + "}"


if __name__ == "__main__":
    main(Path(sys.argv[1]))
