"""A test set of a visitor's own, photos in folders: brought, chosen, measured. Apart from all official figures."""

from functools import partial
from typing import Any

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from fmnist_core import glossary
from fmnist_core.demo import limits
from fmnist_core.jobs import kinds, lifecycle
from fmnist_core.jobs.status import ACTIVE
from fmnist_core.photo_sets import intake, photo_sets, records
from fmnist_core.photo_sets.intake import PhotoSetError
from fmnist_core.photo_sets.measuring import Answers
from fmnist_core.photo_sets.photo_sets import PhotoSet
from fmnist_core.photo_sets.variants import DEFAULT, MODE_VARIANTS, STEP_VARIANTS
from fmnist_core.runs.catalogue import Row
from fmnist_core.runs.runs import Run
from fmnist_core.speed import forecasts
from fmnist_core.storage import owners
from fmnist_core.storage.folders import RunError
from fmnist_ui import cached, parts, state, uploads, waiting
from fmnist_ui.evaluate import photos_figures
from fmnist_ui.widgets import browser_tab
from fmnist_ui.widgets.hostile_text import literal, plain_name

POLL_SECONDS = 1.0
PROBLEM = "photo_set_problem"  # in the session: why the last thing that was tried failed
TIMES = "photo_set_times"  # in the session: how many archives came; each gets an uploader of its own
LAYOUT = """\
my-photos.zip
├─ trouser/       1.jpg  2.jpg  …
├─ T-shirts/      1.jpg  …
├─ ankle boots/   1.jpg  …
└─ hats/          1.jpg  …"""


def photos_panel(row: Row, names: tuple[str, ...]) -> None:
    """The section of a page."""
    st.subheader("Your photos", help=glossary.term("Test set of one's own"))
    st.caption(
        "A test set of your own: how many of your photos the network has right. Its figures stand here alone; they are "
        "never mixed with those of the official test set."
    )
    parts.tell_problem(PROBLEM)
    sets = photo_sets.list_sets()
    chosen = _choose(sets)
    if chosen is None:
        _empty()
        return
    try:
        cached.load_classifier(row.run)  # a run without a model is told so here, not by a job that fails
    except RunError as error:
        st.warning(str(error), icon=":material/broken_image:")
        return
    _left_out(chosen)
    answers = answers_or_job(row, chosen, steps=False)
    if answers is not None:
        photos_figures.show(row, chosen, answers, names)
        _steps(row, chosen, answers, names)


def _choose(sets: list[PhotoSet]) -> PhotoSet | None:
    """The set that the address names, or the newest; None, where there is none."""
    by_name, wanted = {one.name: one for one in sets}, state.get("photo_set")
    if wanted is not None and wanted not in by_name:
        try:
            photo_sets.load(wanted)
        except RunError as error:
            st.warning(str(error), icon=":material/folder_off:")
            state.put(photo_set=None)
    if not sets:
        return None
    with st.container(horizontal=True, vertical_alignment="bottom"):
        words = lambda name: _title(by_name[name])  # noqa: E731
        clears = {"clears": ("folder", "called", "page")}
        name = state.select("Set of photos", "photo_set", list(by_name), format_func=words, width=420, **clears)
        with st.popover("Add", icon=":material/upload:"):
            _uploader()
        if owners.is_own(owners.read(by_name[name].folder)):
            with st.popover("", icon=":material/delete:", help="Delete these photos"):
                st.markdown("Delete these photos, and all that was measured on them?")
                st.button("Delete", type="primary", key="photo-set-delete", on_click=_delete, args=(name,))
    return by_name[name]


def _title(one: PhotoSet) -> str:
    return f"{plain_name(one.title)} · {len(one.photos)} photos · {len(set(one.folders))} folders"


def _empty() -> None:
    left, right = st.columns(2, gap="large")
    with left:
        st.markdown(
            "Put photos of one garment each into **folders named after what they show**, and pack them as a zip:"
        )
        st.code(LAYOUT, language=None)
        st.caption(
            "Capitals, plurals and dashes do not matter; *jeans*, *sweater* or *shoes* are understood, too. Folders "
            "that no class fits, such as hats, are told apart: what the network takes them for, how many it warns of."
        )
    with right:
        _uploader()


def _uploader() -> None:
    """Takes an archive, keeps its photos, and chooses that set."""
    most = min(limits.read().photos, intake.MOST_PHOTOS)
    megabytes = min(intake.LARGEST_ZIP / 2**20, limits.read().session_megabytes)
    key = browser_tab.uploader_key(f"photo-set-{st.session_state.get(TIMES, 0)}")
    file = st.file_uploader(
        "A zip of photos in folders",
        type=["zip"],
        key=key,
        max_upload_size=int(megabytes),
        help=f"At most {most:,.0f} photos and {megabytes:.0f} MB.",
    )
    st.caption(
        f"At most {most:,.0f} photos. They are kept small, 256 pixels long, without place, time or camera; nobody else "
        "sees them but who runs this machine, and you can delete them."
    )
    if isinstance(file, UploadedFile):
        _take(file, megabytes)


def _take(file: UploadedFile, megabytes: float) -> None:
    """Ends the run of the page: the next one has the set, or says why not."""
    st.session_state[TIMES] = st.session_state.get(TIMES, 0) + 1
    bar = st.progress(0.0, "Reading the photos …")
    try:
        limits.check_disk()
        limits.count_upload()
        content = uploads.content_of(file)
        if len(content) > megabytes * 2**20:
            raise PhotoSetError(f"The archive is too large; {megabytes:.0f} MB fit. Make the photos smaller.")
        with intake.open_zip(content, limits.read().photos) as source:
            name = photo_sets.keep(source, plain_name(file.name), partial(_tell, bar))
        state.put(photo_set=name, folder=None, called=None, page=0)
    except (PhotoSetError, RunError, ValueError) as error:
        st.session_state[PROBLEM] = str(error)
    finally:
        uploads.remove(file.file_id)
    st.rerun()


def _tell(bar: Any, done: int, of: int) -> None:
    bar.progress(done / of, f"Photo {done} of {of}")


def _delete(name: str) -> None:
    try:
        photo_sets.delete(name)
        state.put(photo_set=None, folder=None, called=None, page=0)
    except RunError as error:
        st.session_state[PROBLEM] = str(error)


def _left_out(chosen: PhotoSet) -> None:
    count = len(chosen.left_out) + chosen.more
    if not count:
        return
    with st.expander(f"{count} {'file was' if count == 1 else 'files were'} left out", icon=":material/filter_list:"):
        lines = [f"- **{literal(plain_name(one.file))}**: {literal(one.why)}" for one in chosen.left_out]
        st.markdown("\n".join([*lines, *([f"- and {chosen.more} more"] if chosen.more else [])]))


def answers_or_job(row: Row, chosen: PhotoSet, steps: bool) -> dict[str, Answers] | None:
    """The answers, with those that tell what each step is worth or without; else None, with the job that makes them."""
    stamps = cached.newest(chosen.folder), cached.stamp(row.run, "model.onnx")
    found = _load(row.run, chosen.name, stamps, chosen)
    needed = STEP_VARIANTS if steps else MODE_VARIANTS
    if all(way.name in found for way in needed):
        return found
    status = lifecycle.read_status(records.job(chosen, row.run))
    at_work = status is not None and status.state in ACTIVE
    st.fragment(run_every=POLL_SECONDS if at_work else None)(_job)(row, chosen, steps, at_work)
    return None


@st.cache_resource(max_entries=16, show_spinner=False)
def _load(run: Run, name: str, stamps: tuple[Any, ...], _chosen: PhotoSet) -> dict[str, Answers]:
    return records.load_answers(_chosen, run)


def _job(row: Row, chosen: PhotoSet, steps: bool, at_work: bool) -> None:
    """While the job works this is drawn again each second; what it ends in is drawn by the page."""
    job = records.job(chosen, row.run)
    status = lifecycle.read_status(job)
    if at_work != (status is not None and status.state in ACTIVE):
        st.rerun()
    parts.tell_problem(PROBLEM)
    key = "steps" if steps else "modes"
    with st.container(horizontal=True, vertical_alignment="center", border=True):
        if status is not None and at_work:
            share = min(status.epoch / max(status.epochs, 1), 1.0)
            doing = f"{lifecycle.doing(job, status)}: {parts.percent(share, 0)}"
            st.progress(share, waiting.progress_words(job, status, doing))
            if owners.is_own(owners.read(job.folder)):
                st.button("Stop", icon=":material/stop:", key=f"photos-stop-{key}", on_click=_stop, args=(row, chosen))
            return
        words = (
            "Switches each step off, one at a time, on the same photos." if steps else "Not measured with this run yet."
        )
        if status is not None and status.message and status.state in ("failed", "interrupted", "cancelled"):
            words = literal(status.message)
        st.markdown(words, width="content")
        if problem := limits.refusal(limits.check_start, kinds.PHOTOS):
            st.caption(problem)
            return
        label = "Find out which step helps" if steps else f"Measure on {len(chosen.photos)} photos"
        start: dict[str, Any] = {"key": f"photos-start-{key}", "on_click": _start, "args": (row, chosen, steps)}
        st.button(label, icon=":material/play_arrow:", type="primary", **start)
        waiting.show_before_start(kinds.PHOTOS, forecasts.of_photos(row.run, len(chosen.photos), steps))


def _start(row: Row, chosen: PhotoSet, steps: bool) -> None:
    try:
        limits.check_start(kinds.PHOTOS)
        expected = forecasts.of_photos(row.run, len(chosen.photos), steps)
        records.submit(chosen, row.run, STEP_VARIANTS if steps else MODE_VARIANTS, expected)
    except (RunError, ValueError) as error:
        st.session_state[PROBLEM] = str(error)


def _stop(row: Row, chosen: PhotoSet) -> None:
    try:
        lifecycle.cancel(records.job(chosen, row.run))
    except RunError as error:
        st.session_state[PROBLEM] = str(error)


def _steps(row: Row, chosen: PhotoSet, answers: dict[str, Answers], names: tuple[str, ...]) -> None:
    st.subheader("Which step helped")
    st.caption(f"Of the preparation *{DEFAULT.title}*: what is right with all of its steps, and without this one.")
    found = answers_or_job(row, chosen, steps=True)
    if found is not None:
        photos_figures.show_steps(chosen, found, names)
