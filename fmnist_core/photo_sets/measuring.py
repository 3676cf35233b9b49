"""What a network says of photos in named folders, in each way from a photo to a picture. Nothing is fitted to them."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from fmnist_core.analysis.photo_calibration import PhotoCalibration
from fmnist_core.inference import photo_answer
from fmnist_core.inference.photo_answer import Network
from fmnist_core.photo.steps import Prepared
from fmnist_core.photo_sets import variants
from fmnist_core.photo_sets.intake import Source
from fmnist_core.photo_sets.variants import Variant

OnPhoto = Callable[[int, int], None]  # is told how many photos are done, of how many


@dataclass(frozen=True, eq=False)
class Answers:
    """Of n photos, in their order.

    called: (n,) int64, class indices. probabilities: (n, classes) float32, calibrated for photos where that is known.
    known: (n,) bool, whether each looks like what the network was trained on; None where that is not told.
    """

    called: np.ndarray
    probabilities: np.ndarray
    known: np.ndarray | None


@dataclass(frozen=True, eq=False)
class Measured:
    """folders: of the photos that could be read. answers: in the same order, by the names of the variants."""

    folders: tuple[str, ...]
    answers: dict[str, Answers]


def answer_all(
    prepared: Iterable[Prepared],
    network: Network,
    names: Sequence[str],
    calibration: PhotoCalibration | None,
    on_photo: Callable[[int], None] = lambda done: None,
) -> Answers:
    """As Predict answers each. on_photo: is told how many are done. Raises as `photo_answer.answer`."""
    called, probabilities, known = [], [], []
    for number, one in enumerate(prepared, 1):
        found = photo_answer.answer(one, network, names, calibration)
        called.append(found.best)
        probabilities.append(found.probabilities)
        known.append(found.known)
        on_photo(number)
    told = None if calibration is None else np.array(known, bool)
    rows = np.array(probabilities, np.float32).reshape(len(called), len(names))
    return Answers(np.array(called, np.int64), rows, told)


def measure(
    source: Source,
    ways: Sequence[Variant],
    network: Network,
    names: Sequence[str],
    calibration: PhotoCalibration | None,
    on_photo: OnPhoto = lambda done, of: None,
) -> Measured:
    """All photos of a folder or an archive, one after the other: no two of them are in memory at once.

    Raises:
        RunError, DataError, ValueError: as `photo_answer.answer`.
    """
    kept, made = [], [list[Prepared]() for _ in ways]
    for number, (photo, decoded) in enumerate(source.decoded(), 1):
        if decoded is not None:
            kept.append(photo)
            prepared = variants.prepare(decoded.image, tuple(ways))
            for place, way in enumerate(ways):
                made[place].append(without_steps(prepared[way.name]))
        on_photo(number, len(source.photos))
    answers = {way.name: answer_all(each, network, names, calibration) for way, each in zip(ways, made, strict=True)}
    return Measured(tuple(one.folder for one in kept), answers)


def without_steps(prepared: Prepared) -> Prepared:
    """What is answered: the pictures of the steps would take some MB a photo."""
    return Prepared(prepared.picture, (), prepared.warnings, prepared.views)
