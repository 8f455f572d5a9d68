"""Several pictures in one: a numbered grid."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from statistics import median

from PIL import Image, ImageDraw, ImageFont

from bot.media.reading import decoding
from bot.media.shaping import flat, shown, upright
from bot.model import new_id

MOST_PICTURES = 10
LONG_SIDE = 2560
GAP = 16
GROUND = (17, 18, 20)

Sides = tuple[int, int]


def contact_sheet(paths: Sequence[Path], folder: Path) -> Path:
    if not 1 <= len(paths) <= MOST_PICTURES:
        raise ValueError(f"a sheet holds 1 to {MOST_PICTURES} pictures, not {len(paths)}")
    ratio = median(_ratio(path) for path in paths)
    columns, rows = grid(len(paths), ratio)
    cell = _cell(columns, rows, ratio)
    sheet = Image.new("RGB", (_span(columns, cell[0]), _span(rows, cell[1])), GROUND)
    for index, path in enumerate(paths):
        row, column = divmod(index, columns)
        indent = _indent(len(paths) - row * columns, columns, cell[0])
        corner = (GAP + indent + column * (cell[0] + GAP), GAP + row * (cell[1] + GAP))
        _place(sheet, path, corner, cell)
        _number(sheet, index + 1, corner, min(max(sheet.size) // 38, min(cell) // 5))
    file = folder / f"{new_id()}.jpg"
    sheet.save(file, "JPEG", quality=88)
    return file


def grid(count: int, ratio: float) -> Sides:
    """Columns and rows for cells of ``ratio`` (width : height): few empty cells, and near to a square."""

    def ugliness(columns: int) -> float:
        rows = math.ceil(count / columns)
        return abs(math.log(ratio * columns / rows)) + 0.4 * (columns * rows - count)

    columns = min(range(1, count + 1), key=ugliness)
    return columns, math.ceil(count / columns)


def _ratio(path: Path) -> float:
    with decoding(path) as opened:
        width, height = shown(opened)
        return min(3.0, max(1 / 3, width / height))


def _cell(columns: int, rows: int, ratio: float) -> Sides:
    width = min(
        (LONG_SIDE - GAP * (columns + 1)) / columns,
        (LONG_SIDE - GAP * (rows + 1)) / rows * ratio,
    )
    return math.floor(width), math.floor(width / ratio)


def _span(count: int, side: int) -> int:
    return GAP + count * (side + GAP)


def _indent(left: int, columns: int, width: int) -> int:
    """How far a last row that is not full moves to the middle."""
    return max(0, columns - left) * (width + GAP) // 2


def _place(sheet: Image.Image, path: Path, corner: Sides, cell: Sides) -> None:
    with decoding(path) as opened:
        width, height = shown(opened)
        scale = min(cell[0] / width, cell[1] / height)
        picture = flat(upright(opened, math.ceil(max(width, height) * scale)))
        left = corner[0] + max(0, cell[0] - picture.width) // 2
        top = corner[1] + max(0, cell[1] - picture.height) // 2
        sheet.paste(picture, (left, top))


def _number(sheet: Image.Image, number: int, corner: Sides, radius: int) -> None:
    """White on a dark disc with a white rim: readable on whatever lies below."""
    smooth = 4  # drawn large and shrunk: Pillow's circles have rough edges
    side = 2 * radius * smooth
    rim = side // 18
    outline, face = Image.new("L", (side, side)), Image.new("L", (side, side), 255)
    ImageDraw.Draw(outline).ellipse((0, 0, side - 1, side - 1), fill=255)
    draw = ImageDraw.Draw(face)
    draw.ellipse((rim, rim, side - 1 - rim, side - 1 - rim), fill=20)
    font = ImageFont.load_default(side * (0.58 if number < 10 else 0.48))
    draw.text((side / 2, side / 2), str(number), fill=255, font=font, anchor="mm")
    at = (corner[0] + GAP, corner[1] + GAP)
    small = (2 * radius, 2 * radius)
    sheet.paste(face.resize(small).convert("RGB"), at, outline.resize(small))
