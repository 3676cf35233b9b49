"""Vectors of a visitor's own for the map: their file, checked, and their names in this session."""

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from fmnist_core.demo import limits
from fmnist_core.maps import own_vectors
from fmnist_core.storage.folders import RunError
from fmnist_ui import parts, state, uploads
from fmnist_ui.widgets import browser_tab
from fmnist_ui.widgets.hostile_text import plain_name

LOADED = "own_vectors"  # in the session: file names by the names of the vectors, in the order of their coming
TIMES, PROBLEM = "own_vectors_times", "own_vectors_problem"  # how many files came; what was wrong with the last one
KEY = "own-vectors-{}"  # of the uploader, another one for each file: Streamlit then forgets the last one


def own_loaded() -> tuple[str, ...]:
    """What maps of this session can be made of, beside the network's own."""
    said = state.get("of")
    named = [said] if own_vectors.is_own(said) else []  # the address may name what another session loaded
    return tuple(dict.fromkeys([*st.session_state.get(LOADED, {}), *named]))


def own_name(of: str) -> str | None:
    """How vectors of one's own are called on the page; None for all others."""
    if not own_vectors.is_own(of):
        return None
    return f"Own vectors: {st.session_state.get(LOADED, {}).get(of, of.removeprefix('own_'))}"


def own_vectors_uploader() -> None:
    """Takes a file; its vectors become what the map is of."""
    key = browser_tab.uploader_key(KEY.format(st.session_state.get(TIMES, 0)))
    st.file_uploader(
        "Or vectors of your own",
        type=[suffix[1:] for suffix in own_vectors.SUFFIXES],
        key=key,
        help=own_vectors.FORMAT,
        on_change=_take,
        args=(key,),
    )
    parts.tell_problem(PROBLEM)


def _take(key: str) -> None:
    file = st.session_state.get(key)
    if not isinstance(file, UploadedFile):  # taken out again, or one that the server does not know
        return
    st.session_state[TIMES] = st.session_state.get(TIMES, 0) + 1
    try:
        limits.check_disk()
        limits.count_upload()
        name = own_vectors.keep(own_vectors.read(uploads.content_of(file), file.name))
    except (ValueError, RunError) as error:
        st.session_state[PROBLEM] = str(error)
        return
    st.session_state.setdefault(LOADED, {})[name] = plain_name(file.name)
    state.put(of=name, method="pca", pictures=None, only=None, map_errors=None, picture=None)
