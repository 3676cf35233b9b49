"""The work on one map, in its order: vectors, PCA start, layout, figures, file; frames are shown all the while."""

import contextlib
import dataclasses
import time
from typing import Any

import numpy as np

from fmnist_core.embedding import library, quality
from fmnist_core.embedding.alignment import align
from fmnist_core.embedding.layout import Layout, pca_start
from fmnist_core.embedding.neighbours import AskedToStop, nearest
from fmnist_core.embedding.tsne import ITERATIONS, tsne
from fmnist_core.embedding.umap import EPOCHS, EPOCHS_OF_MANY, MANY, umap
from fmnist_core.jobs.worker import Ending, Reporter
from fmnist_core.maps import map_vectors, maps
from fmnist_core.maps.map_spec import MapSpec, labels_at, parse_spec, resolve
from fmnist_core.maps.maps import Figures, MapFiles, Stored, method_words
from fmnist_core.storage import reading
from fmnist_core.storage.schema import parse_json


def iterations_of(spec: MapSpec, points: int | None) -> int:
    """How many a map takes; points None: not known yet."""
    if spec.method == "pca":
        return 0
    if spec.method == "tsne":
        return spec.parameters.iterations or ITERATIONS
    more = library.MORE_EPOCHS if spec.parameters.densmap else 0
    return spec.parameters.iterations or more + (EPOCHS if points is None or points <= MANY else EPOCHS_OF_MANY)


class MapMaker:
    """The work on one map, in its order: vectors, PCA start, layout, figures, file."""

    def __init__(self, files: MapFiles, reporter: Reporter):
        self._files, self._reporter = files, reporter
        self._began = time.time()
        self._spec = parse_spec(parse_json(reading.read_bytes(files.job / "spec.json")))
        self._positions = resolve(self._spec)
        self._total = iterations_of(self._spec, len(self._positions))
        self._due = set(maps.frame_iterations(self._total, len(self._positions))) if self._total else set()
        self._frames: list[np.ndarray] = []
        self._scales: list[float] = []
        self._iterations: list[int] = []
        self._last: np.ndarray | None = None  # the newest frame, aligned with the one before
        self._reduced = ""

    def make(self) -> Ending:
        self._reporter.update(epochs=self._total)
        try:
            space, found = map_vectors.make_vectors(
                self._spec, self._positions, lambda share: self._reporter.cancelled()
            )
        except AskedToStop:
            return Ending("cancelled", "Stopped before there was anything to see.")
        self._reduced = space.reduced
        vectors = map_vectors.original(self._spec, found)
        layout = self._lay_out(vectors)
        if self._last is None or self._iterations[-1] != layout.iterations:
            self._keep_frame(layout.iterations, layout.coordinates)
        words = "Measuring how far it can be trusted."
        self._reporter.update(phase="measuring", message=words, epoch=layout.iterations)
        figures = Figures(0.0, layout.iterations, layout.stopped, reduced=self._reduced, notes=layout.notes)
        trust = None
        if not layout.stopped or len(vectors) <= quality.EXACT_ROWS:
            figures, trust = self._measure(figures, vectors, layout.neighbours)
        figures = dataclasses.replace(figures, seconds=time.time() - self._began)
        self._files.file.parent.mkdir(parents=True, exist_ok=True)
        maps.save(self._files.file, self._stored(figures, trust))
        if layout.stopped:
            message = f"Stopped after {layout.iterations:,} iterations; what was there is kept."
            return Ending("cancelled", message, layout.iterations, discard=True)
        return Ending(epoch=layout.iterations, discard=True)

    def _lay_out(self, vectors: np.ndarray) -> Layout:
        chosen, dims = self._spec.parameters, self._spec.dims
        by_library = self._spec.library is not None
        if self._spec.method == "pca":
            found = library.pca(vectors, dims) if by_library else Layout(pca_start(vectors, dims), 0)
            self._keep_frame(0, found.coordinates)
            return found
        common: dict[str, Any] = {
            "seed": chosen.seed,
            "metric": chosen.metric,
            "iterations": self._total,
            "on_iteration": self._watch,
        }
        if self._spec.method == "tsne":
            common |= {
                "perplexity": chosen.perplexity,
                "learning_rate": chosen.learning_rate,
                "early_exaggeration": chosen.early_exaggeration,
            }
            return library.tsne(vectors, dims, **common) if by_library else tsne(vectors, dims, **common)
        common["min_dist"] = chosen.min_dist
        common["labels"] = labels_at(self._spec.pictures.split, self._positions) if chosen.supervised else None
        if by_library:
            return library.umap(vectors, dims, n_neighbors=chosen.n_neighbors, densmap=chosen.densmap, **common)
        return umap(vectors, dims, n_neighbors=chosen.n_neighbors, **common)

    def _watch(self, iteration: int, coordinates: np.ndarray) -> bool:
        if iteration in self._due or (iteration == 0 and not self._frames):
            self._keep_frame(iteration, coordinates)
        return self._reporter.cancelled()

    def _keep_frame(self, iteration: int, coordinates: np.ndarray) -> None:
        centred = coordinates - coordinates.mean(axis=0, dtype=np.float64)
        self._last = centred.astype(np.float32) if self._last is None else align(centred, self._last)
        self._last -= self._last.mean(axis=0)
        frame, scale = maps.quantise(self._last)
        self._frames.append(frame)
        self._scales.append(scale)
        self._iterations.append(iteration)
        figures = Figures(time.time() - self._began, iteration, reduced=self._reduced)
        with contextlib.suppress(OSError):  # a full disk must not end a map that may yet be seen
            maps.save(self._files.job / "live.npz", self._stored(figures, None), compress=False)
        words = f"Laying out: {method_words(self._spec)}."
        if self._spec.method == "umap" and self._spec.library and not iteration:
            words = "umap-learn compiles and seeks neighbours: up to a minute before its first frame."
        self._reporter.tell(self._reporter.update(phase="laying out", message=words, epoch=iteration))

    def _stored(self, figures: Figures, trust: np.ndarray | None) -> Stored:
        return Stored(
            self._files.name,
            self._spec,
            figures,
            self._positions,
            self._last if self._last is not None else np.zeros((0, self._spec.dims), np.float32),
            np.stack(self._frames),
            np.array(self._scales, np.float32),
            np.array(self._iterations),
            trust,
        )

    def _measure(self, figures: Figures, vectors: np.ndarray, known: np.ndarray | None) -> tuple[Figures, np.ndarray]:
        """In the metric the layout was made with; known: neighbours that it has sought already."""
        metric, shown = self._spec.parameters.metric, self._stored(figures, None).coordinates
        labels = labels_at(self._spec.pictures.split, self._positions)
        count = quality.NEIGHBOURS
        if known is None or known.shape[1] < min(count, len(vectors) - 1):
            known = nearest(vectors, count, metric).indices
        trust = quality.kept_neighbours(known[:, :count], quality.shown_neighbours(shown, count))
        measured = dataclasses.replace(
            figures,
            trustworthiness=quality.trustworthiness(vectors, shown, count, metric),
            continuity=quality.continuity(vectors, shown, count, metric),
            knn_accuracy=quality.knn_accuracy(shown, labels, count),
            neighbours=count,
            sampled=len(vectors) > quality.EXACT_ROWS,
        )
        return measured, trust
