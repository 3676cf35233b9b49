"""Data: the 70,000 pictures, by class and split; class means; one picture large; suspects among the labels."""

from typing import Any

import numpy as np
import streamlit as st

from fmnist_core import data
from fmnist_core.runs import catalogue
from fmnist_ui import cached, charts, parts, state
from fmnist_ui.audit import audit_panel, label_sets_panel
from fmnist_ui.frame import open_inside_app
from fmnist_ui.inspect import data_pictures
from fmnist_ui.layout import first_line
from fmnist_ui.layout.columns import narrow
from fmnist_ui.widgets import paging

open_inside_app(__file__)

ON_A_PAGE = 60
ALL = "all"


@st.cache_data(show_spinner=False)
def class_means(split: str) -> np.ndarray:
    """(10, 28, 28) uint8: the mean picture of each class."""
    pictures = data.load_split(split)
    means = [pictures.images[pictures.labels == label].mean(axis=0) for label in range(len(data.CLASS_NAMES))]
    return np.stack(means).round().astype(np.uint8)


def choose_split(**told: Any) -> str:
    words = {"test": "Test, 10,000", "train": "Train, 60,000"}
    return str(state.segmented("Split", "split", tuple(words), format_func=words.get, clears=("page",), **told))


def choose_class(**told: Any) -> int | str:
    """ALL or a label."""
    words = {ALL: "All classes"} | dict(enumerate(data.CLASS_NAMES))
    found: int | str = state.select("Class", "class", tuple(words), format_func=words.get, clears=("page",), **told)
    return found


def browse(split: str, chosen: int | str) -> None:
    """All pictures of a split and a class, page by page, and one large."""
    show_means(split)
    if charts.on_touch():  # below so many pictures nobody would find it
        side, main = st.container(), st.container()
    else:
        main, side = st.columns([5, 3], gap="large")
    with main:
        show_pictures(split, chosen)
    with side, st.container(key="large"):
        show_picture()


def show_means(split: str) -> None:
    st.subheader("The mean of each class")
    parts.picture_gallery(
        class_means(split),
        data.CLASS_NAMES,
        key="means",
        label="Mean picture of each class",
        size=58 if charts.on_touch() else 84,
        on_pick=lambda label: state.put(**{"class": label, "page": 0}),
    )
    st.caption(
        "Ten kinds of clothes, 7,000 pictures of each. Here all of a class are laid over each other: where the mean is "
        "sharp, the class hardly varies."
    )


def show_pictures(split: str, chosen: int | str) -> None:
    """Those of a class or of all, a page of them."""
    pictures = data.load_split(split)
    indices = np.arange(len(pictures.labels)) if chosen == ALL else np.flatnonzero(pictures.labels == chosen)
    shown = indices[paging.open_part(len(indices), ON_A_PAGE)]
    st.subheader(f"{'All classes' if chosen == ALL else data.CLASS_NAMES[int(chosen)]}: {len(indices):,} pictures")
    addresses = [data.picture_address(split, int(index)) for index in shown]
    tiles = [
        data_pictures.judged_tile(image, int(label), None, address, data.CLASS_NAMES)
        for image, label, address in zip(pictures.images[shown], pictures.labels[shown], addresses, strict=True)
    ]
    data_pictures.addressed_gallery(tiles, addresses, key="browse", label="Pictures", size=64)
    paging.turn(len(indices), ON_A_PAGE, f"{split}-{chosen}")


def show_picture() -> None:
    """The one that was clicked, as the best network sees it."""
    address, best = state.get("picture"), catalogue.default_run(cached.list_rows())
    if not address and charts.on_touch():
        return
    st.subheader("Picture")
    if not address:
        st.info("Click a picture to see it large, with what the network says of it.", icon=":material/touch_app:")
        return
    try:
        data_pictures.open_picture(address, best, stacked=True)
        if best:
            st.caption(f"As {parts.run_title(best)} sees it.")
    except RuntimeError as error:
        st.warning(str(error))


state.enter("data", "what", "split", "class", "page", "picture", "run", "kind", "order", "label_set", "labels_beside")
words = {"pictures": "Pictures", "suspects": "Suspects", "labels": "Label sets"}
with first_line.bar("Data"):
    plain = {"label_visibility": "collapsed" if narrow() else "visible"}  # a phone has two lines for all
    what = state.segmented("View", "what", tuple(words), format_func=words.get, clears=("page", "picture"), **plain)
    if what == "pictures":
        split, chosen = choose_split(**plain), choose_class(width="stretch" if charts.on_touch() else 200, **plain)
    elif what == "suspects":
        row = parts.choose_run(width="stretch" if charts.on_touch() else 350, **plain)
if what == "suspects":
    audit_panel.show(row)
elif what == "labels":
    label_sets_panel.show()
else:
    browse(split, chosen)
