"""Links to single files that a platform does not take: whoever has one may read that file until it ends.

The signature is the right. It covers the file and the day on which the link ends, so nothing has to be
written down, and a link that is made again on the same day is the same one.
"""

from __future__ import annotations

import hmac
import time

from bot.model import Picture, PictureId

PATH = "/files"
LONGEST = 30
"""Days that a link lasts at most."""

_DAY = 86_400
_SIGNED = 32  # hexadecimal digits: 128 bits


class Links:
    """``base``: the public address of the web port, empty for none. ``days``: how long files are kept."""

    def __init__(self, base: str, secret: bytes, days: int) -> None:
        self._base, self._days = base.rstrip("/"), min(days, LONGEST)
        self._key = hmac.digest(secret, b"easel link to a file", "sha256")

    def __call__(self, picture: Picture) -> str:
        """The address of a kept picture; ``""`` where none can be given."""
        if not self._base:
            return ""
        ends = str(int(time.time()) // _DAY + self._days + 1)
        return f"{self._base}{PATH}/{picture.id}/{ends}/{self._signature(picture.id, ends)}/{picture.name}"

    def opens(self, picture: PictureId, ends: str, signature: str) -> bool:
        """Whether this is a link that we gave, and that has not ended."""
        right = hmac.compare_digest(self._signature(picture, ends).encode(), signature.encode())
        return right and bool(self._base) and int(ends) * _DAY > time.time()

    def _signature(self, picture: str, ends: str) -> str:
        return hmac.new(self._key, f"{picture}/{ends}".encode(), "sha256").hexdigest()[:_SIGNED]
