"""Two runs on the same pictures, for the command line: evaluate RUN --against OTHER."""

from typing import Any

from fmnist_core import comparison, evaluation, predictions, runs
from fmnist_core.training_commands import percent

LISTED = 5  # cells in the text


def against(first: str, second: str, split: str) -> tuple[Any, str]:
    """The JSON value and the same for people. Raises RunError, and ValueError where they share no pictures."""
    both = [runs.find(name) for name in (first, second)]
    a, b = predictions.shared(*(predictions.load(run, split) for run in both))
    names = runs.read_config(both[0]).class_names
    if runs.read_config(both[1]).class_names != names:
        raise ValueError("The two runs know different classes, so their confusion matrices cannot be compared.")
    changed = comparison.changes(a.labels, a.predicted, b.predicted, len(names))
    found = comparison.compare(both[0].id, a.predicted == a.labels, both[1].id, b.predicted == b.labels)
    low, high = comparison.difference_interval(found)
    value = {
        "runs": [run.id for run in both],
        "split": split,
        "pictures": found.pictures,
        "accuracy": [right / found.pictures for right in found.right],
        "class_names": list(names),
        "confusion_matrices": [
            evaluation.confusion_matrix(one.labels, one.predicted, len(names)).tolist() for one in (a, b)
        ],
        "difference": changed.difference.tolist(),
        "mended": changed.mended.tolist(),
        "broken": changed.broken.tolist(),
        "p_value": found.test.p_value,
        "difference_interval": [low, high],
    }
    lines = [f"{run.id}: {percent(right / found.pictures)}" for run, right in zip(both, found.right, strict=True)]
    lines.append(f"{comparison.in_words(found)} The second less the first: {percent(low)} to {percent(high)}.")
    for word, cells, verb in (("mends", changed.mended, "was called"), ("breaks", changed.broken, "is called")):
        top = evaluation.most_confused(cells, LISTED)
        listed = ", ".join(f"{count} × {names[true]} that {verb} {names[called]}" for true, called, count in top)
        lines.append(f"The second {word} {int(cells.sum()):,}: {listed or 'none'}.")
    return value, "\n".join(lines)
