"""Every script, run by Keras with few pictures: the network is the zoo's, and a batch trains it."""

import json
import math
import os
import subprocess
import sys
from pathlib import Path

import pytest

from fmnist_core.zoo import MODELS
from fmnist_core.zoo.summaries import load_summaries

SCRIPT = Path(__file__).with_name("scripts_built.py")
EQUAL = 1e-5


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> dict[str, dict]:
    folder = tmp_path_factory.mktemp("scripts")
    environment = os.environ | {"PYTHONPATH": str(SCRIPT.parents[3]), "TF_CPP_MIN_LOG_LEVEL": "3"}
    done = subprocess.run([sys.executable, SCRIPT, folder], capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.long
def test_every_model_is_scripted(built):
    zoo = {name for name, model in MODELS.items() if not model.trunk}
    assert built.keys() == zoo | {"everything", "mirrored", "cycle", "clipped", "trunk"}


def test_they_have_the_parameters_of_the_zoo(built):
    for name, found in built.items():
        assert found["parameters"] == found["expected"], name
        if name in MODELS:
            assert found["parameters"] == sum(layer.parameters for layer in load_summaries()[name]), name


def test_they_answer_as_the_zoo_with_the_same_weights(built):
    for name, found in built.items():
        assert found["difference"] < EQUAL, name
        assert found["stored"] < EQUAL, f"{name}, from its file"


def test_a_batch_of_each_stage_trains_them(built):
    for name, found in built.items():
        assert len(found["losses"]) == found["stages"], name
        assert all(loss is not None and math.isfinite(loss) for loss in found["losses"]), name
