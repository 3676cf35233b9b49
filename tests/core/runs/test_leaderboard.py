"""Published beside reproduced, and the tables written from the runs.

Run: python -m pytest tests/core/runs/test_leaderboard.py
"""

import dataclasses
import shutil

import pytest

from fmnist_core import zoo
from fmnist_core.release import tables
from fmnist_core.runs import catalogue, leaderboard
from fmnist_core.runs.leaderboard import UNKNOWN_CAUSE, Entry
from fmnist_core.runs.records import StageFigures
from fmnist_core.runs.seeds import Seeds, Trained
from fmnist_core.storage import folders
from fmnist_core.zoo import MODELS
from tests.made_up import made_up_result

ROWS = catalogue.list_rows()
SHIPPED = [row for row in ROWS if row.run.shipped]


def entry(name: str, accuracy: float | None, stages: list | None = None) -> Entry:
    """An entry whose run has this test accuracy; None: there is no run."""
    if accuracy is None:
        return Entry(MODELS[name], None)
    result = made_up_result(test_accuracy=accuracy, seconds_per_epoch=1.25, stages=tuple(stages or ()))
    return Entry(MODELS[name], dataclasses.replace(SHIPPED[0], result=result))


def test_every_model_has_one_entry_and_only_shipped_runs_count(run):
    entries = leaderboard.list_entries(catalogue.list_rows())
    assert [one.model for one in entries] == list(MODELS.values())
    assert all(one.row is None or one.row.run.shipped for one in entries)
    assert all(one.row is None or one.row.model == one.model.name for one in entries)


def test_of_several_seeds_the_smallest_counts(run, tmp_path, monkeypatch):
    monkeypatch.setattr(folders, "shipped_folder", lambda: tmp_path / "shipped")
    for seed, last in ((4, "a"), (2, "b"), (3, "c")):
        folder = tmp_path / "shipped" / f"cnn_1-20260101-00000{seed}-000{last}"
        shutil.copytree(run.folder, folder)
        config = (folder / "config.json").read_text()
        (folder / "config.json").write_text(config.replace('"seed": 0', f'"seed": {seed}'))
    (found,) = [one for one in leaderboard.list_entries(catalogue.list_rows()) if one.row]
    assert found.row.run.id.endswith("000b")


def test_figures_of_an_entry():
    one = entry("cnn_2", 0.9243)
    assert (one.published, one.reproduced) == (0.9293, 0.9243)
    assert one.difference == pytest.approx(-0.005)
    low, high = one.interval
    assert low < 0.9243 < high and high - low == pytest.approx(0.0104, abs=2e-4)
    assert one.explanation is None
    assert (one.parameters, one.first_stage) == (896_906, None)


@pytest.mark.parametrize(
    ("name", "accuracy", "words"),
    [
        ("cnn_2", 0.9293, None),
        ("cnn_2", 0.9194, None),  # 0.99 points
        ("cnn_2", 0.9180, UNKNOWN_CAUSE),
        ("cnn_2", 0.9410, UNKNOWN_CAUSE),
        ("patel_dense", 0.8950, "The article leaves"),
        ("lenet5_valid", 0.5, None),  # nothing was published
        ("cnn_2", None, "has not been trained here yet"),
        ("vgg19_fixed", None, "ImageNet weights"),
    ],
)
def test_only_what_is_over_a_point_off_or_missing_is_explained(name, accuracy, words):
    found = entry(name, accuracy).explanation
    assert (found is None) == (words is None) and (words or "") in (found or "")


def test_what_the_last_epoch_may_have_cost_is_said_where_it_may_be_the_cause():
    def explained(accuracy: float, swing: list | None) -> str | None:
        one = entry("cnn_2", accuracy)
        return dataclasses.replace(
            one, row=dataclasses.replace(one.row, result=dataclasses.replace(one.row.result, last_swing=swing))
        ).explanation

    assert explained(0.91, [0.9217, 0.9348]).endswith("from 92.17 to 93.48 %.")
    assert explained(0.91, [0.9300, 0.9348]) == explained(0.91, None) == UNKNOWN_CAUSE
    assert explained(0.929, [0.90, 0.93]) is None


# Tables


def test_lines_of_the_table():
    assert tables._reproduction(entry("cnn_2", 0.9243)) == [
        "| CNN 2 | 92.93 % | 92.43 % | −0.50 | 91.90 to 92.93 % | 1.2 | – |"
    ]
    assert tables._reproduction(entry("vgg19_fixed", None)) == [
        "| VGG19, frozen, input mended | – | – | – | – | – | – |"
    ]
    several = Seeds(tuple(Trained(seed, 0.92 + seed / 100, None, "float32", 1.0) for seed in (0, 1)))
    assert tables._reproduction(dataclasses.replace(entry("cnn_2", 0.9243), seeds=several))[0].endswith(
        "| 1.2 | 92.50 ± 0.71 % (2) |"
    )
    first, both = tables._reproduction(entry("cnn_1conv", 0.93, [StageFigures(1, test_accuracy=0.91, test_loss=0.3)]))
    assert first.startswith("| CNN with 1 convolution, first stage | 91.04 % | 91.00 % | −0.04 |")
    assert both.startswith("| CNN with 1 convolution, both stages | 92.29 % | 93.00 % | +0.71 |")


def test_a_table_is_filled_in_between_its_marks_alone():
    text = "before\n<!-- x -->\nold\n<!-- end of x -->\nafter"
    assert tables.fill(text, "x", "new\n") == "before\n<!-- x -->\nnew\n<!-- end of x -->\nafter"
    for cut in ("<!-- x -->\nold", "old\n<!-- end of x -->", ""):
        with pytest.raises(ValueError, match="marks of the table x"):
            tables.fill(cut, "x", "new")


def test_sizes_are_those_of_the_files(tmp_path, monkeypatch):
    monkeypatch.setattr(tables, "ROOT", tmp_path)
    for name, size in (("data/a.gz", 3_000_000), ("runs/b/model.onnx", 1_200_000), ("runs/b/replay/1.npz", 400_000)):
        path = tmp_path / "assets" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(bytes(size))
    lines = tables.assets().splitlines()[2:]
    assert lines == ["| data | 3.0 |  |  |  |  |", "| runs/b | 1.6 | 1.2 |  |  | 0.4 |", "| all | 4.6 | | | | |"]


def test_tables_in_the_readme_and_docs_say_what_the_runs_say():
    assert list(tables.stale()) == [], "run: make generated"


def test_stale_table_is_found(monkeypatch):
    monkeypatch.setattr(tables, "reproductions", lambda: "other")
    monkeypatch.setitem(tables.TABLES, "reproductions", ("docs/figures.md", tables.reproductions))
    assert list(tables.stale()) == ["reproductions"]


# What ships


def test_assets_stay_small():
    assert tables._size(tables.ROOT / "assets") < 135e6
    large = [path for path in (tables.ROOT / "assets").rglob("*") if path.is_file() and path.stat().st_size > 30e6]
    assert large == []
    assert sum((row.run.folder / "replay").exists() for row in SHIPPED) <= 5


@pytest.mark.parametrize("row", SHIPPED, ids=lambda row: row.run.id)
def test_shipped_run_follows_the_published_recipe_and_is_whole(row):
    assert row.usable, row.problem
    assert row.recipe == dataclasses.replace(zoo.get_trainable(row.model).recipe, seed=row.recipe.seed)
    assert row.result.epochs == row.recipe.epochs and row.result.cancelled is False
    for name, stored in row.result.files.items():
        assert (row.run.folder / name).stat().st_size == stored.bytes, name
    weights = row.result.weights
    assert weights is None or abs(weights.test_accuracy - row.test_accuracy) <= 0.0005
    if not row.recipe.stages:  # a classical baseline, which ships whole or without its model
        assert row.result.model_bytes and weights is None
        return
    assert weights is not None or row.result.parameters > 2_000_000
    if len(row.recipe.stages) == 2:
        assert [stage.stage for stage in row.result.stages] == [1]
