"""The dataset: the published one or a sentence that says what is wrong.

Run: python -m pytest tests/core/test_data.py
"""

import gzip
import hashlib
import shutil

import numpy as np
import pytest

from fmnist_core import data
from fmnist_core.data import DataError

LABELS = "t10k-labels-idx1-ubyte"


@pytest.mark.parametrize("name", list(data.PAYLOAD_SHA256))
def test_shipped_file_is_the_published_one(name):
    payload = gzip.decompress((data.data_folder() / f"{name}.gz").read_bytes())
    assert hashlib.sha256(payload).hexdigest() == data.PAYLOAD_SHA256[name]
    assert data.read_payload(data.data_folder(), name) == payload


@pytest.mark.parametrize(
    ("split", "count", "first"),
    [("train", 60_000, [9, 0, 0, 3, 0, 2, 7, 2, 5, 5]), ("test", 10_000, [9, 2, 1, 1, 6, 1, 4, 6, 5, 7])],
)
def test_split_has_the_published_pictures(split, count, first):
    pictures = data.load_split(split)
    assert pictures.images.shape == (count, 28, 28) and pictures.images.dtype == np.uint8
    assert pictures.labels.shape == (count,) and pictures.labels.dtype == np.uint8
    assert pictures.labels[:10].tolist() == first
    assert np.bincount(pictures.labels).tolist() == [count // 10] * 10
    assert data.load_split(split).images is pictures.images


def test_pixels_have_the_known_mean_and_deviation():
    pixels = data.load_split("train").images / 255
    assert (round(pixels.mean(), 4), round(pixels.std(), 4)) == (0.2860, 0.3530)


def test_pictures_are_read_only():
    for array in data.load_split("test"):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0


def test_network_input():
    images = np.array([[[0, 255], [51, 102]]], np.uint8)
    inputs = data.to_network_input(images)
    assert inputs.shape == (1, 2, 2, 1) and inputs.dtype == np.float32
    np.testing.assert_allclose(inputs[0, :, :, 0], [[0, 1], [0.2, 0.4]], rtol=1e-6)


def test_unknown_split_is_refused():
    with pytest.raises(ValueError, match=r"Unknown split 'validation'\. Choose one of: train, test\."):
        data.load_split("validation")


def flip_a_bit(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def replace_by_folder(path):
    path.unlink()
    path.mkdir()


def shrink(path):
    payload = gzip.decompress(path.read_bytes())
    path.write_bytes(gzip.compress(payload[:-1] + b"\x00"))


DAMAGES = {
    "missing": (lambda path: path.unlink(), "is missing"),
    "empty": (lambda path: path.write_bytes(b""), "is not the published one"),
    "cut": (lambda path: path.write_bytes(path.read_bytes()[:2000]), "cannot be read"),
    "bit flipped": (flip_a_bit, "cannot be read"),
    "not gzip": (lambda path: path.write_text("<html>moved</html>"), "cannot be read"),
    "foreign": (lambda path: path.write_bytes(gzip.compress(b"digits")), "is not the published one"),
    "one label changed": (shrink, "is not the published one"),
    "a folder": (replace_by_folder, "cannot be read"),
}


@pytest.mark.parametrize("damage", list(DAMAGES))
def test_damaged_file_is_explained(damage, tmp_path, monkeypatch):
    folder = tmp_path / "data"
    shutil.copytree(data.data_folder(), folder)
    monkeypatch.setenv("FMNIST_DATA", str(folder))
    change, words = DAMAGES[damage]
    change(folder / f"{LABELS}.gz")
    with pytest.raises(DataError) as caught:
        data.load_split("test")
    message = str(caught.value)
    assert f"The dataset file {LABELS}.gz {words}" in message and str(tmp_path) not in message
    assert "git checkout assets/data" in message and "\n" not in message
    assert len(data.load_split("train").labels) == 60_000


def test_fingerprint_names_the_payloads(monkeypatch):
    before = data.fingerprint()
    assert len(before) == 16
    monkeypatch.setitem(data.PAYLOAD_SHA256, LABELS, "0" * 64)
    assert data.fingerprint() != before


@pytest.mark.parametrize(("split", "index"), [("test", 0), ("test", 9_999), ("train", 59_999)])
def test_picture_address_is_read_as_written(split, index):
    assert data.parse_picture_address(data.picture_address(split, index)) == (split, index)


@pytest.mark.parametrize(
    "address",
    ["", "test", "test/", "test/10000", "train/60000", "test/-1", "test/1.0", "val/1", "test/1/2", "test/ 1", "/1"]
    + ["test/" + "9" * 5_000],
)
def test_other_addresses_are_refused(address):
    with pytest.raises(ValueError, match=r"is no picture\. Expected train/0 to train/59999 or test/0 to test/9999\."):
        data.parse_picture_address(address)
