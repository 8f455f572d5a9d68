"""``/balance``: what is left, for the chat and for the member, what is held, and what the relay says."""

from __future__ import annotations

from bot.context import Context
from bot.credits import money
from bot.errors import EaselError
from bot.model import Amount, Endpoint, Limit, Standing


async def balance(ctx: Context) -> None:
    """Every figure is a sum over the ledger; the relay's is asked for now, or "unknown"."""
    endpoint = await ctx.endpoint()
    accounts = ctx.accounts(endpoint)
    standings = await ctx.store.standing([limit.account for limit in accounts])
    lines = [ctx.say("balance-title", payer=_payer(ctx, endpoint))]
    for kind in ("chat", "member"):
        mine = [pair for pair in zip(accounts, standings, strict=True) if pair[0].kind == kind]
        lines.append(_line(ctx, kind, mine))
        if kind == "chat":
            lines.append(ctx.say("balance-held", amount=money(mine[-1][1].held)))
    lines.append(await _relay(ctx, endpoint))
    await ctx.reply("\n".join(lines), private=True)


def _payer(ctx: Context, endpoint: Endpoint) -> str:
    return ctx.chat.key.hint if ctx.chat.key else ctx.say("balance-operators-key")


def _line(ctx: Context, kind: str, accounts: list[tuple[Limit, Standing]]) -> str:
    """``This chat: today $1.20 of $3.00 spent, left: $1.80; …``: spent here, and left by the tightest cap."""
    here = accounts[-1][1]
    days = [(cap.daily, stands.granted_day, stands.day) for cap, stands in accounts]
    months = [(cap.monthly, stands.granted_month, stands.month) for cap, stands in accounts]
    return ctx.say(
        f"balance-{kind}",
        day=_left(ctx, days),
        month=_left(ctx, months),
        spent_day=money(here.day),
        spent_month=money(here.month),
    )


def _left(ctx: Context, figures: list[tuple[Amount | None, Amount, Amount]]) -> str:
    """``$1.80 of $3.00``; each figure is a cap, what was granted on top of it, and what was used of both."""
    rooms = [(cap + granted - used, cap + granted) for cap, granted, used in figures if cap is not None]
    if not rooms:
        return ctx.say("balance-no-cap")
    left, cap = min(rooms)
    return ctx.say("balance-left", left=money(max(0, left)), cap=money(cap))


async def _relay(ctx: Context, endpoint: Endpoint) -> str:
    """What the relay says; a failure to ask is "unknown", never zero and never an error."""
    try:
        found = await ctx.upstream.balance(endpoint)
    except EaselError:
        found = None
    if found is None:
        return ctx.say("balance-relay-unknown")
    return ctx.say("balance-relay", amount=f"{found.amount:,.2f}", unit=found.unit)
