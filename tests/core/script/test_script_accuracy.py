"""Scripts on the real data: as accurate as this project's own training of the same recipe, within the seeds' spread."""

import dataclasses
import os
import re
import statistics
import subprocess
import sys
from pathlib import Path

import pytest

from fmnist_core import data
from fmnist_core.networks.layers import Layer, Network
from fmnist_core.recipe import Augmentation, Optimizer, Recipe, Split, Stage
from fmnist_core.runs import runs
from fmnist_core.script.keras_script import keras_script
from fmnist_core.training import training_jobs
from fmnist_core.zoo import MODELS

SEEDS = (0, 1, 2)
LARGEST_T = 4.6  # of Student's distribution with 4 degrees of freedom: 1 % of equal trainings differ more
LEAST = 0.7  # test accuracy: below it, nothing was learned that could be compared

SIX_LAYERS = Network(
    "Six layers",
    (
        Layer("convolution", filters=16),
        Layer("max_pooling"),
        Layer("residual_block", filters=32, stride=2),
        Layer("squeeze_and_excitation"),
        Layer("flatten"),
        Layer("dropout", rate=0.3),
    ),
)
CHANGES = Augmentation(rotation=8, shift=0.05, zoom=0.1, flip=True, cutout=6, cutout_chance=0.5)
RECIPES = {
    "zoo": dataclasses.replace(MODELS["cnn_1"].recipe, stages=(Stage(3),), images=12_000),
    "own": Recipe(
        model="own",
        network=SIX_LAYERS,
        stages=(Stage(2), Stage(2, CHANGES)),
        optimizer=Optimizer("sgd", 0.1, 0.9, True, weight_decay=5e-4, schedule="one_cycle", warm_up=0.25),
        split=Split("random", 5_000),
        loss="categorical_crossentropy",
        label_smoothing=0.1,
        l2=1e-4,
        label_noise=0.1,
        batch_size=128,
        drop_last_batch=True,
        images=12_000,
        keep="best",
        mirror=True,
    ),
}


def by_script(recipe: Recipe, folder: Path) -> float:
    """Test accuracy as the script prints it. Keras finds the data where the script says that it looks."""
    home = folder / "home"
    (home / "datasets").mkdir(parents=True)
    (home / "datasets" / "fashion-mnist").symlink_to(data.data_folder().resolve())
    (folder / "script.py").write_text(keras_script(recipe))
    environment = os.environ | {"KERAS_HOME": str(home)}
    environment.pop("PYTHONPATH", None)  # it runs by itself
    done = subprocess.run([sys.executable, "script.py"], cwd=folder, capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr
    assert (folder / "model.keras").exists()
    return float(re.search(r"test accuracy: (\d\.\d+)", done.stdout)[1])


def by_engine(recipe: Recipe) -> float:
    run = runs.create(recipe)
    status = training_jobs.run_job(run)
    assert status.state == "done", status.message
    return runs.read_result(run).test_accuracy


@pytest.mark.slow
@pytest.mark.parametrize("name", RECIPES)
def test_a_script_is_as_accurate_as_the_engine(name, tmp_path, capsys):
    seeded = [dataclasses.replace(RECIPES[name], seed=seed) for seed in SEEDS]
    scripted = [by_script(recipe, tmp_path / str(recipe.seed)) for recipe in seeded]
    trained = [by_engine(recipe) for recipe in seeded]
    with capsys.disabled():
        print(f"\n{name}: scripts {scripted}, engine {trained}")
    assert min(scripted + trained) > LEAST
    error = ((statistics.variance(scripted) + statistics.variance(trained)) / len(SEEDS)) ** 0.5
    assert abs(statistics.mean(scripted) - statistics.mean(trained)) <= LARGEST_T * error
