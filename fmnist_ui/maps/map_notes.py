"""What stands below the map: how far it can be trusted, and what must not be read into it."""

from collections.abc import Callable

import numpy as np
import streamlit as st

from fmnist_core import glossary
from fmnist_ui import parts
from fmnist_ui.maps.map_panels import table
from fmnist_ui.maps.map_source import Scene, Verdicts

READING = (
    "**What not to read into it.** t-SNE and UMAP keep neighbours together and give up almost everything else. "
    "The size of a group, the room between two groups and which group lies beside which can all change with the "
    "settings or the seed, and tight groups appear in pure noise when the perplexity is small. What can be read: who "
    "is whose neighbour, and even that only where the colour *Trust* says so. Principal components are honest about "
    "distances, but what two of them show may lie far apart in the others."
)


def notes(
    scene: Scene,
    sentence: str,
    verdicts: Verdicts | None,
    names: tuple[str, ...],
    as_file: Callable[[], str] | None,
) -> None:
    """A line of figures, then more on demand. as_file: makes the map as one HTML file."""
    figures = scene.figures
    count = f"{len(scene.positions):,} pictures, near where they are alike to "
    judge = "a comparison pixel by pixel." if scene.spec.of == "pixels" else "the network."
    st.caption(" ".join(part for part in (count + judge, sentence, *(figures.notes if figures else ())) if part))
    if figures and figures.knn_accuracy is not None:
        about = "about " if figures.sampled else ""
        st.caption(
            f"Trustworthiness {about}{figures.trustworthiness:.3f}, continuity {about}{figures.continuity:.3f} "
            f"(1 is best), kNN accuracy {parts.percent(figures.knn_accuracy)}, by {figures.neighbours} neighbours. "
            f"Made in {figures.seconds:.0f} s.",
            help=glossary.several("Trustworthiness", "Continuity", "kNN accuracy"),
        )
    with st.expander("How to read this map, and how to take it with you", icon=":material/menu_book:"):
        st.markdown(READING)
        if figures and figures.reduced:
            st.caption(figures.reduced)
        if as_file is None:
            return
        rows = np.arange(len(scene.positions))
        with st.container(horizontal=True):
            places = lambda: table(scene, rows, verdicts, names)  # noqa: E731
            st.download_button("Places as CSV", places, "map.csv", "text/csv", icon=":material/table:")
            st.download_button("This map as one HTML file", as_file, "map.html", "text/html", icon=":material/html:")
