"""An audit of the labels, kept: what networks that had not seen a picture say of it, and what is like it.

results/audit-HASH/
    spec.json    what was asked for
    fold-0.npz   of each finished fold, until all are: {"own", "test"}, float16 probabilities
    audit.npz    the result; see `save`
    status.json, cancel, log.txt   as every job has them

assets/audit/audit.npz is the same, cut to the most suspicious pictures: what is shown where none was computed here.
"""

import dataclasses
import functools
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from fmnist_core import data
from fmnist_core.analysis import confident_learning, label_issues
from fmnist_core.analysis.confident_learning import Pairs
from fmnist_core.label_audit.audit_spec import VERSION, AuditSpec, address, check, code, place
from fmnist_core.storage import folders, reading, stored_arrays
from fmnist_core.storage.folders import RunError, results_folder
from fmnist_core.storage.schema import as_plain, from_json, parse_json

FILE = "audit.npz"
NEAR = 0.05  # root mean square over pixels in [0, 1] below which two pictures are near-duplicates: 253 pairs
CONFLICT = label_issues.CONFLICT  # the same where their labels differ: farther apart, it already says something
SHIPPED = {"train": 2_000, "test": 400}  # the most suspicious of each split
MOST_SHIPPED_BYTES = 150_000
KINDS = ("label", "conflict", "duplicate", "faint")


@dataclass(frozen=True)
class Opinions:
    """What networks say of a split, the most suspicious first; of a shipped audit only the first ones."""

    positions: np.ndarray  # (m,) int64, in the split
    ranks: np.ndarray  # (m,) int64, from 1, by normalised margin
    probabilities: np.ndarray  # (m, 10) float32, exactly representable in float16
    guess: np.ndarray  # (m,) int64: see audit.Learned
    labels: np.ndarray  # (m,) uint8
    total: int  # pictures that were ranked
    doubted: int  # of these, confidently another class than their label
    accuracy: float  # of networks that had not seen the picture
    thresholds: tuple[float | None, ...]  # of each class; None where no picture has it
    joint: np.ndarray  # (10, 10) int64

    @property
    def margins(self) -> np.ndarray:
        return confident_learning.margins(self.labels, self.probabilities)

    @property
    def confident(self) -> np.ndarray:
        """(m,) bool: confidently another class than the label."""
        return (self.guess >= 0) & (self.guess != self.labels)

    @property
    def opinion(self) -> np.ndarray:
        """(m,) int64: the class that it confidently is, else the most probable one."""
        return np.where(self.guess >= 0, self.guess, self.probabilities.argmax(axis=1))

    @functools.cached_property
    def row_of(self) -> dict[int, int]:
        """Position -> row."""
        return {int(position): row for row, position in enumerate(self.positions)}


@dataclass(frozen=True)
class Audit:
    spec: AuditSpec
    seconds: float
    splits: dict[str, Opinions]
    pairs: Pairs  # of codes: see audit_spec
    faint: np.ndarray  # (k,) int64 codes of the pictures that show little
    shipped: bool = False

    @functools.cached_property
    def kinds(self) -> dict[str, dict[str, list[int]]]:
        """Split -> kind -> positions, the most telling first; each position once a kind."""
        conflicting = self.pairs.conflicting(all_labels())
        found: dict[str, dict[str, list[int]]] = {}
        for split in data.SPLITS:
            opinions = self.splits[split]
            codes = {
                "conflict": np.stack([self.pairs.first, self.pairs.second], 1)[conflicting].ravel(),
                "duplicate": np.stack([self.pairs.first, self.pairs.second], 1)[~conflicting].ravel(),
                "faint": self.faint,
            }
            found[split] = {"label": opinions.positions[opinions.confident].tolist()}
            for kind, of in codes.items():
                found[split][kind] = list(dict.fromkeys(where for one, where in map(place, of) if one == split))
        return found

    def kinds_of(self, split: str, position: int) -> list[str]:
        return [kind for kind in KINDS if position in self._members[split][kind]]

    @functools.cached_property
    def _members(self) -> dict[str, dict[str, frozenset[int]]]:
        return {one: {kind: frozenset(held) for kind, held in kinds.items()} for one, kinds in self.kinds.items()}

    def twins(self, split: str, position: int) -> list[tuple[str, float]]:
        """Addresses and distances of the near-duplicates of a picture, nearest first."""
        mine = code(split, position)
        rows = zip(self.pairs.first.tolist(), self.pairs.second.tolist(), self.pairs.distances.tolist(), strict=True)
        return [(address(b if a == mine else a), distance) for a, b, distance in rows if mine in (a, b)]

    def known_ranks(self) -> dict[str, int | None]:
        """Address of each picture whose label others have reported -> its rank among the training pictures."""
        opinions = self.splits["train"]
        rows = {data.picture_address("train", one): opinions.row_of.get(one) for one in label_issues.KNOWN}
        return {picture: None if row is None else int(opinions.ranks[row]) for picture, row in rows.items()}

    def test_pictures_like_training(self) -> np.ndarray:
        """(k,) int64 positions of the test pictures that have a near-duplicate in the training set."""
        offset = data.SIZES["train"]
        across = (self.pairs.first < offset) & (self.pairs.second >= offset) & (self.pairs.distances < NEAR)
        return np.asarray(np.unique(self.pairs.second[across]) - offset)


def all_labels() -> np.ndarray:
    """(70000,) uint8, by code."""
    return np.concatenate([data.load_split(split).labels for split in ("train", "test")])


def job_folder(spec: AuditSpec) -> Path:
    return results_folder() / spec.name


def shipped_file() -> Path:
    return folders.PROJECT / "assets" / "audit" / FILE


def load(spec: AuditSpec | None = None) -> Audit | None:
    """The audit of that specification, or the one that came with the app where it is the same; None where neither is.

    spec: None for the best there is here: of most pictures, the newest of these.

    Raises:
        RunError: the file is damaged.
    """
    files = _own_files() if spec is None else [job_folder(spec) / FILE]
    for path in [*files, shipped_file()]:
        if (found := read(path)) is not None and spec in (None, found.spec):
            return dataclasses.replace(found, shipped=path == shipped_file())
    return None


def newest() -> tuple[str, float]:
    """Changes when what `load()` gives does."""
    stamps = [(str(path), path.stat().st_mtime) for path in [*_own_files(), shipped_file()] if path.exists()]
    return stamps[0] if stamps else ("", 0.0)


def _own_files() -> list[Path]:
    found = []
    for path in results_folder().glob(f"audit-*/{FILE}"):
        try:
            spec = from_json(AuditSpec, parse_json(reading.read_bytes(path.parent / "spec.json")), "spec")
            found.append((spec.pictures, path.stat().st_mtime, path))
        except (OSError, ValueError):
            continue
    return [path for *_, path in sorted(found, reverse=True)]


def rank(probabilities: np.ndarray, labels: np.ndarray) -> Opinions:
    """Of a split: (n, 10) float16 probabilities and (n,) labels, which begin where the split does."""
    learned = confident_learning.confident_learning(labels, probabilities)
    order = confident_learning.ranking(confident_learning.margins(labels, probabilities))
    return Opinions(
        positions=order,
        ranks=np.arange(1, len(order) + 1),
        probabilities=probabilities[order].astype(np.float32),
        guess=learned.guess[order],
        labels=labels[order],
        total=len(order),
        doubted=int(learned.doubted(labels).sum()),
        accuracy=float((probabilities.argmax(axis=1) == labels).mean()),
        thresholds=tuple(float(one) if np.isfinite(one) else None for one in learned.thresholds),
        joint=learned.joint,
    )


def cut(found: Audit) -> Audit:
    """What ships: the first of each split, and those that others have reported."""
    splits = {}
    for split, opinions in found.splits.items():
        known = list(label_issues.KNOWN) if split == "train" else []
        rows = np.flatnonzero((opinions.ranks <= SHIPPED[split]) | np.isin(opinions.positions, known))
        names = ("positions", "ranks", "probabilities", "guess", "labels")
        splits[split] = dataclasses.replace(opinions, **{name: getattr(opinions, name)[rows] for name in names})
    return dataclasses.replace(found, splits=splits)


def save(path: Path, found: Audit) -> None:
    """Raises OSError."""
    about: dict[str, Any] = {"version": VERSION, "spec": as_plain(found.spec), "seconds": found.seconds}
    arrays = {
        "pairs": np.stack([found.pairs.first, found.pairs.second], 1).astype(np.uint32),
        "distances": found.pairs.distances.astype(np.float32),
        "faint": found.faint.astype(np.uint32),
    }
    for split, opinions in found.splits.items():
        names = ("total", "doubted", "accuracy", "thresholds")
        about[split] = {name: getattr(opinions, name) for name in names}
        arrays[f"{split}_positions"] = opinions.positions.astype(np.uint16)
        arrays[f"{split}_ranks"] = opinions.ranks.astype(np.uint16)
        arrays[f"{split}_probabilities"] = opinions.probabilities.astype(np.float16)
        arrays[f"{split}_guess"] = opinions.guess.astype(np.int8)
        arrays[f"{split}_joint"] = opinions.joint.astype(np.uint32)
    arrays["about"] = np.frombuffer(json.dumps(about).encode(), np.uint8)
    path.parent.mkdir(parents=True, exist_ok=True)
    stored_arrays.save(path, arrays)


def read(path: Path) -> Audit | None:
    """None where there is no such file. Raises RunError where it is damaged."""
    try:
        arrays = stored_arrays.load(path)
        about = parse_json(arrays["about"].tobytes())
        if about["version"] != VERSION:
            raise ValueError("made by another version")
        spec = from_json(AuditSpec, about["spec"], "spec")
        check(spec)
        splits = {split: _opinions(arrays, about[split], split) for split in data.SPLITS}
        first, second = _codes(arrays["pairs"]).reshape(-1, 2).T
        distances = arrays["distances"].astype(np.float64)
        if distances.shape != first.shape or not np.isfinite(distances).all():
            raise ValueError("a distance a pair")
        return Audit(spec, float(about["seconds"]), splits, Pairs(first, second, distances), _codes(arrays["faint"]))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
        raise RunError(
            f"The audit of the labels cannot be read ({type(error).__name__}). Delete {path.name} in "
            f"{path.parent.name} and compute it again."
        ) from None


def _codes(values: np.ndarray) -> np.ndarray:
    if values.dtype.kind not in "ui" or (values.size and values.max() >= sum(data.SIZES.values())):
        raise ValueError("numbers of pictures")
    return values.astype(np.int64)


def _opinions(arrays: dict[str, np.ndarray], about: dict[str, Any], split: str) -> Opinions:
    positions, ranks = (arrays[f"{split}_{name}"] for name in ("positions", "ranks"))
    probabilities, guess = (arrays[f"{split}_{name}"] for name in ("probabilities", "guess"))
    classes, joint = len(data.CLASS_NAMES), arrays[f"{split}_joint"]
    shapes = {positions.shape, ranks.shape, guess.shape, probabilities.shape[:1]}
    if len(shapes) != 1 or probabilities.shape[1:] != (classes,) or joint.shape != (classes, classes):
        raise ValueError("rows that belong together")
    if positions.dtype.kind not in "ui" or guess.dtype.kind != "i" or not -1 <= guess.min() <= guess.max() < classes:
        raise ValueError("positions and classes")
    labels = data.load_split(split).labels[positions.astype(np.int64)]
    confident_learning.margins(labels, probabilities)  # refuses what are no probabilities
    thresholds = tuple(None if one is None else float(one) for one in about["thresholds"])
    figures = int(about["total"]), int(about["doubted"]), float(about["accuracy"]), thresholds
    rows = positions.astype(np.int64), ranks.astype(np.int64), probabilities.astype(np.float32), guess.astype(np.int64)
    return Opinions(*rows, labels, *figures, joint.astype(np.int64))
