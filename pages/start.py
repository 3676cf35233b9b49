"""Start: what this is, what is here already, where to go."""

import numpy as np
import streamlit as st

from fmnist_core import data, glossary
from fmnist_core.metrics import evaluation
from fmnist_core.runs import catalogue
from fmnist_ui import cached, parts, state
from fmnist_ui.frame import PAGES, open_inside_app

open_inside_app(__file__)
state.enter("start")

MONTAGE_ROWS, MONTAGE_COLUMNS = 5, 24


@st.cache_data(show_spinner=False)
def montage() -> np.ndarray:
    """(rows * 28, columns * 28) uint8: test pictures in order, as they come."""
    images = data.load_split("test").images[: MONTAGE_ROWS * MONTAGE_COLUMNS]
    grid = images.reshape(MONTAGE_ROWS, MONTAGE_COLUMNS, data.SIDE, data.SIDE)
    return grid.swapaxes(1, 2).reshape(MONTAGE_ROWS * data.SIDE, MONTAGE_COLUMNS * data.SIDE).repeat(2, 0).repeat(2, 1)


def best_run() -> None:
    rows = cached.list_rows()
    best = catalogue.default_run(rows)
    if best is None:
        st.info(
            "No trained network yet. The quick preset trains a useful one in about a minute.", icon=":material/info:"
        )
        return
    low, high = best.interval or (None, None)
    stored = cached.load_predictions(best.run, "test")
    matrix = evaluation.confusion_matrix(stored.labels, stored.predicted, stored.logits.shape[1])
    true, predicted, count = evaluation.most_confused(matrix, 1)[0]
    names = best.config.class_names if best.config else data.CLASS_NAMES
    with st.grid(3, min_column_width=150):
        st.metric(
            "Test accuracy",
            parts.percent(best.test_accuracy, 2),
            help=f"{glossary.term('Accuracy')} {parts.run_title(best)}; 95 % interval {parts.percent(low, 2)} to "
            f"{parts.percent(high, 2)}.",
            border=True,
        )
        st.metric(
            "Parameters",
            f"{best.result.parameters:,}" if best.result else "–",
            help=glossary.term("Parameters"),
            border=True,
        )
        total, errors = len(stored.labels), len(stored.labels) - int(matrix.trace())
        st.metric(f"Errors, of {total:,}", f"{errors:,}", help=glossary.term("Errors"), border=True)
    st.caption(f"Its commonest error: {count} × {names[true]} taken for {names[predicted]}.")


st.title("See how a network sees")
st.markdown(
    "Train a network on 70,000 pictures of clothes, watch it learn, find what it gets wrong and why, "
    "and try it on a photo or a drawing of your own."
)
st.image(
    montage(), width="stretch", alt="120 pictures of the data: shirts, shoes, bags and other clothes, gray on black"
)
with st.container(horizontal=True):
    if st.button("Train a network", type="primary", icon=":material/model_training:"):
        st.switch_page("pages/train.py")
    if st.button("See what it gets wrong", icon=":material/grid_on:"):
        st.switch_page("pages/evaluate.py")
    if st.button("Look inside", icon=":material/account_tree:"):
        st.switch_page("pages/inside.py")
    if st.button("Try a drawing", icon=":material/draw:"):
        st.switch_page("pages/predict.py")

st.subheader("The network to begin with")
try:
    best_run()
except RuntimeError as error:
    st.warning(str(error))

st.subheader("Where to go")
with st.grid(4, min_column_width=220):
    for row in PAGES[1:]:
        with st.container(border=True, height="stretch"):
            st.page_link(f"pages/{row.file}", label=f"**{row.title}**", icon=f":material/{row.icon}:")
            st.caption(row.help)
st.caption(
    "The data is [Fashion-MNIST](https://github.com/zalandoresearch/fashion-mnist) by Zalando Research: ten classes, "
    "28 by 28 gray pixels, 60,000 pictures to train on and 10,000 to test on. "
    "It comes with the app; nothing is downloaded."
)
