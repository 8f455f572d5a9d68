"""``/audit``: what admins and the operator did here, newest first; ``everywhere`` for operators."""

from __future__ import annotations

from typing import Annotated

from bot.command import Rest
from bot.context import Context
from bot.errors import NotAllowed
from bot.model import AuditEntry, Button
from bot.views import sentence

_PAGE = 10
_EVERYWHERE = "everywhere"


async def audit(ctx: Context, which: Annotated[str, Rest(60)] = "") -> None:
    """A page of the audit trail. ``which``: ``everywhere``, how many entries to go back, or both."""
    said = which.lower().split()
    everywhere = _EVERYWHERE in said
    if everywhere and not await ctx.policy.is_operator(ctx.user):
        raise NotAllowed("error-operator-only")
    await ctx.policy.demand_admin(ctx.invocation)
    skip = next((int(word) for word in said if word.isdecimal() and len(word) < 7), 0)
    home = None if everywhere else ctx.chat.home
    found = await ctx.store.audit_trail(home, limit=_PAGE + 1, skip=skip)
    lines = [_line(ctx, entry, everywhere=everywhere) for entry in found[:_PAGE]]
    text = "\n".join([ctx.say("audit-title"), *lines]) if lines else ctx.say("audit-nothing")
    older = Button(
        ctx.say("button-older"), "audit", f"{_EVERYWHERE if everywhere else ''} {skip + _PAGE}".strip()
    )
    await ctx.reply(text, buttons=((older,),) if len(found) > _PAGE else (), private=True)


def _line(ctx: Context, entry: AuditEntry, *, everywhere: bool) -> str:
    """``11-21 14:05 · Ada · set the key sk-…abcd``."""
    said = sentence(ctx.services.words, ctx.language, entry.what)
    place = f" · {entry.home}" if everywhere else ""
    return f"{entry.at:%m-%d %H:%M}{place} · {entry.user.name} · {said}"
