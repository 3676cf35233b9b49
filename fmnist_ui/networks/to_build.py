"""A network on its way to the builder on Train, from wherever one has met it: a run, or a line of the leaderboard."""

import streamlit as st

from fmnist_core.networks.layers import Network
from fmnist_core.runs.catalogue import Row
from fmnist_ui import state

_NETWORK = "network_to_build"  # in the session


def offer(row: Row) -> None:
    """A button that opens the builder with the network of a run; none where it is a model of the zoo."""
    network = row.recipe.network if row.recipe else None
    if network and st.button("Start from this network", icon=":material/handyman:", key="build-on"):
        open_builder(network)


def open_builder(network: Network) -> None:
    """Train, with this network in the builder; the one that was there is a step back."""
    st.session_state[_NETWORK] = network
    state.put(run=None, source="own", network=network)
    st.switch_page("pages/train.py", query_params={"source": "own", "network": state.text_of("network", network)})


def take() -> Network | None:
    """The network that was sent to the builder since this was last asked."""
    found: Network | None = st.session_state.pop(_NETWORK, None)
    return found
