"""What tokens cost. OpenAI bills pictures by tokens and says how many they were; some relays say it too."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.model import UNIT, Amount, ImageRequest
from bot.ports import Profile

PREVIEW = 100
"""Output tokens of one partial picture (OpenAI's image generation guide)."""

REFERENCE = 1600
"""Tokens of a picture given, at most: one for each square of 32 pixels, of what it is made smaller to."""

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
    total = text * prices["text"] + (image + untold) * prices["image"] + output * prices["output"]
    return -(-total // UNIT)


def beside(profile: Profile, request: ImageRequest) -> Amount:
    """What one picture costs beside its own price, at most: the prompt, pictures given, previews."""
    prices = profile.tokens
    if not prices:
        return 0
    total = (len(request.prompt.encode(errors="replace")) // _BYTES + 1) * prices["text"]
    total += (len(request.images) + bool(request.mask)) * REFERENCE * prices["image"]
    total += profile.previews * PREVIEW * prices["output"]
    return -(-total // UNIT)


def _count(node: Any, name: str) -> int:
    value = node.get(name) if isinstance(node, Mapping) else None
    return max(0, value) if isinstance(value, int) and not isinstance(value, bool) else 0
