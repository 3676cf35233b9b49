"""A network from left to right for one picture, drawn in the browser (components/inside)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st

from fmnist_core import data
from fmnist_core.inside.layers import Layer
from fmnist_core.recipe import MOST_EPOCHS
from fmnist_ui import received
from fmnist_ui.javascript import by_address, one_module

SOURCES = Path(__file__).parent / "components" / "inside"
# Each file stands after those it imports from.
MODULES = (
    "numbers",
    "parts",
    "network",
    "layout",
    "columns",
    "lines",
    "answer",
    "large",
    "kernels",
    "likes",
    "worked",
    "shares",
    "distance",
    "keyboard",
    "index",
)
MOST_SEQUENCE = 10**9
Drawn = tuple[Layer, tuple[int, ...]]  # a layer and its shape as it is drawn

_component = st.components.v2.component(
    "fmnist_inside",
    css=(SOURCES / "inside.css").read_text(encoding="utf-8"),
    js=by_address("inside", one_module(SOURCES, MODULES)),
)


@dataclass(frozen=True)
class Heavy:
    """Something that the browser is sent once and holds from then on."""

    version: str
    make: Callable[[], dict[str, Any]]


@dataclass(frozen=True)
class Told:
    """What the visitor has done: all that the view says of itself, so that the newest says everything."""

    layer: str | None
    channel: int | None
    pixel: tuple[int, int] | None
    off: Mapping[str, tuple[int, ...]]
    ranked: tuple[str, ...]  # layers of which the most important channels are asked for
    measure: bool  # whether it is asked what switching off does to many pictures
    epoch: int | None  # whose kernels are shown; None: the last
    opened: str | None  # the address of a picture that is to be looked at instead


def inside_view(
    told: dict[str, Any], layers: Mapping[str, Drawn], *, key: str, on_told: Callable[[Told], None]
) -> None:
    """Draws the network.

    Args:
        told: see index.js.
        layers: by name, each with its shape as drawn, by which is checked what the browser sends.
        on_told: called before the script runs again.
    """
    holds: set[str] = st.session_state.setdefault(f"{key} holds", set())
    sent = {name: _unless_held(value, holds) if isinstance(value, Heavy) else value for name, value in told.items()}
    now = {value.version for value in told.values() if isinstance(value, Heavy)}

    def hear() -> None:
        raw = received.sent(key, "told")
        found = read_told(raw, layers)
        if found is None:
            received.drop()
            return
        st.session_state[f"{key} heard"] = raw["sequence"]
        on_told(found)

    sent["heard"] = st.session_state.get(f"{key} heard", 0)
    # What was drawn last is held; a run that the next one overtook may have taken its values with it.
    st.session_state[f"{key} holds"] = now
    _component(
        key=key,
        data=sent,
        height="content",
        on_told_change=hear,
        on_lacking_change=lambda: st.session_state.pop(f"{key} holds", None),
    )


def _unless_held(part: Heavy, holds: set[str]) -> dict[str, Any]:
    return {"version": part.version} | ({} if part.version in holds else part.make())


def read_told(value: Any, layers: Mapping[str, Drawn]) -> Told | None:
    """What the browser sent, None where it does not fit the network: a browser may send anything."""
    if not isinstance(value, dict) or not received.is_place(value.get("sequence"), MOST_SEQUENCE):
        return None
    selected, off, ranked = value.get("selected"), value.get("off"), value.get("ranked")
    if not isinstance(off, dict) or not isinstance(ranked, list) or len(ranked) > len(layers):
        return None
    if not all(isinstance(one, str) and one in layers for one in [*off, *ranked]):
        return None
    place = read_place(selected, layers)
    switched = {name: _channels(channels, layers[name][0].channels) for name, channels in off.items()}
    if place is None or None in switched.values():
        return None
    kept = {name: channels for name, channels in switched.items() if channels}
    epoch, opened = value.get("epoch"), value.get("opened")
    if not (epoch is None or received.is_place(epoch, MOST_EPOCHS + 1)) or not (opened is None or _is_picture(opened)):
        return None
    told = tuple(dict.fromkeys(ranked)), value.get("measure") is True, epoch, opened
    return Told(*place, kept, *told)  # type: ignore[arg-type]


def _is_picture(value: Any) -> bool:
    try:
        return isinstance(value, str) and bool(data.parse_picture_address(value))
    except ValueError:
        return False


def read_place(value: Any, layers: Mapping[str, Drawn]) -> tuple[str | None, int | None, tuple[int, int] | None] | None:
    """Layer, channel and pixel, each of which may be missing with those after it; None: it is no such place."""
    if value is None:
        return None, None, None
    if not isinstance(value, dict) or not isinstance(value.get("layer"), str) or value["layer"] not in layers:
        return None
    name, channel, pixel = value["layer"], value.get("channel"), value.get("pixel")
    shape = layers[name][1]
    if channel is None:
        return name, None, None
    if not received.is_place(channel, shape[0]):
        return None
    if pixel is None:
        return name, channel, None
    rows, columns = shape[1:] if len(shape) == 3 else (1, 1)
    if not isinstance(pixel, list) or len(pixel) != 2:
        return None
    row, column = pixel
    if not received.is_place(row, rows) or not received.is_place(column, columns):
        return None
    return name, channel, (row, column)


def _channels(value: Any, count: int) -> tuple[int, ...] | None:
    if not isinstance(value, list) or len(value) > count or not all(received.is_place(one, count) for one in value):
        return None
    return tuple(sorted(set(value)))
