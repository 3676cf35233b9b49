"""A page with nothing but a curve chart that gets an epoch a second while "Growing" is on, for test_live_curves.py."""

import streamlit as st

from fmnist_core.runs.curves import curve_rows
from fmnist_core.runs.records import Line
from fmnist_ui.widgets.curve_chart import curve_chart
from tests.made_up import batch_line, epoch_line

BATCHES = 10  # an epoch
state = st.session_state
state.setdefault("epochs", 6)


def lines(epochs: int, factor: float) -> list[Line]:
    """A loss that falls towards 0.3 from a first value that is far off, and a validation loss that turns at epoch 4."""
    found: list[Line] = []
    for epoch in range(1, epochs + 1):
        for step in range(1, BATCHES + 1):
            done = epoch - 1 + step / BATCHES
            loss = 5.1 if not found else factor * (0.3 + 0.6 / (1 + done))
            found.append(batch_line(epoch, step, BATCHES, loss))
        loss, val_loss = factor * (0.3 + 0.6 / (1 + epoch)), factor * (0.4 + 0.02 * abs(epoch - 4))
        measured = {"loss": loss, "val_loss": val_loss, "val_accuracy": 0.9 - val_loss / 10}
        found.append(epoch_line(epoch, **measured))
    return found


names = ["The only run"]
if "runs" in st.query_params:
    names = [
        f"Convolutional network {place} · 9{place}.2 % · shipped · a{place}c4"
        for place in range(int(st.query_params["runs"]))
    ]
percent = "percent" in st.query_params
growing = st.toggle("Growing")
empty = st.toggle("Empty")
st.button("Again")


@st.fragment(run_every=1.0 if growing else None)
def chart() -> None:
    if growing:
        state.epochs += 1
    rows = [
        row | ({"value": 1 - row["value"] / 6} if percent else {})
        for place, name in enumerate(names)
        for row in curve_rows(lines(0 if empty else state.epochs, 1 + place / 6), name, "loss")
    ]
    title = "accuracy" if percent else "loss"
    curve_chart(rows, key="chart", title=title, percent=percent, several_runs=len(names) > 1)
    st.text(f"epochs {state.epochs}")


chart()
if "tall" in st.query_params:
    st.container(height=2000, border=True)
