"""The routes of REST, carried out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from tests.fakes.discord.answers import Answers
from tests.fakes.discord.messages import Files, Messages
from tests.fakes.discord.people import People
from tests.fakes.discord.spec import Match, Refused, Violation
from tests.fakes.discord.world import World, snowflake

_COMMAND_NAME = re.compile(r"[-_'\w]{1,32}")
_TRUE = ("true", "1")
_COMMANDS = "/applications/{application_id}/commands"


class Api:
    """Everything that a request may ask for or change."""

    def __init__(self, people: People, answers: Answers, messages: Messages) -> None:
        self._people, self._world = people, people.world
        self._answers, self._messages = answers, messages

    def do(self, found: Match, query: Mapping[str, str], body: Any, files: Files) -> Any:
        """One request, carried out; its JSON, or ``None`` for no content. Raises `Refused`."""
        method, _, path = found.route.partition(" ")
        match path.split("/")[1]:
            case "webhooks":
                return self._webhook(method, found.parts, query, body or {}, files)
            case "channels":
                return self._channel(method, found.parts, body or {}, files)
            case "guilds":
                return self._guild(found.parts)
            case "interactions":
                return self._callback(found.parts, query, body, files)
        return self._about(found.route, body)

    def _callback(
        self, named: dict[str, str], query: Mapping[str, str], body: dict[str, Any], files: Files
    ) -> Any:
        where = named["interaction_id"], named["interaction_token"]
        ask = self._answers.callback(*where, body, files)
        if query.get("with_response") not in _TRUE:
            return None
        said: dict[str, Any] = {"interaction": {"id": ask.id, "type": ask.kind}}
        if message := ask.original:
            said["interaction"] |= {
                "response_message_id": message.id,
                "response_message_loading": message.thinking,
                "response_message_ephemeral": message.viewer is not None,
            }
            said["resource"] = {"type": ask.callback, "message": message.json(self._people.base)}
        return said

    def _about(self, route: str, body: Any) -> Any:
        if route == f"PUT {_COMMANDS}":
            self._world.commands = [_registered(command, self._people.application) for command in body]
        if route.endswith(_COMMANDS):
            return self._world.commands
        if route == "POST /users/@me/channels":
            return self._open_private(body)
        if route == "GET /gateway/bot":
            return self._gateway()
        about = self._world.bot.json | {"bot": True, "verified": True}
        return about if route == "GET /users/@me" else _application(self._world, self._people.application)

    def _gateway(self) -> Any:
        gateway = self._people.gateway
        limit = {"total": 1000, "remaining": 999, "reset_after": 0, "max_concurrency": 1}
        return {"url": gateway.url, "shards": gateway.shards, "session_start_limit": limit}

    def _webhook(
        self, method: str, named: dict[str, str], query: Mapping[str, str], body: dict[str, Any], files: Files
    ) -> Any:
        base = self._people.base
        where = named["webhook_id"], named["webhook_token"]
        if method == "POST":
            said = self._answers.follow_up(*where, body, files)
            return said.json(base) if query.get("wait") in _TRUE else None
        message = named.get("message_id", "@original")
        if method == "PATCH":
            return self._answers.edit(*where, message, body, files).json(base)
        found = self._answers.find(*where, message)
        if method == "DELETE":
            found.gone = True
            return None
        return found.json(base)

    def _channel(self, method: str, named: dict[str, str], body: dict[str, Any], files: Files) -> Any:
        base = self._people.base
        channel = self._world.channel(named["channel_id"])
        if method == "POST":
            return self._messages.create(channel, body, files).json(base)
        if refusal := channel.refusal():
            raise refusal
        message = self._world.message(channel, named["message_id"])
        if message.viewer:
            raise Refused(404, 10008, "Unknown Message")
        if method == "DELETE":
            message.gone = True
            return None
        if method == "PATCH":
            if message.author is not self._world.bot:
                raise Refused(403, 50005, "Cannot edit a message authored by another user")
            self._messages.write(message, body, files)
            message.edits += 1
        return message.json(base)

    def _open_private(self, body: dict[str, Any]) -> Any:
        person = self._world.people.get(body["recipient_id"])
        if person is None:
            raise Refused(400, 50033, "Invalid Recipient(s)")
        return self._world.private(person).json

    def _guild(self, named: dict[str, str]) -> Any:
        server = self._world.servers.get(named["guild_id"])
        if server is None or not server.installed:
            raise Refused(403, 50001, "Missing Access")
        if "user_id" in named:
            if named["user_id"] not in server.members:
                raise Refused(404, 10007, "Unknown Member")
            return {"roles": server.members[named["user_id"]], "user": {"id": named["user_id"]}}
        roles = [{"id": role, "permissions": str(allowed)} for role, allowed in server.roles.items()]
        return {"id": server.id, "name": server.name, "owner_id": server.owner.id, "roles": roles}


def _registered(command: dict[str, Any], application: str) -> dict[str, Any]:
    """A command as Discord gives it back: with what it adds, and ``null`` for what is empty."""
    kind = command.get("type") or 1
    options = command.get("options") or []
    names = [option["name"] for option in options]
    if kind == 1:
        for name in (command["name"], *names):
            if not _COMMAND_NAME.fullmatch(name) or name != name.lower():
                raise Violation(f"{name}: names are of lower-case letters, digits, - and _")
        if not command.get("description"):
            raise Violation(f"{command['name']} has no description")
    elif command.get("description") or options:
        raise Violation("a menu has neither a description nor options")
    required = [bool(option.get("required")) for option in options]
    if required != sorted(required, reverse=True) or len(names) != len(set(names)):
        raise Violation(f"{command['name']}: required options come first, and each name once")
    kept = [
        {key: value for key, value in option.items() if value is not False and value != {}}
        for option in options
    ]
    return {
        **command,
        "id": snowflake(),
        "version": snowflake(),
        "application_id": application,
        "type": kind,
        "name_localizations": command.get("name_localizations") or None,
        "description_localizations": command.get("description_localizations") or None,
        "description": command.get("description", ""),
        "default_member_permissions": None,
        "dm_permission": True,
        "nsfw": False,
        **({"options": kept} if kept else {}),
    }


def _application(world: World, application: str) -> dict[str, Any]:
    owner = {"id": "1", "username": "owner", "discriminator": "0", "avatar": None}
    return {
        "id": application,
        "name": world.bot.name,
        "description": "",
        "icon": None,
        "bot_public": True,
        "bot_require_code_grant": False,
        "verify_key": "00" * 32,
        "flags": 0,
        "hook": True,
        "summary": "",
        "rpc_origins": [],
        "owner": owner,
        "team": None,
    }
