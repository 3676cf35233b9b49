"""What is done in the sandbox with a file from elsewhere: read, tried, rewritten, and asked about all pictures.

`main` finds the file as FILE in the working folder, with the tasks of `Task` as JSON; leaves model.onnx (of a model),
predictions.npz, maps/features.npz and FOUND there. Who reads them trusts none of them.
"""

import json
import resource
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from fmnist_core import data
from fmnist_core.brought_in import conventions, orders, tables, trying
from fmnist_core.brought_in.tables import Refused
from fmnist_core.metrics import evaluation
from fmnist_core.runs import feature_map, predictions
from fmnist_core.runs.runs import Run
from fmnist_core.storage.schema import from_json
from fmnist_core.zoo.others.brought_in import BroughtIn, Format, Tried

FILE, FOUND = "file", "found.json"
MOST_FEATURES = 4_096  # numbers a picture, of which a map is made
LARGEST_DIFFERENCE = 1e-3  # of a probability, between the file's own answer and the rewritten model's
# Of processor time, until all that fits its input has been tried on 500 pictures: the flagship takes 16 of them on two
# cores of an AMD EPYC. What needs more for the at most 2,500 pictures of that could not answer the 15,000 that follow.
TRIAL_SECONDS = 60
_BATCH = 250
_TRIED = 4  # conventions that are told of


@dataclass(frozen=True)
class Task:
    format: Format  # onnx, csv or npz; keras and h5 have become onnx before
    input: str = ""  # a convention; "": to be found out
    reorder: bool = False  # whether classes or pictures that are clearly in another order are put right


@dataclass(frozen=True)
class Found:
    """What FOUND says, of the model or the answers."""

    about: BroughtIn
    parameters: int = 0
    difference: float = 0.0  # the largest, of a probability
    seconds_per_picture: float = 0.0


def main(arguments: list[str]) -> str | None:
    """Why the file is refused; None where it was brought in."""
    task, content = Task(**json.loads(arguments[0])), Path(FILE).read_bytes()
    try:
        found = _bring_model(task, content) if task.format == "onnx" else _bring_answers(task, content)
    except Refused as refusal:
        return str(refusal)
    Path(FOUND).write_text(json.dumps(asdict(found)))
    return None


def _precise(logits: np.ndarray) -> np.ndarray:
    """The same, shifted so that the largest of each row is 0: near it float16, in which they are stored, has most
    digits, and what is close stays apart. No probability changes."""
    shifted: np.ndarray = logits - logits.max(axis=1, keepdims=True)
    return shifted


# Answers without a model


def _bring_answers(task: Task, content: bytes) -> Found:
    table = tables.read_csv(content) if task.format == "csv" else tables.read_npz(content)
    official, run = data.load_split("test").labels, Run(Path.cwd())
    scores, labels = table.scores, table.labels
    if table.places is not None:
        scores = orders.put_back(scores, table.places)
        labels = None if labels is None else orders.put_back(labels, table.places)
    pictures = _order_of_pictures(scores, labels, official)
    places = orders.positions(pictures, official)
    classes, _ = orders.best_classes(orders.put_back(scores, places), official)
    if task.reorder:
        scores = orders.put_back(scores, places)[:, classes]
    probabilities = trying.are_probabilities(scores)
    logits = trying.as_logits(scores, probabilities)
    nobody = np.zeros(0, np.int64)
    rows = {split: (nobody, logits[:0]) for split in ("validation", "train")}
    predictions.save(run, {"test": (np.arange(len(logits)), _precise(logits)), **rows})
    about = {
        "format": task.format,
        "probabilities": probabilities,
        "classes": [] if classes == orders.SAME else list(classes),
        "pictures": "" if pictures == "official" else pictures,
        "reordered": task.reorder,
    }
    return Found(from_json(BroughtIn, about, "brought_in"))


def _order_of_pictures(scores: np.ndarray, labels: np.ndarray | None, official: np.ndarray) -> str:
    """A name of PICTURE_ORDERS: what the labels say, if they are labels of the pictures, else what the answers suggest.

    Raises Refused where the labels are those of other pictures, or of these in an order that cannot be known.
    """
    if labels is None or (labels == scores.argmax(axis=1)).mean() > 0.995:  # what was answered, and not what is right
        return orders.best_pictures(scores, official)
    for order in orders.PICTURE_ORDERS:
        if np.array_equal(labels, official[orders.positions(order, official)]):
            return order
    for order in orders.PICTURE_ORDERS:
        there = official[orders.positions(order, official)]
        if _is_of_each(labels, there):
            return order
    same = float((labels == official).mean())
    if same > 1 - orders.CLEARLY:  # some were labelled anew
        return "official"
    raise Refused(
        f"Its labels are not those of the test pictures in their order: {same:.0%} agree. Sort its rows as the "
        "official test set is, or add a column index."
    )


def _is_of_each(labels: np.ndarray, classes: np.ndarray) -> bool:
    """Whether each class has one label of its own, of whatever number."""
    numbers = [np.unique(labels[classes == one]) for one in range(orders.CLASSES)]
    return all(len(one) == 1 for one in numbers) and len(np.unique(numbers)) == orders.CLASSES


# A model


def _bring_model(task: Task, content: bytes) -> Found:
    from fmnist_core.brought_in.foreign import Foreign
    from fmnist_core.brought_in.layers import ANSWERS
    from fmnist_core.brought_in.rewriting import Rewriting

    _hurry(TRIAL_SECONDS)  # opening it computes what depends on no picture
    model = Foreign(content)
    trials = trying.try_all(model, conventions.parse(task.input) if task.input else None)
    _hurry(None)
    best = trials[0]
    order = best.order if task.reorder else orders.SAME
    rewritten = Rewriting(model, best, order)
    kind = _give_outputs(rewritten)
    finished = rewritten.finish()
    Path("model.onnx").write_bytes(finished)
    ask = _asking(finished)
    difference = _difference(model, best, order, ask)
    features = _store(ask)
    if kind == ANSWERS or features.shape[1] <= MOST_FEATURES:
        feature_map.save(Run(Path.cwd()), features)
    told = [Tried(str(one.convention), round(one.accuracy, 4), round(one.loss, 4)) for one in trials[:_TRIED]]
    about = {
        "format": task.format,
        "input": str(best.convention),
        "tried": [asdict(one) for one in told],
        "probabilities": best.probabilities,
        "features": kind,
        "classes": [] if best.order == orders.SAME else list(best.order),
        "reordered": task.reorder,
    }
    return Found(
        from_json(BroughtIn, about, "brought_in"),
        parameters=rewritten.parameters,
        difference=difference,
        seconds_per_picture=_latency(ask),
    )


def _hurry(seconds: int | None) -> None:
    """From now on the process ends after so much processor time; None: after all that the sandbox gives it."""
    most = resource.getrlimit(resource.RLIMIT_CPU)[1]
    every = most - 1  # at `most` itself it would be killed without a word that it was for time
    resource.setrlimit(resource.RLIMIT_CPU, (every if seconds is None else min(seconds, every), most))


def _give_outputs(rewritten: Any) -> str:
    """Adds features and layers to a Rewriting, of those that give a row a picture; returns what the features are."""
    from fmnist_core.brought_in.layers import ANSWERS, Reading
    from fmnist_core.brought_in.rewriting import LOGITS

    reading = Reading(rewritten.model.graph, rewritten.start, rewritten.answer)
    tensor, kind = reading.features()
    shown = reading.shown()
    shapes = rewritten.shapes([tensor, *(one for _, one in shown)])
    if tensor not in shapes or len(shapes[tensor]) < 2 or np.prod(shapes[tensor][1:]) > MOST_FEATURES:
        tensor, kind = LOGITS, ANSWERS
    rewritten.give_features(tensor)
    for name, one in shown:
        if len(shapes.get(one, ())) in (2, 4):
            rewritten.give_layer(name, one, channels_first=len(shapes[one]) == 4)
    return kind


Ask = Callable[[np.ndarray, list[str]], list[np.ndarray]]  # (n, 28, 28) uint8, outputs -> each (n, ...)


def _asking(content: bytes) -> Ask:
    from fmnist_core.brought_in.foreign import open_session
    from fmnist_core.brought_in.rewriting import PICTURE

    session = open_session(content)

    def ask(images: np.ndarray, names: list[str]) -> list[np.ndarray]:
        parts = [images[start : start + _BATCH] for start in range(0, len(images), _BATCH)]
        found = [session.run(names, {PICTURE: data.to_network_input(part)}) for part in parts]
        return [np.concatenate(one) for one in zip(*found, strict=True)]

    return ask


def _difference(model: Any, best: trying.Trial, order: orders.Order, ask: Ask) -> float:
    """The largest difference of a probability that rewriting made. Raises Refused where it is more than rounding."""
    images = trying.trial_pictures().images
    scores = model.run(best.convention.apply(images))[best.output].reshape(len(images), -1).astype(np.float32)
    own = trying.as_logits(scores, best.probabilities)[:, order]
    found = float(np.abs(evaluation.softmax(own) - evaluation.softmax(ask(images, ["logits"])[0])).max())
    if found > LARGEST_DIFFERENCE:
        raise Refused(f"It answers otherwise when it is rewritten, by {found:.1e} of a probability.")
    return found


def _store(ask: Ask) -> np.ndarray:
    """Writes what it says of the test pictures and of the last 5,000 training pictures; returns the features of the
    test pictures."""
    test, train = data.load_split("test").images, data.load_split("train").images[-trying.VALIDATION :]
    logits, features = ask(test, ["logits", "features"])
    validation = ask(train, ["logits"])[0]
    if not (np.isfinite(logits).all() and np.isfinite(validation).all() and np.isfinite(features).all()):
        raise Refused("It gives numbers that are not finite for some of the pictures.")
    first = data.SIZES["train"] - trying.VALIDATION
    rows = {
        "test": (np.arange(len(test)), _precise(logits)),
        "validation": (np.arange(first, data.SIZES["train"]), _precise(validation)),
        "train": (np.zeros(0, np.int64), logits[:0]),
    }
    predictions.save(Run(Path.cwd()), rows)
    return features.reshape(len(features), -1)


def _latency(ask: Ask) -> float:
    """Seconds for one picture, the median of 20."""
    picture, seconds = data.load_split("test").images[:1], []
    for _ in range(20):
        start = time.perf_counter()
        ask(picture, ["logits"])
        seconds.append(time.perf_counter() - start)
    return float(np.median(seconds))
