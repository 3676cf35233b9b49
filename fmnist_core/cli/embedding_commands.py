"""The command that makes a map, and says where a later picture lands on one: embed."""

import argparse
import dataclasses
import sys
from pathlib import Path
from typing import Any

import numpy as np

from fmnist_core.cli.job_commands import work_with_bar
from fmnist_core.cli.terminal import Answer
from fmnist_core.data import CLASS_NAMES, SIDE
from fmnist_core.embedding.neighbours import METRICS
from fmnist_core.maps import map_jobs, maps, own_vectors, transform
from fmnist_core.maps.map_spec import ENGINES, METHODS, MapSpec, Parameters, PictureChoice
from fmnist_core.maps.own_vectors import OwnVectors
from fmnist_core.runs import runs
from fmnist_core.speed import forecasts
from fmnist_core.storage import reading
from fmnist_core.storage.folders import RunError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    plain = Parameters()
    parser.add_argument("run", nargs="?", help="whose features, layers or errors; not needed for --of pixels")
    parser.add_argument("--method", choices=METHODS, default="tsne")
    parser.add_argument(
        "--engine",
        choices=ENGINES,
        default="built-in",
        help="built-in shows a frame within seconds; library: scikit-learn's PCA and t-SNE, umap-learn's UMAP",
    )
    parser.add_argument("--of", default="features", help="pixels, features or the name of a layer (default: features)")
    parser.add_argument(
        "--vectors", metavar="FILE", type=Path, help=f"of vectors of your own, no run needed: {own_vectors.FORMAT}"
    )
    parser.add_argument("--dims", type=int, choices=(2, 3), default=2)
    parser.add_argument("--pictures", choices=("test", "train", "both"), default="test")
    parser.add_argument("--class", type=int, dest="label", metavar="N", help="only pictures of this class, 0 to 9")
    parser.add_argument("--errors", action="store_true", help="only pictures that the run takes for something else")
    parser.add_argument("--spherize", action="store_true", help="shift to the mean, then give every vector length 1")
    parser.add_argument("--perplexity", type=float, default=plain.perplexity, help="t-SNE (default: %(default)g)")
    parser.add_argument("--learning-rate", type=float, help="t-SNE (default: pictures / 48, at least 50)")
    parser.add_argument("--early-exaggeration", type=float, default=plain.early_exaggeration, help="t-SNE")
    parser.add_argument("--n-neighbors", type=int, default=plain.n_neighbors, help="UMAP (default: %(default)d)")
    parser.add_argument("--min-dist", type=float, default=plain.min_dist, help="UMAP (default: %(default)g)")
    parser.add_argument("--supervised", action="store_true", help="UMAP: let the labels help")
    parser.add_argument("--densmap", action="store_true", help="UMAP by library: keep how dense pictures lie, too")
    parser.add_argument("--metric", choices=METRICS, default=plain.metric)
    parser.add_argument("--iterations", type=int, help="default: t-SNE 1000, UMAP 500 (200 above 10,000 pictures)")
    parser.add_argument("--seed", type=int, default=plain.seed)
    parser.add_argument("--transform", metavar="MAP", help="say where --picture lands on a map that is there")
    parser.add_argument("--picture", metavar="FILE", type=Path, help="a photo, or 28x28 gray levels as .npy")


def embed(options: Any) -> Answer:
    if options.transform or options.picture:
        return _transform(options)
    if options.vectors:
        options.of = own_vectors.keep(_read_vectors(options.vectors))
    spec = _spec(options)
    where, wanted = map_jobs.prepare(spec)
    sys.stderr.write(f"map {where.name}\n")
    if wanted:
        status = work_with_bar(map_jobs.job(where), forecasts.of_map(spec))
        if status.state == "failed":
            raise RunError(status.message)
        if status.state == "cancelled" and not where.file.exists():
            raise RunError(status.message)
    elif (standing := maps.read_status(where)) is not None and standing.state != "done":
        raise RunError(f"The map {where.name} is being made by another process just now. Wait until it has finished.")
    stored = maps.load(where)
    names = ("seconds", "trustworthiness", "continuity", "knn_accuracy", "iterations", "reduced", "notes")
    value = {"map": where.name, "of": stored.spec.of, "engine": stored.spec.engine} | {
        name: getattr(stored.figures, name) for name in names
    }
    return value, _describe(where.name, stored) + ("" if wanted else "\nIt was there already.")


def _spec(options: Any) -> MapSpec:
    if options.label is not None and not 0 <= options.label < len(CLASS_NAMES):
        raise ValueError(f"--class cannot be {options.label}. Expected 0 to {len(CLASS_NAMES) - 1}.")
    if options.run is not None:
        runs.find(options.run)
    return MapSpec(
        options.method,
        options.of,
        options.run,
        options.dims,
        PictureChoice(options.pictures, options.label, options.errors),
        Parameters(**{field.name: getattr(options, field.name) for field in dataclasses.fields(Parameters)}),
        options.spherize,
        options.engine,
    )


def _read_vectors(path: Path) -> OwnVectors:
    """Raises ValueError where they cannot be read."""
    try:
        return own_vectors.read(reading.read_bytes(path, own_vectors.LARGEST_FILE), path.name)
    except OSError as error:
        raise ValueError(f"The file {path} cannot be read: {error.strerror or error}.") from None
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None


def _transform(options: Any) -> Answer:
    if not (options.transform and options.picture):
        raise ValueError("--transform MAP and --picture FILE belong together. Name both.")
    landed = transform.place(options.transform, _read_picture(options.picture))
    value = {"map": options.transform} | dataclasses.asdict(landed)
    place = ", ".join(f"{value:.3f}" for value in landed.coordinates)
    return value, f"{options.picture}: {place} by {landed.by}. {landed.note}".rstrip()


def _read_picture(path: Path) -> np.ndarray:
    """(28, 28) uint8. Raises ValueError where the file is none."""
    from fmnist_core.photo.decode import PhotoError, decode
    from fmnist_core.photo.pipeline import DEFAULT_MODE, prepare

    try:
        if path.suffix != ".npy":
            return prepare(decode(path.read_bytes()), DEFAULT_MODE).picture
        picture = np.load(path, allow_pickle=False)
    except PhotoError as error:
        raise ValueError(f"{path}: {error}") from None
    except OSError as error:
        raise ValueError(f"The file {path} cannot be read: {error.strerror or error}.") from None
    except ValueError:
        raise ValueError(f"The file {path} holds no picture. Expected a photo, or uint8 of ({SIDE}, {SIDE}).") from None
    if picture.shape != (SIDE, SIDE) or picture.dtype != np.uint8:
        raise ValueError(f"{path} holds {picture.dtype} of shape {picture.shape}. Expected uint8, ({SIDE}, {SIDE}).")
    return picture


def _describe(name: str, stored: maps.Stored) -> str:
    figures = stored.figures
    told = {
        "trustworthiness": figures.trustworthiness,
        "continuity": figures.continuity,
        "10 nearest agree on the class": figures.knn_accuracy,
    }
    measured = ", ".join(f"{words} {value:.3f}" for words, value in told.items() if value is not None)
    head = f"{name}: {maps.describe(stored.spec)} of {len(stored.positions):,} pictures in {figures.seconds:.1f} s"
    seen = f"On the page Map: ?of={stored.spec.of}" if own_vectors.is_own(stored.spec.of) else ""
    return "\n".join(filter(None, [f"{head}; {measured}" if measured else head, figures.reduced, *figures.notes, seen]))
