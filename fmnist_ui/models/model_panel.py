"""One model of the zoo, or an own network: its idea, source, figures and layers."""

import pandas as pd
import streamlit as st

from fmnist_core import glossary
from fmnist_core.formatting import duration
from fmnist_core.runs.leaderboard import Entry
from fmnist_core.zoo.spec import Model
from fmnist_core.zoo.summaries import layers_of
from fmnist_ui import parts, state
from fmnist_ui.networks import keras_code, to_build


def show_model(entry: Entry) -> None:
    """entry: of the model, with its run."""
    model = entry.model
    st.subheader(model.title)
    source = f"[{model.source.title}]({model.source.url})" if model.source.url else model.source.title
    st.markdown(f"{model.idea}  \n:gray[Source:] {source}")
    with st.grid(4, min_column_width=150):
        accuracy = glossary.term("Accuracy")
        if entry.network is None:
            published = parts.percent(model.published.test_accuracy, 2)
            st.metric("Accuracy, published", published, help=accuracy, border=True)
        low, high = entry.interval or (None, None)
        interval = (
            f"95 % interval {parts.percent(low, 2)} to {parts.percent(high, 2)}." if entry.row else "There is no run."
        )
        st.metric("Accuracy, here", parts.percent(entry.reproduced, 2), help=f"{accuracy} {interval}", border=True)
        parameters = "–" if entry.parameters is None else f"{entry.parameters:,}"
        st.metric("Parameters", parameters, help=glossary.term("Parameters"), border=True)
        if entry.macs is not None:
            st.metric("MACs", f"{entry.macs / 1e6:,.1f} M", help=glossary.term("MACs"), border=True)
        elif entry.result:
            took = duration(entry.result.seconds, 1)
            st.metric("Fitted in", took, help="On the machine that its run names.", border=True)
    for note in (entry.explanation, model.published.note, model.note):
        if note:
            st.caption(note)
    with st.container(horizontal=True):
        if st.button("Train it", icon=":material/model_training:", type="primary"):
            if entry.network:
                to_build.open_builder(entry.network)
            state.put(run=None, source="zoo", network=None, model=model.name)
            st.switch_page("pages/train.py", query_params={"model": model.name})
        if st.button("Its runs", icon=":material/list:"):
            state.put(table="runs", models=(model.name,), whose=None, words=None)
            st.rerun()
        keras_code.offer(model.recipe)
    if model.kind == "network":
        with st.expander("Layers", icon=":material/layers:"):
            _show_layers(model)


def _show_layers(model: Model) -> None:
    table = pd.DataFrame(
        {
            "Layer": layer.name,
            "Kind": layer.kind,
            "What": layer.text,
            "Gives": " × ".join(str(size) for size in layer.output_shape),
            "Parameters": layer.parameters,
            "MACs": layer.macs,
        }
        for layer in layers_of(model.recipe)
    )
    number = st.column_config.NumberColumn
    columns: dict = {
        "Layer": st.column_config.TextColumn(help=glossary.term("Layer")),
        "Parameters": number(format="localized", help=glossary.term("Parameters")),
        "MACs": number(format="localized", help=glossary.term("MACs")),
    }
    st.dataframe(table, hide_index=True, height="content", column_config=columns, key="layers")
