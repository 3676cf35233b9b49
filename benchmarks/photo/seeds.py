"""Photos by every seed of the flagship: accuracy, top-2, calibration, and what is out-of-distribution.

    python -m benchmarks.photo.seeds --photos FOLDER [--half HALF] [--every]

FOLDER holds a folder of photos for each group of `photos.ANSWERS`, and of `STRANGE`, which have no class. Each group is
halved by a hash of the files' names. The way from a photo to a picture was tuned with the first half in sight; the
second was opened once, when all was settled. (Its first version, of 2026-11-22, had seen both: docs/log.md.) Groups
count alike. With --every it tells of every shipped run what its photo calibration changes, and what the mean of the
strongest networks says.
"""

import argparse
import hashlib
from pathlib import Path
from typing import NamedTuple

import numpy as np
from scipy.stats import rankdata

from benchmarks.photo.photos import ANSWERS, KINDS, verdict
from fmnist_core.analysis import photo_calibration
from fmnist_core.data import CLASS_NAMES
from fmnist_core.inference import photo_answer, photo_calibrations
from fmnist_core.inference.classifier import open_classifier
from fmnist_core.inference.photo_answer import PhotoAnswer
from fmnist_core.machine import describe_machine
from fmnist_core.metrics import evaluation
from fmnist_core.photo.decode import decode
from fmnist_core.photo.pipeline import DEFAULT_MODE, prepare
from fmnist_core.photo.steps import Prepared
from fmnist_core.photo.views import combine, views
from fmnist_core.runs import runs

STRANGE = ("hat", "shorts", "skirt")
HALVES = ("tuned on", "blind")
LEAST_MEAN, LEAST_GROUP, LEAST_AUROC, MOST_OFF = 0.72, 0.45, 0.80, 0.05
RESAMPLES = 2_000
STRONGEST = ("flagship", "robust")  # what their runs' ids begin with


class Photo(NamedTuple):
    group: str
    half: str
    prepared: Prepared


class Figures(NamedTuple):
    """One seed's on one half. right, top2: (photos of known groups,) bool, by group. auroc: known against strange."""

    right: dict[str, np.ndarray]
    top2: dict[str, np.ndarray]
    confidence: float
    auroc: float
    false_alarms: float
    strange_flagged: float


def read_photos(folder: Path) -> list[Photo]:
    found = []
    for group in (*ANSWERS, *STRANGE):
        paths = [path for path in (folder / group).iterdir() if path.suffix.lower() in KINDS]
        paths.sort(key=lambda path: hashlib.sha256(f"half{path.name}".encode()).hexdigest())
        for place, path in enumerate(paths):
            half = HALVES[place >= (len(paths) + 1) // 2]
            found.append(Photo(group, half, prepare(decode(path.read_bytes()), DEFAULT_MODE)))
    return found


def figures(groups: list[str], answers: list[PhotoAnswer], stated: float) -> Figures:
    right: dict[str, list[bool]] = {group: [] for group in ANSWERS}
    top2: dict[str, list[bool]] = {group: [] for group in ANSWERS}
    for group, answer in zip(groups, answers, strict=True):
        if group in ANSWERS:
            names = [name for name, _ in answer.top(2)]
            right[group].append(names[0] in ANSWERS[group])
            top2[group].append(bool(set(names) & set(ANSWERS[group])))
    strange = np.isin(groups, STRANGE)
    scores = np.array([answer.in_distribution_score for answer in answers])
    sure = [answer.confidence for answer, other in zip(answers, strange, strict=True) if not other]
    return Figures(
        {group: np.array(values) for group, values in right.items()},
        {group: np.array(values) for group, values in top2.items()},
        float(np.mean(sure)),
        auroc(-scores[~strange], -scores[strange]),
        float((scores[~strange] <= stated).mean()),
        float((scores[strange] <= stated).mean()),
    )


def auroc(known: np.ndarray, strange: np.ndarray) -> float:
    """How often a strange photo's score is the larger one; half for a draw."""
    ranks = rankdata(np.concatenate([known, strange]))[len(known) :]
    return float((ranks.sum() - len(strange) * (len(strange) + 1) / 2) / (len(known) * len(strange)))


def interval(seeds: list[dict[str, np.ndarray]]) -> tuple[float, float]:
    """95 % of the mean over groups and seeds, the photos of each group drawn anew."""
    generator = np.random.default_rng(0)
    each = [np.mean([seed[group] for seed in seeds], axis=0) for group in ANSWERS]  # a photo's share of the seeds
    means = [np.mean([generator.choice(one, len(one)).mean() for one in each]) for _ in range(RESAMPLES)]
    low, high = np.quantile(means, (0.025, 0.975))
    return float(low), float(high)


def show(half: str, seeds: list[Figures], stated: float) -> None:
    groups = {group: float(np.mean([seed.right[group].mean() for seed in seeds])) for group in ANSWERS}
    mean, (low, high) = float(np.mean(list(groups.values()))), interval([seed.right for seed in seeds])
    second = float(np.mean([seed.top2[group].mean() for seed in seeds for group in ANSWERS]))
    right = np.mean([np.concatenate(list(seed.right.values())).mean() for seed in seeds])
    curve, alarms = np.mean([seed.auroc for seed in seeds]), [seed.false_alarms for seed in seeds]
    print(f"\n{half} ({sum(len(one) for one in seeds[0].right.values())} photos of known garments)")
    print("  right by group, %: " + ", ".join(f"{group} {100 * share:.0f}" for group, share in groups.items()))
    goal = f"goal {100 * LEAST_MEAN:.0f}: {verdict(mean >= LEAST_MEAN)}"
    print(
        f"  mean of groups {100 * mean:.1f} % ({100 * low:.1f} to {100 * high:.1f}; {goal}); top-2 {100 * second:.1f} %"
    )
    least = min(groups.values())
    print(f"  worst group {100 * least:.0f} % (at least {100 * LEAST_GROUP:.0f}: {verdict(least >= LEAST_GROUP)})")
    print(f"  it says {100 * np.mean([seed.confidence for seed in seeds]):.1f} % and is right {100 * right:.1f} %")
    each = ", ".join(f"{seed.auroc:.3f}" for seed in seeds)
    print(f"  out-of-distribution: AUROC {curve:.3f} ({each}; goal {LEAST_AUROC}: {verdict(curve >= LEAST_AUROC)})")
    off = max(abs(one - stated) for one in alarms)
    told = ", ".join(f"{100 * one:.1f}" for one in alarms)
    caught = ", ".join(f"{100 * seed.strange_flagged:.0f}" for seed in seeds)
    print(
        f"  false alarms {told} %, {100 * stated:.0f} stated ({verdict(off <= MOST_OFF)}); strange flagged {caught} %"
    )


def measure(folder: Path, halves: tuple[str, ...] = HALVES) -> None:
    """Prints the figures of each half."""
    photos, stated = read_photos(folder), photo_calibration.FALSE_ALARMS
    found: dict[str, list[Figures]] = {half: [] for half in halves}
    for run in runs.list_runs():
        if not (run.shipped and run.id.startswith("flagship-")):
            continue
        classifier = open_classifier(run)
        calibration = photo_calibrations.calibration(run, classifier)
        for half, seeds in found.items():
            some = [photo for photo in photos if photo.half == half]
            answers = [photo_answer.answer(photo.prepared, classifier, CLASS_NAMES, calibration) for photo in some]
            seeds.append(figures([photo.group for photo in some], answers, stated))
    for half, seeds in found.items():
        show(half, seeds, stated)


def share_right(photos: list[Photo], probabilities: np.ndarray, half: str) -> float:
    """The mean over the groups. probabilities: (photos, classes)."""
    right: dict[str, list[bool]] = {group: [] for group in ANSWERS}
    for photo, row in zip(photos, probabilities, strict=True):
        if photo.half == half and photo.group in ANSWERS:
            right[photo.group].append(CLASS_NAMES[int(row.argmax())] in ANSWERS[photo.group])
    return float(np.mean([np.mean(one) for one in right.values()]))


def every_run(folder: Path) -> None:
    """Prints a line a shipped run that has a model, the mean of all lines, and the mean of the strongest networks."""
    photos, lines, strongest = read_photos(folder), [], []
    print(f"{'right, % (' + ', '.join(HALVES) + ')':<40}{'raw':>14}{'calibrated':>14}")
    for run in runs.list_runs():
        if not (run.shipped and (run.folder / "model.onnx").exists()):
            continue
        classifier = open_classifier(run)
        calibration = photo_calibrations.calibration(run, classifier)
        logits = [classifier.logits(views(photo.prepared)) for photo in photos]
        both = [
            np.array([combine(photo.prepared, scaled(one)) for photo, one in zip(photos, logits, strict=True)])
            for scaled in (evaluation.softmax, calibration.probabilities)
        ]
        if run.id.startswith(STRONGEST):
            strongest.append(both)
        lines.append([share_right(photos, one, half) for one in both for half in HALVES])
        show_line(run.id, lines[-1])
    show_line("mean of these", np.mean(lines, axis=0).tolist())
    of_mean = np.mean(strongest, axis=0)
    show_line(
        f"mean of {len(strongest)} networks", [share_right(photos, one, half) for one in of_mean for half in HALVES]
    )


def show_line(title: str, shares: list[float]) -> None:
    raw, calibrated = (", ".join(f"{100 * share:.1f}" for share in part) for part in (shares[:2], shares[2:]))
    print(f"{title:<40}{raw:>14}{calibrated:>14}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", type=Path, required=True)
    parser.add_argument("--half", choices=HALVES, help="only this one")
    parser.add_argument("--every", action="store_true", help="every shipped run, with and without its calibration")
    options = parser.parse_args()
    print(describe_machine())
    if options.every:
        return every_run(options.photos)
    measure(options.photos, (options.half,) if options.half else HALVES)


if __name__ == "__main__":
    main()
