"""A run that trains, as it trains: figures, curves that grow in place, verdicts on the same pictures."""

import numpy as np
import streamlit as st

from fmnist_core import curves, data, evaluation, jobs, runs
from fmnist_core.recipe import Recipe
from fmnist_core.runs import Run, RunError, Status
from fmnist_core.splits import GRID_PICTURES, replay_indices
from fmnist_ui import cached, parts
from fmnist_ui.curve_chart import curve_chart
from fmnist_ui.gallery import Tile, gallery

POLL_SECONDS = 1.0


def live_run(run: Run, others: list[str], smoothing: float) -> None:
    """The panel of one run; polls while its job is at work, in a fragment of its own."""
    try:
        active = runs.read_status(run).state in runs.ACTIVE
    except RunError:
        active = False
    st.fragment(run_every=POLL_SECONDS if active else None)(_panel)(run.id, others, smoothing, active)


def _panel(run_id: str, others: list[str], smoothing: float, was_active: bool) -> None:
    try:
        run = runs.find(run_id)
        status = runs.read_status(run)
        recipe = runs.read_config(run).recipe
    except RunError as error:
        st.warning(str(error), icon=":material/broken_image:")
        return
    lines = runs.read_metrics(run)
    if was_active and status.state not in runs.ACTIVE:
        cached.forget_rows()
        st.rerun()
    with st.container():  # one place on the page, whatever is in it: else the curves move and are mounted again
        _head(run, status, lines, recipe.epochs)
    _curves(run, lines, others, smoothing)
    st.markdown(curves.read_curves(lines))
    _verdicts(run, recipe)


def _head(run: Run, status: Status, lines: list[dict], epochs: int) -> None:
    if status.state == "queued":
        place = jobs.queue_position(run)
        st.info(f"Waiting: {place} before it." if place else "Starting: its process is being prepared.")
    elif status.message and status.state != "running":
        (st.error if status.state == "failed" else st.warning)(status.message)
    last = lines[-1] if lines else None
    if status.state == "running":
        done = _done_epochs(last)
        text = "Exporting and classifying all pictures" if status.phase == "finishing" else _where(status, last, epochs)
        st.progress(min(done / epochs, 1.0), text)
    ended = curves.epochs_of(lines)
    best = curves.best_epoch(lines)
    with st.grid(4, min_column_width=150):
        st.metric("Right, training", parts.percent(last["accuracy"] if last else None), border=True)
        st.metric("Right, validation", parts.percent(ended[-1].get("val_accuracy") if ended else None), border=True)
        st.metric("Best epoch, by validation", best["epoch"] if best else "–", border=True)
        st.metric("Pictures a second", f"{last['images_per_second']:,.0f}" if last else "–", border=True)


def _done_epochs(last: dict | None) -> float:
    if last is None:
        return 0.0
    return last["epoch"] if last["kind"] == "epoch" else last["epoch"] - 1 + last["step"] / last["steps"]


def _where(status: Status, last: dict | None, epochs: int) -> str:
    if last is None:
        return "Preparing: loading TensorFlow and building the network"
    done = _done_epochs(last)
    left = last["seconds"] / done * (epochs - done) if done else 0
    return f"Epoch {min(int(done) + 1, epochs)} of {epochs} · about {duration(left)} left"


def duration(seconds: float) -> str:
    """ "40 s", "12 min", "3 h 20 min"."""
    if seconds < 90:
        return f"{max(seconds, 0):.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"


def _curves(run: Run, lines: list[dict], others: list[str], smoothing: float) -> None:
    shown = [(run.id, lines)] + [(other, runs.read_metrics(runs.find(other))) for other in others if other != run.id]
    titles = {row.run.id: parts.run_title(row) for row in cached.list_rows()}
    several = len(shown) > 1
    for column, metric in zip(st.columns(2, gap="medium"), ("loss", "accuracy"), strict=True):
        rows = [
            row
            for run_id, found in shown
            for row in curves.curve_rows(found, titles.get(run_id, run_id), metric, smoothing)
        ]
        with column:
            curve_chart(
                rows, key=f"{metric}-{run.id}", title=metric, percent=metric == "accuracy", several_runs=several
            )
    st.caption("Diamond: the best epoch, by validation accuracy. Wheel or pinch zooms, a double click shows all again.")


def _verdicts(run: Run, recipe: Recipe) -> None:
    """The same 24 pictures after every epoch: what the network calls them now."""
    files = sorted((run.folder / "replay").glob("[0-9][0-9][0-9].npz"))
    if not files:
        return
    try:
        with np.load(files[-1], allow_pickle=False) as replay:
            logits = replay["logits"][:GRID_PICTURES].astype(np.float32)
        probabilities = evaluation.softmax(logits)
    except (OSError, ValueError, KeyError, EOFError):
        return  # being written just now, or diverged; the next poll reads it
    pictures = data.load_split("train")
    indices = replay_indices(recipe)[: len(logits)]
    tiles = []
    for index, row in zip(indices, probabilities, strict=True):
        label, called = int(pictures.labels[index]), int(row.argmax())
        name = data.CLASS_NAMES[called]
        tiles.append(
            Tile(
                picture=pictures.images[index],
                caption=name,
                detail=parts.percent(float(row[called]), 0),
                tone="right" if called == label else "wrong",
                alt=f"{data.CLASS_NAMES[label]}, called {name}",
            )
        )
    kind = "validation" if recipe.split.kind != "none" else "training"
    st.markdown(f"**The same {len(tiles)} {kind} pictures after epoch {int(files[-1].stem)}**")
    gallery(tiles, key="verdicts", label="Verdicts", size=64)
