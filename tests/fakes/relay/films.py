"""Real MP4s that every player plays, as small as they can be: H.264, the index before the pictures.

Each second is one plain colour. The encoder is honest but knows a single trick (ITU-T H.264, 7.3): the
first macroblock is written out in samples, all others are "as my neighbours, on average".
"""

from __future__ import annotations

import struct
from functools import lru_cache

_MATRIX = struct.pack(">9I", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
_COLOURS = ((150, 90, 60), (90, 170, 110), (170, 110, 160), (110, 60, 170))  # Y, Cb, Cr


@lru_cache(maxsize=32)
def mp4(width: int, height: int, seconds: int = 4, number: int = 0, size: int = 0) -> bytes:
    """A film of one frame a second; with ``size`` it has at least so many bytes. Sides are even."""
    frames = [_frame(width, height, second, number) for second in range(seconds)]
    kinds = _box(b"ftyp", b"isom", struct.pack(">I", 0x200), b"isomiso2avc1mp41")
    index = _index(width, height, frames, 0)
    index = _index(width, height, frames, len(kinds) + len(index) + 8)
    film = kinds + index + _box(b"mdat", *frames)
    return film + _box(b"free", bytes(max(0, size - len(film))))


class _Bits:
    """What is written bit by bit, as H.264 has it."""

    def __init__(self) -> None:
        self.text = ""

    def fixed(self, *bits: tuple[int, int]) -> _Bits:
        """Pairs of a value and its length."""
        self.text += "".join(f"{value:0{length}b}" for value, length in bits)
        return self

    def golomb(self, *values: int) -> _Bits:
        """Unsigned Exp-Golomb codes; the signed one of 0 is the same."""
        for value in values:
            code = f"{value + 1:b}"
            self.text += "0" * (len(code) - 1) + code
        return self

    def align(self) -> _Bits:
        self.text += "0" * (-len(self.text) % 8)
        return self

    def unit(self, kind: int) -> bytes:
        """The unit of this kind: closed by a one, and with nothing in it that looks like a start."""
        bits = self.text + "1"
        content = int(bits + "0" * (-len(bits) % 8), 2).to_bytes(-(-len(bits) // 8), "big")
        escaped, zeros = bytearray([kind]), 0
        for byte in content:
            if zeros == 2 and byte <= 3:
                escaped.append(3)
                zeros = 0
            zeros = zeros + 1 if byte == 0 else 0
            escaped.append(byte)
        return bytes(escaped)


def _blocks(side: int) -> int:
    return -(-side // 16)


def _sequence(width: int, height: int) -> bytes:
    """Baseline, level 5.1, one reference, in order, the sides cut to what is shown."""
    bits = _Bits().fixed((66, 8), (0xC0, 8), (51, 8)).golomb(0, 0, 2, 1).fixed((0, 1))
    bits.golomb(_blocks(width) - 1, _blocks(height) - 1).fixed((1, 1), (1, 1), (1, 1))
    bits.golomb(0, (_blocks(width) * 16 - width) // 2, 0, (_blocks(height) * 16 - height) // 2)
    return bits.fixed((0, 1)).unit(0x67)


def _picture() -> bytes:
    bits = _Bits().golomb(0, 0).fixed((0, 2)).golomb(0, 0, 0).fixed((0, 3)).golomb(0, 0, 0)
    return bits.fixed((0, 3)).unit(0x68)


def _frame(width: int, height: int, second: int, number: int) -> bytes:
    luma, blue, red = _COLOURS[(second + number) % len(_COLOURS)]
    bits = _Bits().golomb(0, 7, 0).fixed((0, 4)).golomb(second % 2).fixed((0, 2)).golomb(0)
    bits.golomb(25).align()
    bits.fixed(*[(luma, 8)] * 256, *[(blue, 8)] * 64, *[(red, 8)] * 64)
    row, count = _blocks(width), _blocks(width) * _blocks(height)
    plain, beside = (
        "00100111",
        "0010011000011",
    )  # predicted, and nothing is left over: short, unless beside samples
    bits.text += "".join(beside if block in (1, row) else plain for block in range(1, count))
    unit = bits.unit(0x65)
    return struct.pack(">I", len(unit)) + unit


def _index(width: int, height: int, frames: list[bytes], at: int) -> bytes:
    seconds = len(frames)
    length = seconds * 1000
    header = struct.pack(">6I8x4H", 7, 0, 0, 1, 0, length, 0, 0, 0, 0) + _MATRIX
    header += struct.pack(">2I", width << 16, height << 16)
    sequence, picture = _sequence(width, height), _picture()
    described = _box(
        b"avcC",
        bytes([1, *sequence[1:4], 0xFF, 0xE1]),
        struct.pack(">H", len(sequence)) + sequence,
        struct.pack(">BH", 1, len(picture)) + picture,
    )
    entry = _box(b"avc1", bytes(6), struct.pack(">H16x2H", 1, width, height), bytes.fromhex("00480000" * 2),
                 bytes(4), struct.pack(">H32xHh", 1, 24, -1), described)  # fmt: skip
    table = _box(
        b"stbl",
        _box(b"stsd", struct.pack(">2I", 0, 1), entry),
        _box(b"stts", struct.pack(">4I", 0, 1, seconds, 1000)),
        _box(b"stsc", struct.pack(">5I", 0, 1, 1, seconds, 1)),
        _box(b"stsz", struct.pack(f">3I{seconds}I", 0, 0, seconds, *map(len, frames))),
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
