"""Make ``api.json`` from the machine-readable Bot API: the methods that the fake knows, and the
types their parameters are made of.

    python -m tests.fakes.telegram.condense telegram-bot-api.json

A parameter becomes ``[types, required]``, with its length (``[least, most, unit]``) and its fixed
value where the document states them.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

TARGET = Path(__file__).with_name("api.json")
METHODS = (
    "getMe",
    "getUpdates",
    "setWebhook",
    "deleteWebhook",
    "getWebhookInfo",
    "setMyCommands",
    "getMyCommands",
    "sendMessage",
    "sendPhoto",
    "sendDocument",
    "sendVideo",
    "sendMediaGroup",
    "sendChatAction",
    "editMessageText",
    "editMessageCaption",
    "editMessageMedia",
    "editMessageReplyMarkup",
    "stopMessageLiveLocation",
    "deleteMessage",
    "answerCallbackQuery",
    "answerInlineQuery",
    "getFile",
    "getChat",
    "getChatMember",
)
OPAQUE = ("InputRichMessage", "InputFile")
_LENGTH = re.compile(r"(\d+)-(\d+) (characters|bytes)")
_FIXED = re.compile(r"(?:must be|always) [\"“]?(\w+)[\"”]?$")


def fields(entry: dict[str, Any]) -> dict[str, Any]:
    return {field["name"]: condensed(field) for field in entry.get("fields", [])}


def condensed(field: dict[str, Any]) -> list[Any]:
    facts: list[Any] = ["|".join(field["types"]), field["required"]]
    said = field["description"].rstrip(".")
    if found := _LENGTH.search(said):
        facts.append([int(found[1]), int(found[2]), found[3]])
    elif field["name"] in ("type", "scope") and (found := _FIXED.search(said)):
        facts.append(found[1])
    return facts


def reachable(start: dict[str, Any], types: dict[str, Any]) -> dict[str, Any]:
    """All types that the parameters of ``start`` are made of."""
    found: dict[str, Any] = {}
    waiting = names(start)
    while waiting:
        name = waiting.pop()
        if name not in types or name in OPAQUE or name in found:
            continue
        if kinds := types[name].get("subtypes"):
            found[name] = kinds
            waiting |= set(kinds)
        else:
            found[name] = fields(types[name])
            waiting |= names(found[name])
    return found


def names(parameters: dict[str, Any]) -> set[str]:
    said = " ".join(facts[0] for facts in parameters.values())
    return set(re.findall(r"[A-Z]\w+", said))


def main(source: Path) -> None:
    spec = json.loads(source.read_text(encoding="utf-8"))
    methods = {name: fields(spec["methods"][name]) for name in METHODS}
    everything = {f"{name}.{key}": facts for name, said in methods.items() for key, facts in said.items()}
    result = {
        "version": spec["version"],
        "methods": methods,
        "types": reachable(everything, spec["types"]),
    }
    TARGET.write_text(written(result) + "\n", encoding="utf-8")


def written(value: Any, depth: int = 0) -> str:
    """JSON with one parameter a line, readable in a diff."""
    if not isinstance(value, dict) or not value:
        return json.dumps(value, ensure_ascii=False)
    inner = " " * (depth + 1)
    lines = [f"{inner}{json.dumps(key)}: {written(value[key], depth + 1)}" for key in sorted(value)]
    return "{\n" + ",\n".join(lines) + "\n" + " " * depth + "}"


if __name__ == "__main__":
    main(Path(sys.argv[1]))
