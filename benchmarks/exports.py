"""Exported files beside the ONNX file they are made of: LiteRT in float32 and int8, on test pictures.

    python -m benchmarks.exports [RUN ...]

Six runs that ship by default. Agreement is the share of the first 1,000 test pictures that get the same class (aim:
99.9 % in float32); accuracy is that on all 10,000 (aim: int8 within 0.5 points of the ONNX file).
"""

import argparse
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from fmnist_core.data import load_split
from fmnist_core.exports import card, files, litert
from fmnist_core.runs import runs
from fmnist_core.runs.runs import Run
from fmnist_core.storage.folders import RunError
from tests.tiny import shipped_run

MODELS = ("flagship", "cnn_2", "lenet5_rbf", "lstm_rows", "patel_dense", "minivggnet")
LEAST_SAME, MOST_LOST = 0.999, 0.005


class Figures(NamedTuple):
    format: str
    bytes: int
    same: float  # of the first 1,000
    accuracy: float  # of `pictures`
    onnx: float

    @property
    def reached(self) -> bool:
        return self.same >= LEAST_SAME if self.format == "tflite" else self.onnx - self.accuracy <= MOST_LOST


def measure(run: Run, pictures: int) -> Iterator[Figures]:
    for format in ("tflite", "tflite-int8"):
        with tempfile.TemporaryDirectory() as folder:
            file, made = files.export(run, Path(folder), format)
            content = file.read_bytes()
        found = card.compare(run, litert.logits(content, load_split("test").images[:pictures]))
        same = made.checked.same_class if made and made.checked else 0.0
        yield Figures(format, len(content), same, found.accuracy, found.accuracy_of_onnx)


def chosen(names: Sequence[str]) -> list[Run]:
    """The runs of these names, by default the newest that ships of each of six models."""
    return [runs.find(name) for name in names] or [shipped_run(model) for model in MODELS]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runs", nargs="*", metavar="RUN", help="by default the newest of each of six models")
    parser.add_argument("--pictures", type=int, default=10_000, help="test pictures for the accuracy")
    options = parser.parse_args()
    print(f"{'run':<40}{'format':<13}{'MB':>6}{'same':>9}{'accuracy':>10}{'ONNX':>9}")
    for run in chosen(options.runs):
        try:
            for one in measure(run, options.pictures):
                figures = f"{one.bytes / 1e6:>6.2f}{one.same:>9.1%}{one.accuracy:>10.2%}{one.onnx:>9.2%}"
                print(f"{run.id:<40}{one.format:<13}{figures}  {'reached' if one.reached else 'MISSED'}", flush=True)
        except RunError as error:
            print(f"{run.id:<40}{error}", flush=True)
    sys.stdout.flush()


if __name__ == "__main__":
    main()
