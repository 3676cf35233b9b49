"""The three lines of docs/notebook.md give the answer of the command and of Predict.

Run: python -m pytest tests/core/inference/test_notebook.py
"""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from fmnist_core import inference, photo
from fmnist_core.data import load_split
from fmnist_core.inference import photo_answer, photo_calibrations
from fmnist_core.inference.classifier import open_classifier
from fmnist_core.photo.decode import PhotoError, decode
from fmnist_core.photo.drawing import prepare_drawing
from fmnist_core.photo.pipeline import prepare
from fmnist_core.photo.strokes import outline_drawing
from fmnist_core.runs import catalogue, runs
from fmnist_core.storage.folders import PROJECT, RunError


def code_of_the_docs() -> str:
    (code,) = re.findall(r"```python\n(.*?)```", (PROJECT / "docs" / "notebook.md").read_text(encoding="utf-8"), re.S)
    return code


def shoe(path: Path) -> Path:
    """A photo: a boot of the test set, dark on a plain light ground, enlarged."""
    gray = 235 - np.pad(load_split("test").images[0], 6).astype(int) * 200 // 255
    Image.fromarray(gray.astype(np.uint8)).resize((320, 320), Image.Resampling.BILINEAR).save(path)
    return path


def test_the_three_lines_give_the_answer_of_the_app(tmp_path, monkeypatch):
    photo_file = shoe(tmp_path / "shoe.jpg")
    monkeypatch.chdir(tmp_path)
    code = code_of_the_docs()
    assert len([line for line in code.splitlines() if line]) == 3
    found: dict[str, Any] = {}
    exec(code, found)
    row = catalogue.default_run(catalogue.list_rows())
    network = open_classifier(row.run)
    calibration = photo_calibrations.calibration(row.run, network)
    prepared = prepare(decode(photo_file.read_bytes()), "best")
    expected = photo_answer.answer(prepared, network, row.config.class_names, calibration)
    np.testing.assert_array_equal(found["answer"].probabilities, expected.probabilities)
    assert found["answer"].label == expected.label == "Ankle boot"
    assert found["answer"].known == expected.known
    np.testing.assert_array_equal(found["prepared"].picture, prepared.picture)


def test_a_path_its_bytes_and_an_image_are_prepared_alike(tmp_path):
    file = shoe(tmp_path / "shoe.png")
    pictures = [photo.prepare(one).picture for one in (str(file), file, file.read_bytes(), Image.open(file))]
    assert all((picture == pictures[0]).all() for picture in pictures)
    assert (photo.prepare(file, "source").picture != pictures[0]).any()
    with pytest.raises(PhotoError):
        photo.prepare(b"no photo")
    with pytest.raises(FileNotFoundError):
        photo.prepare(tmp_path / "none.jpg")


def test_a_drawing_is_answered_raw_and_by_the_run_that_is_named():
    run = next(run for run in runs.list_runs() if run.id.startswith("patel_dense-"))
    prepared = prepare_drawing(outline_drawing(load_split("test").images[0]))
    raw = photo_answer.answer(prepared, open_classifier(run), runs.read_config(run).class_names)
    np.testing.assert_array_equal(inference.answer(prepared, run.id).probabilities, raw.probabilities)
    with pytest.raises(RunError, match="There is no run"):
        inference.answer(prepared, "cnn_1-20200101-000000-0000")
