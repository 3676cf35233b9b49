"""Both engines of the map side by side: how good a layout is, and how long until its first frame and to its end.

The features that a shipped network makes of the test pictures, brought to 64 principal components as for every map;
t-SNE and UMAP, ours and that of scikit-learn and umap-learn, usual parameters. Each in a new process, as a job makes a
map, with what it imports and compiles; frames are watched all the while, as a job does. The engines take turns, so that
a noisy machine hits both; of several rounds the medians.

    python -m benchmarks.map_core [--points N] [--rounds N] [--method tsne|umap|pca] [--run RUN]
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import psutil

from fmnist_core import data
from fmnist_core.embedding.quality import knn_accuracy, trustworthiness
from fmnist_core.inference.classifier import open_classifier
from fmnist_core.machine import describe_machine
from fmnist_core.maps import vectors
from fmnist_core.maps.map_spec import ENGINES, LIBRARIES, METHOD_WORDS
from fmnist_core.runs import catalogue, runs
from fmnist_core.storage import folders

ALLOWED = 0.005  # of kNN accuracy below the library's

# Arguments: method, engine, dimensions, the vectors' file, the layout's file. Prints seconds since the process began.
LAY_OUT = """
import json, sys, time
import psutil
began = psutil.Process().create_time()
import numpy
method, engine, dims, given, found = sys.argv[1:]
vectors, seen = numpy.load(given), {}

def watch(iteration, coordinates):
    if iteration == 1:
        seen["first"] = time.time() - began

if engine == "library":
    from fmnist_core.embedding import library as ours
    lay_out = getattr(ours, method)
elif method == "pca":
    from fmnist_core.embedding.layout import Layout, pca_start
    lay_out = lambda vectors, dims: Layout(pca_start(vectors, dims), 0)
else:
    import importlib
    lay_out = getattr(importlib.import_module("fmnist_core.embedding." + method), method)
watching = {} if method == "pca" else {"on_iteration": watch}
numpy.save(found, lay_out(vectors, int(dims), **watching).coordinates)
seen["end"] = time.time() - began
print(json.dumps({"first": seen["end"]} | seen))
"""


@dataclass(frozen=True)
class Measured:
    first: float  # seconds from the start of the process to its first frame
    end: float  # to the finished layout
    accuracy: float  # of the ten nearest on the map
    trust: float  # trustworthiness


def features(run_id: str | None, points: int) -> tuple[np.ndarray, np.ndarray, str]:
    """(n, 65) float32 as a map has them, (n,) labels, and the run's id."""
    row = catalogue.default_run(catalogue.list_rows()) if run_id is None else catalogue.describe(runs.find(run_id))
    if row is None:
        raise SystemExit("There is no finished run. Train one: python -m fmnist_core train cnn_2")
    pictures = data.load_split("test")
    found = vectors.fit(vectors.FEATURES, pictures.images[:points], open_classifier(row.run))[1]
    return found, pictures.labels[:points], row.run.id


def lay_out(method: str, engine: str, dims: int, given: np.ndarray, labels: np.ndarray) -> Measured:
    """In a new process."""
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder, name) for name in ("vectors.npy", "layout.npy")]
        np.save(files[0], given)
        command = [sys.executable, "-c", LAY_OUT, method, engine, str(dims), *map(str, files)]
        answer = subprocess.run(command, cwd=folders.PROJECT, check=True, stdout=subprocess.PIPE, text=True).stdout
        layout = np.load(files[1])
    seconds = json.loads(answer.splitlines()[-1])
    accuracy = knn_accuracy(layout, labels) or 0.0
    return Measured(seconds["first"], seconds["end"], accuracy, trustworthiness(given, layout) or 0.0)


def median_of(rounds: list[Measured]) -> Measured:
    return Measured(
        *(statistics.median(values) for values in zip(*(vars(one).values() for one in rounds), strict=True))
    )


def compare(method: str, dims: int, rounds: int, given: np.ndarray, labels: np.ndarray) -> None:
    """Prints a line an engine, and whether ours is as good."""
    found: dict[str, list[Measured]] = {engine: [] for engine in ENGINES}
    for number in range(rounds):
        for engine in ENGINES if number % 2 == 0 else ENGINES[::-1]:
            found[engine].append(lay_out(method, engine, dims, given, labels))
    medians = {engine: median_of(measured) for engine, measured in found.items()}
    for engine, one in medians.items():
        who = "built-in" if engine == "built-in" else LIBRARIES[method]
        quality = f"{one.accuracy:.4f} | {one.trust:.4f}"
        print(f"| {METHOD_WORDS[method]} | {who} | {quality} | {one.first:.1f} | {one.end:.1f} |", flush=True)
    difference = medians["built-in"].accuracy - medians["library"].accuracy
    verdict = "ok" if difference >= -ALLOWED else "falls short"
    print(f"<!-- built-in at most {100 * ALLOWED:.1f} points below: {100 * difference:+.2f}, {verdict} -->", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--points", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--dims", type=int, choices=(2, 3), default=2)
    parser.add_argument("--method", choices=tuple(METHOD_WORDS), help="default: all")
    parser.add_argument("--run")
    options = parser.parse_args()
    given, labels, run_id = features(options.run, options.points)
    print(describe_machine())
    print(f"Load before: {psutil.getloadavg()[0]:.1f}. {run_id}: {len(given):,} x {given.shape[1]}, {options.dims}D")
    print("| method | engine | kNN accuracy | trustworthiness | first frame, s | end, s |")
    print("| --- | --- | ---: | ---: | ---: | ---: |")
    for method in METHOD_WORDS if options.method is None else (options.method,):
        compare(method, options.dims, options.rounds, given, labels)


if __name__ == "__main__":
    main()
