"""The command that classifies photos: predict."""

import argparse
import sys
from pathlib import Path
from typing import Any

from fmnist_core import catalogue, evaluation, runs
from fmnist_core.classifier import open_classifier
from fmnist_core.runs import RunError
from fmnist_core.training_commands import Answer, percent


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("files", nargs="+", metavar="FILE")
    parser.add_argument("--run", help="default: the run that the app opens with")
    parser.add_argument("--mode", help="how a photo becomes a picture")


def predict(options: Any) -> Answer:
    from fmnist_core.photo.decode import PhotoError, decode
    from fmnist_core.photo.pipeline import DEFAULT_MODE, prepare

    if options.run:
        run = runs.find(options.run)
    elif row := catalogue.default_run(catalogue.list_rows()):
        run = row.run
    else:
        raise RunError("There is no finished run to classify with. Train one: python -m fmnist_core train cnn_2")
    names = runs.read_config(run).class_names
    classifier = open_classifier(run)
    rows: list[dict[str, Any]] = []
    for file in options.files:
        row_: dict[str, Any] = {"file": file, "label": None, "probabilities": None, "error": None, "warnings": []}
        try:
            prepared = prepare(decode(Path(file).read_bytes()), options.mode or DEFAULT_MODE)
            probabilities = evaluation.softmax(classifier.logits(prepared.picture[None]))[0]
            row_["warnings"] = list(prepared.warnings)
            row_ |= {"label": names[int(probabilities.argmax())], "probabilities": probabilities.tolist()}
        except PhotoError as error:
            row_["error"] = str(error)
        except OSError as error:
            row_["error"] = f"The file cannot be read: {error.strerror or error}."
        rows.append(row_)
        for warning in row_["warnings"]:
            print(f"warning: {file}: {warning}", file=sys.stderr)
    options.failed = all(row["error"] for row in rows)
    return rows, "\n".join(f"{row['file']}: {row['error'] or _top(row, names)}" for row in rows)


def _top(row: dict[str, Any], names: tuple[str, ...]) -> str:
    best = sorted(zip(row["probabilities"], names, strict=True), reverse=True)[:3]
    return ", ".join(f"{name} {percent(probability)}" for probability, name in best)
