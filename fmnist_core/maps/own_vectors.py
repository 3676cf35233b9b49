"""Vectors of a visitor's own, of test pictures: read without trust from NPZ or TSV, kept, and found by their name.

NPZ: `vectors`, (n, d) numbers, and, unless n is 10,000, `pictures`, (n,) whole numbers, the test picture of each row.
TSV: a line a vector, its numbers separated by tabs; 10,000 lines in the order of the test pictures, or, under a first
line that begins with the word "picture", lines that begin with the number of theirs.

They are kept as other vectors of maps are, at most 64 principal components, under a name that follows from their
values and their owner: results/own-vectors/own_HASH/vectors.npz, the newest 20 of each owner.
"""

import contextlib
import hashlib
import io
import shutil
import zipfile
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from fmnist_core import data
from fmnist_core.embedding.pca import fit_pca
from fmnist_core.maps import vectors
from fmnist_core.maps.vectors import Space, VectorError
from fmnist_core.storage import owners, reading, stored_arrays
from fmnist_core.storage.folders import RunError, explain
from fmnist_core.storage.shelf import Shelf

SUFFIXES = (".npz", ".tsv")
PICTURES = data.SIZES["test"]
FEWEST, FEWEST_VALUES, MOST_VALUES = 10, 3, 2_048  # vectors; numbers of each
LARGEST_FILE = 200_000_000  # bytes
LARGEST_NUMBER = 1e9  # their squares add up in float32
MOST_KEPT = 20
SHELF = Shelf(
    "own-vectors",
    "own",
    "vectors.npz",
    "vectors",
    f"The vectors {{name}} are not here; the newest {MOST_KEPT} are kept. Load their file again, under Pictures.",
)
MOST_HEADER = 4_096  # bytes of what describes an array
FORMAT = (
    f"NPZ with `vectors`, {PICTURES:,} rows in the order of the test pictures, {FEWEST_VALUES} to {MOST_VALUES:,} "
    "numbers each; of fewer rows `pictures` says which test picture each is of, 0 to 9,999. Or TSV: a line a vector, "
    "numbers separated by tabs; below a first line that begins with `picture`, each line begins with the picture's "
    "number."
)


class OwnVectors(NamedTuple):
    """What a file holds; rows belong together."""

    positions: np.ndarray  # (n,) int64, ascending: test pictures
    values: np.ndarray  # (n, d) float32


def is_own(of: str) -> bool:
    """Whether what a map is made of are a visitor's own vectors."""
    return bool(vectors.OWN.fullmatch(of))


def read(content: bytes, name: str) -> OwnVectors:
    """The vectors of a file. name: says by its ending what it is.

    Raises:
        VectorError: it is too large, or not what `FORMAT` says; the message says what was expected.
    """
    try:
        suffix = reading.check_brought(content, name, LARGEST_FILE, SUFFIXES, "Vectors")
    except ValueError as error:
        raise VectorError(str(error)) from None
    try:
        values, positions = _read_npz(content) if suffix == ".npz" else _read_tsv(content)
    except VectorError:
        raise
    except Exception as error:  # a hostile archive leads zipfile and NumPy to errors of all kinds
        kind = suffix[1:].upper()
        raise VectorError(f"The file cannot be read as {kind} ({type(error).__name__}). Expected: {FORMAT}") from None
    return _checked(values, positions)


def keep(own: OwnVectors) -> str:
    """Stores them and returns their name, such as own_3fa9c1d20b7e; the same vectors of one owner have the same name.

    Raises:
        VectorError: all are the same, so that no direction tells them apart.
        RunError: they cannot be stored.
    """
    pca = fit_pca(own.values, vectors.DIMENSIONS)
    if not pca.total_variance > 0:
        raise VectorError("All vectors are the same, so there is nothing to map.")
    told = repr((own.values.shape, owners.visitor().id)).encode()
    digest = hashlib.sha256(own.positions.tobytes() + told + own.values.tobytes())
    name = f"own_{digest.hexdigest()[:12]}"
    space = Space(name, 1, pca, (own.values.shape[1],))
    path = SHELF.home / name / SHELF.file
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        owners.mark(path.parent)
        vectors.save(path, space, space.place(pca.transform(own.values)), positions=own.positions.astype(np.uint32))
        _let_go()
    except OSError as error:
        raise RunError(f"The vectors cannot be stored: {explain(error)}") from None
    return name


def load(name: str) -> tuple[Space, np.ndarray]:
    """The space of kept vectors and (n, k + 1) float32 vectors, rows as `positions_of` says. Raises RunError."""
    with _told(name):
        return vectors.load(SHELF.file_of(name))


def positions_of(name: str) -> np.ndarray:
    """(n,) int64, ascending: the test pictures that kept vectors are of. Raises RunError."""
    with _told(name):
        return stored_arrays.load(SHELF.file_of(name), "positions")["positions"].astype(np.int64)


def _let_go() -> None:
    """Of those of who asks only the newest are kept. Raises OSError."""
    newest = sorted(SHELF.mine(), key=lambda one: one.stat().st_mtime_ns, reverse=True)
    for old in newest[MOST_KEPT:]:
        shutil.rmtree(old.parent)


@contextlib.contextmanager
def _told(name: str) -> Iterator[None]:
    """Says in a RunError why kept vectors cannot be had."""
    try:
        yield
    except FileNotFoundError:
        raise SHELF.not_here(name) from None
    except ValueError as error:
        raise RunError(f"The vectors {name} are damaged: {error}. Load their file again, under Pictures.") from None


def _read_npz(content: bytes) -> tuple[np.ndarray, np.ndarray | None]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        there = set(archive.namelist())
        if "vectors.npy" not in there:
            raise VectorError(f"The file has no array `vectors`. Expected: {FORMAT}")
        values = _read_array(archive, "vectors", 2, MOST_VALUES)
        positions = _read_array(archive, "pictures", 1, 1) if "pictures.npy" in there else None
    return values, positions


def _read_array(archive: zipfile.ZipFile, name: str, axes: int, widest: int) -> np.ndarray:
    """Nothing is unpacked before what the array says of itself has been checked."""
    with archive.open(f"{name}.npy") as file:
        version = np.lib.format.read_magic(file)
        read_header = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        shape, by_column, dtype = read_header(file, max_header_size=MOST_HEADER)
        if dtype.kind not in "fiu" or len(shape) != axes:
            raise VectorError(f"The array `{name}` is {dtype} of shape {shape}. Expected numbers with {axes} axes.")
        if shape[0] > PICTURES or (axes == 2 and shape[1] > widest):
            raise VectorError(f"The array `{name}` has the shape {shape}. Expected at most {PICTURES:,} x {widest:,}.")
        size = int(np.prod(shape, dtype=np.int64)) * dtype.itemsize
        packed = file.read(size)
    if len(packed) != size:
        raise VectorError(f"The array `{name}` ends too early: the file is not whole.")
    return np.frombuffer(packed, dtype).reshape(shape, order="F" if by_column else "C")


def _read_tsv(content: bytes) -> tuple[np.ndarray, np.ndarray | None]:
    text = content.decode("ascii").lstrip("\ufeff")
    first, _, rest = text.partition("\n")
    named = first.split("\t", 1)[0].strip().casefold() == "picture"
    body = rest if named else text
    columns = first.count("\t") + 1
    lines = body.count("\n") + (not body.endswith("\n"))
    if columns > MOST_VALUES + named or lines > PICTURES:
        raise VectorError(
            f"The file has {lines:,} lines of {columns:,} cells. Expected at most {PICTURES:,} x {MOST_VALUES:,}."
        )
    table = np.loadtxt(io.StringIO(body), np.float64, delimiter="\t", comments=None, ndmin=2)
    return (table[:, 1:], table[:, 0]) if named else (table, None)


def _checked(values: np.ndarray, positions: np.ndarray | None) -> OwnVectors:
    count, width = values.shape
    if not (FEWEST <= count <= PICTURES and FEWEST_VALUES <= width <= MOST_VALUES):
        raise VectorError(
            f"The file holds {count:,} vectors of {width:,} numbers. Expected {FEWEST} to {PICTURES:,} of "
            f"{FEWEST_VALUES} to {MOST_VALUES:,}."
        )
    with np.errstate(over="ignore", invalid="ignore"):
        found = values.astype(np.float32)
    if not np.isfinite(found).all() or np.abs(found).max() > LARGEST_NUMBER:
        row = int(np.flatnonzero(~(np.abs(found) <= LARGEST_NUMBER).all(axis=1))[0])
        raise VectorError(
            f"Vector {row} has a value that is not a number or beyond {LARGEST_NUMBER:,.0f}. Expected finite numbers."
        )
    if positions is None:
        if count != PICTURES:
            raise VectorError(f"Of {count:,} vectors it must be said which pictures they are of. Expected: {FORMAT}")
        return OwnVectors(np.arange(PICTURES), found)
    if len(positions) != count or not np.isin(positions, np.arange(PICTURES)).all():
        raise VectorError(
            f"`pictures` must name a test picture a vector, each a whole number from 0 to {PICTURES - 1}."
        )
    order = np.argsort(positions, kind="stable")
    chosen = positions[order].astype(np.int64)
    if (np.diff(chosen) == 0).any():
        raise VectorError(f"Two vectors are of the same picture, {chosen[:-1][np.diff(chosen) == 0][0]}.")
    return OwnVectors(chosen, found[order])
