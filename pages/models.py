"""Models: the zoo as a table, one model in detail, and the runs of it."""

import pandas as pd
import streamlit as st

from fmnist_core import glossary
from fmnist_core.jobs.status import ACTIVE
from fmnist_core.runs.catalogue import Row
from fmnist_core.runs.leaderboard import Entry, list_entries
from fmnist_core.zoo.spec import Model
from fmnist_core.zoo.summaries import load_summaries
from fmnist_ui import cached, parts, state
from fmnist_ui.frame import open_inside_app
from fmnist_ui.models.comparison_panel import MOST_RUNS, compare_runs
from fmnist_ui.models.leaderboard_table import leaderboard

open_inside_app(__file__)


def board(entries: list[Entry]) -> None:
    """The leaderboard with its filter; one chosen line opens the model below, several are compared."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        sources = list(dict.fromkeys(entry.model.source.author for entry in entries))
        wanted = st.multiselect("Source", sources, placeholder="All sources", key="sources", width=420)
        reported = st.toggle("Also what others report", key="reported")
    shown = [entry for entry in entries if not wanted or entry.model.source.author in wanted]
    leaderboard(shown, reported, key=f"board-{len(shown)}-{reported}", on_pick=pick)
    st.caption("Choose a line to read about its model, or several to compare their runs. A click on a heading sorts.")


def pick(chosen: list[Entry]) -> None:
    with_run = [entry.row.run.id for entry in chosen if entry.row]
    if len(chosen) == 1:
        state.put(model=chosen[0].model.name, compare=())
    elif len(chosen) > 1:
        state.put(compare=tuple(with_run[:MOST_RUNS]))


def compare(rows: list[Row]) -> None:
    """Side by side: the runs that the address names, or that are chosen here."""
    usable = {row.run.id: row for row in rows if row.usable}
    st.subheader("Side by side")
    chosen = state.multiselect(
        "Runs",
        "compare",
        list(usable),
        format_func=lambda run_id: parts.run_title(usable[run_id]),
        placeholder="Choose two or more runs, shipped or your own",
        max_selections=MOST_RUNS,
    )
    if len(chosen) > 1:
        compare_runs([usable[run_id] for run_id in chosen])
    elif chosen:
        st.caption("Choose one more.")


def show_model(entry: Entry) -> None:
    model = entry.model
    st.subheader(model.title)
    source = f"[{model.source.title}]({model.source.url})" if model.source.url else model.source.title
    st.markdown(f"{model.idea}  \n:gray[Source:] {source}")
    with st.grid(4, min_column_width=150):
        accuracy = glossary.term("Accuracy")
        st.metric("Accuracy, published", parts.percent(model.published.test_accuracy, 2), help=accuracy, border=True)
        low, high = entry.interval or (None, None)
        interval = (
            f"95 % interval {parts.percent(low, 2)} to {parts.percent(high, 2)}." if entry.row else "No run ships."
        )
        st.metric("Accuracy, here", parts.percent(entry.reproduced, 2), help=f"{accuracy} {interval}", border=True)
        st.metric("Parameters", f"{entry.parameters:,}", help=glossary.term("Parameters"), border=True)
        st.metric("MACs", f"{entry.macs / 1e6:,.1f} M", help=glossary.term("MACs"), border=True)
    for note in (entry.explanation, model.published.note, model.note):
        if note:
            st.caption(note)
    if st.button("Train it", icon=":material/model_training:", type="primary"):
        state.put(run=None, model=model.name)
        st.switch_page("pages/train.py", query_params={"model": model.name})


def show_layers(model: Model) -> None:
    table = pd.DataFrame(
        {
            "Layer": layer.name,
            "Kind": layer.kind,
            "What": layer.text,
            "Gives": " × ".join(str(size) for size in layer.output_shape),
            "Parameters": layer.parameters,
            "MACs": layer.macs,
        }
        for layer in load_summaries()[model.name]
    )
    number = st.column_config.NumberColumn
    columns: dict = {
        "Layer": st.column_config.TextColumn(help=glossary.term("Layer")),
        "Parameters": number(format="localized", help=glossary.term("Parameters")),
        "MACs": number(format="localized", help=glossary.term("MACs")),
    }
    st.dataframe(table, hide_index=True, height="content", column_config=columns, key="layers")


def show_runs(rows: list[Row]) -> None:
    if not rows:
        st.info("No run of this model yet.", icon=":material/info:")
    for row in rows:
        with st.container(border=True):
            left, right = st.columns([3, 2], vertical_alignment="center")
            with left, st.container(horizontal=True, vertical_alignment="center"):
                parts.show_state(row.state)
                st.markdown(f"**{parts.run_title(row)}**")
            if row.problem:
                st.warning(row.problem, icon=":material/broken_image:")
            with right, st.container(horizontal=True, horizontal_alignment="right"):
                offer(row)


def offer(row: Row) -> None:
    """What can be done with a run in a list."""
    run, link = row.run, {"run": row.run.id}
    if row.usable:
        st.page_link("pages/evaluate.py", label="Evaluate", icon=":material/grid_on:", query_params=link)
    if row.recipe:
        st.page_link("pages/train.py", label="Curves", icon=":material/show_chart:", query_params=link)
    if run.shipped or row.state in ACTIVE:
        return
    if parts.ask_to_delete(run):
        st.rerun()


parts.header("Models", "Every published network beside what is reproduced here, and networks of our own.")
state.enter("models", "model", "compare")
rows = cached.list_rows()
entries = list_entries(rows)
board(entries)
compare(rows)
st.divider()
entry = next(entry for entry in entries if entry.model.name == state.get("model"))
show_model(entry)
layers, own = st.tabs(["Layers", "Runs"])
with layers:
    show_layers(entry.model)
with own:
    show_runs([row for row in rows if row.model == entry.model.name])
