"""Pictures of words: what the sandbox draws instead of asking an image service.

A poster: a composition whose palette and shapes follow from the prompt, the prompt itself set
large, and a label that says what this is. The same card always gives the same picture.
"""

from __future__ import annotations

import hashlib
import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageDraw, ImageFilter, ImageOps

from bot.media.lettering import broken, length, settable, write
from bot.media.reading import decoding
from bot.media.shaping import flat, upright

Colour = tuple[int, int, int]
Scene = Callable[[Image.Image, "Palette", random.Random], None]

LONGEST = 240  # characters of a prompt that are set
_SMOOTH = 1_700_000  # pixels up to which shapes are drawn twice as large and shrunk
_PAPER: Colour = (255, 252, 245)


@dataclass(frozen=True, slots=True)
class Legend:
    """What a picture says of itself: a label, a line below, and what is added where a font lacks."""

    label: str = ""
    note: str = ""
    no_font: str = ""

    @property
    def legible(self) -> bool:
        """Whether the fonts of this machine have its characters."""
        text = f"{self.label} {self.note}"
        return settable(text) == text


@dataclass(frozen=True, slots=True)
class Card:
    """What is to be drawn. ``index`` of ``count`` makes each of several pictures another one.

    ``images`` are shown as prints on the picture; ``mask`` (transparent where the first of them is
    to be changed) is marked on it. Sides in pixels.
    """

    prompt: str
    width: int
    height: int
    index: int = 0
    count: int = 1
    images: tuple[Path, ...] = ()
    mask: Path | None = None
    transparent: bool = False
    legend: Legend = Legend()


@dataclass(frozen=True, slots=True)
class Palette:
    """``sky`` is light, ``ink`` dark enough for white words; ``tones`` lead from one to the other."""

    sky: Colour
    tones: tuple[Colour, ...]
    ink: Colour


def draw(card: Card, file: Path, kind: str) -> None:
    """Write the whole picture to ``file`` as ``png``, ``jpeg`` or ``webp``; a JPEG is never transparent."""
    picture = _composed(card, card.width, card.height)
    _set_words(picture, card)
    if card.transparent and kind != "jpeg":
        picture.putalpha(_sticker(picture.size))
    options = {"png": {"compress_level": 3}, "jpeg": {"quality": 90}, "webp": {"quality": 88, "method": 2}}
    picture.save(file, kind.upper(), **options[kind])


def sketch(card: Card, file: Path, share: float) -> None:
    """Write a small, still blurred JPEG of the same picture, as it looks when ``share`` of it is done."""
    scale = 512 / max(card.width, card.height)
    picture = _composed(card, max(1, round(card.width * scale)), max(1, round(card.height * scale)))
    picture.filter(ImageFilter.GaussianBlur(26 * (1 - share))).save(file, "JPEG", quality=80)


# --- the composition ------------------------------------------------------------------------


def _composed(card: Card, width: int, height: int) -> Image.Image:
    seed = hashlib.sha256(f"{card.prompt}\0{card.index}".encode()).digest()
    first = hashlib.sha256(card.prompt.encode()).digest()
    scene = SCENES[(first[0] + card.index) % len(SCENES)]
    palette = PALETTES[(first[1] + 5 * card.index) % len(PALETTES)]
    scale = 2 if width * height <= _SMOOTH else 1
    picture = Image.new("RGB", (width * scale, height * scale))
    chance = random.Random(seed)  # noqa: S311 - repeatable is what is wanted
    scene(picture, palette, chance)
    picture = picture.reduce(scale) if scale > 1 else picture
    _shade(picture, palette.ink)
    if card.images:
        _lay_prints(picture, card, chance)
    return picture


def _dunes(picture: Image.Image, palette: Palette, chance: random.Random) -> None:
    """A sun above hills that darken towards the viewer."""
    width, height = picture.size
    _fade(picture, palette.sky, palette.tones[0])
    radius = min(width, height) * chance.uniform(0.11, 0.17)
    x, y = width * chance.uniform(0.22, 0.78), height * chance.uniform(0.2, 0.32)
    _glow(picture, x, y, radius, palette.tones[1], palette.sky)
    layers = 6
    for layer in range(layers):
        depth = (layer + 1) / layers
        base = height * (0.36 + 0.5 * depth**1.25)
        ridge = _wave(width, base, height * chance.uniform(0.035, 0.08), chance)
        _fill(picture, [*ridge, (width, height), (0, height)], _toned(palette, 0.12 + 0.88 * depth))


def _ribbons(picture: Image.Image, palette: Palette, chance: random.Random) -> None:
    """Bands that flow across, through all tones and back."""
    width, height = picture.size
    bands, tilt = 17, chance.uniform(-0.5, 0.5) * height
    swing = [
        (height * chance.uniform(0.04, 0.12) / k, k * chance.uniform(0.7, 1.3), chance.uniform(0, 6.3))
        for k in (1, 2, 3)
    ]
    shift = chance.randrange(bands)
    picture.paste(palette.ink, (0, 0, width, height))
    for band in range(-4, bands):
        drop = band / bands
        edge = [
            (
                x,
                height * drop * 1.35
                + tilt * (x / width - 0.5)
                + sum(a * math.sin(6.28 * f * x / width + p + 2.4 * drop) for a, f, p in swing),
            )
            for x in _steps(width)
        ]
        place = abs(((band + shift) % bands) / bands * 2 - 1)
        _fill(picture, [*edge, (width, height), (0, height)], _toned(palette, place))


def _orbs(picture: Image.Image, palette: Palette, chance: random.Random) -> None:
    """Spheres that float in front of each other, the small ones last."""
    width, height = picture.size
    _fade(picture, palette.tones[0], palette.tones[-1])
    side = min(width, height)
    for size in sorted((chance.uniform(0.05, 0.36) for _ in range(11)), reverse=True):
        x, y = width * chance.uniform(0.02, 0.98), height * chance.uniform(0.02, 0.85)
        _sphere(picture, x, y, side * size, _toned(palette, chance.random()), palette)


def _tiles(picture: Image.Image, palette: Palette, chance: random.Random) -> None:
    """Quarter circles, half circles and dots on a grid."""
    width, height = picture.size
    cell = math.ceil(math.sqrt(width * height / 30))
    colours = (palette.sky, *palette.tones, palette.ink)
    brush = ImageDraw.Draw(picture)
    for top in range(0, height, cell):
        for left in range(0, width, cell):
            under, over, dot = chance.sample(colours, 3)
            box = (left, top, left + cell - 1, top + cell - 1)
            brush.rectangle(box, fill=under)
            _tile(brush, box, over, dot, chance)


def _arches(picture: Image.Image, palette: Palette, chance: random.Random) -> None:
    """Rainbows of arches that stand side by side, behind a moon."""
    width, height = picture.size
    _fade(picture, palette.sky, palette.tones[0])
    moon = min(width, height) * chance.uniform(0.06, 0.1)
    _glow(picture, width * chance.uniform(0.15, 0.85), height * 0.16, moon, palette.tones[1], palette.sky)
    brush = ImageDraw.Draw(picture)
    for middle in chance.sample((0.06, 0.3, 0.52, 0.74, 0.97), 4):
        radius, foot = min(width, height) * chance.uniform(0.24, 0.4), height * chance.uniform(0.55, 0.8)
        for ring in range(6):
            inner = radius * (1 - ring / 6.4)
            left, right = width * middle - inner, width * middle + inner
            colour = _toned(palette, (ring * 0.37 + middle) % 1)
            brush.pieslice((left, foot - inner, right, foot + inner), 180, 360, fill=colour)
            brush.rectangle((left, foot, right, height), fill=colour)


SCENES: tuple[Scene, ...] = (_dunes, _ribbons, _orbs, _arches, _tiles)


def _tile(
    brush: ImageDraw.ImageDraw,
    box: tuple[int, int, int, int],
    over: Colour,
    dot: Colour,
    chance: random.Random,
) -> None:
    left, top, right, bottom = box
    side, shape, turn = right - left, chance.randrange(4), chance.randrange(4)
    corner_x, corner_y = (left, right)[turn % 2], (top, bottom)[turn // 2]
    if shape == 0:
        brush.pieslice(_around(corner_x, corner_y, side), _TURNS[turn], _TURNS[turn] + 90, fill=over)
        brush.pieslice(_around(corner_x, corner_y, side / 2), _TURNS[turn], _TURNS[turn] + 90, fill=dot)
    elif shape == 1:
        brush.pieslice(
            _around(left + side / 2, top + side / 2, side / 2), 90 * turn, 90 * turn + 180, fill=over
        )
    elif shape == 2:
        brush.ellipse(_around(left + side / 2, top + side / 2, side / 2.6), fill=over)
        brush.ellipse(_around(left + side / 2, top + side / 2, side / 6), fill=dot)
    else:
        corners = [(left, top), (right, top), (right, bottom), (left, bottom)]
        brush.polygon(corners[:turn] + corners[turn + 1 :], fill=over)


_TURNS = (0, 90, 270, 180)  # where a quarter disc points from the corners: ↘ ↙ ↗ ↖


def _around(x: float, y: float, radius: float) -> tuple[float, float, float, float]:
    return x - radius, y - radius, x + radius, y + radius


def _steps(width: int) -> range:
    return range(0, width + 1, max(1, width // 96))


def _wave(width: int, base: float, swing: float, chance: random.Random) -> list[tuple[float, float]]:
    parts = [(swing / k, k * chance.uniform(0.5, 1.1), chance.uniform(0, 6.3)) for k in (1, 2, 4)]
    return [
        (x, base + sum(a * math.sin(6.28 * f * x / width + p) for a, f, p in parts))
        for x in (*_steps(width), width)
    ]


def _fill(picture: Image.Image, outline: Sequence[tuple[float, float]], colour: Colour) -> None:
    ImageDraw.Draw(picture).polygon(list(outline), fill=colour)


def _fade(picture: Image.Image, top: Colour, bottom: Colour) -> None:
    down = Image.linear_gradient("L").resize(picture.size, Image.Resampling.BICUBIC)
    picture.paste(ImageOps.colorize(down, top, bottom))


def _glow(picture: Image.Image, x: float, y: float, radius: float, colour: Colour, light: Colour) -> None:
    halo = ImageOps.invert(Image.radial_gradient("L")).point(lambda level: level * level // 400)
    _stamp(picture, halo, x, y, radius * 3.2, light)
    ImageDraw.Draw(picture).ellipse(_around(x, y, radius), fill=_mixed(colour, light, 0.25))


def _sphere(
    picture: Image.Image, x: float, y: float, radius: float, colour: Colour, palette: Palette
) -> None:
    """A disc lit from the upper left."""
    side = max(4, round(2 * radius))
    disc = Image.new("L", (side, side))
    ImageDraw.Draw(disc).ellipse((0, 0, side - 1, side - 1), fill=255)
    shade = Image.radial_gradient("L").resize((side * 2, side * 2), Image.Resampling.BICUBIC)
    lit = shade.crop((round(side * 0.68), round(side * 0.68), round(side * 1.68), round(side * 1.68)))
    ball = ImageOps.colorize(
        lit, _mixed(colour, palette.sky, 0.55), _mixed(colour, palette.ink, 0.72), mid=colour
    )
    picture.paste(ball, (round(x - radius), round(y - radius)), disc)


def _stamp(
    picture: Image.Image, form: Image.Image, x: float, y: float, radius: float, colour: Colour
) -> None:
    side = max(2, round(2 * radius))
    mask = form.resize((side, side), Image.Resampling.BICUBIC)
    picture.paste(
        colour,
        (round(x - radius), round(y - radius), round(x - radius) + side, round(y - radius) + side),
        mask,
    )


def _shade(picture: Image.Image, ink: Colour) -> None:
    """The lower part darkened, so that words are read on whatever lies below."""
    width, height = picture.size
    tall = round(height * 0.72)
    veil = Image.linear_gradient("L").point([min(244, round(level**1.25 / 3.4)) for level in range(256)])
    picture.paste(
        ink, (0, height - tall, width, height), veil.resize((width, tall), Image.Resampling.BICUBIC)
    )


def _toned(palette: Palette, place: float) -> Colour:
    """The colour at ``place`` between the first tone (0) and the ink (1)."""
    line = (*palette.tones, palette.ink)
    at = min(max(place, 0.0), 1.0) * (len(line) - 1)
    low = min(int(at), len(line) - 2)
    return _mixed(line[low], line[low + 1], at - low)


def _mixed(one: Colour, other: Colour, share: float) -> Colour:
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue


def _sticker(size: tuple[int, int]) -> Image.Image:
    """Opaque in a rounded frame, transparent around it."""
    width, height = size
    edge = round(min(size) * 0.05)
    mask = Image.new("L", (width * 2, height * 2))
    box = (edge * 2, edge * 2, (width - edge) * 2 - 1, (height - edge) * 2 - 1)
    ImageDraw.Draw(mask).rounded_rectangle(box, radius=min(size) * 0.22, fill=255)
    return mask.reduce(2)


# --- given pictures -------------------------------------------------------------------------


def _lay_prints(picture: Image.Image, card: Card, chance: random.Random) -> None:
    """Up to four of the given pictures, as prints laid on the composition."""
    shown = card.images[:4]
    width, height = picture.size
    across = min(width * 0.84 / (1 + 0.7 * (len(shown) - 1)), height * 0.45)
    for place, path in enumerate(shown):
        with decoding(path) as opened:
            photo = flat(upright(opened, round(across * 0.9)))
        if card.mask and not place:
            _mark(photo, card.mask)
        x = width / 2 + (place - (len(shown) - 1) / 2) * across * 0.7
        _lay(picture, photo, x, height * 0.33 + across * chance.uniform(-0.04, 0.04), chance.uniform(-7, 7))


def _mark(photo: Image.Image, mask: Path) -> None:
    """Where the mask is transparent the photo is to change: hatched."""
    with decoding(mask) as opened:
        alpha = upright(opened, max(photo.size)).convert("RGBA").getchannel("A")
    hatch = Image.new("L", photo.size)
    brush, step = ImageDraw.Draw(hatch), max(6, max(photo.size) // 28)
    for x in range(-photo.height, photo.width, step):
        brush.line((x, photo.height, x + photo.height, 0), fill=230, width=max(2, step // 3))
    free = ImageOps.invert(alpha.resize(photo.size))
    photo.paste((255, 70, 90), mask=Image.composite(hatch, Image.new("L", photo.size), free))


def _lay(picture: Image.Image, photo: Image.Image, x: float, y: float, angle: float) -> None:
    border = max(4, max(photo.size) // 26)
    print_ = ImageOps.expand(photo, border, _PAPER).convert("RGBA")
    print_ = ImageOps.expand(print_, 2, (0, 0, 0, 0))
    turned = print_.rotate(angle, Image.Resampling.BICUBIC, expand=True)
    corner = (round(x - turned.width / 2), round(y - turned.height / 2))
    shadow = ImageOps.expand(turned.getchannel("A"), 3 * border).filter(
        ImageFilter.GaussianBlur(border * 0.9)
    )
    place = (corner[0] - 3 * border + border // 3, corner[1] - 3 * border + border)
    picture.paste((0, 0, 0), place, shadow.point(lambda level: level * 5 // 10))
    picture.paste(turned, corner, turned)


# --- words ----------------------------------------------------------------------------------


def _set_words(picture: Image.Image, card: Card) -> None:
    """The prompt at the lower left, as large as fits, over a line that says where it comes from."""
    width, height = picture.size
    side = min(width, height)
    margin = round(side * (0.115 if card.transparent else 0.07))
    small = max(11, round(side * 0.0215))
    room = width - 2 * margin
    words = card.prompt[:LONGEST] + "…" * (len(card.prompt) > LONGEST)
    tall = round(height * (0.28 if card.images else 0.4))
    prompt = broken(words, room, tall, round(side * 0.12), max(13, round(side * 0.03)))
    legend = card.legend
    note = legend.note if card.count == 1 else f"{card.index + 1} / {card.count}  ·  {legend.note}"
    below = broken(note if prompt.whole else f"{note} {legend.no_font}", room, height, small, small)
    foot = height - margin - below.height
    write(picture, below, margin, foot + small // 4, _mixed(_PAPER, (120, 120, 130), 0.25))
    write(picture, prompt, margin, foot - prompt.height - small // 2, _PAPER)
    if legend.label:
        _set_label(picture, legend.label, margin, small)


def _set_label(picture: Image.Image, text: str, margin: int, size: int) -> None:
    """What this is, in a pill at the upper left."""
    wide, high = round((length(text, 0.16) + 1.5) * size), round(size * 2.1)
    pill = Image.new("L", (wide * 4, high * 4))
    ImageDraw.Draw(pill).rounded_rectangle((0, 0, wide * 4 - 1, high * 4 - 1), radius=high * 2, fill=205)
    picture.paste((16, 17, 22), (margin, margin), pill.reduce(4))
    label = broken(text, 20 * size, 2 * size, size, size)
    write(picture, label, margin + round(0.83 * size), margin + round(0.42 * size), _PAPER, spacing=0.16)


def _palette(sky: str, ink: str, *tones: str) -> Palette:
    return Palette(_colour(sky), tuple(map(_colour, tones)), _colour(ink))


def _colour(code: str) -> Colour:
    return int(code[:2], 16), int(code[2:4], 16), int(code[4:], 16)


PALETTES = (
    _palette("ffe8c9", "2b1b3d", "ffb37b", "ff7a6b", "c6467a", "6d2f7d"),
    _palette("e8f6f3", "0e2a3b", "a7dcd3", "57b3b3", "2a7f93", "1b4f6b"),
    _palette("fff3d6", "1f2a24", "f5c96a", "d99a3c", "8a8b3f", "3f5f3f"),
    _palette("f3e9ff", "1c1740", "d1b3ff", "9a7bff", "5a5be0", "2f3a9e"),
    _palette("ffeef0", "3a1028", "ffb3c1", "ff6f91", "d13c6f", "7d1d4f"),
    _palette("e9f1ff", "101f3f", "b5d3ff", "6ea8ff", "3c6fd8", "24479a"),
    _palette("f7f3e8", "2a1d17", "e6cfa7", "d08c60", "a4513b", "5c2e2a"),
    _palette("eafbe7", "0f2f26", "b8e6a5", "6cc28a", "2f8f74", "1d5a56"),
    _palette("fff0e0", "162036", "ffd08a", "ff8f5e", "4f9da6", "235b78"),
    _palette("f1f3f7", "15181f", "c9d2de", "8f9fb5", "596a85", "333f55"),
    _palette("fdf0ff", "26123f", "ffc0f0", "b17cf0", "5aa0f2", "2d5fb0"),
    _palette("fffbe6", "3b1414", "ffe08a", "ffb238", "f0592b", "9c2a2a"),
)
