"""Parts that two or more pages draw."""

import base64
import html
import io
from collections.abc import Callable, Sequence
from typing import Any, Literal

import numpy as np
import streamlit as st
from PIL import Image

from fmnist_core import formatting, glossary
from fmnist_core.colours import CLASS_COLORS
from fmnist_core.families import varying
from fmnist_core.runs import catalogue, feature_map, runs
from fmnist_core.runs.catalogue import Row
from fmnist_core.runs.runs import Run
from fmnist_core.storage.folders import RunError
from fmnist_ui import cached, state
from fmnist_ui.layout.columns import narrow
from fmnist_ui.layout.first_line import bar
from fmnist_ui.widgets.gallery import Tile, Tone, gallery
from fmnist_ui.widgets.hostile_text import literal

BadgeColour = Literal["gray", "green", "orange", "red"]
BRIEF_HEIGHT = 108  # CSS pixels, of `brief_answer`: nothing may move under the finger that draws below it
STRANGE = ":orange[:material/help: out-of-distribution]"  # beside a short answer
STATE_WORDS: dict[str, tuple[str, str, BadgeColour]] = {
    "queued": ("waiting", "schedule", "gray"),
    "running": ("training", "play_circle", "green"),
    "stopping": ("stopping", "stop_circle", "orange"),  # running, and asked to stop
    "done": ("done", "check_circle", "gray"),
    "cancelled": ("stopped", "stop_circle", "orange"),
    "failed": ("failed", "error", "red"),
    "interrupted": ("interrupted", "power_off", "orange"),
    "damaged": ("damaged", "broken_image", "red"),
}


def header_with_run(title: str, sentence: str) -> Row | None:
    """A page's first line with the choice of the run; see `choose_run`. The sentence only where it has room."""
    with bar(title, wrap=not narrow()):
        if not narrow():
            st.caption(sentence)
        return run_beside()


def run_beside() -> Row | None:
    """The choice of the run in a page's first line, without its label; see `choose_run`."""
    return choose_run(label_visibility="collapsed", width="stretch" if narrow() else 350)


def percent(value: float | None, digits: int = 1) -> str:
    return formatting.percent(value, digits)


def run_name(row: Row) -> str:
    """What its owner calls a run, else its model, with its value in a family and what it was taught."""
    taught = f" + {', '.join(row.taught.names)}" if row.taught else ""
    return row.label.name or f"{row.title}{_of_family(row)}{taught}"


def _of_family(row: Row) -> str:
    """What tells a run of a family from its siblings: ", learning rate 0.01"."""
    if not row.config or not row.config.family:
        return ""
    varies, recipe = row.config.family.varies, row.config.recipe
    return f", {varying.named(varies, varying.VARYING[varies].read(recipe))}"


def run_title(row: Row) -> str:
    """How a run is called in lists: its name, its accuracy, what tells it from its siblings, and what it lacks."""
    accuracy = row.test_accuracy
    figure = f" · {percent(accuracy)}" if accuracy is not None else ""
    lacks = "" if not row.usable or row.has("model.onnx") else " · without parameters"
    if row.kind == "brought in":
        lacks = "" if row.has("model.onnx") else " · answers only"
    began = runs.began(row.run.id)
    when = "shipped" if row.run.shipped else f"{began.day} {began.time}"
    return f"{run_name(row)}{figure} · {when} · {began.mark}{lacks}"


def opens(row: Row, page: str) -> bool:
    """Whether a page, such as "predict.py", has something to show of a finished run: not each comes with its model."""
    model = row.has("model.onnx")
    needs_met = {
        "predict.py": model,
        "inside.py": model and row.kind != "classical",
        "map.py": model or row.has(feature_map.FILE),
    }
    return needs_met.get(page, True)


def name_runs(rows: list[Row]) -> dict[str, str]:
    """A short name for each run, by its id; where two have one name, with the mark of the run."""
    names = {row.run.id: run_name(row) for row in rows}
    taken = list(names.values())
    return {run_id: name if taken.count(name) == 1 else f"{name} · {run_id[-4:]}" for run_id, name in names.items()}


def choose_run(**told: Any) -> Row | None:
    """The run that all pages look at, chosen among those that can be looked at; None, with a hint, where none can.

    told: what else the control is drawn with.
    """
    rows = {row.run.id: row for row in cached.list_rows() if row.usable}
    if not rows:
        st.info(
            "No finished run yet. Train a network first; the quick preset takes about a minute.", icon=":material/info:"
        )
        st.page_link("pages/train.py", label="Train a network", icon=":material/model_training:")
        return None
    wanted = state.get("run")
    if wanted is not None and wanted not in rows and (ended := _just_ended(wanted)):
        rows[wanted] = ended
    if wanted is not None and wanted not in rows:
        explain_missing(wanted)  # and leave it in the address: it may be training, and Train shows it
    default = catalogue.default_run(list(rows.values()))
    ids = [wanted] if wanted in rows else [default.run.id] if default else []
    options = ids + [run_id for run_id in rows if run_id not in ids]
    words = lambda run_id: run_title(rows[run_id])  # noqa: E731
    chosen = state.select("Run", "run", options, format_func=words, clears=("page",), help=glossary.term("Run"), **told)
    return rows[chosen]


def others_of(row: Row) -> dict[str, Row]:
    """The runs that can be set against one, by id: those that can be looked at and know the same classes."""
    names = row.config.class_names if row.config else None
    return {
        one.run.id: one
        for one in cached.list_rows()
        if one.usable and one.run.id != row.run.id and one.config and one.config.class_names == names
    }


def choose_other(row: Row, label: str, **told: Any) -> Row | None:
    """A run to set beside one, or None; where there is none, no control either. told: for the control."""
    others = others_of(row)
    if not others:
        return None
    words = lambda run_id: run_title(others[run_id]) if run_id else "No other run"  # noqa: E731
    return others.get(
        state.select(
            label, "other", (None, *others), format_func=words, placeholder=words(None), **{"width": 420} | told
        )
    )


def _just_ended(run_id: str) -> Row | None:
    """A run that can be looked at only since the list was read, some two seconds ago."""
    try:
        row = catalogue.describe(runs.find(run_id))
    except RunError:
        return None
    return row if row.usable else None


def explain_missing(run_id: str) -> None:
    """Says why the run that an address names cannot be looked at."""
    row = next((row for row in cached.list_rows() if row.run.id == run_id), None)
    if row is None:
        st.warning(f"There is no run {run_id!r} here; it may have been deleted. Another one is shown.")
    elif row.problem:
        st.warning(f"{row.problem} Another one is shown.")
    else:
        st.warning(f"The run {run_id} is {STATE_WORDS[row.state][0]} and has no model yet. Another one is shown.")


def show_state(state_name: str) -> None:
    word, icon, colour = STATE_WORDS[state_name]
    st.badge(word, icon=f":material/{icon}:", color=colour)


def probability_bars(
    probabilities: np.ndarray, names: Sequence[str], true: int | None = None, most: int | None = None
) -> None:
    """All classes with their probabilities, or `most` of them, largest first; the true class marked."""
    rows = []
    widest = "9.5rem" if most is None else "6.2rem"
    for index in np.argsort(-probabilities)[:most]:
        value, name = float(probabilities[index]), html.escape(names[index])
        colour = CLASS_COLORS[index % len(CLASS_COLORS)]
        mark = " <span style='opacity:.65'>(its label)</span>" if index == true else ""
        rows.append(
            f"<div style='display:grid;grid-template-columns:minmax(0,{widest}) minmax(2.5rem,1fr) 4rem;gap:.6rem;"
            f"align-items:center;margin:.22rem 0;font-size:.9rem;font-weight:{600 if value > 0.5 else 400}'>"
            f"<span style='white-space:nowrap;overflow:hidden;text-overflow:ellipsis'>{name}{mark}</span>"
            "<span style='background:rgba(128,140,138,.18);border-radius:4px;height:.62rem'>"
            f"<span style='display:block;width:{100 * value:.2f}%;min-width:1px;height:100%;border-radius:4px;"
            f"background:{colour}'></span></span>"
            "<span style='text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums'>"
            f"{percent(value)}</span></div>"
        )
    st.html("".join(rows))


def brief_answer(picture: np.ndarray, probabilities: np.ndarray, names: Sequence[str], known: bool | None) -> None:
    """What the network saw, small, and the three likeliest classes beside it: for where there is little room.

    known: whether it looks like what the network was trained on; None where that is not told.
    """
    with st.container(horizontal=True, vertical_alignment="center", wrap=False, gap="small"):
        best = names[int(np.argmax(probabilities))]
        st.image(picture_uri(picture), width=96, alt=f"The picture in small, called {best}")
        with st.container(gap=None):
            warning = STRANGE if known is False else ""
            st.markdown(f"**{literal(best)}** {warning}".rstrip())
            probability_bars(probabilities, names, most=3)


def enlarge(picture: np.ndarray, factor: int = 10) -> np.ndarray:
    """(28, 28) uint8 -> (280, 280) uint8, each pixel a crisp square."""
    return picture.repeat(factor, axis=0).repeat(factor, axis=1)


def picture_uri(picture: np.ndarray, factor: int = 10) -> str:
    """A (28, 28) uint8 picture, enlarged, as an address that holds it: where the script runs again and again in quick
    succession, Streamlit forgets a file before the browser has fetched it."""
    file = io.BytesIO()
    Image.fromarray(enlarge(picture, factor)).save(file, "PNG")
    return f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode('ascii')}"


def picture_gallery(
    images: np.ndarray,
    captions: Sequence[str],
    *,
    key: str,
    label: str,
    size: int = 72,
    tones: Sequence[Tone] | None = None,
    on_pick: Callable[[int], None] | None = None,
) -> None:
    """Thumbnails with captions; `on_pick` is called with the index of the one that is clicked."""
    marks: Sequence[Tone] = tones or ["neutral"] * len(images)
    tiles = [
        Tile(picture=image, caption=caption, tone=tone, alt=caption)
        for image, caption, tone in zip(images, captions, marks, strict=True)
    ]
    gallery(tiles, key=key, label=label, size=size, on_pick=on_pick)


def tell_problem(key: str) -> None:
    """Says once why what a callback tried has failed, which it left in the session. A fragment that has the callback's
    button tells it itself: nothing outside of it is drawn again.
    """
    if problem := st.session_state.pop(key, None):
        st.error(literal(problem), icon=":material/error:")


def ask_to_delete(run: Run) -> bool:
    """A button that asks once more; whether the run was deleted. Why it could not be is said."""
    with st.popover("", icon=":material/delete:", help="Delete this run"):
        st.markdown("Delete this run and all its files?")
        if st.button("Delete", key=f"delete-{run.id}", type="primary"):
            try:
                runs.delete(run)
            except RunError as error:
                st.error(str(error), icon=":material/error:")
                return False
            cached.forget_rows()
            return True
    return False
