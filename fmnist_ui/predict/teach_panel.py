"""Teach a run a new class with a few photos or drawings, see what it costs the old ones, keep it as a run."""

import hashlib
import threading
from collections import Counter
from typing import Any, NamedTuple

import numpy as np
import streamlit as st

from fmnist_core import data, glossary
from fmnist_core.analysis import few_shot, few_shot_accuracy
from fmnist_core.analysis.few_shot import FEWEST, Features, Head
from fmnist_core.analysis.few_shot_accuracy import NOT_HELD_OUT
from fmnist_core.inference import taught_runs
from fmnist_core.inference.taught_runs import check_name
from fmnist_core.metrics import evaluation
from fmnist_core.progress import OnShare
from fmnist_core.runs.catalogue import Row
from fmnist_core.runs.records import Taught
from fmnist_core.runs.runs import Run
from fmnist_core.storage.folders import RunError
from fmnist_ui import cached, parts, state
from fmnist_ui.predict import taught_examples
from fmnist_ui.predict.taught_examples import MOST_CLASSES, Draft

TEST_PICTURES = 3_000  # on which the old classes are counted, before and after
AT_ONCE = 250  # pictures between two steps of the progress bar
MOST_MISTAKEN = 3  # classes that are named
_TEACHING, _SAVED = "teach_teaching", "teach_saved"
_one_at_a_time = threading.Lock()  # teaching keeps a core busy for seconds; visitors wait in turn


class Teaching(NamedTuple):
    """What a run was taught, and how it does."""

    mark: str  # of the run, the names and the examples
    head: Head
    examples: tuple[int, ...]  # of each new class
    names: tuple[str, ...]  # of all classes
    pictures: int  # of the test set, on which the old classes are counted
    right_before: int
    right_after: int
    taken: tuple[int, ...]  # of these, that each new class takes from a right answer
    before: tuple[Counter[str], ...]  # what the examples of each new class were called before
    held: tuple[Counter[str], ...]  # what those that were held out are called now


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
            st.session_state[_TEACHING] = _teach(row, chosen, drafts, mark)
        _outcome(row, mark)
    except (RunError, ValueError) as error:
        st.warning(str(error), icon=":material/broken_image:")


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


def _teach(row: Row, names: list[str], drafts: list[Draft], mark: str) -> Teaching:
    """Raises RunError, ValueError."""
    bar = st.progress(0.0, "Looking at what it knows")

    def looked(done: float) -> None:
        bar.progress(0.6 * done, "Looking at what it knows")

    def tell(done: float) -> None:
        bar.progress(0.7 + 0.3 * done, "Teaching without some, to ask for these")

    while not _one_at_a_time.acquire(timeout=0.5):
        bar.progress(0.0, "Another class is being taught; this one is next.")  # here a visitor who leaves is let go
    try:
        old, old_labels, test, test_labels = _known(row, looked)
        new = few_shot.extract(cached.load_classifier(row.run), np.stack([p for draft in drafts for p in draft.kept]))
        labels = np.repeat(np.arange(len(drafts)), [len(draft.kept) for draft in drafts])
        bar.progress(0.65, "Teaching")
        head = few_shot.fit(old, old_labels, new, labels, names)
        called = few_shot_accuracy.called_when_held_out(old, old_labels, new, labels, names, tell)
    finally:
        _one_at_a_time.release()
    bar.empty()
    return _teaching(mark, head, row, (test, test_labels), (new, labels, called))


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


def _known(row: Row, on_progress: OnShare) -> tuple[Features, np.ndarray, Features, np.ndarray]:
    """What the network makes of pictures it was trained on and of test pictures, with their labels; kept for others."""
    slot = _slot(row.run, cached.stamp(row.run, "model.onnx"))
    if "known" not in slot:
        train, test = data.load_split("train"), data.load_split("test")
        indices = taught_runs.old_indices(row.run)
        images = np.concatenate([train.images[indices], test.images[:TEST_PICTURES]])
        classifier, found = cached.load_classifier(row.run), []
        for start in range(0, len(images), AT_ONCE):
            found.append(few_shot.extract(classifier, images[start : start + AT_ONCE]))
            on_progress(min((start + AT_ONCE) / len(images), 1.0))
        features, logits = (np.concatenate([getattr(one, name) for one in found]) for name in Features._fields)
        old, new = (Features(features[part], logits[part]) for part in (slice(len(indices)), slice(len(indices), None)))
        slot["known"] = (old, train.labels[indices], new, test.labels[:TEST_PICTURES])
    return slot["known"]


@st.cache_resource(max_entries=2, show_spinner=False)
def _slot(run: Run, stamp: tuple[float, ...]) -> dict[str, Any]:
    """A place for one result; it is filled outside, because a cached function cannot move a progress bar."""
    return {}


def _outcome(row: Row, mark: str) -> None:
    """What was taught last, in words, and a button to keep it. Raises RunError, ValueError."""
    teaching: Teaching | None = st.session_state.get(_TEACHING)
    if teaching is None:
        return
    if teaching.mark != mark:
        st.caption("Something was changed since it was taught last: teach it again.")
        return
    st.markdown("\n".join(f"- {sentence}" for sentence in in_words(teaching)))
    saved: dict[str, str] = st.session_state.setdefault(_SAVED, {})
    if mark not in saved:
        keep = st.button("Keep it as a run", icon=":material/save:", key="teach-keep")
        st.caption("A run of its own, with the longer list of classes. It holds none of your photos or drawings.")
        if not keep:
            return
        bar = st.progress(0.0, "Classifying all test pictures")

        def tell(done: float) -> None:
            bar.progress(done, "Classifying all test pictures")

        saved[mark] = taught_runs.save(row.run, teaching.head, teaching.examples, tell).id
        cached.forget_rows()
        st.rerun()
    st.success("It is kept as a run of its own, and can be chosen on every page.", icon=":material/check_circle:")
    there = {"run": saved[mark], "way": "draw"}
    if st.button("Predict with it", icon=":material/arrow_forward:", key="teach-go"):
        state.put(**there)
        st.rerun()  # the whole page: a button's own callback would draw this section alone


def in_words(teaching: Teaching) -> list[str]:
    """Held-out figures of the old and the new classes, before and after, a sentence each."""
    return [_old_in_words(teaching), *(_new_in_words(teaching, number) for number in range(len(teaching.head.names)))]


def _old_in_words(teaching: Teaching) -> str:
    total, fewer = teaching.pictures, teaching.right_before - teaching.right_after
    low, high = evaluation.wilson_interval(teaching.right_after, total)
    words = (
        f"**The old classes**, on {total:,} test pictures: {teaching.right_before:,} right before "
        f"({parts.percent(teaching.right_before / total)}), {teaching.right_after:,} after "
        f"(**{parts.percent(teaching.right_after / total)}**, 95 % interval {parts.percent(low)} to "
        f"{parts.percent(high)})."
    )
    if not fewer:
        return f"{words} None was lost."
    takers = {name: count for name, count in zip(teaching.head.names, teaching.taken, strict=True) if count}
    return f"{words} It lost {fewer:,}: {_listed(takers)} took them."


def _new_in_words(teaching: Teaching, number: int) -> str:
    name, held = teaching.head.names[number], teaching.held[number]
    words = (
        f"**{name}**: before, it called your {teaching.examples[number]} examples {_listed(teaching.before[number])}. "
    )
    total = sum(held.values())
    if not total:
        more = FEWEST + 1 - teaching.examples[number]
        return (
            f"{words}All of them were needed to teach; with {more} more, some can be held out to see how well it works."
        )
    low, high = evaluation.wilson_interval(held[name], total)
    words += (
        f"Taught without them, it calls **{held[name]} of {total}** {name} "
        f"({parts.percent(held[name] / total, 0)}, 95 % interval {parts.percent(low, 0)} to {parts.percent(high, 0)})"
    )
    others = {other: count for other, count in held.items() if other != name}
    return f"{words}, the others {_listed(others)}." if others else f"{words}."


def _listed(counts: dict[str, int]) -> str:
    """ "Bag (3), Shirt (1)", the most frequent first."""
    order = sorted(counts.items(), key=lambda item: -item[1])
    words = [f"{name} ({count})" for name, count in order[:MOST_MISTAKEN]]
    return ", ".join(words) + (" and others" if len(order) > MOST_MISTAKEN else "")
