"""The kernels of a run's first convolution as they were after each stored epoch, for the browser."""

import base64
from typing import Any

import numpy as np
import streamlit as st

from fmnist_core.inside.layers import Network
from fmnist_core.runs import replay
from fmnist_core.runs.runs import Run
from fmnist_core.storage.folders import RunError
from fmnist_ui import cached


def kernels(run: Run, network: Network) -> dict[str, Any] | None:
    """None where the run has stored none, or they are not those of a layer that takes the picture itself."""
    folder = run.folder / "replay"
    stamp = cached.newest(*sorted(folder.glob("[0-9][0-9][0-9].npz"))[-1:], run.folder / "metrics.jsonl")
    return _kernels(run, stamp, network)


@st.cache_resource(max_entries=3, show_spinner=False)
def _kernels(run: Run, stamp: float, _network: Network) -> dict[str, Any] | None:
    first = next((one for one in _network.layers if one.kernel is not None and one.kernel.ndim == 4), None)
    try:
        found = replay.load(run)
    except RunError:
        return None
    if first is None or first.kernel is None or found is None or first.kernel.shape[1] != 1:
        return None
    if found.filters.shape[1:] != (first.channels, *first.kernel.shape[2:]):
        return None
    return {
        "version": f"{run.id} {stamp} kernels",
        "layer": first.name,
        "epochs": list(found.epochs),
        "size": list(first.kernel.shape[2:]),
        "scale": float(np.abs(found.filters).max()) or 1.0,
        "text": base64.b64encode(found.filters.astype("<f2").tobytes()).decode("ascii"),
    }
