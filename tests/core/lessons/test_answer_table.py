"""Each row of the table of answers, on runs that ship, counted by hand; and each thing that cannot be asked.

Run: python -m pytest tests/core/lessons/test_answer_table.py
"""

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from fmnist_core import data
from fmnist_core.data import CLASS_NAMES
from fmnist_core.inference import robustness_records
from fmnist_core.label_audit import audit_records
from fmnist_core.lessons import answers, reveals
from fmnist_core.lessons.answers_of_pictures import PARTS
from fmnist_core.lessons.found import Found
from fmnist_core.lessons.lesson import Asked, Lesson, LessonError, Question
from fmnist_core.lessons.sources import Sources
from fmnist_core.quiz.pictures import all_pictures, draw
from fmnist_core.runs import predictions, runs
from fmnist_core.runs.catalogue import Row
from fmnist_core.zoo import MODELS

LESSON = Lesson("a", "A", 30, "12", ("to see",), "flagship", ())
SOURCES = Sources()
KIND = {name: row.kinds[0] for name, row in answers.ANSWERS.items()}


def ask(what: str, options: tuple[str, ...] = (), sources: Sources = SOURCES, **of: str) -> Found:
    """The answer to a question without limits; `class_` is its option `class`."""
    asked = Asked(what, {name.rstrip("_"): value for name, value in of.items()})
    question = Question(KIND[what], "What?", asked, options, -1e9, 1e9)
    assert answers.check(question) == []
    return answers.find(LESSON, question, sources)


@pytest.fixture(scope="module")
def flagship() -> Row:
    return SOURCES.row("flagship")


@pytest.fixture(scope="module")
def truth(flagship):
    """labels, predicted and confidence of the flagship on the test pictures."""
    stored = predictions.load(flagship.run, "test")
    shares = np.exp(stored.logits - stored.logits.max(axis=1, keepdims=True))
    return stored.labels, stored.predicted, (shares / shares.sum(axis=1, keepdims=True)).max(axis=1)


def recalls(truth) -> list[float]:
    labels, called, _ = truth
    return [float((called[labels == place] == place).mean()) for place in range(10)]


def test_accuracy(truth):
    found = ask("accuracy")
    assert found.value == pytest.approx(100 * (truth[0] == truth[1]).mean(), abs=0.005)
    assert f"{found.value:.1f} % of the 10,000 test pictures" in found.sentence and found.near is not None
    assert found.near[0] < found.value < found.near[1] and isinstance(found.reveal, reveals.NumberLine)


def test_human_accuracy():
    found = ask("human_accuracy")
    assert found.value == 83.5 and isinstance(found.reveal, reveals.NumberLine)
    assert [mark.published for mark in found.reveal.marks] == [True, False]


def test_recall_and_its_extremes(truth):
    each = recalls(truth)
    found = ask("recall", class_="Shirt")
    assert found.value == pytest.approx(100 * each[6]) and f"finds {100 * each[6]:.0f}." in found.sentence
    assert isinstance(found.reveal, reveals.ClassBars) and found.reveal.marked == "Shirt"
    hardest, easiest = ask("hardest_class"), ask("easiest_class")
    assert each[CLASS_NAMES.index(hardest.value)] == min(each) and each[CLASS_NAMES.index(easiest.value)] == max(each)
    assert set(hardest.options) == set(CLASS_NAMES) and "fewest" in hardest.sentence and "most" in easiest.sentence


def test_order_of_classes(truth):
    found = ask("order_of_classes", classes="Shirt, Trouser, Coat")
    each = recalls(truth)
    values = [each[CLASS_NAMES.index(name)] for name in found.value]
    assert values == sorted(values, reverse=True) and found.options == ("Shirt", "Trouser", "Coat")
    assert isinstance(found.reveal, reveals.Ranking) and found.value[0] in found.sentence


def test_confused_with(truth):
    labels, called, _ = truth
    counts = np.bincount(called[labels == 6], minlength=10)
    counts[6] = 0
    found = ask("confused_with", class_="Shirt")
    assert found.value == CLASS_NAMES[counts.argmax()] and "Shirt" not in found.options and len(found.options) == 9
    assert f"calls {counts.max()} {found.value}" in found.sentence and isinstance(found.reveal, reveals.Confusions)
    assert len(found.reveal.tiles) == min(6, counts.max()) and found.reveal.total == 1000


def test_right_when_sure(truth):
    labels, called, _ = truth
    run = SOURCES.row(LESSON.run).run
    sure = SOURCES.probabilities(run, SOURCES.predictions(run, "test").logits).max(
        axis=1
    )  # calibrated, as on all pages
    chosen = sure >= 0.9
    found = ask("right_when_sure", confidence="90")
    assert found.value == pytest.approx(100 * (labels == called)[chosen].mean())
    assert f"gives {chosen.sum():,} of 10,000" in found.sentence and isinstance(found.reveal, reveals.Diagram)


def test_better_and_the_order_of_runs():
    found = ask("better", run="cnn_2", other="flagship")
    assert found.value == "Flagship is better" and found.options[-1] == "They cannot be told apart"
    reveal = found.reveal
    assert isinstance(reveal, reveals.Versus)
    assert reveal.both + sum(reveal.only) + reveal.neither == 10_000
    ordered = ask("order_of_runs", runs="cnn_2, simple_nn, flagship")
    assert ordered.value == tuple(MODELS[name].title for name in ("flagship", "cnn_2", "simple_nn"))
    assert ordered.options == tuple(sorted(ordered.value)) and isinstance(ordered.reveal, reveals.Ranking)


def test_figures_of_curves():
    lines = [line for line in runs.read_metrics(SOURCES.row("cnn_2").run) if hasattr(line, "val_accuracy")]
    found = ask("epoch_accuracy", run="cnn_2", epoch="1")
    assert found.value == pytest.approx(100 * lines[0].val_accuracy) and isinstance(found.reveal, reveals.Curves)
    gap = ask("accuracy_gap", run="cnn_2")
    assert gap.value == pytest.approx(100 * (lines[-1].accuracy - lines[-1].val_accuracy))
    rising = ask("overfits_after", run="simple_nn") if _rises("simple_nn") else ask("overfits_after", run="cnn_1")
    assert rising.value == int(rising.value) and f"From epoch {rising.value:g} on" in rising.sentence


def _rises(model: str) -> bool:
    try:
        ask("overfits_after", run=model)
    except LessonError:
        return False
    return True


def test_changed_accuracy(flagship):
    stored = robustness_records.load(flagship.run)
    if stored is None:
        with pytest.raises(LessonError, match="was not measured on pictures so changed"):
            ask("changed_accuracy", change="rotate", severity="30")
        return
    name, sweep = next(iter(stored.sweeps.items()))
    found = ask("changed_accuracy", change=name, severity=f"{sweep.severities[-1]:g}")
    assert found.value == pytest.approx(100 * sweep.accuracy[-1]) and isinstance(found.reveal, reveals.Severity)


def test_labels_in_doubt():
    audit = audit_records.load()
    assert audit is not None
    found = ask("doubted_labels")
    assert found.value == audit.splits["train"].doubted and isinstance(found.reveal, reveals.Gallery)
    opinions = audit.splits["test"]
    address = data.picture_address("test", int(opinions.positions[0]))
    suspect = ask("suspect", picture=address)
    assert suspect.value == CLASS_NAMES[opinions.probabilities[0].argmax()]
    assert isinstance(suspect.reveal, reveals.Suspect) and CLASS_NAMES[opinions.labels[0]] in suspect.sentence
    clean = next(place for place in range(10_000) if place not in set(opinions.positions.tolist()))
    with pytest.raises(LessonError, match="does not list this picture"):
        ask("suspect", picture=f"test/{clean}")


def test_pictures(flagship):
    images, labels = data.load_split("test")
    classify = SOURCES.classifier(flagship.run)
    name = CLASS_NAMES[labels[18]]
    assert ask("label", picture="test/18").value == name
    found = ask("called", picture="test/18")
    assert found.value == CLASS_NAMES[classify.logits(images[18:19])[0].argmax()]
    assert isinstance(found.reveal, reveals.Answers) and found.reveal.probabilities.sum() == pytest.approx(1)
    inverted = ask("called_inverted", picture="test/18")
    assert inverted.value == CLASS_NAMES[classify.logits(255 - images[18:19])[0].argmax()]
    assert isinstance(inverted.reveal, reveals.BeforeAfter) and (inverted.reveal.after.image == 255 - images[18]).all()
    turned = ask("called_changed", picture="test/18", change="rotate", severity="0")
    assert turned.value == found.value and isinstance(turned.reveal, reveals.BeforeAfter)
    heat = ask("looks_at", picture="test/18")
    assert heat.value in PARTS and heat.options == PARTS and isinstance(heat.reveal, reveals.Heat)
    drawn = ask("drawing", class_="Bag")
    assert drawn.value == "Bag" and isinstance(drawn.reveal, reveals.Drawn)
    assert [tile.label for tile in drawn.reveal.examples] == ["Bag"] * 6


def test_channels():
    found = ask("channels", run="cnn_2", layer="conv2", picture="test/0")
    assert found.value == 64 and "each 14 by 14" in found.sentence and isinstance(found.reveal, reveals.Features)
    assert found.reveal.maps.dtype == np.uint8 and found.reveal.maps.max() == 255
    for name, words in (("dense1", "has no pictures to show"), ("attic", "Unknown layer")):
        with pytest.raises(LessonError, match=words):
            ask("channels", run="cnn_2", layer=name, picture="test/0")


def test_what_a_lesson_says_itself():
    found = ask("typed", ("A", "B"), is_="B", because="It is.")
    assert (found.value, found.sentence, found.options) == ("B", "It is.", ("A", "B"))
    number = Question("number", "?", Asked("typed", {"is": "7"}))
    assert answers.find(LESSON, number, SOURCES).value == 7.0
    order = Question("order", "?", Asked("typed", {"is": "B; A"}), ("A", "B"))
    assert answers.find(LESSON, order, SOURCES).value == ("B", "A")


def test_seed_spread_counts_pictures_between_best_and_worst():
    found = ask("seed_spread", model="flagship")
    rights = []
    for row in SOURCES.rows():
        if row.run.shipped and row.model == "flagship":
            stored = SOURCES.predictions(row.run, "test")
            rights.append(int((stored.predicted == stored.labels).sum()))
    assert len(rights) == 3 and found.value == max(rights) - min(rights)
    assert isinstance(found.reveal, reveals.NumberLine) and len(found.reveal.marks) == 3


def test_black_pixels():
    found = ask("black_pixels", picture="test/5344")
    assert found.value == int((data.load_split("test").images[5344] == 0).sum()) == 496


def test_a_quiz_is_that_of_its_page():
    found = ask("quiz", seed="7")
    places = draw(7, False, all_pictures())
    assert isinstance(found.reveal, reveals.Quiz) and found.reveal.places == places
    assert found.value == tuple(CLASS_NAMES[data.load_split("test").labels[place]] for place in places)
    assert [mark.published for mark in found.reveal.marks] == [False] * (len(found.reveal.marks) - 1) + [True]
    assert ask("quiz", seed="7", hard="yes").reveal.places != places


def test_a_training_has_no_answer_of_its_own():
    found = ask("training", ("cnn_1", "simple_nn"))
    assert (
        found.value == "" and isinstance(found.reveal, reveals.Leaderboard) and found.options == ("cnn_1", "simple_nn")
    )


def test_each_row_is_tested_here():
    text = Path(__file__).read_text(encoding="utf-8")
    assert [name for name in answers.ANSWERS if f'ask("{name}"' not in text] == []


@pytest.mark.parametrize(
    ("what", "of", "words"),
    [
        ("hardest_class", {"run": "own"}, "a training of your own, and none has ended yet"),
        ("hardest_class", {"run": "own cnn_2"}, f"a training of your own of {MODELS['cnn_2'].title}"),
        ("hardest_class", {"run": "cnn_2-20200101-000000-abcd"}, "of which there is no finished run here"),
        ("better", {"other": "flagship"}, "cannot be compared"),
        ("order_of_runs", {"runs": "flagship, flagship-20261122-153409-5e1e"}, "Two of the runs have the same name"),
        ("epoch_accuracy", {"epoch": "999", "run": "cnn_2"}, "no validation accuracy of epoch"),
        ("changed_accuracy", {"change": "rotate", "severity": "1.234"}, "was not measured on pictures so changed"),
    ],
)
def test_what_cannot_be_asked_is_a_sentence(what, of, words):
    question = Question(KIND[what], "?", Asked(what, of))
    with pytest.raises(LessonError, match=words):
        answers.find(LESSON, question, SOURCES)


def test_options_that_lack_the_right_one_and_ends_that_leave_it_out():
    right = ask("hardest_class").value
    others = tuple(name for name in CLASS_NAMES if name != right)[:3]
    with pytest.raises(LessonError, match=f"The options lack the right one, which is {right} now"):
        ask("hardest_class", others)
    narrow = Question("number", "?", Asked("accuracy"), low=0, high=50)
    with pytest.raises(LessonError, match="lies outside of what can be said"):
        answers.find(LESSON, narrow, SOURCES)


def test_a_class_that_a_run_does_not_know_is_a_sentence(flagship):
    config = dataclasses.replace(flagship.config, class_names=("Hat", *CLASS_NAMES[1:]))
    other = dataclasses.replace(flagship, config=config)
    sources = dataclasses.replace(SOURCES, rows=lambda: [other])
    for what, of in (("recall", {}), ("confused_with", {}), ("drawing", {})):
        with pytest.raises(LessonError, match="knows no class|lack the right one"):
            ask(what, sources=sources, class_="T-shirt/top", **of)


def test_a_class_without_errors_is_a_sentence(flagship):
    stored = predictions.load(flagship.run, "test")
    perfect = dataclasses.replace(stored, logits=np.eye(10, dtype=np.float32)[stored.labels])
    sources = dataclasses.replace(SOURCES, predictions=lambda run, split: perfect)
    with pytest.raises(LessonError, match="gets no test picture labelled Shirt wrong"):
        ask("confused_with", sources=sources, class_="Shirt")


def test_own_is_the_newest_training_of_who_asks(run):
    assert SOURCES.row("own").run.id == run.id == SOURCES.row("own cnn_1").run.id
    assert ask("accuracy", run="own").value == pytest.approx(100 * runs.read_result(run).test_accuracy)
    assert SOURCES.address("run", "own") == run.id and SOURCES.address("split", "own") == "own"
    assert SOURCES.row("cnn_1").run.shipped  # of a model, what ships
    with pytest.raises(LessonError, match="Train one first"):
        SOURCES.row("own cnn_2")
