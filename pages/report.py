"""Report: what the published sources show of a network, for any finished run, on the page and as files."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from fmnist_core import figures, glossary
from fmnist_core.metrics import evaluation
from fmnist_core.report import curve_pictures, page, pictures, tables
from fmnist_core.runs import curves, size_curve
from fmnist_core.runs.catalogue import Row
from fmnist_core.runs.predictions import Predictions
from fmnist_core.runs.records import Config
from fmnist_core.storage.folders import RunError
from fmnist_core.zoo import published_curves
from fmnist_core.zoo.spec import Model
from fmnist_ui import brought_in, cached, calibrated, charts, parts, state
from fmnist_ui.frame import open_inside_app
from fmnist_ui.inspect.size_panel import draw_sizes
from fmnist_ui.layout import first_line
from fmnist_ui.networks import keras_code
from fmnist_ui.report import source_panel
from fmnist_ui.report.files import FOUR_DIGITS, offer, table

open_inside_app(__file__)

SEEDS = 1_000_000


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


def sizes(row: Row, config: Config) -> None:
    """Of what learns without epochs, in place of `history`."""
    st.subheader("Accuracy against training size", help=glossary.term("Accuracy"))
    if found := size_curve.read(row.run):
        draw_sizes(row.run, config.recipe, found)
    else:
        st.info("The run comes without its curve.", icon=":material/info:")


def history(row: Row, config: Config, model: Model | None) -> None:
    st.subheader("Learning curves", help=glossary.several("Accuracy", "Loss", "Epoch", "Overfitting"))
    lines, title = cached.read_metrics(row.run), parts.run_title(row)
    told = curves.read_curves(lines)
    stages = curves.stage_boundaries(config.recipe)
    reported = model if model and tables.follows_published(config.recipe, model) else None
    drawn = {}
    try:
        for metric in published_curves.METRICS:
            own = curves.curve_rows(curves.epochs_of(lines), "", metric)
            published = published_curves.points_of(reported, metric) if reported else {}
            drawn[metric] = figures.learning_curves(own, metric, stages, published)
    except ValueError as error:
        st.info(str(error), icon=":material/info:")
        return
    for column, (metric, chart) in zip(st.columns(2, gap="medium"), drawn.items(), strict=True):
        with column:
            charts.draw(chart, key=metric, alt=f"{metric} by epoch. {told}", file=f"{row.run.id}-{metric}")
    st.markdown(told)
    if reported and published_curves.epochs_of(reported):
        st.caption(f"The thin dashed lines are the curves that {reported.source.author} published.")
    csv = tables.as_csv(tables.history_rows(lines, config.recipe, config.class_names))
    offer(row.run.id, "curves", csv=csv, png=lambda: curve_pictures.history_png(lines, config.recipe, title))


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


def show(row: Row, config: Config, tools: DeltaGenerator) -> None:
    """tools: where the whole of it is offered as a file."""
    model = row.known if row.kind != "brought in" else None
    try:
        stored = cached.load_predictions(row.run, "test")
    except RunError as error:
        st.warning(str(error), icon=":material/broken_image:")
        return
    if model:
        source_panel.summary(row, config, model)
    brought_in.warn(row)
    brought_in.facts(row)
    with tools:
        offer(row.run.id, "report", html=lambda: page.run_report(row.run).encode())
        if row.kind != "brought in":
            keras_code.offer(config.recipe, config.class_names)
    classification(row, stored, config.class_names, model)
    if row.kind == "network":
        history(row, config, model)
    elif row.kind == "classical":
        sizes(row, config)
    if model:
        source_panel.beside(row, model)
    montage(row, stored, config.class_names)
    if row.kind == "network":
        source_panel.before_after(row, config, model)


state.enter("report", "run", "sample")
touched = charts.on_touch()
with first_line.bar("Report", wrap=not touched):
    row = parts.run_beside()
    beside = None if touched else st.container(horizontal=True, width="content")
if row is not None and row.config is not None:
    show(row, row.config, beside or st.container(horizontal=True))
