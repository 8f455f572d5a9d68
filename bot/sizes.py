"""Sizes as people say them, and the pixels that image APIs take.

The table is the normalised one of UPSTREAMS, section 4: every entry has both sides divisible
by 16, lies between 655,360 and 8,294,400 pixels, has no side above 3840 and a ratio strictly
below 3:1, so that every relay of the family takes it.
"""

from __future__ import annotations

import math
import re
import unicodedata
from dataclasses import dataclass

_TABLE: dict[str, tuple[tuple[int, int], tuple[int, int], tuple[int, int]]] = {
    "1:1": ((1024, 1024), (2048, 2048), (2880, 2880)),
    "5:4": ((1120, 896), (2000, 1600), (3200, 2560)),
    "4:3": ((1152, 864), (2048, 1536), (3264, 2448)),
    "3:2": ((1536, 1024), (2016, 1344), (3504, 2336)),
    "16:9": ((1536, 864), (2048, 1152), (3840, 2160)),
    "2:1": ((1408, 704), (2048, 1024), (3840, 1920)),
    "21:9": ((1568, 672), (2016, 864), (3840, 1648)),
}
TIERS = ("1k", "2k", "4k")
RATIOS = tuple(_TABLE) + tuple(":".join(reversed(r.split(":"))) for r in _TABLE if r != "1:1")
SUGGESTIONS = ("auto", *RATIOS, *TIERS, "1024x1024", "1536x1024", "1024x1536")

STEP, SIDE, LEAST, MOST = 16, 3840, 655_360, 8_294_400
_USUAL_TIER = "1k"
_BARE_TIER = {"1k": "1:1", "2k": "1:1", "4k": "16:9"}  # "4k" alone is what every screen calls 4K
_PIXELS = re.compile(r"(\d{2,5})\s*[x*×]\s*(\d{2,5})")
_RATIO = re.compile(r"(?:(\d{1,2})\s*[:/]\s*(\d{1,2}))?[\s,@_-]*([124]k)?")


@dataclass(frozen=True, slots=True)
class Size:
    """``auto``, or pixels; with the ratio and tier they were said in, where they were.

    ``str()`` gives what ``parse`` reads: ``"auto"``, ``"1008x1600"``, ``"16:9"`` or ``"16:9@2k"``.
    """

    width: int = 0
    height: int = 0
    ratio: str = ""
    tier: str = ""

    def __str__(self) -> str:
        if not self.ratio:
            return self.pixels
        return self.ratio if self.tier == _USUAL_TIER else f"{self.ratio}@{self.tier}"

    @property
    def auto(self) -> bool:
        return not self.width

    @property
    def pixels(self) -> str:
        """``"1536x864"``, or ``"auto"``."""
        return "auto" if self.auto else f"{self.width}x{self.height}"

    @property
    def spoken(self) -> str:
        """As shown to people: ``"16:9 · 1536x864"``."""
        return f"{self.ratio} · {self.pixels}" if self.ratio else self.pixels

    @property
    def klass(self) -> str:
        """The size class that prices go by: ``1k``, ``2k`` or ``4k``; ``auto`` counts as ``1k``."""
        if self.tier:
            return self.tier
        area = self.width * self.height
        return "1k" if area <= 1_600_000 else "2k" if area <= 4_300_000 else "4k"


AUTO = Size()


def parse(text: str) -> Size:
    """Read ``auto``, ``16:9``, ``4k``, ``16:9 4k``, ``1024x1024``, full-width forms included.

    Raises `ValueError` when it is none of these, or pixels that no API of the family takes.
    """
    said = unicodedata.normalize("NFKC", text).strip().lower()
    if said in ("", "auto"):
        return AUTO
    if found := _PIXELS.fullmatch(said):
        return _from_pixels(int(found[1]), int(found[2]))
    if found := _RATIO.fullmatch(said):
        wide, high, tier = found.groups()
        return _from_ratio(f"{wide}:{high}" if wide else _BARE_TIER[tier], tier or _USUAL_TIER)
    raise ValueError(text)


def nearest_ratio(size: Size, within: float = math.inf) -> str:
    """The ratio said, else the one of the table nearest to the pixels; empty when that is further off
    than ``within`` (0.02: two per cent), or for ``auto``."""
    if size.ratio or size.auto:
        return size.ratio

    def off(ratio: str) -> float:
        wide, high = map(int, ratio.split(":"))
        return abs(math.log(size.width * high / (size.height * wide)))

    nearest = min(RATIOS, key=off)
    return nearest if off(nearest) <= within else ""


def _from_ratio(ratio: str, tier: str) -> Size:
    at = TIERS.index(tier)
    if ratio in _TABLE:
        width, height = _TABLE[ratio][at]
    elif (turned := ":".join(reversed(ratio.split(":")))) in _TABLE:
        height, width = _TABLE[turned][at]
    else:
        raise ValueError(ratio)
    return Size(width, height, ratio, tier)


def _from_pixels(width: int, height: int) -> Size:
    legal = (
        width % STEP == 0
        and height % STEP == 0
        and max(width, height) <= SIDE
        and max(width, height) < 3 * min(width, height)
        and LEAST <= width * height <= MOST
    )
    if not legal:
        raise ValueError(f"{width}x{height}")
    return Size(width, height)
