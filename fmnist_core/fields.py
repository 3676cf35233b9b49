"""What a view can say of itself, in one table: a field, which is also the address' parameter, its type, its default."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from fmnist_core import data
from fmnist_core.label_audit import label_sets
from fmnist_core.maps import area
from fmnist_core.maps.map_spec import ENGINES, METHODS
from fmnist_core.maps.search import MOST_CHARACTERS
from fmnist_core.metrics import calibration, scores, selection
from fmnist_core.networks import sharing
from fmnist_core.networks.layers import Network
from fmnist_core.photo.drawing import DEFAULT_FILLING, FILLINGS
from fmnist_core.photo.pipeline import DEFAULT_MODE, MODES
from fmnist_core.photo_sets import intake, photo_sets
from fmnist_core.quiz import pictures
from fmnist_core.recipe import MOST_EPOCHS, OWN
from fmnist_core.room.rates import MOST_STEPS
from fmnist_core.runs import predictions, records, runs
from fmnist_core.zoo import CLASSICAL, MODELS

COLOURS = ("class", "predicted", "mistakes", "confidence", "loss", "trust", "agreement", "chosen")  # of the map
LESSON = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")  # the name of a lesson's file
ROOM = re.compile(r"[A-Za-z]{4}")
LAYER = re.compile("[A-Za-z0-9_]{1,60}")
VIEWS = (
    "matrix",
    "classes",
    "against",
    "agreement",
    "calibration",
    "test_time_augmentation",
    "changes",
    "replay",
    "photos",
)  # of Evaluate
PIXEL = re.compile("[0-9]{1,3}-[0-9]{1,3}")  # row-column
OFF = re.compile(r"[A-Za-z0-9_]{1,60}:(all|[0-9]{1,4}(\.[0-9]{1,4})*)")  # a layer and its channels
MOST_OFF = 2_000  # characters
_DECIMAL = re.compile(r"[0-9]{1,4}(\.[0-9]{1,4})?|inf")


@dataclass(frozen=True)
class Field:
    name: str  # also the address' parameter
    parse: Callable[[str], Any]  # raises ValueError with a sentence
    default: Any
    write: Callable[[Any], str] | None = None  # the inverse of `parse`, where that is not `str`


def _one_of(*choices: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if text not in choices:
            raise ValueError(f"it is not one of {', '.join(choices)}")
        return text

    return parse


def _run(text: str) -> str:
    if not runs.RUN_ID.fullmatch(text):
        raise ValueError("it is not the name of a run")
    return text


def _family(text: str) -> str:
    if not records.GROUP_ID.fullmatch(text):
        raise ValueError("it is not the name of a family")
    return text


def _sweep(text: str) -> str:
    if not records.GROUP_ID.fullmatch(text):
        raise ValueError("it is not the name of a sweep")
    return text


def _runs(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_run(part) for part in text.split(",") if part))


def _models(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_one_of(*MODELS, *CLASSICAL, OWN)(part) for part in text.split(",") if part))


def _network(text: str) -> Network:
    try:
        return sharing.from_text(text)
    except ValueError as error:
        raise ValueError(str(error).removesuffix(".")) from None


def _number(limit: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        if not (text.isascii() and text.isdecimal()) or len(text) > 9 or int(text) >= limit:
            raise ValueError(f"it is not a number from 0 to {limit - 1}")
        return int(text)

    return parse


def _decimal(low: float, high: float) -> Callable[[str], float]:
    def parse(text: str) -> float:
        if not _DECIMAL.fullmatch(text) or not low <= float(text) <= high:
            raise ValueError(f"it is not a number from {low:g} to {high:g}")
        return float(text)

    return parse


def _picture(text: str) -> str:
    try:
        data.parse_picture_address(text)
    except ValueError:  # its message repeats the text, and what an address says must not be drawn as Markdown
        raise ValueError("it is no picture; expected train/0 to train/59999 or test/0 to test/9999") from None
    return text


def _range(low: float, high: float) -> Callable[[str], tuple[float, float]]:
    def parse(text: str) -> tuple[float, float]:
        parts = text.split(",")
        if len(parts) == 2 and all(_DECIMAL.fullmatch(part) for part in parts):
            first, last = map(float, parts)
            if low <= first <= last <= high:
                return first, last
        raise ValueError(f"it is not two numbers from {low:g} to {high:g}, the smaller one first")

    return parse


def _layer(text: str) -> str:
    if not LAYER.fullmatch(text):
        raise ValueError("it is not the name of a layer")
    return text


def _pixel(text: str) -> str:
    if not PIXEL.fullmatch(text):
        raise ValueError("it is no pixel; expected a row and a column such as 4-9")
    return text


def _off(text: str) -> str:
    if len(text) > MOST_OFF or not all(OFF.fullmatch(part) for part in text.split(",")):
        raise ValueError("it names no channels; expected layers and channels such as conv2:3.7,conv4:all")
    return text


def _labels(text: str) -> str:
    if not label_sets.is_id(text):
        raise ValueError("it is not the name of a label set")
    return text


def _lesson(text: str) -> str:
    if not LESSON.fullmatch(text):
        raise ValueError("it is not the name of a lesson")
    return text


def _room(text: str) -> str:
    if not ROOM.fullmatch(text):
        raise ValueError("it is not four letters")
    return text.upper()


def _photo_set(text: str) -> str:
    if not photo_sets.SHELF.is_name(text):
        raise ValueError("it is not the name of a set of photos")
    return text


def _words(text: str) -> str:
    if len(text) > MOST_CHARACTERS:
        raise ValueError(f"it is longer than {MOST_CHARACTERS} characters")
    return text


FIELDS = {
    field.name: field
    for field in (
        Field("run", _run, None),  # the run that all pages look at
        Field("family", _family, None),  # Train: runs that differ in one value, side by side
        Field("sweep", _sweep, None),  # Train: a sweep, as it trains and what it shows
        Field("model", _one_of(*MODELS, *CLASSICAL), "cnn_2"),  # a row of the zoo
        Field("network", _network, None, sharing.to_text),  # one of one's own, layer by layer
        Field("source", _one_of("zoo", "own"), "zoo"),  # Train: of the network that is trained
        Field("table", _one_of("models", "runs"), "models"),  # Models: what it lists
        Field("whose", _one_of("all", "own", "others", "shipped"), "all"),  # of its runs, which
        Field("models", _models, ()),  # only runs of these
        Field("words", _words, ""),  # only runs in whose name, note or recipe these are
        Field("compare", _runs, ()),  # Models: the runs that stand side by side
        Field("picture", _picture, None),  # the one picture that is open: test/4021
        Field("split", _one_of(*predictions.SPLITS), "test"),
        Field("cells", selection.parse_cells, ()),  # chosen in the confusion matrix: cells, margins, sums over groups
        Field("area", area.parse, (), area.write),  # Explore: chosen on the map
        Field("doubt", _one_of("any", "only", "without"), "any"),  # Explore: pictures whose label the audit doubts
        Field("differ", _one_of("all", "fixed", "broken"), "all"),  # Explore: by the run beside it
        Field("first", _one_of("loss", "surest", "least"), "loss"),  # Explore: of the pictures
        Field("window", _one_of("matrix", "map", "pictures"), "map"),  # Explore: what a phone shows
        Field("view", _one_of(*VIEWS), "matrix"),
        Field("show", _one_of("counts", "percent", "columns", "errors"), "counts"),
        Field("rows", _one_of("classes", "groups"), "classes"),  # of the matrix
        Field("class_order", _one_of(*selection.ORDERS), "own"),  # of these
        Field("colours", _one_of("shares", "linear", "log"), "shares"),  # how counts become colours
        Field(
            "confidence", _range(0, 100), (0.0, 100.0)
        ),  # percents of confidence between which pictures are looked at
        Field("probabilities", _one_of("calibrated", "raw"), "calibrated"),  # that are shown of a run
        Field("losses", _range(0, float("inf")), (0.0, float("inf"))),
        Field("errors", _one_of("yes"), None),  # only what the run gets wrong
        Field("clean", _one_of("yes"), None),  # without the pictures whose label is in doubt
        Field("sort", _one_of(*scores.ORDERS), "surest"),  # of a gallery
        Field("focus", _number(records.MOST_CLASSES), 0),  # the class that is looked at
        Field("bin", _number(calibration.BINS), None),  # of confidence, in the reliability diagram: its pictures
        Field("epoch", _number(MOST_EPOCHS + 1), None),  # of the replay; None: the last
        Field("own", _one_of("yes"), None),  # Inside: the visitor's own picture, in place of one of the data
        Field("layer", _layer, None),  # Inside: that is looked at
        Field("channel", _number(10_000), None),  # of it
        Field("pixel", _pixel, None),  # of that, row and column: what is worked out
        Field("off", _off, ""),  # Inside: channels that are switched off
        Field("against", _picture, None),  # Inside: the picture beside it
        Field("class", _number(10), "all"),  # Data: only this class
        Field("what", _one_of("pictures", "suspects", "labels"), "pictures"),  # Data: its view
        Field("kind", _one_of("label", "conflict", "duplicate", "faint", "known", "decided"), "label"),  # of suspects
        Field("order", _one_of("margin", "confidence", "position"), "margin"),  # their order
        Field("label_set", _labels, None),  # Data: that is looked at; None: the first
        Field("labels_beside", _labels, None),  # with which it is compared
        Field("labels", _labels, None),  # Evaluate: the label set by which it evaluates; None: the official labels
        Field("page", _number(10_000), 0),  # of a gallery
        Field("of", _layer, "features"),  # what the map is of: pixels, features or a layer's name
        Field("method", _one_of(*METHODS), None),  # of the map; None: the best that is there
        Field("engine", _one_of(*ENGINES), ENGINES[0]),  # that computes the map
        Field("dims", _one_of("2", "3"), "2"),
        Field("pictures", _one_of("test", "train", "both"), "test"),  # that are on the map
        Field("only", _number(10), None),  # of this class
        Field("map_errors", _one_of("yes"), None),  # only those that the run gets wrong
        Field("perplexity", _number(1_001), 30),  # t-SNE
        Field("learning_rate", _number(10_001), 0),  # t-SNE: learning rate; 0: what the method thinks best
        Field("early_exaggeration", _number(101), 12),  # t-SNE: of the attraction, at first
        Field("n_neighbors", _number(1_001), 15),  # UMAP: neighbours that a point holds on to
        Field("min_dist", _decimal(0, 0.99), 0.1),  # UMAP: smallest distance on the map
        Field("supervised", _one_of("yes"), None),  # UMAP: the labels help
        Field("densmap", _one_of("yes"), None),  # UMAP by umap-learn: densMAP
        Field("metric", _one_of("euclidean", "cosine"), "euclidean"),  # what near means to t-SNE and UMAP
        Field("iterations", _number(5_001), 0),  # iterations of t-SNE or UMAP; 0: as many as it thinks best
        Field("seed", _number(1_000_000), 0),  # the seed of t-SNE and UMAP
        Field("spherize", _one_of("yes"), None),  # vectors shifted to their mean, then all of one length
        Field("find", _words, ""),  # what the map is searched for
        Field("left", _words, ""),  # between what two searches find, an axis of the map leads
        Field("right", _words, ""),
        Field("below", _words, ""),  # the same of its second axis
        Field("above", _words, ""),
        Field("side", _one_of("one", "epochs", "networks", "perplexities"), "one"),  # what is shown of the map
        Field("change", _one_of("fixed", "broken", "neither"), "fixed"),  # by the run beside it
        Field("other", _run, None),  # the run beside it
        Field("among", _runs, ()),  # the runs whose agreement is looked at
        Field("votes", _number(1_000), 0),  # how many of them are right on the pictures that are shown
        Field("k", _number(501), 12),  # nearest neighbours that are shown
        Field("neighbour_metric", _one_of("euclidean", "cosine"), "euclidean"),  # of these neighbours
        Field("colour", _one_of(*COLOURS), "class"),
        Field("names", _one_of("label", "predicted"), "label"),  # that stand on the map
        Field("way", _one_of("draw", "upload", "camera", "teach"), "draw"),  # how a picture comes in on Predict
        Field("filling", _one_of(*FILLINGS), DEFAULT_FILLING),  # of what a drawing's lines close
        Field("photo_set", _photo_set, None),  # Evaluate: photos of one's own, in folders
        Field("mode", _one_of(*MODES), DEFAULT_MODE),  # from these to pictures
        Field("folder", _number(intake.MOST_FOLDERS), None),  # of them, whose photos are looked at; None: all
        Field("called", _number(records.MOST_CLASSES), None),  # what the network says of these; None: whatever
        Field("x", _number(64), 0),  # the map's principal components
        Field("y", _number(64), 1),
        Field("z", _number(64), 2),
        Field("lesson", _lesson, None),  # that is open, or to which the view belongs
        Field("step", _number(MOST_STEPS), 0),  # of it
        Field("room", _room, None),  # in which the lesson is given
        Field("present", _one_of("yes", "1"), None),  # as a class sees it from the last row
        Field("sample", _number(1_000_000), 0),  # of the pictures drawn at random on Report
        Field("quiz_seed", _number(pictures.SEEDS), 0),  # of the twenty pictures of the quiz
        Field("hard", _one_of("yes"), None),  # Quiz: only pictures that networks disagree on
    )
}
