"""Data: the 70,000 pictures, by class and split; class means; one picture large; suspects among the labels."""

import numpy as np
import streamlit as st

from fmnist_core import catalogue, data
from fmnist_ui import audit_panel, cached, parts, state
from fmnist_ui.frame import open_inside_app

open_inside_app(__file__)

ON_A_PAGE = 120
ALL = "all"


@st.cache_data(show_spinner=False)
def class_means(split: str) -> np.ndarray:
    """(10, 28, 28) uint8: the mean picture of each class."""
    pictures = data.load_split(split)
    means = [pictures.images[pictures.labels == label].mean(axis=0) for label in range(len(data.CLASS_NAMES))]
    return np.stack(means).round().astype(np.uint8)


def browse() -> None:
    """All pictures of a split and a class, page by page, and one large."""
    with st.container(horizontal=True, vertical_alignment="top"):  # of different heights: their labels are level
        split = state.segmented(
            "Split",
            "split",
            ("test", "train"),
            format_func={"test": "Test, 10,000", "train": "Train, 60,000"}.get,
            clears=("page",),
        )
        chosen = state.select(
            "Class",
            "class",
            (ALL, *range(len(data.CLASS_NAMES))),
            format_func=lambda label: "All classes" if label == ALL else data.CLASS_NAMES[label],
            clears=("page",),
        )

    st.subheader("The mean of each class")
    means = class_means(split)
    parts.picture_gallery(
        means,
        data.CLASS_NAMES,
        key="means",
        label="Mean picture of each class",
        size=84,
        on_pick=lambda label: state.put(**{"class": label, "page": 0}),
    )
    st.caption("All pictures of a class laid over each other. Where the mean is sharp, the class hardly varies.")

    pictures = data.load_split(split)
    indices = np.arange(len(pictures.labels)) if chosen == ALL else np.flatnonzero(pictures.labels == chosen)
    pages = -(-len(indices) // ON_A_PAGE)
    page = min(state.get("page"), pages - 1)
    shown = indices[page * ON_A_PAGE : (page + 1) * ON_A_PAGE]

    main, side = st.columns([5, 3], gap="large")
    with main:
        st.subheader(f"{'All classes' if chosen == ALL else data.CLASS_NAMES[chosen]}: {len(indices):,} pictures")
        names = [data.CLASS_NAMES[label] for label in pictures.labels[shown]]
        parts.picture_gallery(
            pictures.images[shown],
            names,
            key="browse",
            label="Pictures",
            size=64,
            on_pick=lambda index: state.put(picture=data.picture_address(split, int(shown[index]))),
        )
        if pages > 1:
            turned = st.pagination(pages, default=page + 1, key=f"turn-{split}-{chosen}-{page}")
            if turned != page + 1:
                state.put(page=turned - 1)
                st.rerun()
    with side:
        if address := state.get("picture"):
            best = catalogue.default_run(cached.list_rows())
            st.subheader("Picture")
            try:
                parts.open_picture(address, best, stacked=True)
                if best:
                    st.caption(f"As {parts.run_title(best)} sees it.")
            except RuntimeError as error:
                st.warning(str(error))
        else:
            st.subheader("Picture")
            st.info("Click a picture to see it large, with what the network says of it.", icon=":material/touch_app:")


parts.header("Data", "Ten kinds of clothes, 7,000 pictures of each. Click a picture to see it large.")
state.enter("data", "what", "split", "class", "page", "picture", "run", "kind", "doubt")
words = {"pictures": "Pictures", "suspects": "Suspects"}
what = state.segmented("View", "what", tuple(words), format_func=words.get, clears=("page", "picture"))
if what == "suspects":
    audit_panel.show()
else:
    browse()
