"""Money: what a request costs, who pays, and which accounts a hold is booked on.

Whoever's key is used owns the *pot*. Out of the operator's pot come caps for everything, for
each chat and for each member. What a chat spends is counted once more for its own caps, which its
admin sets: they bind by the chat's own key, and by the operator's within the operator's caps.
A key that a member lends to the chat has a cap of its giver's instead.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from bot.errors import BadInput
from bot.model import (
    POOL,
    UNCAPPED,
    UNIT,
    Allowance,
    Amount,
    Background,
    Chat,
    Endpoint,
    Format,
    ImageRequest,
    Limit,
    User,
)
from bot.ports import Profile
from bot.sizes import Size, nearest_ratio

ASK_ABOVE: Amount = 2 * UNIT
"""From here on a person is asked before it is spent, in a chat that has not said otherwise."""

OWN = "own"
"""Ends the account of what somebody spent here by a key of their own; no cap of the chat's counts it."""

OPERATOR = "operator"
"""The name of the operator's endpoint, and of its pot."""


@dataclass(frozen=True, slots=True)
class Quotas:
    """The operator's caps in `Amount`; ``None``: no cap."""

    total_daily: Amount | None = None
    total_monthly: Amount | None = None
    chat_daily: Amount | None = None
    chat_monthly: Amount | None = None
    member_daily: Amount | None = None
    member_monthly: Amount | None = None


def ask_above(chat: Chat) -> Amount:
    """The price from which on somebody is asked in this chat; negative: never."""
    return ASK_ABOVE if chat.ask_above is None else chat.ask_above


def operators(endpoint: str) -> bool:
    """Whether an endpoint of this name is one of the operator's: ``operator``, or ``operator:<name>``."""
    return endpoint.partition(":")[0] == OPERATOR


def pooled(endpoint: str) -> bool:
    """Whether a member lent the key of the endpoint of this name."""
    return endpoint.partition("/")[0] == POOL


def limits(
    quotas: Quotas,
    chat: Chat,
    pot: str,
    user: User,
    *,
    roles: Iterable[str] = (),
    sharing: Mapping[User, int] | None = None,
    cap: Allowance = UNCAPPED,
) -> tuple[Limit, ...]:
    """The accounts that a job of ``user`` in ``chat`` is held on, from the widest to the member's.

    ``pot`` is the name of the endpoint that is used; all of the operator's are one pot. ``roles`` are
    those of ``user``. Where several are ``sharing`` the cost, each bears it by their weight. ``cap`` is
    that of a key that a member lent: it binds instead of the chat's, and alone where that member asks.
    """
    bearers = sharing or {user: 0}

    def members(of: str, cap: Callable[[User], Allowance]) -> Iterator[Limit]:
        for who, weight in bearers.items():
            name = "" if who.id == user.id else who.name
            yield Limit(f"{of}/{who.id}", cap(who).day, cap(who).month, "member", weight, name)

    if pooled(pot):
        lent = Limit(pot, cap.day, cap.month, "pool")
        if pot.rpartition("/")[2] == user.id and not sharing:
            return lent, Limit(f"{pot}/{OWN}", kind="own")
        return (lent, *members(chat.home, lambda who: member_cap(chat, roles if who.id == user.id else ())))
    ours = (
        Limit(chat.home, chat.chat_cap.day, chat.chat_cap.month),
        *members(chat.home, lambda who: member_cap(chat, roles if who.id == user.id else ())),
    )
    if not operators(pot):
        return ours
    quota = Allowance(quotas.member_daily, quotas.member_monthly)
    return (
        Limit(OPERATOR, quotas.total_daily, quotas.total_monthly, "operator"),
        Limit(f"{OPERATOR}/{chat.home}", quotas.chat_daily, quotas.chat_monthly),
        *members(OPERATOR, lambda _: quota),
        *ours,
    )


def member_cap(chat: Chat, roles: Iterable[str]) -> Allowance:
    """What a member with these roles may spend: the most generous of the roles that have a cap of their own.

    Without such a role it is what every member may.
    """
    found = [chat.role_caps[role] for role in roles if role in chat.role_caps]
    if not found:
        return chat.member_cap
    return Allowance(_most([cap.day for cap in found]), _most([cap.month for cap in found]))


def _most(caps: list[Amount | None]) -> Amount | None:
    """The largest; no cap at all is larger."""
    return None if None in caps else max(cap for cap in caps if cap is not None)


def money(amount: Amount) -> str:
    """``$0.17``; where a cent is too coarse with up to four digits, e.g. ``$0.006``."""
    value = (Decimal(amount) / UNIT).quantize(Decimal("0.0001"))
    cents = value.quantize(Decimal("0.01"))
    return f"${cents}" if value == cents or abs(value) >= 1 else f"${value.normalize():f}"


def share(hold: Amount, got: int, asked: int) -> Amount:
    """The part of an estimate that ``got`` of ``asked`` pictures cost, rounded up."""
    return -(-hold * got // asked) if asked else 0


def split(amount: Amount, weights: Mapping[str, int]) -> dict[str, Amount]:
    """An amount divided by weights, in the order of the names; the parts add up to it exactly.

    Each part is within a millionth of its exact share: what is cut off by one is the next one's.
    """
    whole, begun, parts = sum(weights.values()), 0, {}
    for name in sorted(weights):
        ended = begun + weights[name]
        parts[name] = amount * ended // whole - amount * begun // whole
        begun = ended
    return parts


def supported(profile: Profile, endpoint: Endpoint, request: ImageRequest) -> None:
    """Raise `BadInput` for what this model at this relay can't do, before anything is spent."""
    wrong = _unsupported(profile, request)
    if wrong:
        option, value, allowed = wrong
        raise BadInput(
            f"error-unsupported-{option}",
            value=value,
            allowed=allowed,
            model=named(profile, endpoint, request.model),
        )


def named(profile: Profile, endpoint: Endpoint, model: str = "") -> str:
    """What to call a model that may not have been named: that which the relay then takes."""
    return model or endpoint.model or next(iter(profile.models), endpoint.dialect)


def _unsupported(profile: Profile, request: ImageRequest) -> tuple[str, str, str] | None:
    checks: tuple[tuple[str, str, tuple[str, ...]], ...] = (
        ("model", request.model, profile.models),
        ("quality", request.quality.value, profile.qualities),
        ("format", request.output_format or "", profile.formats),
        ("background", request.background or "", profile.backgrounds),
        ("size", request.size.pixels, profile.sizes),
        ("moderation", request.moderation or "", profile.moderations),
    )
    for option, value, allowed in checks:
        if value and allowed and value not in allowed and value != "auto":
            return option, value, ", ".join(allowed)
    if profile.ratios_4k and request.size.klass == "4k" and not _made_in_4k(profile, request.size):
        return "4k", f"{nearest_ratio(request.size)}@2k", ", ".join(profile.ratios_4k)
    return _too_much(profile, request)


def _too_much(profile: Profile, request: ImageRequest) -> tuple[str, str, str] | None:
    if request.n > profile.n:
        return "n", str(request.n), f"1–{profile.n}"
    if len(request.prompt) > profile.prompt:
        return "prompt", str(len(request.prompt)), str(profile.prompt)
    if len(request.images) > profile.images:
        return (
            ("images", str(len(request.images)), f"1–{profile.images}")
            if profile.images
            else ("edit", "", "")
        )
    if request.mask and not profile.mask:
        return "mask", "", ""
    return _of_another_format(profile, request)


def _of_another_format(profile: Profile, request: ImageRequest) -> tuple[str, str, str] | None:
    """What only some formats have. Without a word about it the format is a PNG."""
    if request.output_compression is not None:
        if not profile.compression:
            return "compression", str(request.output_compression), ""
        if request.output_format not in (Format.JPEG, Format.WEBP):
            return "compressed-format", "", "--format jpeg, --format webp"
    if request.background is Background.TRANSPARENT and request.output_format is Format.JPEG:
        return "transparency", "jpeg", "png, webp"
    return None


def _made_in_4k(profile: Profile, size: Size) -> bool:
    return nearest_ratio(size, within=0.02) in profile.ratios_4k
