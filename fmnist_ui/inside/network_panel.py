"""The network, what is chosen in it, and what that does."""

from functools import partial
from typing import Any

import streamlit as st

from fmnist_core.inside.session import Seen
from fmnist_core.runs.runs import Run
from fmnist_ui import cached, state
from fmnist_ui.inside import beside, effects, epochs, likes, off_text
from fmnist_ui.inside.asked import Asked, Picture, selected
from fmnist_ui.inside.off_text import Off
from fmnist_ui.inside.payload import changes_payload, network_payload, shares_payload, values_payload, worked_payload
from fmnist_ui.widgets.inside_view import Heavy, Told, inside_view

KEY = "inside"
STYLE = f"<style>.st-key-{KEY} {{ opacity: 1 !important; }}</style>"  # a run of the page that takes long fades nothing
RANKED, MEASURED = "inside-ranked", "inside-measured"  # in the session: what the view asked for


def show(asked: Asked) -> None:
    """Draws it; a click changes the address."""
    st.html(STYLE)
    longer = st.session_state.get(MEASURED) == _longer_key(asked)
    plain = asked.plain
    seen = asked.inside.look(asked.picture.image, asked.off) if asked.off else plain
    place = selected(asked)
    against, apart = _against(asked, seen, longer)
    told: dict[str, Any] = {
        "network": _network(asked),
        **_values(asked, asked.picture, seen, plain, "values"),
        **against,
        "selected": place,
        "off": {name: list(channels) for name, channels in asked.off.items()},
        "label": asked.picture.label,
        "leading": effects.ranked(asked, st.session_state.get(RANKED, ())),
        "effect": None,
        "distances": apart,
        "epoch": state.get("epoch"),
        "worked": None,
        "shares": None,
        "kernels": None,
        "likes": None,
    }
    if place["channel"] is not None:
        told |= _of_channel(asked, seen, place)
    if longer and asked.off:
        told["effect"] = effects.in_words(asked)
    inside_view(told, asked.shapes, key=KEY, on_told=partial(_heard, asked))


def _of_channel(asked: Asked, seen: Seen, place: dict[str, Any]) -> dict[str, Any]:
    layer, channel, pixel = place["layer"], place["channel"], place["pixel"]
    kernels = epochs.kernels(asked.row.run, asked.network)
    return {
        "worked": None
        if pixel is None
        else worked_payload(asked.network, seen, layer, channel, tuple(pixel), asked.names),
        "shares": shares_payload(asked.network, seen, layer, channel) if pixel is None else None,
        "kernels": Heavy(kernels["version"], lambda: kernels) if kernels and kernels["layer"] == layer else None,
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


def _network(asked: Asked) -> Heavy:
    run = asked.row.run
    stamp = cached.stamp(run, "model.onnx")
    return Heavy(f"{run.id} {stamp} {asked.names}", lambda: _kept_network(run, stamp, asked.names))


@st.cache_resource(max_entries=3, show_spinner=False)
def _kept_network(run: Run, stamp: tuple[float, ...], names: tuple[str, ...]) -> dict[str, Any]:
    return network_payload(cached.load_inside(run).network, names)


def _values(asked: Asked, picture: Picture, seen: Seen, plain: Seen, name: str) -> dict[str, Heavy | None]:
    """A picture's values under a name, and apart from them what is different where channels are off."""
    network = asked.network
    which = picture.address or f"own {hash(picture.image.tobytes())}"
    version = f"{asked.row.run.id} {cached.stamp(asked.row.run, 'model.onnx')} {which}"
    changed = Heavy(f"{version} {off_text.write(seen.off, network)}", lambda: changes_payload(network, seen))
    whole = Heavy(version, lambda: values_payload(network, plain))
    return {name: whole, f"{name}Changed": changed if seen.off else None}


def _against(asked: Asked, first: Seen, usual: bool) -> tuple[dict[str, Heavy | None], dict[str, Any] | None]:
    """The other picture, and how far it is from the first in each layer."""
    if asked.against is None:
        return {"against": None, "againstChanged": None}, None
    plain = asked.inside.look(asked.against.image)
    seen = asked.inside.look(asked.against.image, asked.off) if asked.off else plain
    return _values(asked, asked.against, seen, plain, "against"), beside.distances(asked, first, seen, usual)
