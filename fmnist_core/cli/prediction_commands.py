"""The command that classifies photos: predict."""

import argparse
import sys
from typing import Any

from fmnist_core import photo
from fmnist_core.cli.terminal import Answer, tell_notice
from fmnist_core.formatting import percent
from fmnist_core.inference.photo_model import PhotoModel, open_model


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
    model = open_model(options.run)
    tell_notice(model.note)
    rows = []
    for file in options.files:
        rows.append(_row(file, mode, model))
        for warning in rows[-1]["warnings"]:
            print(f"warning: {file}: {warning}", file=sys.stderr)
    options.failed = all(row["error"] for row in rows)
    return rows, "\n".join(f"{row['file']}: {row['error'] or _in_words(row, model.names)}" for row in rows)


def _row(file: str, mode: str, model: PhotoModel) -> dict[str, Any]:
    """One photo's, of values that JSON knows; where `error` is a sentence, the answer is None."""
    from fmnist_core.photo.decode import PhotoError

    found = dict.fromkeys(("label", "probabilities", "calibrated", "known", "in_distribution_score", "error"))
    row: dict[str, Any] = {"file": file, **found, "warnings": []}
    try:
        prepared = photo.prepare(file, mode)
    except PhotoError as error:
        return row | {"error": str(error)}
    except OSError as error:
        return row | {"error": f"The file cannot be read: {error.strerror or error}."}
    answer = model.answer(prepared)
    return row | {
        "label": answer.label,
        "probabilities": answer.probabilities.tolist(),
        "calibrated": model.calibration is not None,
        "known": answer.known,
        "in_distribution_score": answer.in_distribution_score,
        "warnings": list(prepared.warnings),
    }


def _in_words(row: dict[str, Any], names: tuple[str, ...]) -> str:
    best = sorted(zip(row["probabilities"], names, strict=True), reverse=True)[:3]
    words = ", ".join(f"{name} {percent(probability)}" for probability, name in best)
    return f"{words}; not quite like anything it was trained on" if row["known"] is False else words
