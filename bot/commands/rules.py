"""``/rules``: what may be asked for here, by whom, where and how often. Read by all, changed by admins.

Said as on a phone: ``/rules slow 60``, ``/rules block word cats, dogs``, ``/rules style after in ink``.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from typing import Annotated

from bot.command import Rest
from bot.context import Context
from bot.errors import BadInput
from bot.model import Button, Reply
from bot.people import meant
from bot.rules import EVERYWHERE, HouseStyle, Kind, Rules, Who, with_, without
from bot.views import Rows, short

_LONGEST_PAUSE = 24 * 3600
_MOST_WORDS, _MOST_STYLE = 500, 1000
_ROLE, _PLACE = re.compile(r"<@&(\d+)>"), re.compile(r"<#(\d+)>")
_SECONDS = re.compile(r"(\d{1,5})\s*(s|sec|m|min|h)?[a-z]*")
_UNITS = {"m": 60, "min": 60, "h": 3600}
_ON, _OFF = ("on", "yes", "here"), ("off", "no", "none", "0")
_EVERYWHERE = "everywhere"
_HERE = ("here", "channel", "topic", "this")

Change = Callable[[Context, Rules, str], Awaitable[Rules]]


async def rules(ctx: Context, rule: Annotated[str, Rest(2000)] = "") -> None:
    """Show the rules, or change one."""
    if not rule:
        await ctx.reply(await _shown(ctx), buttons=await _switches(ctx), private=True)
        return
    await ctx.policy.demand_admin(ctx.invocation)
    changed = await _changed(ctx, ctx.chat.rules, rule)
    said = " ".join(rule.split())[:120]
    ctx.speak_for(
        await ctx.store.save_chat(ctx.chat.home, audit=ctx.audit("audit-rules", rule=said), rules=changed)
    )
    text, buttons = await _shown(ctx), await _switches(ctx)
    if ctx.invocation.pressed and ctx.invocation.origin:
        await ctx.adapter.edit(ctx.invocation.origin, Reply(text, buttons=buttons, private=True))
    else:
        await ctx.reply(f"{ctx.say('settings-changed')}\n{text}", buttons=buttons, private=True)


async def _changed(ctx: Context, rules: Rules, said: str) -> Rules:
    """The rules after ``said``. Raises `BadInput`, which shows how such a rule is said."""
    verb, _, rest = said.partition(" ")
    change = _CHANGES.get(verb.lower().rstrip(":："))
    if change is None:
        raise BadInput("error-rule-unknown", rule=verb[:40])
    return await change(ctx, rules, rest.strip())


async def _words(ctx: Context, rules: Rules, rest: str, *, add: bool) -> Rules:
    """``word cats, dogs``: commas, or lines, between words."""
    kind, _, listed = rest.partition(" ")
    if kind.lower() not in ("word", "words"):
        raise BadInput("error-rule-block", rule=rest[:40])
    found = [word.strip()[:100] for word in re.split(r"[,，、;；\n]", listed) if word.strip()]
    if not found:
        raise BadInput("error-rule-words")
    lower = {word.casefold() for word in found}
    kept = tuple(word for word in rules.words if word.casefold() not in lower)
    return replace(rules, words=(*kept, *found)[-_MOST_WORDS:] if add else kept)


async def _block(ctx: Context, rules: Rules, rest: str) -> Rules:
    return await _words(ctx, rules, rest, add=True)


async def _unblock(ctx: Context, rules: Rules, rest: str) -> Rules:
    return await _words(ctx, rules, rest, add=False)


async def _allow(ctx: Context, rules: Rules, rest: str) -> Rules:
    """Once somebody is allowed, others are not; ``everyone`` takes all of that back."""
    if rest.lower() in ("everyone", "everybody", "all"):
        return replace(rules, allow=_places(rules.allow), deny=_places(rules.deny))
    if rest.lower() == _EVERYWHERE:
        return replace(rules, allow=_people(rules.allow), deny=_people(rules.deny))
    who = await _who(ctx, rest)
    return replace(rules, allow=with_(rules.allow, who), deny=without(rules.deny, who))


async def _deny(ctx: Context, rules: Rules, rest: str) -> Rules:
    who = await _who(ctx, rest)
    return replace(rules, deny=with_(rules.deny, who), allow=without(rules.allow, who))


def _people(whos: tuple[Who, ...]) -> tuple[Who, ...]:
    return tuple(who for who in whos if who.kind is not Kind.PLACE)


def _places(whos: tuple[Who, ...]) -> tuple[Who, ...]:
    return tuple(who for who in whos if who.kind is Kind.PLACE)


async def _who(ctx: Context, said: str) -> Who:
    """``here``, a channel, a role or a person; ``user``, ``role`` or ``channel`` may stand before."""
    kind, _, name = said.partition(" ")
    here = ctx.invocation.chat.room
    if not name and kind.lower() in _HERE:
        return Who(Kind.PLACE, here, f"#{here}")
    bare = name.strip() if kind.lower() in ("user", "member", "role", *_HERE) else said
    if found := _ROLE.fullmatch(bare):
        return Who(Kind.ROLE, found[1], bare)
    if found := _PLACE.fullmatch(bare):
        return Who(Kind.PLACE, found[1], bare)
    if kind.lower() == "role":
        if not bare.isdecimal():
            raise BadInput("error-rule-role")
        return Who(Kind.ROLE, bare, f"<@&{bare}>")
    return await meant(
        ctx, "" if kind.lower() == bare.lower() and kind.lower() in ("user", "member") else bare
    )


async def _slow(ctx: Context, rules: Rules, rest: str) -> Rules:
    """``60``, ``90s``, ``5 min``, ``1h``, ``off``."""
    if rest.lower() in _OFF:
        return replace(rules, slow=0)
    found = _SECONDS.fullmatch(rest.lower())
    if found is None:
        raise BadInput("error-rule-slow")
    return replace(rules, slow=min(int(found[1]) * _UNITS.get(found[2] or "s", 1), _LONGEST_PAUSE))


async def _quiet(ctx: Context, rules: Rules, rest: str) -> Rules:
    return replace(rules, quiet=_switch(rest))


async def _adults(ctx: Context, rules: Rules, rest: str) -> Rules:
    return replace(rules, adults=_switch(rest))


async def _veil(ctx: Context, rules: Rules, rest: str) -> Rules:
    """``on`` and ``off`` for this room, ``everywhere on|off`` for all."""
    words = rest.lower().split()
    everywhere = _EVERYWHERE in words
    place = EVERYWHERE if everywhere else ctx.invocation.chat.room
    on = _switch(" ".join(word for word in words if word != _EVERYWHERE) or "on")
    others = () if everywhere else tuple(each for each in rules.veiled if each != place)
    return replace(rules, veiled=(*others, place) if on else others)


async def _style(ctx: Context, rules: Rules, rest: str) -> Rules:
    """``before …``, ``after …``, ``off``; with ``here`` first for this room alone."""
    first, _, more = rest.partition(" ")
    place = ctx.invocation.chat.room if first.lower() in _HERE else EVERYWHERE
    side, _, words = (more if place else rest).strip().partition(" ")
    own = next((style for style in rules.styles if style.place == place), HouseStyle(place))
    words = words.strip()[:_MOST_STYLE]
    match side.lower():
        case "before" | "prefix":
            return rules.styled(replace(own, before=words))
        case "after" | "suffix":
            return rules.styled(replace(own, after=words))
        case "off" | "none":
            return rules.styled(HouseStyle(place))
    raise BadInput("error-rule-style")


async def _clear(ctx: Context, rules: Rules, rest: str) -> Rules:
    """Nothing is left but who is blocked: that is taken back one by one."""
    return Rules(blocked=rules.blocked)


def _switch(said: str) -> bool:
    word = said.lower()
    if word not in _ON + _OFF:
        raise BadInput("error-rule-switch", value=said[:40])
    return word in _ON


_CHANGES: dict[str, Change] = {
    "block": _block,
    "unblock": _unblock,
    "allow": _allow,
    "deny": _deny,
    "slow": _slow,
    "quiet": _quiet,
    "spoiler": _veil,
    "nsfw": _adults,
    "style": _style,
    "clear": _clear,
}


# --- as people read them --------------------------------------------------------------------


async def _shown(ctx: Context) -> str:
    admin = await ctx.policy.is_admin(ctx.invocation)
    lines = list(_lines(ctx, ctx.chat.rules, admin=admin)) or [ctx.say("rules-none")]
    return "\n".join([ctx.say("rules-title"), *lines, *([ctx.say("rules-how")] if admin else [])])


def _lines(ctx: Context, rules: Rules, *, admin: bool) -> Iterator[str]:
    """Who is kept out is told when an admin asks, and read by all where answers are."""
    yield from _about_people(ctx, rules, admin=admin)
    own = rules.style(ctx.rooms)
    style = " … ".join(part for part in (own.before, own.after) if part)
    said = (
        (rules.words, ctx.say("rules-words", count=len(rules.words))),
        (rules.slow, ctx.say("rules-slow", seconds=rules.slow)),
        (rules.quiet, ctx.say("rules-quiet")),
        (rules.veils(ctx.rooms), ctx.say("rules-veiled")),
        (rules.adults, ctx.say("rules-adults")),
        (style, ctx.say("rules-style", style=short(style))),
    )
    yield from (line for rule, line in said if rule)


def _about_people(ctx: Context, rules: Rules, *, admin: bool) -> Iterator[str]:
    if people := _people(rules.allow):
        yield ctx.say("rules-only-people", who=_names(people))
    if places := _places(rules.allow):
        yield ctx.say("rules-only-places", where=_names(places))
    if places := _places(rules.deny):
        yield ctx.say("rules-not-places", where=_names(places))
    if admin and (out := (*_people(rules.deny), *rules.blocked)):
        yield ctx.say("rules-not-people", who=_names(out))


def _names(whos: tuple[Who, ...]) -> str:
    return ", ".join(who.shown for who in whos[:20])


async def _switches(ctx: Context) -> Rows:
    """What an admin flips with a thumb."""
    if not await ctx.policy.is_admin(ctx.invocation):
        return ()
    rules = ctx.chat.rules

    def flip(name: str, on: bool) -> Button:
        return Button(
            ctx.say(f"button-{name}-off" if on else f"button-{name}-on"), "rules", f"{name} {_flipped(on)}"
        )

    veiled = ctx.invocation.chat.room in rules.veiled
    rows = ((flip("quiet", rules.quiet), flip("spoiler", veiled)),)
    slow = Button(
        ctx.say("button-slow-off" if rules.slow else "button-slow-on"),
        "rules",
        f"slow {'off' if rules.slow else 60}",
    )
    adults = (flip("nsfw", rules.adults),) if ctx.invocation.nsfw is not None or rules.adults else ()
    return (*rows, (slow, *adults))


def _flipped(on: bool) -> str:
    return "off" if on else "on"
