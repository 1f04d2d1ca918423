"""Photos of a folder or a zip."""

import io
import zipfile
from pathlib import Path

import pytest
from helpers import photo

from vit_viz.errors import PhotoError
from vit_viz.photo_files import photo_files


def jpeg(seed: int = 0) -> bytes:
    buffer = io.BytesIO()
    photo(seed).save(buffer, "JPEG")
    return buffer.getvalue()


def fill(folder: Path) -> Path:
    (folder / "below").mkdir(parents=True)
    (folder / "b.JPG").write_bytes(jpeg(1))
    (folder / "a.png").write_bytes(jpeg(0))
    (folder / "below" / "c.jpeg").write_bytes(jpeg(2))
    (folder / "notes.txt").write_text("not a photo")
    (folder / ".hidden.jpg").write_bytes(jpeg(3))
    return folder


def zipped(folder: Path, file: Path) -> Path:
    with zipfile.ZipFile(file, "w") as archive:
        for path in folder.rglob("*"):
            archive.write(path, path.relative_to(folder))
        archive.writestr("__MACOSX/._a.png", b"resource fork")
    return file


def test_folder_and_zip_give_the_same_photos_by_name(tmp_path):
    folder = fill(tmp_path / "photos")
    found = photo_files(folder)
    assert [one.name for one in found] == ["a.png", "b.JPG", "below/c.jpeg"]
    inside = photo_files(zipped(folder, tmp_path / "photos.zip"))
    assert [(one.name, one.size) for one in inside] == [(one.name, one.size) for one in found]
    assert [one.read() for one in inside] == [one.read() for one in found]
    assert found[0].open().size == photo().size


def test_no_such_place_and_no_photo_in_it(tmp_path):
    with pytest.raises(PhotoError, match="There is no folder"):
        photo_files(tmp_path / "none")
    with pytest.raises(PhotoError, match=r"There is no photo in .* Photos end in jpg"):
        photo_files(tmp_path)
    (tmp_path / "one.jpg").write_bytes(jpeg())
    with pytest.raises(PhotoError, match="neither a folder nor a zip"):
        photo_files(tmp_path / "one.jpg")


def test_a_zip_that_says_a_photo_is_huge_is_not_unpacked(tmp_path):
    file = tmp_path / "bomb.zip"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("huge.jpg", bytes(26 * 2**20))
    (huge,) = photo_files(file)
    with pytest.raises(PhotoError, match="26 MB; up to 25 MB"):
        huge.open()


def test_a_damaged_member_is_a_sentence(tmp_path):
    file = tmp_path / "cut.zip"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("a.jpg", jpeg())
    (one,) = photo_files(file)
    data = bytearray(file.read_bytes())
    data[200] ^= 255
    file.write_bytes(data)
    with pytest.raises(PhotoError, match="cannot be unpacked"):
        one.open()


@pytest.mark.parametrize("packing", [zipfile.ZIP_DEFLATED, zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2])
def test_a_member_that_cannot_be_decoded_is_a_sentence(tmp_path, packing):
    file = tmp_path / "damaged.zip"
    with zipfile.ZipFile(file, "w", packing) as archive:
        archive.writestr("a.jpg", jpeg())
    (one,) = photo_files(file)
    data = bytearray(file.read_bytes())
    data[35:400] = bytes(byte ^ 255 for byte in data[35:400])
    file.write_bytes(data)
    with pytest.raises(PhotoError, match="cannot be unpacked"):
        one.open()


def test_a_zip_whose_list_is_damaged_is_a_sentence(tmp_path):
    file = tmp_path / "damaged.zip"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("a.jpg", jpeg())
    data = file.read_bytes()
    place = data.rindex(b"PK\1\2")  # the list of files, of which the end of the zip tells where it is
    file.write_bytes(data[:place] + b"XX" + data[place + 2 :])
    assert zipfile.is_zipfile(file)
    with pytest.raises(PhotoError, match="is a damaged zip"):
        photo_files(file)


def test_a_photo_that_is_gone_when_its_turn_comes(tmp_path):
    (one, *_) = photo_files(fill(tmp_path / "photos"))
    (tmp_path / "photos" / "a.png").unlink()
    with pytest.raises(PhotoError, match="cannot be read"):
        one.open()
