"""``/settings``: the chat's defaults. Anyone may read them, an admin changes them."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from typing import Annotated, Any

from bot.command import DEFAULT, Parsed, Range, Rest, Usual
from bot.commands.options import Count, Model, QualityOption, SizeOption, dollars
from bot.context import Context
from bot.credits import ASK_ABOVE, money
from bot.errors import BadOption
from bot.flags import bind, with_text
from bot.model import Amount, Button, Chat, Quality
from bot.sizes import parse
from bot.views import Rows

_RELAYS = 5  # buttons of one row
_NEVER: Amount = -1


class Habit(StrEnum):
    """A switch of the chat; ``default``: as Easel does it in such a place."""

    ON = "on"
    OFF = "off"
    DEFAULT = "default"


def _limit(said: str) -> Amount | str:
    """``$0.50``, ``off``, ``default``. Raises `ValueError`."""
    word = said.strip().lower()
    if word in (DEFAULT, "off"):
        return DEFAULT if word == DEFAULT else _NEVER
    return dollars(word)


async def settings(
    ctx: Context,
    words: Annotated[str, Rest(200)] = "",
    size: SizeOption = None,
    quality: QualityOption = None,
    n: Count = None,
    model: Model = None,
    language: Annotated[str | None, Parsed(str)] = None,
    reply_edits: Habit | None = None,
    relay: Annotated[str | None, Parsed(str.lower)] = None,
    ask_above: Annotated[Amount | str | None, Parsed(_limit, ("0.50", "2", "off", "default"))] = None,
    keep_days: Annotated[int | None, Range(0, 3_650), Usual(0)] = None,
) -> None:
    """Show the chat's defaults, or change those named; ``default`` takes a choice back."""
    if words:
        await _spelled(ctx, words)
        return
    changes: dict[str, Any] = {}
    if size is not None:
        changes["size"] = "" if size.auto else str(size)
    if quality is not None:
        changes["quality"] = "" if quality is Quality.AUTO else quality.value
    if model is not None:
        changes["model"] = model
    if language is not None:
        changes["language"] = chosen_language(ctx, language)
    if reply_edits is not None:
        changes["reply_edits"] = None if reply_edits is Habit.DEFAULT else reply_edits is Habit.ON
    changes |= {
        name: value or None for name, value in (("n", n), ("keep_days", keep_days)) if value is not None
    }
    if relay is not None:
        changes |= _relay(ctx, relay)
    if ask_above is not None:
        changes["ask_above"] = None if ask_above == DEFAULT else ask_above
    await _show(ctx, await _change(ctx, changes) if changes else ctx.chat, changed=bool(changes))


async def _spelled(ctx: Context, words: str) -> None:
    """``/settings size 16:9`` means ``/settings --size 16:9``: on a phone nobody types dashes."""
    name, _, value = words.partition(" ")
    command = next(command for command in ctx.commands if command.handler is settings)
    await settings(ctx, **bind(command, with_text(ctx.invocation, "settings", "", **{name: value.strip()})))


def chosen_language(ctx: Context, wanted: str) -> str:
    """The tag of a language that there is; ``""`` for the default. Raises `BadOption`."""
    if wanted.lower() == DEFAULT:
        return ""
    found = ctx.services.words.named(wanted)
    if found is None:
        have = (*ctx.services.words.languages, DEFAULT)
        raise BadOption(option="language", value=wanted[:40], allowed=", ".join(have))
    return found


def _relay(ctx: Context, wanted: str) -> dict[str, Any]:
    """The operator's service of that name; a model that it does not have goes with the old one."""
    names = (*ctx.policy.offers.names(ctx.chat.home), DEFAULT)
    if wanted not in names:
        raise BadOption(option="relay", value=wanted[:40], allowed=", ".join(names))
    chosen = "" if wanted == DEFAULT else wanted
    endpoint = ctx.policy.offers.chosen(replace(ctx.chat, relay=chosen))
    keeps = not ctx.chat.model or ctx.chat.model in ctx.upstream.profile(endpoint).models
    return {"relay": chosen} if keeps else {"relay": chosen, "model": ""}


async def _change(ctx: Context, changes: dict[str, Any]) -> Chat:
    await ctx.policy.demand_admin(ctx.invocation)
    said = ", ".join(f"{name.replace('_', '-')} {_written(value)}" for name, value in changes.items())
    chat = await ctx.store.save_chat(
        ctx.chat.home, audit=ctx.audit("audit-settings", changes=said), **changes
    )
    ctx.speak_for(chat)
    return chat


def _written(value: Any) -> str:
    """A value of `Chat` as the audit trail has it, in no language."""
    return "default" if value in ("", None) else str(value)


async def _show(ctx: Context, chat: Chat, *, changed: bool) -> None:
    default = ctx.say("settings-default")
    edits = chat.reply_edits if chat.reply_edits is not None else ctx.invocation.private
    text = ctx.say(
        "settings-shown",
        size=str(parse(chat.size)),
        quality=chat.quality or "auto",
        n=chat.n or 1,
        model=chat.model or default,
        language=chat.language or default,
        ask=_asking(ctx, chat),
        keep=ctx.say("settings-keep", days=chat.keep_days) if chat.keep_days else default,
        edits=ctx.say("settings-on" if edits else "settings-off"),
        key=chat.key.hint if chat.key else ctx.say("settings-no-key"),
    )
    head = ctx.say("settings-changed") + "\n" if changed else ""
    await ctx.reply(head + text + _relays(ctx, chat), buttons=_buttons(ctx, edits), private=True)


def _relays(ctx: Context, chat: Chat) -> str:
    """A line for those who have a choice."""
    names = ctx.policy.offers.names(chat.home)
    if not names:
        return ""
    chosen = chat.relay if chat.relay in names else ctx.say("settings-default")
    return "\n" + ctx.say("settings-relay", relay=chosen, names=", ".join(names))


def _asking(ctx: Context, chat: Chat) -> str:
    limit = ASK_ABOVE if chat.ask_above is None else chat.ask_above
    return ctx.say("settings-off") if limit < 0 else money(limit)


def _buttons(ctx: Context, edits: bool) -> Rows:
    languages = tuple(
        Button(ctx.services.words.say(tag, "language-name"), "settings", f"--language {tag}")
        for tag in ctx.services.words.languages
    )
    flip = Button(
        ctx.say("settings-edits-off" if edits else "settings-edits-on"),
        "settings",
        f"--reply-edits {Habit.OFF if edits else Habit.ON}",
    )
    relays = tuple(
        Button(name, "settings", f"--relay {name}")
        for name in ctx.policy.offers.names(ctx.chat.home)[:_RELAYS]
    )
    return (languages, (flip,), relays) if relays else (languages, (flip,))
