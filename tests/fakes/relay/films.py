"""Real MP4s, as small as they can be: one track of still JPEGs, the index before the pictures."""

from __future__ import annotations

import struct
from functools import lru_cache

from tests.fakes.relay.pictures import jpeg

_MATRIX = struct.pack(">9I", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)


@lru_cache(maxsize=32)
def mp4(width: int, height: int, seconds: int = 4, number: int = 0, size: int = 0) -> bytes:
    """A film of one frame a second; with ``size`` it has at least so many bytes."""
    frame = jpeg(width, height, number)
    kinds = _box(b"ftyp", b"isom", struct.pack(">I", 0x200), b"isomiso2mp41")
    index = _index(width, height, seconds, len(frame), 0)
    index = _index(width, height, seconds, len(frame), len(kinds) + len(index) + 8)
    film = kinds + index + _box(b"mdat", frame * seconds)
    return film + _box(b"free", bytes(max(0, size - len(film))))


def _index(width: int, height: int, seconds: int, frame: int, at: int) -> bytes:
    length = seconds * 1000
    header = struct.pack(">6I8x4H", 7, 0, 0, 1, 0, length, 0, 0, 0, 0) + _MATRIX
    header += struct.pack(">2I", width << 16, height << 16)
    entry = _box(b"jpeg", bytes(6), struct.pack(">H16x2H", 1, width, height), bytes.fromhex("00480000" * 2),
                 bytes(4), struct.pack(">H32xHh", 1, 24, -1))  # fmt: skip
    table = _box(
        b"stbl",
        _box(b"stsd", struct.pack(">2I", 0, 1), entry),
        _box(b"stts", struct.pack(">4I", 0, 1, seconds, 1000)),
        _box(b"stsc", struct.pack(">5I", 0, 1, 1, seconds, 1)),
        _box(b"stsz", struct.pack(">3I", 0, frame, seconds)),
        _box(b"stco", struct.pack(">3I", 0, 1, at)),
    )
    place = _box(b"dinf", _box(b"dref", struct.pack(">2I", 0, 1), _box(b"url ", struct.pack(">I", 1))))
    media = _box(
        b"mdia",
        _box(b"mdhd", struct.pack(">6I", 0, 0, 0, 1000, length, 0x55C40000)),
        _box(b"hdlr", struct.pack(">2I", 0, 0), b"vide", bytes(12), b"film\0"),
        _box(b"minf", _box(b"vmhd", struct.pack(">I8x", 1)), place, table),
    )
    return _box(b"moov", _mvhd(length), _box(b"trak", _box(b"tkhd", header), media))


def _mvhd(length: int) -> bytes:
    head = struct.pack(">5IIH10x", 0, 0, 0, 1000, length, 0x10000, 0x100)
    return _box(b"mvhd", head, _MATRIX, bytes(24), struct.pack(">I", 2))


def _box(kind: bytes, *content: bytes) -> bytes:
    body = b"".join(content)
    return struct.pack(">I", 8 + len(body)) + kind + body
