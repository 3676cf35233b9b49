"""The Fashion-MNIST dataset: the only place that knows 28, 255, 10 and the class names.

Source: https://github.com/zalandoresearch/fashion-mnist (MIT licence); paper: arXiv 1708.07747.
"""

import functools
import gzip
import hashlib
import os
import struct
import zlib
from pathlib import Path
from typing import NamedTuple

import numpy as np

SIDE = 28  # pixels
WHITE = 255  # the largest uint8 value; pictures are divided by it before they enter a network
CLASS_NAMES = (
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
)
SPLITS = ("train", "test")
SIZES = {"train": 60_000, "test": 10_000}

# SHA-256 of the uncompressed IDX payloads: the gzip headers differ between distributors, the payloads do not.
PAYLOAD_SHA256 = {
    "train-images-idx3-ubyte": "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
    "train-labels-idx1-ubyte": "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
    "t10k-images-idx3-ubyte": "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
    "t10k-labels-idx1-ubyte": "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
}
_FILE_PREFIX = {"train": "train", "test": "t10k"}


class DataError(RuntimeError):
    """The dataset's files are missing or damaged; the message says which and what to do."""


class Pictures(NamedTuple):
    """One split, read-only. images: (n, 28, 28) uint8, garment light on black; labels: (n,) uint8 in 0..9."""

    images: np.ndarray
    labels: np.ndarray


def data_folder() -> Path:
    """Where the four official files lie: `assets/data`, or where FMNIST_DATA points."""
    return Path(os.environ.get("FMNIST_DATA") or Path(__file__).parent.parent / "assets" / "data")


def load_split(split: str) -> Pictures:
    """Returns the pictures and labels of "train" (60,000) or "test" (10,000), cached for the process.

    Raises:
        ValueError: an unknown split.
        DataError: a file is missing or is not the published one.
    """
    if split not in SPLITS:
        raise ValueError(f"Unknown split {split!r}. Choose one of: {', '.join(SPLITS)}.")
    return _load_split(split, data_folder())


@functools.lru_cache(maxsize=4)
def _load_split(split: str, folder: Path) -> Pictures:
    prefix = _FILE_PREFIX[split]
    images = _read_idx(folder, f"{prefix}-images-idx3-ubyte").reshape(-1, SIDE, SIDE)
    labels = _read_idx(folder, f"{prefix}-labels-idx1-ubyte")
    return Pictures(images, labels)


def read_payload(folder: Path, name: str) -> bytes:
    """Returns the checked uncompressed content of one official file.

    Raises:
        DataError: the file is missing, cut, damaged or not the published one.
    """
    path = folder / f"{name}.gz"
    remedy = "Get it again with `git checkout assets/data`, or from Zalando Research's fashion-mnist repository."
    try:
        payload = gzip.decompress(path.read_bytes())
    except FileNotFoundError:
        raise DataError(f"The dataset file {path.name} is missing. {remedy}") from None
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"The dataset file {path.name} cannot be read ({type(error).__name__}). {remedy}") from None
    if hashlib.sha256(payload).hexdigest() != PAYLOAD_SHA256[name]:
        raise DataError(f"The dataset file {path.name} is not the published one: its SHA-256 differs. {remedy}")
    return payload


def _read_idx(folder: Path, name: str) -> np.ndarray:
    """IDX: two zero bytes, type 8 (uint8), number of dimensions, each size as big-endian uint32, values."""
    payload = read_payload(folder, name)
    dimensions = payload[3]
    shape = struct.unpack(f">{dimensions}I", payload[4 : 4 + 4 * dimensions])
    array = np.frombuffer(payload, np.uint8, offset=4 + 4 * dimensions).reshape(shape)
    array.setflags(write=False)
    return array


def to_network_input(images: np.ndarray) -> np.ndarray:
    """(n, 28, 28) uint8 -> (n, 28, 28, 1) float32 in [0, 1], what every model of the zoo takes."""
    return (images.astype(np.float32) / WHITE)[..., np.newaxis]


def fingerprint() -> str:
    """Identifies the dataset in a run's record: a SHA-256 over the four published payload hashes."""
    return hashlib.sha256("".join(PAYLOAD_SHA256.values()).encode()).hexdigest()[:16]


def picture_address(split: str, index: int) -> str:
    """The name of one picture in addresses and files: "test/4021"."""
    return f"{split}/{index}"


def parse_picture_address(address: str) -> tuple[str, int]:
    """The split and index named by "test/4021".

    Raises:
        ValueError: not of that form, an unknown split or an index outside it.
    """
    split, _, number = address.partition("/")
    digits = number.isascii() and number.isdecimal()  # "٣" is a decimal too, and no address writes it
    if split not in SPLITS or not digits or len(number) > 5 or int(number) >= SIZES[split]:
        raise ValueError(f"{address[:40]!r} is no picture. Expected train/0 to train/59999 or test/0 to test/9999.")
    return split, int(number)
