"""The report as one file: its figures are those of the stored logits, nothing in it is fetched, all names are escaped.

Run: python -m pytest tests/core/report/test_report_file.py
"""

import base64
import dataclasses
import io
import json
import re
import shutil
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from fmnist_core import data, zoo
from fmnist_core import recipe as recipes
from fmnist_core.analysis import label_issues
from fmnist_core.cli import command_line
from fmnist_core.cli.training_commands import recipe_of as recipe_of_options
from fmnist_core.data import CLASS_NAMES
from fmnist_core.inference import calibrated
from fmnist_core.metrics import calibration, calibrators, comparison, evaluation
from fmnist_core.recipe import BROUGHT_IN, Augmentation, Optimizer, Recipe, Stage
from fmnist_core.report import curve_pictures, papers, pictures
from fmnist_core.report import page as pages
from fmnist_core.report.page import POLICY, comparison_report, run_report
from fmnist_core.report.recipe_words import command, differences, in_words
from fmnist_core.runs import catalogue, predictions, records, runs
from fmnist_core.runs.runs import Run
from fmnist_core.speed.estimate import quick_recipe
from fmnist_core.storage.atomic import write_json
from fmnist_core.storage.folders import RunError
from fmnist_core.storage.schema import as_plain
from fmnist_core.zoo import MODELS
from fmnist_core.zoo.others.brought_in import BroughtIn
from tests.made_up import epoch_line
from tests.tiny import shipped_run, tiny_recipe

LIMIT = 5_000_000  # bytes of a file
SHIPPED = [row.run.id for row in catalogue.list_rows() if row.run.shipped and row.usable]
NASTY = '<script>alert("1")</script>'
VOID = ("meta", "link", "img")


class Reader(HTMLParser):
    """What a report holds: text by section, table rows, pictures, every attribute; and whether all tags are closed."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.pictures: list[tuple[str, dict[str, str]]] = []
        self.texts: dict[str, str] = {"": ""}
        self.rows: dict[str, list[list[str]]] = {}
        self.section = ""
        self.feed(page)
        assert self.open == []

    @property
    def ids(self) -> list[str]:
        return [value for _, name, value in self.attributes if name == "id"]

    def handle_starttag(self, tag, attributes):
        self.attributes += [(tag, name, value) for name, value in attributes]
        if tag == "img":
            self.pictures.append((self.section, dict(attributes)))
        if tag == "tr":
            self.rows.setdefault(self.section, []).append([])
        if tag in ("td", "th"):
            self.rows[self.section][-1].append("")
        if tag == "h2":
            self.section = ""
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, words):
        if self.open and self.open[-1] == "h2":
            self.section += words
        self.texts[self.section] = self.texts.get(self.section, "") + words.replace("\xa0", " ") + "\n"
        if {"td", "th"} & set(self.open):
            self.rows[self.section][-1][-1] += words.replace("\xa0", " ")


def pixels(picture: dict[str, str]) -> np.ndarray:
    head, content = picture["src"].split(",")
    assert head == "data:image/png;base64"
    with Image.open(io.BytesIO(base64.b64decode(content))) as image:
        return np.asarray(image)


def rewrite(run: Run, **changes: object) -> None:
    """Changes fields of the run's config."""
    config = json.loads((run.folder / "config.json").read_text())
    write_json(run.folder / "config.json", config | changes)


def store(run: Run, logits: np.ndarray, validation: bool = True) -> None:
    """Logits for all test pictures, and the same network's for the first pictures of training."""
    parts = {"test": (np.arange(len(logits)), logits)}
    parts["validation"] = (np.arange(50 if validation else 0), logits[: 50 if validation else 0])
    predictions.save(run, parts)


def random_logits(seed: int) -> np.ndarray:
    """(10,000, 10): right on most pictures, with no two losses the same."""
    labels = data.load_split("test").labels
    return np.random.default_rng(seed).normal(0, 2, (len(labels), 10)) + 4.0 * np.eye(10)[labels]


@pytest.fixture
def other(run, runs_folder) -> Run:
    """A second run, of another seed and with other logits."""
    second = Run(runs_folder / "cnn_1-20260101-000000-abcd")
    second.folder.mkdir()
    for name in ("config.json", "result.json", "status.json", "metrics.jsonl"):
        (second.folder / name).write_bytes((run.folder / name).read_bytes())
    config = runs.read_config(run)
    rewrite(second, recipe=recipes.to_json(dataclasses.replace(config.recipe, seed=7)))
    store(run, random_logits(1))
    store(second, random_logits(2))
    return second


# The report of a run


def test_the_figures_are_those_of_the_stored_logits(run):
    found, stored = Reader(run_report(run)), predictions.load(run, "test")
    matrix = evaluation.confusion_matrix(stored.labels, stored.predicted, 10)
    low, high = evaluation.wilson_interval(int(matrix.trace()), 10_000)
    head = found.texts[""]
    assert f"{100 * evaluation.accuracy(matrix):.2f} %" in head
    assert f"95 % interval {100 * low:.2f} % to {100 * high:.2f} %" in head
    assert f"{evaluation.cross_entropy(stored.logits, stored.labels):.4f}" in head
    assert f"{runs.read_result(run).parameters:,}" in head
    rows = found.rows["Confusion matrix"]
    assert rows[0][1:] == list(CLASS_NAMES)
    assert [[int(cell.replace(",", "")) for cell in row[1:]] for row in rows[1:]] == matrix.tolist()
    report = evaluation.class_report(matrix)
    for place, row in enumerate(found.rows["Class by class"][1:11]):
        figures = [np.nan_to_num(values[place]) for values in (report.precision, report.recall, report.f1)]
        assert [row[1], row[2], row[4]] == [f"{value:.4f}" for value in figures]
        interval = evaluation.wilson_interval(int(matrix[place, place]), int(report.support[place]))
        assert row[3] == "{:.4f} to {:.4f}".format(*interval)


def test_calibration_is_fitted_on_validation_and_shown_on_test(run):
    store(run, 3 * random_logits(4))
    said = Reader(run_report(run)).texts["Calibration"]
    stored, validation = predictions.load(run, "test"), predictions.load(run, "validation")
    fitted = calibrators.fit(validation.logits, validation.labels)
    right = stored.predicted == stored.labels
    before, after = (
        calibration.reliability(one.probabilities(stored.logits).max(axis=1).clip(0, 1), right).error
        for one in (calibrators.RAW, fitted)
    )
    assert f"Expected calibration error: {100 * before:.2f} %, in 15 bins of equal width" in said
    assert f"Calibrated on 50 validation pictures, with a temperature of {fitted.temperature:.3f}," in said
    assert f"the error on the test pictures is {100 * after:.2f} %" in said


def test_the_worst_fifty_are_those_of_the_largest_loss(run):
    logits = random_logits(3)
    store(run, logits)
    stored = predictions.load(run, "test")
    loss = -np.log(evaluation.softmax(stored.logits)[np.arange(10_000), stored.labels])
    expected = sorted(range(10_000), key=lambda place: -loss[place])[:50]
    probabilities = calibrated.calibrator_of(run).probabilities(stored.logits)
    found = Reader(run_report(run))
    assert {section for section, _ in found.pictures} == {"The worst pictures"}
    shown = [picture for _, picture in found.pictures]
    assert [picture["alt"].split(":")[0] for picture in shown] == [f"test/{place}" for place in expected]
    for place, picture in zip(expected, shown, strict=True):
        label, called = CLASS_NAMES[stored.labels[place]], CLASS_NAMES[stored.predicted[place]]
        assert picture["alt"] == f"test/{place}: {label}, called {called}"
        assert (pixels(picture) == data.load_split("test").images[place]).all()
    assert (
        f"{100 * probabilities[expected[0]].max():.1f} % sure\nloss {loss[expected[0]]:.2f}\n"
        in found.texts["The worst pictures"]
    )


def test_seed_versions_machine_and_command_are_there(run):
    config = runs.read_config(run)
    found = Reader(run_report(run))
    made = found.texts["Seed, versions, machine"]
    for value in (config.recipe.seed, config.data_fingerprint, *config.versions.values(), config.machine["processor"]):
        assert f"\n{value}\n" in made
    assert command(config.recipe)[0] in found.texts["Train it again"]
    written = found.texts["Recipe"]
    assert recipes.from_json(json.loads(written[written.index("{") :])) == config.recipe


def test_a_run_without_validation_says_so(run):
    store(run, random_logits(5), validation=False)
    runs.write_result(run, dataclasses.replace(runs.read_result(run), val_accuracy=None, val_loss=None))
    found = Reader(run_report(run))
    assert "no validation split" in found.texts[""]
    assert "no validation pictures to calibrate it with" in found.texts["Calibration"]
    assert "Calibrated on" not in found.texts["Calibration"]


def test_a_stopped_run_says_so(run):
    runs.write_result(run, dataclasses.replace(runs.read_result(run), cancelled=True, epochs=1))
    found = Reader(run_report(run))
    assert "stopped before its end" in found.texts[""]
    assert "stopped after epoch 1; the command trains to the end" in found.texts["Train it again"]


def test_a_run_whose_curves_are_lost_still_has_a_report(run):
    (run.folder / "metrics.jsonl").unlink()
    assert "there is no curve" in Reader(run_report(run)).texts["Learning curves"]


@pytest.mark.parametrize("faultless", [True, False])
def test_all_right_and_all_wrong_are_reported(run, faultless):
    labels = data.load_split("test").labels.astype(int)
    store(run, 20 * np.eye(10)[labels if faultless else (labels + 1) % 10])
    found = Reader(run_report(run))
    assert f"Right on {10_000 if faultless else 0:,} of 10,000 test pictures." in found.texts[""]
    assert len(found.pictures) == 50


def test_names_are_escaped(run, monkeypatch):
    monkeypatch.setattr(records, "is_plain", lambda name: True)  # no such name is read any more
    rewrite(run, class_names=[NASTY, *CLASS_NAMES[1:]], machine={"processor": f"{NASTY}&"})
    page = run_report(run)
    found = Reader(page)
    assert "<script" not in page and "script" not in {tag for tag, _, _ in found.attributes}
    assert found.rows["Confusion matrix"][0][1] == NASTY
    assert any(NASTY in picture["alt"] for _, picture in found.pictures)
    assert f"{NASTY}&" in found.texts["Seed, versions, machine"]


def test_all_that_a_template_is_given_is_escaped():
    """One macro lets markup through: the one that is given a drawing of our own."""
    folder = Path(pages.__file__).with_name("templates")
    written = {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()}
    assert {"document.html", "layout.html", "one_run.html", "two_runs.html", "parts.html", "style.css"} == set(written)
    assert [text.count("safe") for name, text in written.items() if "safe" in text] == [1]
    assert "{{ svg.drawn|safe }}" in written["parts.html"] and "autoescape" not in "".join(written.values())
    source = '{% from "parts.html" import facts, code %}{{ facts(rows) }}{{ code(said) }}'
    shown = pages.environment(pages.TEMPLATES).from_string(source)
    drawn = shown.render(rows=[("1 < 2", NASTY)], said='"</pre>')
    assert "<script" not in drawn and "&lt;script&gt;" in drawn
    assert "<dt>1 &lt; 2</dt>" in drawn and "&#34;&lt;/pre&gt;</code></pre>" in drawn


def test_an_unfinished_run_is_a_sentence(run):
    write_json(run.folder / "status.json", json.loads((run.folder / "status.json").read_text()) | {"state": "failed"})
    with pytest.raises(RunError, match="has not finished"):
        run_report(run)


def assert_self_contained(page: str) -> Reader:
    """The only addresses are those of links that a reader may click, and of data within the file."""
    found = Reader(page)
    for tag, name, value in found.attributes:
        if (tag, name) == ("a", "href"):
            assert value.startswith(("http://", "https://"))
        elif (tag, name) == ("use", "href"):
            assert value.removeprefix("#") in found.ids
        elif name in ("src", "href", "srcset", "data", "action", "poster"):
            assert value.startswith("data:")
        elif name == "clip-path":
            assert value.removeprefix("url(#").removesuffix(")") in found.ids
        elif name != "content":  # of the policy
            assert not re.search(r"url\(|https?:", value or "")
    assert not {"script", "iframe", "object", "base", "form"} & {tag for tag, _, _ in found.attributes}
    assert not re.search(r"url\(|@import|https?:", page[page.index("<style>") : page.index("</style>")])
    assert ("meta", "content", POLICY) in found.attributes
    assert len(found.ids) == len(set(found.ids))
    assert len(page.encode()) < LIMIT
    return found


SOME = SHIPPED[::6]  # the others with the slow tests


@pytest.mark.some(2)
@pytest.mark.parametrize(
    "run_id", [one if one in SOME else pytest.param(one, marks=pytest.mark.slow) for one in SHIPPED]
)
def test_every_shipped_run_has_a_small_self_contained_report(run_id):
    run = runs.find(run_id)
    found = assert_self_contained(run_report(run))
    assert len(found.pictures) == 50
    assert f"{100 * runs.read_result(run).test_accuracy:.2f} %" in found.texts[""]


# The recipe


@pytest.mark.parametrize(
    "recipe",
    [
        *(model.recipe for model in MODELS.values()),
        dataclasses.replace(MODELS["cnn_2"].recipe, seed=3),
        tiny_recipe("cnn_1", split=MODELS["cnn_1"].recipe.split),
        dataclasses.replace(recipes.with_epochs(MODELS["cnn_1conv"].recipe, 4), precision="float32"),
        dataclasses.replace(MODELS["cnn_2"].recipe, excluded=label_issues.LISTS["known"]),
        quick_recipe(MODELS["minivggnet"].recipe),
        tiny_recipe("cnn_1", optimizer=Optimizer("sgd", 0.5, momentum=0.9), excluded=(3, 1)),
    ],
    ids=lambda recipe: f"{recipe.model}-{recipe.epochs}-{recipe.seed}-{recipe.images}-{len(recipe.excluded)}",
)
def test_the_command_trains_exactly_that_recipe(recipe):
    line, _ = command(recipe)
    words = line.split()
    assert words[:4] == ["python", "-m", "fmnist_core", "train"]
    assert recipe_of_options(command_line._parser().parse_args(words[3:])) == recipe


def test_a_long_list_of_ones_own_is_named_as_a_file():
    line, note = command(dataclasses.replace(MODELS["cnn_2"].recipe, excluded=(5, 6)))
    assert line == "python -m fmnist_core train cnn_2 --exclude 5,6" and not note
    line, note = command(dataclasses.replace(MODELS["cnn_2"].recipe, excluded=tuple(range(501))))
    assert line == "python -m fmnist_core train cnn_2 --exclude excluded.txt" and "excluded.txt" in note


def test_a_model_that_the_zoo_has_lost_is_said():
    line, note = command(Recipe("gone", (Stage(1),)))
    assert not line and "'gone'" in note


def test_every_switch_of_a_recipe_changes_its_words():
    plain = MODELS["cnn_2"].recipe
    augmented = [Augmentation(**{name: value}) for name, value in (("rotation", 8), ("flip", True), ("cutout", 4))]
    changed = [
        *(dataclasses.replace(plain, stages=(Stage(20, augmentation),)) for augmentation in augmented),
        dataclasses.replace(plain, optimizer=Optimizer("sgd", 0.1, momentum=0.9)),
        dataclasses.replace(plain, mirror=True),
        dataclasses.replace(plain, keep="best"),
        dataclasses.replace(plain, images=5_000),
        dataclasses.replace(plain, excluded=(1,)),
        dataclasses.replace(plain, seed=1),
    ]
    assert len({str(in_words(recipe)) for recipe in [plain, *changed]}) == len(changed) + 1
    assert differences(plain, plain) == []
    assert differences(plain, changed[-1]) == [("Seed", "0", "1")]


# The drawings


def test_curves_run_from_the_first_epoch_to_the_last():
    lines = [epoch_line(n, loss=1 / n, accuracy=1 - 1 / n) for n in (1, 2, 4)]
    recipe = Recipe("cnn_1", (Stage(2), Stage(2, Augmentation(rotation=8))))
    loss, accuracy = (curve_pictures.history_svg(lines, recipe, metric) for metric in ("loss", "accuracy"))
    assert loss.alt == "Loss by epoch: training from 1.000 to 0.250"
    assert accuracy.alt == "Accuracy by epoch: training from 0.0 % to 75.0 %"
    assert "stage 2: distorted pictures" in loss.drawn and ">Epoch</text>" in accuracy.drawn
    for drawn, down in ((loss.drawn, True), (accuracy.drawn, False)):
        way = next(
            way
            for way, style in re.findall(r'<path d="([^"]+)"[^>]* style="([^"]+)"', drawn)
            if curve_pictures.CURVES["training"][0] in style
        )
        heights = [float(y) for y in re.findall(r"[\d.]+ ([\d.]+) \n", way)]  # of the page, from its top
        assert len(heights) == 3 and sorted(heights, reverse=not down) == heights


def test_a_reliability_diagram_has_a_bar_a_bin():
    confidence, right = np.array([0.95, 0.96, 0.45]), np.array([True, False, True])
    drawn = pictures.reliability_svg(calibration.reliability(confidence, right), "one").drawn
    bars, gaps = (drawn.count(f"fill: var(--{colour}); opacity") - 1 for colour in ("good", "bad"))  # one in the legend
    assert (bars, gaps) == (2, 2)


def test_drawings_are_the_same_each_time_and_share_no_id():
    found = calibration.reliability(np.array([0.95]), np.array([True]))
    one, again, other = (pictures.reliability_svg(found, name) for name in ("one", "one", "other"))
    assert one == again
    ids = [set(re.findall(r' id="([^"]+)"', svg.drawn)) for svg in (one, other)]
    assert ids[0] and not ids[0] & ids[1]


def test_a_drawing_takes_its_colours_from_the_page(run):
    page = run_report(run)
    drawn = "".join(re.findall(r"<svg.*?</svg>", page, re.DOTALL))
    own = {colour for colour, _, _ in curve_pictures.CURVES.values()}
    assert set(re.findall(r"#[0-9a-f]{6}(?=[;\"])", drawn)) <= own  # the rest differs by day and by night
    variables = set(re.findall(r"var\((--\w+)\)", drawn))
    assert {"--text", "--faint"} <= variables
    for paper in (papers.LIGHT, papers.DARK):
        assert all(f"{name}: {getattr(paper, name[2:])};" in page for name in variables)
    texts = re.findall(r"<text[^>]*>", drawn)
    assert texts and all("fill: var(--text)" in text and "font-family" not in text for text in texts)
    assert "<style" not in drawn and "<metadata" not in drawn


def test_each_drawing_says_what_it_shows_and_a_report_is_the_same_each_time(run):
    page = run_report(run)
    assert page == run_report(run)
    heads = re.findall(r"<svg[^>]*>", page)
    assert len(heads) == 4
    assert all('role="img"' in head and re.search(r'aria-label="\w[^"]{20,}"', head) for head in heads)


# Two runs


def test_the_comparison_counts_as_one_does_by_hand(run, other):
    found = assert_self_contained(comparison_report(run, other))
    a, b = predictions.load(run, "test"), predictions.load(other, "test")
    said = list(zip(a.labels.tolist(), a.predicted.tolist(), b.predicted.tolist(), strict=True))
    fixed = [place for place, (label, before, after) in enumerate(said) if before != label == after]
    broken = [place for place, (label, before, after) in enumerate(said) if after != label == before]
    assert f"On {len(fixed):,} pictures the first was wrong" in found.texts["Fixed by the second"]
    assert f"On {len(broken):,} pictures the first was right" in found.texts["Broken by the second"]
    for title, places, mistaken in (("Fixed by the second", fixed, a), ("Broken by the second", broken, b)):
        owner = run if mistaken is a else other
        confidence = calibrated.calibrator_of(owner).probabilities(mistaken.logits).max(axis=1)
        surest = sorted(places, key=lambda place: -confidence[place])[:25]
        shown = [picture for where, picture in found.pictures if where == title]
        assert [picture["alt"].split(":")[0] for picture in shown] == [f"test/{place}" for place in surest]
        assert (pixels(shown[0]) == data.load_split("test").images[surest[0]]).all()
    difference = np.zeros((10, 10), int)
    for label, before, after in said:
        difference[label, before] -= 1
        difference[label, after] += 1
    cells = [
        [int(cell.replace("\N{MINUS SIGN}", "-")) for cell in row[1:]]
        for row in found.rows["Difference of the matrices"][1:]
    ]
    assert cells == difference.tolist()
    for place, row in enumerate(found.rows["Recall, class by class"][1:]):
        of_class = a.labels == place
        recalls = [float((one.predicted == place)[of_class].mean()) for one in (a, b)]
        assert row[1:3] == [f"{100 * recall:.2f} %" for recall in recalls]
        assert float(row[3].replace("\N{MINUS SIGN}", "-")) == pytest.approx(100 * (recalls[1] - recalls[0]), abs=0.006)
        assert row[4:6] == [str(sum(a.labels[one] == place for one in places)) for places in (fixed, broken)]
    both = int(((a.predicted == a.labels) & (b.predicted == b.labels)).sum())
    table = found.rows["Side by side"][-2:]
    assert [int(cell.replace(",", "")) for row in table for cell in row[1:]] == [
        both, len(broken), len(fixed), 10_000 - both - len(broken) - len(fixed)
    ]  # fmt: skip


def test_the_comparison_says_mcnemar_in_words(run, other):
    found = Reader(comparison_report(run, other))
    a, b = predictions.load(run, "test"), predictions.load(other, "test")
    compared = comparison.compare(run.id, a.predicted == a.labels, other.id, b.predicted == b.labels)
    assert comparison.in_words(compared) in found.texts[""]  # of one model, so the runs' names tell them apart
    assert ["Seed", "0", "7"] in found.rows["Recipes"]


def test_a_run_against_itself_changes_nothing(run):
    found = Reader(comparison_report(run, run))
    assert "the very same ones" in found.texts[""] and found.pictures == []
    assert "There is no picture on which the first was wrong" in found.texts["Fixed by the second"]
    assert "by the same recipe" in found.texts["Recipes"]


def test_runs_of_other_classes_are_refused(run, other):
    rewrite(other, class_names=["Hat", *CLASS_NAMES[1:]])
    with pytest.raises(RunError, match="know different classes"):
        comparison_report(run, other)


# The command


def call(capsys, *arguments) -> tuple[int, str, str]:
    code = command_line.main([str(argument) for argument in arguments])
    return code, *capsys.readouterr()


def test_the_command_writes_the_file(run, other, tmp_path, capsys):
    target = tmp_path / "new" / "report.html"
    code, out, _ = call(capsys, "report", run.id, "--to", target, "--json")
    assert code == 0 and json.loads(out) == {"report": str(target), "bytes": target.stat().st_size}
    assert target.read_text(encoding="utf-8") == run_report(run)
    code, out, _ = call(capsys, "report", run.id, "--to", target, "--against", other.id)
    assert code == 0 and str(target) in out
    assert target.read_text(encoding="utf-8") == comparison_report(run, other)


@pytest.mark.parametrize("where", ["taken", "taken/report.html", "folder", "."])
def test_a_target_that_cannot_be_written_is_a_sentence(run, tmp_path, capsys, monkeypatch, where):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    (tmp_path / "taken").write_text("")
    (tmp_path / "taken").chmod(0o600)
    if where == "taken":
        where = "x" * 300  # longer than a file's name may be
    code, out, err = call(capsys, "report", run.id, "--to", where)
    assert code == 1 and out == "" and err.count("\n") == 1
    assert err.startswith(f"error: The report cannot be written to {where}: ") and "Name a file" in err
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


def test_an_unknown_run_is_a_sentence(run, tmp_path, capsys):
    code, _, err = call(capsys, "report", run.id, "--against", "nothing", "--to", tmp_path / "a.html")
    assert code == 1 and "There is no run 'nothing'" in err and not (tmp_path / "a.html").exists()


def test_of_what_was_brought_in_no_curve_is_promised(tmp_path):
    run = Run(shutil.copytree(shipped_run("simple_nn").folder, tmp_path / "brought_in-20261122-000000-0000"))
    config = dataclasses.replace(runs.config_of(zoo.ROWS[BROUGHT_IN].recipe), brought_in=BroughtIn("csv"))
    write_json(run.folder / "config.json", as_plain(config))
    titles = Reader(run_report(run)).texts
    assert "Learning curves" in titles and "Accuracy against training size" not in titles
    assert "how it learned is not known" in titles["Learning curves"]
