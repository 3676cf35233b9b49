"""Report: what the published sources show of a network, for any finished run, on the page and as files."""

from collections.abc import Callable
from functools import partial

import pandas as pd
import streamlit as st

from fmnist_core import figures, glossary
from fmnist_core.metrics import evaluation
from fmnist_core.report import page, pictures, tables
from fmnist_core.runs import curves, runs
from fmnist_core.runs.catalogue import Row
from fmnist_core.runs.predictions import Predictions
from fmnist_core.runs.records import Config
from fmnist_core.storage.folders import RunError
from fmnist_core.zoo import MODELS
from fmnist_core.zoo.spec import Model
from fmnist_ui import cached, calibrated, charts, parts, state
from fmnist_ui.frame import open_inside_app

open_inside_app(__file__)

KINDS = {"csv": "text/csv", "txt": "text/plain", "png": "image/png", "html": "text/html"}
SEEDS = 1_000_000
FOUR_DIGITS = st.column_config.NumberColumn(format="%.4f")
CHANGE = st.column_config.NumberColumn(format="%+.4f")
TO_THE_RIGHT = st.column_config.TextColumn(alignment="right")


def offer(run_id: str, name: str, **files: str | Callable[[], bytes]) -> None:
    """A download button a file, by its kind; pictures are drawn when they are asked for."""
    with st.container(horizontal=True):
        for kind, content in files.items():
            words = {"key": f"{name}-{kind}", "icon": ":material/download:", "on_click": "ignore"}
            label = f"{name.partition('-')[0].capitalize()} as {kind.upper()}"
            content = partial(cached.drawn, content) if callable(content) else content
            st.download_button(label, content, f"{run_id}-{name}.{kind}", KINDS[kind], **words)


def table(rows: list[dict], key: str, columns: dict) -> None:
    """columns: a configuration a key; all headings begin with a capital."""
    frame = pd.DataFrame(rows).rename(columns=str.capitalize)
    config = {name.capitalize(): column for name, column in columns.items()}
    st.dataframe(frame, hide_index=True, height="content", placeholder="–", column_config=config, key=key)


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


def classification(row: Row, stored: Predictions, names: tuple[str, ...], model: Model | None) -> None:
    st.subheader("Classification report", help=glossary.several("Precision", "Recall", "F1"))
    matrix = evaluation.confusion_matrix(stored.labels, stored.predicted, len(names))
    rows = tables.classification_rows(matrix, names)
    text, title = tables.classification_text(rows), f"{parts.run_title(row)}, {len(stored.labels):,} test pictures"
    as_table, as_text = st.tabs(["Table", "As scikit-learn prints it"])
    with as_table:
        shown = tables.with_published(rows, model) if model else rows
        table(shown, "report", {key: FOUR_DIGITS for key in shown[0] if key not in ("class", "support")})
    with as_text:
        st.code(text, language=None)
    png = lambda: pictures.table_png(rows, title)  # noqa: E731
    offer(row.run.id, "report", csv=tables.as_csv(rows), txt=text, png=png)


def history(row: Row, config: Config) -> None:
    st.subheader("Learning curves", help=glossary.several("Accuracy", "Loss", "Epoch", "Overfitting"))
    lines, title = runs.read_metrics(row.run), parts.run_title(row)
    told = curves.read_curves(lines)
    stages = curves.stage_boundaries(config.recipe)
    try:
        drawn = {
            metric: figures.learning_curves(curves.curve_rows(curves.epochs_of(lines), "", metric), metric, stages)
            for metric in ("loss", "accuracy")
        }
    except ValueError as error:
        st.info(str(error), icon=":material/info:")
        return
    for column, (metric, chart) in zip(st.columns(2, gap="medium"), drawn.items(), strict=True):
        with column:
            charts.draw(chart, key=metric, alt=f"{metric} by epoch. {told}", file=f"{row.run.id}-{metric}")
    st.markdown(told)
    csv = tables.as_csv(tables.history_rows(lines, config.recipe, config.class_names))
    offer(row.run.id, "curves", csv=csv, png=lambda: pictures.history_png(lines, config.recipe, title))


@st.fragment
def montage(row: Row, stored: Predictions, names: tuple[str, ...]) -> None:
    st.subheader("Sixteen test pictures")
    seed = state.get("sample")
    chosen = tables.choose_pictures(stored, seed)
    rows = tables.montage_rows(stored, chosen, names, calibrated.calibrator(row.run))
    wrong = [f"{line['label']} called {line['called']}" for line in rows if line["verdict"] == "wrong"]
    left, right = st.columns([6, 5], gap="medium")
    with left:
        alt = f"{len(rows)} test pictures, each with what the network calls it. Wrong: {', '.join(wrong) or 'none'}."
        st.image(pictures.montage_png(stored, chosen, names, scale=2), width="stretch", alt=alt)
    with right:
        st.markdown(
            f"**{len(rows) - len(wrong)} of {len(rows)} right.** Drawn at random from all test pictures. "
            "On each, what the network calls it: a green tick if right; a red cross, and its label below, if wrong."
        )
        another = lambda: state.put(sample=(seed + 1) % SEEDS)  # noqa: E731
        st.button("Another 16", icon=":material/casino:", key="another", type="primary", on_click=another)
        table(rows, "sixteen", {"probability": FOUR_DIGITS})
        st.caption(calibrated.words(row.run))
        png = lambda: pictures.montage_png(stored, chosen, names)  # noqa: E731
        offer(row.run.id, f"montage-{seed}", csv=tables.as_csv(rows), png=png)


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


def show(row: Row, config: Config) -> None:
    model = MODELS.get(row.model)
    try:
        stored = cached.load_predictions(row.run, "test")
    except RunError as error:
        st.warning(str(error), icon=":material/broken_image:")
        return
    if model:
        summary(row, config, model)
    offer(row.run.id, "report", html=lambda: page.run_report(row.run).encode())
    classification(row, stored, config.class_names, model)
    history(row, config)
    montage(row, stored, config.class_names)
    before_after(row, config, model)


state.enter("report", "run", "sample")
row = parts.header_with_run(
    "Report", "What the sources show of a network, for any finished run. All of it to download."
)
if row is not None and row.config is not None:
    show(row, row.config)
