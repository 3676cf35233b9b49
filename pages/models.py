"""Models: the zoo as a table, one model in detail, and the runs of it."""

import pandas as pd
import streamlit as st

from fmnist_core import runs
from fmnist_core.catalogue import Row
from fmnist_core.runs import RunError
from fmnist_core.zoo import MODELS
from fmnist_core.zoo.spec import Model
from fmnist_core.zoo.summaries import load_summaries, total_macs, total_parameters
from fmnist_core.zoo.vgg19 import vgg19_weights_path
from fmnist_ui import cached, parts, state
from fmnist_ui.frame import open_inside_app

open_inside_app(__file__)


def best_of(rows: list[Row], model: str) -> Row | None:
    """A model's best run by validation, a shipped one first."""
    usable = [row for row in rows if row.model == model and row.usable]
    return max(usable, key=lambda row: (row.run.shipped, row.figure("val_accuracy") or 0.0), default=None)


def zoo_table(rows: list[Row]) -> None:
    lines = []
    for name, model in MODELS.items():
        best = best_of(rows, name)
        lines.append(
            {
                "Model": model.title,
                "Source": model.source.title.partition(",")[0],
                "Published": parts.percent(model.published.test_accuracy, 2),
                "Here": parts.percent(best.figure("test_accuracy") if best else None, 2),
                "Parameters": total_parameters(name),
                "MACs": total_macs(name),
                "Runs": sum(row.model == name for row in rows),
            }
        )
    percent = st.column_config.TextColumn(help="Test accuracy that the source reports.", alignment="right")
    here = st.column_config.TextColumn(help="Test accuracy of the best run that is here.", alignment="right")
    count = st.column_config.NumberColumn(format="localized")
    macs = st.column_config.NumberColumn(format="compact", help="Multiplications for one picture.")
    picked = st.dataframe(
        pd.DataFrame(lines),
        hide_index=True,
        height="content",
        key="zoo",
        on_select="rerun",
        selection_mode="single-row",
        column_config={"Published": percent, "Here": here, "Parameters": count, "MACs": macs},
    )
    if chosen := picked.selection.rows:
        name = list(MODELS)[chosen[0]]
        if st.session_state.get("zoo_seen") != name:  # a selection stays; only a new one moves the view
            st.session_state["zoo_seen"] = name
            state.put(model=name)
    else:
        st.session_state.pop("zoo_seen", None)


def show_model(model: Model, rows: list[Row]) -> None:
    st.subheader(model.title)
    source = f"[{model.source.title}]({model.source.url})" if model.source.url else model.source.title
    st.markdown(f"{model.idea}  \n:gray[Source:] {source}")
    with st.grid(4, min_column_width=150):
        st.metric("Published", parts.percent(model.published.test_accuracy, 2), border=True)
        best = best_of(rows, model.name)
        low, high = best.interval if best and best.interval else (None, None)
        interval = f"95 % interval {parts.percent(low, 2)} to {parts.percent(high, 2)}" if best else "No run yet."
        here = parts.percent(best.figure("test_accuracy") if best else None, 2)
        st.metric("Here", here, help=interval, border=True)
        st.metric("Parameters", f"{total_parameters(model.name):,}", border=True)
        st.metric("Multiplications a picture", f"{total_macs(model.name) / 1e6:,.1f} M", border=True)
    for note in (model.published.note, model.note):
        if note:
            st.caption(note)
    if model.trunk and vgg19_weights_path() is None:
        st.info(
            "This model starts from ImageNet weights (80 MB), which are not on this machine. Keras downloads them at "
            "the first training where there is a network; or set FMNIST_VGG19_WEIGHTS to the file.",
            icon=":material/cloud_off:",
        )
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
    numbers = st.column_config.NumberColumn(format="localized")
    st.dataframe(
        table, hide_index=True, height="content", column_config={"Parameters": numbers, "MACs": numbers}, key="layers"
    )


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
    if run.shipped or row.state in runs.ACTIVE:
        return
    with st.popover("", icon=":material/delete:", help="Delete this run"):
        st.markdown("Delete this run and all its files?")
        if st.button("Delete", key=f"delete-{run.id}", type="primary"):
            try:
                runs.delete(run)
                cached.forget_rows()
                st.rerun()
            except RunError as error:
                st.error(str(error))


parts.header("Models", "The published networks and two of our own: what was reported, and what is reached here.")
view = state.enter("models", "model")
rows = cached.list_rows()
zoo_table(rows)
model = MODELS[state.get("model")]
show_model(model, rows)
layers, own = st.tabs(["Layers", "Runs"])
with layers:
    show_layers(model)
with own:
    show_runs([row for row in rows if row.model == model.name])
