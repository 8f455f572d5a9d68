"""``/caps``: most money in a day and a month, for the chat and its members; ``/grant``: more than that."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from enum import StrEnum
from typing import Annotated

from bot.command import Parsed, Person, Rest, Role
from bot.commands.options import dollars
from bot.context import Context
from bot.credits import OPERATOR, money, operators
from bot.errors import BadInput, BadOption, NotAllowed
from bot.flags import bind, with_text
from bot.model import Allowance, Amount, Chat
from bot.people import meant
from bot.rules import Who

_OFF = "off"


def _cap(said: str) -> Amount | str:
    """``$5``, ``off``. Raises `ValueError`."""
    return _OFF if said.strip().lower() == _OFF else dollars(said)


Cap = Annotated[Amount | str | None, Parsed(_cap, ("1", "5", "20", _OFF))]


class Period(StrEnum):
    DAY = "day"
    MONTH = "month"


async def caps(
    ctx: Context,
    words: Annotated[str, Rest(200)] = "",
    chat_day: Cap = None,
    chat_month: Cap = None,
    member_day: Cap = None,
    member_month: Cap = None,
    role: Annotated[str | None, Role()] = None,
) -> None:
    """Show the caps, or set them; with a role, its members'. ``/caps forget`` with a role takes that away."""
    if words and words.lower() != "forget":
        await _spelled(ctx, words)
        return
    chat_cap = _with(ctx.chat.chat_cap, chat_day, chat_month)
    chat = replace(ctx.chat, chat_cap=chat_cap)
    if role:
        chat = replace(chat, role_caps=_roles(ctx.chat, role, member_day, member_month, forget=bool(words)))
    else:
        chat = replace(chat, member_cap=_with(chat.member_cap, member_day, member_month))
    if chat != ctx.chat:
        await _save(ctx, chat)
    head = ctx.say("settings-changed") + "\n" if chat != ctx.chat else ""
    await ctx.reply(head + "\n".join(_shown(ctx, chat)), private=True)


async def _spelled(ctx: Context, words: str) -> None:
    """``/caps chat-day 5`` means ``/caps --chat-day 5``."""
    name, _, value = words.partition(" ")
    command = next(command for command in ctx.commands if command.handler is caps)
    await caps(ctx, **bind(command, with_text(ctx.invocation, "caps", "", **{name: value.strip()})))


def _with(cap: Allowance, day: Amount | str | None, month: Amount | str | None) -> Allowance:
    return replace(cap, day=changed(cap.day, day), month=changed(cap.month, month))


def changed(before: Amount | None, said: Amount | str | None) -> Amount | None:
    """A cap after what was said about it: nothing, an amount, or "off"."""
    return before if said is None else None if isinstance(said, str) else said


def _roles(
    chat: Chat, role: str, day: Amount | str | None, month: Amount | str | None, *, forget: bool
) -> dict[str, Allowance]:
    """The caps by role; a role that had none begins with what every member may. Raises `BadOption`."""
    number, _, name = role.partition(" ")
    if forget:
        return {other: cap for other, cap in chat.role_caps.items() if other != number}
    if day is None and month is None:
        raise BadOption("error-option-missing", option="member-day", allowed=f"5, {_OFF}")
    before = chat.role_caps.get(number, chat.member_cap)
    return {**chat.role_caps, number: replace(_with(before, day, month), name=name or number)}


async def _save(ctx: Context, chat: Chat) -> None:
    await ctx.policy.demand_admin(ctx.invocation)
    changes = {"chat_cap": chat.chat_cap, "member_cap": chat.member_cap, "role_caps": chat.role_caps}
    entry = ctx.audit("audit-caps", caps="; ".join(list(_shown(ctx, chat))[1:4]))
    await ctx.store.save_chat(ctx.chat.home, audit=entry, **changes)


def _shown(ctx: Context, chat: Chat) -> Iterator[str]:
    """A line for the chat, for its members, for each role; then what the operator set besides."""
    yield ctx.say("caps-title")
    yield ctx.say("caps-chat", caps=_said(ctx, chat.chat_cap))
    yield ctx.say("caps-member", caps=_said(ctx, chat.member_cap))
    for cap in chat.role_caps.values():
        yield ctx.say("caps-role", role=cap.name, caps=_said(ctx, cap))
    quotas = ctx.services.quotas
    of_chat = Allowance(quotas.chat_daily, quotas.chat_monthly)
    of_member = Allowance(quotas.member_daily, quotas.member_monthly)
    if not chat.key and (of_chat or of_member):
        yield ctx.say("caps-operator", chat=_said(ctx, of_chat), member=_said(ctx, of_member))


def _said(ctx: Context, cap: Allowance) -> str:
    none = ctx.say("balance-no-cap")
    day, month = (none if amount is None else money(amount) for amount in (cap.day, cap.month))
    return none if not cap else ctx.say("caps-said", day=day, month=month)


async def grant(
    ctx: Context,
    amount: Annotated[str, Rest(200)] = "",
    member: Annotated[str | None, Person()] = None,
    period: Period = Period.DAY,
) -> None:
    """More than the caps, once: ``/grant @ann 2.00``, or in reply to her; for the chat when nobody is meant.

    An admin's grant is on top of the chat's caps, an operator's on top of the operator's too.
    """
    await ctx.policy.demand_admin(ctx.invocation)
    name, _, last = amount.strip().rpartition(" ")
    try:
        sum_ = dollars(last)
    except ValueError as error:
        raise BadOption(option="amount", value=last[:40], allowed="2.00") from error
    if not sum_:
        raise BadOption(option="amount", value=last[:40], allowed="2.00")
    who = await _meant(ctx, member or name)
    accounts = await _accounts(ctx, who)
    more, when, whom = money(sum_), period.value, who.shown if who else "none"
    entry = ctx.audit("audit-granted", amount=more, period=when, name=whom)
    once = f"{ctx.invocation.id}:{ctx.user.id}"
    await ctx.store.grant(once, accounts, sum_, month=period is Period.MONTH, audit=entry)
    await ctx.reply(ctx.say("granted", amount=more, period=when, name=whom))


async def _meant(ctx: Context, said: str) -> Who | None:
    """The member meant; ``None``: the chat. Raises `BadInput`."""
    if not said.strip() and ctx.invocation.replied is None:
        return None
    who = await meant(ctx, said)
    if who.id.startswith("@"):
        raise BadInput("error-whom-unknown", name=who.shown)
    return who


async def _accounts(ctx: Context, who: Who | None) -> list[str]:
    """What is granted on top of. Raises `NotAllowed` where no cap of theirs binds."""
    chat, quotas = ctx.chat, ctx.services.quotas
    part = who.id if who else chat.home
    ours = bool(chat.member_cap or chat.role_caps) if who else bool(chat.chat_cap)
    accounts = [f"{chat.home}/{part}" if who else str(chat.home)] if ours else []
    if operators(ctx.policy.payer(chat).name) and await ctx.policy.is_operator(ctx.user):
        chats, members = (
            (quotas.chat_daily, quotas.chat_monthly),
            (quotas.member_daily, quotas.member_monthly),
        )
        theirs = any(cap is not None for cap in (members if who else chats))
        accounts += [f"{OPERATOR}/{part}"] if theirs else []
    if not accounts:
        raise NotAllowed("error-grant-no-cap")
    return accounts
