"""The network, what is chosen in it, and what that does."""

from functools import partial
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from fmnist_core.inside.session import Seen
from fmnist_core.runs.runs import Run
from fmnist_ui import cached, state
from fmnist_ui.inside import beside, effects, epochs, likes, off_text
from fmnist_ui.inside.asked import Asked, Picture, selected
from fmnist_ui.inside.off_text import Off
from fmnist_ui.inside.payload import network_payload, values_payload, worked_payload
from fmnist_ui.widgets.inside_view import Told, inside_view

KEY = "inside"
STYLE = f"<style>.st-key-{KEY} {{ opacity: 1 !important; }}</style>"  # not faded while 1,000 pictures are looked at
RANKED, MEASURED = "inside-ranked", "inside-measured"  # in the session: what the view asked for


def show(asked: Asked) -> None:
    """Draws it; a click changes the address."""
    st.html(STYLE)
    waiting = st.empty()
    longer = waiting if st.session_state.get(MEASURED) == _longer_key(asked) else None
    plain = asked.inside.look(asked.picture.image)
    seen = asked.inside.look(asked.picture.image, asked.off) if asked.off else plain
    place = selected(asked, plain)
    against, apart = _against(asked, seen, longer)
    told: dict[str, Any] = {
        "network": _network(asked),
        "values": _values(asked, asked.picture, seen, plain),
        "against": against,
        "selected": place,
        "off": {name: list(channels) for name, channels in asked.off.items()},
        "label": asked.picture.label,
        "leading": effects.ranked(asked, st.session_state.get(RANKED, ())),
        "effect": None,
        "distances": apart,
        "epoch": state.get("epoch"),
        "worked": None,
        "kernels": None,
        "likes": None,
    }
    if place["channel"] is not None:
        told |= _of_channel(asked, seen, place)
    if longer is not None and asked.off:
        told["effect"] = effects.in_words(asked, longer)
    inside_view(told, asked.shapes, key=KEY, on_told=partial(_heard, asked))


def _of_channel(asked: Asked, seen: Seen, place: dict[str, Any]) -> dict[str, Any]:
    layer, channel, pixel = place["layer"], place["channel"], place["pixel"]
    kernels = epochs.kernels(asked.row.run, asked.network)
    return {
        "worked": None if pixel is None else worked_payload(asked.network, seen, layer, channel, tuple(pixel)),
        "kernels": kernels if kernels is not None and kernels["layer"] == layer else None,
        "likes": likes.of_channel(asked, layer, channel),
    }


def _longer_key(asked: Asked, off: Off | None = None) -> str:
    """Of what takes longer than a click, and waits until the view asks for it."""
    switched = off_text.write(asked.off if off is None else off, asked.network)
    pictures = [None if one is None else one.address for one in (asked.picture, asked.against)]
    return f"{asked.row.run.id} {switched} {pictures}"


def _heard(asked: Asked, told: Told) -> None:
    if told.opened is not None:
        state.put(picture=told.opened, own=None, against=None)
    pixel = None if told.pixel is None else f"{told.pixel[0]}-{told.pixel[1]}"
    off = off_text.write(told.off, asked.network)
    state.put(layer=told.layer, channel=told.channel, pixel=pixel, off=off, epoch=told.epoch)
    st.session_state[RANKED] = told.ranked
    if told.measure:
        st.session_state[MEASURED] = _longer_key(asked, dict(told.off))


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


def _against(
    asked: Asked, first: Seen, wait: DeltaGenerator | None
) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
    """The other picture, and how far it is from the first in each layer."""
    if asked.against is None:
        return None, None
    plain = asked.inside.look(asked.against.image)
    seen = asked.inside.look(asked.against.image, asked.off) if asked.off else plain
    return _values(asked, asked.against, seen, plain), beside.distances(asked, first, seen, wait)
