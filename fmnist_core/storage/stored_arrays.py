"""Arrays in .npz files: written in one step, read without trust."""

from pathlib import Path

import numpy as np

from fmnist_core.storage import reading
from fmnist_core.storage.atomic import replacing

LARGEST_FLOAT16 = float(np.finfo(np.float16).max)


def save(path: Path, arrays: dict[str, np.ndarray], compress: bool = True) -> None:
    """Replaces the file. Raises OSError where it cannot be written; the old file stays then."""
    write = np.savez_compressed if compress else np.savez
    with replacing(path) as temporary, temporary.open("wb") as file:
        write(file, allow_pickle=False, **arrays)


def load(path: Path, *names: str, limit: int = reading.LARGEST) -> dict[str, np.ndarray]:
    """The named arrays of a file, or all of them.

    Args:
        limit: bytes that the file may have, and all of its arrays once they are unpacked.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: it cannot be read, is too large, or lacks one of the names.
    """
    try:
        with reading.open_file(path, limit) as file, np.load(file, allow_pickle=False) as stored:
            if sum(entry.file_size for entry in stored.zip.infolist()) > limit:
                raise ValueError("unpacks to more than such a file holds")
            return {name: stored[name] for name in names or stored.files}
    except FileNotFoundError:
        raise
    except Exception as error:  # damage leads NumPy and zipfile to errors of all kinds: TokenError, MemoryError, ...
        raise ValueError(f"{path.name} does not hold the arrays it should ({type(error).__name__})") from None


def as_float16(values: np.ndarray) -> np.ndarray:
    """Float16 without infinities: what is too large becomes the largest there is."""
    return values.clip(-LARGEST_FLOAT16, LARGEST_FLOAT16).astype(np.float16)


def logits_as_float16(logits: np.ndarray) -> np.ndarray:
    """(n, classes) as float16. Rows that float16 cannot hold are shifted so that their largest is 0.

    A shift changes neither their order nor the probabilities.
    """
    large = np.abs(logits).max(axis=1, keepdims=True, initial=0) > LARGEST_FLOAT16
    return as_float16(logits - np.where(large, logits.max(axis=1, keepdims=True, initial=-np.inf), 0))
