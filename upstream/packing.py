"""Bodies that come packed although they were asked for as they are: unpacked in bounded pieces.

A few kilobytes may unpack to gigabytes; so no more than a piece is ever unpacked at once, and a body
that grows out of all proportion is given up. Pictures in base64 hardly shrink at all.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator

from upstream.scan import TooMuch

_PIECE = 256 * 1024  # bytes unpacked at once
_MOST_TIMES = 100  # by which an honest body may grow
_SMALL = 4 * 1024 * 1024  # bytes up to which nobody counts
_PLAIN = ("", "identity")
_KNOWN = ("gzip", "x-gzip", "deflate")
_ANY_HEAD = zlib.MAX_WBITS | 32  # gzip's or zlib's, whichever there is


class Unpacking:
    """``encoding`` is the header that names it. What is not known is given on as it came."""

    def __init__(self, encoding: str) -> None:
        name = encoding.strip().lower()
        self._inflate = zlib.decompressobj(_ANY_HEAD) if name in _KNOWN else None
        self._packed = self._unpacked = 0

    def chunks(self, piece: bytes) -> Iterator[bytes]:
        """What the next bytes hold. Raises `ValueError` for rubbish, `TooMuch` for a bomb."""
        if self._inflate is None:
            yield piece
            return
        self._packed += len(piece)
        while piece:
            try:
                chunk = self._inflate.decompress(piece, _PIECE)
            except zlib.error as error:
                raise ValueError("not packed as it says") from error
            self._unpacked += len(chunk)
            if self._unpacked > max(_SMALL, _MOST_TIMES * self._packed):
                raise TooMuch("unpacked")
            if chunk:
                yield chunk
            piece = self._inflate.unconsumed_tail

    def rest(self) -> bytes:
        """What the last bytes still held, at the end of the body."""
        return self._inflate.flush() if self._inflate else b""
