"""The vectors behind a map: what its neighbours, axes and landings are computed from.

Pixels of some pictures, and features of test pictures, come from the data and the run's own feature map; those of
many pictures and of other layers are computed once by a job and kept beside the maps, as vectors-LAYER-HASH.npz.
"""

from pathlib import Path

import numpy as np

from fmnist_core import data
from fmnist_core.embedding.axes import spherize
from fmnist_core.inference.classifier import open_classifier
from fmnist_core.maps import own_vectors, vectors
from fmnist_core.maps.map_spec import MapSpec, images_at
from fmnist_core.maps.vectors import FEATURES, PIXELS, Space
from fmnist_core.progress import OnShareOrStop
from fmnist_core.runs import feature_map, runs
from fmnist_core.storage.folders import RunError, results_folder

MOST_PIXELS = 10_000  # pictures whose pixels a page can bring into form at once: about a second


def read_vectors(spec: MapSpec, positions: np.ndarray) -> tuple[Space, np.ndarray] | None:
    """The vectors of a map, where they need no network: pixels, features of test pictures, own, stored; else None.

    Raises:
        RunError: the run, its feature map or the stored vectors are damaged.
    """
    split = spec.pictures.split
    if own_vectors.is_own(spec.of):
        space, kept = own_vectors.load(spec.of)
        return space, kept[np.searchsorted(own_vectors.positions_of(spec.of), positions)]
    if spec.of == PIXELS and len(positions) <= MOST_PIXELS:
        return vectors.fit(PIXELS, images_at(split, positions))
    if spec.of == FEATURES and split == "test":
        stored = feature_map.load(runs.find(spec.run or ""))
        if len(stored.coordinates) == data.SIZES["test"]:
            space = vectors.space_of_features(stored)
            return space, space.place(stored.coordinates[positions])
    try:
        found = vectors.load(vectors_file(spec))
    except FileNotFoundError:
        return None
    except ValueError as error:
        raise RunError(f"The vectors of this map are damaged: {error}. Make the map again.") from None
    return found if len(found[1]) == len(positions) else None


def files_of_vectors(spec: MapSpec) -> list[Path]:
    """What `read_vectors` may read from: when one of these changes, so may its answer."""
    if own_vectors.is_own(spec.of):
        return [own_vectors.SHELF.file_of(spec.of)]
    run = [] if spec.run is None or spec.of == PIXELS else [runs.find(spec.run).folder / feature_map.FILE]
    return [vectors_file(spec), *run]


def vectors_file(spec: MapSpec) -> Path:
    """Where vectors are kept that no page could compute."""
    name = spec.vectors_name
    if spec.canonical.run is None:
        return results_folder() / name / f"{name}.npz"
    run = runs.find(spec.run or "")
    if run.shipped and not (run.folder / "maps" / f"{name}.npz").exists():
        return results_folder() / name / f"{name}.npz"
    return run.folder / "maps" / f"{name}.npz"


def make_vectors(
    spec: MapSpec, positions: np.ndarray, on_progress: OnShareOrStop = lambda share: None
) -> tuple[Space, np.ndarray]:
    """The vectors of a map, by the network where need be; stored then. For jobs: it may take minutes.

    Raises:
        RunError, VectorError: there is no model, or no such layer, or its values are not finite.
        AskedToStop: `on_progress` said so.
    """
    if (known := read_vectors(spec, positions)) is not None:
        return known
    classifier = None if spec.of == PIXELS else open_classifier(runs.find(spec.run or ""))
    images = images_at(spec.pictures.split, positions)
    path = vectors_file(spec)
    space, found = vectors.fit(spec.of, images, classifier, on_progress)
    path.parent.mkdir(parents=True, exist_ok=True)
    vectors.save(path, space, found)
    return vectors.load(path)  # as every later reader sees them


def original(spec: MapSpec, found: np.ndarray) -> np.ndarray:
    """The space in which neighbours count: the vectors, on a sphere where the map was asked to be."""
    return spherize(found) if spec.spherize else found
