"""What a file is, from its first bytes: kind and sides. Nothing is decoded."""

from __future__ import annotations

import struct
from dataclasses import dataclass


@dataclass(frozen=True)
class Facts:
    mime: str
    width: int = 0
    height: int = 0


def sniff(data: bytes) -> Facts:
    if data.startswith(b"\x89PNG\r\n\x1a\n") and len(data) > 24:
        return Facts("image/png", *struct.unpack(">II", data[16:24]))
    if data.startswith(b"\xff\xd8"):
        return Facts("image/jpeg", *_jpeg(data))
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return Facts("image/webp", *_webp(data))
    if data[:4] == b"GIF8":
        return Facts("image/gif", *struct.unpack("<HH", data[6:10]))
    if data[4:8] == b"ftyp" and b"tkhd" in data:
        return Facts("video/mp4", *_film(data))
    return Facts("application/pdf" if data.startswith(b"%PDF") else "application/octet-stream")


def _jpeg(data: bytes) -> tuple[int, int]:
    at = 2
    while at + 9 < len(data):
        marker, length = data[at + 1], struct.unpack(">H", data[at + 2 : at + 4])[0]
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", data[at + 5 : at + 9])
            return width, height
        at += 2 + length
    return 0, 0


def _webp(data: bytes) -> tuple[int, int]:
    kind = data[12:16]
    if kind == b"VP8X":
        return 1 + int.from_bytes(data[24:27], "little"), 1 + int.from_bytes(data[27:30], "little")
    if kind == b"VP8L":
        bits = int.from_bytes(data[21:25], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    width, height = struct.unpack("<HH", data[26:30])
    return width & 0x3FFF, height & 0x3FFF


def _film(data: bytes) -> tuple[int, int]:
    """The last fields of the first track's header, in 65536ths."""
    at = data.index(b"tkhd") - 4
    end = at + int.from_bytes(data[at : at + 4], "big")
    width, height = struct.unpack(">II", data[end - 8 : end])
    return width >> 16, height >> 16
