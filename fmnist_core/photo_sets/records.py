"""What was made of a kept set: its photos in each way, which no network changes, and each run's answers to them.

ways-VARIANT-MARK.npz, answers-RUN-VARIANT-MARK.npz in the set's folder. MARK follows from the code that makes pictures
of photos and, of answers, from the run's model.onnx and its photo calibration: what is stale is not found, and made
anew. The job that makes them: python -m fmnist_core work photos FOLDER.
"""

import hashlib
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np

from fmnist_core import photo
from fmnist_core.inference import photo_calibrations
from fmnist_core.inference.classifier import open_classifier
from fmnist_core.jobs import queue
from fmnist_core.jobs.durations import Estimate
from fmnist_core.jobs.kinds import PHOTOS
from fmnist_core.jobs.lifecycle import Job
from fmnist_core.jobs.worker import Ending, Reporter, Stopped
from fmnist_core.photo.steps import Prepared, View
from fmnist_core.photo_sets import measuring, photo_sets, variants
from fmnist_core.photo_sets.measuring import Answers
from fmnist_core.photo_sets.photo_sets import PhotoSet
from fmnist_core.photo_sets.variants import VARIANTS, Variant
from fmnist_core.progress import OnShare
from fmnist_core.runs import runs
from fmnist_core.runs.runs import Run
from fmnist_core.storage import reading, stored_arrays
from fmnist_core.storage.schema import parse_json

VERSION = 1


@cache
def code_mark() -> str:
    """8 hexadecimal digits of the code between a photo and a picture: other code makes other pictures."""
    told = hashlib.sha256(str(VERSION).encode())
    for path in sorted(Path(str(photo.__file__)).parent.glob("*.py")):
        told.update(path.read_bytes())
    return told.hexdigest()[:8]


def answers_file(of: PhotoSet, run: Run, variant: str) -> Path:
    """Where they are, or would be."""
    told = [code_mark()]
    for path in (run.folder / "model.onnx", photo_calibrations.place(run)):
        try:
            about = path.stat()
            told.append(f"{about.st_size} {about.st_mtime_ns}" if path.parent == run.folder else path.name)
        except OSError:
            told.append(path.name)  # a calibration that is made with the first answers
    mark = hashlib.sha256(" ".join(told).encode()).hexdigest()[:8]
    return of.folder / f"answers-{run.id}-{variant}-{mark}.npz"


def load_answers(of: PhotoSet, run: Run) -> dict[str, Answers]:
    """Those that are there, by variant; what is damaged is not."""
    classes, found = len(runs.read_config(run).class_names), {}
    for variant in VARIANTS:
        try:
            arrays = stored_arrays.load(answers_file(of, run, variant), "called", "probabilities", "known")
            found[variant] = _checked(arrays, len(of.photos), classes)
        except (OSError, ValueError):
            continue
    return found


def _checked(arrays: dict[str, np.ndarray], photos: int, classes: int) -> Answers:
    called, probabilities, known = arrays["called"], arrays["probabilities"], arrays["known"]
    shaped = called.shape == known.shape == (photos,) and probabilities.shape == (photos, classes)
    if not shaped or called.dtype.kind != "i" or known.dtype.kind != "i" or not np.isfinite(probabilities).all():
        raise ValueError("answers to other photos")
    if photos and not 0 <= called.min() <= called.max() < classes:
        raise ValueError("no such classes")
    told = None if (known < 0).any() else known > 0
    return Answers(called.astype(np.int64), probabilities.astype(np.float32), told)


def _save_answers(path: Path, answers: Answers) -> None:
    known = np.full(len(answers.called), -1) if answers.known is None else answers.known
    arrays = {"called": answers.called.astype(np.int16), "probabilities": answers.probabilities}
    stored_arrays.save(path, arrays | {"known": np.asarray(known).astype(np.int8)})


# A set's photos in one way


def _ways_file(of: PhotoSet, variant: str) -> Path:
    return of.folder / f"ways-{variant}-{code_mark()}.npz"


def load_prepared(of: PhotoSet, variant: str) -> list[Prepared] | None:
    """Each photo as it is answered, without its steps; None where they have not been made."""
    names = ("pictures", "views", "counts", "weights", "pairs")
    try:
        found = stored_arrays.load(_ways_file(of, variant), *names)
    except (OSError, ValueError):
        return None
    pictures, views, counts = found["pictures"], found["views"], found["counts"]
    if len(pictures) != len(of.photos) or len(counts) != len(pictures) or counts.sum() != len(views):
        return None
    each = [
        View(picture, float(weight), bool(pair))
        for picture, weight, pair in zip(views, found["weights"], found["pairs"], strict=True)
    ]
    ends = np.cumsum(counts)
    return [
        Prepared(picture, (), (), tuple(each[end - count : end]))
        for picture, count, end in zip(pictures, counts, ends, strict=True)
    ]


def _save_prepared(of: PhotoSet, variant: str, prepared: Sequence[Prepared]) -> None:
    views = [view for one in prepared for view in one.views]
    pictures = np.stack([one.picture for one in prepared])
    arrays = {
        "pictures": pictures,
        "views": np.stack([view.picture for view in views]) if views else pictures[:0],
        "counts": np.array([len(one.views) for one in prepared], np.int32),
        "weights": np.array([view.weight for view in views], np.float64),
        "pairs": np.array([view.pair for view in views], bool),
    }
    stored_arrays.save(_ways_file(of, variant), arrays)


def _prepare_missing(of: PhotoSet, ways: Sequence[Variant], on_share: OnShare) -> None:
    missing = tuple(way for way in ways if not _ways_file(of, way.name).exists())
    made: dict[str, list[Prepared]] = {way.name: [] for way in missing}
    for place in range(len(of.photos) if missing else 0):
        on_share(place / len(of.photos))
        for name, one in variants.prepare(photo_sets.image(of, place), missing).items():
            made[name].append(measuring.without_steps(one))
    for name, each in made.items():
        _save_prepared(of, name, each)


# The job


def job(of: PhotoSet, run: Run) -> Job:
    """The job that measures a run on a set."""
    return Job(PHOTOS, of.folder / f"job-{run.id}")


def submit(of: PhotoSet, run: Run, ways: Sequence[Variant], expected: Estimate | None = None) -> None:
    """Starts the job that answers a set's photos in these ways, unless one is at it. Raises RunError."""
    spec = {"set": of.name, "run": run.id, "variants": [way.name for way in ways]}
    queue.start(job(of, run), epochs=len(of.photos), spec=spec, expected=expected)


def work(reporter: Reporter) -> Ending:
    """Does what a job's spec.json says; see `worker.work`. What is there already is not made again."""
    spec = parse_json(reading.read_bytes(reporter.folder / "spec.json"))
    of, run = photo_sets.load(spec["set"]), runs.find(spec["run"])

    def told(phase: str, first: float, last: float) -> OnShare:
        def tell(share: float) -> None:
            if reporter.cancelled():
                raise Stopped("Stopped before it was done. What is finished is kept.")
            epoch = int((first + (last - first) * share) * len(of.photos))
            reporter.tell(reporter.update(phase=phase, message="", epoch=epoch))

        return tell

    ways = [VARIANTS[name] for name in spec["variants"]]
    make(of, run, ways, told("making pictures of the photos", 0, 0.6), told("asking the network", 0.6, 1))
    return Ending(epoch=len(of.photos))


def make(of: PhotoSet, run: Run, ways: Sequence[Variant], on_prepared: OnShare, on_answered: OnShare) -> None:
    """Makes the answers that are not there yet. Raises RunError, DataError, ValueError, OSError."""
    classifier, names = open_classifier(run), runs.read_config(run).class_names
    calibration = photo_calibrations.calibration(run, classifier)
    missing = [way for way in ways if not answers_file(of, run, way.name).exists()]
    _prepare_missing(of, missing, on_prepared)
    for number, way in enumerate(missing):
        prepared = load_prepared(of, way.name)
        if prepared is None:
            raise ValueError("The photos' pictures are damaged. Delete the set, and bring the photos again.")
        tell = lambda done, number=number: on_answered((number + done / len(of.photos)) / len(missing))  # noqa: E731
        found = measuring.answer_all(prepared, classifier, names, calibration, tell)
        _save_answers(answers_file(of, run, way.name), found)
