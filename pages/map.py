"""Map: all test pictures by their principal components, of their pixels or of what a network makes of them."""

import numpy as np
import streamlit as st

from fmnist_core import data, evaluation
from fmnist_core.catalogue import Row
from fmnist_core.embedding import PCA
from fmnist_core.figures import CLASS_COLORS
from fmnist_core.runs import RunError
from fmnist_ui import cached, parts, state
from fmnist_ui.frame import open_inside_app
from fmnist_ui.sprite_map import MapPoints, sprite_map

open_inside_app(__file__)

OF_WORDS = {"features": "What the network sees", "pixels": "Raw pixels"}
COLOUR_WORDS = {"class": "Class", "predicted": "Prediction", "mistakes": "Right or wrong", "confidence": "Confidence"}
RIGHT_WRONG = ("#94a4a2", "#bd1f01")
# Five steps of one hue from unsure to sure, dark enough on white and light enough on black.
CONFIDENCE = ("#bd1f01", "#e76300", "#ffa90e", "#7aa6a0", "#0f766e")
SHOWN_COMPONENTS = 10


def project(row: Row, of: str) -> tuple[PCA, np.ndarray]:
    if of == "pixels":
        return cached.pixel_map()
    found = cached.load_feature_map(row.run.id)
    return found.pca, found.coordinates


def colours(mode: str, labels: np.ndarray, probabilities: np.ndarray, names: tuple[str, ...]) -> tuple:
    """A colour index for each picture, the palette and the legend."""
    predicted = probabilities.argmax(axis=1)
    if mode == "mistakes":
        return (predicted != labels).astype(np.uint8), list(RIGHT_WRONG), ["right", "wrong"]
    if mode == "confidence":
        steps = np.digitize(probabilities.max(axis=1), (0.5, 0.7, 0.9, 0.99)).astype(np.uint8)
        return steps, list(CONFIDENCE), ["under 50 %", "50–70 %", "70–90 %", "90–99 %", "over 99 %"]
    index = labels if mode == "class" else predicted
    return index.astype(np.uint8), list(CLASS_COLORS[: len(names)]), list(names)


def component_choice(pca: PCA) -> tuple[int, int]:
    count = min(SHOWN_COMPONENTS, len(pca.components))

    def label(component: int) -> str:
        return f"{component + 1} · {parts.percent(float(pca.explained[component]))}"

    x = state.select("Across: component", "x", range(count), format_func=label)
    y = state.select("Up: component", "y", range(count), format_func=label)
    return x, y


@st.fragment
def explore(row: Row) -> None:
    controls, side = st.columns([4, 1], vertical_alignment="bottom")
    with controls, st.container(horizontal=True, vertical_alignment="bottom"):
        of = state.segmented("Map of", "of", tuple(OF_WORDS), format_func=OF_WORDS.get)
        mode = state.segmented("Colour", "colour", tuple(COLOUR_WORDS), format_func=COLOUR_WORDS.get)
    try:
        pca, coordinates = project(row, of)
        stored = cached.load_predictions(row.run.id, "test")
    except RunError as error:
        st.warning(str(error), icon=":material/broken_image:")
        return
    with side, st.popover("Axes", icon=":material/tune:", width="stretch"):
        x, y = component_choice(pca)
    probabilities = evaluation.softmax(stored.logits)
    names = row.config.class_names if row.config else data.CLASS_NAMES
    index, palette, legend = colours(mode, stored.labels, probabilities, names)
    address = state.get("picture")
    selected = data.parse_picture_address(address)[1] if address and address.startswith("test/") else None
    points = MapPoints(
        x=coordinates[:, x],
        y=coordinates[:, y],
        picture=stored.indices.astype(np.uint32),
        colour=index,
        label=stored.labels,
        predicted=probabilities.argmax(axis=1).astype(np.uint8),
        confidence=np.round(255 * probabilities.max(axis=1)).astype(np.uint8),
    )
    main, detail = st.columns([7, 3], gap="medium")
    with main:
        sprite_map(
            points,
            key="map",
            palette=palette,
            legend=legend,
            class_names=names,
            selected=selected,
            on_pick=lambda index: state.put(picture=data.picture_address("test", index)),
        )
        share = float(pca.explained[[x, y]].sum())
        judge = "the network" if of == "features" else "a comparison pixel by pixel"
        st.caption(
            f"10,000 test pictures; near ones look alike to {judge}. These two of the principal components hold "
            f"{parts.percent(share)} of all variance: what looks near here may be far apart in the rest."
        )
    with detail:
        if selected is None:
            st.info("Click a garment to see it large and what the network says of it.", icon=":material/touch_app:")
        else:
            parts.open_picture(data.picture_address("test", selected), row, stacked=True)


state.enter("map", "run", "of", "colour", "x", "y", "picture")
row = parts.header_with_run("Map", "Every test picture is a point. Zoom in until the points become garments.")
if row is not None:
    explore(row)
