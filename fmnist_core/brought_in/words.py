"""What is said of a run that was brought in: on pages, in reports, and by the command line."""

from fmnist_core.brought_in import conventions, orders
from fmnist_core.brought_in.layers import ANSWERS, PENULTIMATE, PIXELS
from fmnist_core.formatting import percent
from fmnist_core.zoo.others.brought_in import BroughtIn

FORMATS = {"onnx": "ONNX model", "keras": "Keras model", "h5": "Keras model (HDF5)", "csv": "CSV", "npz": "NPZ"}
_PICTURES = {
    "reversed": "the last one first",
    "by class": "sorted by their labels",
    "by class name": "sorted by the names of their classes",
}
_FEATURES = {
    PENULTIMATE: "what its last layer sees",
    PIXELS: "the pixels: its last layer sees them themselves",
    ANSWERS: "its ten answers: no last layer was found",
}
MAYBE_SEEN = (
    "Its validation figures are of the last 5,000 training pictures. Whoever made it may have trained on them: they "
    "may be too high, and what is calibrated on them too sure."
)
NO_MODEL = "Its answers to the test pictures were brought in, and no model: it cannot look at other pictures."


def facts(about: BroughtIn) -> list[tuple[str, str]]:
    """A name and a phrase each."""
    rows = [("Brought in", f"{about.file or 'a file'} ({FORMATS[about.format]})"), ("Recipe", "not known")]
    if about.has_model:
        rows.append(("Input", input_in_words(about)))
    rows.append(("Answers", "probabilities, stored as their logarithms" if about.probabilities else "logits"))
    if about.features:
        rows.append(("Its map", _FEATURES[about.features]))
    return rows


def input_in_words(about: BroughtIn) -> str:
    """How its model takes pictures, how well that did, and what came next."""
    found = _spelled(about.input)
    if not about.tried:
        return found
    first, *others = about.tried
    figures = f"{percent(first.accuracy, 1)} of 500 pictures right"
    if not others:
        return f"{found}: {figures}; as its user said"
    second = others[0]
    return (
        f"{found}: {figures}, loss {first.loss:.2f}. Next: {second.input}, {percent(second.accuracy, 1)}, "
        f"loss {second.loss:.2f}"
    )


def _spelled(text: str) -> str:
    try:
        return f"{text} ({conventions.parse(text).words})"
    except ValueError:
        return text


def order_found(about: BroughtIn) -> str:
    """What is said where classes or pictures come in another order than the official one; "" where they do not."""
    done = "They were put right." if about.reordered else "They are as they came."
    said = []
    if about.pictures:
        said.append(f"Its test pictures seem to be in another order: {_PICTURES[about.pictures]}.")
    if about.classes:
        said.append(f"Its classes seem to be in another order: {orders.in_words(about.classes)}.")
    return " ".join([*said, done]) if said else ""


def by_chance(accuracy: float) -> str:
    """What is said of answers that are hardly better than drawn by lot; "" of others."""
    if accuracy >= _CHANCE:
        return ""
    return (
        f"It is right on {percent(accuracy, 1)} of the test pictures; by chance that would be 10 %. If it should know "
        "more: say how it takes its pictures, or look at the order of its rows and classes."
    )


_CHANCE = 0.2


def sentences(about: BroughtIn, accuracy: float) -> list[str]:
    """What should not be overlooked: of the order, of chance."""
    return [one for one in (order_found(about), by_chance(accuracy)) if one]
