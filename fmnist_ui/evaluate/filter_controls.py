"""A part of the pictures: by confidence, by loss, what was chosen on the map, no doubtful labels."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import streamlit as st

from fmnist_core import data, glossary
from fmnist_core.analysis import label_issues
from fmnist_core.metrics import scores
from fmnist_core.metrics.scores import Scores
from fmnist_core.runs.predictions import Predictions
from fmnist_ui import state

LOSSES = (0.0, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, math.inf)  # nats, even steps of what a loss says
ANEW = {"page": None, "picture": None}  # with another filter the gallery begins at its first page
ONLY_MAP = "slice_only_map"  # in the session, as what was chosen on the map is


def choose_slice(stored: Predictions, found: Scores) -> np.ndarray:
    """(n,) bool: the pictures that are left; the controls are drawn where this is called."""
    with st.popover("Filter", icon=":material/filter_alt:", help=glossary.term("Filter")):
        sure = slide_confidence()
        loss = slide_loss()
        mistaken = state.toggle("Only errors", "errors", help=glossary.term("Errors"))
        clean = stored.source == "train" and state.toggle("Without suspects", "clean", help=_suspects_words())
        chosen = st.session_state.get(state.CHOSEN, frozenset())
        on_map = bool(chosen) and st.toggle(f"Only the {len(chosen):,} chosen on the map", key=ONLY_MAP)
    kept = scores.within(found, (sure[0] / 100, sure[1] / 100), loss)
    if mistaken:
        kept &= stored.predicted != stored.labels
    if clean:
        kept &= ~np.isin(stored.indices, suspect_positions())
    if on_map:
        kept &= np.isin(stored.indices, _positions(chosen, stored.source))
    return kept


def say_slice(stored: Predictions, kept: np.ndarray) -> None:
    """How many pictures remain and why, with the way back; nothing where nothing was left out."""
    conditions = _conditions(stored)
    if not conditions:
        return
    with st.container(horizontal=True, vertical_alignment="center", key="filter-said"):
        st.markdown(
            f":material/filter_alt: **{int(kept.sum()):,}** of {len(kept):,} pictures remain: {', '.join(conditions)}.",
            width="content",
        )
        st.button("Show all again", on_click=clear, type="tertiary", icon=":material/close:")


def clear() -> None:
    st.session_state.pop(ONLY_MAP, None)
    state.put(confidence=None, losses=None, errors=None, clean=None, **ANEW)


def suspect_positions() -> np.ndarray:
    """Positions in the training set of all pictures whose labels are in doubt."""
    return np.unique([position for positions in label_issues.LISTS.values() for position in positions])


def _conditions(stored: Predictions) -> list[str]:
    words = [words for words in (confidence_words(), loss_words()) if words]
    if state.get("errors"):
        words.append("only errors")
    if stored.source == "train" and state.get("clean"):
        words.append("without suspects")
    if st.session_state.get(ONLY_MAP) and st.session_state.get(state.CHOSEN):
        words.append("chosen on the map")
    return words


def confidence_words() -> str:
    """Of what is left of the pictures by their confidence; "" where all of them are."""
    low, high = state.get("confidence")
    return "" if (low, high) == (0, 100) else f"confidence {low:g} to {high:g} %"


def loss_words() -> str:
    """The same by their loss."""
    least, most = state.get("losses")
    if (least, most) == (0, math.inf):
        return ""
    return f"loss {_loss_word(least)} " + (f"to {_loss_word(most)}" if most < math.inf else "or more")


def slide_confidence() -> tuple[float, float]:
    low, high = state.get("confidence")
    key = f"sure-{low:g}-{high:g}"  # a key a value: a range that a link brings is the slider's own default
    changed = lambda: _put(key, lambda ends: {"confidence": tuple(map(float, ends))})  # noqa: E731
    told: dict[str, Any] = {"key": key, "on_change": changed, "help": glossary.term("Confidence"), "width": 280}
    st.slider("Confidence", 0, 100, (int(low), int(high)), format="%d %%", **told)
    return low, high


def _put(key: str, told: Callable[[Any], dict[str, Any]]) -> None:
    if key in st.session_state:  # or a slow browser has sent it late, when another slider has taken its place
        state.put(**told(st.session_state[key]), **ANEW)


def slide_loss() -> tuple[float, float]:
    """A loss that an address names counts as it is; the slider shows the nearest steps."""
    low, high = state.get("losses")
    shown = tuple(min(LOSSES, key=lambda step: abs(min(step, 1e4) - min(end, 1e4))) for end in (low, high))
    key = f"losses-{low:g}-{high:g}"
    changed = lambda: _put(key, lambda ends: {"losses": tuple(ends)})  # noqa: E731
    told: dict[str, Any] = {"key": key, "on_change": changed, "help": glossary.term("Loss"), "width": 280}
    st.select_slider("Loss", LOSSES, shown, format_func=_loss_word, **told)
    return low, high


def _loss_word(value: float) -> str:
    return "any" if value == math.inf else f"{value:g}"


def _suspects_words() -> str:
    return f"Leaves out the {len(suspect_positions())} training pictures that the page Train lists as suspects."


def _positions(addresses: frozenset[str], source: str) -> np.ndarray:
    pairs = [data.parse_picture_address(address) for address in addresses]
    return np.array([index for split, index in pairs if split == source], np.int64)
