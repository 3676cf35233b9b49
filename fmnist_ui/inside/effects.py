"""What is lost without what is switched off, in words, and which channels an answer rests on."""

from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import numpy as np
import streamlit as st

from fmnist_core.inside import switching
from fmnist_core.inside.switching import Effect
from fmnist_core.metrics.comparison import SIGNIFICANT
from fmnist_core.runs.runs import Run
from fmnist_core.storage.folders import RunError
from fmnist_ui import cached
from fmnist_ui.inside import off_text
from fmnist_ui.inside.asked import Asked
from fmnist_ui.parts import percent

MOST_RANKED = 16  # channels of a layer that are marked


@st.cache_resource(show_spinner=False)
def pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(1, "inside")


def in_words(asked: Asked) -> str | None:
    """What 1,000 test pictures say; None as long as they are still asked: a page that waited would hear no click."""
    off = off_text.write(asked.off, asked.network)
    future = _asked(asked.row.run, cached.stamp(asked.row.run, "model.onnx"), off)
    if not future.done():
        return None
    try:
        return sentence(future.result(), asked.names)
    except (RunError, ValueError, MemoryError) as error:
        return str(error) or "Memory ran out."


@st.cache_resource(max_entries=64, show_spinner=False)
def _asked(run: Run, stamp: tuple[float, ...], off: str) -> "Future[Effect]":
    inside = cached.load_inside(run)
    switched, _ = off_text.read(off, inside.network)
    before = _before(run, stamp)
    return pool().submit(lambda: switching.effect(inside, switched, before.result()))


@st.cache_resource(max_entries=8, show_spinner=False)
def _before(run: Run, stamp: tuple[float, ...]) -> "Future[np.ndarray]":
    inside = cached.load_inside(run)
    return pool().submit(switching.base, inside)


def sentence(effect: Effect, names: tuple[str, ...]) -> str:
    """ "On 1,000 test pictures: 95.0 % → 93.2 %. Shirt suffers most, 82 → 60 %."."""
    total = int(effect.pictures.sum())
    chance = "" if effect.test.p_value < SIGNIFICANT else ", no more than chance may make"
    said = f"On {total:,} test pictures: {percent(effect.accuracy_before)} → {percent(effect.accuracy_after)}{chance}."
    worst = effect.suffers_most
    if worst is None:
        return f"{said} No class loses any."
    count = int(effect.pictures[worst])
    before, after = (round(100 * int(right[worst]) / count) for right in (effect.before, effect.after))
    wrongly = effect.called[worst].copy()
    wrongly[worst] = 0
    taken = f", mostly taken for {names[int(wrongly.argmax())]}" if wrongly.max() > count // 10 else ""
    return f"{said} {names[worst]} suffers most, {before} → {after} %{taken}."


def ranked(asked: Asked, layers: tuple[str, ...]) -> dict[str, Any]:
    """By layer: its most important channels, the one first without which the answer loses most, and what is left.

    None as long as that is still asked.
    """
    found: dict[str, Any] = {}
    for name in layers:
        if name not in asked.network.switchable:
            continue
        key = (asked.picture.image.tobytes(), name, off_text.write(asked.off, asked.network))
        future = _importance(asked.row.run, cached.stamp(asked.row.run, "model.onnx"), *key, _asked=asked)
        found[name] = None
        if not future.done():
            continue
        importance = future.result()
        found[name] = {
            "order": importance.order[:MOST_RANKED].tolist(),
            "left": np.round(importance.probabilities, 4).tolist(),
            "named": importance.named,
        }
    return found


@st.cache_resource(max_entries=64, show_spinner=False)
def _importance(
    run: Run, stamp: tuple[float, ...], picture: bytes, layer: str, off: str, *, _asked: Asked
) -> "Future[switching.Importance]":
    return pool().submit(switching.important, _asked.inside, _asked.picture.image, layer, _asked.off)
