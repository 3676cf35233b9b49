"""Which convention a model was made for: all that fit its input are tried on pictures whose labels are known.

They are judged by how many answers are right, whatever order the classes come in; of those within a few pictures of the
best, by the cross-entropy: a scale that is wrong leaves many answers as they are, but never their probabilities.
"""

from dataclasses import dataclass

import numpy as np

from fmnist_core import data, sandbox
from fmnist_core.brought_in import conventions, orders
from fmnist_core.brought_in.conventions import Convention
from fmnist_core.brought_in.foreign import Foreign
from fmnist_core.brought_in.orders import CLASSES, Order
from fmnist_core.brought_in.tables import Refused
from fmnist_core.data import Pictures
from fmnist_core.metrics import evaluation
from fmnist_core.zoo.others.brought_in import VALIDATED

PICTURES = 500
VALIDATION = VALIDATED.validation  # the last so many training pictures
CLOSE = 0.02  # of the pictures: what is no further from the best is told apart by its cross-entropy
SMALLEST = 1e-7  # a probability below it counts as this, as in Keras
_SUM = 1e-3  # by which ten probabilities may miss 1


@dataclass(frozen=True)
class Trial:
    convention: Convention
    output: str  # of the model
    probabilities: bool  # whether it gives them, and no logits
    order: Order  # the column of each class, as the answers suggest
    accuracy: float  # in that order
    loss: float  # in nats, in that order


def trial_pictures() -> Pictures:
    """500 of the 5,000 validation pictures, every tenth."""
    train = data.load_split("train")
    step = VALIDATION // PICTURES
    return Pictures(train.images[-VALIDATION::step], train.labels[-VALIDATION::step])


def try_all(model: Foreign, wanted: Convention | None = None) -> list[Trial]:
    """What each convention gives, the best first. wanted: this one alone.

    Raises:
        Refused: none fits, or the model gives no ten numbers a picture with any.
    """
    whole = np.issubdtype(model.dtype, np.integer)
    fitting = [one for one in conventions.fitting(model.shape) if one.values == "0..255" or not whole]
    if wanted and wanted not in fitting:
        layouts = ", ".join(dict.fromkeys(one.layout for one in fitting))
        values = "; its input is whole numbers, 0..255" if whole else ""
        raise Refused(f"Its input cannot be {wanted}. Expected one of the layouts {layouts}{values}.")
    found: list[Trial] = []
    seen: dict[str, tuple[int, ...]] = {}
    failure = ""
    for convention in [wanted] if wanted else fitting:
        try:
            found += _try(model, convention, seen)
        except Exception as error:  # ONNX Runtime's own errors share no public base class
            if sandbox.is_memory(error):
                raise
            failure = type(error).__name__
    if not found:
        raise Refused(_why_none(model, seen, failure))
    best = max(one.accuracy for one in found)
    return sorted(found, key=lambda one: (one.accuracy < best - CLOSE, _rank(one, best)))


def _rank(trial: Trial, best: float) -> float:
    return trial.loss if trial.accuracy >= best - CLOSE else -trial.accuracy


def _why_none(model: Foreign, seen: dict[str, tuple[int, ...]], failure: str) -> str:
    if seen:
        has = ", ".join("x".join(map(str, shape)) or "a number" for shape in seen.values())
        return f"It gives {has} for each picture. Expected ten finite numbers, one a class."
    if model.fixed:
        return (
            f"It takes {model.fixed} picture{'s' * (model.fixed > 1)} at once and cannot be made to take any number. "
            "Export it with a free first axis."
        )
    return f"It fails on every picture that it could mean ({failure})."


def _try(model: Foreign, convention: Convention, seen: dict[str, tuple[int, ...]]) -> list[Trial]:
    """seen: told the shape of each output for a picture."""
    pictures = trial_pictures()
    trials = []
    for name, values in model.run(convention.apply(pictures.images)).items():
        seen[name] = values.shape[1:]
        if values.size != len(values) * CLASSES or not np.isfinite(values).all():
            continue
        scores = values.reshape(-1, CLASSES).astype(np.float32)
        probabilities = are_probabilities(scores)
        order, accuracy = orders.best_classes(scores, pictures.labels)
        logits = as_logits(scores, probabilities)[:, order]
        loss = evaluation.cross_entropy(logits, pictures.labels)
        trials.append(Trial(convention, name, probabilities, order, accuracy, float(loss)))
    return [max(trials, key=lambda one: (one.accuracy, not one.probabilities))] if trials else []


def are_probabilities(scores: np.ndarray) -> bool:
    """Whether (n, 10) answers are probabilities: all from 0 to 1, whether they sum to 1 or each stands for itself."""
    low, high = float(scores.min()), float(scores.max())
    return low >= -_SUM and high <= 1 + _SUM and (high > 0.5 or abs(float(scores.sum(axis=1).mean()) - 1) < _SUM)


def as_logits(scores: np.ndarray, probabilities: bool) -> np.ndarray:
    """Probabilities as their logarithms, of which a softmax makes them again, summed to 1; logits as they are."""
    logits: np.ndarray = np.log(np.maximum(scores, SMALLEST)) if probabilities else scores
    return logits
