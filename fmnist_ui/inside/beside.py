"""Two pictures in one network: how far they are apart in each layer, and where they begin to be."""

from concurrent.futures import Future
from typing import Any

import numpy as np
import streamlit as st

from fmnist_core.inside import difference
from fmnist_core.inside.difference import Apart
from fmnist_core.inside.session import Seen
from fmnist_core.runs.runs import Run
from fmnist_ui import cached
from fmnist_ui.inside import effects, off_text
from fmnist_ui.inside.asked import Asked, Picture


def distances(asked: Asked, seen: Seen, other: Seen, usual: bool) -> dict[str, Any]:
    """For the browser: by layer the distance of the two, what is usual for two of one class, and the sentence.

    usual: whether that is asked for, which takes longer than a click; it is left out until it is there.
    """
    names = [layer.name for layer in asked.network.layers]
    found = _if_done(asked, seen, other) if usual else None
    if found is None:
        now = difference.distances(seen, other)
        pair = [_rounded(now.get(name)) for name in names]
        return {"pair": pair, "usual": None, "said": "How far apart the two are."}
    places = {name: place for place, name in enumerate(found.layers)}
    order = [places.get(name) for name in names]
    return {
        "pair": [None if at is None else _rounded(found.pair[at]) for at in order],
        "usual": [None if at is None else np.round(found.same_class[at], 4).tolist() for at in order],
        "said": sentence(asked, found, _class(asked.picture, seen)),
    }


def _if_done(asked: Asked, seen: Seen, other: Seen) -> Apart | None:
    label = _class(asked.picture, seen)
    key = (seen.picture.tobytes(), other.picture.tobytes(), off_text.write(asked.off, asked.network))
    run = asked.row.run
    future = _apart(run, cached.stamp(run, "model.onnx"), *key, label, _of=(asked, seen, other))
    return future.result() if future.done() else None


def _class(picture: Picture, seen: Seen) -> int:
    return int(seen.logits.argmax()) if picture.label is None else picture.label


@st.cache_resource(max_entries=32, show_spinner=False)
def _apart(
    run: Run,
    stamp: tuple[float, ...],
    picture: bytes,
    other: bytes,
    off: str,
    label: int,
    *,
    _of: tuple[Asked, Seen, Seen],
) -> "Future[Apart]":
    asked, seen, against = _of
    return effects.pool().submit(difference.apart, asked.inside, seen, against, label)


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(float(value), 4)


def sentence(asked: Asked, found: Apart, first: int) -> str:
    """first: the class of the picture."""
    usual = f"two pictures of {asked.names[first]} usually are"
    if found.begins is None:
        return f"In the last layers the two are no farther apart than {usual}."
    if found.begins == found.layers[0]:
        return f"From the pixels on the two are farther apart than {usual}."
    return f"From {found.begins} on the two are farther apart than {usual}."
