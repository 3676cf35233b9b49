"""What a map is asked to be: method, parameters, of what, which pictures; and the name that follows from it."""

import contextlib
import dataclasses
import hashlib
import json
import re
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from fmnist_core import data
from fmnist_core.embedding.layout import DIMENSIONS
from fmnist_core.embedding.library import FEWEST_ITERATIONS
from fmnist_core.maps import own_vectors
from fmnist_core.maps.vectors import FEATURES, PIXELS
from fmnist_core.runs import predictions, runs
from fmnist_core.storage.folders import RunError
from fmnist_core.storage.schema import from_json

Method = Literal["pca", "tsne", "umap"]
METHODS = ("pca", "tsne", "umap")
METHOD_WORDS = {"pca": "PCA", "tsne": "t-SNE", "umap": "UMAP"}
Engine = Literal["built-in", "library"]
ENGINES: tuple[Engine, ...] = ("built-in", "library")
LIBRARIES = {"pca": "scikit-learn", "tsne": "scikit-learn", "umap": "umap-learn"}  # that a method comes from
VERSION = 1  # of the algorithms: another one makes every map another one
TRAIN = data.SIZES["train"]  # in "both", the test pictures are counted on from here
_USED = {  # the parameters that decide a method's result
    "pca": (),
    "tsne": ("perplexity", "learning_rate", "early_exaggeration", "iterations", "metric", "seed"),
    "umap": ("n_neighbors", "min_dist", "supervised", "densmap", "iterations", "metric", "seed"),
}
_LATER: dict[str, Any] = {"engine": "built-in", "densmap": False}  # fields that came later, and what they stand for
_FRACTIONS = ("perplexity", "learning_rate", "early_exaggeration", "min_dist")


@dataclass(frozen=True)
class PictureChoice:
    """Which pictures; the conditions add up."""

    split: Literal["test", "train", "both"] = "test"
    label: int | None = None  # of this class only
    errors: bool = False  # only those that the run takes for something else
    positions: tuple[int, ...] | None = None  # in the split; in "both": 0..59,999 train, 60,000..69,999 test


@dataclass(frozen=True)
class Parameters:
    """Those of t-SNE and UMAP; see embedding.tsne and embedding.umap. None: what the method thinks best."""

    perplexity: float = 30.0
    learning_rate: float | None = None
    early_exaggeration: float = 12.0
    n_neighbors: int = 15
    min_dist: float = 0.1
    supervised: bool = False
    densmap: bool = False  # only with the engine library
    metric: Literal["euclidean", "cosine"] = "euclidean"
    iterations: int | None = None
    seed: int = 0


@dataclass(frozen=True)
class MapSpec:
    """Equal specs are the same map."""

    method: Method
    of: str = FEATURES  # pixels, features or a layer's name
    run: str | None = None  # its id; needed for all but pixels
    dims: int = 2
    pictures: PictureChoice = PictureChoice()
    parameters: Parameters = Parameters()
    spherize: bool = False
    engine: Engine = "built-in"

    @property
    def canonical(self) -> "MapSpec":
        """Without what does not matter: parameters of other methods, the run where it is not asked."""
        kept = {name: getattr(self.parameters, name) for name in _USED[self.method]}
        kept |= {name: float(kept[name]) for name in _FRACTIONS if kept.get(name) is not None}  # 30 is 30.0
        positions = self.pictures.positions
        pictures = self.pictures
        if positions is not None:
            pictures = dataclasses.replace(pictures, positions=tuple(sorted(set(positions))))
        run = self.run if self.needs_run or pictures.errors else None
        return dataclasses.replace(self, parameters=Parameters(**kept), pictures=pictures, run=run)

    @property
    def needs_run(self) -> bool:
        """Whether its vectors come from a network of ours."""
        return self.of != PIXELS and not own_vectors.is_own(self.of)

    @property
    def name(self) -> str:
        """Such as tsne-features-2d-3fa9c1d20b7e. Raises RunError where the run is missing or has not finished."""
        of = re.sub("[^a-z0-9]+", "_", self.of.lower())[:30]
        return f"{self.method}-{of}-{self.dims}d-{_digest(self.canonical)}"

    @property
    def library(self) -> str | None:
        """Whose method it is: scikit-learn, umap-learn, or None for our own."""
        return LIBRARIES[self.method] if self.engine == "library" else None

    @property
    def vectors_name(self) -> str:
        """Maps that differ only in method have the same vectors. Raises RunError as `name`."""
        plain = MapSpec("pca", self.of, self.run, pictures=self.pictures).canonical
        of = re.sub("[^a-z0-9]+", "_", self.of.lower())[:30]
        return f"vectors-{of}-{_digest(plain)}"


_STORED_N_NEIGHBORS = "neighbours"  # in files: names of maps made before hang on it
NAME = re.compile(r"(pca|tsne|umap)-[a-z0-9_]{1,30}-[23]d-[0-9a-f]{12}")


def _digest(spec: MapSpec) -> str:
    weights = None
    if spec.run is not None:  # a run that went on under its old name has other weights, and so other logits
        stored = runs.read_result(runs.find(spec.run)).files.get("predictions.npz")
        weights = dataclasses.asdict(stored) if stored else None
    text = json.dumps([VERSION, data.fingerprint(), weights, as_json(spec)], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def as_json(spec: MapSpec) -> dict[str, Any]:
    """For `parse_spec`. Fields that came later are left out where they say what was so before there were any.

    Maps of then keep their names, which are made of this, and an older installation reads those of now.
    """
    value = dataclasses.asdict(spec)
    value["parameters"][_STORED_N_NEIGHBORS] = value["parameters"].pop("n_neighbors")
    for name, plain in _LATER.items():
        for part in (value, value["parameters"]):
            if name in part and part[name] == plain:
                del part[name]
    return value


def parse_spec(value: Any) -> MapSpec:
    """From JSON. Raises ValueError."""
    if isinstance(value, dict) and isinstance(value.get("parameters"), dict):
        parameters = dict(value["parameters"])
        parameters["n_neighbors"] = parameters.pop(_STORED_N_NEIGHBORS, Parameters().n_neighbors)
        value = value | {"parameters": parameters}
    spec: MapSpec = from_json(MapSpec, value, "map")
    check(spec)
    return spec


def check(spec: MapSpec) -> None:
    """Raises ValueError with a sentence on the first thing that cannot be."""
    if spec.method not in METHODS:
        raise ValueError(f"Unknown method {spec.method!r}. Choose one of: {', '.join(METHODS)}.")
    if spec.dims not in DIMENSIONS:
        raise ValueError(f"A map cannot have {spec.dims} dimensions. Choose 2 or 3.")
    if spec.run is None and (spec.needs_run or spec.pictures.errors):
        raise ValueError("Without a run there is only a map of the pixels of all pictures. Name a run.")
    chosen = spec.parameters
    if spec.engine not in ENGINES:
        raise ValueError(f"Unknown engine {spec.engine!r}. Choose one of: {', '.join(ENGINES)}.")
    if chosen.densmap and (spec.engine, spec.method) != ("library", "umap"):
        raise ValueError("densMAP is a way of umap-learn. Choose the method umap and the engine library for it.")
    fewest = FEWEST_ITERATIONS if (spec.engine, spec.method) == ("library", "tsne") else 1
    ranges = (
        ("perplexity", chosen.perplexity, 1, 1_000),
        ("learning_rate", chosen.learning_rate, 0.001, 1e6),
        ("early_exaggeration", chosen.early_exaggeration, 1, 1_000),
        ("n_neighbors", chosen.n_neighbors, 2, 1_000),
        ("min_dist", chosen.min_dist, 0, 0.999),
        ("iterations", chosen.iterations, fewest, 100_000),
        ("seed", chosen.seed, 0, 2**32 - 1),
    )
    for name, number, low, high in ranges:
        if number is not None and not low <= number <= high:
            raise ValueError(f"The parameter {name} cannot be {number:g}. Expected {low:g} to {high:g}.")


def resolve(spec: MapSpec) -> np.ndarray:
    """The chosen pictures: sorted positions in the split, int64, at least one.

    Raises:
        ValueError: no picture is left, or a position outside the split.
        RunError: the run's predictions, or vectors of one's own, are needed and cannot be read.
    """
    chosen = spec.pictures
    size = sum(data.SIZES[split] for split in splits(chosen.split))
    if chosen.positions is None:
        positions = np.arange(size)
    else:
        positions = np.unique(np.array(chosen.positions, np.int64))
        if len(positions) and not 0 <= positions[0] <= positions[-1] < size:
            raise ValueError(f"A position is outside the {chosen.split} pictures. Expected 0 to {size - 1}.")
    if chosen.label is not None:
        positions = positions[labels_at(chosen.split, positions) == chosen.label]
    if chosen.errors:
        positions = positions[np.isin(positions, _errors(spec))]
    if own_vectors.is_own(spec.of):
        if chosen.split != "test":
            raise ValueError("Vectors of one's own are of test pictures. Choose the test pictures.")
        positions = positions[np.isin(positions, own_vectors.positions_of(spec.of))]
    if not len(positions):
        raise ValueError("No picture fits all that was chosen, so there is nothing to map. Choose more of them.")
    return positions


def _errors(spec: MapSpec) -> np.ndarray:
    run = runs.find(spec.run or "")
    found = [np.zeros(0, np.int64)]
    for split in splits(spec.pictures.split):
        for part in ("test",) if split == "test" else ("train", "validation"):
            with contextlib.suppress(RunError) if part == "validation" else contextlib.nullcontext():
                stored = predictions.load(run, part)
                wrong = stored.indices[stored.predicted != stored.labels]
                found.append(wrong + TRAIN if spec.pictures.split == "both" and split == "test" else wrong)
    return np.concatenate(found)


def splits(split: str) -> tuple[str, ...]:
    """The data splits that "test", "train" or "both" stand for, in the order of their positions."""
    return ("train", "test") if split == "both" else (split,)


def images_at(split: str, positions: np.ndarray) -> np.ndarray:
    """(n, 28, 28) uint8 of these positions in "test", "train" or "both"."""
    return np.concatenate([data.load_split(name).images[part] for name, part in _by_split(split, positions)])


def labels_at(split: str, positions: np.ndarray) -> np.ndarray:
    """(n,) uint8 of these positions in "test", "train" or "both"."""
    return np.concatenate([data.load_split(name).labels[part] for name, part in _by_split(split, positions)])


def _by_split(split: str, positions: np.ndarray) -> list[tuple[str, np.ndarray]]:
    """Sorted positions as (data split, indices in it)."""
    if split != "both":
        return [(split, positions)]
    return [("train", positions[positions < TRAIN]), ("test", positions[positions >= TRAIN] - TRAIN)]


def address_of(split: str, position: int) -> str:
    """The name of the picture at a position, such as "test/4021"."""
    if split == "both":
        split, position = ("train", position) if position < TRAIN else ("test", position - TRAIN)
    return data.picture_address(split, position)
