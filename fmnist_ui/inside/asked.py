"""What the page is asked: the run's network, a picture or two, and where one looks; each checked against the others."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import streamlit as st

from fmnist_core import data
from fmnist_core.inside.layers import Layer, Network
from fmnist_core.inside.session import Inside, Seen
from fmnist_core.runs.catalogue import Row
from fmnist_ui import cached, state
from fmnist_ui.inside import off_text
from fmnist_ui.inside.payload import Place, drawn, drawn_shape

FIRST = "test/0"  # that is looked at where no address says another


@dataclass(frozen=True, eq=False)
class Picture:
    address: str | None  # None: the visitor's own
    image: np.ndarray  # (28, 28) uint8
    label: int | None


@dataclass(frozen=True, eq=False)
class Asked:
    row: Row
    inside: Inside
    picture: Picture
    against: Picture | None
    plain: Seen  # what the network makes of the picture with nothing switched off
    off: off_text.Off
    layer: str | None
    channel: int | None
    pixel: Place | None

    @property
    def network(self) -> Network:
        return self.inside.network

    @property
    def names(self) -> tuple[str, ...]:
        return self.row.config.class_names if self.row.config else data.CLASS_NAMES

    @property
    def shapes(self) -> dict[str, tuple[Layer, tuple[int, ...]]]:
        return {layer.name: (layer, drawn_shape(layer)) for layer in self.network.layers}


def read(row: Row) -> Asked:
    """By the address; what it says of another network is left out, with a sentence. Raises RunError."""
    inside = cached.load_inside(row.run)
    off, unknown = off_text.read(state.get("off"), inside.network)
    if unknown:
        left_out("off", f"this network has no such channels to switch off in {', '.join(unknown)}")
        state.put(off=off_text.write(off, inside.network))
    picture = chosen_picture(row)
    asked = Asked(row, inside, picture, _against(row), inside.look(picture.image), off, None, None, None)
    return _with_place(asked)


def left_out(name: str, why: str) -> None:
    st.warning(f"The address' {name} was left out: {why}.", icon=":material/link_off:")


def chosen_picture(row: Row) -> Picture:
    own = st.session_state.get(state.SHOWN_PICTURE)
    if state.get("own") and own is not None:
        return Picture(None, own, None)
    if state.get("own"):
        left_out("own", "this session has no picture of yours; draw one or show a photo on Predict")
        state.put(own=None)
    return of_data(state.get("picture") or FIRST, row)


def of_data(address: str, row: Row) -> Picture:
    split, index = data.parse_picture_address(address)
    pictures = data.load_split(split)
    names = row.config.class_names if row.config else data.CLASS_NAMES
    label = int(pictures.labels[index]) if tuple(names[: len(data.CLASS_NAMES)]) == data.CLASS_NAMES else None
    return Picture(address, pictures.images[index], label)


def _against(row: Row) -> Picture | None:
    address = state.get("against")
    return None if address is None else of_data(address, row)


def _with_place(asked: Asked) -> Asked:
    """Where one looks: what the address says, as far as this network has it."""
    name, channel, pixel = state.get("layer"), state.get("channel"), state.get("pixel")
    if name is None:
        return asked
    if name not in asked.shapes:
        left_out("layer", f"this network has no layer {name}")
        state.put(layer=None, channel=None, pixel=None)
        return asked
    shape = asked.shapes[name][1]
    if channel is None:
        return replace(asked, layer=name)
    if channel >= shape[0]:
        left_out("channel", f"{name} has channels 0 to {shape[0] - 1}")
        state.put(channel=None, pixel=None)
        return replace(asked, layer=name)
    if pixel is None:
        return replace(asked, layer=name, channel=channel)
    rows, columns = shape[1:] if len(shape) == 3 else (1, 1)
    row, column = map(int, pixel.split("-"))
    if row >= rows or column >= columns:
        left_out("pixel", f"{name} has {rows} rows and {columns} columns, counted from 0")
        state.put(pixel=None)
        return replace(asked, layer=name, channel=channel)
    return replace(asked, layer=name, channel=channel, pixel=(row, column))


def first_place(network: Network, seen: Seen) -> tuple[str, int, Place]:
    """What is shown where nothing was chosen: the strongest pixel of the strongest channel of the first convolution."""
    layer = next((one for one in network.layers if one.kernel is not None), network.layers[-1])
    shape = drawn_shape(layer)
    values = np.abs(drawn(layer, seen)).reshape(layer.channels, -1)
    channel = int(values.mean(axis=1).argmax())
    row, column = np.unravel_index(int(values[channel].argmax()), (*shape, 1, 1)[1:3])
    return layer.name, channel, (int(row), int(column))


def selected(asked: Asked) -> dict[str, Any]:
    if asked.layer is None:
        layer, channel, pixel = first_place(asked.network, asked.plain)
        return {"layer": layer, "channel": channel, "pixel": list(pixel)}
    pixel_said = None if asked.pixel is None else list(asked.pixel)
    return {"layer": asked.layer, "channel": asked.channel, "pixel": pixel_said}
