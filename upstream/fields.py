"""The request in OpenAI's names. Each dialect says which of them it has; nothing else is sent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from bot.model import Order, Quality
from upstream.http import Site

WORDS = ("model", "prompt", "n", "size", "quality")
LOOKS = ("background", "output_format", "output_compression", "moderation")
STREAM = ("stream", "partial_images")


def asked(site: Site, order: Order, names: Iterable[str], previews: int = 0) -> dict[str, Any]:
    """Of the fields named those that were asked for: what is left out is the provider's to choose."""
    request = order.request
    values = {
        "model": request.model or site.endpoint.model,
        "prompt": request.prompt,
        "n": request.n,
        "size": None if request.size.auto else request.size.pixels,
        "quality": None if request.quality is Quality.AUTO else request.quality.value,
        "background": request.background,
        "output_format": request.output_format,
        "output_compression": request.output_compression,
        "moderation": request.moderation,
        "user": order.tag or None,
        "safety_identifier": order.tag or None,
        "stream": True if previews else None,
        "partial_images": previews or None,
    }
    return {name: values[name] for name in names if values[name] is not None}


def texts(fields: Mapping[str, Any]) -> dict[str, str]:
    """The fields as a form has them."""
    return {name: "true" if value is True else str(value) for name, value in fields.items()}
