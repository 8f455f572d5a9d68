"""A request as it is written down: in a job's row, and in a question about its price."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

from bot.model import Background, Format, ImageRequest, Moderation, Quality, Video
from bot.sizes import Size


def request_text(request: ImageRequest) -> str:
    return json.dumps(request, default=_fields)


def _fields(part: ImageRequest | Size | Video) -> dict[str, Any]:
    return {name: getattr(part, name) for name in part.__slots__}


@lru_cache(maxsize=32)  # a job is read at each of its steps
def request_of(text: str) -> ImageRequest:
    stored = json.loads(text)
    background, output_format = stored["background"], stored["output_format"]
    moderation = stored.get("moderation")
    return ImageRequest(
        **{
            **stored,  # fields that a later version added are missing in old rows, and have defaults
            "size": Size(**stored["size"]),
            "quality": Quality(stored["quality"]),
            "output_format": output_format and Format(output_format),
            "background": background and Background(background),
            "moderation": moderation and Moderation(moderation),
            "images": tuple(stored["images"]),
            "video": _video_of(stored.get("video")),
        }
    )


def _video_of(stored: dict[str, Any] | None) -> Video | None:
    if stored is None:
        return None
    return Video(**{**stored, "videos": tuple(stored["videos"]), "audios": tuple(stored["audios"])})
