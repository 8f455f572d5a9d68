"""Discord's → ours: an interaction, as it comes over the gateway, as an `Invocation`. Pure.

A payload that is not as Discord documents it raises `KeyError`, `TypeError`, `ValueError` or
`AttributeError`; whoever hears it drops it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from adapters.discord.grip import DEFAULT_UPLOAD, Grip, Way
from bot.command import Command, Option
from bot.folding import one_line
from bot.model import Attachment, ChatId, Invocation, Post, Source, User, UserId

Event = Mapping[str, Any]
Options = dict[str, str | int | bool]

COMMAND, COMPONENT, AUTOCOMPLETE, MODAL = 2, 3, 4, 5
ABOUT = "@"
"""Begins the custom id of a form about a message: ``@<message> <command>``."""

_MENU, _USER, _ROLE, _ATTACHMENT = 3, 6, 8, 11
_GUILD, _BOT_DM = 0, 1
_THREADS = (10, 11, 12)
ADMIN = 1 << 3 | 1 << 5
"""Who may administrate or manage a server."""


@dataclass(frozen=True, slots=True)
class Offer:
    """What people can call: commands by name, and the commands behind the labels of message menus."""

    commands: Mapping[str, Command]
    menus: Mapping[str, str]


def invocation(event: Event, offer: Offer) -> Invocation:
    """A slash command, a message menu, a button pressed or a form sent."""
    kind = event["type"]
    if kind == COMMAND:
        return _pointed(event, offer) if event["data"].get("type") == _MENU else _typed(event, offer)
    if kind == COMPONENT:
        return _pressed(event, offer)
    if kind == MODAL:
        return _sent(event, offer)
    raise ValueError(f"an interaction of type {kind}")


def _typed(event: Event, offer: Offer) -> Invocation:
    data = event["data"]
    command = offer.commands.get(data["name"])
    given = {option["name"]: option for option in data.get("options", ())}
    files = [given.pop(name)["value"] for name in sorted(given) if given[name]["type"] == _ATTACHMENT]
    options: Options = {name: _value(option, data) for name, option in given.items()}
    resolved = data.get("resolved", {}).get("attachments", {})
    return replace(
        _common(event, data["name"], command),
        text=_free_text(command, options),
        options=options,
        attachments=_attachments(resolved[file] for file in files),
    )


def _value(option: Event, data: Event) -> str | int | bool:
    """An option's value; a person as in a text (``<@42>``), a role with its name after its id."""
    value: str | int | bool = option["value"]
    if option["type"] == _USER:
        return f"<@{int(value)}>"
    return f"{int(value)} {data['resolved']['roles'][value]['name']}" if option["type"] == _ROLE else value


def _free_text(command: Command | None, options: Options) -> str:
    """The free text, taken out of the options, so that flags in it count and a key in it is found.

    What is answered in private was typed in private too: there it stays an option.
    """
    if command is None or command.private or command.rest is None:
        return ""
    return str(options.pop(command.rest.flag, ""))


def _pointed(event: Event, offer: Offer) -> Invocation:
    """A message menu: the message is what the command is about."""
    data = event["data"]
    name = offer.menus[data["name"]]
    call = _common(event, name, offer.commands.get(name))
    target = data["resolved"]["messages"][data["target_id"]]
    pictures = [file for file in target.get("attachments", ()) if _picture(file)]
    return replace(call, replied=Post(call.chat, target["id"]), attachments=_attachments(pictures))


def _pressed(event: Event, offer: Offer) -> Invocation:
    name, _, text = event["data"]["custom_id"].partition(" ")
    call = _common(event, name, offer.commands.get(name), message=event["message"]["id"])
    return replace(call, text=text, pressed=True)


def _sent(event: Event, offer: Offer) -> Invocation:
    """A form that was filled in; fields that were left empty are not there."""
    data = event["data"]
    name, _, text = data["custom_id"].partition(" ")
    fields: Options = {key: value for key, value in map(_field, data["components"]) if value}
    if not name.startswith(ABOUT):
        return replace(_common(event, name, offer.commands.get(name)), text=text, options=fields)
    call = _common(event, text, offer.commands[text])
    about = Post(call.chat, str(int(name.removeprefix(ABOUT))))
    return replace(call, options=fields, replied=about)


def lacks_words(call: Invocation, offer: Offer) -> Option | None:
    """The option that a menu on a picture left open: a menu has no place to type."""
    command = offer.commands.get(call.command)
    pointed = call.replied and call.attachments and not call.text
    return command.rest if command and pointed else None


def _field(row: Event) -> tuple[str, str]:
    """One field of a modal, in a label, or in an action row as Discord sent them before."""
    asked = row["component"] if "component" in row else row["components"][0]
    value = asked["value"] if "value" in asked else "".join(asked.get("values", ())[:1])
    return str(asked["custom_id"]), str(value).strip()


def way(event: Event, command: Command | None) -> Way:
    """How to acknowledge. A form must be the first answer, and can't answer a form."""
    kind = event["type"]
    if command is None or (kind == COMPONENT and command.quiet):
        return Way.PRESSED if kind == COMPONENT else Way.WHISPERING
    if command.asks and kind != MODAL:
        return Way.OPEN
    given = event["data"].get("options", ()) if kind == COMMAND else ()
    alone = for_one(command, {option["name"]: option["value"] for option in given})
    return Way.WHISPERING if alone else Way.THINKING


def for_one(command: Command | None, given: Mapping[str, str | int | bool]) -> bool:
    """Whether the answer is for the eyes of whoever asks alone; ``given`` are their options."""
    return bool(command and command.private) or given.get("only-me") == "on"


def _common(event: Event, name: str, command: Command | None, message: str = "") -> Invocation:
    """What all interactions have. ``message`` is the one whose button was pressed."""
    chat, user = place(event), person(event)
    own = chat.rest.startswith("@")
    grip = Grip(
        way=way(event, command),
        application=event["application_id"],
        interaction=event["id"],
        token=event["token"],
        upload=int(event.get("attachment_size_limit") or DEFAULT_UPLOAD),
        locale=event.get("locale", ""),
    )
    return Invocation(
        id=f"discord:{event['id']}",
        chat=chat,
        user=user,
        command=name,
        origin=Post(chat, message, str(grip)),
        private=own and event.get("context", _BOT_DM) == _BOT_DM,
        admin=own or bool(int(event["member"]["permissions"]) & ADMIN),
        roles=() if own else tuple(str(int(role)) for role in event["member"].get("roles", ())),
        title=user.name if own else "",
        mentions=_mentions(event),
        within="" if own else _within(event),
        nsfw=_nsfw(event),
    )


def _mentions(event: Event) -> tuple[User, ...]:
    """People whom an option names, as Discord resolves them."""
    resolved = event["data"].get("resolved") or {}
    return tuple(
        User(UserId(f"discord:{int(at)}"), _name(one), handle=one["username"])
        for at, one in (resolved.get("users") or {}).items()
    )


def rights(event: Event) -> tuple[int, bool] | None:
    """What the bot may do where this happened, and whether that is a thread."""
    given = event.get("app_permissions")
    return (int(given), (event.get("channel") or {}).get("type") in _THREADS) if given else None


def _within(event: Event) -> str:
    """The channel that a thread belongs to."""
    channel = event.get("channel") or {}
    parent = channel.get("parent_id") if channel.get("type") in _THREADS else None
    return str(int(parent)) if parent else ""


def _nsfw(event: Event) -> bool | None:
    """Whether the channel is age-restricted, as far as it says so. A thread that does not is taken for one
    that is not."""
    channel = event.get("channel") or {}
    unsaid = False if channel.get("type") in _THREADS else None
    return bool(channel["nsfw"]) if "nsfw" in channel else unsaid


def place(event: Event) -> ChatId:
    """The channel, in its server. A person who brought Easel along themselves is their own home."""
    channel = event.get("channel_id") or event["channel"]["id"]
    owners = event.get("authorizing_integration_owners") or {}
    guild = event.get("guild_id")
    if guild and (not owners or str(_GUILD) in owners):
        return ChatId(f"discord:{int(guild)}:{int(channel)}")
    return ChatId(f"discord:@{int(_someone(event)['id'])}:{int(channel)}")


def person(event: Event) -> User:
    someone = _someone(event)
    name = _name(someone, event.get("member", {}).get("nick"))
    id = UserId(f"discord:{int(someone['id'])}")  # noqa: A001
    return User(id, name, event.get("locale"), someone["username"])


def _name(someone: Event, nick: str | None = None) -> str:
    """What a person is called here; a name in which nothing is seen is none."""
    return one_line(nick or "") or one_line(someone.get("global_name") or "") or str(someone["username"])


def _someone(event: Event) -> Event:
    found: Event = event["member"]["user"] if "member" in event else event["user"]
    return found


def focused(event: Event) -> tuple[str, str]:
    """The option that somebody is typing, and what stands there so far."""
    option = next(option for option in event["data"]["options"] if option.get("focused"))
    return option["name"].replace("-", "_"), str(option["value"])


def _picture(file: Event) -> bool:
    return str(file.get("content_type") or "image/").startswith("image/")


def _attachments(files: Iterable[Event]) -> tuple[Attachment, ...]:
    return tuple(
        Attachment(
            source=Source(f"discord:{file['url']}"),
            mime=(file.get("content_type") or "").split(";")[0],
            size=file.get("size"),
            name=file.get("filename", ""),
        )
        for file in files
    )
