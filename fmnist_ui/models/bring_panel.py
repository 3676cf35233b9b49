"""Bring your own: a model or answers from elsewhere become a run."""

from functools import partial

import streamlit as st

from fmnist_core.brought_in import bringing, conventions
from fmnist_core.brought_in.conventions import EVERY
from fmnist_core.demo import limits
from fmnist_core.runs import runs
from fmnist_core.runs.labels import LONGEST_NAME
from fmnist_core.storage.folders import RunError
from fmnist_ui import cached, state, uploads
from fmnist_ui.widgets import browser_tab
from fmnist_ui.widgets.hostile_text import literal, plain_name

KINDS = ["onnx", "keras", "h5", "hdf5", "csv", "npz"]
_LAST, _TOLD = "brought_in_last", "brought_in_told"  # in the session: (upload, run); what to say of it
_CHANGE = "What was found out stands below; Bring your own brings it in again with another input or order."
_FOUND_OUT = "Found out by trying"
_HELP = (
    "How the model takes its 28 by 28 pixels: the order of axes, and what black and white are. By trying, all that fit "
    "are tried on 500 pictures of the training set, and the best is taken."
)
_REORDER = (
    "Where the answers are clearly right more often with classes or pictures in another order (alphabetical, say), "
    "they are put into the official one. It is chosen by the labels of the test pictures, so it flatters a little."
)


def bring_your_own() -> None:
    """An uploader for a model or for answers; what was found out about them stands in the run's own panel."""
    if told := st.session_state.pop(_TOLD, ""):
        st.success(told, icon=":material/check_circle:")
    with st.expander("Bring your own", icon=":material/move_to_inbox:"):
        st.markdown(
            "A network that you trained elsewhere, or its answers to the 10,000 test pictures, becomes a run: it is "
            "evaluated, mapped, asked and reported like those trained here."
        )
        st.caption(
            f"**Model**: ONNX, or Keras (.keras, .h5), up to {bringing.MEGABYTES} MB, one input of 28x28 pixels, ten "
            "numbers out. **Answers**: CSV or NPZ, a row a test picture in the official order, ten probabilities or "
            "logits; a label and a picture's number may stand beside them. Files are opened in a process without "
            "rights or network; what is more than arithmetic is refused."
        )
        limit = min(-(-bringing.LARGEST // 2**20), st.get_option("server.maxUploadSize"))
        key = browser_tab.uploader_key("bring")
        file = st.file_uploader("A model, or answers", type=KINDS, key=key, max_upload_size=limit)
        if file is not None:
            _choices(file)


def _choices(file: st.runtime.uploaded_file_manager.UploadedFile) -> None:
    left, right = st.columns(2)
    with left:
        name = st.text_input(
            "Name", key=f"bring-name-{file.file_id}", max_chars=LONGEST_NAME, placeholder="as the file"
        )
    with right:
        wanted = st.selectbox(
            "Input",
            ["", *map(str, EVERY)],
            format_func=lambda text: f"{text}: {conventions.parse(text).words}" if text else _FOUND_OUT,
            key="bring-input",
            help=_HELP,
        )
    reorder = st.checkbox("Put classes and pictures in order", key="bring-reorder", help=_REORDER)
    again = st.session_state.get(_LAST, ("", ""))[0] == file.file_id
    words = "Bring in again, instead" if again else "Bring in"
    if not st.button(words, icon=":material/move_to_inbox:", type="primary", key="bring"):
        return
    try:
        limits.check_disk()
        limits.count_upload()
        with st.spinner("It is checked, tried and asked about 15,000 pictures, which takes a minute …"):
            content, named = uploads.content_of(file), plain_name(file.name)
            run = bringing.bring(content, named, name, input=wanted, reorder=reorder, check=_check_memory)
    except (RunError, ValueError) as error:
        st.error(literal(str(error)), icon=":material/error:")
        return
    _replace_last(file.file_id, run.id)
    st.rerun()


_check_memory = partial(limits.check_memory, bringing.PEAK_MEGABYTES)


def _replace_last(upload: str, run_id: str) -> None:
    """The run of an earlier try with the same upload goes."""
    before, earlier = st.session_state.get(_LAST, ("", ""))
    if before == upload:
        try:
            runs.delete(runs.find(earlier))
        except RunError:
            pass  # it is gone already, or its owner keeps it
    cached.forget_rows()
    st.session_state.update({_LAST: (upload, run_id), _TOLD: f"The run {run_id} is here. {_CHANGE}"})
    state.put(run=run_id)
