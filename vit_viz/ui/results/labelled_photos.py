"""The reader's labelled photos: kept small for the session, with what was wrong about the others."""

import hashlib
import io
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import streamlit as st
from PIL import Image, ImageDraw, ImageFont, ImageOps

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
_NUMBERS = ImageFont.load_default(10)


@dataclass(frozen=True, kw_only=True, eq=False)
class Labelled:
    """One photo, as JPEG bytes that can be opened again; `digest` names them, `source` the file it came in."""

    name: str
    digest: str
    source: str
    data: bytes
    thumbnail: Image.Image

    def photo(self) -> Image.Image:
        """The photo to prepare for a model."""
        return Image.open(io.BytesIO(self.data)).convert("RGB")


@dataclass(kw_only=True, eq=False)
class PhotoClass:
    """One class of the reader's: its name and photos, and a sentence about the last files that came.

    `key` tells its widgets apart from those of any other class there ever was; `said`: the reader has read it.
    """

    name: str
    photos: list[Labelled] = field(default_factory=list)
    says: str = ""
    said: bool = False
    uploads: int = 0
    key: str = field(default_factory=lambda: uuid.uuid4().hex)

    def sheet(self) -> Image.Image:
        """All photos, small, in rows, each with its number from 1."""
        rows = -(-len(self.photos) // IN_A_ROW)
        sheet = Image.new("RGBA", (IN_A_ROW * (THUMBNAIL + 4), rows * (THUMBNAIL + 4)))
        draw = ImageDraw.Draw(sheet)
        for i, photo in enumerate(self.photos):
            x, y = i % IN_A_ROW * (THUMBNAIL + 4), i // IN_A_ROW * (THUMBNAIL + 4)
            sheet.paste(photo.thumbnail, (x, y))
            draw.rectangle((x, y, x + 15, y + 13), fill="#15161a")
            draw.text((x + 8, y + 7), str(i + 1), fill="white", anchor="mm", font=_NUMBERS)
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
    """The shapes drawn by us, in place of what was there, which `undo` brings back."""
    _remember()
    _keep([PhotoClass(name=kind, photos=_drawn(kind)) for kind in KINDS])
    set_count(len(KINDS))


def take_out(of: PhotoClass, number: int) -> None:
    """Remove one photo of a class, from 0."""
    _remember()
    del of.photos[number]
    of.says = ""


def empty(one: PhotoClass) -> None:
    """Remove all photos of a class."""
    _remember()
    one.photos.clear()
    one.says = ""


def _remember() -> None:
    """Keep photos and names as they are, for `undo`; nothing where there is no photo to lose."""
    classes = st.session_state["photo_classes"]
    if any(one.photos for one in classes):
        copies = [replace(one, photos=list(one.photos), says="") for one in classes]
        st.session_state["photo_classes_before"] = copies, st.session_state["num_photo_classes"]


def can_undo() -> bool:
    """Whether photos were taken out or replaced, and none has been added since."""
    return "photo_classes_before" in st.session_state


def undo() -> None:
    """The classes as they were before photos were last taken out or replaced."""
    classes, count = st.session_state.pop("photo_classes_before")
    _keep(classes)
    set_count(count)


def forget_said() -> None:
    """Drop the sentences about files that have been shown."""
    for one in photo_classes():
        if one.said:
            one.says = ""


def _drawn(kind: str) -> list[Labelled]:
    return [labelled(f"{kind} {number + 1}", drawn_shape(kind, number)) for number in range(READY_PHOTOS)]


def labelled(name: str, photo: Image.Image, source: str = "") -> Labelled:
    """A photo to keep; `source` names the file it came in."""
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
        source=source,
        data=data,
        thumbnail=ImageOps.fit(photo, (THUMBNAIL, THUMBNAIL)),
    )


def add_photos(into: PhotoClass, files: Sequence) -> None:
    """Take uploaded files (with .name and .getvalue()) into a class; what cannot be used is said, not raised."""
    refused, added = [], 0
    there = {photo.source for photo in into.photos}
    for file in files:
        if len(into.photos) == MAX_PHOTOS:
            break
        data = file.getvalue()
        source = hashlib.sha256(data).hexdigest()  # so that a file is not read twice
        if source in there:
            refused.append((file.name, "It is in this class already."))
            continue
        try:
            into.photos.append(labelled(file.name, open_photo(data), source))
        except PhotoError as error:
            refused.append((file.name, str(error)))
            continue
        there.add(source)
        added += 1
    over = too_many(len(files), added, MAX_PHOTOS) if len(files) > added + len(refused) else ""
    into.says, into.said = " ".join(filter(None, [over, refused_files(refused)])), False
    st.session_state.pop("photo_classes_before", None)  # to undo would lose what has just come
    into.uploads += 1  # an uploader with a new key is empty: the files themselves are not kept
