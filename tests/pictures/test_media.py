"""Pictures as people and relays really send them: turned, tagged, moving, cut off, huge."""

from __future__ import annotations

import asyncio
import struct
import zlib
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms, PngImagePlugin

from bot import media
from bot.errors import BadPicture

SECRET = b"51.5007N-here-I-live"
MB = 1024 * 1024


def saved(path: Path, picture: Image.Image, **options: Any) -> Path:
    picture.save(path, **options)
    return path


def noise(width: int, height: int, mode: str = "RGB") -> Image.Image:
    return Image.effect_noise((width, height), 80).convert(mode)


@pytest.fixture(scope="module")
def huge(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """7000×5400, 38 megapixels, quickly made."""
    picture = noise(1400, 1080).resize((7000, 5400), Image.Resampling.NEAREST)
    return saved(tmp_path_factory.mktemp("huge") / "in.png", picture, compress_level=1)


def quarters(width: int = 120, height: int = 80) -> Image.Image:
    """Red, green / blue, white: tells every turn and flip from every other."""
    picture = Image.new("RGB", (width, height), "white")
    picture.paste("red", (0, 0, width // 2, height // 2))
    picture.paste("lime", (width // 2, 0, width, height // 2))
    picture.paste("blue", (0, height // 2, width // 2, height))
    return picture


def corners(picture: Image.Image) -> list[str]:
    """The nearest pure colour of each corner, row by row."""
    names = {"red": (255, 0, 0), "lime": (0, 255, 0), "blue": (0, 0, 255), "white": (255, 255, 255)}
    width, height = picture.size
    spots = [(5, 5), (width - 6, 5), (5, height - 6), (width - 6, height - 6)]
    seen = [picture.convert("RGB").getpixel(spot) for spot in spots]
    return [
        min(names, key=lambda name: sum((a - b) ** 2 for a, b in zip(names[name], at, strict=True)))
        for at in seen
    ]


def linear_profile() -> bytes:
    """sRGB's own profile with its curves replaced by straight lines: 128 is half the light."""
    data = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    count = struct.unpack_from(">I", data, 128)[0]
    for at in range(132, 132 + 12 * count, 12):
        name, offset, size = struct.unpack_from(">4sII", data, at)
        if name in (b"rTRC", b"gTRC", b"bTRC"):
            data[offset : offset + size] = (b"curv" + bytes(8)).ljust(size, b"\0")
    return (
        bytes(data).replace(b"sRGB", b"line").replace("sRGB".encode("utf-16-be"), "line".encode("utf-16-be"))
    )


def png_header(width: int, height: int) -> bytes:
    """A PNG that claims its sides and holds nothing."""
    body = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + body + struct.pack(">I", zlib.crc32(body))


# --- sniff ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "mime"),
    [("PNG", "image/png"), ("JPEG", "image/jpeg"), ("WEBP", "image/webp"), ("GIF", "image/gif")],
)
async def test_sniff_reads_the_bytes_not_the_name(tmp_path: Path, kind: str, mime: str) -> None:
    file = saved(tmp_path / "photo.heic", noise(64, 48), format=kind)
    assert await media.sniff(file) == media.Facts(mime, 64, 48, file.stat().st_size)


@pytest.mark.parametrize(
    "content",
    [
        b"%PDF-1.7\n1 0 obj",
        b"<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>",
        b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic",
        b"BM" + bytes(60),
        b"RIFF\x24\x00\x00\x00WAVEfmt ",
        b"<!doctype html><title>502 Bad Gateway</title>",
        b"\x89PN",
    ],
)
async def test_what_is_no_picture_of_ours(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "photo.png"
    file.write_bytes(content)
    for work in (media.sniff(file), media.prepare(file, tmp_path)):
        with pytest.raises(BadPicture) as caught:
            await work
        assert caught.value.sentence == "error-picture-not"


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
@pytest.mark.parametrize("share", [0.0, 0.02, 0.5, 0.97])
async def test_a_picture_that_was_cut_off_is_broken(tmp_path: Path, kind: str, share: float) -> None:
    whole = BytesIO()
    noise(300, 200).save(whole, kind)
    file = tmp_path / "cut"
    file.write_bytes(whole.getvalue()[: max(16, int(len(whole.getvalue()) * share)) if share else 0])
    for work in (media.sniff(file), media.prepare(file, tmp_path), media.fit(file, tmp_path, most_bytes=MB)):
        with pytest.raises(BadPicture) as caught:
            await work
        assert caught.value.sentence == "error-picture-broken"


async def test_a_flipped_bit_is_no_reason_to_withhold_a_picture(tmp_path: Path) -> None:
    """It was paid for, and shows nearly all that it should."""
    file = saved(tmp_path / "a.png", noise(200, 200))
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 4
    file.write_bytes(data)
    assert (await media.sniff(file)).width == 200


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF"])
async def test_sixty_megapixels_are_told_from_the_header(tmp_path: Path, kind: str) -> None:
    file = saved(tmp_path / "big", Image.new("L", (10_000, 6_000), 128), format=kind)
    for work in (media.sniff(file), media.prepare(file, tmp_path), media.thumbnail(file, tmp_path)):
        with pytest.raises(BadPicture) as caught:
            await work
        assert caught.value.sentence == "error-picture-too-many-pixels"
        assert caught.value.params == {"megapixels": 60, "most": 50}


@pytest.mark.parametrize("sides", [(60_000, 60_000), (2_000_000_000, 2_000_000_000)])
async def test_a_bomb_is_not_opened(tmp_path: Path, sides: tuple[int, int]) -> None:
    file = tmp_path / "bomb.png"
    file.write_bytes(png_header(*sides))
    with pytest.raises(BadPicture):
        await media.sniff(file)
    webp = tmp_path / "bomb.webp"
    size = struct.pack("<I", 16_382)[:3]
    webp.write_bytes(b"RIFF\x1e\x00\x00\x00WEBPVP8X\x0a\x00\x00\x00" + bytes(4) + size + size + bytes(8))
    with pytest.raises(BadPicture) as caught:
        await media.sniff(webp)
    assert caught.value.sentence == "error-picture-too-many-pixels"


@pytest.mark.filterwarnings("ignore::UserWarning:PIL")
@settings(max_examples=60, deadline=None)
@given(data=st.data(), kind=st.sampled_from(["PNG", "JPEG", "WEBP", "GIF"]))
def test_damaged_bytes_are_a_bad_picture_or_a_picture_never_anything_else(
    data: st.DataObject, kind: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    whole = BytesIO()
    quarters(40, 30).save(whole, kind, exif=_exif(6) if kind != "GIF" else b"")
    content = bytearray(whole.getvalue())
    for _ in range(data.draw(st.integers(1, 6))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    folder = tmp_path_factory.mktemp("damaged")
    (folder / "in").write_bytes(content)

    async def both() -> None:
        for work in (media.sniff(folder / "in"), media.prepare(folder / "in", folder)):
            try:
                await work
            except BadPicture as error:
                assert error.sentence.startswith("error-picture-")  # noqa: PT017

    asyncio.run(both())


# --- prepare --------------------------------------------------------------------------------


def _exif(orientation: int) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010E] = SECRET.decode()
    return exif.tobytes()


UPRIGHT = ["red", "lime", "blue", "white"]
STORED = {  # how each orientation lies in the file, so that it looks upright
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


@pytest.mark.parametrize("orientation", STORED)
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
async def test_a_turned_photo_stands_upright(tmp_path: Path, orientation: int, kind: str) -> None:
    turn = STORED[orientation]
    lying = quarters() if turn is None else quarters().transpose(turn)
    file = saved(tmp_path / "in", lying, format=kind, exif=_exif(orientation))
    for made in (
        await media.prepare(file, tmp_path),
        await media.fit(file, tmp_path, most_bytes=MB),
        await media.thumbnail(file, tmp_path),
    ):
        with Image.open(made) as picture:
            assert (picture.size, corners(picture)) == ((120, 80), UPRIGHT)


def tagged(kind: str, path: Path) -> Path:
    text = PngImagePlugin.PngInfo()
    text.add_text("Comment", SECRET.decode())
    text.add_itxt("XML:com.adobe.xmp", SECRET.decode())
    extra: dict[str, Any] = {"PNG": {"pnginfo": text}, "JPEG": {"comment": SECRET}, "WEBP": {}, "GIF": {}}[
        kind
    ]
    if kind in ("JPEG", "WEBP"):
        extra["xmp"] = SECRET
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes() + SECRET
    tags = {"comment": SECRET} if kind == "GIF" else {"exif": _exif(1), "icc_profile": profile}
    return saved(path, quarters(), format=kind, **tags, **extra)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
async def test_no_metadata_survives(tmp_path: Path, kind: str) -> None:
    file = tagged(kind, tmp_path / "in")
    assert SECRET in file.read_bytes()
    for made in (await media.prepare(file, tmp_path), await media.fit(file, tmp_path, most_bytes=MB)):
        assert SECRET not in made.read_bytes()
        with Image.open(made) as picture:
            assert not set(picture.info) - {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
            assert not picture.getexif()


async def test_transparency_is_kept_and_flattened_where_there_can_be_none(tmp_path: Path) -> None:
    clear = Image.new("RGBA", (64, 64), (255, 0, 0, 0))
    clear.paste((0, 0, 255, 255), (0, 0, 32, 64))
    for kind in ("PNG", "WEBP"):
        file = saved(tmp_path / f"in.{kind}", clear, format=kind)
        with Image.open(await media.prepare(file, tmp_path)) as made:
            assert made.mode == "RGBA"
            assert made.getpixel((60, 60))[3] == 0  # type: ignore[index]
        with Image.open(await media.fit(file, tmp_path, most_bytes=MB)) as flat:
            assert min(flat.getpixel((60, 60))) > 240  # type: ignore[type-var,arg-type]


GREY = (128, 128, 128)
PIXELS = {
    "1": Image.new("1", (64, 32), 1),
    "L": Image.new("L", (64, 32), 128),
    "LA": Image.new("LA", (64, 32), (128, 90)),
    "P": Image.new("RGB", (64, 32), GREY).quantize(8),
    "P with a hole": Image.new("RGBA", (64, 32), (*GREY, 90)).quantize(8),
    "RGB": Image.new("RGB", (64, 32), GREY),
    "RGBA": Image.new("RGBA", (64, 32), (*GREY, 90)),
    "CMYK": Image.new("RGB", (64, 32), GREY).convert("CMYK"),
    "I;16": Image.frombytes("I;16", (64, 32), struct.pack("<H", 0x8080) * (64 * 32)),
}


@pytest.mark.parametrize("pixels", PIXELS)
async def test_every_kind_of_pixel_becomes_rgb_with_or_without_transparency(
    tmp_path: Path, pixels: str
) -> None:
    file = saved(tmp_path / "in", PIXELS[pixels], format="JPEG" if pixels == "CMYK" else "PNG")
    with Image.open(await media.prepare(file, tmp_path)) as made:
        clear = pixels in ("LA", "P with a hole", "RGBA")
        assert made.mode == ("RGBA" if clear else "RGB")
        red, *_, last = made.getpixel((1, 1))  # type: ignore[misc]
        assert red == pytest.approx(255 if pixels == "1" else 128, abs=4)
        assert last == pytest.approx(90, abs=4) if clear else True


async def test_colours_of_another_profile_are_translated(tmp_path: Path) -> None:
    """The same numbers mean another colour by a linear profile; in sRGB they are lighter."""
    file = saved(tmp_path / "in.png", Image.new("RGB", (32, 32), GREY), icc_profile=linear_profile())
    with Image.open(await media.prepare(file, tmp_path)) as made:
        assert made.getpixel((5, 5)) == pytest.approx((188, 188, 188), abs=3)


async def test_a_profile_of_another_kind_of_picture_is_left_aside(tmp_path: Path) -> None:
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB"))
    file = saved(tmp_path / "in.png", quarters(), icc_profile=lab.tobytes())
    with Image.open(await media.prepare(file, tmp_path)) as made:
        assert corners(made) == UPRIGHT


@pytest.mark.filterwarnings("ignore::UserWarning:PIL")
async def test_a_broken_profile_and_broken_exif_are_no_reason_to_refuse(tmp_path: Path) -> None:
    broken = {"icc_profile": b"\0" * 200, "exif": b"Exif\0\0MM\0*\xff\xff\xff\xff"}
    file = saved(tmp_path / "in.jpg", quarters(), **broken)
    with Image.open(await media.prepare(file, tmp_path)) as made:
        assert corners(made) == UPRIGHT


async def test_a_moving_picture_gives_its_first_frame(tmp_path: Path) -> None:
    frames = [Image.new("RGB", (32, 32), colour) for colour in ("red", "blue", "lime")]
    for kind in ("GIF", "WEBP", "PNG"):
        file = saved(tmp_path / kind, frames[0], format=kind, save_all=True, append_images=frames[1:])
        with Image.open(await media.prepare(file, tmp_path)) as made:
            assert getattr(made, "n_frames", 1) == 1
            red, green, blue = made.convert("RGB").getpixel((16, 16))  # type: ignore[misc]
            assert red > 200
            assert max(green, blue) < 60


async def test_a_prepared_picture_is_bounded(tmp_path: Path, huge: Path) -> None:
    made = await media.sniff(await media.prepare(huge, tmp_path))
    assert (made.width, made.height) == (4096, 3160)
    assert made.bytes <= 20 * MB
    assert len(list(tmp_path.iterdir())) == 1  # nothing half-made lies about


async def test_a_mask_keeps_its_sides_and_holes(tmp_path: Path) -> None:
    mask = Image.new("RGBA", (1024, 1024), (0, 0, 0, 255))
    mask.paste((0, 0, 0, 0), (100, 100, 200, 200))
    file = saved(tmp_path / "mask.png", mask)
    made = await media.prepare(file, tmp_path)
    with Image.open(made) as picture:
        assert picture.size == (1024, 1024)
        assert [picture.getpixel(at)[3] for at in ((50, 50), (150, 150))] == [255, 0]  # type: ignore[index]


# --- fit ------------------------------------------------------------------------------------


async def test_thirty_eight_megapixels_become_a_photo(tmp_path: Path, huge: Path) -> None:
    """7000×5400: Telegram's photo is ≤ 10 MB, width + height ≤ 10,000, ratio ≤ 20."""
    made = await media.fit(huge, tmp_path, most_bytes=10 * MB, most_sides=10_000, most_ratio=20)
    seen = await media.sniff(made)
    assert seen.mime == "image/jpeg"
    assert seen.bytes <= 10 * MB
    assert 9_900 < seen.width + seen.height <= 10_000


@settings(max_examples=25, deadline=None)
@given(
    width=st.integers(1, 900),
    height=st.integers(1, 900),
    most_bytes=st.integers(2_000, 60_000),
    most_sides=st.none() | st.integers(60, 2_000),
    most_ratio=st.none() | st.floats(1.0, 20.0),
)
def test_fit_keeps_every_bound(
    width: int,
    height: int,
    most_bytes: int,
    most_sides: int | None,
    most_ratio: float | None,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = tmp_path_factory.mktemp("fit")
    file = saved(folder / "in.png", noise(width, height), compress_level=1)
    bounds = {"most_bytes": most_bytes, "most_sides": most_sides, "most_ratio": most_ratio}
    made = asyncio.run(media.fit(file, folder, **bounds))  # type: ignore[arg-type]
    with Image.open(made) as picture:
        assert picture.format == "JPEG"
        assert made.stat().st_size <= most_bytes
        assert sum(picture.size) <= (most_sides or 1e9)
        if most_ratio and min(picture.size) > 8:
            assert max(picture.size) / min(picture.size) <= most_ratio * 1.02


async def test_a_ribbon_is_set_on_a_broader_ground(tmp_path: Path) -> None:
    file = saved(tmp_path / "in.png", Image.new("RGB", (3000, 60), "red"))
    with Image.open(await media.fit(file, tmp_path, most_bytes=MB, most_ratio=20)) as made:
        assert made.size == (3000, 150)


async def test_a_picture_small_enough_loses_no_pixel(tmp_path: Path) -> None:
    file = saved(tmp_path / "in.png", quarters(800, 600))
    with Image.open(await media.fit(file, tmp_path, most_bytes=MB, most_sides=10_000, most_ratio=20)) as made:
        assert made.size == (800, 600)
        assert corners(made) == UPRIGHT


async def test_trouble_with_the_disk_is_not_the_pictures_fault(tmp_path: Path) -> None:
    file = saved(tmp_path / "in.png", quarters())
    with pytest.raises(FileNotFoundError):
        await media.prepare(file, tmp_path / "gone")
    with pytest.raises(FileNotFoundError):
        await media.sniff(tmp_path / "gone.png")


# --- many -----------------------------------------------------------------------------------


@pytest.mark.parametrize("count", range(1, 11))
async def test_a_contact_sheet_shows_every_picture(tmp_path: Path, count: int) -> None:
    colours = [(i * 25, 255 - i * 25, 60 + i * 15) for i in range(count)]
    files = [saved(tmp_path / f"{i}.png", Image.new("RGB", (384, 256), at)) for i, at in enumerate(colours)]
    with Image.open(await media.contact_sheet(files, tmp_path)) as sheet:
        assert max(sheet.size) <= 2560
        assert min(sheet.size) >= 1000
        seen = {at for _, at in sheet.convert("RGB").resize((240, 240)).getcolors(57_600) or []}
    for wanted in colours:
        assert any(sum(abs(a - b) for a, b in zip(wanted, at, strict=True)) < 12 for at in seen)


async def test_a_contact_sheet_of_unlike_pictures(tmp_path: Path) -> None:
    sides = [(768, 512), (512, 768), (1500, 50), (64, 64)]
    files = [saved(tmp_path / f"{i}.png", noise(*side)) for i, side in enumerate(sides)]
    seen = await media.sniff(await media.contact_sheet(files, tmp_path))
    assert seen.bytes < 10 * MB
    assert max(seen.width, seen.height) <= 2560


async def test_the_numbers_are_readable_on_white_and_on_black(tmp_path: Path) -> None:
    for colour in ("white", "black", "grey"):
        file = saved(tmp_path / f"{colour}.png", Image.new("RGB", (512, 512), colour))
        with Image.open(await media.contact_sheet([file], tmp_path)) as sheet:
            corner = sheet.convert("L").crop((16, 16, 200, 200))
            assert corner.getextrema()[0] < 60  # type: ignore[operator]
            assert corner.getextrema()[1] > 200  # type: ignore[operator]


async def test_a_thumbnail_is_small(tmp_path: Path) -> None:
    file = saved(tmp_path / "in.jpg", noise(300, 200).resize((3000, 2000)))
    seen = await media.sniff(await media.thumbnail(file, tmp_path))
    assert (seen.mime, seen.width, seen.height) == ("image/jpeg", 320, 213)
    assert seen.bytes < 60_000


async def test_the_loop_stays_free_while_pictures_are_worked_on(tmp_path: Path) -> None:
    file = saved(tmp_path / "in.png", noise(500, 375).resize((2000, 1500)), compress_level=1)
    work = asyncio.gather(*(media.prepare(file, tmp_path) for _ in range(4)))
    longest, before = 0.0, asyncio.get_running_loop().time()
    while not work.done():
        await asyncio.sleep(0.005)
        now = asyncio.get_running_loop().time()
        longest, before = max(longest, now - before), now
    await work
    assert longest < 0.5
