"""Every kind of photo that is taken, every kind that is refused, and preprocessing that is timm's own."""

import io
import struct
import subprocess
import sys
import zlib
from contextlib import suppress

import numpy as np
import pytest
import torch
from helpers import photo
from PIL import ExifTags, Image, ImageDraw
from timm.data import create_transform

from vit_viz import open_photo, photos, prepare
from vit_viz.errors import PhotoError
from vit_viz.photos import MAX_ASPECT, MAX_BYTES, WORKING_SIDE, original_size, share_in_reach


def encode(image: Image.Image, kind: str, **options) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def quarters(mode: str = "RGB", size: tuple[int, int] = (64, 48)) -> Image.Image:
    """Red, green, blue and white, in reading order: told apart whatever a file format does to them."""
    image, (width, height) = Image.new("RGB", size), size
    for n, colour in enumerate(("red", "lime", "blue", "white")):
        left, top = n % 2 * width // 2, n // 2 * height // 2
        image.paste(colour, (left, top, left + width // 2, top + height // 2))
    return image.convert(mode)


def corners(image: Image.Image) -> str:
    """The corners' colours in reading order, as letters."""
    names = {(1, 0, 0): "R", (0, 1, 0): "G", (0, 0, 1): "B", (1, 1, 1): "W"}
    right, bottom = image.width - 4, image.height - 4
    spots = ((3, 3), (right, 3), (3, bottom), (right, bottom))
    colours = (tuple(int(value > 127) for value in image.getpixel(spot)) for spot in spots)
    return "".join(names.get(colour, "?") for colour in colours)


# Taken


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF", "GIF", "TIFF", "BMP"])
def test_formats(kind):
    opened = open_photo(encode(quarters(), kind))
    assert (opened.mode, opened.size, corners(opened)) == ("RGB", (64, 48), "RGBW")


def test_first_frame_of_an_animation():
    frames = [Image.new("RGB", (20, 20), colour) for colour in ("red", "blue")]
    for kind in ("GIF", "WEBP", "PNG", "TIFF"):
        data = encode(frames[0], kind, save_all=True, append_images=frames[1:])
        assert corners(open_photo(data)) == "RRRR", kind


# Where each corner of the stored picture comes to lie, after the EXIF standard's table.
UPRIGHT = {1: "RGBW", 2: "GRWB", 3: "WBGR", 4: "BWRG", 5: "RBGW", 6: "BRWG", 7: "WGBR", 8: "GWRB"}


@pytest.mark.parametrize(("orientation", "expected"), UPRIGHT.items())
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_exif_orientation(kind, orientation, expected):
    exif = Image.Exif()
    exif[0x0112] = orientation
    opened = open_photo(encode(quarters(), kind, exif=exif))
    assert corners(opened) == expected
    assert opened.size == original_size(opened) == ((48, 64) if orientation > 4 else (64, 48))


@pytest.mark.parametrize("size", [(64, 48), (WORKING_SIDE + 300, WORKING_SIDE + 300)])
def test_the_file_is_let_go(size):
    assert type(open_photo(encode(quarters(size=size), "JPEG"))) is Image.Image


def test_orientation_of_a_picture_in_memory():
    turned = quarters()
    turned.getexif()[0x0112] = 3
    assert corners(open_photo(turned)) == "WBGR"


def transparent(mode: str) -> Image.Image:
    image = Image.new("RGBA", (40, 40), (0, 0, 0, 0))
    image.paste((0, 0, 0, 255), (0, 0, 20, 40))
    return image.convert(mode)


@pytest.mark.parametrize("mode", ["RGBA", "LA"])
@pytest.mark.parametrize("kind", ["PNG", "WEBP", "TIFF"])
def test_alpha_lies_over_white(mode, kind):
    options = {"lossless": True} if kind == "WEBP" else {}
    opened = np.asarray(open_photo(encode(transparent(mode), kind, **options)))
    assert (opened[:, :20] == 0).all()
    assert (opened[:, 20:] == 255).all()


def test_half_alpha_is_half_white():
    opened = open_photo(encode(Image.new("RGBA", (9, 9), (0, 0, 0, 128)), "PNG"))
    assert opened.getpixel((4, 4)) == pytest.approx((127, 127, 127), abs=1)


@pytest.mark.parametrize("kind", ["PNG", "GIF"])
def test_transparent_palette_lies_over_white(kind):
    palette = Image.new("P", (40, 40), 0)
    palette.putpalette([10, 20, 30, 200, 0, 0])
    palette.paste(1, (0, 0, 20, 40))
    opened = open_photo(encode(palette, kind, transparency=0))
    assert (opened.getpixel((5, 5)), opened.getpixel((30, 5))) == ((200, 0, 0), (255, 255, 255))


@pytest.mark.parametrize("mode", ["L", "1", "P", "CMYK", "YCbCr", "LAB", "HSV"])
def test_modes_in_memory(mode):
    opened = open_photo(quarters(mode) if mode != "LAB" else Image.new("LAB", (64, 48)))
    assert (opened.mode, opened.size) == ("RGB", (64, 48))


@pytest.mark.parametrize("kind", ["JPEG", "TIFF"])
def test_cmyk_keeps_its_colours(kind):
    assert corners(open_photo(encode(quarters("CMYK"), kind))) == "RGBW"


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "BMP", "GIF"])
def test_grey(kind):
    ramp = Image.linear_gradient("L")
    opened = np.asarray(open_photo(encode(ramp, kind)), int)
    assert np.abs(opened - np.asarray(ramp, int)[..., None]).max() <= 4


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_16_bit_grey_keeps_its_range(kind):
    ramp = np.linspace(0, 65535, 256).astype(np.uint16)
    opened = np.asarray(open_photo(encode(Image.fromarray(np.tile(ramp, (64, 1))), kind)), int)
    assert np.abs(opened[0, :, 0] - np.arange(256)).max() <= 1


def test_dark_16_bit_grey_stays_dark():
    dark = Image.fromarray(np.full((9, 9), 6425, np.uint16))
    assert open_photo(encode(dark, "PNG")).getpixel((4, 4)) == (25, 25, 25)


@pytest.mark.parametrize("top", [1.0, 255.0, 65535.0, 1e6])
def test_float_tiff_keeps_its_range(top):
    ramp = np.tile(np.linspace(0, top, 256, dtype=np.float32), (64, 1))
    opened = np.asarray(open_photo(encode(Image.fromarray(ramp), "TIFF")), int)
    assert np.abs(opened[0, :, 0] - np.arange(256)).max() <= 1


@pytest.mark.parametrize("odd", [np.nan, np.inf, -np.inf])
def test_float_that_is_no_number_is_refused(odd, monkeypatch):
    monkeypatch.setattr(photos, "BAND_PIXELS", 8)
    values = np.zeros((9, 4), np.float32)
    values[5, 2] = odd
    with pytest.raises(PhotoError, match="not numbers"):
        open_photo(encode(Image.fromarray(values), "TIFF"))


def png(width: int, height: int, *, bits: int = 8, colour: int = 2, rows: bytes | None = None) -> bytes:
    """A PNG made by hand: sizes and depths that Pillow would not write."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    channels = {0: 1, 2: 3, 6: 4}[colour]
    rows = bytes(height * (1 + width * channels * bits // 8)) if rows is None else rows
    head = struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, 0)
    packed = zlib.compress(rows, 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


def test_16_bit_rgb_png():
    row = b"\0" + struct.pack(">HHH", 0xFFFF, 0x8080, 0) * 6
    assert open_photo(png(6, 4, bits=16, rows=row * 4)).getpixel((2, 2)) == (255, 128, 0)


def test_phone_photo_of_48_megapixels():
    big = Image.new("RGB", (8064, 6048), "orange")
    ImageDraw.Draw(big).rectangle((0, 0, 4031, 6047), fill="navy")
    exif = Image.Exif()
    exif[0x0112] = 6
    opened = open_photo(encode(big, "JPEG", exif=exif))
    assert opened.size == (WORKING_SIDE, round(WORKING_SIDE * 4 / 3))
    top, bottom = opened.getpixel((500, 300)), opened.getpixel((500, 1100))
    assert np.abs(np.subtract(top, (0, 0, 128))).max() < 8
    assert np.abs(np.subtract(bottom, (255, 165, 0))).max() < 8


@pytest.mark.parametrize("size", [(4000, 3), (3, 4000), (1, 1), (10000, 20), (20, 10000), (1, 9000), (2, 1)])
@pytest.mark.parametrize("crop_mode", ["center", "squash", "border"])
def test_extreme_shapes(size, crop_mode, bundled):
    opened = open_photo(encode(Image.new("RGB", size, "teal"), "PNG"))
    assert max(opened.size) <= MAX_ASPECT * min(opened.size) + 1
    prepared = prepare(opened, bundled.info.data_config | {"crop_mode": crop_mode})
    assert prepared.pixels.shape == (3, *bundled.info.img_size)
    height, width = prepared.image.shape[:2]
    assert tuple(prepared.image[height // 2, width // 2]) == (0, 128, 128)


DEEP = {"I;16": np.uint16, "I": np.int32, "F": np.float32}


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P", "RGB", "CMYK", "L", "1", *DEEP])
def test_bands_leave_no_trace(mode, monkeypatch):
    rgba = photo(size=(300, 200))
    rgba.putalpha(Image.linear_gradient("L").resize(rgba.size))
    grey = np.asarray(rgba.convert("L"), np.float32) * (50.2 if mode == "I;16" else 1000)
    deep = Image.fromarray(grey.astype(DEEP.get(mode, np.float32)))
    picture = deep if mode in DEEP else rgba.convert(mode)
    whole = open_photo(picture)
    monkeypatch.setattr(photos, "BAND_PIXELS", 3000)
    assert np.array_equal(np.asarray(open_photo(picture)), np.asarray(whole))


def test_a_large_photo_is_reduced_as_pillow_does_it_at_once(monkeypatch):
    monkeypatch.setattr(photos, "WORKING_SIDE", 50)
    monkeypatch.setattr(photos, "BAND_PIXELS", 3000)
    picture = photo(size=(360, 300))  # six times what is of use: every 3 × 3 pixels are averaged first
    expected = picture.resize((60, 50), Image.Resampling.LANCZOS, reducing_gap=2.0)
    assert np.array_equal(np.asarray(open_photo(picture)), np.asarray(expected))


# megabytes that opening a photo adds to the process at most
PEAK = """
import sys
from pathlib import Path
from threading import Thread
from PIL import Image
from vit_viz import open_photo
peak = lambda: int(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0]) / 1024
open_photo(Image.new("RGBA", (64, 64)))
before = peak()
threads = [Thread(target=open_photo, args=[file]) for file in sys.argv[1:]]
for thread in threads: thread.start()
for thread in threads: thread.join()
print(peak() - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the peak is read from /proc")
def test_large_photos_at_once_cost_little_more_than_one(tmp_path):
    """Transparent and on its side, and of floats: 18 megapixels each, 71 MB once decoded."""
    size, exif = (4200, 4200), Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    files = [tmp_path / name for name in ("a.png", "b.tif")]
    Image.new("LA", size, (9, 128)).save(files[0], exif=exif, compress_level=1)
    Image.new("F", size, 0.5).save(files[1], compression="tiff_deflate")
    added = subprocess.run(
        [sys.executable, "-c", PEAK, *map(str, files)], capture_output=True, text=True, check=True
    )
    assert float(added.stdout) < 130


@pytest.mark.parametrize(("pixels", "alone"), [(64 * 48, False), (64 * 48 - 1, True)])
def test_only_large_photos_wait_for_each_other(pixels, alone, monkeypatch):
    seen, to_rgb = [], photos._to_rgb

    def looking(image: Image.Image) -> Image.Image:
        seen.append(photos.DECODING.locked())
        return to_rgb(image)

    monkeypatch.setattr(photos, "LARGE_PIXELS", pixels)
    monkeypatch.setattr(photos, "_to_rgb", looking)
    open_photo(encode(quarters(), "PNG"))
    assert seen == [alone]
    assert not photos.DECODING.locked()


def test_path_and_picture_give_the_same(tmp_path, sample):
    file = tmp_path / "photo.png"
    sample.save(file)
    opened = [open_photo(source) for source in (file, str(file), file.read_bytes(), sample)]
    assert all(np.array_equal(np.asarray(other), np.asarray(sample)) for other in opened)


def test_missing_file_is_a_sentence(tmp_path):
    with pytest.raises(PhotoError, match=r"none\.jpg cannot be read: No such file"):
        open_photo(tmp_path / "none.jpg")


# Refused


def test_heic_says_how_to_convert():
    for brand in (b"heic", b"mif1", b"heix"):
        with pytest.raises(PhotoError, match=r"HEIC.*JPEG.*Most Compatible"):
            open_photo(b"\0\0\0\x18ftyp" + brand + b"\0" * 500)


NO_PHOTO = {
    "text": b"Dear Sir or Madam, " * 40,
    "pdf": b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\n" * 20,
    "svg": b"<svg xmlns='http://www.w3.org/2000/svg'><circle r='9'/></svg>",
    "random": np.random.default_rng(0).bytes(5000),
    "one byte": b"\xff",
    "ico": encode(quarters(), "ICO"),
    "eps": encode(quarters(), "EPS"),
}


@pytest.mark.parametrize("data", NO_PHOTO.values(), ids=NO_PHOTO)
def test_not_a_photo(data):
    with pytest.raises(PhotoError, match=r"not a photo.*JPEG, PNG, WebP, AVIF, GIF, TIFF and BMP"):
        open_photo(data)


def test_empty_file():
    with pytest.raises(PhotoError, match=r"empty.*Allowed are"):
        open_photo(b"")


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "BMP", "GIF", "AVIF"])
@pytest.mark.parametrize("share", [0.5, 0.95])
def test_truncated(kind, share):
    data = encode(photo(size=(300, 200)), kind)
    with pytest.raises(PhotoError, match=r"damaged or cut short|not a photo"):
        open_photo(data[: int(len(data) * share)])


def test_too_many_bytes():
    with pytest.raises(PhotoError, match=r"The file has 26 MB; up to 25 MB"):
        open_photo(bytes(MAX_BYTES + 2**20))


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
@pytest.mark.parametrize("size", [(9000, 9000), (30000, 3000)])
def test_decompression_bomb(size):
    bomb = png(*size, colour=0)
    assert len(bomb) < 200_000
    with pytest.raises(PhotoError, match=r"megapixels; PNG is read up to 40"):
        open_photo(bomb)


@pytest.mark.parametrize(("kind", "allowed"), [("WEBP", 16), ("AVIF", 24)])
def test_decoders_that_take_more_memory_have_a_lower_limit(kind, allowed):
    data = encode(Image.new("L", (5000, 5000)), kind, **({"speed": 10} if kind == "AVIF" else {"method": 0}))
    sentence = f"25 megapixels; {kind} is read up to {allowed}. Make it smaller, or save it as JPEG."
    with pytest.raises(PhotoError, match=sentence):
        open_photo(data)


def test_a_jpeg_that_carries_a_second_picture_is_a_jpeg(monkeypatch):
    monkeypatch.setattr("vit_viz.photos.MAX_PIXELS_ELSE", 1000)
    monkeypatch.setitem(photos.MAX_PIXELS, "JPEG", 2000)

    def two_pictures(side: int) -> bytes:
        buffer = io.BytesIO()
        picture = Image.new("RGB", (side, side), "red")
        picture.save(buffer, "MPO", save_all=True, append_images=[picture])
        return buffer.getvalue()

    assert Image.open(io.BytesIO(two_pictures(40))).format == "MPO"
    assert open_photo(two_pictures(40)).size == (40, 40)
    with pytest.raises(PhotoError, match=r"JPEG is read up to .* Make it smaller\.$"):
        open_photo(two_pictures(50))


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
@pytest.mark.parametrize("size", [(12000, 12000), (60000, 60000)])
def test_bombs_that_only_claim_their_size(size):
    with pytest.raises(PhotoError, match="megapixels"):
        open_photo(png(*size, rows=b"\0"))


@pytest.mark.parametrize("size", [(0, 10), (10, 0), (0, 0)])
def test_zero_sized(size):
    with pytest.raises(PhotoError, match=r"damaged|nothing to see|not a photo"):
        open_photo(png(*size))
    with pytest.raises(PhotoError, match="nothing to see"):
        open_photo(Image.new("RGB", size))


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF", "GIF", "TIFF", "BMP"])
def test_damaged_bytes_give_a_photo_or_a_sentence(kind):
    """No error of a decoder may reach the reader raw."""
    exif = Image.Exif()
    exif[0x0112] = 6
    options = {} if kind in ("GIF", "BMP") else {"exif": exif}
    whole, random = encode(photo(size=(60, 40)), kind, **options), np.random.default_rng(5)
    for _ in range(150):
        data = bytearray(whole)
        reach = len(data) if random.random() < 0.5 else min(len(data), 200)  # headers twice as often
        for place in random.integers(0, reach, random.integers(1, 12)):
            data[place] = random.integers(256)
        with suppress(PhotoError):
            assert open_photo(bytes(data)).mode == "RGB"


# Preprocessing

CLIP_MEAN, CLIP_STD = (0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711)
IMAGENET_MEAN, IMAGENET_STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
CONFIGS = {
    "augreg": {"crop_pct": 0.9, "mean": (0.5,) * 3, "std": (0.5,) * 3},
    "deit": {"crop_pct": 0.875, "mean": IMAGENET_MEAN, "std": IMAGENET_STD},
    "bilinear": {"crop_pct": 0.95, "interpolation": "bilinear", "mean": IMAGENET_MEAN, "std": IMAGENET_STD},
    "clip": {"crop_pct": 1.0, "mean": CLIP_MEAN, "std": CLIP_STD},
    "squash": {"crop_pct": 1.0, "crop_mode": "squash", "mean": (0.5,) * 3, "std": (0.5,) * 3},
    "squash and crop": {"crop_pct": 0.9, "crop_mode": "squash", "mean": IMAGENET_MEAN, "std": IMAGENET_STD},
    "border": {"crop_pct": 1.0, "crop_mode": "border", "mean": IMAGENET_MEAN, "std": IMAGENET_STD},
    "border and crop": {"crop_pct": 0.8, "crop_mode": "border", "mean": CLIP_MEAN, "std": CLIP_STD},
    "wide": {"input_size": (3, 96, 224), "crop_pct": 0.9, "mean": IMAGENET_MEAN, "std": IMAGENET_STD},
    "odd": {"input_size": (3, 111, 97), "crop_pct": 0.77, "mean": IMAGENET_MEAN, "std": IMAGENET_STD},
}
SIZES = [(320, 260), (211, 403), (50, 31), (500, 120), (224, 224), (223, 229), (221, 224)]


def data_config(changes: dict) -> dict:
    return {"input_size": (3, 224, 224), "interpolation": "bicubic", "crop_mode": "center"} | changes


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("changes", CONFIGS.values(), ids=CONFIGS)
def test_prepare_is_timms_own(changes, size):
    config, picture = data_config(changes), photo(3, size)
    prepared = prepare(picture, config)
    expected = create_transform(**config, is_training=False)(picture).numpy()
    assert np.abs(prepared.pixels - expected).max() < 1e-6
    mean, std = np.array(config["mean"]), np.array(config["std"])
    back = (prepared.pixels.transpose(1, 2, 0) * std + mean) * 255
    assert np.array_equal(back.round().astype(np.uint8), prepared.image)


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("changes", CONFIGS.values(), ids=CONFIGS)
def test_crop_box_finds_the_image_in_the_resized_photo(changes, size):
    prepared = prepare(photo(3, size), data_config(changes))
    left, top, right, bottom = prepared.crop_box
    assert (bottom - top, right - left) == prepared.image.shape[:2]
    width, height = prepared.resized.size
    window = (max(0, left), max(0, top), min(right, width), min(bottom, height))
    inside = np.s_[max(0, -top) : height - top, max(0, -left) : width - left]
    assert np.array_equal(np.asarray(prepared.resized.crop(window)), prepared.image[inside])


def test_prepared_arrays_are_read_only(sample, bundled):
    prepared = prepare(sample, bundled.info.data_config)
    assert not prepared.image.flags.writeable
    assert not prepared.pixels.flags.writeable
    assert prepared.photo is sample
    assert torch.from_numpy(prepared.pixels.copy()).dtype is torch.float32


@pytest.mark.parametrize("orientation", [1, 6])
def test_a_photo_knows_the_size_it_came_with(orientation):
    """Also where it was decoded at a fraction of it, turned, or cut to its middle."""
    photo, exif = Image.new("RGB", (4000, 2400), "red"), Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    buffer = io.BytesIO()
    photo.save(buffer, "JPEG", exif=exif)
    opened = open_photo(buffer.getvalue())
    size = (4000, 2400) if orientation == 1 else (2400, 4000)
    assert original_size(opened) == size != opened.size
    assert original_size(open_photo(opened)) == size
    assert opened.width > opened.height if orientation == 1 else opened.width < opened.height


def test_of_a_very_long_photo_the_middle_is_in_reach():
    strip = open_photo(Image.new("RGB", (3000, 60)))
    assert original_size(strip) == (3000, 60)
    assert strip.size == (240, 60)
    assert share_in_reach((3000, 60)) == share_in_reach((60, 3000)) == 240 / 3000
    assert share_in_reach((400, 100)) == 1


@pytest.mark.parametrize("given", [np.zeros((8, 8, 3), np.uint8), torch.zeros(3, 8, 8), None, [photo()]])
def test_what_is_no_photo_is_told_what_one_is(given):
    with pytest.raises(TypeError, match=r"this is of the kind (ndarray|Tensor|NoneType|list)\. PIL\.Image"):
        open_photo(given)


@pytest.mark.parametrize(
    ("given", "kind"), [(quarters("L"), "L"), (quarters("RGBA"), "RGBA"), ("a.jpg", "str")]
)
def test_only_an_rgb_photo_is_prepared(given, kind):
    with pytest.raises(PhotoError, match=f"Only an RGB photo can be prepared; this is {kind}"):
        prepare(given, CONFIGS["wide"])
