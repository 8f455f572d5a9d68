"""``/price``: what a picture would cost here, before anything is spent."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from bot.command import Parsed
from bot.commands.options import Count, Model, Prompt, QualityOption, SizeOption, with_defaults
from bot.context import Context
from bot.credits import money, named, supported
from bot.model import Endpoint, ImageRequest, Quality
from bot.sizes import TIERS


async def price(
    ctx: Context,
    prompt: Prompt = "",
    of: Annotated[str | None, Parsed(str)] = None,
    size: SizeOption = None,
    quality: QualityOption = None,
    n: Count = None,
    model: Model = None,
) -> None:
    """With options what such a picture would cost; in reply to a job what that would; alone: a table."""
    endpoint = await ctx.endpoint()
    replied = ctx.invocation.replied
    job = await ctx.job(of) if of else await ctx.store.job_at(replied) if replied else None
    if job:
        text = _said(ctx, endpoint, job.request)
    elif prompt or size or quality or n or model is not None:
        request = with_defaults(ctx.chat, prompt, size=size, quality=quality, n=n, model=model)
        supported(ctx.upstream.profile(endpoint, request.model), endpoint, request)
        text = _said(ctx, endpoint, request)
    else:
        text = "\n".join(_table(ctx, endpoint))
    await ctx.reply(text, private=True)


def _said(ctx: Context, endpoint: Endpoint, request: ImageRequest) -> str:
    price = ctx.upstream.estimate(endpoint, request)
    if not price:
        return ctx.say("price-nothing")
    facts = [
        named(ctx.upstream.profile(endpoint, request.model), endpoint, request.model),
        "" if request.size.auto else str(request.size),
        "" if request.quality is Quality.AUTO else request.quality.value,
        f"n={request.n}" if request.n > 1 else "",
    ]
    said = " · ".join(fact for fact in facts if fact)
    return f"{ctx.say('price-about', price=money(price))}{f' ({said})' if said else ''}"


def _table(ctx: Context, endpoint: Endpoint) -> Iterator[str]:
    """A line for each quality, by size."""
    profile = ctx.upstream.profile(endpoint, ctx.chat.model)
    prices = profile.prices or {}
    if not prices:
        yield ctx.say("price-nothing")
        return
    yield ctx.say("price-title", model=named(profile, endpoint, ctx.chat.model))
    for quality in dict.fromkeys(quality for quality, _ in prices):
        row = [(tier, prices.get((quality, tier))) for tier in TIERS]
        known = [f"{tier.upper()} {money(amount)}" for tier, amount in row if amount is not None]
        yield f"{quality}: {' · '.join(known)}"
    yield ctx.say("price-more")
