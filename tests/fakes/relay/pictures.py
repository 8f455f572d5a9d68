"""Real PNGs of a chosen size in pixels and in bytes, made once."""

from __future__ import annotations

import random
import struct
import zlib
from base64 import b64encode
from functools import lru_cache
from io import BytesIO

from PIL import Image

_NOISY = 1_000_000
"""Bytes from which on a picture is noise, which no compression makes smaller."""


@lru_cache(maxsize=64)
def png(width: int, height: int, size: int, number: int = 0) -> bytes:
    """A PNG of exactly ``size`` bytes (or the least that it takes), another for each ``number``."""
    chance = random.Random(f"{width} {height} {number}")
    parts = _noise(width, height, size, chance) if size >= _NOISY else _plain(width, height, chance)
    parts.append(_chunk(b"IEND", b""))
    missing = size - 8 - sum(map(len, parts))
    if missing >= 12:
        parts.insert(-1, _chunk(b"fiLl", chance.randbytes(missing - 12)))
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def _plain(width: int, height: int, chance: random.Random) -> list[bytes]:
    """One colour of a palette, at a bit each: a tenth of the work of full colour."""
    head = struct.pack(">IIBBBBB", width, height, 1, 3, 0, 0, 0)
    rows = zlib.compress(bytes((1 + -(-width // 8)) * height), 1)
    return [_chunk(b"IHDR", head), _chunk(b"PLTE", chance.randbytes(6)), _chunk(b"IDAT", rows)]


def _noise(width: int, height: int, size: int, chance: random.Random) -> list[bytes]:
    """Noise above, a plain colour below."""
    line = 1 + 3 * width
    noisy = max(0, min(height, (size - 400 - line * height // 200) // line - 1))
    plain = b"\0" + chance.randbytes(3) * width
    rows = b"".join(b"\0" + chance.randbytes(line - 1) for _ in range(noisy)) + plain * (height - noisy)
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return [_chunk(b"IHDR", head), _chunk(b"IDAT", zlib.compress(rows, 1))]


@lru_cache(maxsize=64)
def png64(width: int, height: int, size: int, number: int = 0) -> bytes:
    """The same in base64."""
    return b64encode(png(width, height, size, number))


def sides(picture: bytes) -> tuple[int, int]:
    """Width and height of a PNG. Raises `ValueError` for anything else."""
    if not picture.startswith(b"\x89PNG\r\n\x1a\n") or len(picture) < 33:
        raise ValueError("not a PNG")
    return struct.unpack(">II", picture[16:24])


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


@lru_cache(maxsize=64)
def jpeg(width: int, height: int, number: int = 0) -> bytes:
    """A JPEG of one grey, another for each number."""
    buffer = BytesIO()
    Image.new("L", (width, height), number * 37 % 256).save(buffer, "JPEG", quality=50)
    return buffer.getvalue()
