"""Build on Train: a network of one's own, held by the session, the browser's tab and, where it fits, the address."""

import contextlib
from dataclasses import dataclass, replace
from typing import Any

import streamlit as st

from fmnist_core.networks import shapes, sharing
from fmnist_core.networks.layers import LONGEST_TITLE, Layer, Network, to_json
from fmnist_core.runs.catalogue import Row
from fmnist_core.zoo import CLASSICAL, MODELS, as_layers, own_network
from fmnist_core.zoo.spec import Model
from fmnist_ui import address, cached, parts, received, state
from fmnist_ui.networks import to_build
from fmnist_ui.networks.network_builder import Draft, Reply, Sent, network_builder, read_draft, read_file, title_problem
from fmnist_ui.widgets import browser_tab

KEY = "builder"
SOURCES = {"zoo": "From the zoo", "own": "Build my own"}
EXAMPLES = ("cnn_1", "minivggnet", "flagship_small")  # of the zoo: offered where there is no layer yet
EMPTY = "empty"  # what one starts from; else "zoo:NAME" or "run:ID"
MOST_RUNS = 30  # of own networks, to start from
MINE = "My "  # before a zoo model's title: a network that begins as it soon is another one
STAND_IN = Network("Network", (Layer("flatten"),))  # whose recipe the form shows while the own one does not fit
_HELD, _SOUND = "built_network", "built_network_sound"  # in the session


@dataclass(frozen=True)
class Held:
    """What the session has of the network under way."""

    draft: Draft = Draft()
    revision: int = 0  # of the browser's last change
    settled: bool = True  # nothing is being typed
    token: int = 0  # counts how often another network took its place from here
    touched: bool = False  # in this session
    notice: str = ""
    refusal: str = ""


def choose_model() -> tuple[Model, str]:
    """A model of the zoo or a network of one's own, and why it cannot be trained yet; "" where it can."""
    if state.get("network") is not None and state.get("source") != "own":
        state.put(source="own")  # a link says only the network
    told = {"format_func": SOURCES.__getitem__, "label_visibility": "collapsed", "clears": ("network",)}
    if state.segmented("Network", "source", tuple(SOURCES), **told) == "own":
        return build()
    offered = MODELS | CLASSICAL
    model = state.select("Model", "model", tuple(offered), format_func=lambda name: offered[name].title)
    st.caption(offered[model].idea)
    return offered[model], ""


def build() -> tuple[Model, str]:
    """Draws the builder. Returns as `choose_model` does; what does not fit stands for the last network that did."""
    _hear_address()
    held = _held()
    problem = problem_of(held.draft)
    if not problem:
        st.session_state[_SOUND] = held.draft.network
        _tell_address(held)
    shown = state.get("network")
    rows = own_rows(cached.list_rows())
    reply = Reply(
        revision=held.revision,
        token=held.token,
        notice=held.notice,
        refusal=held.refusal,
        problem=problem if _is_of_the_whole(held.draft, problem) else "",
        linked=not problem and shown == held.draft.network,
    )
    network_builder(
        held.draft,
        reply,
        key=KEY,
        starts=_starts(rows),
        examples={f"zoo:{name}": MODELS[name].title for name in EXAMPLES},
        on_change=_change,
        on_start=_start,
        on_open=_open,
    )
    _keep(held.draft)
    return own_network.model_of(st.session_state.get(_SOUND, STAND_IN)), problem


def problem_of(draft: Draft) -> str:
    """Why it cannot be trained, in a sentence; "" where it can."""
    if not draft.layers:
        return "The network has no layers yet: add one, or start from another network."
    try:
        shapes.check(draft.network)
    except ValueError as error:
        return str(error)
    return ""


def _is_of_the_whole(draft: Draft, problem: str) -> bool:
    """Whether no layer, and not the title, says it already."""
    named = any(one.problem for one in shapes.describe(draft.network))
    return bool(problem and draft.layers and not named and not title_problem(draft.title))


def load(network: Network, notice: str) -> None:
    """Puts a network into the builder; the one that was there is a step back."""
    _load(Draft(network.title, network.layers), notice)


def own_rows(rows: list[Row]) -> dict[str, Row]:
    """Runs of own networks, by id, those of the visitor first."""
    found = [row for row in rows if row.recipe and row.recipe.network]
    found.sort(key=lambda row: not row.own)  # sorting keeps the order of others
    return {row.run.id: row for row in found[:MOST_RUNS]}


def _held() -> Held:
    held: Held = st.session_state.setdefault(_HELD, Held())
    return held


def _hear_address() -> None:
    """A link's network, and that of a step back or forth in the browser; else what stands in the builder is newer."""
    if sent := to_build.take():
        load(sent, f"Started from {sent.title}")
        return
    named = state.get("network")
    is_new = _HELD not in st.session_state
    if named is None or named == _held().draft.network or not (is_new or address.goes_back()):
        return
    _load(Draft(named.title, named.layers), "" if is_new else f"Back at {named.title}")
    if is_new:
        st.session_state[_HELD] = replace(_held(), touched=False)


def _tell_address(held: Held) -> None:
    """What is unfinished or too long is only in the tab and the session; the address goes on naming the last one."""
    if not held.settled or address.goes_back():
        return
    with contextlib.suppress(ValueError):
        sharing.to_text(held.draft.network)
        state.put(network=held.draft.network)


def _change(sent: Sent) -> None:
    held = _held()
    st.session_state[_HELD] = Held(sent.draft, sent.revision, sent.settled, held.token, touched=True)


def _load(draft: Draft, notice: str) -> None:
    held = _held()
    st.session_state[_HELD] = Held(draft, held.revision, token=held.token + 1, touched=True, notice=notice)


def _refuse(refusal: str) -> None:
    held = _held()
    st.session_state[_HELD] = replace(held, token=held.token + 1, notice="", refusal=refusal)


def _start(value: str) -> None:
    """Another network in place of this one: a model of the zoo, that of a run, or none."""
    source, _, name = value.partition(":")
    if value == EMPTY:
        _load(Draft(), "Empty. Undo brings back what was there")
    elif source == "run":
        row = own_rows(cached.list_rows()).get(name)
        network = row.recipe.network if row and row.recipe else None
        if network is None:
            _refuse("That run is no longer there. Choose another network to start from.")
        else:
            load(network, f"Started from {network.title}")
    else:
        try:
            network = as_layers.as_network(name)
        except ValueError as error:
            _refuse(str(error))
            return
        title = f"{MINE}{network.title}"[:LONGEST_TITLE].strip()
        load(replace(network, title=title), f"Started from {network.title}: {len(network.layers)} layers")


def _open(text: str) -> None:
    try:
        network = read_file(text)
    except ValueError as error:
        _refuse(str(error))
        return
    load(network, f"Opened {network.title}: {len(network.layers)} layers")


def _starts(rows: dict[str, Row]) -> list[tuple[str, dict[str, str]]]:
    zoo = {f"zoo:{name}": model.title for name, model in MODELS.items()}
    runs = {f"run:{run_id}": parts.run_title(row) for run_id, row in rows.items()}
    return [("Nothing", {EMPTY: "An empty network"}), ("Zoo", zoo), *([("Own networks", runs)] if runs else [])]


def _keep(draft: Draft) -> None:
    """Also what is unfinished, which no address says; it comes back where the page names the network of then."""
    named = address.read().get("network", "")
    browser_tab.keep("network", to_json(draft.network) | {"address": named}, _take_back)


def _take_back(kept: Any) -> None:
    """kept: untrusted. What is under way in this session, and another address, count more."""
    if _HELD in st.session_state and _held().touched:
        return
    title, named = received.part(kept, "title"), received.part(kept, "address")
    try:
        if not isinstance(title, str):
            raise ValueError
        draft = read_draft(title, received.part(kept, "layers"))
    except ValueError:
        received.drop()
        return
    if named == address.read().get("network", ""):
        _load(draft, "")
