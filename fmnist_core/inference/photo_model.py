"""A run that answers photos, with what it needs besides: for commands and notebooks."""

import functools
from pathlib import Path
from typing import NamedTuple

from fmnist_core import data
from fmnist_core.analysis.photo_calibration import PhotoCalibration
from fmnist_core.data import DataError
from fmnist_core.inference import photo_answer, photo_calibrations
from fmnist_core.inference.classifier import Classifier, open_classifier
from fmnist_core.inference.photo_answer import PhotoAnswer
from fmnist_core.photo.steps import Prepared
from fmnist_core.runs import catalogue, runs
from fmnist_core.storage.folders import RunError


class PhotoModel(NamedTuple):
    """names: of the classes. calibration: None without the dataset; probabilities are raw then, and `note` says so."""

    names: tuple[str, ...]
    classifier: Classifier
    calibration: PhotoCalibration | None
    note: str = ""

    def answer(self, prepared: Prepared) -> PhotoAnswer:
        """What the app answers: calibrated for photos, raw for drawings. Raises as `photo_answer.answer`."""
        return photo_answer.answer(prepared, self.classifier, self.names, self.calibration, raw=prepared.drawn)


def open_model(run_id: str | None = None) -> PhotoModel:
    """That of a run, by default of the one that the app opens with. Raises RunError."""
    if run_id:
        run = runs.find(run_id)
    else:
        row = catalogue.default_run(catalogue.list_rows())
        if row is None:
            raise RunError("There is no finished run to classify with. Train one: python -m fmnist_core train cnn_2")
        run = row.run
    names, classifier = tuple(runs.read_config(run).class_names), open_classifier(run)
    try:
        data.load_split("train")  # its outlines tell what is strange
        return PhotoModel(names, classifier, photo_calibrations.calibration(run, classifier))
    except DataError as error:
        words = "Probabilities are raw, and whether the run knows these photos cannot be told."
        return PhotoModel(names, classifier, None, f"{words} {error}")


@functools.lru_cache(maxsize=2)
def kept_model(run_id: str | None, folder: Path) -> PhotoModel:
    """The same, kept for the next photo. folder: where own runs lie."""
    return open_model(run_id)
