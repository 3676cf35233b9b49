"""What the makers share: pictures in the five conventions, and the list of what was made. NumPy alone."""

import json
from pathlib import Path

import numpy as np

from fmnist_core import data

PICTURES = 12_000  # that are trained on
RGB_MEAN, RGB_DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


def pictures(split: str, values: str) -> tuple[np.ndarray, np.ndarray]:
    """(n, 28, 28) float32 and (n,) int64; of imagenet (n, 3, 28, 28)."""
    found = data.load_split(split)
    images, labels = found.images.astype(np.float32), found.labels.astype(np.int64)
    if split == "train":
        images, labels = images[:PICTURES], labels[:PICTURES]
    pixels = images / np.float32(255)
    if values == "imagenet":
        shape = (1, 3, 1, 1)
        mean, deviation = (np.array(one, np.float32).reshape(shape) for one in (RGB_MEAN, RGB_DEVIATION))
        return (np.repeat(pixels[:, None], 3, 1) - mean) / deviation, labels
    made = {
        "0..1": pixels,
        "-1..1": pixels * 2 - 1,
        "0..255": images,
        "standardised": (pixels - np.float32(0.2860)) / np.float32(0.3530),
    }
    return made[values], labels


class Made:
    """Models in a folder, with what their makers measured: made.json."""

    def __init__(self, folder: Path):
        self._file = folder / "made.json"

    def add(self, file: str, maker: str, input: str, answers: np.ndarray) -> None:
        """answers: (10,000, 10), as the maker's own library gives them for the test pictures."""
        accuracy = float((np.asarray(answers).argmax(axis=1) == data.load_split("test").labels).mean())
        known = json.loads(self._file.read_text()) if self._file.exists() else []
        known = [one for one in known if one["file"] != file]
        known.append({"file": file, "maker": maker, "input": input, "accuracy": accuracy})
        self._file.write_text(json.dumps(known, indent=1))
        print(f"{file}: {maker}, {input}, {100 * accuracy:.2f} %", flush=True)
