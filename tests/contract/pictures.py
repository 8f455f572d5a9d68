"""Pictures made in a moment, of any size in pixels and bytes."""

from __future__ import annotations

import os
import struct
import zlib
from pathlib import Path

from bot.model import Picture, PictureId
from tests.fakes.relay.films import mp4


def png(width: int = 64, height: int = 48, *, noise: bool = False) -> bytes:
    """A black one-bit picture, or one of noise in full colour, which no compression makes smaller."""
    row = width * 3 if noise else -(-width // 8)
    depth, colour = (8, 2) if noise else (1, 0)
    pixels = os.urandom(row * height) if noise else bytes(row * height)
    lines = b"".join(b"\0" + pixels[at : at + row] for at in range(0, len(pixels), row))
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    body = zlib.compress(lines, 0 if noise else 1)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", body) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def picture(
    folder: Path, name: str = "k3v9abcdef", width: int = 64, height: int = 48, **how: bool
) -> Picture:
    """A picture that we keep."""
    data = png(width, height, **how)
    path = folder / f"{name}.png"
    path.write_bytes(data)
    return Picture(PictureId(name), path, "image/png", width, height, len(data))


def film(folder: Path, name: str = "k3v9abcdef", *, size: int = 0) -> Picture:
    """A video that we keep, of at least ``size`` bytes."""
    data = mp4(320, 240, size=size)
    path = folder / f"{name}.mp4"
    path.write_bytes(data)
    return Picture(PictureId(name), path, "video/mp4", 320, 240, len(data))
