"""The photo calibration of a run: made, kept, shipped, and not believed when damaged.

Run: python -m pytest tests/core/inference/test_photo_calibrations.py
"""

import json

import numpy as np
import pytest

from fmnist_core.inference import photo_calibrations, photo_reference
from fmnist_core.inference.classifier import open_classifier
from fmnist_core.runs import runs
from fmnist_core.runs.runs import Run


def same(one, other) -> None:
    for name in ("temperature", "bias", "scores", "pictures", "false_alarms"):
        np.testing.assert_allclose(getattr(one, name), getattr(other, name), atol=1e-6)


def test_a_kept_calibration_is_the_one_that_was_made(run: Run, monkeypatch):
    made = photo_calibrations.calibration(run, open_classifier(run))
    assert photo_calibrations.place(run).parent.name == f"photos-{run.id}" and made.pictures == 700
    monkeypatch.setattr(photo_calibrations, "make", None)
    same(photo_calibrations.calibration(run, open_classifier(run)), made)


@pytest.mark.parametrize("change", [{"temperature": 0}, {"bias": [1.0]}, {"scores": [2.0, 1.0]}, {"version": 99}, {}])
def test_what_is_damaged_is_made_anew(run: Run, monkeypatch, change):
    path = photo_calibrations.place(run)
    path.parent.mkdir(parents=True)
    sound = {"version": 1, "temperature": 1.0, "bias": [0.0] * 10, "scores": [0.1], "pictures": 9, "false_alarms": 0.15}
    path.write_text(json.dumps(sound | change) if change else "{" * 5_000)
    monkeypatch.setattr(photo_calibrations, "make", lambda classifier: "anew")
    monkeypatch.setattr(photo_calibrations, "save", lambda path, made: None)
    assert photo_calibrations.calibration(run, None) == "anew"


def test_every_shipped_run_with_a_model_ships_its_own():
    shipped = [run for run in runs.list_runs() if run.shipped and (run.folder / "model.onnx").exists()]
    assert shipped
    for run in shipped:
        assert photo_calibrations.place(run) == run.folder / photo_calibrations.FILE, run.id
    least = min(shipped, key=lambda run: (run.folder / "model.onnx").stat().st_size)
    same(photo_calibrations.make(open_classifier(least)), photo_calibrations.calibration(least, None))


def test_the_reference_pictures_are_what_makes_them_gives():
    shipped, made = photo_reference.load(), photo_reference.make(20)
    assert (made.indices == shipped.indices[:20]).all() and (made.views == shipped.views[:20]).all()
    np.testing.assert_allclose(made.distances, shipped.distances[:20], rtol=1e-6)
    assert (np.diff(shipped.drawn) >= 0).all() and len(made.drawn) == 20
    assert shipped.drawn[0] <= made.drawn[10] <= shipped.drawn[-1] and made.drawn[17] < 2 * shipped.drawn[190]


def test_runs_that_learned_from_these_pictures_say_so(run: Run):
    assert photo_calibrations.note(run) == photo_calibrations.NOT_VALIDATION  # of the tiny run's 500
    flagship = next(one for one in runs.list_runs() if one.shipped and one.id.startswith("flagship-"))
    assert photo_calibrations.note(flagship) is None
