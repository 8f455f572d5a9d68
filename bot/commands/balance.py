"""``/balance``: what is left, for the chat and for the member, what is held, and what the relay says."""

from __future__ import annotations

from bot.context import Context
from bot.credits import limits, money
from bot.errors import EaselError
from bot.model import Amount, Endpoint, Limit, Standing


async def balance(ctx: Context) -> None:
    """Every figure is a sum over the ledger; the relay's is asked for now, or "unknown"."""
    endpoint = await ctx.endpoint()
    accounts = limits(ctx.services.quotas, endpoint.name, ctx.chat.home, ctx.user.id)
    standings = await ctx.store.standing([limit.account for limit in accounts])
    lines = [ctx.say("balance-title", payer=_payer(ctx, endpoint))]
    for limit, standing in zip(accounts, standings, strict=True):
        if limit.kind != "operator":
            lines.append(_line(ctx, limit, standing))
        if limit.kind == "chat":
            lines.append(ctx.say("balance-held", amount=money(standing.held)))
    lines.append(await _relay(ctx, endpoint))
    await ctx.reply("\n".join(lines), private=True)


def _payer(ctx: Context, endpoint: Endpoint) -> str:
    return ctx.chat.key.hint if ctx.chat.key else ctx.say("balance-operators-key")


def _line(ctx: Context, limit: Limit, standing: Standing) -> str:
    """``This chat: $1.20 left today, $18.00 left this month (spent …)``."""
    day = _left(ctx, limit.daily, standing.day)
    month = _left(ctx, limit.monthly, standing.month)
    return ctx.say(
        f"balance-{limit.kind}",
        day=day,
        month=month,
        spent_day=money(standing.day),
        spent_month=money(standing.month),
    )


def _left(ctx: Context, cap: Amount | None, used: Amount) -> str:
    return ctx.say("balance-no-cap") if cap is None else money(max(0, cap - used))


async def _relay(ctx: Context, endpoint: Endpoint) -> str:
    """What the relay says; a failure to ask is "unknown", never zero and never an error."""
    try:
        found = await ctx.upstream.balance(endpoint)
    except EaselError:
        found = None
    if found is None:
        return ctx.say("balance-relay-unknown")
    return ctx.say("balance-relay", amount=f"{found.amount:,.2f}", unit=found.unit)
