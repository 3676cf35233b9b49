"""Our t-SNE and UMAP against scikit-learn's and umap-learn's own: speed, and how good the layouts are.

The same input (the features that a shipped network makes of the test pictures), the same perplexity and iterations,
t-SNE started by PCA in both; alternating, so that a noisy machine hits both. Ours keeps its frames all the while. UMAP
is measured in new processes, as a map is made in one, with what has to be compiled; without umap-learn it is left out.

    python -m benchmarks.map_core [--points N] [--pairs N] [--run RUN]
"""

import argparse
import importlib.util
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np

from benchmarks.pairs import median_ratio, show
from fmnist_core import data
from fmnist_core.embedding.quality import knn_accuracy, trustworthiness
from fmnist_core.embedding.tsne import tsne
from fmnist_core.embedding.umap import umap
from fmnist_core.inference.classifier import open_classifier
from fmnist_core.machine import describe_machine
from fmnist_core.runs import catalogue, runs

ALLOWED = 0.005  # of kNN accuracy below the other's

THEIR_UMAP = """
import sys, warnings
sys.modules["tensorflow"] = None  # or umap would import it, for seconds
warnings.simplefilter("ignore")
import numpy, umap
vectors = numpy.load(sys.argv[1])
numpy.save(sys.argv[2], umap.UMAP(random_state=0).fit_transform(vectors))
"""
OUR_UMAP = """
import sys
import numpy
from fmnist_core.embedding.umap import umap
vectors = numpy.load(sys.argv[1])
numpy.save(sys.argv[2], umap(vectors).coordinates)
"""


def features(run_id: str | None, points: int) -> tuple[np.ndarray, np.ndarray, str]:
    row = catalogue.default_run(catalogue.list_rows()) if run_id is None else catalogue.describe(runs.find(run_id))
    if row is None:
        raise SystemExit("There is no finished run. Train one: python -m fmnist_core train cnn_2")
    pictures = data.load_split("test")
    found = open_classifier(row.run).features(pictures.images[:points])
    return found, pictures.labels[:points], row.run.id


def timed(lay_out: Callable[[], np.ndarray], layouts: list[np.ndarray]) -> Callable[[], float]:
    def run() -> float:
        start = time.perf_counter()
        layouts.append(lay_out())
        seconds = time.perf_counter() - start
        print(f"  {seconds:.1f} s", flush=True)
        return 1 / seconds

    return run


def their_tsne(vectors: np.ndarray, dims: int) -> np.ndarray:
    from sklearn.manifold import TSNE

    return TSNE(dims, init="pca", learning_rate="auto", max_iter=1_000, random_state=0, n_jobs=-1).fit_transform(
        vectors
    )


def our_tsne(vectors: np.ndarray, dims: int) -> np.ndarray:
    frames: list[np.ndarray] = []

    def keep(iteration: int, coordinates: np.ndarray) -> None:
        if iteration % 25 == 0:
            frames.append(coordinates.copy())

    return tsne(vectors, dims, on_iteration=keep).coordinates


def in_new_process(code: str, vectors: np.ndarray) -> np.ndarray:
    with tempfile.TemporaryDirectory() as folder:
        given, found = Path(folder, "vectors.npy"), Path(folder, "layout.npy")
        np.save(given, vectors)
        subprocess.run([sys.executable, "-c", code, str(given), str(found)], check=True)
        return np.load(found)


def first_frame(method: Callable[..., object], vectors: np.ndarray) -> float:
    start = time.perf_counter()
    method(vectors, on_iteration=lambda number, coordinates: number == 1)
    return time.perf_counter() - start


def judge(name: str, ours: np.ndarray, theirs: np.ndarray, vectors: np.ndarray, labels: np.ndarray) -> None:
    figures = [(knn_accuracy(layout, labels), trustworthiness(vectors, layout)) for layout in (ours, theirs)]
    verdict = "ok" if (figures[0][0] or 0) >= (figures[1][0] or 0) - ALLOWED else "falls short"
    for who, (accuracy, trust) in zip(("ours", "theirs"), figures, strict=True):
        print(f"{name}, {who}: kNN accuracy (k = 10) {accuracy:.4f}, trustworthiness {trust:.4f}")
    print(f"{name}: ours at most {100 * ALLOWED:.1f} points below: {verdict}", flush=True)


def compare(
    name: str,
    ours: Callable[[], np.ndarray],
    theirs: Callable[[], np.ndarray],
    pairs: int,
    vectors: np.ndarray,
    labels: np.ndarray,
) -> None:
    layouts: tuple[list[np.ndarray], list[np.ndarray]] = ([], [])
    ratio, ratios = median_ratio(timed(ours, layouts[0]), timed(theirs, layouts[1]), pairs)
    show(f"{name}, {len(vectors):,} points: our speed / theirs", ratio, ratios, 1.0)
    judge(name, layouts[0][-1], layouts[1][-1], vectors, labels)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--points", type=int, default=10_000)
    parser.add_argument("--pairs", type=int, default=3)
    parser.add_argument("--dims", type=int, choices=(2, 3), default=2)
    parser.add_argument("--run")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    vectors, labels, run_id = features(options.run, options.points)
    print(describe_machine())
    print(f"{run_id}: {len(vectors):,} x {vectors.shape[1]}")
    for name, method in (("t-SNE", tsne), ("UMAP", umap)):
        print(f"{name}: first frame after {first_frame(method, vectors):.1f} s")
    dims = options.dims
    ours, theirs = (lambda: our_tsne(vectors, dims)), (lambda: their_tsne(vectors, dims))
    compare(f"t-SNE in {dims}D, scikit-learn", ours, theirs, options.pairs, vectors, labels)
    if importlib.util.find_spec("umap") is None:
        print("UMAP: umap-learn is not installed, so there is nothing to compare with (pip install umap-learn).")
        return
    ours, theirs = (lambda: in_new_process(OUR_UMAP, vectors)), (lambda: in_new_process(THEIR_UMAP, vectors))
    compare("UMAP, umap-learn", ours, theirs, options.pairs, vectors, labels)


if __name__ == "__main__":
    main()
