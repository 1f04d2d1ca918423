"""python -m vit_viz distance: what it writes, says and returns; interrupted runs go on."""

import csv
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from helpers import photo

from vit_viz import attention_distance
from vit_viz.__main__ import main
from vit_viz.commands import distance

COUNT = 6


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "photos"
    place.mkdir()
    for seed in range(COUNT):
        photo(seed, (64, 48)).save(place / f"{seed}.png")
    return place


def run(folder: Path, out: Path, *options: str) -> int:
    return main(["distance", str(folder), "--out", str(out), "--device", "cpu", *options])


def table(file: Path) -> list[dict[str, str]]:
    with file.open(newline="") as lines:
        return list(csv.DictReader(lines))


def test_writes_what_the_library_computes(folder, tmp_path, bundled, capsys):
    out = tmp_path / "distance.csv"
    assert run(folder, out) == 0
    expected = attention_distance(bundled, folder)
    rows = table(out)
    assert len(rows) == bundled.info.depth * bundled.info.num_heads
    found = np.array([float(row["distance_px"]) for row in rows])
    np.testing.assert_allclose(found, expected.distance.ravel(), rtol=1e-6)
    L, H = bundled.info.depth, bundled.info.num_heads
    assert f"{L} layers × {H} heads, mean of {COUNT} photos" in capsys.readouterr().out
    assert sorted(file.name for file in tmp_path.iterdir()) == ["distance.csv", "photos"]


def test_unreadable_photos_are_counted_and_named_at_the_end(folder, tmp_path, capsys):
    (folder / "3.png").write_bytes(b"damaged")
    (folder / "scan.heic").write_bytes(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic")
    assert run(folder, tmp_path / "d.csv") == 0
    said = capsys.readouterr().err
    assert said.index("2 could not be read") < said.index("3.png") < said.index("scan.heic: This is a HEIC")
    assert table(tmp_path / "d.csv")[0]["photos"] == "5"


def test_images_stops_after_so_many(folder, tmp_path, capsys):
    assert run(folder, tmp_path / "d.csv", "--images", "2") == 0
    assert table(tmp_path / "d.csv")[0]["photos"] == "2"
    assert run(folder, tmp_path / "d.csv", "--images", "9") == 0
    assert "Fewer than the 9 asked for" in capsys.readouterr().err


@pytest.mark.parametrize("count", ["0", "-3", "many"])
def test_a_number_of_photos_that_makes_no_sense(folder, tmp_path, count: str, capsys):
    with pytest.raises(SystemExit) as left:
        run(folder, tmp_path / "d.csv", "--images", count)
    assert left.value.code == 2
    assert "cannot be averaged; give a whole number from 1" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ((), "There is no photo in"),
        (("--model", "swin_tiny_patch4_window7_224"), "not a plain Vision Transformer"),
        (("--model", "no_such_model"), "timm has no model"),
    ],
)
def test_what_cannot_be_done_is_a_sentence_and_status_1(folder, tmp_path, options, says: str, capsys):
    place = folder if options else tmp_path / "empty"
    place.mkdir(exist_ok=True)
    assert run(place, tmp_path / "d.csv", *options) == 1
    said = capsys.readouterr().err
    assert says in said
    assert "Traceback" not in said
    assert not (tmp_path / "d.csv").exists()


def test_only_unreadable_photos(tmp_path, capsys):
    (tmp_path / "a.jpg").write_bytes(b"no")
    assert run(tmp_path, tmp_path / "d.csv") == 1
    assert "None of the 1 photos can be read" in capsys.readouterr().err


def test_a_place_that_cannot_be_written_is_refused_before_the_work(folder, tmp_path, capsys):
    with pytest.raises(SystemExit) as left:
        run(folder, tmp_path / "none" / "d.csv")
    assert left.value.code == 2
    assert "give a file in a folder that exists" in capsys.readouterr().err


def test_an_interrupted_run_goes_on_and_ends_alike(folder, tmp_path, monkeypatch, capsys):
    whole, out = tmp_path / "whole.csv", tmp_path / "d.csv"
    assert run(folder, whole, "--batch-size", "2") == 0
    average = distance.average_distances

    def broken_off(*arguments, **options):
        steps = average(*arguments, **options)
        yield next(steps)
        yield next(steps)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(distance, "average_distances", broken_off)
        assert run(folder, out, "--batch-size", "2") == 130
    assert not out.exists()
    assert "same command again" in capsys.readouterr().err
    assert run(folder, out, "--batch-size", "2") == 0
    assert "Going on after 4 photos" in capsys.readouterr().err
    assert out.read_text() == whole.read_text()
    assert not list(tmp_path.glob("*.unfinished.json"))


def test_other_photos_or_another_model_begin_anew(folder, tmp_path, bundled):
    kept = tmp_path / "d.csv.unfinished.json"
    files = distance.photo_files(folder)
    empty = distance.empty_average(bundled.info)
    distance.keep(
        kept, distance.work_name(bundled, files), empty.with_photos(np.ones((2, *empty.mean.shape)))
    )
    assert distance.resumed(kept, distance.work_name(bundled, files), empty).photos == 2
    assert distance.resumed(kept, distance.work_name(bundled, files[1:]), empty).photos == 0
    kept.write_text("{")
    assert distance.resumed(kept, "any", empty).photos == 0


def test_a_killed_process_loses_one_batch_at_most(folder, tmp_path, capsys):
    command = [sys.executable, "-m", "vit_viz", "distance", str(folder), "--out", str(tmp_path / "d.csv")]
    command += ["--batch-size", "1", "--device", "cpu"]
    process = subprocess.Popen(command, stderr=subprocess.PIPE)
    kept = tmp_path / "d.csv.unfinished.json"
    deadline = time.monotonic() + 60
    while not kept.exists() and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.01)
    process.kill()
    process.wait()
    if (tmp_path / "d.csv").exists():
        pytest.skip("the run was over before it could be killed")
    assert run(folder, tmp_path / "d.csv", "--batch-size", "1") == 0
    assert "Going on after" in capsys.readouterr().err
    assert table(tmp_path / "d.csv")[0]["photos"] == str(COUNT)


def test_help_names_options_and_exit_status(capsys):
    for arguments, words in (
        (["--help"], ["distance"]),
        (["distance", "--help"], ["--images", "exit status", "counted from 1"]),
    ):
        with pytest.raises(SystemExit) as left:
            main(arguments)
        assert left.value.code == 0
        said = capsys.readouterr().out
        assert all(word in said for word in words)


def test_a_place_that_takes_no_file_is_said(folder, tmp_path, capsys):
    (tmp_path / "d.csv.unfinished.json.draft").mkdir()  # stands in for a folder without the right to write
    assert run(folder, tmp_path / "d.csv") == 1
    assert capsys.readouterr().err.startswith(f"{tmp_path / 'd.csv.unfinished.json'} cannot be written: ")
