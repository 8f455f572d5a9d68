"""What people do and see: they call commands, press buttons, fill in forms; a test looks on."""

from __future__ import annotations

from typing import Any

from tests.fakes.discord.answers import AUTOCOMPLETE, COMMAND, COMPONENT, MODAL, MODAL_SUBMIT
from tests.fakes.discord.gateway import Gateway
from tests.fakes.discord.world import Ask, Channel, File, Message, Person, Server, World
from tests.fakes.telegram.sniff import sniff

_STRING, _INTEGER, _ATTACHMENT = 3, 4, 11
_SLASH, _MESSAGE_MENU = 1, 3
_TYPES = {_STRING: str, _INTEGER: int, _ATTACHMENT: bytes}


class People:
    """The helpers that act as people. They can do only what the bot has declared and shown."""

    def __init__(self, world: World, gateway: Gateway, application: str) -> None:
        self.world, self.gateway, self.application = world, gateway, application
        self.base = ""

    def person(self, name: str = "Ada Lovelace", locale: str = "en-US") -> Person:
        person = Person(name, locale)
        self.world.people[person.id] = person
        return person

    def server(self, name: str, *members: Person, installed: bool = True, upload: int = 0) -> Server:
        """The first member owns it."""
        server = Server(name, members[0], installed=installed)
        server.upload = upload or server.upload
        server.members = {member.id: [] for member in members}
        self.world.servers[server.id] = server
        return server

    def channel(self, server: Server, name: str = "general", kind: int = 0) -> Channel:
        channel = Channel(server, name=name, kind=kind)
        self.world.channels[channel.id] = channel
        return channel

    def thread(self, parent: Channel, name: str) -> Channel:
        """A thread of a channel; in a forum a post."""
        thread = self.channel(parent.server, name, 11) if parent.server else None
        assert thread
        thread.parent = parent
        return thread

    def private(self, person: Person) -> Channel:
        return self.world.private(person)

    def group(self, *people: Person) -> Channel:
        """A group of people without the bot, which one of them brought along."""
        channel = Channel(None, people, kind=3)
        self.world.channels[channel.id] = channel
        return channel

    def write(self, channel: Channel, person: Person, content: str = "", *files: bytes) -> Message:
        """A person's own message, with pictures."""
        message = Message(channel, person, content, files=[self._upload(file) for file in files])
        channel.messages.append(message)
        return message

    # acting

    async def slash(
        self, channel: Channel, person: Person, name: str, /, **options: str | int | bytes
    ) -> Ask:
        """Call a slash command with options as declared; pictures as bytes."""
        declared = self._declared(name, _SLASH)
        known = {option["name"]: option for option in declared.get("options", [])}
        for option in known.values():
            given = option["name"].replace("-", "_") in options
            assert given or not option.get("required"), f"/{name} needs {option['name']}"
        resolved: dict[str, Any] = {}
        said = [self._option(known[key.replace("_", "-")], value, resolved) for key, value in options.items()]
        data = {"id": declared["id"], "name": name, "type": _SLASH, "options": said}
        if resolved:
            data["resolved"] = {"attachments": resolved}
        return await self.happen(Ask(COMMAND, person, channel, data))

    def _option(self, declared: dict[str, Any], value: Any, resolved: dict[str, Any]) -> dict[str, Any]:
        assert isinstance(value, _TYPES[declared["type"]]), f"{declared['name']} can't be {value!r:.40}"
        if isinstance(value, bytes):
            file = self._upload(value)
            resolved[file.id] = file.json(self.base)
            value = file.id
        elif isinstance(value, str):
            assert len(value) <= declared.get("max_length", 6000), f"{declared['name']} is too long"
            choices = [choice["value"] for choice in declared.get("choices", [])]
            assert not choices or value in choices, f"{declared['name']} is one of {choices}"
        else:
            assert declared.get("min_value", value) <= value <= declared.get("max_value", value)
        return {"name": declared["name"], "type": declared["type"], "value": value}

    async def type(self, channel: Channel, person: Person, name: str, option: str, typed: str) -> Ask:
        """Type into an option that helps to type; the choices are in ``ask.choices``."""
        declared = self._declared(name, _SLASH)
        known = {one["name"]: one for one in declared["options"]}
        assert known[option].get("autocomplete"), f"{option} does not help to type"
        focused = {"name": option, "type": _STRING, "value": typed, "focused": True}
        data = {"id": declared["id"], "name": name, "type": _SLASH, "options": [focused]}
        return await self.happen(Ask(AUTOCOMPLETE, person, channel, data))

    async def menu(self, message: Message, person: Person, label: str) -> Ask:
        """Choose an entry of a message's context menu."""
        declared = self._declared(label, _MESSAGE_MENU)
        resolved = {"messages": {message.id: message.json(self.base)}}
        data = {
            "id": declared["id"],
            "name": label,
            "type": _MESSAGE_MENU,
            "target_id": message.id,
            "resolved": resolved,
        }
        return await self.happen(Ask(COMMAND, person, message.channel, data))

    async def press(self, message: Message, person: Person, label: str) -> Ask:
        """Press the button with this label (or the part of one)."""
        assert not message.gone, "the message is gone"
        assert message.viewer in (None, person), "somebody else's message"
        button = next(button for button in message.buttons if label in button["label"])
        data = {"custom_id": button["custom_id"], "component_type": 2, "id": 2}
        return await self.happen(Ask(COMPONENT, person, message.channel, data, message))

    async def send(self, ask: Ask, /, **values: str) -> Ask:
        """Fill in the form that an interaction was answered with, and send it off."""
        assert ask.callback == MODAL, "no form was shown"
        assert ask.modal
        rows = [self._filled(label, values) for label in ask.modal["components"]]
        assert not values, f"the form has no {list(values)}"
        data = {"custom_id": ask.modal["custom_id"], "components": rows}
        return await self.happen(Ask(MODAL_SUBMIT, ask.person, ask.channel, data, ask.message))

    @staticmethod
    def _filled(label: dict[str, Any], values: dict[str, str]) -> dict[str, Any]:
        asked = label["component"]
        value = values.pop(asked["custom_id"], asked.get("value", ""))
        assert value or not asked.get("required", True), f"{asked['custom_id']} is required"
        said: dict[str, Any] = {"type": asked["type"], "id": 2, "custom_id": asked["custom_id"]}
        if asked["type"] == 3:
            assert not value or value in [option["value"] for option in asked["options"]]
            said["values"] = [value] if value else []
        else:
            assert len(value) <= asked.get("max_length", 4000)
            said["value"] = value
        return {"type": 18, "id": 1, "component": said}

    async def happen(self, ask: Ask) -> Ask:
        """Tell the bot."""
        self.world.asks[ask.token] = ask
        server = ask.channel.server
        await self.gateway.dispatch("INTERACTION_CREATE", self.event(ask), server.id if server else None)
        return ask

    def event(self, ask: Ask) -> dict[str, Any]:
        """The interaction as the gateway tells it."""
        channel, server, person = ask.channel, ask.channel.server, ask.person
        said: dict[str, Any] = {
            "id": ask.id,
            "application_id": self.application,
            "type": ask.kind,
            "token": ask.token,
            "version": 1,
            "data": ask.data,
            "channel_id": channel.id,
            "channel": channel.json,
            "locale": person.locale,
            "app_permissions": str(channel.rights),
            "entitlements": [],
            "attachment_size_limit": channel.upload,
        }
        if ask.message:
            said["message"] = ask.message.json(self.base)
        if server:
            said["guild_id"], said["guild_locale"] = server.id, "en-US"
            said["guild"] = {"id": server.id, "locale": "en-US", "features": []}
            said["member"] = {
                "user": person.json,
                "nick": None,
                "roles": server.members.get(person.id, []),
                "permissions": str(server.permissions(person)),
                "joined_at": "2020-01-01T00:00:00+00:00",
                "deaf": False,
                "mute": False,
                "flags": 0,
            }
            owners = {"0": server.id} if server.installed else {"1": person.id}
            return said | {"context": 0, "authorizing_integration_owners": owners}
        bot = channel.kind == 1
        owners = {"0": "0"} if bot else {"1": person.id}
        return said | {
            "user": person.json,
            "context": 1 if bot else 2,
            "authorizing_integration_owners": owners,
        }

    # seeing

    def messages(self, channel: Channel, viewer: Person | None = None) -> list[Message]:
        """What a person sees in the channel, oldest first; without a viewer what everybody sees."""
        return [m for m in channel.messages if not m.gone and m.viewer in (None, viewer)]

    def said(self, channel: Channel, viewer: Person | None = None) -> list[Message]:
        """The bot's messages that say something already."""
        mine = [m for m in self.messages(channel, viewer) if m.author is self.world.bot]
        return [m for m in mine if not m.thinking]

    def whispers(self, channel: Channel, viewer: Person) -> list[Message]:
        """What the bot says to this person alone."""
        return [m for m in self.said(channel, viewer) if m.viewer is viewer]

    def _declared(self, name: str, kind: int) -> dict[str, Any]:
        for command in self.world.commands:
            if command["name"] == name and (command.get("type") or _SLASH) == kind:
                return command
        raise AssertionError(f"the bot has not declared {name!r}")

    def _upload(self, content: bytes) -> File:
        mime = sniff(content).mime
        suffix = mime.removeprefix("image/").replace("jpeg", "jpg")
        file = File(f"picture.{suffix}", len(content), content, mime)
        self.world.files[file.id] = file
        return file
