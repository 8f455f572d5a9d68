"""What a file is, told from its bytes, and a picture opened safely."""

from __future__ import annotations

import math
import mmap
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

# WebPImagePlugin registers WebP; Pillow would otherwise load all of its forty plugins to find it.
from PIL import Image, ImageFile, WebPImagePlugin  # noqa: F401

from bot.errors import BadPicture
from bot.media.moving import MIME, is_mp4, sides
from bot.media.pool import room_for

MOST_PIXELS = 50_000_000

_FORMATS = ("PNG", "JPEG", "WEBP", "GIF")
_MIMES = {
    "PNG": "image/png",
    "JPEG": "image/jpeg",
    "MPO": "image/jpeg",
    "WEBP": "image/webp",
    "GIF": "image/gif",
}
_END_MARKS = {"PNG": b"IEND\xaeB`\x82", "JPEG": b"\xff\xd9", "MPO": b"\xff\xd9"}

warnings.filterwarnings("ignore", module=r"PIL\.")  # of broken metadata, which we don't keep
Image.MAX_IMAGE_PIXELS = None  # `_opened` has a bound of its own, with a sentence


@dataclass(frozen=True, slots=True)
class Facts:
    """``mime`` is image/png, image/jpeg, image/webp, image/gif or video/mp4; sides in pixels as stored."""

    mime: str
    width: int
    height: int
    bytes: int


def facts(path: Path) -> Facts:
    """Read the header and see that the file is complete; nothing is decoded."""
    with path.open("rb") as file:
        if is_mp4(file.read(16)):
            return Facts(MIME, *sides(path), path.stat().st_size)
    with _opened(path) as picture:
        found = Facts(_MIMES[str(picture.format)], *picture.size, path.stat().st_size)
        _check_complete(picture, path)
    return found


@contextmanager
def decoding(path: Path) -> Iterator[ImageFile.ImageFile]:
    """A picture, opened and not decoded yet; what goes wrong inside the block is `BadPicture`."""
    with _opened(path) as picture, room_for(picture.width * picture.height):
        yield picture


@contextmanager
def _opened(path: Path) -> Iterator[ImageFile.ImageFile]:
    try:
        with path.open("rb", buffering=0) as file:  # Pillow reads big pieces, which a buffer would copy
            head = file.read(32)
            _check_kind(head)
            _check_pixels(*_webp_sides(head))
            file.seek(0)
            with Image.open(file, formats=_FORMATS) as picture:
                _check_pixels(*picture.size)
                yield picture
    except (BadPicture, MemoryError):
        raise
    except Exception as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise  # the disk's own trouble; Pillow's have no number
        # Decoders meet hostile bytes here: whatever they stumble over, the picture is what's wrong.
        raise BadPicture("error-picture-broken") from error


def _check_kind(head: bytes) -> None:
    webp = head[:4] == b"RIFF" and head[8:12] == b"WEBP"
    if not webp and not head.startswith((b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a")):
        raise BadPicture("error-picture-not" if head else "error-picture-broken")


def _check_pixels(width: int, height: int) -> None:
    if width * height > MOST_PIXELS:
        seen = math.ceil(width * height / 1_000_000)
        raise BadPicture("error-picture-too-many-pixels", megapixels=seen, most=MOST_PIXELS // 1_000_000)


def _webp_sides(head: bytes) -> tuple[int, int]:
    """Sides of an extended WebP, else 0: Pillow makes room for its canvas as soon as it opens it."""
    if head[12:16] != b"VP8X" or len(head) < 30:
        return 0, 0
    return int.from_bytes(head[24:27], "little") + 1, int.from_bytes(head[27:30], "little") + 1


def _check_complete(picture: ImageFile.ImageFile, path: Path) -> None:
    """Raise when the file was cut off: its end mark is missing. A WebP that was cut fails to open."""
    if picture.format == "GIF":
        with room_for(picture.width * picture.height):
            picture.load()
    elif picture.format in _END_MARKS and picture.fp is not None:
        start = picture.fp.tell()
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            if data.rfind(_END_MARKS[picture.format], start) < 0:
                raise BadPicture("error-picture-broken")
