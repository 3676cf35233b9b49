"""`evaluate RUN --pictures`: counted truth, the benchmark's figures, and what is refused.

Run: python -m pytest tests/core/cli/test_own_pictures.py
"""

import json

import pytest

from benchmarks.photo import photos as benchmark
from fmnist_core.cli.command_line import main
from fmnist_core.data import CLASS_NAMES
from fmnist_core.inference import photo_calibrations
from fmnist_core.inference.classifier import open_classifier
from fmnist_core.metrics.evaluation import wilson_interval
from tests.core.photo_sets.drawn_photos import photo, zipped


@pytest.fixture
def folder(tmp_path):
    """Two photos of each group of the benchmark, and of hats; and a file that is no photo."""
    root = tmp_path / "photos"
    for number, group in enumerate((*benchmark.GROUPS, "hats")):
        (root / group).mkdir(parents=True)
        for place in range(2):
            shape = ("trouser", "bag")[(number + place) % 2]
            (root / group / f"{place}.png").write_bytes(photo(shape, seed=2 * number + place))
    (root / "hats" / "broken.png").write_bytes(photo()[:200])
    return root


def told(capsys, *arguments: str) -> dict:
    assert main(["evaluate", *arguments, "--json"]) == 0
    return json.loads(capsys.readouterr().out.splitlines()[-1])


@pytest.mark.long
def test_figures_are_the_benchmarks_folder_by_folder_in_every_mode(run, folder, capsys):
    value = told(capsys, run.id, "--pictures", str(folder), "--mode", "all")
    model = benchmark.Model(run, open_classifier(run), CLASS_NAMES)
    calibration = photo_calibrations.calibration(run, model.classifier)
    shares = benchmark.shares_right(benchmark.find_photos(folder), model, calibration)
    for mode, figures in value["modes"].items():
        assert {one["folder"]: one["accuracy"] for one in figures["folders"]} == {
            group: row[mode] for group, row in shares.items()
        }
    assert value["mode"] == "best" and value["folders"] == value["modes"]["best"]["folders"]


def test_unknown_folders_are_told_apart_and_what_is_broken_is_said(run, folder, capsys):
    value = told(capsys, run.id, "--pictures", str(folder), "--mode", "letterbox")
    (hats,) = value["unknown_folders"]
    assert (hats["folder"], hats["photos"], sum(hats["called"].values())) == ("hats", 2, 2)
    assert 0 <= hats["out_of_distribution"] <= 2 and value["calibrated"]
    assert [one["file"] for one in value["left_out"]] == ["hats/broken.png"]
    assert value["photos"] == 2 * len(benchmark.GROUPS) == sum(one["photos"] for one in value["folders"])
    right = sum(one["right"] for one in value["folders"])
    assert value["right"] == right and value["interval"] == list(wilson_interval(right, value["photos"]))
    shoes = next(one for one in value["folders"] if one["folder"] == "shoes")
    assert shoes["classes"] == ["Sandal", "Sneaker", "Ankle boot"]
    assert shoes["right"] == sum(shoes["called"].get(name, 0) for name in shoes["classes"])


def test_an_archive_and_the_words_for_people_and_the_steps(run, tmp_path, capsys):
    path = tmp_path / "mine.zip"
    path.write_bytes(zipped({"Trousers/1.png": photo(), "hats/1.png": photo("bag")}))
    assert main(["evaluate", run.id, "--pictures", str(path), "--steps"]) == 0
    said = capsys.readouterr().out
    assert "on 1 photos" in said and "photos of no class that it knows, counted nowhere" in said
    assert "Find the garment: fixes" in said and "Skip pixels" not in said


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (["--mode", "none"], "Unknown mode 'none'"),
        (["--against", "cnn_1-20260101-000000-aaaa"], "stands alone"),
        (["--split", "train"], "stands alone"),
        (["--labels", "mine"], "stands alone"),
        (["--mode", "source", "--steps"], "leave out --mode"),
    ],
)
def test_what_does_not_go_together(run, folder, capsys, more, words):
    assert main(["evaluate", run.id, "--pictures", str(folder), *more]) == 1
    assert words in capsys.readouterr().err


def test_mode_and_steps_need_pictures(run, capsys):
    for more in (["--mode", "best"], ["--steps"]):
        assert main(["evaluate", run.id, *more]) == 1
        assert "name the photos with --pictures" in capsys.readouterr().err


def test_a_folder_that_is_not_there(run, tmp_path, capsys):
    assert main(["evaluate", run.id, "--pictures", str(tmp_path / "none")]) == 1
    assert "neither a folder nor a file" in capsys.readouterr().err
