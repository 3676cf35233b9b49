"""One run: its name and note, its files to download, its recipe as a command; an own one is changed and deleted."""

import streamlit as st

from fmnist_core.demo import limits
from fmnist_core.jobs.status import ACTIVE
from fmnist_core.report import recipe_words
from fmnist_core.runs import exchange, labels, run_zip
from fmnist_core.runs.catalogue import Row
from fmnist_core.runs.labels import LONGEST_NAME, LONGEST_NOTE, Label
from fmnist_core.storage import owners
from fmnist_core.storage.folders import RunError
from fmnist_ui import brought_in, cached, parts, state, uploads, visitor
from fmnist_ui.models import downloads
from fmnist_ui.networks import keras_code, to_build
from fmnist_ui.widgets import browser_tab
from fmnist_ui.widgets.hostile_text import literal

IMPORTS = "imports"  # in the session: how many uploads were taken in, for a fresh uploader
IMPORTED = "imported"  # in the session: what to say of the last one


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
            if row.config and row.kind != "brought in":
                keras_code.offer(row.config.recipe, row.config.class_names)
            if row.own:
                _change(row)
        if row.usable:
            downloads.show(row)
        if row.recipe and row.kind != "brought in":
            command, note = recipe_words.command(row.recipe)
            st.caption(f"Train its recipe again: {note}" if command else note)
            if command:
                st.code(command, language=None, wrap_lines=True)


def _links(row: Row) -> None:
    link = {"run": row.run.id}
    if row.usable:
        st.page_link("pages/evaluate.py", label="Evaluate", icon=":material/grid_on:", query_params=link)
        st.page_link("pages/report.py", label="Report", icon=":material/description:", query_params=link)
    if row.recipe and row.kind != "brought in":
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


def import_upload() -> None:
    """An uploader for a run that another installation has exported."""
    if told := st.session_state.pop(IMPORTED, ""):
        st.success(told, icon=":material/check_circle:")
    with st.expander("Import a run", icon=":material/upload:"):
        count = st.session_state.setdefault(IMPORTS, 0)
        limit = min(-(-run_zip.LARGEST_ZIP // 2**20), st.get_option("server.maxUploadSize"))
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
                run = exchange.import_content(uploads.content_of(file), "The file")
        except (RunError, ValueError) as error:
            st.error(literal(str(error)), icon=":material/error:")
            return
        finally:
            uploads.remove(file.file_id)
    cached.forget_rows()
    st.session_state.update({IMPORTS: count + 1, IMPORTED: f"The run {run.id} is here."})
    state.put(run=run.id)
    st.rerun()
