"""Many photos at a time: those of a folder, or of a zip file."""

import lzma
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from PIL import Image

from vit_viz.errors import PhotoError
from vit_viz.photos import MAX_BYTES, MAX_MB, open_photo

# Safari makes the first of these of a HEIC photo, where the choice of files leaves HEIC out
ENDINGS = ("jpg", "jpeg", "png", "webp", "avif", "gif", "tif", "tiff", "bmp")
# photos too, which open_photo refuses with advice: in a folder they are named, not passed over
REFUSED_ENDINGS = ("heic", "heif")

# what zipfile and its decoders raise on bytes that are damaged, encrypted or packed in a way not known here
UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    RuntimeError,
    NotImplementedError,
    EOFError,
    OSError,
    ValueError,
)


@dataclass(frozen=True, kw_only=True)
class PhotoFile:
    """One photo of many, read when it is its turn; `size` in bytes."""

    name: str
    size: int
    read: Callable[[], bytes]

    def open(self) -> Image.Image:
        """The upright photo; raises PhotoError."""
        return open_photo(self.read())


def photo_files(place: str | Path) -> list[PhotoFile]:
    """The photos in a folder and those below it, or in a zip file, by name; others are passed over.

    Raises PhotoError where there is no such place, or no photo in it.
    """
    place = Path(place)
    if place.is_dir():
        found = _in_folder(place)
    elif place.is_file() and zipfile.is_zipfile(place):
        found = _in_zip(place)
    elif place.exists():
        raise PhotoError(f"{place} is a file, but neither a folder nor a zip of photos. Give one of the two.")
    else:
        raise PhotoError(f"There is no folder {place}. Give a folder of photos, or a zip of them.")
    if not found:
        raise PhotoError(f"There is no photo in {place}. Photos end in {', '.join(ENDINGS)}.")
    return found


def _is_photo(name: str) -> bool:
    *folders, file = name.split("/")
    hidden = any(part.startswith((".", "__MACOSX")) for part in (*folders, file))
    return not hidden and file.lower().rpartition(".")[2] in (*ENDINGS, *REFUSED_ENDINGS)


def _in_folder(folder: Path) -> list[PhotoFile]:
    names = sorted(file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file())
    return [
        PhotoFile(name=name, size=(folder / name).stat().st_size, read=partial(_read_file, folder / name))
        for name in names
        if _is_photo(name)
    ]


def _read_file(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise PhotoError(f"It cannot be read ({error.strerror}).") from None


def _in_zip(file: Path) -> list[PhotoFile]:
    try:
        with zipfile.ZipFile(file) as archive:
            members = sorted(archive.infolist(), key=lambda member: member.filename)
    except UNREADABLE as error:
        raise PhotoError(
            f"{file} is a damaged zip ({error}). Pack it again, or give the folder itself."
        ) from error
    return [
        PhotoFile(name=member.filename, size=member.file_size, read=partial(_read_member, file, member))
        for member in members
        if not member.is_dir() and _is_photo(member.filename)
    ]


def _read_member(file: Path, member: zipfile.ZipInfo) -> bytes:
    if member.file_size > MAX_BYTES:  # by the zip's own word, before anything is unpacked
        raise PhotoError(f"The file has {member.file_size / 2**20:.0f} MB; up to {MAX_MB} MB are read.")
    try:
        with zipfile.ZipFile(file) as archive, archive.open(member) as content:
            return content.read(MAX_BYTES + 1)
    except UNREADABLE as error:
        raise PhotoError(f"It cannot be unpacked ({error}).") from error
