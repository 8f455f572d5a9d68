"""Files on their way out to a platform."""

from __future__ import annotations

import io
import os

_PIECE = 2 * 1024 * 1024  # bytes: the usual picture in one


class Body(io.FileIO):
    """A file that comes in large pieces, read from the disk as it is sent.

    Clients ask for a fraction of that at a time, and each time, which may be a change of thread, costs
    more than the bytes do.
    """

    def read(self, size: int | None = -1, /) -> bytes:
        """At least ``size`` bytes, where there are as many.

        Room is made for what is there and no more: room for a whole piece would come from the system each
        time, page by page.
        """
        if size is None or size < 0:
            return super().read() or b""
        left = os.fstat(self.fileno()).st_size - self.tell()
        return super().read(min(max(size, _PIECE), left)) or b""
