"""The command that classifies photos: predict."""

import argparse
import sys
from pathlib import Path
from typing import Any, NamedTuple

from fmnist_core import data
from fmnist_core.analysis.photo_calibration import PhotoCalibration
from fmnist_core.cli.terminal import Answer
from fmnist_core.data import DataError
from fmnist_core.formatting import percent
from fmnist_core.inference import photo_calibrations
from fmnist_core.inference.classifier import Classifier, open_classifier
from fmnist_core.runs import catalogue, runs
from fmnist_core.runs.runs import Run
from fmnist_core.storage.folders import RunError


class Model(NamedTuple):
    names: tuple[str, ...]
    classifier: Classifier
    calibration: PhotoCalibration | None


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("files", nargs="+", metavar="FILE")
    parser.add_argument("--run", help="default: the run that the app opens with")
    parser.add_argument(
        "--mode", help="how a photo becomes a picture: source, letterbox, zalando or best, which is the default"
    )


def predict(options: Any) -> Answer:
    from fmnist_core.photo.pipeline import DEFAULT_MODE, MODES

    mode = options.mode or DEFAULT_MODE
    if mode not in MODES:
        raise ValueError(f"Unknown mode {mode!r}. Choose one of: {', '.join(MODES)}.")
    run = _choose_run(options.run)
    model = open_model(run)
    rows = []
    for file in options.files:
        rows.append(_row(file, mode, model))
        for warning in rows[-1]["warnings"]:
            print(f"warning: {file}: {warning}", file=sys.stderr)
    options.failed = all(row["error"] for row in rows)
    return rows, "\n".join(f"{row['file']}: {row['error'] or _in_words(row, model.names)}" for row in rows)


def _choose_run(run_id: str | None) -> Run:
    if run_id:
        return runs.find(run_id)
    row = catalogue.default_run(catalogue.list_rows())
    if row is None:
        raise RunError("There is no finished run to classify with. Train one: python -m fmnist_core train cnn_2")
    return row.run


def open_model(run: Run) -> Model:
    names, classifier = runs.read_config(run).class_names, open_classifier(run)
    try:
        data.load_split("train")  # its outlines tell what is strange
        calibration = photo_calibrations.calibration(run, classifier)
    except DataError as error:
        words = "Probabilities are raw, and whether the run knows these photos cannot be told."
        print(f"warning: {words} {error}", file=sys.stderr)
        calibration = None
    return Model(names, classifier, calibration)


def _row(file: str, mode: str, model: Model) -> dict[str, Any]:
    """One photo's, of values that JSON knows; where `error` is a sentence, the answer is None."""
    from fmnist_core.inference import photo_answer
    from fmnist_core.photo.decode import PhotoError, decode_with_notes
    from fmnist_core.photo.pipeline import prepare

    found = dict.fromkeys(("label", "probabilities", "calibrated", "known", "in_distribution_score", "error"))
    row: dict[str, Any] = {"file": file, **found, "warnings": []}
    try:
        image, notes = decode_with_notes(Path(file).read_bytes())
        prepared = prepare(image, mode)
    except PhotoError as error:
        return row | {"error": str(error)}
    except OSError as error:
        return row | {"error": f"The file cannot be read: {error.strerror or error}."}
    answer = photo_answer.answer(prepared, model.classifier, model.names, model.calibration)
    return row | {
        "label": answer.label,
        "probabilities": answer.probabilities.tolist(),
        "calibrated": model.calibration is not None,
        "known": answer.known,
        "in_distribution_score": answer.in_distribution_score,
        "warnings": [*notes, *prepared.warnings],
    }


def _in_words(row: dict[str, Any], names: tuple[str, ...]) -> str:
    best = sorted(zip(row["probabilities"], names, strict=True), reverse=True)[:3]
    words = ", ".join(f"{name} {percent(probability)}" for probability, name in best)
    return f"{words}; not quite like anything it was trained on" if row["known"] is False else words
