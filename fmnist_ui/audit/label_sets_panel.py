"""Label sets on Data: what each says, its file, keeping and importing, and two of them compared."""

import re
from typing import Any

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from fmnist_core import data
from fmnist_core.analysis import label_set, label_set_files
from fmnist_core.analysis.label_set import Decision, LabelSet
from fmnist_core.demo import limits
from fmnist_core.label_audit import audit_decisions, label_sets
from fmnist_core.label_audit.label_sets import MINE, Kept
from fmnist_core.storage import owners
from fmnist_core.storage.folders import RunError
from fmnist_ui import parts, state, uploads
from fmnist_ui.audit import two_sets
from fmnist_ui.inspect import data_pictures, label_choice
from fmnist_ui.widgets import browser_tab, paging
from fmnist_ui.widgets.gallery import Tile, Tone
from fmnist_ui.widgets.hostile_text import literal

PROBLEM, TOLD, TIMES = "label_sets_problem", "label_sets_told", "label_sets_taken"  # in the session
NONE_YET = (
    "A label set is what somebody decides about labels: which stay, which become another class, which are ambiguous. "
    "Decide about suspects, and yours is here; or import somebody else's file. Train with it, evaluate by it, compare "
    "two people."
)


def show() -> None:
    """The view of the page."""
    parts.tell_problem(PROBLEM)
    if told := st.session_state.pop(TOLD, ""):
        st.success(literal(told), icon=":material/check_circle:")
    sets = label_choice.kept_sets()
    if not sets:
        st.info(NONE_YET, icon=":material/label:")
        link = {"what": "suspects", "picture": None, "page": None}
        st.button("Look at suspects", icon=":material/search:", key="to-suspects", on_click=state.put, kwargs=link)
    else:
        _shown(sets)
    _import()


def _shown(sets: list[Kept]) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = label_choice.choose("Label set", "label_set", sets)
        others = [one for one in sets if one != chosen]
        beside = label_choice.choose("Compared with", "labels_beside", others, "Nobody") if others else None
    if chosen is None:  # there is at least one
        return
    st.markdown(in_words(chosen.labels))
    _actions(chosen)
    if beside is None:
        _pictures(chosen.labels)
    else:
        two_sets.show(chosen.labels, beside.labels)


def in_words(labels: LabelSet) -> str:
    """How much it decides, of which pictures."""
    counts = labels.counts()
    told = [
        f"{counts[split, 'relabel']:,} relabelled, {counts[split, 'ambiguous']:,} ambiguous and "
        f"{counts[split, 'keep']:,} kept of the {words} pictures"
        for split, words in (("train", "training"), ("test", "test"))
        if any(counts[split, kind] for kind in label_set.KINDS)
    ]
    return f"**{literal(labels.name)}**: {len(labels.decisions):,} decisions; {'; '.join(told)}."


def _actions(chosen: Kept) -> None:
    slug = re.sub(r"\W+", "-", chosen.labels.name).strip("-").lower()
    with st.container(horizontal=True, vertical_alignment="center", key="set-actions"):
        as_csv = lambda: label_set_files.to_csv(chosen.labels.decisions).encode()  # noqa: E731 - made when asked for
        as_json = lambda: label_set_files.to_json(chosen.labels).encode()  # noqa: E731
        for suffix, kind, content in (("csv", "text/csv", as_csv), ("json", "application/json", as_json)):
            told: dict[str, Any] = {"icon": ":material/download:", "on_click": "ignore", "key": f"set-{suffix}"}
            st.download_button(suffix.upper(), content, f"{slug}.{suffix}", kind, **told)
        link = {"labels": chosen.id}
        st.page_link("pages/evaluate.py", label="Evaluate by it", icon=":material/grid_on:", query_params=link)
        if chosen.id == MINE:
            _keep_a_copy(chosen.labels)
            _begin_anew()
        elif chosen.own:
            _share(chosen.id)
            _delete(chosen)


def _keep_a_copy(mine: LabelSet) -> None:
    with st.popover("Keep a copy", icon=":material/content_copy:"), st.form("keep-copy", border=False):
        name = st.text_input("Name", max_chars=label_set.MOST_NAME, placeholder="Whose decisions these are")
        if st.form_submit_button("Keep", type="primary"):
            try:
                limits.check_disk()
                new = label_sets.keep(LabelSet(name, mine.decisions))
            except (RunError, ValueError) as error:
                st.error(literal(str(error)), icon=":material/error:")
            else:
                st.session_state[TOLD] = f"{name.strip()} is kept as it is now."
                state.put(label_set=new)
                st.rerun()


def _begin_anew() -> None:
    with st.popover("Begin anew", icon=":material/restart_alt:"):
        st.markdown("Take back all of your decisions, so that somebody else can decide? Keep a copy first.")
        st.button("Take all back", type="primary", key="begin-anew", on_click=_forget)


def _forget() -> None:
    try:
        audit_decisions.replace_all({})
    except RunError as error:
        st.session_state[PROBLEM] = str(error)
        return
    st.session_state[TOLD] = "All of your decisions are taken back."
    state.put(label_set=None, labels_beside=None, picture=None, page=None)


def _share(name: str) -> None:
    """Of a set that a visitor made; everybody may look at the machine's."""
    try:
        owner = label_sets.owner_of(name)
    except RunError:  # it has just gone
        return
    if owner is None:
        return
    told = "Off: you alone see it. On: all who open this app may look at it; only you can change it."
    if st.toggle("Others may look at it", owner.shared, key=f"share-{name}-{owner.shared}", help=told) != owner.shared:
        try:
            label_sets.share(name, not owner.shared)
        except RunError as error:
            st.error(str(error), icon=":material/error:")
        else:
            st.rerun()


def _delete(chosen: Kept) -> None:
    with st.popover("", icon=":material/delete:", help="Delete this label set"):
        st.markdown(f"Delete {literal(chosen.labels.name)}? Runs that were trained with it keep what they were taught.")
        st.button("Delete", type="primary", key=f"delete-{chosen.id}", on_click=_gone, args=(chosen.id,))


def _gone(name: str) -> None:
    try:
        label_sets.SHELF.delete(name)
    except RunError as error:
        st.session_state[PROBLEM] = str(error)
        return
    state.put(label_set=None, labels_beside=None, picture=None, page=None)


def _pictures(labels: LabelSet) -> None:
    """What it does not leave as it is, then what it keeps; one of them large."""
    order = {"relabel": 0, "ambiguous": 1, "keep": 2}
    held = sorted(labels.decisions.items(), key=lambda one: order[one[1].kind])
    addresses = [address for address, _ in held]
    if state.get("picture") in addresses:
        two_sets.large_view(addresses, [labels])
    part = paging.open_part(len(held), two_sets.ON_A_PAGE)
    tiles = [tile(address, decision) for address, decision in held[part]]
    title = "Pictures that were decided about: the label each has, and what was decided"
    data_pictures.addressed_gallery(tiles, addresses[part], key="set-pictures", label=title, size=88)
    paging.turn(len(held), two_sets.ON_A_PAGE, f"set-{len(held)}")


def tile(address: str, decision: Decision) -> Tile:
    split, index = data.parse_picture_address(address)
    pictures = data.load_split(split)
    label, said = data.CLASS_NAMES[pictures.labels[index]], label_set.in_words(decision)
    tone: Tone = "accent" if decision.kind == "relabel" else "neutral"
    return Tile(pictures.images[index], label, said, tone, f"{address}: {label}, {said}")


def _import() -> None:
    with st.expander("Import a label set", icon=":material/upload:"):
        key = browser_tab.uploader_key(f"label-set-{st.session_state.get(TIMES, 0)}")
        most = label_set_files.MOST_BYTES // 2**20 + 1
        st.file_uploader(
            "CSV or JSON, as it is offered here. It stands beside your own decisions and changes none of them.",
            type=[suffix[1:] for suffix in label_set_files.SUFFIXES],
            key=key,
            max_upload_size=most,
            on_change=_take,
            args=(key,),
        )


def _take(key: str) -> None:
    file = st.session_state.get(key)
    if not isinstance(file, UploadedFile):  # taken out again, or one that the server does not know
        return
    st.session_state[TIMES] = st.session_state.get(TIMES, 0) + 1
    try:
        limits.check_disk()
        limits.count_upload()
        found = label_set_files.read(uploads.content_of(file), file.name)
        new = label_sets.keep(found)
    except (RunError, ValueError) as error:
        st.session_state[PROBLEM] = str(error)
        return
    finally:
        uploads.remove(file.file_id)
    whose = "for you alone" if not owners.visitor().owns_all else "here"
    st.session_state[TOLD] = f"{found.name} is kept {whose}: {len(found.decisions):,} decisions."
    state.put(label_set=new, picture=None, page=None)
