"""How far an audit of the labels can be repeated, and how many known label errors it finds.

    python -m benchmarks.label_audit [--folds 3] [--epochs 4] [--repeats 1] [--pictures N]

Two audits with other seeds and folds, taken from the results folder where they were made before: how many of the 500
most suspicious pictures they share. Then 600 labels are changed by chance, half to any other class, half to one that it
is often taken for, and are looked for among the suspects. What else is found may be an error of the data's own, so
precision is at least what is said. Nine trainings of CNN 2 for each repeat, each about a minute on two idle cores with
bfloat16 units.
"""

import argparse

import numpy as np

from benchmarks.photo.photos import verdict
from fmnist_core import data
from fmnist_core.analysis import confident_learning
from fmnist_core.cli.audit_commands import found_or_made
from fmnist_core.label_audit.audit_spec import AuditSpec, folds_of, recipe_of
from fmnist_core.machine import describe_machine
from fmnist_core.training.folds import train_fold

MODEL = "cnn_2"
SUSPECTS, PLANTED = 500, 600
LEAST_OVERLAP = 0.95
# A class that each is often taken for.
CONFUSED = np.array([6, 3, 4, 0, 2, 7, 0, 5, 6, 7])


def out_of_fold(spec: AuditSpec, labels: np.ndarray) -> np.ndarray:
    """(n, 10) float64 probabilities by networks that had not seen the picture, which learned from these labels."""
    images = data.load_split("train").images[: spec.pictures]
    found = np.zeros((len(labels), len(data.CLASS_NAMES)))
    for number in range(spec.networks):
        repeat, fold = divmod(number, spec.folds)
        held = folds_of(spec, repeat, labels) == fold
        chosen = recipe_of(spec, number, int((~held).sum()))
        judged = train_fold(chosen, images[~held], labels[~held], images[held], lambda share: False)
        if judged is None:
            raise RuntimeError("The training was stopped.")
        found[held] += judged / spec.repeats
    return found


def planted(labels: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """(count,) positions, and the labels with these changed."""
    generator = np.random.default_rng(0)
    chosen, changed = generator.choice(len(labels), count, replace=False), labels.copy()
    for number, place in enumerate(chosen):
        others = np.delete(np.arange(len(data.CLASS_NAMES)), labels[place])
        changed[place] = CONFUSED[labels[place]] if number % 2 else generator.choice(others)
    return chosen, changed


def measure(folds: int = 3, epochs: int = 4, repeats: int = 1, pictures: int = data.SIZES["train"]) -> None:
    """Trains, and prints what two audits have in common and what they find."""
    specs = [AuditSpec(MODEL, epochs, folds, seed, repeats, pictures) for seed in (0, 1)]
    labels = data.load_split("train").labels[:pictures]
    both = [found_or_made(spec).splits["train"] for spec in specs]
    for found in both:
        print(f"out-of-fold accuracy {100 * found.accuracy:.2f} %", flush=True)
    first, second = (set(found.positions[:SUSPECTS].tolist()) for found in both)
    shared = len(first & second) / SUSPECTS
    said = verdict(shared >= LEAST_OVERLAP)
    print(f"of the {SUSPECTS} first suspects both name {shared:.1%} (goal {LEAST_OVERLAP:.0%}: {said})", flush=True)
    chosen, changed = planted(labels, PLANTED)
    order = confident_learning.ranking(confident_learning.margins(changed, out_of_fold(specs[0], changed)))
    for count in (100, 300, 600):
        hits = len(set(order[:count].tolist()) & set(chosen.tolist()))
        print(f"{PLANTED} planted, {count} suspects: precision {hits / count:.1%}, recall {hits / PLANTED:.1%}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folds", type=int, default=3)
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--repeats", type=int, default=1)
    parser.add_argument("--pictures", type=int, default=data.SIZES["train"])
    options = parser.parse_args()
    print(describe_machine())
    measure(options.folds, options.epochs, options.repeats, options.pictures)


if __name__ == "__main__":
    main()
