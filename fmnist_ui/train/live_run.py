"""A run that trains, as it trains: figures, curves that grow in place, verdicts on the same pictures."""

from collections.abc import Sequence
from statistics import median

import numpy as np
import streamlit as st

from fmnist_core import data, glossary
from fmnist_core.formatting import duration
from fmnist_core.jobs import lifecycle
from fmnist_core.jobs.status import ACTIVE, Status
from fmnist_core.metrics import evaluation
from fmnist_core.recipe import Recipe
from fmnist_core.runs import curves, runs
from fmnist_core.runs.catalogue import Row
from fmnist_core.runs.records import BatchLine, Line
from fmnist_core.runs.runs import Run
from fmnist_core.splits import GRID_PICTURES, replay_indices
from fmnist_core.storage import stored_arrays
from fmnist_core.storage.folders import RunError
from fmnist_core.training import training_jobs
from fmnist_ui import cached, parts, waiting
from fmnist_ui.inspect.data_pictures import judged_tile
from fmnist_ui.train.curve_pair import curve_pair
from fmnist_ui.train.fit_panel import draw_fit
from fmnist_ui.widgets.gallery import gallery
from fmnist_ui.widgets.hostile_text import literal

POLL_SECONDS = 1.0
STOPPING = "stopping"  # at work, and asked to stop; see parts.STATE_WORDS


def live_run(run: Run, state: str, others: list[str], smoothing: float) -> None:
    """The panel of one run; polls while its job is at work, in a fragment of its own.

    state: what the page shows outside of the panel, as `shown_as` says it; once that is another, also because somebody
    asked it to stop in another window, the whole page is drawn again.
    """
    interval = POLL_SECONDS if state in (*ACTIVE, STOPPING) else None
    st.fragment(run_every=interval)(_panel)(run.id, others, smoothing, state)


def _panel(run_id: str, others: list[str], smoothing: float, shown_state: str) -> None:
    try:
        run = runs.find(run_id)
        status = runs.read_status(run)
        recipe = runs.read_config(run).recipe
    except RunError as error:
        st.warning(str(error), icon=":material/broken_image:")
        return
    lines = runs.read_metrics(run)
    if shown_as(run, status) != shown_state:  # badge and buttons are outside of this fragment
        cached.forget_rows()
        st.rerun()
    if recipe.has_epochs:
        draw_run(run, status, lines, recipe, others, smoothing)
    else:
        draw_fit(run, status, recipe)


def choose_curves(run_id: str, rows: dict[str, Row]) -> tuple[float, list[str]]:
    """How much curves are smoothed, and which other runs are laid over those of one. rows: by their runs' names."""
    with st.popover("Curves", icon=":material/tune:"):
        smoothing = _smoothing()
        others = st.multiselect(
            "Lay other runs over it",
            [other for other, row in rows.items() if other != run_id and row.recipe and row.recipe.has_epochs],
            format_func=lambda other: parts.run_title(rows[other]),
            key="overlay",
        )
    return smoothing, others


def choose_smoothing() -> float:
    """How much curves are smoothed."""
    with st.popover("Curves", icon=":material/tune:"):
        return _smoothing()


def _smoothing() -> float:
    return st.slider("Smoothing", 0.0, 0.95, 0.0, 0.05, key="smoothing")


def draw_run(
    run: Run, status: Status, lines: list[Line], recipe: Recipe, others: Sequence[str] = (), smoothing: float = 0.0
) -> None:
    """Figures, curves and verdicts of a run as far as the lines of its metrics go."""
    with st.container():  # one place on the page, whatever is in it: else the curves move and are mounted again
        _head(run, status, lines, recipe)
    if lines or others or status.state in ACTIVE:
        _curves(run, recipe, lines, others, smoothing)
    st.markdown(_what_the_curves_say(lines, status.state, is_stopping(run, status)))
    _verdicts(run, recipe, _played(lines) if run.shipped else None)


def _head(run: Run, status: Status, lines: list[Line], recipe: Recipe) -> None:
    if status.state == "queued":
        st.info(waiting.words(training_jobs.job(run)), icon=":material/schedule:")
    elif status.message and status.state != "running":
        icon = f":material/{parts.STATE_WORDS[status.state][1]}:"
        (st.error if status.state == "failed" else st.warning)(literal(status.message), icon=icon)
    if status.notice:
        st.warning(literal(status.notice), icon=":material/history:")
    last = lines[-1] if lines else None
    if status.state == "running":
        text = doing(run, status, lines, recipe)
        st.progress(min((last.epochs_done if last else 0.0) / recipe.epochs, 1.0), text)
    if lines or status.state in ACTIVE:
        _figures(lines)


def _figures(lines: list[Line]) -> None:
    last = lines[-1] if lines else None
    ended = curves.epochs_of(lines)
    best = curves.best_epoch(lines)
    with st.container(key="figures"), st.grid(4, min_column_width=150):
        right, held = last.accuracy if last else None, ended[-1].val_accuracy if ended else None
        st.metric("Training accuracy", parts.percent(right), help=glossary.term("Accuracy"), border=True)
        st.metric("Validation accuracy", parts.percent(held), help=glossary.term("Validation split"), border=True)
        told = f"By validation accuracy. {glossary.term('Epoch')}"
        st.metric("Best epoch", best.epoch if best else "–", help=told, border=True)
        st.metric("Pictures a second", f"{last.images_per_second:,.0f}" if last else "–", border=True)


def shown_as(run: Run, status: Status) -> str:
    """The state that a badge shows: its own, or that it is stopping."""
    return STOPPING if is_stopping(run, status) else status.state


def is_stopping(run: Run, status: Status) -> bool:
    """Whether it was asked to stop and has not yet."""
    return status.state in ACTIVE and not run.shipped and lifecycle.is_asked_to_stop(training_jobs.job(run))


def doing(run: Run, status: Status, lines: list[Line], recipe: Recipe) -> str:
    """How far it is while lines come; else, and once it was asked to stop, what it is busy with."""
    if run.shipped:  # it plays again
        return _epoch(lines, recipe) if lines else "It begins"
    job = training_jobs.job(run)
    words = lifecycle.doing(job, status)
    if not lines or lines[-1].epochs_done >= recipe.epochs or lifecycle.is_asked_to_stop(job):
        return words
    where = _where(lines, recipe)
    return where if status.phase == training_jobs.TRAINING else f"{where} · {status.phase}"


def _where(lines: list[Line], recipe: Recipe) -> str:
    """Where the training is, and the time left at the speed of the last lines: the first batch is no measure."""
    done, text = lines[-1].epochs_done, _epoch(lines, recipe)
    batches = [line for line in lines if isinstance(line, BatchLine)]
    rates = [line.images_per_second for line in lines[1:] if isinstance(line, BatchLine)][-5:]
    if not rates:
        return text
    pictures = (recipe.epochs - done) * batches[0].steps * recipe.batch_size
    return f"{text} · about {duration(pictures / median(rates))} left"


def _epoch(lines: list[Line], recipe: Recipe) -> str:
    return f"Epoch {min(int(lines[-1].epochs_done) + 1, recipe.epochs)} of {recipe.epochs}"


def _what_the_curves_say(lines: list[Line], state: str, stopping: bool = False) -> str:
    if not curves.epochs_of(lines) and state in ACTIVE:
        if stopping:
            return "It was asked to stop within its first epoch, so little can be read from its curves."
        if state == "queued":
            return "It waits until the one before it has ended; its curves begin with its first batches."
        if not lines:
            return "It is being prepared; its curves begin with its first batches."
    if state in ACTIVE or curves.epochs_of(lines):
        return curves.read_curves(lines)
    if state == "done":
        return "The values of its training are missing here, so there are no curves."
    if lines:
        return "It ended within its first epoch, so the curves are short and nothing can be read from them yet."
    return "It ended before the first values came, so there are no curves."


def _metrics_of(run_id: str) -> list[Line]:
    try:
        return runs.read_metrics(runs.find(run_id))
    except RunError:
        return []  # deleted in another window


def _curves(run: Run, recipe: Recipe, lines: list[Line], others: Sequence[str], smoothing: float) -> None:
    shown = [(run.id, lines)] + [(other, _metrics_of(other)) for other in others if other != run.id]
    rows = {row.run.id: row for row in cached.list_rows()}
    titles = {run_id: parts.run_title(row) for run_id, row in rows.items()}
    recipes = [recipe, *(row.recipe for run_id, row in rows.items() if run_id in others and row.recipe)]
    several = len(shown) > 1
    names = [(titles.get(run_id, run_id), found) for run_id, found in shown]
    curve_pair(names, recipes, run.id, smoothing, [] if several else curves.stage_boundaries(recipe))


def _played(lines: list[Line]) -> int:
    """Epochs that have ended of a training that plays again."""
    return int(lines[-1].epochs_done) if lines else 0


def _verdicts(run: Run, recipe: Recipe, epochs: int | None) -> None:
    """The same 24 pictures after every epoch: what the network calls them now.

    epochs: as if so many had ended; None for as many as have.
    """
    files = sorted((run.folder / "replay").glob("[0-9][0-9][0-9].npz"))
    files = [path for path in files if epochs is None or int(path.stem) <= epochs]
    if not files:
        return
    try:
        logits = stored_arrays.load(files[-1], "logits")["logits"][:GRID_PICTURES].astype(np.float32)
        probabilities = evaluation.softmax(logits)
    except (OSError, ValueError):
        return  # being written just now, or diverged; the next poll reads it
    pictures = data.load_split("train")
    indices = replay_indices(recipe)[: len(logits)]
    tiles = []
    for index, row in zip(indices, probabilities, strict=True):
        label, called, address = (
            int(pictures.labels[index]),
            int(row.argmax()),
            data.picture_address("train", int(index)),
        )
        sure = parts.percent(float(row[called]), 0)
        tiles.append(judged_tile(pictures.images[index], label, called, address, data.CLASS_NAMES, sure))
    kind = "validation" if recipe.split.kind != "none" else "training"
    st.markdown(f"**The same {len(tiles)} {kind} pictures after epoch {int(files[-1].stem)}**")
    gallery(tiles, key="verdicts", label="Verdicts", size=92)  # a figure and a class' name fit
