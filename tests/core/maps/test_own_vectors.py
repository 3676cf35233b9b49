"""A visitor's own vectors: what the format says is read, everything else is a sentence, and maps can be made of them.

Run: python -m pytest tests/core/maps/test_own_vectors.py
"""

import io
import time
import zipfile

import numpy as np
import pytest

from fmnist_core.cli.command_line import main
from fmnist_core.jobs import worker
from fmnist_core.maps import map_jobs, map_vectors, maps, own_vectors, transform
from fmnist_core.maps.map_spec import MapSpec, Parameters, PictureChoice, resolve
from fmnist_core.maps.vectors import VectorError
from fmnist_core.storage.folders import RunError

RNG = np.random.default_rng(0)
CHOSEN = np.array([40, 7, 9_999, 3, 12, 88, 5, 61, 2, 33, 21, 14])
VALUES = RNG.normal(size=(12, 5))


@pytest.fixture(autouse=True)
def _own_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("FMNIST_RUNS", str(tmp_path / "runs"))


def npz(**arrays) -> bytes:
    file = io.BytesIO()
    np.savez_compressed(file, allow_pickle=True, **arrays)
    return file.getvalue()


def tsv(rows: np.ndarray, first: str = "") -> bytes:
    return (first + "\n".join("\t".join(f"{value:g}" for value in row) for row in rows)).encode()


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", "int8", "uint16", ">f4"])
def test_rows_are_sorted_by_their_pictures_whatever_their_type(dtype):
    values = (10 * VALUES).round().astype(dtype) if "int" not in dtype else np.abs(10 * VALUES).astype(dtype)
    own = own_vectors.read(npz(vectors=values, pictures=CHOSEN), "mine.NPZ")
    assert own.positions.tolist() == sorted(CHOSEN) and own.values.dtype == np.float32
    np.testing.assert_allclose(own.values, values[np.argsort(CHOSEN)].astype(np.float32))


def test_ten_thousand_rows_are_the_test_pictures_in_their_order():
    values = RNG.normal(size=(10_000, 3)).astype(np.float32)
    own = own_vectors.read(npz(vectors=np.asfortranarray(values)), "mine.npz")
    np.testing.assert_array_equal(own.values, values)
    np.testing.assert_array_equal(own.positions, np.arange(10_000))
    again = own_vectors.read(tsv(values), "mine.tsv")
    np.testing.assert_allclose(again.values, values, rtol=1e-4, atol=1e-4)


def test_lines_of_text_name_their_pictures_below_a_first_line_that_says_so():
    rows = np.column_stack([CHOSEN, VALUES])
    own = own_vectors.read(tsv(rows, "picture\ta\tb\tc\td\te\n") + b"\n", "mine.tsv")
    np.testing.assert_allclose(own.values, VALUES[np.argsort(CHOSEN)], rtol=1e-4)


def lying_npz() -> bytes:
    """An array that says it has 10,000 rows and holds none."""
    file, header = io.BytesIO(), io.BytesIO()
    np.lib.format.write_array_header_1_0(header, {"descr": "<f8", "fortran_order": False, "shape": (10_000, 2_000)})
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("vectors.npy", header.getvalue() + b"\0" * 64)
    return file.getvalue()


WITH_HOLE = np.where(np.arange(60).reshape(12, 5) == 33, np.nan, VALUES)


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        (b"x" * 10, "mine.npz", "cannot be read as NPZ"),
        (b"\0" * 10, "mine.tsv", "cannot be read as TSV"),
        ("größe\t1\n".encode(), "mine.tsv", "cannot be read as TSV"),
        (b"1\t2\tx\n" * 12, "mine.tsv", "cannot be read as TSV"),
        (b"1\t2\t3\n1\t2\n", "mine.tsv", "cannot be read as TSV"),
        (b"", "mine.tsv", "cannot be read|holds 0 vectors"),
        (b"1\t2\t3\n" * 10_001, "mine.tsv", "Expected at most 10,000"),
        (b"1\t" * 5_000 + b"1\n", "mine.tsv", "Expected at most 10,000"),
        (tsv(VALUES), "mine.csv", r"ends in \.npz or \.tsv"),
        (tsv(VALUES), "mine.tsv", "which pictures they are of"),
        (npz(values=VALUES), "mine.npz", "no array `vectors`"),
        (npz(vectors=VALUES), "mine.npz", "which pictures they are of"),
        (npz(vectors=np.array([{}], object)), "mine.npz", "is object"),
        (npz(vectors=VALUES.astype(complex)), "mine.npz", "complex"),
        (npz(vectors=VALUES.ravel()), "mine.npz", "2 axes"),
        (npz(vectors=np.zeros((12, 2_049)), pictures=CHOSEN), "mine.npz", "at most 10,000 x 2,048"),
        (npz(vectors=np.zeros((10_001, 3), np.int8)), "mine.npz", "at most 10,000"),
        (npz(vectors=VALUES[:, :2], pictures=CHOSEN), "mine.npz", "Expected 10 to 10,000 of 3"),
        (npz(vectors=VALUES[:4], pictures=CHOSEN[:4]), "mine.npz", "Expected 10 to 10,000"),
        (npz(vectors=WITH_HOLE, pictures=CHOSEN), "mine.npz", "not a number"),
        (npz(vectors=1e25 * VALUES, pictures=CHOSEN), "mine.npz", "beyond 1,000,000,000"),
        (npz(vectors=1e300 * VALUES, pictures=CHOSEN), "mine.npz", "beyond 1,000,000,000"),
        (npz(vectors=VALUES, pictures=CHOSEN[:5]), "mine.npz", "name a test picture a vector"),
        (npz(vectors=VALUES, pictures=CHOSEN + 5_000), "mine.npz", "name a test picture"),
        (npz(vectors=VALUES, pictures=CHOSEN - 0.5), "mine.npz", "whole number"),
        (npz(vectors=VALUES, pictures=np.zeros(12, int)), "mine.npz", "same picture, 0"),
        (lying_npz(), "mine.npz", "ends too early"),
    ],
)
def test_what_is_no_file_of_vectors_is_refused_in_a_sentence(content, name, said):
    with pytest.raises(VectorError, match=said):
        own_vectors.read(content, name)


def test_a_bomb_is_refused_before_it_is_unpacked():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("vectors.npy", "w") as inside:
        header = {"descr": "<f8", "fortran_order": False, "shape": (10**6, 2_000)}
        np.lib.format.write_array_header_1_0(inside, header)
        inside.write(bytes(10**8))
    start = time.monotonic()
    with pytest.raises(VectorError, match="Expected at most 10,000"):
        own_vectors.read(file.getvalue(), "mine.npz")
    assert time.monotonic() - start < 0.5


def kept(count: int = 60) -> str:
    chosen = np.arange(100, 100 + count)
    return own_vectors.keep(own_vectors.read(npz(vectors=RNG.normal(size=(count, 8)), pictures=chosen), "a.npz"))


def test_a_map_is_made_of_them_and_of_some_of_them_without_a_run():
    name = kept()
    spec = MapSpec("tsne", name, parameters=Parameters(iterations=20, perplexity=5.0))
    assert spec.canonical.run is None and resolve(spec).tolist() == list(range(100, 160))
    where, _ = map_jobs.prepare(spec)
    assert worker.work(map_jobs.job(where)).state == "done"
    stored = maps.load(where)
    assert stored.coordinates.shape == (60, 2) and "own vectors" in maps.describe(stored.spec)
    assert stored.figures.reduced == "A vector of your own has 8 values."
    some = MapSpec("pca", name, pictures=PictureChoice(positions=(5, 101, 120)))
    assert resolve(some).tolist() == [101, 120]
    whole, part = (map_vectors.read_vectors(one, resolve(one))[1] for one in (spec, some))
    np.testing.assert_array_equal(part, whole[[1, 20]])
    with pytest.raises(RunError, match="vectors of your own"):
        transform.place(where.name, np.zeros((28, 28), np.uint8))
    with pytest.raises(ValueError, match="Choose the test pictures"):
        resolve(MapSpec("pca", name, pictures=PictureChoice("train")))


def test_the_same_vectors_have_one_name_and_the_oldest_go(monkeypatch):
    monkeypatch.setattr(own_vectors, "MOST_KEPT", 2)
    same = npz(vectors=VALUES, pictures=CHOSEN)
    first, again = (own_vectors.keep(own_vectors.read(same, "a.npz")) for _ in range(2))
    assert first == again and own_vectors.is_own(first)
    others = [kept(20 + number) for number in range(2)]
    assert len(set(others)) == 2
    with pytest.raises(RunError, match="Load their file again"):
        own_vectors.load(first)
    own_vectors.load(others[1])


def test_vectors_that_are_all_the_same_make_no_map():
    own = own_vectors.read(npz(vectors=np.ones((12, 5)), pictures=CHOSEN), "a.npz")
    with pytest.raises(VectorError, match="All vectors are the same"):
        own_vectors.keep(own)


def test_a_damaged_file_of_kept_vectors_is_a_sentence():
    name = kept()
    own_vectors.SHELF.file_of(name).write_bytes(b"garbage")
    with pytest.raises(RunError, match="are damaged"):
        own_vectors.load(name)


def test_the_command_line_makes_a_map_of_a_file(tmp_path, capsys):
    file = tmp_path / "mine.npz"
    file.write_bytes(npz(vectors=VALUES, pictures=CHOSEN))
    assert main(["embed", "--vectors", str(file), "--method", "pca"]) == 0
    assert "?of=own_" in capsys.readouterr().out
    assert main(["embed", "--vectors", str(tmp_path / "none.npz")]) == 1
    file.write_bytes(b"garbage")
    assert main(["embed", "--vectors", str(file)]) == 1
    assert "cannot be read as NPZ" in capsys.readouterr().err
