"""Teach a finished network new classes with a few examples of each, in a second.

The trunk stays as it is, and so do the logits of the old classes: an answer can only change where a new class wins.
Each new class gets a logit that is linear in the features, fitted by class-balanced multinomial logistic regression
against pictures of the old classes. Features are first brought to where the old classes' covariance is the identity,
so that five examples are enough to tell a direction that matters from one in which every class varies.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

import numpy as np
import scipy  # its parts come when they are first used: none is imported before the first page

FEWEST = 5  # examples of each new class
SHRINKAGE = 0.01  # of the mean variance, added to each: a covariance of few pictures can be inverted
PENALTY = 0.001  # of the squared weights, against the mean loss of a class; from 0.01 to 0.0001 little changes


class GivesOutputs(Protocol):
    def run(self, images: np.ndarray, outputs: list[str]) -> list[np.ndarray]: ...


class Features(NamedTuple):
    """What a network makes of pictures."""

    features: np.ndarray  # (n, d) float32
    logits: np.ndarray  # (n, classes) float32


class Head(NamedTuple):
    """New classes on top of the old ones."""

    names: tuple[str, ...]  # of the new classes
    weights: np.ndarray  # (d, new) float32
    bias: np.ndarray  # (new,) float32

    def logits(self, seen: Features) -> np.ndarray:
        """(n, classes + new) float32: the old logits as they were, then the new ones."""
        return np.concatenate([seen.logits, seen.features @ self.weights + self.bias], axis=1)


class Evaluation(NamedTuple):
    """How the taught network does on pictures that it was not taught with."""

    old_before: float  # accuracy on pictures of the old classes
    old_after: float
    recall: np.ndarray  # (new,) float64: of each new class, NaN where no picture was kept


def extract(network: GivesOutputs, images: np.ndarray) -> Features:
    """(n, 28, 28) uint8, n at least 1.

    Raises:
        ValueError: no pictures, or values that are not finite.
    """
    if not len(images):
        raise ValueError("There are no pictures to look at. Add some.")
    features, logits = network.run(images, ["features", "logits"])
    if not (np.isfinite(features).all() and np.isfinite(logits).all()):
        raise ValueError(
            "The network gives values that are not a number or infinite, so it cannot be taught. "
            "Its training went wrong: choose another run."
        )
    return Features(features.reshape(len(images), -1), logits)


def fit(old: Features, old_labels: np.ndarray, new: Features, new_labels: np.ndarray, names: Sequence[str]) -> Head:
    """Fits the logits of new classes.

    Args:
        old: training pictures of the old classes, a thousand are enough; old_labels: (n,) from 0.
        new: the examples; new_labels: (m,) from 0 to new classes - 1.
        names: of the new classes, in order.

    Raises:
        ValueError: no new class, a name twice or empty, fewer than five examples of one, labels that are not as many,
            or values that are not finite.
    """
    _check(old, old_labels, new, new_labels, names)
    mean = old.features.mean(axis=0)
    centres = {label: old.features[old_labels == label].mean(axis=0) for label in np.unique(old_labels)}
    around = old.features - np.stack([centres[label] for label in old_labels])
    turn = _whitening(around) / np.sqrt(old.features.shape[1])
    values = np.concatenate([old.features - mean, new.features - mean]) @ turn
    classes = old.logits.shape[1]
    kept = np.concatenate([old.logits, new.logits]).astype(np.float64)
    labels = np.concatenate([old_labels.astype(np.int64), classes + new_labels.astype(np.int64)])
    weights, bias = _minimise(values.astype(np.float64), kept, labels, len(names))
    turned = turn.astype(np.float64) @ weights
    return Head(tuple(names), turned.astype(np.float32), (bias - mean @ turned).astype(np.float32))


def evaluate(head: Head, old: Features, old_labels: np.ndarray, new: Features, new_labels: np.ndarray) -> Evaluation:
    """On pictures that were held out: at least one old one; of the new classes any number."""
    classes = old.logits.shape[1]
    before, after = old.logits.argmax(axis=1), head.logits(old).argmax(axis=1)
    found = head.logits(new).argmax(axis=1) - classes
    recall = [
        float((found[new_labels == number] == number).mean()) if (new_labels == number).any() else float("nan")
        for number in range(len(head.names))
    ]
    return Evaluation(float((before == old_labels).mean()), float((after == old_labels).mean()), np.array(recall))


def write_model(source: Path, target: Path, head: Head) -> None:
    """Writes the ONNX model with the new classes behind its logits; what it was is the output logits.before.

    Raises OSError.
    """
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    model = onnx.load(source)
    graph = model.graph
    for node in graph.node:
        for names in (node.input, node.output):
            for place, name in enumerate(names):
                if name == "logits":
                    names[place] = "logits.before"
    logits = next(output for output in graph.output if output.name == "logits")
    logits.name = "logits.before"
    graph.initializer.append(numpy_helper.from_array(head.weights, "taught/weights"))
    graph.initializer.append(numpy_helper.from_array(head.bias, "taught/bias"))
    graph.node.append(helper.make_node("Flatten", ["features"], ["taught/features"], axis=1))
    graph.node.append(helper.make_node("MatMul", ["taught/features", "taught/weights"], ["taught/product"]))
    graph.node.append(helper.make_node("Add", ["taught/product", "taught/bias"], ["taught/logits"]))
    graph.node.append(helper.make_node("Concat", ["logits.before", "taught/logits"], ["logits"], axis=1))
    graph.output.append(helper.make_tensor_value_info("logits", TensorProto.FLOAT, None))
    onnx.save(model, target)


def _minimise(values: np.ndarray, kept: np.ndarray, labels: np.ndarray, new: int) -> tuple[np.ndarray, np.ndarray]:
    """(n, d) features, (n, classes) fixed logits, (n,) labels -> (d, new) weights and (new,) bias of least loss."""
    width, classes = values.shape[1], kept.shape[1]
    counts = np.bincount(labels, minlength=classes + new)
    share = 1 / counts[labels] / (counts > 0).sum()
    truth = labels[:, None] == np.arange(classes, classes + new)

    def loss(flat: np.ndarray) -> tuple[float, np.ndarray]:
        weights, bias = flat[:-new].reshape(width, new), flat[-new:]
        logits = np.concatenate([kept, values @ weights + bias], axis=1)
        logs = scipy.special.log_softmax(logits, axis=1)
        wrong = (np.exp(logs[:, classes:]) - truth) * share[:, None]
        gradient = np.concatenate([(values.T @ wrong + PENALTY * weights).ravel(), wrong.sum(axis=0)])
        picked = logs[np.arange(len(labels)), labels]
        return float(-(share * picked).sum() + PENALTY / 2 * np.square(weights).sum()), gradient

    found = scipy.optimize.minimize(loss, np.zeros((width + 1) * new), jac=True, method="L-BFGS-B")
    return found.x[:-new].reshape(width, new), found.x[-new:]


def _check(old: Features, old_labels: np.ndarray, new: Features, new_labels: np.ndarray, names: Sequence[str]) -> None:
    if not names or len(set(names)) != len(names) or not all(name.strip() for name in names):
        raise ValueError(f"Each new class needs a name of its own. Received: {', '.join(names) or 'none'}.")
    if len(old_labels) != len(old.features) or len(new_labels) != len(new.features) or len(old_labels) < 2:
        raise ValueError(
            f"As many labels as pictures are needed, and two old pictures or more. Received: {len(old.features)} old "
            f"with {len(old_labels)} labels, {len(new.features)} new with {len(new_labels)} labels."
        )
    for number, name in enumerate(names):
        count = int((new_labels == number).sum())
        if count < FEWEST:
            raise ValueError(f"{name} has {count} examples. Expected {FEWEST} or more: add some.")
    if not all(np.isfinite(array).all() for array in (*old, *new)):
        raise ValueError("Some features or logits are not a number or infinite, so nothing can be learned from them.")


def _whitening(centred: np.ndarray) -> np.ndarray:
    """(n, k) around their mean -> (k, k) float32 that makes their covariance, shrunk a little, the identity."""
    covariance = centred.T.astype(np.float64) @ centred / len(centred)
    width = len(covariance)
    covariance += np.eye(width) * (SHRINKAGE * np.trace(covariance) / width or 1.0)
    return np.linalg.cholesky(np.linalg.inv(covariance)).astype(np.float32)
