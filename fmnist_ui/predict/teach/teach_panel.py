"""Teach a run a new class with a few photos or drawings, see what it costs the old ones, keep it as a run."""

import hashlib
import threading
from collections import Counter
from typing import Any

import numpy as np
import streamlit as st

from fmnist_core import data, glossary
from fmnist_core.analysis import few_shot, few_shot_accuracy
from fmnist_core.analysis.few_shot import FEWEST, Features, Head
from fmnist_core.analysis.few_shot_accuracy import NOT_HELD_OUT
from fmnist_core.demo import limits
from fmnist_core.inference import taught_runs
from fmnist_core.inference.classifier import Classifier
from fmnist_core.inference.taught_runs import check_name
from fmnist_core.runs.catalogue import Row
from fmnist_core.runs.records import Taught
from fmnist_core.runs.runs import Run
from fmnist_core.storage.folders import RunError
from fmnist_ui import cached, state
from fmnist_ui.predict.teach import kept_examples, taught_examples, teach_trial, work
from fmnist_ui.predict.teach.taught_examples import MOST_CLASSES, Draft
from fmnist_ui.predict.teach.teach_words import Teaching, in_words
from fmnist_ui.predict.teach.work import Tell, Work
from fmnist_ui.widgets import browser_tab
from fmnist_ui.widgets.hostile_text import literal

TEST_PICTURES = 3_000  # on which the old classes are counted, before and after
AT_ONCE = 250  # pictures between two steps of the progress bar
_TEACHING, _SAVED = "teach_teaching", "teach_saved"
_one_at_a_time = threading.Lock()  # teaching keeps a core busy for seconds; visitors wait in turn


@st.fragment
def show(row: Row) -> None:
    """The section of a page."""
    st.subheader("Teach it a new class", help=glossary.term("Few-shot"))
    st.caption(
        f"Give a name and {FEWEST} photos or drawings or more: a hat, shorts, a skirt. The network stays as it is; "
        "only a new answer is fitted on top of it, in seconds."
    )
    if row.taught:
        _say_taught(row.taught)
        return
    names = row.config.class_names if row.config else data.CLASS_NAMES
    drafts = taught_examples.drafts()
    for draft in drafts:
        with st.container(border=True, key=draft.key("box")):
            taught_examples.edit(draft, removable=len(drafts) > 1)
    chosen, missing = check(drafts, names)
    for sentence in missing:
        st.caption(f":material/arrow_right: {sentence}")
    mark = mark_of(row, chosen, drafts)
    with st.container(horizontal=True):
        asked = st.button("Teach", icon=":material/school:", type="primary", key="teach", disabled=bool(missing))
        full = len(drafts) >= MOST_CLASSES
        st.button(
            "Another class", icon=":material/add:", key="teach-more", disabled=full, on_click=taught_examples.add_class
        )
    try:
        if asked and not missing:
            st.session_state[_TEACHING] = mark, _start_teaching(row, chosen, drafts, mark)
            browser_tab.forget_gone(kept_examples.NAME)
        kept_examples.keep(_is_here_alone(mark))
        if lost := browser_tab.gone(kept_examples.NAME):
            st.warning(lost, icon=":material/cloud_off:")
        _outcome(row, mark)
    except (RunError, ValueError) as error:
        st.warning(literal(str(error)), icon=":material/broken_image:")


def _say_taught(taught: Taught) -> None:
    """Where the run was taught already."""
    st.info(
        "This run was taught new classes already. To teach others, begin with the run that it was taught from.",
        icon=":material/school:",
    )
    if any(one.run.id == taught.origin and one.usable for one in cached.list_rows()):
        if st.button("Go to that run", key="teach-origin"):
            state.put(run=taught.origin)
            st.rerun()


def check(drafts: list[Draft], existing: tuple[str, ...]) -> tuple[list[str], list[str]]:
    """The classes' names as they are kept, and a sentence for each thing that is still missing."""
    names: list[str] = []
    missing = []
    for number, draft in enumerate(drafts, start=1):
        which = f"Class {number}: " if len(drafts) > 1 else ""
        try:
            names.append(check_name(draft.name, (*existing, *names)))
        except ValueError as error:
            missing.append(f"{which}{error}")
        if (count := len(draft.kept)) < FEWEST:
            need = FEWEST - count
            missing.append(f"{which}{need} more example{'s' * (need != 1)} {'is' if need == 1 else 'are'} needed.")
    return names, missing


def mark_of(row: Row, names: list[str], drafts: list[Draft]) -> str:
    """Tells one teaching from another: a changed example makes the figures of the last one stale."""
    digest = hashlib.sha256(f"{row.run.id} {cached.stamp(row.run, 'model.onnx')} {names}".encode())
    for draft in drafts:
        digest.update(b"".join([b"|", *(picture.tobytes() for picture in draft.kept)]))
    return digest.hexdigest()


def _is_here_alone(mark: str) -> bool:
    """Whether that was taught, and is kept as no run."""
    taught: tuple[str, Work] | None = st.session_state.get(_TEACHING)
    return taught is not None and taught[0] == mark and mark not in st.session_state.get(_SAVED, {})


def _start_teaching(row: Row, names: list[str], drafts: list[Draft], mark: str) -> Work:
    """Raises RunError where the run has no model."""
    classifier = cached.load_classifier(row.run)
    slot = _slot(row.run, cached.stamp(row.run, "model.onnx"))
    pictures = np.stack([picture for draft in drafts for picture in draft.kept])
    labels = np.repeat(np.arange(len(drafts)), [len(draft.kept) for draft in drafts])

    def teach(tell: Tell) -> Teaching:
        while not _one_at_a_time.acquire(timeout=0.5):
            tell(0.0, "Another class is being taught; this one is next")
        try:
            old, old_labels, test, test_labels = _known(row, classifier, slot, tell)
            new = few_shot.extract(classifier, pictures)
            tell(0.65, "Teaching")
            head = few_shot.fit(old, old_labels, new, labels, names)
            held_out = lambda done: tell(0.7 + 0.3 * done, "Teaching without some, to ask for these")  # noqa: E731
            called = few_shot_accuracy.called_when_held_out(old, old_labels, new, labels, names, held_out)
        finally:
            _one_at_a_time.release()
        return _teaching(mark, head, row, (test, test_labels), (new, labels, called))

    return work.start(teach)


def _teaching(
    mark: str, head: Head, row: Row, old: tuple[Features, np.ndarray], new: tuple[Features, np.ndarray, np.ndarray]
) -> Teaching:
    """old: test pictures and their labels. new: the examples, their labels, what they are called when held out."""
    names = (*(row.config.class_names if row.config else data.CLASS_NAMES), *head.names)
    (test, truth), (seen, labels, called) = old, new
    before, after = test.logits.argmax(axis=1), head.logits(test).argmax(axis=1)
    first = test.logits.shape[1]
    lost = after[before == truth]
    count = lambda places: Counter(names[place] for place in places if place != NOT_HELD_OUT)  # noqa: E731
    each = range(len(head.names))
    return Teaching(
        mark,
        head,
        tuple(int((labels == number).sum()) for number in each),
        names,
        len(truth),
        int((before == truth).sum()),
        int((after == truth).sum()),
        tuple(int((lost == first + number).sum()) for number in each),
        tuple(count(seen.logits.argmax(axis=1)[labels == number]) for number in each),
        tuple(count(called[labels == number]) for number in each),
    )


def _known(
    row: Row, classifier: Classifier, slot: dict[str, Any], tell: Tell
) -> tuple[Features, np.ndarray, Features, np.ndarray]:
    """What the network makes of pictures it was trained on and of test pictures, with their labels; kept for others."""
    if "known" not in slot:
        train, test = data.load_split("train"), data.load_split("test")
        indices = taught_runs.old_indices(row.run)
        images = np.concatenate([train.images[indices], test.images[:TEST_PICTURES]])
        found = []
        for start in range(0, len(images), AT_ONCE):
            found.append(few_shot.extract(classifier, images[start : start + AT_ONCE]))
            tell(0.6 * min((start + AT_ONCE) / len(images), 1.0), "Looking at what it knows")
        features, logits = (np.concatenate([getattr(one, name) for one in found]) for name in Features._fields)
        old, new = (Features(features[part], logits[part]) for part in (slice(len(indices)), slice(len(indices), None)))
        slot["known"] = (old, train.labels[indices], new, test.labels[:TEST_PICTURES])
    return slot["known"]


@st.cache_resource(max_entries=2, show_spinner=False)
def _slot(run: Run, stamp: tuple[float, ...]) -> dict[str, Any]:
    """A place for one result; it is filled outside, because a cached function cannot move a progress bar."""
    return {}


def _outcome(row: Row, mark: str) -> None:
    """What was taught last, in words, a place to try it, and a button to keep it. Raises RunError, ValueError."""
    taught: tuple[str, Work] | None = st.session_state.get(_TEACHING)
    if taught is None:
        return
    if taught[0] != mark:
        st.caption("Something was changed since it was taught last: teach it again.")
        return
    if not work.show(taught[1], "teach-work"):
        return
    teaching: Teaching = taught[1].result()
    st.markdown("\n".join(f"- {sentence}" for sentence in in_words(teaching)))
    with st.container():  # its own, so that what comes after it stays where it is, and a camera on
        _keep(row, teaching)
    teach_trial.show(row, teaching)


def _keep(row: Row, teaching: Teaching) -> None:
    """A button that keeps it as a run, how far that is, and where the run is."""
    kept: dict[str, Work] = st.session_state.setdefault(_SAVED, {})
    keeping = kept.get(teaching.mark)
    if keeping is not None:
        if not work.show(keeping, "teach-keeping"):
            return
        try:
            _say_kept(keeping.result())
            return
        except (RunError, ValueError) as error:
            del kept[teaching.mark]  # it can be asked for again
            st.warning(literal(str(error)), icon=":material/broken_image:")

    def save(tell: Tell) -> Run:
        told = lambda done: tell(done, "Classifying all test pictures")  # noqa: E731
        limits.check_disk()
        return taught_runs.save(row.run, teaching.head, teaching.examples, told)

    def begin() -> None:
        if teaching.mark not in kept:  # a second click, of a slow browser
            kept[teaching.mark] = work.start(save)

    st.button("Keep it as a run", icon=":material/save:", key="teach-keep", on_click=begin)
    st.caption("A run of its own, with the longer list of classes. It holds none of your photos or drawings.")


def _say_kept(made: Run) -> None:
    cached.forget_rows()
    st.success("It is kept as a run of its own, and can be chosen on every page.", icon=":material/check_circle:")
    if st.button("Predict with it", icon=":material/arrow_forward:", key="teach-go"):
        state.put(run=made.id, way="draw")
        st.rerun()  # the whole page: a button's own callback would draw this section alone
