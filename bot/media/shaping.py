"""One picture, made ready or made smaller."""

from __future__ import annotations

import math
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageFile, ImageOps

from bot.media.reading import decoding
from bot.model import new_id
from bot.ports import MB

MOST_SIDE = 4096
MOST_BYTES = 20 * MB
QUALITIES = (92, 85, 76, 66)

_RESAMPLING = Image.Resampling.LANCZOS
_TURN = Image.Transpose
_TURNS = {
    2: _TURN.FLIP_LEFT_RIGHT,
    3: _TURN.ROTATE_180,
    4: _TURN.FLIP_TOP_BOTTOM,
    5: _TURN.TRANSPOSE,
    6: _TURN.ROTATE_270,
    7: _TURN.TRANSVERSE,
    8: _TURN.ROTATE_90,
}
_EXIF_ORIENTATION = 0x0112


def prepare(path: Path, folder: Path) -> Path:
    with decoding(path) as opened:
        kind = opened.format
        picture = upright(opened, MOST_SIDE)
        if kind in ("PNG", "GIF") or picture.mode == "RGBA":
            file = folder / f"{new_id()}.png"
            picture.save(file, "PNG", compress_level=4)
            if file.stat().st_size <= MOST_BYTES:
                return file
            file.unlink()
        return _squeezed(picture, folder, MOST_BYTES)


def fit(path: Path, folder: Path, most_bytes: int, most_sides: int | None, most_ratio: float | None) -> Path:
    with decoding(path) as opened:
        picture = flat(upright(opened, _bound(opened.size, most_sides, most_ratio)))
        ground = _padded(picture.size, most_ratio)
        if ground != picture.size:
            mean = picture.resize((1, 1), Image.Resampling.BOX).getpixel((0, 0))
            picture = ImageOps.pad(picture, ground, _RESAMPLING, color=mean)  # type: ignore[arg-type]
        return _squeezed(picture, folder, most_bytes)


def thumbnail(path: Path, folder: Path, side: int) -> Path:
    with decoding(path) as opened:
        file = folder / f"{new_id()}.jpg"
        flat(upright(opened, side)).save(file, "JPEG", quality=82)
        return file


def upright(opened: ImageFile.ImageFile, most_side: int) -> Image.Image:
    """The first frame, decoded, bounded and turned as its EXIF says; RGB or RGBA, sRGB, no metadata."""
    turn = _TURNS.get(_orientation(opened))
    profile = opened.info.get("icc_profile")
    if opened.mode in ("RGB", "RGBA", "L", "CMYK"):
        opened.thumbnail((most_side, most_side), _RESAMPLING)  # decodes a JPEG at a fraction of its size
    picture = _in_srgb(opened, profile)
    picture.thumbnail((most_side, most_side), _RESAMPLING)
    if turn is not None:
        picture = picture.transpose(turn)
    picture.info = {}  # else Pillow writes comments and profiles into the new file
    return picture


def flat(picture: Image.Image) -> Image.Image:
    """Without transparency: on white."""
    if picture.mode != "RGBA":
        return picture
    ground = Image.new("RGB", picture.size, "white")
    ground.paste(picture, mask=picture)
    return ground


def shown(opened: ImageFile.ImageFile) -> tuple[int, int]:
    """Width and height as the picture is looked at, before it is decoded."""
    lying = _orientation(opened) >= 5
    return (opened.height, opened.width) if lying else (opened.width, opened.height)


def _orientation(opened: ImageFile.ImageFile) -> int:
    try:
        return int(opened.getexif().get(_EXIF_ORIENTATION, 1))
    except Exception:  # broken metadata is no reason to refuse a picture
        return 1


def _in_srgb(picture: Image.Image, profile: bytes | None) -> Image.Image:
    picture.load()
    wanted = "RGBA" if picture.has_transparency_data else "RGB"
    if picture.mode.startswith("I"):
        picture = picture.point(lambda level: level * (1 / 256)).convert("L")
    if profile and b"sRGB" not in profile and picture.mode in ("RGB", "RGBA", "L", "CMYK"):
        picture = _translated(picture, profile, wanted)
    return picture if picture.mode == wanted else picture.convert(wanted)


def _translated(picture: Image.Image, profile: bytes, mode: str) -> Image.Image:
    from PIL import ImageCms  # noqa: PLC0415 - a colour library that few pictures need

    try:
        to = ImageCms.createProfile("sRGB")
        turned = ImageCms.profileToProfile(picture, BytesIO(profile), to, outputMode=mode)
    except (ImageCms.PyCMSError, OSError, ValueError):
        return picture  # a profile that can't be read, or is of another kind of picture
    return turned or picture


def _bound(size: tuple[int, int], most_sides: int | None, most_ratio: float | None) -> int:
    """The longest side such that width + height stay within ``most_sides`` once padded."""
    sides = sum(_padded(size, most_ratio))
    return max(1, math.floor(max(size) * min(1.0, (most_sides or sides) / sides)))


def _padded(size: tuple[int, int], most_ratio: float | None) -> tuple[int, int]:
    """The sides of the ground on which a picture's ratio is at most ``most_ratio``."""
    least = math.ceil(max(size) / most_ratio) if most_ratio else 1
    return max(size[0], least), max(size[1], least)


def _squeezed(picture: Image.Image, folder: Path, most_bytes: int) -> Path:
    """A file of at most ``most_bytes``, a JPEG, or a WebP where there is transparency to keep."""
    kind, suffix = ("WEBP", "webp") if picture.mode == "RGBA" else ("JPEG", "jpg")
    file = folder / f"{new_id()}.{suffix}"
    for quality in QUALITIES:
        picture.save(file, kind, quality=quality, method=2)
        if file.stat().st_size <= most_bytes:
            return file
    while max(picture.size) > 16:
        shrink = 0.95 * min(1.0, math.sqrt(most_bytes / file.stat().st_size))
        sides = (max(1, picture.width * shrink), max(1, picture.height * shrink))
        picture.thumbnail(sides, _RESAMPLING)
        picture.save(file, kind, quality=QUALITIES[-1], method=2)
        if file.stat().st_size <= most_bytes:
            return file
    file.unlink()
    raise ValueError(f"no picture fits into {most_bytes} bytes")
