"""What identifies a view, in one table: its name, its type, its default. All of it lives in the address.

A page reads its fields with `enter`, draws widgets bound to them with `select` and `segmented`, and changes them with
`put`. The address wins over everything; what is not in it is remembered for the session and put back when the visitor
comes back to the page.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from fmnist_core import data
from fmnist_core.maps.map_spec import ENGINES, METHODS
from fmnist_core.maps.search import MOST_CHARACTERS
from fmnist_core.metrics import calibration, scores, selection
from fmnist_core.runs import predictions, runs
from fmnist_core.zoo import MODELS

COLOURS = ("class", "predicted", "mistakes", "confidence", "loss", "trust", "agreement", "chosen")  # of the map
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
)  # of Evaluate
_DECIMAL = re.compile(r"[0-9]{1,4}(\.[0-9]{1,4})?|inf")
_MEMORY, _PAGE = "view_memory", "view_page"
# What the pages of a session share and no address can say: it is too much, or the visitor's own.
CHOSEN = "map_chosen"  # frozenset of addresses of the pictures chosen on a map
OWN_PICTURE = "own_picture"  # (28, 28) uint8: the visitor's, that lands on the map


@dataclass(frozen=True)
class Field:
    name: str  # also the address' parameter
    parse: Callable[[str], Any]  # raises ValueError with a sentence
    default: Any


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


def _runs(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_run(part) for part in text.split(",") if part))


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


def _words(text: str) -> str:
    if len(text) > MOST_CHARACTERS:
        raise ValueError(f"it is longer than {MOST_CHARACTERS} characters")
    return text


FIELDS = {
    field.name: field
    for field in (
        Field("run", _run, None),  # the run that all pages look at
        Field("model", _one_of(*MODELS), "cnn_2"),  # a row of the zoo
        Field("compare", _runs, ()),  # Models: the runs that stand side by side
        Field("picture", _picture, None),  # the one picture that is open: test/4021
        Field("split", _one_of(*predictions.SPLITS), "test"),
        Field("cells", selection.parse_cells, ()),  # chosen in the confusion matrix: cells, margins, sums over groups
        Field("view", _one_of(*VIEWS), "matrix"),
        Field("show", _one_of("counts", "percent", "columns", "errors"), "counts"),
        Field("rows", _one_of("classes", "groups"), "classes"),  # of the matrix
        Field("class_order", _one_of(*selection.ORDERS), "own"),  # of these
        Field("colours", _one_of("shares", "linear", "log"), "shares"),  # how counts become colours
        Field(
            "confidence", _range(0, 100), (0.0, 100.0)
        ),  # percents of confidence between which pictures are looked at
        Field("losses", _range(0, float("inf")), (0.0, float("inf"))),
        Field("errors", _one_of("yes"), None),  # only what the run gets wrong
        Field("clean", _one_of("yes"), None),  # without the pictures whose label is in doubt
        Field("sort", _one_of(*scores.ORDERS), "surest"),  # of a gallery
        Field("focus", _number(100), 0),  # the class that is looked at
        Field("bin", _number(calibration.BINS), None),  # of confidence, in the reliability diagram: its pictures
        Field("epoch", _number(100_000), None),  # of the replay; None: the last
        Field("class", _number(10), "all"),  # Data: only this class
        Field("what", _one_of("pictures", "suspects"), "pictures"),  # Data: its view
        Field("kind", _one_of("label", "conflict", "duplicate", "faint", "known", "decided"), "label"),  # of suspects
        Field("order", _one_of("margin", "confidence", "position"), "margin"),  # their order
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
        Field("x", _number(64), 0),  # the map's principal components
        Field("y", _number(64), 1),
        Field("z", _number(64), 2),
        Field("sample", _number(1_000_000), 0),  # of the pictures drawn at random on Report
    )
}


def enter(page: str, *names: str) -> dict[str, Any]:
    """The values of a page's fields; call once at its top. Bad parameters are dropped, with a sentence shown."""
    memory = st.session_state.setdefault(_MEMORY, {})
    arrived = st.session_state.get(_PAGE) != page
    st.session_state[_PAGE] = page
    if "cells" in names:
        _translate_old_cell()
    for name in names:
        if name not in st.query_params and arrived and memory.get(name) not in (None, FIELDS[name].default):
            st.query_params[name] = _text(memory[name])
    return {name: _read(name) for name in names}


def _translate_old_cell() -> None:
    """Links of before said a cell as two numbers, `true=6&predicted=0`; now it is `cells=6-0`."""
    address = st.query_params.to_dict()
    if {"true", "predicted"} <= address.keys():
        cell = f"{address.pop('true')}-{address.pop('predicted')}"
        st.query_params.from_dict(address | {"cells": cell})


def get(name: str) -> Any:
    """The value of a field of the page that is shown."""
    return _read(name)


def put(**values: Any) -> None:
    """Changes fields, in the address and in memory; None or the default takes them out of it."""
    st.session_state.setdefault(_MEMORY, {}).update(values)
    address = st.query_params.to_dict()
    for name, value in values.items():
        if value is None or value == FIELDS[name].default:
            address.pop(name, None)
        else:
            address[name] = _text(value)
    if address != st.query_params.to_dict():
        st.query_params.from_dict(address)  # all at once: each change is a step of the browser's back button


def _text(value: Any) -> str:
    """How the address writes a value; a field's `parse` is its inverse."""
    parts = value if isinstance(value, tuple) else (value,)
    return ",".join(f"{part:g}" if isinstance(part, float) else str(part) for part in parts)


def _read(name: str) -> Any:
    field, text = FIELDS[name], st.query_params.get(name)
    value = field.default
    if text is not None:
        try:
            value = field.parse(text)
        except ValueError as error:
            st.query_params.pop(name, None)
            st.warning(f"The address' {name} was left out: {error}.", icon=":material/link_off:")
    st.session_state.setdefault(_MEMORY, {})[name] = value
    return value


def select(label: str, name: str, options: Sequence[Any], **widget: Any) -> Any:
    """A selectbox whose value is the field; a value that is no option becomes `fallback`, or the first one."""
    return _bound(st.selectbox, label, name, options, **widget)


def segmented(label: str, name: str, options: Sequence[Any], **widget: Any) -> Any:
    """A segmented control whose value is the field; on a phone it breaks rather than be cut off."""
    return _bound(st.segmented_control, label, name, options, required=True, wrap=True, **widget)


def slider(label: str, name: str, low: int, high: int, **widget: Any) -> int:
    """A slider over whole numbers whose value is the field, brought into its range."""
    key = f"widget_{name}"
    st.session_state[key] = min(max(get(name), low), high)
    return int(st.slider(label, low, high, key=key, on_change=lambda: put(**{name: st.session_state[key]}), **widget))


def number(label: str, name: str, low: int, high: int, **widget: Any) -> int:
    """A field for a whole number, brought into its range."""
    key = f"widget_{name}"
    st.session_state[key] = min(max(get(name), low), high)
    changed = lambda: put(**{name: int(st.session_state[key])})  # noqa: E731
    return int(st.number_input(label, low, high, key=key, on_change=changed, **widget))


def decimal(label: str, name: str, low: float, high: float, step: float = 0.01, **widget: Any) -> float:
    """A slider over numbers with a fraction whose value is the field, brought into its range."""
    key = f"widget_{name}"
    st.session_state[key] = min(max(float(get(name)), low), high)
    changed = lambda: put(**{name: round(st.session_state[key], 4)})  # noqa: E731
    return float(st.slider(label, low, high, step=step, key=key, on_change=changed, **widget))


def toggle(label: str, name: str, **widget: Any) -> bool:
    """A switch whose field is "yes" or not there."""
    key = f"widget_{name}"
    st.session_state[key] = get(name) == "yes"
    changed = lambda: put(**{name: "yes" if st.session_state[key] else None})  # noqa: E731
    return bool(st.toggle(label, key=key, on_change=changed, **widget))


def text(label: str, name: str, **widget: Any) -> str:
    """A line of text that is the field."""
    key = f"widget_{name}"
    st.session_state[key] = get(name)
    return str(st.text_input(label, key=key, on_change=lambda: put(**{name: st.session_state[key]}), **widget))


def multiselect(label: str, name: str, options: Sequence[Any], **widget: Any) -> tuple[Any, ...]:
    """A multiselect whose values are the field; values that are no option are left out."""
    key = f"widget_{name}"
    limit = widget.get("max_selections") or len(options)
    st.session_state[key] = [value for value in get(name) if value in options][:limit]
    changed = lambda: put(**{name: tuple(st.session_state[key])})  # noqa: E731
    return tuple(st.multiselect(label, options, key=key, on_change=changed, **widget))


def _bound(control: Callable[..., Any], label: str, name: str, options: Sequence[Any], **widget: Any) -> Any:
    key = f"widget_{name}"
    value = get(name)
    fallback = widget.pop("fallback", options[0])  # for a value that is no option
    st.session_state[key] = value = value if value in options else fallback
    clears = widget.pop("clears", ())  # fields that no longer make sense once this one changes
    changed = lambda: put(**{name: st.session_state[key]}, **dict.fromkeys(clears))  # noqa: E731
    return control(label, options, key=key, on_change=changed, **widget)
