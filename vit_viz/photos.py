"""Bytes in, an upright RGB photo out; and the model's own preprocessing, stage by stage."""

import io
import math
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError
from timm.data.transforms_factory import create_transform

from vit_viz.arrays import read_only
from vit_viz.errors import PhotoError

FORMATS = ("JPEG", "PNG", "WEBP", "AVIF", "GIF", "TIFF", "BMP")
HEIC_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1", b"msf1")
HOW_TO_CONVERT = (
    "This is a HEIC photo, which cannot be read here. On the phone, share or export it as JPEG "
    "(iPhone: Settings › Camera › Formats › Most Compatible), then upload that."
)
# A JPEG can be decoded at a fraction of its size, so its pixels cost little; the others are decoded whole, at
# 4 bytes a pixel; AVIF and WebP take 11 and 17.
MAX_PIXELS_JPEG = 64_000_000
MAX_PIXELS = {"JPEG": MAX_PIXELS_JPEG, "AVIF": 24_000_000, "WEBP": 16_000_000}
MAX_PIXELS_ELSE = 40_000_000
# photos of more pixels are decoded one at a time: ten uploads at once would add up
LARGE_PIXELS = 2_000_000
DECODING = Lock()
BAND_PIXELS = 1_000_000
MAX_MB = 25
MAX_BYTES = MAX_MB * 2**20
# Twice the largest input size of the table is enough to resize from; more would only fill memory.
WORKING_SIDE = 1036
# EXIF orientations that turn a picture by a quarter.
LYING = (5, 6, 7, 8)
# Beyond this aspect only the middle of the longer side can reach the model's centre crop.
MAX_ASPECT = 4
PREPARE_ANEW = "Give the photo itself, or prepare it with this model's data_config."
# key of an opened photo's `info`
ORIGINAL_SIZE = "vit_viz_original_size"


def open_photo(source: bytes | str | Path | Image.Image) -> Image.Image:
    """Decode a photo: upright by EXIF, alpha over white, RGB, no larger than is of use.

    Raises PhotoError with a sentence for the reader, TypeError for what is none of these.
    """
    if isinstance(source, Image.Image):
        _check_not_empty(source)
        return _opened(source, original_size(source))
    if not isinstance(source, (str, Path, bytes, bytearray, memoryview)):
        raise TypeError(
            f"A photo is a PIL image, the path of a file or its bytes; this is of the kind {type(source).__name__}"
            ". PIL.Image.fromarray makes an image of a uint8 array (height, width, 3)."
        )
    data = _read(Path(source)) if isinstance(source, (str, Path)) else source
    _check_bytes(data)
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            _check_pixels(image)
            size = image.size
            image.draft("RGB", (WORKING_SIDE, WORKING_SIDE))  # JPEG only: decode at 1/2, 1/4 or 1/8
            with DECODING if math.prod(size) > LARGE_PIXELS else nullcontext():
                return _opened(image, size)
    except UnidentifiedImageError:
        raise PhotoError(f"This file is not a photo that can be read here. {_allowed()}") from None
    except Image.DecompressionBombError:
        raise PhotoError(
            f"The picture has more than {MAX_PIXELS_JPEG / 1e6:.0f} megapixels. Make it smaller."
        ) from None
    except PhotoError:
        raise
    except Exception as error:  # on damaged bytes Pillow's decoders raise almost anything
        raise PhotoError(
            f"The photo is damaged or cut short ({error}). Try saving or sending it again."
        ) from error


def original_size(photo: Image.Image) -> tuple[int, int]:
    """(width, height) of an opened photo as it came, upright, before it was cut or reduced."""
    return photo.info.get(ORIGINAL_SIZE, photo.size)


def share_in_reach(size: tuple[int, int]) -> float:
    """How much of a photo of (width, height) is kept when it is opened, 0 to 1: all unless it is very long."""
    return min(1.0, MAX_ASPECT * min(size) / max(size))


def _allowed() -> str:
    return "Allowed are JPEG, PNG, WebP, AVIF, GIF, TIFF and BMP."


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise PhotoError(f"{path} cannot be read: {error.strerror}.") from None


def _check_bytes(data: bytes) -> None:
    if not data:
        raise PhotoError(f"The file is empty. {_allowed()}")
    if len(data) > MAX_BYTES:
        raise PhotoError(f"The file has {len(data) / 2**20:.0f} MB; up to {MAX_MB} MB are read.")
    if data[4:8] == b"ftyp" and data[8:12] in HEIC_BRANDS:
        raise PhotoError(HOW_TO_CONVERT)


def _check_pixels(image: Image.Image) -> None:
    _check_not_empty(image)
    width, height = image.size
    # MPO is what Pillow calls a JPEG that carries a second picture, as phones write them
    kind = "JPEG" if image.format == "MPO" else image.format
    limit = MAX_PIXELS.get(kind, MAX_PIXELS_ELSE)
    if width * height > limit:
        raise PhotoError(
            f"The picture is {width} × {height} = {width * height / 1e6:.0f} megapixels; {kind} "
            f"is read up to {limit / 1e6:.0f}. Make it smaller{'' if kind == 'JPEG' else ', or save it as JPEG'}."
        )


def _check_not_empty(image: Image.Image) -> None:
    if 0 in image.size:
        width, height = image.size
        raise PhotoError(f"The picture is {width} × {height} pixels: there is nothing to see in it.")


def _opened(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    """Upright, RGB, no larger than is of use, without its file; `size` is that of the stored picture."""
    photo = _to_rgb(image)
    orientation = image.getexif().get(ExifTags.Base.Orientation, 1)
    photo.getexif()[ExifTags.Base.Orientation] = orientation
    ImageOps.exif_transpose(photo, in_place=True)
    photo = _to_working_size(photo)
    photo.info[ORIGINAL_SIZE] = size[::-1] if orientation in LYING else size
    return photo


def _to_rgb(image: Image.Image) -> Image.Image:
    """The part in reach, at a whole fraction of its size, made in bands: whole copies cost 4 bytes a pixel each."""
    image.load()
    left, top, right, bottom = _box_in_reach(image.size)
    factor = int(min(image.size) / WORKING_SIDE / 2) or 1
    rows = factor * max(1, BAND_PIXELS // (factor * (right - left)))
    boxes = [(left, y, right, min(y + rows, bottom)) for y in range(top, bottom, rows)]
    is_deep = image.mode.startswith("I") or image.mode == "F"
    white = _white(image, boxes) if is_deep else None
    photo = Image.new("RGB", (math.ceil((right - left) / factor), math.ceil((bottom - top) / factor)))
    for box in boxes:
        band = _band_to_rgb(image.crop(box), white).reduce(factor)
        photo.paste(band, (0, (box[1] - top) // factor))
        photo.info = band.info
    return photo


def _box_in_reach(size: tuple[int, int]) -> tuple[int, int, int, int]:
    width, height = size
    longest = MAX_ASPECT * min(size)
    left, top = max(0, width - longest) // 2, max(0, height - longest) // 2
    return left, top, width - left, height - top


def _band_to_rgb(band: Image.Image, white: float | None) -> Image.Image:
    if white is not None:
        scaled = np.asarray(band).astype(np.float32)
        scaled *= 255 / white
        band = Image.fromarray(scaled.clip(0, 255).round().astype(np.uint8))
    if band.has_transparency_data:
        rgba = band.convert("RGBA")
        band = Image.alpha_composite(Image.new("RGBA", rgba.size, "white"), rgba)
    return band if band.mode == "RGB" else band.convert("RGB")


def _white(image: Image.Image, boxes: list[tuple[int, int, int, int]]) -> float:
    """Of 16-bit, 32-bit and float grey: the end of the smallest usual range that holds all values."""
    bands = (np.asarray(image.crop(box)) for box in boxes)
    highest = np.max([(band.max() if np.isfinite(band).all() else np.nan) for band in bands])
    if np.isnan(highest):
        raise PhotoError("The picture holds values that are not numbers. Save it as 8-bit PNG or JPEG.")
    ranges = (1.0, 255.0, 65535.0) if image.mode == "F" else (65535.0,)
    return next((top for top in ranges if highest <= top), float(highest))


def _to_working_size(photo: Image.Image) -> Image.Image:
    short = min(photo.size)
    if short <= WORKING_SIDE:
        return photo
    width, height = (round(side * WORKING_SIDE / short) for side in photo.size)
    return photo.resize((width, height), Image.Resampling.LANCZOS)


@dataclass(frozen=True, kw_only=True, eq=False)
class Prepared:
    """A photo on its way into a model.

    photo    the upright RGB photo
    resized  after the checkpoint's resize, before its crop
    image    (height, width, 3) uint8, exactly what the model is given, before normalisation
    pixels   (3, height, width) float32, normalised: (image / 255 - mean) / std
    mean, std  of red, green and blue
    """

    photo: Image.Image
    resized: Image.Image
    image: np.ndarray
    pixels: np.ndarray
    mean: tuple[float, ...]
    std: tuple[float, ...]

    @property
    def crop_box(self) -> tuple[int, int, int, int]:
        """(left, top, right, bottom) of the crop in `resized`; negative where the crop reaches beyond it."""
        height, width = self.image.shape[:2]
        left, top = _crop_start(self.resized.width, width), _crop_start(self.resized.height, height)
        return left, top, left + width, top + height


def _crop_start(there: int, wanted: int) -> int:
    """Where torchvision and timm start a centre crop, or how far they pad before it."""
    return -((wanted - there) // 2) if wanted > there else round((there - wanted) / 2)


def as_prepared(
    photo: "bytes | str | Path | Image.Image | Prepared", data_config: dict[str, Any]
) -> Prepared:
    """The photo opened and prepared, or as it is where that has been done for such a model.

    Another size, mean or std is refused with a PhotoError; how the photo was cut is the caller's choice.
    """
    if not isinstance(photo, Prepared):
        return prepare(open_photo(photo), data_config)
    if photo.pixels.shape != tuple(data_config["input_size"]):
        (_, *there), (_, *wanted) = photo.pixels.shape, data_config["input_size"]
        raise PhotoError(
            f"This photo was prepared at {there[0]} × {there[1]} px, for another model; this one takes "
            f"{wanted[0]} × {wanted[1]}. {PREPARE_ANEW}"
        )
    given, wanted = (photo.mean, photo.std), _mean_and_std(data_config)
    if given != wanted:
        raise PhotoError(
            f"This photo was prepared with mean and std {given[0]} and {given[1]}, for another model; "
            f"this one takes {wanted[0]} and {wanted[1]}. {PREPARE_ANEW}"
        )
    return photo


def _mean_and_std(data_config: dict[str, Any]) -> tuple[tuple[float, ...], tuple[float, ...]]:
    return tuple(data_config["mean"]), tuple(data_config["std"])


def prepare(photo: Image.Image, data_config: dict[str, Any]) -> Prepared:
    """Run the checkpoint's own preprocessing (timm's data config) on what `open_photo` gave; keep each stage.

    Raises PhotoError for a photo that is not RGB.
    """
    if getattr(photo, "mode", None) != "RGB":
        kind = getattr(photo, "mode", type(photo).__name__)
        raise PhotoError(f"Only an RGB photo can be prepared; this is {kind}. open_photo makes one of it.")
    resize, *crops, _to_tensor, _normalize = create_transform(**data_config, is_training=False).transforms
    resized = cropped = resize(photo)
    for crop in crops:
        cropped = crop(cropped)
    image = np.asarray(cropped)
    scaled = image.astype(np.float32) / 255
    mean, std = _mean_and_std(data_config)
    normalised = (scaled - np.asarray(mean, np.float32)) / np.asarray(std, np.float32)
    return Prepared(
        photo=photo,
        resized=resized,
        image=read_only(image),
        pixels=read_only(np.ascontiguousarray(normalised.transpose(2, 0, 1))),
        mean=mean,
        std=std,
    )
