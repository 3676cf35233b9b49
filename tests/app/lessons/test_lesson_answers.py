"""Every answer that a lesson may ask for, shown by its page: sentence and reveal, nothing before.

Run: python -m pytest tests/app/lessons/test_lesson_answers.py
"""

import pytest

from fmnist_core.lessons import answers
from tests import made_up_lesson
from tests.app.lessons.conftest import Open, words

PICTURE = "picture: test/5344"
# Row by row of `answers.ANSWERS`: the question's other lines, and what its reveal is made of.
ASKED = {
    "accuracy": ("", "lesson-line"),
    "human_accuracy": ("", "lesson-line"),
    "recall": ("class: Shirt", "lesson-bar"),
    "epoch_accuracy": ("epoch: 1", "chart"),
    "overfits_after": ("run: lenet5_modified", "chart"),
    "accuracy_gap": ("", "chart"),
    "right_when_sure": ("confidence: 90", "chart"),
    "changed_accuracy": ("run: cnn_2, change: shift, severity: 4", "chart"),
    "doubted_labels": ("", "<figure>"),
    "seed_spread": ("model: flagship", "lesson-"),
    "black_pixels": (PICTURE, "lesson-"),
    "channels": (f"run: cnn_2, layer: conv1, {PICTURE}", "<figure>"),
    "hardest_class": ("", "lesson-bar"),
    "easiest_class": ("", "lesson-bar"),
    "confused_with": ("class: Shirt", "<figure>"),
    "better": ("run: cnn_1, other: cnn_2", "lesson-interval"),
    "label": (PICTURE, "<figure>"),
    "called": (PICTURE, "lesson-bar"),
    "called_changed": (f"{PICTURE}, change: rotate, severity: 90", "lesson-beside"),
    "called_inverted": (PICTURE, "lesson-beside"),
    "looks_at": (PICTURE, "Red: it matters"),
    "suspect": ("picture: test/787", "lesson-bar"),
    "order_of_classes": ('classes: "Shirt, Bag, Coat"', "What it is"),
    "order_of_runs": ('runs: "simple_nn, cnn_2"', "What it is"),
    "drawing": ("class: Trouser", "<figure>"),
    "quiz": ("seed: 7", "lesson-bar"),
    "training": ("epochs: 1", "It is"),
    "typed": ("is: 3", "<p><b>3</b></p>"),
}
HIGH = {"doubted_labels": 60_000, "channels": 1_000, "black_pixels": 784}


def lesson_of(what: str) -> str:
    of, _ = ASKED[what]
    kind = answers.ANSWERS[what].kinds[-1 if what != "typed" else 1]
    asked = f"{{what: {what}{', ' if of else ''}{of}}}"
    models = "\noptions: [simple_nn, cnn_1]" if what == "training" else ""
    question = f"kind: {kind}\nask: What is it?\nanswer: {asked}\nfrom: -50\nto: {HIGH.get(what, 100)}{models}"
    front = "title: All\nminutes: 1\nage: any\nlearned: [All]\nrun: simple_nn"
    return f"---\n{front}\n---\n\n# {what}\n\n```question\n{question}\n```\n"


@pytest.mark.some(2)
@pytest.mark.parametrize("what", answers.ANSWERS)
def test_every_answer_is_covered_and_then_shown(runs_folder, open_page: Open, what: str):
    made_up_lesson.write(runs_folder, lesson_of(what), "all")
    app = open_page("lessons", lesson="all")
    assert not app.exception and not app.warning and not app.error
    assert "<b>It is</b>" not in words(app) and not app.get("plotly_chart")
    app.button(key="skip").click().run()
    assert not app.exception and not app.warning and not app.error
    assert "<b>It is</b>" in words(app)
    reveal = ASKED[what][1]
    if reveal == "chart":
        assert len(app.get("plotly_chart")) == 1
    else:
        assert reveal in words(app)
