"""What the sources show of a run, against scikit-learn, by hand, and pixel by pixel.

Run: python -m pytest tests/core/report/test_report.py
"""

import csv
import dataclasses
import io
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from PIL import Image
from sklearn.metrics import classification_report

from fmnist_core import data
from fmnist_core.colours import PUBLISHED
from fmnist_core.data import CLASS_NAMES
from fmnist_core.metrics import evaluation
from fmnist_core.recipe import Augmentation, Recipe, Stage
from fmnist_core.report import curve_pictures, papers, pictures, tables
from fmnist_core.report.pictures import RIGHT, TILE, WRONG
from fmnist_core.report.tables import StageEnd
from fmnist_core.runs import predictions, runs
from fmnist_core.runs.predictions import Predictions
from fmnist_core.runs.records import EpochLine
from fmnist_core.storage.atomic import write_json
from fmnist_core.storage.folders import RunError
from fmnist_core.zoo import MODELS
from tests import made_up

TWO_STAGES = Recipe("cnn_1conv", (Stage(2), Stage(2, Augmentation(rotation=8), augment_validation=True)))


def epoch_line(epoch: int, **values: object) -> EpochLine:
    figures = {"loss": 1 / epoch, "accuracy": 1 - 0.5 / epoch, "val_loss": 1.1 / epoch, "val_accuracy": 1 - 0.6 / epoch}
    return made_up.epoch_line(epoch, **figures | {"val_recall": (0.5,) * 10} | values)


LINES = [
    made_up.batch_line(1, 1, 7, 2.3, 0.1),
    *(epoch_line(epoch) for epoch in (1, 2)),
    *(epoch_line(epoch, val_augmented_accuracy=0.4, val_augmented_loss=2.0) for epoch in (3, 4)),
]


def said(called: list[int], positions: list[int] | None = None) -> Predictions:
    """Predictions of the first test pictures, each called so with a probability of nearly 1."""
    indices = np.arange(len(called)) if positions is None else np.array(positions)
    logits = np.full((len(called), 10), -20, np.float32)
    logits[np.arange(len(called)), called] = 0
    return Predictions("test", indices, data.load_split("test").labels[indices], logits)


# The classification report


@pytest.mark.parametrize("seed", range(3))
def test_the_report_is_scikit_learns(seed):
    generator = np.random.default_rng(seed)
    labels = generator.integers(0, 9, 3_000)  # Ankle boot is no label of any picture ...
    predicted = np.where(generator.random(3_000) < 0.7, labels, generator.integers(0, 10, 3_000))
    predicted[predicted == 4] = 2  # ... and Coat is never predicted
    rows = tables.classification_rows(evaluation.confusion_matrix(labels, predicted, 10), CLASS_NAMES)
    wanted = {"labels": range(10), "target_names": CLASS_NAMES, "zero_division": 0}
    for digits in (2, 4):
        printed = classification_report(labels, predicted, digits=digits, **wanted)
        assert tables.classification_text(rows, digits) == printed
    exact = classification_report(labels, predicted, output_dict=True, **wanted)
    assert [row["class"] for row in rows] == list(exact)
    for row in rows:
        if row["class"] == "accuracy":
            assert row["f1-score"] == pytest.approx(exact["accuracy"], abs=1e-15)
            assert row["precision"] is row["recall"] is None
        else:
            assert {key: row[key] for key in exact[row["class"]]} == pytest.approx(exact[row["class"]], abs=1e-12)


@pytest.mark.parametrize(("matrix", "names"), [(np.eye(3, dtype=int), "ab"), (np.zeros((2, 2), int), "ab")])
def test_a_report_of_nothing_is_refused(matrix, names):
    with pytest.raises(ValueError, match="name a class"):
        tables.classification_rows(matrix, names)


def test_a_long_class_name_widens_the_text():
    rows = tables.classification_rows(np.eye(2, dtype=int), ("a" * 30, "b"))
    lines = [line for line in tables.classification_text(rows).splitlines() if line]
    assert {len(line) for line in lines} == {30 + 2 + 39}


def test_csv_reads_back_as_it_was():
    matrix = np.array([[3, 1], [1, 2]])
    rows = tables.classification_rows(matrix, ('a, "b"', "é"))
    back = list(csv.DictReader(io.StringIO(tables.as_csv(rows))))
    assert [row["class"] for row in back] == ['a, "b"', "é", "accuracy", "macro avg", "weighted avg"]
    assert [float(row["f1-score"]) for row in back] == [row["f1-score"] for row in rows]
    assert back[2]["precision"] == ""
    assert tables.as_csv([]).strip() == ""


def test_published_figures_stand_in_columns_of_their_own():
    rows = tables.classification_rows(np.eye(10, dtype=int), CLASS_NAMES)
    shown = tables.with_published(rows, MODELS["cnn_1conv"])
    assert [row["precision"] for row in shown] == [row["precision"] for row in rows]
    assert (shown[6]["published precision"], shown[6]["published recall"]) == (0.77, 0.79)
    assert shown[-1]["published recall"] is None
    assert tables.with_published(rows, MODELS["simple_nn"]) == rows
    taught = tables.classification_rows(np.eye(11, dtype=int), (*CLASS_NAMES, "Hat"))
    assert tables.with_published(taught, MODELS["cnn_1conv"]) == taught


# The history


def test_history_rows_are_the_finished_epochs_with_their_stage():
    rows = tables.history_rows(LINES, TWO_STAGES, CLASS_NAMES)
    assert [(row["stage"], row["epoch"]) for row in rows] == [(1, 1), (1, 2), (2, 3), (2, 4)]
    assert [row["val_augmented_loss"] for row in rows] == [None, None, 2.0, 2.0]
    assert rows[0]["val_recall Shirt"] == 0.5
    assert len({tuple(row) for row in rows}) == 1
    assert "kind" not in rows[0] and "val_recall" not in rows[0]


def test_history_of_more_epochs_than_the_recipe_says_is_read():
    assert tables.history_rows([epoch_line(99, val_recall=None)], TWO_STAGES, CLASS_NAMES)[0]["stage"] == 2


@pytest.fixture
def marks(monkeypatch) -> list[tuple[float, str]]:
    """Where boundaries of stages are drawn, and how they are named."""
    from matplotlib.axes import Axes

    found, write = [], Axes.text

    def record(self, x, y, text, **style):
        found.append((x, text))
        return write(self, x, y, text, **style)

    monkeypatch.setattr(Axes, "text", record)
    return found


def opened(png: bytes) -> np.ndarray:
    with Image.open(io.BytesIO(png)) as image:
        assert image.format == "PNG"
        return np.asarray(image.convert("RGB")).astype(int)


def holds(pixels: np.ndarray, colour: str) -> bool:
    wanted = [int(colour[i : i + 2], 16) for i in (1, 3, 5)]
    return bool((np.abs(pixels - wanted).max(axis=2) < 3).sum() > 20)


def test_history_draws_each_curve_in_its_colour(marks):
    both = opened(curve_pictures.history_png(LINES, TWO_STAGES, "A title"))
    assert both.shape == (800, 2160, 3)
    colours = {name: style[0] for name, style in curve_pictures.CURVES.items()}
    shown = {name for name, colour in colours.items() if holds(both, colour)}
    assert shown == {"training", "validation", "validation, distorted"}
    assert [x for x, _ in marks] == [2.5, 2.5]
    assert "stage 2" in marks[0][1] and "epoch 3" in marks[0][1]
    watched = [LINES[0], *(dataclasses.replace(line, watched_test_loss=1.0) for line in LINES[1:])]
    one = opened(curve_pictures.history_png(watched, TWO_STAGES, metrics=("loss",), paper=papers.DARK))
    assert one.shape == (740, 1080, 3)
    assert holds(one, colours["test set, as published"]) and tuple(one[0, 0]) == (16, 22, 21)


def test_history_has_the_published_curves_of_the_very_recipe_only():
    published = MODELS["cnn_3conv"].recipe
    other = dataclasses.replace(published, batch_size=published.batch_size + 1)
    shown = [opened(curve_pictures.history_png(LINES, recipe)) for recipe in (published, other)]
    assert [holds(drawn, PUBLISHED) for drawn in shown] == [True, False]


@pytest.mark.parametrize(
    ("recipe", "lines"),
    [(dataclasses.replace(TWO_STAGES, stages=(Stage(4),)), LINES), (TWO_STAGES, LINES[:3]), (TWO_STAGES, LINES[:2])],
)
def test_no_stage_is_marked_where_none_begins(marks, recipe, lines):
    curve_pictures.history_png(lines, recipe)
    assert marks == []


def test_history_without_an_epoch_is_refused():
    with pytest.raises(ValueError, match="first epoch"):
        curve_pictures.history_png(LINES[:1], TWO_STAGES)


def test_many_visitors_draw_at_once():
    draw = lambda _: curve_pictures.history_png(LINES, TWO_STAGES, metrics=("loss",))  # noqa: E731
    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(draw, range(8)))) == 1


def test_a_table_is_drawn_as_wide_as_it_is():
    rows = tables.classification_rows(np.eye(10, dtype=int), CLASS_NAMES)
    pixels = opened(pictures.table_png(rows, "Title"))
    ink = np.flatnonzero((pixels < 100).all(axis=2).any(axis=0))
    assert 8 < ink.min() < 60 and 8 < pixels.shape[1] - ink.max() < 60
    other = opened(pictures.table_png([*rows[:-1], rows[-1] | {"support": 77}], "Title"))
    assert pixels.shape == other.shape and (pixels != other).any()  # the last column is inside
    assert pixels.shape[1] > opened(pictures.table_png([{"class": "a"}], "Title")).shape[1]


LAZY = """
import sys
from fmnist_core.report import curve_pictures, page, pictures, tables
print([name for name in ("matplotlib", "PIL", "jinja2") if name in sys.modules])
from fmnist_core.recipe import Recipe, Stage
from tests.made_up import epoch_line
line = epoch_line(1, loss=1.0, accuracy=0.5)
curve_pictures.history_png([line], Recipe("cnn_1", (Stage(1),)))
print([name for name in ("matplotlib", "jinja2", "matplotlib.pyplot") if name in sys.modules])
"""


def test_matplotlib_comes_with_the_first_drawing_and_pyplot_never():
    answer = subprocess.run([sys.executable, "-c", LAZY], capture_output=True, text=True, check=False)
    assert answer.stdout.splitlines() == ["[]", "['matplotlib']"], answer.stderr


# The montage


def test_a_seed_names_its_pictures():
    stored = said([0] * 10_000)
    chosen = tables.choose_pictures(stored, 7)
    assert len(set(chosen.tolist())) == 16 and 0 <= chosen.min() <= chosen.max() < 10_000
    assert (chosen == tables.choose_pictures(stored, 7)).all()
    assert (chosen != tables.choose_pictures(stored, 8)).any()
    assert sorted(tables.choose_pictures(said([0] * 16), 7)) == list(range(16))  # none is drawn twice


def test_montage_rows_say_what_each_picture_is_and_was_called():
    labels = data.load_split("test").labels
    rows = tables.montage_rows(said([int(labels[0]), 3, 3]), np.array([2, 0]), CLASS_NAMES)
    assert rows[0] == {
        "picture": "test/2",
        "label": "Trouser",
        "called": "Dress",
        "probability": 1.0,
        "verdict": "wrong",
    }
    assert (rows[1]["picture"], rows[1]["verdict"]) == ("test/0", "right")


def tiles(png: bytes, scale: int = 1) -> np.ndarray:
    """(16, side, side, 3), in the montage's order."""
    side = TILE * scale
    return opened(png).reshape(4, side, 4, side, 3).swapaxes(1, 2).reshape(16, side, side, 3)


def test_montage_frames_and_labels_the_right_green_and_the_wrong_red():
    labels = data.load_split("test").labels[:16].astype(int)
    called = np.where(np.arange(16) % 3 == 0, (labels + 1) % 10, labels)
    stored = said(list(called))
    for scale in (1, 2):
        found = tiles(pictures.montage_png(stored, np.arange(16), CLASS_NAMES, scale), scale)
        for place, tile in enumerate(found):
            colour, other = (WRONG, RIGHT) if place % 3 == 0 else (RIGHT, WRONG)
            assert tuple(tile[0, 0]) == tuple(tile[-1, -1]) == colour
            inside = tile[2 * scale : 15 * scale, 2 * scale : -2 * scale]
            assert (inside == colour).all(axis=2).sum() > 10  # the label
            assert not (tile == other).all(axis=2).any()
        assert found.shape[1] == 96 * scale


def test_a_montage_shows_the_pictures_crisp():
    stored = said([9, 1, 2])  # what picture 1, a pullover, is called, is wrong: no pixel of its middle is touched
    tile = tiles(pictures.montage_png(stored, np.array([1] * 16), CLASS_NAMES))[5]
    picture = data.load_split("test").images[1]
    assert (tile[7 + 3 * 10 : 7 + 3 * 20 : 3, 7 + 3 * 5 : 7 + 3 * 20 : 3] == picture[10:20, 5:20, None]).all()


def test_the_sign_differs_too_and_not_only_the_colour():
    labels = data.load_split("test").labels
    shirt, coat = (int((labels == index).argmax()) for index in (6, 4))
    png = pictures.montage_png(said([6, 6], [shirt, coat]), np.array([0, 1] * 8), CLASS_NAMES, scale=2)
    strips = [tile[4:28, 6:].max(axis=2) > 150 for tile in tiles(png, 2)[:2]]
    assert (strips[0][:, :20] != strips[1][:, :20]).sum() > 40


def test_a_long_class_name_is_cut():
    names = ("W" * 200,) * 10
    found = tiles(pictures.montage_png(said([9, 0]), np.array([0, 1] * 8), names))
    assert found[1][3:14, 92:94].max() < 100 < found[1][3:14, 60:90].max()


# Before and after


@pytest.fixture
def two_stages(run):
    """The trained run as if its two epochs had been two stages, the first one faultless."""
    config, result = runs.read_config(run), runs.read_result(run)
    stages = (Stage(1), Stage(1, Augmentation(rotation=8)))
    config = dataclasses.replace(config, recipe=dataclasses.replace(config.recipe, stages=stages))
    write_json(run.folder / "config.json", dataclasses.asdict(config))
    runs.write_result(run, dataclasses.replace(result, kept_epoch=2))
    predictions.save_stage(run, 1, 20 * np.eye(10)[data.load_split("test").labels])
    return run


def test_the_stages_are_read_from_their_own_logits_and_epochs(two_stages):
    before, after = tables.read_stage_ends(two_stages)
    result, lines = runs.read_result(two_stages), runs.read_metrics(two_stages)
    first, second = (line for line in lines if isinstance(line, EpochLine))
    assert [(end.number, end.epoch) for end in (before, after)] == [(1, 1), (2, 2)]
    assert before.figures["training loss"] == first.loss
    assert after.figures["training loss"] == second.loss
    assert after.figures["validation accuracy"] == second.val_accuracy
    assert before.figures["test accuracy"] == 1 and before.figures["test loss"] < 1e-6
    assert after.figures["test accuracy"] == result.test_accuracy
    assert after.figures["test loss"] == result.test_loss
    assert (before.report.recall == 1).all() and not (after.report.recall == 1).all()


def test_a_run_of_one_stage_says_so(run):
    with pytest.raises(RunError, match="one stage"):
        tables.read_stage_ends(run)


def test_an_older_run_of_two_stages_says_so(two_stages):
    (two_stages.folder / "stages" / "1.npz").unlink()
    with pytest.raises(RunError, match="no test figures from the end of its first stage"):
        tables.read_stage_ends(two_stages)


def test_weights_of_the_first_stage_are_no_second_one(two_stages):
    runs.write_result(two_stages, dataclasses.replace(runs.read_result(two_stages), kept_epoch=1))
    with pytest.raises(RunError, match="in stage 1"):
        tables.read_stage_ends(two_stages)


@pytest.mark.parametrize("name", ["stages/1.npz", "predictions.npz", "result.json", "config.json"])
def test_a_damaged_run_is_a_sentence(two_stages, name):
    (two_stages.folder / name).write_bytes(b"\x00garbage")
    with pytest.raises(RunError):
        tables.read_stage_ends(two_stages)


def test_stages_without_their_epochs_have_test_figures_only(two_stages):
    (two_stages.folder / "metrics.jsonl").unlink()
    rows = tables.stage_rows(tables.read_stage_ends(two_stages), {})
    assert [row["figure"] for row in rows] == ["test accuracy", "test loss"]


def stage_end(number: int, **figures: float | None) -> StageEnd:
    matrix = np.array([[9, 1], [0, 0]]) if number == 1 else np.array([[8, 2], [0, 4]])
    figures = {name.replace("_", " "): value for name, value in figures.items()}
    return StageEnd(number, 10 * number, figures, evaluation.class_report(matrix))


def test_stage_rows_keep_published_and_own_figures_apart():
    ends = [
        stage_end(1, test_accuracy=0.9, test_loss=0.3, validation_loss=None),
        stage_end(2, test_accuracy=0.92, test_loss=0.25, validation_loss=None),
    ]
    rows = tables.stage_rows(ends, tables.published_columns(MODELS["cnn_1conv"]))
    assert rows[0] == {
        "figure": "test accuracy",
        "stage 1": 0.9,
        "stage 2": 0.92,
        "change": 0.02,
        "published stage 1": 0.9104,
        "published stage 2": 0.9229,
    }
    assert [row["figure"] for row in rows] == ["test accuracy", "test loss"]
    words = tables.stage_words(rows)
    assert (words[0]["stage 1"], words[0]["change"]) == ("90.00 %", "+2.00 points")
    assert (words[1]["change"], words[1]["published stage 1"]) == ("-0.050", "0.248")


def test_published_figures_carry_the_name_of_what_was_measured():
    columns = tables.published_columns(MODELS["cnn_3conv"])
    assert columns["published stage 2"]["distorted validation accuracy"] == 0.8990
    assert columns["published stage 2"].get("validation accuracy") is None
    assert tables.published_columns(MODELS["simple_nn"])["published"]["test accuracy"] == 0.8386
    assert tables.published_columns(MODELS["vgg19_fixed"]) == {}


def test_class_rows_compare_the_last_two_stages():
    rows = tables.class_rows([stage_end(1), stage_end(2)], ("a", "b"), None)
    assert rows[0] == {
        "class": "a",
        "recall stage 1": 0.9,
        "recall stage 2": 0.8,
        "recall change": -0.1,
        "precision stage 1": 1.0,
        "precision stage 2": 1.0,
        "precision change": 0.0,
    }
    assert rows[1]["recall stage 1"] is rows[1]["recall change"] is None
    ends = [dataclasses.replace(stage_end(n), report=evaluation.class_report(np.eye(10))) for n in (1, 2)]
    published = tables.class_rows(ends, CLASS_NAMES, MODELS["cnn_1conv"])[6]
    assert (published["published recall"], published["published precision"]) == (0.79, 0.77)


def test_a_recipe_is_the_published_one_whatever_its_seed():
    model = MODELS["cnn_1conv"]
    assert tables.follows_published(dataclasses.replace(model.recipe, seed=5, precision="float32"), model)
    assert not tables.follows_published(dataclasses.replace(model.recipe, images=2_000), model)
