"""What tokens cost. OpenAI bills pictures by tokens and says how many they were; some relays say it too."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from bot.model import UNIT, Amount, ImageRequest, Quality
from bot.ports import Profile

PREVIEW = 100
"""Output tokens of one partial picture (OpenAI's image generation guide)."""

REFERENCE = 1600
"""Tokens of a picture given, at most: one for each square of 32 pixels, of what it is made smaller to."""

_MOST = 10_000_000
"""Tokens that no answer comes to: ten pictures of 4K take a quarter of a million."""

_SQUARE = {"1k": 1024, "2k": 2048, "4k": 2880}
_BYTES = 3  # of a prompt for one token, or fewer: a Chinese character takes three


def cost(usage: Any, prices: Mapping[str, Amount] | None) -> Amount | None:
    """What an answer's ``usage`` comes to, rounded up; ``None`` when it tells nothing, or has no price."""
    if not prices or not isinstance(usage, Mapping):
        return None
    output = _count(usage, "output_tokens")
    if not output:
        return None
    details = usage.get("input_tokens_details")
    text, image = _count(details, "text_tokens"), _count(details, "image_tokens")
    untold = max(0, _count(usage, "input_tokens") - text - image)  # of which kind they were: the dearer
    if text + image + untold + output > _MOST:
        return None
    counted = {"text": text, "image": image + untold, "output": output}
    return _priced(counted, prices)


def beside(profile: Profile, request: ImageRequest) -> Amount:
    """What one picture costs beside its own price, at most: the prompt, pictures given, previews.

    At low quality no previews are asked for.
    """
    prices = profile.tokens
    if not prices:
        return 0
    counted = {
        "text": len(request.prompt.encode(errors="replace")) // _BYTES + 1,
        "image": (len(request.images) + bool(request.mask)) * REFERENCE,
        "output": 0 if request.quality is Quality.LOW else profile.previews * PREVIEW,
    }
    return _priced(counted, prices)


def slant(profile: Profile, request: ImageRequest) -> Fraction:
    """What a picture of this shape takes of the price of the square of its class."""
    axis, size = profile.axes.get(request.quality.value, 0), request.size
    if not axis or size.auto:
        return Fraction(1)
    side = _SQUARE[size.klass]
    return Fraction(_output(axis, size.width, size.height), _output(axis, side, side))


def _output(axis: int, width: int, height: int) -> int:
    """Tokens of a picture, as OpenAI's own calculator has them: ``axis`` for the long side, for the short
    one in proportion, and more with the area."""
    long, short = max(width, height), min(width, height)
    across = (2 * axis * short + long) // (2 * long)
    return -(-axis * across * (2_000_000 + width * height) // 4_000_000)


def _priced(counted: Mapping[str, int], prices: Mapping[str, Amount]) -> Amount:
    """Rounded up; what has no price of its own is free."""
    return -(-sum(count * prices.get(kind, 0) for kind, count in counted.items()) // UNIT)


def _count(node: Any, name: str) -> int:
    value = node.get(name) if isinstance(node, Mapping) else None
    return max(0, value) if isinstance(value, int) and not isinstance(value, bool) else 0
