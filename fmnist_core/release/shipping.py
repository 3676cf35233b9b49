"""A finished run made small enough to come with the app: assets/runs.

Everything that gives a figure stays to the last digit: recipe, versions, machine, curves, logits. Weights become
float16 where that costs at most 0.05 points of test accuracy, and very large networks come without theirs.
"""

import dataclasses
import shutil
import zipfile
from pathlib import Path

import numpy as np

from fmnist_core import data
from fmnist_core.inference.classifier import Classifier, measure_latency
from fmnist_core.recipe import Recipe
from fmnist_core.runs import curves, runs, size_curve
from fmnist_core.runs.records import Result, StoredWeights
from fmnist_core.runs.runs import Run
from fmnist_core.storage import folders, stored_arrays
from fmnist_core.storage.folders import RunError
from fmnist_core.zoo import get_model, get_trainable

# Shipped with replay files and the Keras model, with their first seed.
WHOLE = ("simple_nn", "lenet5_rbf", "cnn_2", "flagship")
MOST_PARAMETERS = 2_000_000  # a larger network comes without its weights
MOST_BYTES_OF_A_FIT = 500_000  # of the ONNX model of a classical baseline
LARGEST_LOSS = 0.0005  # of test accuracy, by storing the weights as float16
MOST_EPOCHS = 12  # of the replay
SMALL_ARRAY = 256  # numbers; what is smaller stays float32: biases, shapes
FINE = 8  # principal components of the map that keep their digits: 0.1 MB a run
STEPS_A_DEVIATION = 32  # features are rounded to this part of the largest standard deviation among them
_COPIED = ("config.json", "status.json", "metrics.jsonl", "predictions.npz")


def ship(run: Run) -> Run:
    """Puts a finished run of a published recipe into assets/runs, in place of the one of that model and seed.

    Raises:
        RunError: it has not finished, or its recipe is not the published one.
    """
    config, result = runs.read_config(run), runs.read_result(run)
    chosen = config.recipe
    if chosen.network is not None:
        raise RunError(f"The run {run.id} is of an own network; only models of the zoo ship. Export it instead.")
    published = get_trainable(chosen.model).recipe
    if result.cancelled or runs.read_status(run).state != "done":
        raise RunError(f"The run {run.id} was stopped before its last epoch. Resume it first.")
    if chosen != dataclasses.replace(published, seed=chosen.seed):
        raise RunError(f"The run {run.id} does not follow the published recipe of {chosen.model}.")
    target = Run(folders.shipped_folder() / run.id, shipped=True)
    hidden = Run(target.folder.with_name(f".{run.id}"), shipped=True)
    shutil.rmtree(hidden.folder, ignore_errors=True)
    hidden.folder.mkdir(parents=True)
    try:
        if chosen.has_epochs:
            weights = _copy(run, hidden, chosen, result)
            latency = measure_latency(Classifier(run.folder / "model.onnx"))
        else:
            _copy_fit(run, hidden)
            weights, latency = None, result.seconds_per_picture
        lines = runs.read_metrics(run)
        small = dataclasses.replace(
            result,
            overfits_after=curves.overfits_after(lines),
            last_swing=curves.last_swing(lines),
            weights=weights,
            seconds_per_picture=latency,
            files=runs.describe_files(hidden),
        )
        runs.write_result(hidden, small)
        for old in _shipped_of(chosen.model, chosen.seed):
            shutil.rmtree(old.folder)
        hidden.folder.rename(target.folder)
    finally:
        shutil.rmtree(hidden.folder, ignore_errors=True)
    return target


def _shipped_of(model: str, seed: int) -> list[Run]:
    found = [run for run in runs.list_runs() if run.shipped and run.id.startswith(f"{model}-")]
    return [run for run in found if runs.read_config(run).recipe.seed == seed]


def _copy(run: Run, target: Run, chosen: Recipe, result: Result) -> StoredWeights | None:
    """Copies what ships; returns how the weights are stored, None where they are left out."""
    whole = chosen.model in WHOLE and chosen.seed == get_model(chosen.model).recipe.seed
    for name in _COPIED:
        shutil.copyfile(run.folder / name, target.folder / name)
    if (run.folder / "stages").exists():
        shutil.copytree(run.folder / "stages", target.folder / "stages")
    (target.folder / "maps").mkdir()
    _round_file(run, target, "maps/features.npz", "coordinates", FINE)
    if whole:
        (target.folder / "replay").mkdir()
        for path in _shipped_epochs(run):
            _round_file(run, target, f"replay/{path.name}", "features")
    if result.parameters > MOST_PARAMETERS:
        return None
    weights = _store_weights(run, target, result.test_accuracy)
    if whole:
        _halve_keras(run.folder / "model.keras", target.folder / "model.keras")
    return weights


def _copy_fit(run: Run, target: Run) -> None:
    """Of a classical baseline: its ONNX model only where that is small, and as it is."""
    for name in (*_COPIED, size_curve.FILE):
        shutil.copyfile(run.folder / name, target.folder / name)
    if (run.folder / "maps" / "features.npz").exists():
        (target.folder / "maps").mkdir()
        _round_file(run, target, "maps/features.npz", "coordinates", FINE)
    model = run.folder / "model.onnx"
    if model.exists() and model.stat().st_size <= MOST_BYTES_OF_A_FIT:
        shutil.copyfile(model, target.folder / "model.onnx")


def _shipped_epochs(run: Run) -> list[Path]:
    """Of a long training every other stored epoch, with the first and the last: half the size, and as good to watch."""
    stored = sorted((run.folder / "replay").glob("*.npz"))
    return stored if len(stored) <= MOST_EPOCHS else sorted({stored[0], *stored[::-2]})


def _round_file(run: Run, target: Run, name: str, rounded: str, fine: int = 0) -> None:
    """Copies arrays, one of them with fewer digits, so that they compress: the distances hardly change.

    fine: so many columns from the first on keep their digits. They become axes, on which rounding shows as a lattice.
    """
    arrays = stored_arrays.load(run.folder / name)
    arrays[rounded] = rounded_columns(arrays[rounded].astype(np.float32), fine)
    stored_arrays.save(target.folder / name, arrays)


def rounded_columns(values: np.ndarray, fine: int) -> np.ndarray:
    """(n, ..., d) float32 -> float16, all but the first `fine` of the last axis rounded."""
    step = max(float(values.std(axis=0).max()) / STEPS_A_DEVIATION, 1e-6)
    coarse = np.round(values / step) * step
    coarse[..., :fine] = values[..., :fine]
    return stored_arrays.as_float16(coarse)


def _store_weights(run: Run, target: Run, accuracy: float) -> StoredWeights:
    """Writes model.onnx with float16 weights, or as it is where these lose too much."""
    path = target.folder / "model.onnx"
    halve_weights(run.folder / "model.onnx", path)
    test = data.load_split("test")
    halved = float((Classifier(path).logits(test.images).argmax(axis=1) == test.labels).mean())
    if abs(halved - accuracy) <= LARGEST_LOSS:
        return StoredWeights("float16", round(halved, 6))
    shutil.copyfile(run.folder / "model.onnx", path)
    return StoredWeights("float32", accuracy)


def halve_weights(source: Path, target: Path) -> None:
    """Stores an ONNX model's float32 weights as float16, each behind a node that makes it float32 again.

    ONNX Runtime does that once, when it opens the model: it computes in float32 as before.
    """
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    model = onnx.load(source)
    casts = []
    for tensor in model.graph.initializer:
        values = numpy_helper.to_array(tensor)
        if tensor.data_type != TensorProto.FLOAT or values.size < SMALL_ARRAY:
            continue
        name = tensor.name
        tensor.CopyFrom(numpy_helper.from_array(stored_arrays.as_float16(values), f"{name}/float16"))
        casts.append(helper.make_node("Cast", [tensor.name], [name], to=TensorProto.FLOAT))
    nodes = [*casts, *model.graph.node]
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    onnx.save(model, target)


def _halve_keras(source: Path, target: Path) -> None:
    """The Keras model with weights rounded to float16, compressed: float32 in type, half the size in the file."""
    import keras

    import fmnist_core.zoo.layers  # noqa: F401 - registers our own layers with Keras

    model = keras.models.load_model(source, compile=False)
    model.set_weights([stored_arrays.as_float16(weight).astype(np.float32) for weight in model.get_weights()])
    model.save(target)
    with zipfile.ZipFile(target) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
