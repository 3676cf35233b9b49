"""What stands below the map: how far it can be trusted, and what must not be read into it."""

from collections.abc import Callable

import numpy as np
import streamlit as st

from fmnist_core import glossary
from fmnist_core.figures import explained_variance
from fmnist_core.maps import own_vectors
from fmnist_ui import charts, parts, state
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
    judge = "the network." if scene.spec.needs_run else "a comparison pixel by pixel."
    judge = "your own vectors." if own_vectors.is_own(scene.spec.of) else judge
    st.caption(" ".join(part for part in (count + judge, sentence, *(figures.notes if figures else ())) if part))
    if figures and figures.knn_accuracy is not None:
        about = "about " if figures.sampled else ""
        st.caption(
            f"Trustworthiness {about}{figures.trustworthiness:.3f}, continuity {about}{figures.continuity:.3f} "
            f"(1 is best), kNN accuracy {parts.percent(figures.knn_accuracy)}, by {figures.neighbours} neighbours. "
            f"Made in {figures.seconds:.0f} s.",
            help=glossary.several("Trustworthiness", "Continuity", "kNN accuracy"),
        )
    if scene.pca is not None and not scene.start_only:
        _variance(scene)
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


def _variance(scene: Scene) -> None:
    """What each principal component holds, drawn once it is asked for."""
    more = st.expander("Variance of each component", icon=":material/bar_chart:", key="variance", on_change="rerun")
    if not more.open or scene.pca is None:
        return
    explained = scene.pca.explained
    shown = [state.get(axis) for axis in ("x", "y", "z")[: scene.spec.dims]]
    first, all_of_them = (parts.percent(float(part)) for part in (explained[0], explained.sum()))
    told = f"the first holds {first}, all {len(explained)} {all_of_them}"
    with more:
        charts.draw(
            explained_variance(explained, shown),
            key="explained",
            alt=f"Part of the variance that each principal component holds: {told}",
            file=f"variance-{scene.spec.of}",
        )
        st.caption(f"The axes of the map are orange; {told}.")
