"""Zalando's figures are means of five repeats on all 60,000 training pictures: the same of the quick baselines here.

A single run of a classifier that leaves much to chance is no measure of it. Run: python -m benchmarks.classical
"""

import argparse
import dataclasses

import numpy as np

from fmnist_core import data
from fmnist_core.classical import estimators, fitting
from fmnist_core.recipe import Split
from fmnist_core.splits import split_indices
from fmnist_core.zoo import CLASSICAL

QUICK = ("sgd_hinge", "perceptron_l1", "passive_aggressive", "extra_tree", "decision_tree", "gaussian_nb")
REPEATS = 5


def repeat(name: str) -> list[float]:
    """Test accuracy of each seed; all training pictures, shuffled by the seed, as Zalando does."""
    train, test = data.load_split("train"), data.load_split("test")
    found = []
    for seed in range(REPEATS):
        chosen = dataclasses.replace(CLASSICAL[name].recipe, split=Split("none", 0), seed=seed)
        order = np.random.default_rng(seed).permutation(split_indices(chosen).train)
        fitted = estimators.make(name, seed)
        fitted.fit(fitting.pixels_of(train.images[order]), train.labels[order].astype(np.int64))
        called = estimators.logits(name, fitted, fitting.pixels_of(test.images), len(data.CLASS_NAMES)).argmax(axis=1)
        found.append(float((called == test.labels).mean()))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", default=",".join(QUICK), help="names, with commas between")
    for name in parser.parse_args().models.split(","):
        found, published = repeat(name), CLASSICAL[name].published.test_accuracy
        words = ", ".join(f"{100 * one:.2f}" for one in found)
        print(
            f"{name:<20} published {100 * (published or 0):.1f}  mean {100 * np.mean(found):.2f}  of {words}",
            flush=True,
        )


if __name__ == "__main__":
    main()
