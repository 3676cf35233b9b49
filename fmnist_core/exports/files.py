"""A run's files for use elsewhere, each with its card beside it."""

import shutil
import tempfile
from pathlib import Path

from fmnist_core import zoo
from fmnist_core.exports import card, web_page
from fmnist_core.exports.card import Card
from fmnist_core.runs import exchange, runs
from fmnist_core.runs.runs import Run
from fmnist_core.storage import reading
from fmnist_core.storage.atomic import replacing
from fmnist_core.storage.folders import RunError, reason

FORMATS = ("onnx", "keras", "tflite", "tflite-int8", "web", "run")
_ELSEWHERE = "Name a folder that can be written."


def export(run: Run, folder: Path, format: str) -> tuple[Path, Card | None]:
    """Writes the run in one of `FORMATS` into a folder, which is made; returns what was written and its card.

    onnx, keras: FOLDER/RUN.onnx. tflite, tflite-int8: FOLDER/RUN.tflite, FOLDER/RUN-int8.tflite. web: the folder
    FOLDER/RUN-web. run: FOLDER/RUN.zip, which has no card.
    keras and LiteRT import TensorFlow.

    Raises:
        RunError: the run has not finished, comes without its parameters, or a file cannot be read or written.
        ValueError: an unknown format.
    """
    if format not in FORMATS:
        raise ValueError(f"Unknown format {format!r}. Choose one of: {', '.join(FORMATS)}.")
    if format == "run":
        return exchange.export_run(run, folder), None
    _check_kind(run, format)
    if run.shipped and not (run.folder / "model.onnx").exists():
        raise RunError(
            f"The run {run.id} ships without its parameters, to keep the app small. Train it again: "
            f"python -m fmnist_core reproduce {run.id.split('-')[0]}"
        )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if format == "web":
            return web_page.export(run, folder)
        if format in ("onnx", "keras"):
            return _copied(run, folder, format)
        return _converted(run, folder, format == "tflite-int8")
    except OSError as error:
        raise RunError(f"The model cannot be exported to {folder}: {reason(error)}. {_ELSEWHERE}") from None


def _check_kind(run: Run, format: str) -> None:
    """Raises RunError where a finished run cannot be had in that format: it is taught, or no network of the zoo."""
    taught, config = runs.read_result(run).taught, runs.read_config(run)
    if taught and format not in ("onnx", "web"):
        raise RunError(
            f"The run {run.id} has no Keras model: Keras never saw the classes it was taught. Export it as onnx, web "
            "or run."
        )
    if (kind := zoo.kind_of(config.recipe)) == "network":
        return
    what = "was brought in" if kind == "brought in" else "is a classical model"
    if not (run.folder / "model.onnx").exists():
        raise RunError(f"The run {run.id} {what} and has no ONNX file. It can be exported whole: --format run.")
    if format not in ("onnx", "web"):
        raise RunError(f"The run {run.id} {what}, so there is no Keras model of it. Export it as onnx, web or run.")


def _copied(run: Run, folder: Path, format: str) -> tuple[Path, Card]:
    target = folder / f"{run.id}.{format}"
    if format == "onnx":
        with replacing(target) as temporary:
            shutil.copyfile(run.folder / "model.onnx", temporary)
    else:
        _keras_model(run, target)
    made = card.card_of(run, target, {"onnx": "ONNX", "keras": "Keras 3"}[format])
    card.write(made, target)
    return target, made


def _keras_model(run: Run, target: Path) -> None:
    if run.shipped and not (run.folder / "model.keras").exists():
        from fmnist_core.training import rebuild

        rebuild.save_keras_model(run, target)
        return
    with replacing(target) as temporary:
        shutil.copyfile(run.folder / "model.keras", temporary)


def _converted(run: Run, folder: Path, whole_numbers: bool) -> tuple[Path, Card]:
    from fmnist_core.exports import litert

    with tempfile.TemporaryDirectory() as place:
        source = Path(place) / "model.keras"
        _keras_model(run, source)
        content, logits = litert.convert(reading.read_bytes(source), whole_numbers)
    checked = card.compare(run, logits)
    target = folder / f"{run.id}{'-int8' * whole_numbers}.tflite"
    with replacing(target) as temporary:
        temporary.write_bytes(content)
    made = card.card_of(
        run,
        target,
        f"LiteRT, {'int8' if whole_numbers else 'float32'}",
        checked=checked,
        quantized_with=litert.quantized_with() if whole_numbers else None,
    )
    card.write(made, target)
    return target, made
