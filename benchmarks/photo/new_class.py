"""How well five examples teach a network a class that it has never seen.

    python -m benchmarks.photo.new_class [--photos FOLDER] [--run RUN] [--mode MODE]

One of scikit-learn's digits at a time, five random examples, the others held out, the mean of 20 draws; the old
accuracy on test pictures before and after. With photos: hats, shorts and skirts together, five examples each.
"""

import time
from pathlib import Path

import numpy as np
from PIL import Image

from benchmarks.photo.photos import model_and_photos, verdict
from benchmarks.photo.seeds import STRANGE
from fmnist_core import data
from fmnist_core.analysis import few_shot
from fmnist_core.analysis.few_shot import Features
from fmnist_core.inference.classifier import Classifier
from fmnist_core.photo.decode import decode
from fmnist_core.photo.pipeline import prepare
from fmnist_core.runs import runs
from fmnist_core.runs.runs import Run
from fmnist_core.splits import split_indices

EXAMPLES, DRAWS = few_shot.FEWEST, 20
OLD_PICTURES, TEST_PICTURES = 1_000, 4_000
LEAST_RECALL, MOST_LOST, MOST_SECONDS = 0.90, 0.005, 10.0


class Taught:
    """A run's network, what it makes of its own pictures, and how one draw after another turns out."""

    def __init__(self, run: Run, classifier: Classifier):
        train, test = data.load_split("train"), data.load_split("test")
        chosen = np.random.default_rng(0).permutation(split_indices(runs.read_config(run).recipe).train)[:OLD_PICTURES]
        start = time.perf_counter()
        self.old, self.old_labels = few_shot.extract(classifier, train.images[chosen]), train.labels[chosen]
        self.seconds = time.perf_counter() - start
        self.test = few_shot.extract(classifier, test.images[:TEST_PICTURES])
        self.test_labels = test.labels[:TEST_PICTURES]

    def draw(self, seen: Features, labels: np.ndarray, names: list[str], seed: int) -> tuple[np.ndarray, float, float]:
        """Recall of each new class, the old accuracy lost, and seconds to fit."""
        generator = np.random.default_rng(seed)
        order = generator.permutation(len(labels))
        chosen = np.concatenate([order[labels[order] == number][:EXAMPLES] for number in range(len(names))])
        held = np.setdiff1d(order, chosen)
        start = time.perf_counter()
        few = Features(seen.features[chosen], seen.logits[chosen])
        head = few_shot.fit(self.old, self.old_labels, few, labels[chosen], names)
        seconds = time.perf_counter() - start
        others = Features(seen.features[held], seen.logits[held])
        found = few_shot.evaluate(head, self.test, self.test_labels, others, labels[held])
        return found.recall, found.old_before - found.old_after, seconds


def digits() -> np.ndarray:
    """scikit-learn's 8x8 digits as (1797, 28, 28) uint8, light on black."""
    from sklearn.datasets import load_digits

    gray = (load_digits().images * (data.WHITE / 16)).astype(np.uint8)
    size = (data.SIDE, data.SIDE)
    return np.stack([np.asarray(Image.fromarray(image).resize(size, Image.Resampling.BILINEAR)) for image in gray])


def read_pictures(folder: Path, mode: str) -> np.ndarray:
    """(n, 28, 28) uint8 of a folder of photos."""
    return np.stack([prepare(decode(path.read_bytes()), mode).picture for path in sorted(folder.iterdir())])


def measure_digits(taught: Taught, classifier: Classifier) -> None:
    from sklearn.datasets import load_digits

    seen, truth = few_shot.extract(classifier, digits()), load_digits().target
    recalls, losses, times = [], [], []
    for draw in range(DRAWS):  # each digit is the new class twice
        rows = np.flatnonzero(truth == draw % 10)
        one = Features(seen.features[rows], seen.logits[rows])
        recall, lost, seconds = taught.draw(one, np.zeros(len(rows), int), [f"digit {draw % 10}"], draw)
        recalls.append(recall[0])
        losses.append(lost)
        times.append(seconds)
    mean, lost, seconds = np.mean(recalls), np.mean(losses), max(times) + taught.seconds
    print(f"a digit, {EXAMPLES} examples, mean of {DRAWS} draws on {TEST_PICTURES:,} test pictures")
    print(f"  recall {100 * mean:.1f} % (at least {100 * LEAST_RECALL:.0f} %: {verdict(mean >= LEAST_RECALL)}), worst")
    print(f"  draw {100 * min(recalls):.1f} %")
    print(f"  old accuracy falls by {100 * lost:.2f} points (at most 0.5: {verdict(lost <= MOST_LOST)})")
    print(f"  {seconds:.2f} s, features of {OLD_PICTURES:,} old pictures included ({verdict(seconds <= MOST_SECONDS)})")


def measure_photos(taught: Taught, classifier: Classifier, folder: Path, mode: str) -> None:
    groups = {name: read_pictures(folder / name, mode) for name in STRANGE}
    labels = np.concatenate([np.full(len(groups[name]), number) for number, name in enumerate(STRANGE)])
    seen = few_shot.extract(classifier, np.concatenate([groups[name] for name in STRANGE]))
    rows = [taught.draw(seen, labels, list(STRANGE), draw) for draw in range(DRAWS)]
    recall, lost = np.mean([row[0] for row in rows], axis=0), np.mean([row[1] for row in rows])
    told = ", ".join(f"{name} {100 * value:.0f} %" for name, value in zip(STRANGE, recall, strict=True))
    print(f"photos, {EXAMPLES} examples each, mean of {DRAWS} draws, mode {mode}: recall {told}")
    print(f"  old accuracy falls by {100 * lost:.2f} points")


def main() -> None:
    model, options = model_and_photos(str(__doc__))
    run, classifier = model.run, model.classifier
    taught = Taught(run, classifier)
    measure_digits(taught, classifier)
    if options.photos:
        measure_photos(taught, classifier, options.photos, options.mode)


if __name__ == "__main__":
    main()
