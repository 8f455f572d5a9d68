"""``/help`` and ``/start``: made from the declarations, so they can't be wrong."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from bot.command import Command, Kind, Option, Rest
from bot.commands.key import PAYLOAD, ask_for_key, target_chat
from bot.commands.pool import PAYLOAD as LENDING
from bot.commands.pool import ask_for_loan
from bot.commands.setup import PAYLOAD as SETUP
from bot.commands.setup import begin, place_of
from bot.context import Context
from bot.errors import BadInput

_FIRST = ("imagine", "edit", "jam", "balance", "cancel", "why")
"""What a person begins with; on a phone a longer list is a wall."""

_ADMINS = ("setup", "settings", "key", "caps", "grant", "block", "unblock", "audit")
_APART = ("help", "start", "claim")
_ALL = "all"


async def help_(ctx: Context, command: Annotated[str, Rest(60)] = "") -> None:
    """What to begin with and the names of the rest; ``all`` of them, or one with its options."""
    name = command.strip().lstrip("/").lower()
    if name in ("", _ALL):
        await ctx.reply(_everything(ctx) if name else _overview(ctx), private=True)
        return
    found = next((c for c in ctx.commands if c.name == name and not c.hidden), None)
    if found is None:
        raise BadInput("error-no-such-command", name=name[:40])
    await ctx.reply(_details(ctx, found), private=True)


def _overview(ctx: Context) -> str:
    offered = [command.name for command in ctx.commands if not command.hidden]
    others = [name for name in offered if name not in (*_FIRST, *_ADMINS, *_APART)]
    return "\n".join(
        [
            ctx.say("help-title"),
            "",
            *(_line(ctx, name) for name in _FIRST),
            "",
            ctx.say("help-others", names=_names(others)),
            ctx.say("help-admins", names=_names(_ADMINS)),
            ctx.say("help-more"),
        ]
    )


def _everything(ctx: Context) -> str:
    return "\n".join(_line(ctx, command.name) for command in ctx.commands if not command.hidden)


def _line(ctx: Context, name: str) -> str:
    return f"/{name} – {ctx.say(f'command-{name}')}"


def _names(names: Sequence[str]) -> str:
    return " ".join(f"/{name}" for name in names)


def _details(ctx: Context, command: Command) -> str:
    lines = [_line(ctx, command.name), ""]
    lines += [_option(ctx, option) for option in command.options]
    return "\n".join(lines).strip()


def _option(ctx: Context, option: Option) -> str:
    what = ctx.say(f"option-{option.flag}")
    if option.rest or option.kind is Kind.PICTURES:
        return f"• {what}"
    allowed = f" ({option.allowed})" if option.allowed else ""
    return f"• --{option.flag}{allowed} – {what}"


async def start(ctx: Context, payload: Annotated[str, Rest(100)] = "") -> None:
    """The greeting; with a payload, what a link into the private chat was made for."""
    if payload.startswith(PAYLOAD) and ctx.invocation.private:
        home = f"{ctx.invocation.chat.platform}:{payload.removeprefix(PAYLOAD)}"
        await ask_for_key(ctx, await target_chat(ctx, home))
        return
    if payload.startswith(SETUP) and ctx.invocation.private:
        await begin(ctx, place_of(ctx, payload))
        return
    if payload.startswith(LENDING) and ctx.invocation.private:
        await ask_for_loan(ctx, f"{ctx.invocation.chat.platform}:{payload.removeprefix(LENDING)}")
        return
    await ctx.reply(ctx.say("start", name=ctx.user.name), private=True)
