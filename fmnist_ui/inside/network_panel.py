"""The network, what is chosen in it, and what that does."""

from functools import partial
from typing import Any

import streamlit as st

from fmnist_core.inside.session import NOTHING, Seen
from fmnist_core.runs.runs import Run
from fmnist_ui import cached, state
from fmnist_ui.inside import off_text
from fmnist_ui.inside.asked import Asked, Picture, selected
from fmnist_ui.inside.payload import network_payload, values_payload, worked_payload
from fmnist_ui.widgets.inside_view import Told, inside_view

KEY = "inside"


def show(asked: Asked) -> None:
    """Draws it; a click changes the address."""
    plain = asked.inside.look(asked.picture.image)
    seen = asked.inside.look(asked.picture.image, asked.off) if asked.off else plain
    place = selected(asked, plain)
    worked = None
    if place["channel"] is not None and place["pixel"] is not None:
        worked = worked_payload(asked.network, seen, place["layer"], place["channel"], tuple(place["pixel"]))
    told: dict[str, Any] = {
        "network": _network(asked),
        "values": _values(asked, asked.picture, seen, plain),
        "against": _against(asked),
        "selected": place,
        "off": {name: list(channels) for name, channels in asked.off.items()},
        "label": asked.picture.label,
        "worked": worked,
        "leading": {},
        "effect": None,
        "distances": None,
    }
    inside_view(told, asked.shapes, key=KEY, on_told=partial(_heard, asked))


def _heard(asked: Asked, told: Told) -> None:
    pixel = None if told.pixel is None else f"{told.pixel[0]}-{told.pixel[1]}"
    state.put(layer=told.layer, channel=told.channel, pixel=pixel, off=off_text.write(told.off, asked.network))


def _network(asked: Asked) -> dict[str, Any]:
    run = asked.row.run
    return _kept_network(run, cached.stamp(run, "model.onnx"), asked.names)


@st.cache_resource(max_entries=3, show_spinner=False)
def _kept_network(run: Run, stamp: tuple[float, ...], names: tuple[str, ...]) -> dict[str, Any]:
    return network_payload(cached.load_inside(run).network, f"{run.id} {stamp}", names)


def _values(asked: Asked, picture: Picture, seen: Seen, plain: Seen) -> dict[str, Any]:
    network = asked.network
    which = picture.address or f"own {hash(picture.image.tobytes())}"
    version = f"{asked.row.run.id} {which} {off_text.write(seen.off, network)}"
    return values_payload(network, seen, plain, version)


def _against(asked: Asked) -> dict[str, Any] | None:
    if asked.against is None:
        return None
    plain = asked.inside.look(asked.against.image, NOTHING)
    seen = asked.inside.look(asked.against.image, asked.off) if asked.off else plain
    return _values(asked, asked.against, seen, plain)
