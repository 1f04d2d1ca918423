"""The reader's labelled photos: kept small for the session, with what was wrong about the others."""

import hashlib
import io
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field

import streamlit as st
from PIL import Image, ImageOps

from vit_viz.errors import PhotoError
from vit_viz.photos import open_photo
from vit_viz.shapes import KINDS, drawn_shape
from vit_viz.ui.words.training import refused_files, too_many

MIN_CLASSES, MAX_CLASSES = 2, 5
MAX_PHOTOS = 20
READY_PHOTOS = 12
SIDE = 448  # of the short side: twice the usual input is enough to resize from
THUMBNAIL = 56
IN_A_ROW = 6


@dataclass(frozen=True, kw_only=True, eq=False)
class Labelled:
    """One photo, as JPEG or PNG bytes that can be opened again; `digest` names its content."""

    name: str
    digest: str
    data: bytes
    thumbnail: Image.Image

    def photo(self) -> Image.Image:
        """The photo to prepare for a model."""
        return Image.open(io.BytesIO(self.data)).convert("RGB")


@dataclass(kw_only=True, eq=False)
class PhotoClass:
    """One class of the reader's: its name and photos, and a sentence about the last files that came.

    `key` tells its widgets apart from those of any other class there ever was.
    """

    name: str
    photos: list[Labelled] = field(default_factory=list)
    says: str = ""
    uploads: int = 0
    key: str = field(default_factory=lambda: uuid.uuid4().hex)

    def sheet(self) -> Image.Image:
        """All photos, small, in rows."""
        rows = -(-len(self.photos) // IN_A_ROW)
        sheet = Image.new("RGBA", (IN_A_ROW * (THUMBNAIL + 4), rows * (THUMBNAIL + 4)))
        for i, photo in enumerate(self.photos):
            sheet.paste(photo.thumbnail, (i % IN_A_ROW * (THUMBNAIL + 4), i // IN_A_ROW * (THUMBNAIL + 4)))
        return sheet


def photo_classes() -> list[PhotoClass]:
    """This session's classes in view; two empty ones at first."""
    if "photo_classes" not in st.session_state:
        _keep([])
        set_count(MIN_CLASSES)
    return st.session_state["photo_classes"][: st.session_state["num_photo_classes"]]


def set_count(count: int) -> None:
    """How many classes are in view; the others keep their photos and come back with a larger number."""
    st.session_state["num_photo_classes"] = count


def _keep(classes: list[PhotoClass]) -> None:
    """These classes first, then empty ones up to the largest number."""
    more = [PhotoClass(name=f"Class {number + 1}") for number in range(len(classes), MAX_CLASSES)]
    st.session_state["photo_classes"] = [*classes, *more]


def take_ready_set() -> None:
    """The shapes drawn by us, in place of what was there."""
    _keep([PhotoClass(name=kind, photos=_drawn(kind)) for kind in KINDS])
    set_count(len(KINDS))


def _drawn(kind: str) -> list[Labelled]:
    return [labelled(f"{kind} {number + 1}", drawn_shape(kind, number)) for number in range(READY_PHOTOS)]


def labelled(name: str, photo: Image.Image) -> Labelled:
    """A photo to keep."""
    scale = SIDE / min(photo.size)
    if scale < 1:
        photo = photo.resize(
            (round(photo.width * scale), round(photo.height * scale)), Image.Resampling.LANCZOS
        )
    buffer = io.BytesIO()
    photo.save(buffer, "JPEG", quality=95)
    data = buffer.getvalue()
    return Labelled(
        name=name,
        digest=hashlib.sha256(data).hexdigest(),
        data=data,
        thumbnail=ImageOps.fit(photo, (THUMBNAIL, THUMBNAIL)),
    )


def add_photos(into: PhotoClass, files: Sequence) -> None:
    """Take uploaded files (with .name and .getvalue()) into a class; what cannot be used is said, not raised."""
    room, refused, added = MAX_PHOTOS - len(into.photos), [], 0
    there = {photo.digest for photo in into.photos}
    for file in files[: max(0, room)]:
        try:
            photo = labelled(file.name, open_photo(file.getvalue()))
        except PhotoError as error:
            refused.append((file.name, str(error)))
            continue
        if photo.digest in there:
            refused.append((file.name, "It is in this class already."))
            continue
        there.add(photo.digest)
        into.photos.append(photo)
        added += 1
    over = too_many(len(files), added, MAX_PHOTOS) if len(files) > room else ""
    into.says = " ".join(filter(None, [over, refused_files(refused)]))
    into.uploads += 1  # an uploader with a new key is empty: the files themselves are not kept
