"""The Keras model of a run that ships without one answers as its ONNX model does.

Run: python -m pytest tests/core/training/test_rebuild.py
"""

import keras
import numpy as np
import pytest

import fmnist_core.zoo.layers  # noqa: F401 - registers our own layers with Keras
from fmnist_core import data
from fmnist_core.inference.classifier import Classifier
from fmnist_core.storage.folders import RunError
from fmnist_core.training.rebuild import save_keras_model
from tests.tiny import shipped_run


@pytest.mark.some(2)
@pytest.mark.parametrize("model", ["cnn_4conv", "lstm_rows", "lenet5_rbf"])
def test_the_model_answers_as_the_exported_one(model, tmp_path):
    """Batch normalization before and after convolutions and dense layers, gates, radial basis."""
    run, file = shipped_run(model), tmp_path / "model.keras"
    save_keras_model(run, file)
    images = data.load_split("test").images[2_000:2_040]  # not those that it is checked with
    network = keras.models.load_model(file, compile=False)
    expected = Classifier(run.folder / "model.onnx").logits(images)
    found = network.predict_on_batch(data.to_network_input(images))
    np.testing.assert_allclose(found, expected, atol=2e-4 * max(1.0, float(np.abs(expected).max())))


def test_a_run_without_parameters_has_none(tmp_path):
    with pytest.raises(RunError, match="comes without its parameters"):
        save_keras_model(shipped_run("patel_deep"), tmp_path / "model.keras")
    assert not list(tmp_path.iterdir())


def test_parameters_of_another_network_are_refused(run, tmp_path):
    (run.folder / "model.onnx").write_bytes((shipped_run("cnn_2").folder / "model.onnx").read_bytes())
    with pytest.raises(RunError, match="do not fit its network"):
        save_keras_model(run, tmp_path / "model.keras")
