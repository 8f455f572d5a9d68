"""``/balance``: what is left, for the chat and for the member, what is held, and what the relay says."""

from __future__ import annotations

from bot.context import Context
from bot.credits import money, pooled
from bot.errors import EaselError
from bot.model import Amount, Endpoint, Limit, Standing
from bot.policy import Payer


async def balance(ctx: Context) -> None:
    """Every figure is a sum over the ledger; the relay's is asked for now, or "unknown"."""
    lines: list[str] = []
    payers = await ctx.payers()
    for payer in payers:
        lines += await _of(ctx, payer)
    lines.append(await _relay(ctx, payers[0].endpoint))
    await ctx.reply("\n".join(lines), private=True)


async def _of(ctx: Context, payer: Payer) -> list[str]:
    """What there is to say of one pot, with the caps that bind this person there."""
    accounts = ctx.accounts(payer)
    standings = await ctx.store.standing([limit.account for limit in accounts])
    lines = [ctx.say("balance-title", payer=await _payer(ctx, payer.endpoint.name))]
    for kind in ("chat", "pool", "member"):
        mine = [pair for pair in zip(accounts, standings, strict=True) if pair[0].kind == kind]
        if mine:
            lines.append(_line(ctx, kind, mine))
        if mine and kind != "member":
            lines.append(ctx.say("balance-held", amount=money(mine[-1][1].held)))
    return lines


async def _payer(ctx: Context, name: str) -> str:
    if pooled(name):
        lent = next((key for key in await ctx.store.pool(ctx.chat.home) if key.name == name), None)
        return ctx.say("balance-lent-key", name=lent.giver.name if lent else "–")
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
