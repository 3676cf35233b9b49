"""Whether what the app says of itself holds: its intervals by simulation, its probabilities and sets on test pictures.

    python -m benchmarks.truth [--photos FOLDER] [--audit]

With photos (`benchmarks/photo/seeds.py`) it measures them, too; with --audit it trains nine networks to say how far a
label audit can be repeated and what it finds of known errors (`benchmarks/label_audit.py`), which takes ten minutes.
"""

import argparse
import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from benchmarks import drawings
from benchmarks.photo import seeds
from benchmarks.photo.photos import choose_model, verdict
from fmnist_core.inference.calibrated import calibrator_of
from fmnist_core.metrics import class_figures, comparison, evaluation, prediction_sets
from fmnist_core.metrics.calibrators import RAW
from fmnist_core.metrics.evaluation import McNemar
from fmnist_core.runs import predictions, runs
from fmnist_core.runs.runs import Run
from fmnist_core.storage.folders import RunError

DRAWS = 2_000  # simulated slices: a coverage of 0.95 is then known within 0.01
SIZES = (200, 1_000, 10_000)  # pictures in a slice
GOAL = (0.93, 0.97)
BINS, LARGEST_ERROR = 15, 0.01  # of equal mass; the goal of the expected calibration error
COVERAGES = (0.8, 0.9, 0.95, 0.99)
MODELS = (
    "simple_nn",
    "cnn_2",
    "flagship",
)  # the easiest and the hardest classes of a weak, a middling and a good network


def shipped(model: str) -> Run:
    return next(run for run in runs.list_runs() if run.shipped and run.id.startswith(f"{model}-"))


def coverage_of(truth: float, interval: Callable[..., tuple[float, float]], drawn: np.ndarray) -> float:
    """How often the interval of drawn counts, a row a slice, holds the truth, where it is defined."""
    ends = np.array([interval(*row) for row in drawn.tolist()])
    known = ~np.isnan(ends[:, 0])
    return float(((ends[known, 0] <= truth) & (truth <= ends[known, 1])).mean())


def of_classes(matrix: np.ndarray, size: int) -> Iterator[tuple[str, float]]:
    """(figure, coverage), for the accuracy and for recall, precision and F1 of each class."""
    generator, total = np.random.default_rng(size), matrix.sum()
    right = np.trace(matrix) / total
    yield (
        "accuracy",
        coverage_of(
            right, evaluation.wilson_interval, np.column_stack([generator.binomial(size, right, DRAWS), [size] * DRAWS])
        ),
    )
    for place in range(len(matrix)):
        found = matrix[place, place]
        missed, wrongly = matrix[place].sum() - found, matrix[:, place].sum() - found
        shares = np.array([found, missed, wrongly, total - found - missed - wrongly]) / total
        found, missed, wrongly, _ = shares
        drawn = generator.multinomial(size, shares, DRAWS)
        part = lambda right, total: class_figures.proportion(right, total)[1:]  # noqa: E731
        yield (
            "recall",
            coverage_of(found / (found + missed), part, np.column_stack([drawn[:, 0], drawn[:, :2].sum(axis=1)])),
        )
        yield (
            "precision",
            coverage_of(found / (found + wrongly), part, np.column_stack([drawn[:, 0], drawn[:, [0, 2]].sum(axis=1)])),
        )
        f1 = lambda *counts: class_figures.f1_interval(*counts)[1:]  # noqa: E731
        yield "F1", coverage_of(2 * found / (2 * found + missed + wrongly), f1, drawn[:, [0, 2, 1]])


def of_difference(right_a: np.ndarray, right_b: np.ndarray, size: int) -> float:
    """Of the interval of how much more accurate B is than A."""
    shares = [np.mean(one) for one in (right_a & right_b, right_a & ~right_b, right_b & ~right_a, ~right_a & ~right_b)]

    def interval(both: int, only_a: int, only_b: int, neither: int) -> tuple[float, float]:
        right = (both + only_a, both + only_b)
        return comparison.difference_interval(
            comparison.Comparison(("A", "B"), size, right, McNemar(only_a, only_b, 1.0))
        )

    drawn = np.random.default_rng(size).multinomial(size, shares, DRAWS)
    return coverage_of(shares[2] - shares[1], interval, drawn)


def intervals() -> None:
    """Prints a line a figure and size. No kind of interval keeps all within the goal: `benchmarks/intervals.py`."""
    print(f"\nIntervals: part of {DRAWS:,} simulated slices whose 95 % interval holds the truth (goal {GOAL})")
    print(f"{'figure':>11} {'pictures':>9} {'lowest':>7} {'mean':>7} {'highest':>8}  within the goal")
    stored = {model: predictions.load(shipped(model), "test") for model in MODELS}
    for size in SIZES:
        found: dict[str, list[float]] = {}
        for one in stored.values():
            matrix = evaluation.confusion_matrix(one.labels, one.predicted, 10)
            for figure, covered in of_classes(matrix, size):
                found.setdefault(figure, []).append(covered)
        right = [one.predicted == one.labels for one in stored.values()]
        found["difference"] = [of_difference(right[a], right[b], size) for a, b in ((0, 1), (0, 2), (1, 2))]
        for figure, covered in found.items():
            low, mean, high = min(covered), float(np.mean(covered)), max(covered)
            within = sum(GOAL[0] <= one <= GOAL[1] for one in covered)
            said = f"{within} of {len(covered)}: {verdict(within == len(covered))}"
            print(f"{figure:>11} {size:>9,} {low:>7.3f} {mean:>7.3f} {high:>8.3f}  {said}")


def equal_mass_error(confidence: np.ndarray, right: np.ndarray) -> float:
    """The expected calibration error over bins of as many pictures each."""
    parts = np.array_split(np.argsort(confidence, kind="stable"), BINS)
    return sum(abs(confidence[part].mean() - right[part].mean()) * len(part) for part in parts) / len(right)


def with_validation() -> list[Run]:
    """The shipped runs that have validation pictures."""
    found = []
    for run in runs.list_runs():
        with contextlib.suppress(RunError):
            if run.shipped and len(predictions.load(run, "validation").labels):
                found.append(run)
    return found


def probabilities() -> None:
    """Prints a line a run: how far its confidences are from what is true on the test pictures, in percent."""
    print(f"\nCalibration: ECE on the test pictures, {BINS} bins of equal mass (goal under {100 * LARGEST_ERROR:g} %)")
    print(f"{'run':<34} {'raw':>6} {'calibrated':>11}  curve")
    for run in with_validation():
        test, calibrator = predictions.load(run, "test"), calibrator_of(run) or RAW
        right = test.predicted == test.labels
        raw, calibrated = (
            equal_mass_error(one.probabilities(test.logits).max(axis=1), right) for one in (RAW, calibrator)
        )
        said = "ok" if calibrated < LARGEST_ERROR else "falls short"
        curve = "yes" if calibrator.curved else "no"
        print(f"{run.id:<34} {100 * raw:>5.2f}% {100 * calibrated:>10.2f}%  {curve:<4} {said}")


def sets() -> None:
    """Prints a line a level: what prediction sets were asked for and are worth on the test pictures, over the runs."""
    print("\nPrediction sets on the test pictures, over the runs (goal: none below what was asked, interval and all)")
    print(f"{'asked':>6} {'lowest':>8} {'mean':>8} {'classes a set':>14} {'below':>6} {'offered':>8}")
    for coverage in COVERAGES:
        found, below, offered = [], 0, 0
        for run in with_validation():
            test, validation = predictions.load(run, "test"), predictions.load(run, "validation")
            rule = prediction_sets.fit(validation.logits, validation.labels, coverage)
            if rule.tells:
                offered += 1
                found.append(prediction_sets.measure(prediction_sets.sets(rule, test.logits), test.labels))
                below += found[-1].interval[1] < coverage
        said = "ok" if not below else "falls short"
        lowest, mean = min(one.coverage for one in found), np.mean([one.coverage for one in found])
        size = np.mean([one.mean_size for one in found])
        print(f"{coverage:>6.0%} {lowest:>8.3f} {mean:>8.3f} {size:>14.2f} {below:>6} {offered:>8}  {said}")


def of_drawings() -> None:
    """Prints what the default network says of drawings; `python -m benchmarks.drawings` names the wrong ones."""
    made, outlines = drawings.measure(choose_model(None))
    print("\nDrawings, by the network that the app opens with")
    for title, found, goal in (
        ("made by rule", made, drawings.LEAST_MADE),
        ("outlines of test pictures", outlines, drawings.LEAST_OUTLINES),
    ):
        said = "ok" if found.share >= goal else "falls short"
        print(f"{title:>26} {found.right:>4} of {found.total} {found.share:>7.1%} (goal {goal:.0%})  {said}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", type=Path, metavar="FOLDER")
    parser.add_argument("--audit", action="store_true")
    options = parser.parse_args()
    intervals()
    probabilities()
    sets()
    of_drawings()
    if options.photos:
        print("\nPhotos")
        seeds.measure(options.photos)
    if options.audit:
        print("\nLabel audit")
        from benchmarks import label_audit  # TensorFlow takes seconds

        label_audit.measure()


if __name__ == "__main__":
    main()
