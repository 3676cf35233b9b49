"""What one takes along of a run: all of it, its network in a format for elsewhere, a page that runs it."""

import functools
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import streamlit as st

from fmnist_core import glossary
from fmnist_core.demo import limits
from fmnist_core.exports import making
from fmnist_core.runs import exchange
from fmnist_core.runs.catalogue import Row
from fmnist_core.storage import owners, reading
from fmnist_core.storage.folders import RunError
from fmnist_core.storage.owners import Visitor
from fmnist_core.zoo.others import classical
from fmnist_ui import brought_in, cached
from fmnist_ui.widgets.hostile_text import literal

MEGABYTE = 1_000_000
WIDTH = 320  # pixels: it fits a phone
_BINARY, _ZIP = "application/octet-stream", "application/zip"


class _Made(NamedTuple):
    """A file that is made when it is asked for, by `export RUN --format FORMAT`."""

    format: str
    label: str
    icon: str
    told: str
    help: str | None = None


_MADE = (
    _Made(
        "tflite",
        "LiteRT, float32",
        "smartphone",
        "For phones and small boards; made in half a minute. Its card says how it does beside the ONNX model.",
        glossary.term("LiteRT"),
    ),
    _Made(
        "tflite-int8",
        "LiteRT, int8",
        "memory",
        "The same with weights of 8 bits, a quarter as large; takes one to three minutes.",
        glossary.term("Quantization"),
    ),
    _Made(
        "web",
        "Web page",
        "web",
        "A folder of some 35 MB, zipped: its index.html answers drawings and photos in any browser, offline.",
    ),
)


def show(row: Row) -> None:
    """A button a file; what is not there is said, with what to do."""
    with st.container(horizontal=True, vertical_alignment="center"):
        _offer("Whole run", f"{row.run.id}.zip", _ZIP, partial(_packed, row))
        if row.has("model.onnx"):
            popover = st.popover("Its network, for elsewhere", icon=":material/ios_share:")
            with popover, st.container(width=WIDTH, gap="small"):
                _networks(row)
    if lacks := _lacks(row):
        st.caption(lacks)


def _networks(row: Row) -> None:
    for file, name in (("model.onnx", "ONNX model"), ("model.keras", "Keras model")):
        if row.result and row.has(file):
            words = f"{name}, {row.result.files[file].bytes / MEGABYTE:.1f} MB"
            content = partial(reading.read_bytes, row.run.folder / file)
            _offer(words, f"{row.run.id}{Path(file).suffix}", _BINARY, content, width="stretch")
    if refused := limits.refusal(limits.check_memory):
        st.caption(f"More is made when it is asked for, but not now: {refused}")
        return
    asking = owners.visitor()
    if row.run.shipped and row.kind == "network" and not row.has("model.keras"):
        content = partial(_made, row, "keras", asking)
        _offer("Keras model, made in seconds", f"{row.run.id}.keras", _BINARY, content, width="stretch")
        _say_failure(row, "keras", asking)
    for one in _MADE:
        if one.format == "web" or (row.kind == "network" and not row.taught):
            content = partial(_made, row, one.format, asking)
            _offer(one.label, f"{row.run.id}-{one.format}.zip", _ZIP, content, one.icon, help=one.help, width="stretch")
            st.caption(one.told)
            _say_failure(row, one.format, asking)


def _lacks(row: Row) -> str:
    if brought_in.about(row):
        return ""
    if row.kind != "network":
        if row.has("model.onnx"):
            return ""
        if classical.facts_of(row.model).too_large:
            return "It comes without its model, which is too large: it cannot classify photos."
    if not row.has("model.onnx"):
        return (
            "It ships without its parameters, to keep the app small: it cannot classify photos or drawings. To have "
            "them, train its recipe again."
        )
    return "It has no Keras model: Keras never saw the classes that it was taught." if row.taught else ""


def _offer(
    label: str, file: str, kind: str, content: Callable[[], bytes], icon: str = "download", **options: Any
) -> None:
    """options: of Streamlit's button."""
    told: dict[str, Any] = {"key": f"get-{file}", "icon": f":material/{icon}:", "on_click": "ignore"} | options
    st.download_button(label, content, file, kind, **told)


def _made(row: Row, format: str, asking: Visitor) -> bytes:
    """asking: who does; Streamlit calls this in a thread that knows of no visitor, and shows none of its errors.

    Raises RunError where there is no room for the process that makes it, or it fails; why, `_say_failure` says.
    """
    with owners.acting(asking):
        try:
            made = _kept(row.run.id, format, cached.stamp(row.run, "model.onnx"))
        except RunError as error:
            _FAILED[asking, row.run.id, format] = str(error)
            for oldest in list(_FAILED)[:-_MOST_FAILED]:
                _FAILED.pop(oldest, None)
            raise
    _FAILED.pop((asking, row.run.id, format), None)
    return made


_FAILED: dict[tuple[Visitor, str, str], str] = {}  # why a run's file of a format could not be made, the latest ones
_MOST_FAILED = 20


def _say_failure(row: Row, format: str, asking: Visitor) -> None:
    if why := _FAILED.get((asking, row.run.id, format)):
        st.error(literal(f"When it was last asked for, it could not be made. {why}"), icon=":material/error:")


@functools.lru_cache(maxsize=4)
def _kept(run_id: str, format: str, stamp: tuple[float, ...]) -> bytes:
    return making.made(run_id, format, limits.check_memory)


def _packed(row: Row) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        return exchange.export_run(row.run, Path(folder)).read_bytes()
