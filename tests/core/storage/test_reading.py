"""A name says nothing of what lies there: pipes, devices, folders and files far too large are refused, at once.

Run: python -m pytest tests/core/storage/test_reading.py
"""

import errno
import io
import zipfile

import numpy as np
import pytest

from fmnist_core.storage import reading, stored_arrays
from tests.odd_files import ODD, at_once, put_in_place_of


@pytest.mark.parametrize("kind", ODD)
def test_what_is_no_file_is_refused(tmp_path, kind):
    path = tmp_path / "status.json"
    put_in_place_of(path, kind)
    with at_once():
        for read in (reading.open_file, reading.read_bytes):
            with pytest.raises(OSError):
                read(path)
        with pytest.raises(ValueError, match="status.json does not hold the arrays it should"):
            stored_arrays.load(path)


@pytest.mark.parametrize("kind", [kind for kind in ODD if kind != "huge"])
def test_nothing_is_appended_to_what_is_no_file(tmp_path, kind):
    path = tmp_path / "log.txt"
    put_in_place_of(path, kind)
    with at_once(), pytest.raises(OSError):
        reading.open_to_append(path)


def test_a_file_is_read_and_appended_to(tmp_path):
    path = tmp_path / "log.txt"
    for _ in range(2):
        with reading.open_to_append(path) as file:
            file.write(b"word ")
    assert reading.read_bytes(path) == b"word word "
    with pytest.raises(FileNotFoundError):
        reading.read_bytes(tmp_path / "other.txt")


@pytest.mark.parametrize(
    ("name", "limit"), [("a.json", 2_000_000), ("a.jsonl", 20_000_000), ("log.txt", 20_000_000), ("a.npz", 300_000_000)]
)
def test_a_kind_of_file_has_its_limit(tmp_path, name, limit):
    path = tmp_path / name
    for size in (limit, limit + 1):
        with path.open("wb") as file:
            file.truncate(size)
        if size == limit:
            reading.open_file(path).close()
    with pytest.raises(OSError) as caught:
        reading.open_file(path)
    assert caught.value.errno == errno.EFBIG


def test_a_file_that_grows_while_it_is_read_is_refused(tmp_path, monkeypatch):
    path = tmp_path / "metrics.jsonl"
    path.write_bytes(b"12345")
    monkeypatch.setattr(reading, "open_file", lambda path, limit: path.open("rb"))  # as if it had been smaller then
    with pytest.raises(OSError):
        reading.read_bytes(path, 4)


def test_arrays_that_unpack_to_too_much_are_refused_before_they_are(tmp_path):
    content = io.BytesIO()
    np.save(content, np.zeros(1_000_000, np.uint8))
    with zipfile.ZipFile(tmp_path / "a.npz", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.npy", content.getvalue())
    assert stored_arrays.load(tmp_path / "a.npz", "a")["a"].shape == (1_000_000,)
    with pytest.raises(ValueError, match="does not hold the arrays"):
        stored_arrays.load(tmp_path / "a.npz", "a", limit=900_000)
