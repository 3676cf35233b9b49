"""How a photo became a picture: each step with the run's answer there, and every step's switch and knob, live."""

from dataclasses import replace
from typing import Any

import numpy as np
import streamlit as st
from PIL import Image

from fmnist_core.data import SIDE
from fmnist_core.inference import photo_answer
from fmnist_core.inference.photo_answer import PhotoAnswer
from fmnist_core.photo.pipeline import DEFAULT_MODE, MODES
from fmnist_core.photo.settings import CONTROLS, DEFAULTS, Control, Settings
from fmnist_core.photo.steps import Prepared, Step
from fmnist_core.runs.catalogue import Row
from fmnist_ui import parts, received
from fmnist_ui.predict import photo_answers
from fmnist_ui.predict.photo_answers import VisitorPhoto
from fmnist_ui.widgets import box_canvas, paint_canvas
from fmnist_ui.widgets.hostile_text import literal

TILE = 140  # pixels: each half of a step's tile
GAP = 8
WAYS = {"box": "Box", "paint": "Paint"}  # to say where the garment is


def settings(key: str) -> Settings:
    """What the visitor made of a photo's steps; as they ship before."""
    kept = st.session_state.get(f"{key}-settings", DEFAULTS)
    return kept if isinstance(kept, Settings) else DEFAULTS


def keep(key: str, changed: Settings) -> None:
    st.session_state[f"{key}-settings"] = changed


def show(row: Row, photo: VisitorPhoto, prepared: Prepared, found: PhotoAnswer, mode: str, key: str) -> None:
    """Raises RunError and ValueError, with a sentence."""
    show_steps(row, prepared, found)
    if len(prepared.views) > 1:
        st.caption(
            f"The answer is the mean over {len(prepared.views)} pictures like the last one, of other outlines and "
            "widths; at each step only the picture shown there is answered."
        )
    if mode != DEFAULT_MODE:
        st.caption(f"The steps of “{MODES[DEFAULT_MODE].title}” have switches and knobs; this way is as it was done.")
        return
    st.markdown("#### Change the steps")
    left, right = st.columns([4, 7], gap="large")
    with left:
        _where(photo_answers.decoded(photo), key)
    with right:
        _controls(key)


def show_steps(row: Row, prepared: Prepared, found: PhotoAnswer) -> None:
    """Each step's picture with the run's answer there. Raises RunError and ValueError, with a sentence."""
    along = photo_answers.along(row, prepared)
    st.markdown(_blame(prepared, along, found))
    with st.grid("auto", min_column_width=150, gap="small"):
        for step, probabilities in zip(prepared.steps, along, strict=True):
            _tile(step, probabilities, found)


def _where(image: Image.Image, key: str) -> None:
    """A box around the garment, or paint over it."""
    way = received.segmented(
        "Say where the garment is",
        tuple(WAYS),
        format_func=WAYS.__getitem__,
        default="box",
        key=f"{key}-where",
    )
    if way == "paint":
        paint_canvas.choose_painted(image, key)
    else:
        box_canvas.choose_box(image, key, settings(key), keep)


def _blame(prepared: Prepared, along: np.ndarray, found: PhotoAnswer) -> str:
    blamed = photo_answer.blame(along, found.best)
    name = literal(found.label)
    if blamed is None:
        return f"No step changed much: {name} had {parts.percent(float(along[-1, found.best]), 0)} all the way."
    title = title_of(prepared.steps[blamed.step])
    before, after = parts.percent(blamed.before, 0), parts.percent(blamed.after, 0)
    return f"The step **{title}** took {name} from {before} to {after}, more than any other."


def title_of(step: Step) -> str:
    titles = {control.name: control.title for control in CONTROLS} | {"skip": "To 28 pixels"}  # skipped or averaged
    return titles.get(step.name, step.name[:1].upper() + step.name[1:])


def _tile(step: Step, probabilities: np.ndarray, found: PhotoAnswer) -> None:
    best = int(probabilities.argmax())
    title, name = title_of(step), found.names[best]
    with st.container(gap="xsmall"):
        alt = f"{title}: what there is, and the 28 by 28 pixels, called {name}"
        st.image(side_by_side(step), width="stretch", alt=alt)
        sure = parts.percent(float(probabilities[best]), 0)
        st.markdown(f"**{title}**  \n{literal(name)} {sure}", help=step.caption)


def side_by_side(step: Step) -> np.ndarray:
    """(TILE, 2 * TILE + GAP, 4) uint8: what a step left, whole on nothing, and what the network would see."""
    tile = np.zeros((TILE, 2 * TILE + GAP, 4), np.uint8)
    left = np.asarray(small(Image.fromarray(step.image), TILE).convert("RGBA"))
    top, start = (TILE - left.shape[0]) // 2, (TILE - left.shape[1]) // 2
    tile[top : top + left.shape[0], start : start + left.shape[1]] = left
    seen = Image.fromarray(parts.enlarge(step.picture, TILE // SIDE)).convert("RGBA")
    tile[:, TILE + GAP :] = np.asarray(seen)
    return tile


def small(image: Image.Image, longest: int) -> Image.Image:
    """The image with its longest side as told: enlarged crisply, or reduced by area."""
    scale = longest / max(image.size)
    how = Image.Resampling.NEAREST if scale > 1 else Image.Resampling.BOX
    width, height = (max(1, round(side * scale)) for side in image.size)
    return image.resize((width, height), how)


def _controls(key: str) -> None:
    now = settings(key)
    with st.grid("auto", min_column_width=230, gap=("small", "large")):
        for control in CONTROLS:
            _control(control, now, key)
    st.button(
        "Back to default",
        icon=":material/restart_alt:",
        disabled=now == DEFAULTS and paint_canvas.painted(key) is None,
        key=f"{key}-default",
        on_click=_to_default,
        args=(key,),
    )


def _control(control: Control, now: Settings, key: str) -> None:
    switch, turn = f"{key}-{control.name}-on", f"{key}-{control.name}-knob"
    value = now.number(control.name)
    st.session_state[switch] = value is not None
    with st.container(gap="xsmall"):
        st.toggle(
            control.title, key=switch, help=control.sentence, on_change=_change, args=(control, key, switch, turn)
        )
        if control.knob is None:
            return
        knob = control.knob
        usual = DEFAULTS.number(control.name)
        st.session_state[turn] = float(value if value is not None else usual if usual is not None else knob.low)
        st.slider(
            knob.label,
            float(knob.low),
            float(knob.high),
            step=float(knob.notch),
            format="%d" if float(knob.notch).is_integer() else "%.2f",
            disabled=value is None,
            key=turn,
            on_change=_change,
            args=(control, key, switch, turn),
        )


def _change(control: Control, key: str, switch: str, turn: str) -> None:
    """A browser may send any number: what `Settings` refuses changes nothing."""
    if switch not in st.session_state:  # sent late, when the page has another photo
        return
    on = bool(st.session_state[switch])
    value: Any = True if control.knob is None else st.session_state.get(turn)
    try:
        keep(key, replace(settings(key), **{control.name: value if on else None}))
    except (ValueError, TypeError):
        return


def _to_default(key: str) -> None:
    keep(key, DEFAULTS)
    box_canvas.start_again(key, DEFAULTS)
    paint_canvas.forget(key)
