"""Pictures of the data as pages show them: under each its label and what it was called; a click opens one, large."""

from collections.abc import Sequence

import numpy as np
import streamlit as st

from fmnist_core import data
from fmnist_core.runs.catalogue import Row
from fmnist_core.runs.predictions import Predictions
from fmnist_core.storage.folders import RunError
from fmnist_ui import cached, calibrated, parts, state
from fmnist_ui.widgets.gallery import Tile, Tone, gallery


def open_picture(address: str, row: Row | None, stacked: bool = False) -> None:
    """One picture of the data, large, with its label and, given a run, what that run says of it.

    stacked: the picture above its probabilities, for a narrow column.
    """
    split, index = data.parse_picture_address(address)
    pictures = data.load_split(split)
    picture, label = pictures.images[index], int(pictures.labels[index])
    name = data.CLASS_NAMES[label]
    left, right = (st.container(), st.container())
    if not stacked:
        left, right = st.columns([1, 2], vertical_alignment="center", gap="medium")
    with left:
        st.image(
            parts.enlarge(picture),
            width=220 if stacked else "stretch",
            alt=f"{name}, picture {address}, 28 by 28 pixels, enlarged",
        )
    with right:
        st.markdown(f"**{name}**  \n:gray[{split} picture {index:,}]")
        if row:
            names = row.config.class_names if row.config else data.CLASS_NAMES
            try:
                logits = cached.logits_of_picture(row.run, split, index)
            except RunError as error:
                st.warning(str(error), icon=":material/broken_image:")
                return
            parts.probability_bars(calibrated.probabilities(row.run, logits)[0], names, true=label)
            st.caption(calibrated.words(row.run))
            link = {"run": row.run.id, "picture": address}
            if parts.opens(row, "inside.py"):
                st.page_link("pages/inside.py", label="Look inside", icon=":material/account_tree:", query_params=link)


def judged_gallery(stored: Predictions, rows: np.ndarray, names: Sequence[str], *, key: str, label: str) -> None:
    """Pictures of a run's predictions: under each its label and what it was called; a click opens one.

    rows: (n,) places in `stored`.
    """
    addresses = [data.picture_address(stored.source, int(index)) for index in stored.indices[rows]]
    labels, called = stored.labels[rows], stored.predicted[rows]
    shown = zip(stored.images_at(rows), labels, called, addresses, strict=True)
    tiles = [judged_tile(image, int(label), int(one), address, names) for image, label, one, address in shown]
    addressed_gallery(tiles, addresses, key=key, label=label, size=84)


def judged_tile(
    image: np.ndarray, label: int, called: int | None, address: str, names: Sequence[str], figure: str = ""
) -> Tile:
    """A picture with its label and, where there is one, what the network calls it; figure: stands before that."""
    if called is None:
        return Tile(image, names[label], figure, "neutral", f"{address}: {names[label]}")
    tone: Tone = "right" if label == called else "wrong"
    detail = f"{figure} {names[called]}".lstrip()
    return Tile(image, names[label], detail, tone, f"{address}: {names[label]}, called {names[called]}")


def addressed_gallery(tiles: Sequence[Tile], addresses: Sequence[str], *, key: str, label: str, size: int) -> None:
    """Thumbnails of pictures of the data: a click opens one, and the one that the address names is marked."""
    opened = state.get("picture")
    gallery(
        tiles,
        key=key,
        label=label,
        size=size,
        selected=addresses.index(opened) if opened in addresses else None,
        on_pick=lambda index: state.put(picture=addresses[index]),
    )
