"""One run: its name and note, its files to download, its recipe as a command; an own one is changed and deleted."""

import functools
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path

import streamlit as st

from fmnist_core.demo import limits
from fmnist_core.jobs.status import ACTIVE
from fmnist_core.report import recipe_words
from fmnist_core.runs import exchange, labels
from fmnist_core.runs.catalogue import Row
from fmnist_core.runs.labels import LONGEST_NAME, LONGEST_NOTE, Label
from fmnist_core.storage import owners, reading
from fmnist_core.storage.folders import PROJECT, RunError
from fmnist_ui import brought_in, cached, parts, state, uploads, visitor
from fmnist_ui.networks import keras_code, to_build
from fmnist_ui.widgets import browser_tab

IMPORTS = "imports"  # in the session: how many uploads were taken in, for a fresh uploader
IMPORTED = "imported"  # in the session: what to say of the last one
MEGABYTE = 1_000_000
_MAKING = threading.Lock()


def show_run(row: Row) -> None:
    with st.container(border=True, key="run"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.subheader(parts.run_title(row), width="content", anchor=False)  # else room for its link
            parts.show_state(row.state)
        if row.problem:
            st.warning(row.problem, icon=":material/broken_image:")
        if row.label.note:
            st.text(row.label.note)
        brought_in.warn(row)
        brought_in.facts(row)
        with st.container(horizontal=True, vertical_alignment="center"):
            _links(row)
            to_build.offer(row)
            if row.config and not row.config.brought_in:
                keras_code.offer(row.config.recipe, row.config.class_names)
            if row.own:
                _change(row)
        if row.usable:
            _downloads(row)
        if row.recipe and not brought_in.about(row):
            command, note = recipe_words.command(row.recipe)
            st.caption(f"Train its recipe again: {note}" if command else note)
            if command:
                st.code(command, language=None, wrap_lines=True)


def _links(row: Row) -> None:
    link = {"run": row.run.id}
    if row.usable:
        st.page_link("pages/evaluate.py", label="Evaluate", icon=":material/grid_on:", query_params=link)
        st.page_link("pages/report.py", label="Report", icon=":material/description:", query_params=link)
    if row.recipe and not brought_in.about(row):
        st.page_link("pages/train.py", label="Curves", icon=":material/show_chart:", query_params=link)


def _change(row: Row) -> None:
    with st.popover("Name and note", icon=":material/edit:"), st.form(f"label-{row.run.id}", border=False):
        name = st.text_input(
            "Name",
            row.label.name,
            key=f"name-{row.run.id}",
            max_chars=LONGEST_NAME,
            placeholder=parts.run_name(row),
        )
        note = st.text_area("Note", row.label.note, key=f"note-{row.run.id}", max_chars=LONGEST_NOTE)
        if st.form_submit_button("Save", type="primary"):
            try:
                labels.write(row.run, Label(name, note))
            except (RunError, ValueError) as error:
                st.error(str(error), icon=":material/error:")
            else:
                cached.forget_rows()
                st.rerun()
    if row.owner is not None:
        _share(row)
    if row.state not in ACTIVE and parts.ask_to_delete(row.run):
        state.put(run=None)
        st.rerun()


def _share(row: Row) -> None:
    """Of a run that a visitor made; everybody may look at the machine's."""
    shared = row.owner is not None and row.owner.shared
    told = "Off: you alone see it, on every page. On: all who open this app may look at it; only you can change it."
    if st.toggle("Others may look at it", shared, key=f"share-{row.run.id}-{shared}", help=told) != shared:
        try:
            owners.share(row.run.folder, f"run {row.run.id}", not shared)
        except RunError as error:
            st.error(str(error), icon=":material/error:")
        else:
            cached.forget_rows()
            st.rerun()


def take_along() -> None:
    """How a visitor reaches from another browser what they have made here; nothing for the machine, which owns all."""
    if owners.visitor().owns_all:
        return
    with st.expander("Take your runs along", icon=":material/devices:"):
        st.markdown(
            "This browser owns what it has made here. Your link opens all of it in another browser; who knows it can "
            "change and delete it, so give it to nobody. A single run can be downloaded as a file, too."
        )
        st.code(visitor.address(), language=None, wrap_lines=True)


def _downloads(row: Row) -> None:
    """A button a file that is there; what is not is said, with what to do."""
    with st.container(horizontal=True, vertical_alignment="center"):
        _offer("Whole run", f"{row.run.id}.zip", "application/zip", partial(_packed, row))
        for file, name in (("model.onnx", "ONNX model"), ("model.keras", "Keras model")):
            if row.result and row.has(file):
                words = f"{name}, {row.result.files[file].bytes / MEGABYTE:.1f} MB"
                content = partial(reading.read_bytes, row.run.folder / file)
                _offer(words, f"{row.run.id}{Path(file).suffix}", "application/octet-stream", content)
        rebuilt = row.known is None or row.known.kind == "network"
        if row.run.shipped and row.has("model.onnx") and not row.has("model.keras") and rebuilt:
            content = partial(_keras_model, row.run.id)
            _offer("Keras model, made in seconds", f"{row.run.id}.keras", "application/octet-stream", content)
    if lacks := _lacks(row):
        st.caption(lacks)


def _lacks(row: Row) -> str:
    if brought_in.about(row):
        return ""
    classical = row.known is not None and row.known.kind == "classical"
    if classical:
        return (
            "It is no network, so there is no Keras model."
            if row.has("model.onnx")
            else "It comes without its model, which is too large: it cannot classify photos or drawings."
        )
    if not row.has("model.onnx"):
        return (
            "It ships without its parameters, to keep the app small: it cannot classify photos or drawings. To have "
            "them, train its recipe again."
        )
    return "It has no Keras model: Keras never saw the classes that it was taught." if row.taught else ""


def _offer(label: str, file: str, kind: str, content: Callable[[], bytes]) -> None:
    told: dict = {"key": f"get-{file}", "icon": ":material/download:", "on_click": "ignore"}
    st.download_button(label, content, file, kind, **told)


def _keras_model(run_id: str) -> bytes:
    """Raises RunError where there is no room for the process that makes it."""
    limits.check_memory()
    return _made_keras_model(run_id)


@functools.lru_cache(maxsize=4)
def _made_keras_model(run_id: str) -> bytes:
    """Of a run that ships without: made of its ONNX model, one at a time, in a process that may import Keras."""
    with _MAKING, tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "fmnist_core", "export", run_id, "--to", folder, "--format", "keras"]
        made = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, stdin=subprocess.DEVNULL)
        if made.returncode:
            raise RunError(made.stderr.strip())
        return (Path(folder) / f"{run_id}.keras").read_bytes()


def _packed(row: Row) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        return exchange.export_run(row.run, Path(folder)).read_bytes()


def import_upload() -> None:
    """An uploader for a run that another installation has exported."""
    if told := st.session_state.pop(IMPORTED, ""):
        st.success(told, icon=":material/check_circle:")
    with st.expander("Import a run", icon=":material/upload:"):
        count = st.session_state.setdefault(IMPORTS, 0)
        limit = min(-(-exchange.LARGEST_ZIP // 2**20), st.get_option("server.maxUploadSize"))
        sentence = "The zip of a whole run, as another installation offers it here or `export --format run` writes it"
        file = st.file_uploader(
            sentence, type="zip", key=browser_tab.uploader_key(f"import-{count}"), max_upload_size=limit
        )
        if file is None:
            return
        try:
            limits.check_disk()
            limits.count_upload()
            with st.spinner("Every file is checked, and the network is tried …"):
                run = exchange.import_content(file.getvalue(), "The file")
        except RunError as error:
            st.error(str(error), icon=":material/error:")
            return
        finally:
            uploads.remove(file.file_id)
    cached.forget_rows()
    st.session_state.update({IMPORTS: count + 1, IMPORTED: f"The run {run.id} is here."})
    state.put(run=run.id)
    st.rerun()
