"""How many snapshots of clothes one model gets right, by each way from a photo to a picture.

    python -m benchmarks.photo.photos --photos FOLDER [--run RUN]

FOLDER holds a folder of photos for each group of `ANSWERS`; others are left out. They are measured on and nothing is
fitted to them. Shares are means over the groups, so that each group counts alike. RUN is the flagship's by default.
Answers are the app's, calibrated for photos: `evaluate RUN --pictures FOLDER --mode all` gives the same figures.
"""

import argparse
import dataclasses
import io
import statistics
import sys
import time
from pathlib import Path

import numpy as np
from PIL import Image

from fmnist_core.analysis.photo_calibration import PhotoCalibration
from fmnist_core.inference import photo_calibrations
from fmnist_core.inference.classifier import Classifier, open_classifier
from fmnist_core.machine import describe_machine
from fmnist_core.metrics import evaluation
from fmnist_core.photo.decode import decode
from fmnist_core.photo.pipeline import DEFAULT_MODE, MODES, prepare, prepare_all
from fmnist_core.photo.steps import Prepared
from fmnist_core.photo.views import combine, views
from fmnist_core.photo_sets import measuring
from fmnist_core.photo_sets.folder_names import classes_of
from fmnist_core.photo_sets.summary import right_answers
from fmnist_core.runs import catalogue, runs
from fmnist_core.runs.runs import Run
from fmnist_core.storage.folders import RunError

GROUPS = ("t-shirt", "pants", "longsleeve", "dress", "outwear", "shirt", "shoes")
ANSWERS = {group: classes_of(group) for group in GROUPS}  # group -> the answers that count as right
KINDS = {".jpg", ".jpeg", ".png", ".webp"}
ONE_VIEW = "one view"  # the mode best by its shown picture alone, without the mean over views and the rule of pairs
COLUMNS = (*MODES, ONE_VIEW)
LEAST_MEAN, LEAST_GROUP = 0.70, 0.35
MOST_MEDIAN, MOST_P95 = 0.5, 1.5  # seconds
PIXELS = 1_000_000
TIMED = 40


@dataclasses.dataclass(frozen=True)
class Model:
    run: Run
    classifier: Classifier
    class_names: tuple[str, ...]

    def answer(self, prepared: Prepared) -> str:
        probabilities = evaluation.softmax(self.classifier.logits(views(prepared)))
        return self.class_names[int(combine(prepared, probabilities, self.class_names).argmax())]


def ways(photo: Image.Image) -> dict[str, Prepared]:
    """A photo in each of `COLUMNS`."""
    prepared = prepare_all(photo)
    return prepared | {ONE_VIEW: dataclasses.replace(prepared[DEFAULT_MODE], views=())}


def find_photos(folder: Path) -> dict[str, list[Path]]:
    """The photos of each group. Raises FileNotFoundError where a group has none."""
    found = {}
    for group in ANSWERS:
        found[group] = sorted(path for path in folder.glob(f"{group}/*") if path.suffix.lower() in KINDS)
        if not found[group]:
            raise FileNotFoundError(f"There is no photo in {folder / group}. Expected folders: {', '.join(ANSWERS)}.")
    return found


def shares_right(
    photos: dict[str, list[Path]], model: Model, calibration: PhotoCalibration | None
) -> dict[str, dict[str, float]]:
    """Group -> column -> the share of its photos whose answer is right."""
    shares: dict[str, dict[str, float]] = {}
    names = model.class_names
    for group, paths in photos.items():
        prepared, shares[group] = [ways(decode(path.read_bytes())) for path in paths], {}
        for column in COLUMNS:
            given = measuring.answer_all(
                [one[column] for one in prepared], model.classifier, model.class_names, calibration
            )
            _, right = right_answers([group] * len(paths), given.called, names)
            shares[group][column] = float(right.mean())
    return shares


def seconds_a_photo(photos: dict[str, list[Path]], model: Model) -> np.ndarray:
    """(n,) from the JPEG file of a megapixel to the answer in the mode best, for photos from all groups."""
    paths = [path for group in photos.values() for path in group]
    seconds = []
    for path in paths[:: max(1, len(paths) // TIMED)]:
        photo = decode(path.read_bytes())
        scale = (PIXELS / (photo.width * photo.height)) ** 0.5
        file = io.BytesIO()
        photo.resize((round(photo.width * scale), round(photo.height * scale))).save(file, "JPEG", quality=90)
        start = time.perf_counter()
        model.answer(prepare(decode(file.getvalue()), DEFAULT_MODE))
        seconds.append(time.perf_counter() - start)
    return np.array(seconds)


def choose_model(name: str | None) -> Model:
    row = None if name else catalogue.default_run(catalogue.list_rows())
    if not name and row is None:
        raise RunError("There is no finished run to classify with. Train one: python -m fmnist_core train cnn_2")
    run = row.run if row else runs.find(str(name))
    return Model(run, open_classifier(run), runs.read_config(run).class_names)


def model_and_photos(description: str) -> tuple[Model, argparse.Namespace]:
    """What benchmarks of one model are told on the command line: --photos FOLDER, --run ID, --mode MODE."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", type=Path, metavar="FOLDER")
    parser.add_argument("--run", help="the id of a run; by default the flagship's")
    parser.add_argument("--mode", default=DEFAULT_MODE)
    options = parser.parse_args()
    try:
        model = choose_model(options.run)
    except RunError as error:
        sys.exit(str(error))
    print(model.run.id)
    return model, options


def verdict(met: bool) -> str:
    return "ok" if met else "falls short"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", type=Path, required=True, help="a folder with a folder of photos for each group")
    parser.add_argument("--run", help="the id of a run; by default the flagship's")
    options = parser.parse_args()
    try:
        photos, model = find_photos(options.photos), choose_model(options.run)
    except (FileNotFoundError, RunError) as error:
        sys.exit(str(error))
    print(describe_machine(), f"Model: {model.run.id}", "Nothing was fitted to these photos.", sep="\n")
    shares = shares_right(photos, model, photo_calibrations.calibration(model.run, model.classifier))
    print(f"\n{'right, %':<14}{'photos':>8}" + "".join(f"{column:>11}" for column in COLUMNS))
    for group, row in shares.items():
        print(f"{group:<14}{len(photos[group]):>8}" + "".join(f"{100 * row[column]:>11.0f}" for column in COLUMNS))
    means = {column: statistics.mean(row[column] for row in shares.values()) for column in COLUMNS}
    print(f"{'mean of groups':<22}" + "".join(f"{100 * means[column]:>11.1f}" for column in COLUMNS))
    least = min(row[DEFAULT_MODE] for row in shares.values())
    best = means[DEFAULT_MODE]
    print(f"best, mean: {best:.1%} (at least {LEAST_MEAN:.0%}: {verdict(best >= LEAST_MEAN)})")
    print(f"best, worst group: {least:.1%} (at least {LEAST_GROUP:.0%}: {verdict(least >= LEAST_GROUP)})")
    seconds = seconds_a_photo(photos, model)
    for name, value, most in (
        ("median", float(np.median(seconds)), MOST_MEDIAN),
        ("95 % within", float(np.percentile(seconds, 95)), MOST_P95),
    ):
        print(f"a megapixel, {name}: {value:.3f} s (at most {most:g} s: {verdict(value <= most)})")


if __name__ == "__main__":
    main()
