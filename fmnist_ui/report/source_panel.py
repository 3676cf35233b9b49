"""What the source of a model reports, beside what the run reached: never mixed, a column each."""

import streamlit as st

from fmnist_core import glossary
from fmnist_core.report import beside_source, pictures, tables
from fmnist_core.runs.catalogue import Row
from fmnist_core.runs.records import Config
from fmnist_core.storage.folders import RunError
from fmnist_core.zoo.spec import Model
from fmnist_ui import cached, parts
from fmnist_ui.report.files import CHANGE, FOUR_DIGITS, TO_THE_RIGHT, offer, table


def summary(row: Row, config: Config, model: Model) -> None:
    """What is reached here, what is published, and whether the two can be compared."""
    figures = (row.test_accuracy, *(row.interval or (None, None)), model.published.test_accuracy)
    here, low, high, published = (parts.percent(value, 2) for value in figures)
    source = f"[{model.source.title}]({model.source.url})" if model.source.url else model.source.title
    recipe = "the published recipe" if tables.follows_published(config.recipe, model) else "a recipe of its own"
    st.markdown(
        f"Test accuracy **{here}** :gray[(95 % interval {low} to {high})], by {recipe}.",
        help=glossary.several("Accuracy", "Interval"),
    )
    st.caption(f"{f'Published: {published}, by' if model.published.test_accuracy else 'Source:'} {source}")


def beside(row: Row, model: Model) -> None:
    """All that the source reports of the trained network, where it reports anything."""
    if row.result is None or not (
        rows := beside_source.rows_beside_source(cached.read_metrics(row.run), row.result, model)
    ):
        return
    st.subheader("Beside the source", help=glossary.several("Accuracy", "Loss", "Overfitting"))
    st.markdown(f":gray[Reproduced: by this run. Published: by {model.source.author}. A dash: not given.]")
    table(rows, "beside", {})
    if model.published.note:
        st.caption(model.published.note)
    png = lambda: pictures.table_png(rows, f"{parts.run_title(row)}, beside its source")  # noqa: E731
    offer(row.run.id, "source", csv=tables.as_csv(rows), png=png)


def before_after(row: Row, config: Config, model: Model | None) -> None:
    st.subheader("Before and after the last stage")
    try:
        ends = cached.read_stage_ends(row.run)
    except RunError as error:
        st.info(str(error), icon=":material/info:")
        return
    before, after = ends[-2:]
    told = f"Stage {before.number} ended with epoch {before.epoch}; the run keeps the weights of epoch {after.epoch}."
    st.markdown(f"{told} :gray[Training figures are taken while it learns, with dropout and distortion at work.]")
    stages = tables.stage_rows(ends, tables.published_columns(model) if model else {})
    table(tables.stage_words(stages), "figures", dict.fromkeys(list(stages[0])[1:], TO_THE_RIGHT))
    title = f"{parts.run_title(row)}, stages"
    offer(row.run.id, "stages", csv=tables.as_csv(stages), png=lambda: pictures.table_png(stages, title))
    classes = tables.class_rows(ends, config.class_names, model)
    columns = {key: CHANGE if key.endswith("change") else FOUR_DIGITS for key in list(classes[0])[1:]}
    table(classes, "classes", columns)
    offer(row.run.id, "classes", csv=tables.as_csv(classes), png=lambda: pictures.table_png(classes, title))
