"""Files on their way out to a platform."""

from __future__ import annotations

import io

_PIECE = 2 * 1024 * 1024  # bytes: the usual picture in one


class Body(io.FileIO):
    """A file that comes in large pieces, read from the disk as it is sent.

    Clients ask for a fraction of that at a time, and each time, which may be a change of thread, costs
    more than the bytes do.
    """

    def read(self, size: int | None = -1, /) -> bytes:
        """At least ``size`` bytes, where there are as many."""
        return super().read(max(size, _PIECE) if size and size > 0 else size) or b""
