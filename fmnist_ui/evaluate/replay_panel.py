"""A training played again from what was stored while it ran: curves, classes, matrix, map, pictures and filters."""

import base64
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st

from fmnist_core import data, figures, formatting
from fmnist_core.colours import CLASS_COLORS
from fmnist_core.metrics import evaluation
from fmnist_core.runs import curves, replay, runs, size_curve
from fmnist_core.runs.catalogue import Row
from fmnist_core.runs.records import EpochLine
from fmnist_core.runs.replay import Replay
from fmnist_core.runs.runs import Run
from fmnist_core.splits import GRID_PICTURES
from fmnist_core.storage.folders import RunError
from fmnist_ui import cached, charts, parts, received, state
from fmnist_ui.inspect.size_panel import draw_sizes
from fmnist_ui.javascript import by_address, one_module
from fmnist_ui.widgets.gallery import gallery_sheet

SOURCES = Path(__file__).parents[1] / "widgets" / "components" / "replay"
MODULES = ("drawing", "hover", "filters", "index")
_component = st.components.v2.component(
    "fmnist_replay",
    css=(SOURCES / "replay.css").read_text(encoding="utf-8"),
    js=by_address("replay", one_module(SOURCES, MODULES)),
)


def replay_panel(row: Row, names: tuple[str, ...]) -> None:
    """The section of a page."""
    try:
        found = load(row.run)
    except RunError as error:
        st.warning(str(error), icon=":material/broken_image:")
        return
    if found is None:
        without_replay(row, names)
        return
    kind = "validation" if row.recipe is not None and row.recipe.split.kind != "none" else "training"
    told = f"{len(found.labels):,} {kind} pictures"
    if len(found.epochs) > 1:
        told += f", the same after each of {len(found.epochs)} stored epochs. Press play."
    else:
        told += f" after epoch {found.epochs[0]}, the only one that is stored."
    st.caption(told)
    st.markdown(learned_sentence(found.recalls, found.epochs, names))
    wanted = state.get("epoch")
    start = wanted if wanted in found.epochs else found.epochs[-1]

    payload = replay_payload(row.run, _stamp(row.run)) | {"epoch": start}
    _component(key="replay", data=payload, on_stopped_change=lambda: _stopped(found.epochs), height="content")


def _stopped(epochs: tuple[int, ...]) -> None:
    epoch = received.sent("replay", "stopped")
    if type(epoch) is int and epoch in epochs:
        state.put(epoch=epoch)


def learned_sentence(recalls: np.ndarray, epochs: tuple[int, ...], names: Sequence[str]) -> str:
    """ "**Shirt is learned last**: …", with when the first and the last classes were learned; "" of a single epoch."""
    last = replay.learned_last(recalls, epochs)
    if last is None or len(epochs) < 2:
        return ""
    share = f"{100 * replay.LEARNED:.0f} %"
    when = replay.learned_after(recalls, epochs)
    first = min((epoch for epoch in when if epoch is not None), default=None)
    if first is not None and set(when) == {first}:
        return f"**All classes are learned at once**: {share} of the pictures of each are found after epoch {first}."
    early = [names[place] for place, epoch in enumerate(when) if epoch is not None and epoch == first]
    now = parts.percent(float(recalls[-1, last]), 0)
    ending = f"not within {formatting.epochs(epochs[-1])}" if when[last] is None else f"only after epoch {when[last]}"
    words = f"**{names[last]} is learned last**: {share} of its pictures are found {ending} (now {now})."
    if first is not None and last != when.index(first):
        words += f" After epoch {first} that was so of {', '.join(early)}."
    return words


def without_replay(row: Row, names: tuple[str, ...]) -> None:
    """What the metrics of a run alone say: recall by class; of what learns without epochs, its fits."""
    if row.kind == "classical" and row.recipe is not None:
        st.info(
            "It learns without epochs, so there is nothing to replay. Instead: its accuracy against the number of "
            "training pictures.",
            icon=":material/movie:",
        )
        if sizes := size_curve.read(row.run):
            draw_sizes(row.run, row.recipe, sizes)
        return
    kept = [one.title for one in cached.list_rows() if one.run.shipped and (one.run.folder / "replay").is_dir()]
    lacks = "ships without what it stored in each epoch" if row.run.shipped else "comes without what its epochs stored"
    also = f"; so do, of the shipped ones, {', '.join(dict.fromkeys(kept))}" if kept else ""
    st.info(f"This run {lacks}. A run that you train here keeps it{also}.", icon=":material/movie:")
    lines = curves.epochs_of(cached.read_metrics(row.run))
    found = [(line.epoch, line.val_recall) for line in lines if len(line.val_recall or ()) == len(names)]
    if not found:
        return
    epochs = [epoch for epoch, _ in found]
    recalls = np.array([recall for _, recall in found], float)  # a class without pictures is null, here NaN
    told = learned_sentence(recalls, tuple(epochs), names)
    st.markdown(told)
    charts.draw(
        figures.recall_curves(epochs, recalls, names),
        key="recall-by-epoch",
        alt=f"Recall of each class over {formatting.epochs(len(epochs))}. {told}",
        file=f"{row.run.id}-recall",
    )


def load(run: Run) -> Replay | None:
    """Raises RunError."""
    return _load(run, _stamp(run))


@st.cache_resource(max_entries=3, show_spinner=False)
def _load(run: Run, stamp: float) -> Replay | None:
    return replay.load(run)


def _stamp(run: Run) -> float:
    """Of the newest file: a resumed run adds epochs and replaces its predictions."""
    folder = run.folder
    files = [*(folder / "replay").glob("[0-9][0-9][0-9].npz"), folder / "predictions.npz", folder / "metrics.jsonl"]
    return max((path.stat().st_mtime for path in files if path.exists()), default=0.0)


@st.cache_resource(max_entries=3, show_spinner=False)
def replay_payload(run: Run, stamp: float) -> dict[str, Any]:
    """All that the browser needs to play a run, ready for JSON; a few hundred kilobytes."""
    found = _load(run, stamp)
    if found is None:
        raise ValueError(f"The run {run.id} has no replay.")
    config = runs.read_config(run)
    names, matrices = config.class_names, found.matrices
    shown = min(GRID_PICTURES, len(found.labels))
    probabilities = np.stack([evaluation.softmax(logits[:shown]) for logits in found.logits])
    lines = curves.epochs_of(cached.read_metrics(run))
    return {
        "version": f"{run.id}-{stamp}",
        "epochs": list(found.epochs),
        "kept": found.kept,
        "last": max([*found.epochs, *(line.epoch for line in lines)]),
        "said": [said(matrix, names) for matrix in matrices],
        "charts": [*learning_curves(lines), recall_chart(found, names)],
        "names": list(names),
        "colours": list(CLASS_COLORS),
        "labels": _text(found.labels),
        "places": _text(128 + 127 * within_one(found.places, 99.8)),
        "cards": [int(label) for label in found.labels[:shown]],
        "sheet": gallery_sheet(data.load_split("train").images[found.indices[:shown]]),
        "bars": _text(np.round(255 * probabilities)),
        "matrices": matrices.tolist(),
        "filters": {
            "count": found.filters.shape[1],
            "height": found.filters.shape[2],
            "width": found.filters.shape[3],
            "values": _text(128 + 127 * within_one(found.filters, 99)),
            "most": round(size_of(found.filters, 99), 4),
        },
    }


def said(matrix: np.ndarray, names: Sequence[str]) -> str:
    """An epoch in a few words: "accuracy 91.2 %, hardest Shirt, recall 72 %"."""
    recall = evaluation.class_report(matrix).recall
    words = f"accuracy {parts.percent(evaluation.accuracy(matrix))}"
    if np.isnan(recall).all():
        return words
    hardest = int(np.nanargmin(recall))
    return f"{words}, hardest {names[hardest]}, recall {parts.percent(float(recall[hardest]), 0)}"


def learning_curves(lines: Sequence[EpochLine]) -> list[dict[str, Any]]:
    """Accuracy and loss by epoch, for training and, where there is one, validation."""
    charts = []
    for metric, title in (("accuracy", "Accuracy"), ("loss", "Loss")):
        series: list[dict[str, Any]] = []
        found = curves.by_epoch(lines, metric)
        for colour, name in enumerate(("training", "validation")):
            if points := found.get(name):
                series.append({"name": name, "colour": CLASS_COLORS[colour], "points": points})
        values = [value for one in series for _, value in one["points"]]
        if values:
            low = np.floor(min(values) * 10) / 10 if metric == "accuracy" else 0
            high = 1.0 if metric == "accuracy" else float(np.ceil(max(values) * 5) / 5)
            ends = {"low": float(low), "high": high}
            charts.append({"title": title, "series": series, "isPercent": metric == "accuracy"} | ends)
    return charts


def recall_chart(found: Replay, names: Sequence[str]) -> dict[str, Any]:
    recalls = found.recalls
    series = [
        {
            "name": name,
            "colour": CLASS_COLORS[place % len(CLASS_COLORS)],
            "points": [
                [epoch, round(float(value), 4)]
                for epoch, value in zip(found.epochs, recalls[:, place], strict=True)
                if not np.isnan(value)
            ],
        }
        for place, name in enumerate(names)
    ]
    low = float(np.floor(np.nanmin(recalls, initial=1.0) * 5) / 5)
    return {"title": "Recall, by class", "series": series, "low": low, "high": 1.0, "isPercent": True}


def within_one(values: np.ndarray, part: float) -> np.ndarray:
    """Values divided so that this percentile of their sizes is 1; the few beyond are cut to -1 and 1."""
    return np.clip(values / size_of(values, part), -1, 1)


def size_of(values: np.ndarray, part: float) -> float:
    """This percentile of the sizes of values, more than 0."""
    return max(float(np.percentile(np.abs(values), part)), 1e-9) if values.size else 1.0


def _text(values: np.ndarray) -> str:
    """Whole numbers from 0 to 255 as base64."""
    return base64.b64encode(np.asarray(values).astype(np.uint8).tobytes()).decode("ascii")
