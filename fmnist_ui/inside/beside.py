"""Two pictures in one network: how far they are apart in each layer, and where they begin to be."""

from typing import Any

import numpy as np
import streamlit as st

from fmnist_core.inside import difference
from fmnist_core.inside.difference import Apart
from fmnist_core.inside.session import Seen
from fmnist_core.runs.runs import Run
from fmnist_ui import cached
from fmnist_ui.inside import off_text
from fmnist_ui.inside.asked import Asked, Picture


def distances(asked: Asked, seen: Seen, other: Seen) -> dict[str, Any]:
    """For the browser: by layer the distance of the two, what is usual for two of one class, and the sentence."""
    first, second = _class(asked.picture, seen), _class(asked.against, other)
    key = (seen.picture.tobytes(), other.picture.tobytes(), off_text.write(asked.off, asked.network))
    run = asked.row.run
    found = _apart(run, cached.stamp(run, "model.onnx"), *key, (first, second), _of=(asked, seen, other))
    places = {name: place for place, name in enumerate(found.layers)}
    order = [places.get(layer.name) for layer in asked.network.layers]
    usual = found.same_class
    return {
        "pair": [None if at is None else round(float(found.pair[at]), 4) for at in order],
        "usual": [None if at is None else np.round(usual[at], 4).tolist() for at in order],
        "said": sentence(asked, found, first, second),
    }


def _class(picture: Picture | None, seen: Seen) -> int:
    label = None if picture is None else picture.label
    return int(seen.logits.argmax()) if label is None else label


@st.cache_resource(max_entries=32, show_spinner=False)
def _apart(
    run: Run,
    stamp: tuple[float, ...],
    picture: bytes,
    other: bytes,
    off: str,
    classes: tuple[int, int],
    *,
    _of: tuple[Asked, Seen, Seen],
) -> Apart:
    asked, seen, against = _of
    return difference.apart(asked.inside, seen, against, classes)


def sentence(asked: Asked, found: Apart, first: int, second: int) -> str:
    usual = f"two pictures of {asked.names[first]} usually are"
    if found.begins is None:
        return f"In the last layers the two are no farther apart than {usual}."
    if found.begins == found.layers[0]:
        return f"From the pixels on the two are farther apart than {usual}."
    return f"From {found.begins} on the two are farther apart than {usual}."
