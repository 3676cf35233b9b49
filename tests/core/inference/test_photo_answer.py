"""A photo's answer, for pages and for the command `predict`.

Run: python -m pytest tests/core/inference/test_photo_answer.py
"""

import json

import numpy as np
import pytest
from PIL import Image, ImageDraw

from fmnist_core import data
from fmnist_core.analysis.photo_calibration import DRAWN_FALSE_ALARMS, PhotoCalibration
from fmnist_core.cli import command_line
from fmnist_core.data import DataError
from fmnist_core.inference import photo_answer, photo_calibrations, photo_reference
from fmnist_core.metrics.calibrators import Calibrator
from fmnist_core.metrics.prediction_sets import Rule
from fmnist_core.photo.drawing import prepare_drawing
from fmnist_core.photo.pipeline import MODES, prepare
from fmnist_core.photo.steps import Prepared, Step, View
from fmnist_core.storage.folders import RunError

NAMES = ("dark", "middling", "bright")


class ThreeLevels:
    """A network whose classes are three levels of brightness."""

    def logits(self, images):
        level = images.mean(axis=(1, 2))[:, None] / 255
        return (-20 * np.abs(level - [0.1, 0.5, 0.9])).astype(np.float32)


def flat(level: int) -> np.ndarray:
    return np.full((28, 28), level, np.uint8)


def one_picture(level: int) -> Prepared:
    return Prepared(flat(level), ())


def test_an_answer_is_that_of_the_picture():
    found = photo_answer.answer(one_picture(230), ThreeLevels(), NAMES)
    assert found.label == "bright" and found.best == 2
    assert found.probabilities.sum() == pytest.approx(1) and found.confidence == found.probabilities.max()
    assert [name for name, _ in found.top(2)] == ["bright", "middling"]
    assert found.known is found.in_distribution_score is found.inside is None and found.set_names == []


def test_views_are_answered_as_one():
    views = (View(flat(20), 0.3), View(flat(230), 0.7))
    found = photo_answer.answer(Prepared(flat(20), (), (), views), ThreeLevels(), NAMES)
    assert found.label == "bright"  # of the views, not of the shown picture
    assert found.probabilities == pytest.approx([0.3, 0, 0.7], abs=0.01)


def test_a_calibration_says_whether_it_is_known():
    trouser = data.load_split("train").images[data.load_split("train").labels == 1][0]
    usual, strange = Prepared(trouser, ()), Prepared(np.rot90(trouser).copy(), ())  # a band across
    network = Says(1)
    known = photo_answer.answer(usual, network, data.CLASS_NAMES, CALIBRATION)
    lying = photo_answer.answer(strange, network, data.CLASS_NAMES, CALIBRATION, rule_of(4.0, 0.15))
    assert known.known is True and lying.known is False
    assert lying.inside is None and lying.set_names == []  # a set would promise something
    assert known.in_distribution_score > CALIBRATION.false_alarms >= lying.in_distribution_score > 0


def drawn(*lines: list[tuple[float, float]]) -> Prepared:
    sheet = Image.new("L", (320, 320))
    for line in lines:
        ImageDraw.Draw(sheet).line([(320 * x, 320 * y) for x, y in line], fill=255, width=14, joint="curve")
    return prepare_drawing(np.asarray(sheet, np.float32) / 255)


STAR = [
    (0.5 + (0.4, 0.16)[n % 2] * np.sin(n * np.pi / 5), 0.5 - (0.4, 0.16)[n % 2] * np.cos(n * np.pi / 5))
    for n in range(11)
]
A_LETTER = [(0.25, 0.88), (0.5, 0.12), (0.75, 0.88)], [(0.36, 0.6), (0.64, 0.6)]
A_CROSS = [(0.2, 0.5), (0.8, 0.5)], [(0.5, 0.2), (0.5, 0.8)]
TROUSERS = [(0.35, 0.1), (0.65, 0.1), (0.7, 0.9), (0.55, 0.9), (0.5, 0.4), (0.45, 0.9), (0.3, 0.9), (0.35, 0.1)]


def test_drawings_are_known_by_their_outline():
    """Whatever the network says: it is sure of all of them."""
    judged = [
        photo_answer.answer(one, Says(1), data.CLASS_NAMES, CALIBRATION)
        for one in (drawn(TROUSERS), drawn(STAR), drawn(*A_LETTER), drawn(*A_CROSS))
    ]
    assert [one.known for one in judged] == [True, False, False, False]
    assert {one.verdict.false_alarms for one in judged} == {DRAWN_FALSE_ALARMS} and judged[0].drawn


def test_a_photo_without_what_came_with_the_app_is_a_sentence(monkeypatch, tmp_path):
    monkeypatch.setattr(photo_reference, "file", lambda: tmp_path / "none.npz")
    photo_reference.load.cache_clear()
    with pytest.raises(RunError, match="pictures that come with the app cannot be read"):
        photo_answer.answer(drawn(TROUSERS), Says(1), data.CLASS_NAMES, CALIBRATION)
    photo_reference.load.cache_clear()


def test_probabilities_are_calibrated_or_raw():
    answers = [photo_answer.answer(one_picture(90), Says(1), data.CLASS_NAMES, CALIBRATION, raw=raw) for raw in (0, 1)]
    calibrated, raw = (found.confidence for found in answers)
    assert raw == pytest.approx(np.exp(12) / (np.exp(12) + 9))
    assert calibrated == pytest.approx(np.exp(6) / (np.exp(6) + 9))
    assert answers[0].in_distribution_score == answers[1].in_distribution_score


class Says:
    """A network that calls everything the same class."""

    def __init__(self, label: int):
        self._label = label

    def logits(self, images):
        return np.where(np.arange(10) == self._label, 12.0, 0.0)[np.newaxis].repeat(len(images), axis=0)


CALIBRATION = PhotoCalibration(2.0, np.zeros(10), np.linspace(0, 0.3, 100), 100)


def rule_of(temperature: float, least: float) -> Rule:
    return Rule(0.9, Calibrator(temperature, np.empty(0), np.empty(0), 100), np.full(3, least), 100, 1.0)


def test_the_set_holds_what_is_likely_enough_and_the_first_choice_always():
    wide = photo_answer.answer(one_picture(140), ThreeLevels(), NAMES, rule=rule_of(4.0, 0.15))
    assert wide.set_names == ["middling", "bright"]
    none_reaches = photo_answer.answer(one_picture(140), ThreeLevels(), NAMES, rule=rule_of(4.0, 0.99))
    assert none_reaches.set_names == ["middling"]
    cold = photo_answer.answer(one_picture(140), ThreeLevels(), NAMES, rule=rule_of(0.25, 0.15))
    assert cold.set_names == ["middling"]  # the rule's temperature counts


def test_a_rule_is_set_with_validation_pictures(run):
    rule = photo_answer.prediction_rule(run, 0.8)
    assert (rule.coverage, rule.pictures) == (0.8, 500)
    with pytest.raises(ValueError, match="between 0 and 1"):
        photo_answer.prediction_rule(run, 1.0)


def steps_of(*levels: int) -> Prepared:
    steps = tuple(Step(str(level), "", flat(level), flat(level)) for level in levels)
    return Prepared(steps[-1].picture, steps)


def test_blame_names_the_step_that_changed_most():
    along = photo_answer.answers_along(steps_of(30, 20, 235, 230), ThreeLevels())
    assert along.shape == (4, 3)
    found = photo_answer.blame(along, 2)
    assert found.step == 2
    assert (found.before, found.after) == (pytest.approx(along[1, 2]), pytest.approx(along[2, 2]))
    assert photo_answer.blame(along[::-1], 2).before > 0.9  # a step may do harm


def test_nobody_is_blamed_where_nothing_changed():
    assert photo_answer.blame(photo_answer.answers_along(steps_of(30), ThreeLevels()), 0) is None
    assert photo_answer.blame(photo_answer.answers_along(steps_of(30, 30), ThreeLevels()), 0) is None


# the command


@pytest.fixture
def photo(tmp_path):
    file = tmp_path / "trouser.png"
    Image.fromarray(255 - data.load_split("test").images[2]).resize((112, 112)).save(file)
    return file


def predicted(capsys, *arguments) -> tuple[int, object, str]:
    code = command_line.main(["predict", *map(str, arguments), "--json"])
    said = capsys.readouterr()
    return code, json.loads(said.out.splitlines()[-1]), said.err


def test_each_row_says_whether_it_is_known(run, photo, tmp_path, capsys):
    (tmp_path / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    code, rows, _ = predicted(capsys, photo, tmp_path / "broken.png", "--run", run.id)
    assert code == 0
    good, bad = rows
    assert type(good["known"]) is bool and 0 < good["in_distribution_score"] <= 1
    assert bad["known"] is bad["in_distribution_score"] is bad["label"] is None and bad["error"].endswith(".")
    assert photo_calibrations.place(run).exists()  # and the next call is quick


def test_every_mode_is_answered_as_on_the_page(run, photo, capsys):
    from fmnist_core.inference.classifier import open_classifier
    from fmnist_core.photo.decode import decode

    classifier = open_classifier(run)
    for mode in MODES:
        _, rows, _ = predicted(capsys, photo, "--run", run.id, "--mode", mode)
        calibration = photo_calibrations.calibration(run, classifier)
        prepared = prepare(decode(photo.read_bytes()), mode)
        wanted = photo_answer.answer(prepared, classifier, data.CLASS_NAMES, calibration)
        assert rows[0]["calibrated"] and rows[0]["known"] is wanted.known
        assert rows[0]["label"] == wanted.label
        np.testing.assert_allclose(rows[0]["probabilities"], wanted.probabilities, atol=1e-6)
    _, by_default, _ = predicted(capsys, photo, "--run", run.id)
    assert by_default == rows  # the last mode is the best


def test_a_mode_that_is_none_is_a_sentence_before_any_work(run, photo, capsys):
    code, value, err = predicted(capsys, photo, "--run", run.id, "--mode", "magic")
    assert code == 1 and "Unknown mode 'magic'. Choose one of: source, letterbox" in value["error"]
    assert not photo_calibrations.place(run).exists() and "Traceback" not in err


def test_without_the_data_photos_are_classified_all_the_same(run, photo, capsys, monkeypatch):
    def missing(*arguments):
        raise DataError("The data is missing.")

    monkeypatch.setattr(photo_calibrations, "calibration", missing)
    code, rows, err = predicted(capsys, photo, "--run", run.id)
    assert code == 0 and rows[0]["label"] and rows[0]["known"] is rows[0]["in_distribution_score"] is None
    assert "cannot be told. The data is missing." in err


# nearest training pictures


def test_the_nearest_training_pictures_are_the_nearest_of_all():
    from fmnist_core.data import Pictures
    from fmnist_core.inference.nearest_training import nearest_training
    from fmnist_core.runs.predictions import Predictions

    class Halves:
        """Features are the means of both halves; logits are a linear map of these."""

        def features(self, images):
            return np.stack([images[:, :14].mean(axis=(1, 2)), images[:, 14:].mean(axis=(1, 2))], axis=1)

        def logits(self, images):
            return (self.features(images) @ [[1, 0, 1], [0, 2, 1]]).astype(np.float32)

    generator = np.random.default_rng(0)
    images = np.repeat(generator.integers(0, 256, (2_000, 2)), 14, axis=1)[..., None].repeat(28, axis=2)
    pictures = Pictures(images.astype(np.uint8), np.zeros(2_000, np.uint8))
    trained = np.sort(generator.choice(2_000, 1_500, replace=False))
    network, asked = Halves(), flat(120)
    stored = Predictions("train", trained, pictures.labels[trained], network.logits(pictures.images[trained]))
    found = nearest_training(network, asked, stored, pictures)
    distances = np.linalg.norm(network.features(pictures.images[trained]) - 120, axis=1)
    of = dict(zip(trained, distances, strict=True))
    np.testing.assert_allclose([of[position] for position in found.positions], np.sort(distances)[:12], rtol=1e-5)
    np.testing.assert_allclose(found.distances, np.sort(distances)[:12], rtol=1e-5)
