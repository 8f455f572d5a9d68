"""A video, told from its boxes: MP4 as ISO 14496-12 has it. Nothing is decoded."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from bot.errors import BadPicture

MIME = "video/mp4"

_MOST_INDEX = 32 * 1024 * 1024  # bytes of a moov box: minutes of video take less than one
_MOST_BOXES = 4096
_MOST_SECONDS = 86_400
_STILL = (b"heic", b"heix", b"heim", b"mif1", b"msf1", b"avif", b"avis")  # pictures in the same boxes


def is_mp4(head: bytes) -> bool:
    return head[4:8] == b"ftyp" and head[8:12] not in _STILL


def sides(path: Path) -> tuple[int, int]:
    """Width and height as shown. Raises `BadPicture` when the file is cut off or shows nothing."""
    try:
        with path.open("rb") as file:
            found = _sides(file, path.stat().st_size)
    except (ValueError, IndexError) as error:
        raise BadPicture("error-picture-broken") from error
    if not found[0] or not found[1]:
        raise BadPicture("error-picture-broken")
    return found


def seconds(path: Path) -> int:
    """How long it plays, rounded up; 0 where its index does not tell."""
    try:
        with path.open("rb") as file:
            header = next(_inside(_index(file, path.stat().st_size)[0], b"mvhd"), b"")
    except (ValueError, IndexError, OSError):
        return 0
    wide = header[:1] == b"\1"  # version 1 has times of eight bytes
    scale, length = (header[20:24], header[24:32]) if wide else (header[12:16], header[16:20])
    each = int.from_bytes(scale, "big")
    return min(-(-int.from_bytes(length, "big") // each), _MOST_SECONDS) if each else 0


def _sides(file: BinaryIO, size: int) -> tuple[int, int]:
    index, whole = _index(file, size)
    return max(map(_shown, _inside(index, b"trak")), default=(0, 0)) if whole else (0, 0)


def _index(file: BinaryIO, size: int) -> tuple[bytes, bool]:
    """What describes the film, and whether the film is there too, to its end."""
    at, index, media = 0, b"", False
    for _ in range(_MOST_BOXES):
        if at == size:
            break
        file.seek(at)
        kind, start, end = _box(file.read(16), at, size)
        if end > size:
            raise ValueError("cut off")
        if kind == b"moov" and end - start <= _MOST_INDEX:
            file.seek(start)
            index = file.read(end - start)
        media = media or kind == b"mdat"
        at = end
    return index, media and at == size


def _box(head: bytes, at: int, size: int) -> tuple[bytes, int, int]:
    """Kind, where its content starts, where it ends."""
    length, kind = int.from_bytes(head[:4], "big"), head[4:8]
    start = at + 8
    if length == 1:
        length, start = int.from_bytes(head[8:16], "big"), at + 16
    end = size if length == 0 else at + length
    if end < start or len(head) < start - at:
        raise ValueError("no box")
    return kind, start, end


def _inside(content: bytes, wanted: bytes) -> Iterator[bytes]:
    at = 0
    for _ in range(_MOST_BOXES):
        if at >= len(content):
            return
        kind, start, end = _box(content[at : at + 16], at, len(content))
        if kind == wanted:
            yield content[start:end]
        at = end


def _shown(track: bytes) -> tuple[int, int]:
    """The last eight bytes of a track's header are its sides, in 65536ths; a sound's are 0."""
    header = next(_inside(track, b"tkhd"), b"")
    return int.from_bytes(header[-8:-6], "big"), int.from_bytes(header[-4:-2], "big")
