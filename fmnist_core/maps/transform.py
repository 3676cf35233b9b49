"""Where a later picture lands on a map: by the library that made it, where its method can say so, else by neighbours.

scikit-learn and umap-learn are imported by jobs only, so a page asks in a process of its own: `python -m fmnist_core
embed --transform MAP --picture FILE`, which answers within seconds. Nothing is unpickled: the fitted object is built
again from what the map and its run keep.
"""

import subprocess
import sys
import tempfile
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from fmnist_core.embedding import library
from fmnist_core.embedding.landing import land
from fmnist_core.embedding.watching import LibraryError
from fmnist_core.inference.classifier import open_classifier
from fmnist_core.maps import map_vectors, maps, own_vectors
from fmnist_core.maps.map_spec import METHOD_WORDS, MapSpec
from fmnist_core.runs import runs
from fmnist_core.storage import folders
from fmnist_core.storage.folders import RunError
from fmnist_core.storage.schema import from_json, parse_json

NEIGHBOURS = "neighbours"
PATIENCE = 300  # seconds: a first UMAP.transform after an installation compiles, on a busy machine
_WAYS = {"pca": "PCA.transform", "umap": "UMAP.transform"}
_asking = ThreadPoolExecutor(1, "transform")  # one process at a time, however many visitors ask


@dataclass(frozen=True)
class Landed:
    """Where the picture lies on the map, and who said so."""

    coordinates: tuple[float, ...]
    by: str  # UMAP.transform, PCA.transform or neighbours
    note: str = ""  # a sentence: why it was not the library, where that made the map


def way(spec: MapSpec) -> str | None:
    """UMAP.transform or PCA.transform; None where the map's method has none, or is our own."""
    return _WAYS.get(spec.method) if spec.library and not spec.parameters.densmap else None


def why_neighbours(spec: MapSpec) -> str:
    """A sentence on a map of a library that cannot place a later picture itself; empty for our own maps."""
    if spec.library is None or way(spec):
        return ""
    words = "densMAP" if spec.parameters.densmap else METHOD_WORDS[spec.method]
    return f"{words} of {spec.library} has no transform, so it lies among those that are most like it."


def cannot_land(spec: MapSpec) -> str:
    """Why no later picture can lie on the map, in a sentence; empty where it can."""
    if own_vectors.is_own(spec.of):
        return "The map is made of vectors of your own, and nothing here can make one of another picture."
    return "Only on one that is not spherized." if spec.spherize else ""


def place(name: str, picture: np.ndarray) -> Landed:
    """Where a (28, 28) uint8 picture lands on a finished map. Imports the map's library: not for pages.

    Raises:
        RunError: there is no such map, it shows nothing yet or is on a sphere, or its vectors are not at hand.
    """
    stored = maps.load(maps.find(name))
    spec = stored.spec
    found = map_vectors.read_vectors(spec, stored.positions)
    if found is None or (why := cannot_land(spec)):
        raise RunError(f"On the map {name} no picture can land. {'Make it again.' if found is None else why}")
    space, vectors = found
    classifier = None if not spec.needs_run else open_classifier(runs.find(spec.run or ""))
    new = space.vectors(picture[None], classifier)
    note = why_neighbours(spec)
    if (by := way(spec)) is not None:
        try:
            return Landed(_point(_transform(spec, new, vectors, stored.coordinates)), by)
        except LibraryError:
            note = f"{spec.library} is not installed, so it lies among those that are most like it."
    return Landed(_point(land(new, vectors, stored.coordinates).coordinates), NEIGHBOURS, note)


def _transform(spec: MapSpec, new: np.ndarray, vectors: np.ndarray, coordinates: np.ndarray) -> np.ndarray:
    if spec.method == "pca":
        return library.pca_transform(new, vectors, spec.dims)
    chosen = spec.parameters
    return library.umap_transform(
        new,
        vectors,
        coordinates,
        n_neighbors=chosen.n_neighbors,
        min_dist=chosen.min_dist,
        metric=chosen.metric,
        iterations=chosen.iterations,
    )


def _point(coordinates: np.ndarray) -> tuple[float, ...]:
    return tuple(map(float, coordinates[0]))


def ask(name: str, picture: np.ndarray) -> "Future[Landed]":
    """`place` in a process of its own. The future raises RunError where that fails."""
    return _asking.submit(_ask, name, picture)


def _ask(name: str, picture: np.ndarray) -> Landed:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "picture.npy"
        np.save(file, picture)
        command = [sys.executable, "-m", "fmnist_core", "embed", "--transform", name, "--picture", str(file), "--json"]
        try:
            ended = subprocess.run(
                command, cwd=folders.PROJECT, capture_output=True, text=True, timeout=PATIENCE, check=False
            )
            answer = parse_json(ended.stdout.splitlines()[-1])
        except (OSError, subprocess.TimeoutExpired, IndexError, ValueError) as error:
            raise RunError(f"The picture could not be placed on the map ({type(error).__name__}).") from None
    if ended.returncode:
        raise RunError(str(answer.get("error") or "The picture could not be placed on the map."))
    landed: Landed = from_json(Landed, {key: answer[key] for key in ("coordinates", "by", "note")}, "landing")
    return landed
