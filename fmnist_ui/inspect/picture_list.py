"""Every picture of a choice: sorted, page by page, one of them large with a way to the next, all to download."""

import numpy as np
import streamlit as st

from fmnist_core import data, glossary
from fmnist_core.figures import contact_sheet
from fmnist_core.metrics import scores
from fmnist_core.metrics.scores import Scores
from fmnist_core.runs.catalogue import Row
from fmnist_core.runs.predictions import Predictions
from fmnist_core.storage.folders import RunError
from fmnist_ui import cached, calibrated, charts, parts, state
from fmnist_ui.inspect import closer_panel, data_pictures
from fmnist_ui.widgets import paging
from fmnist_ui.widgets.gallery import Tile, Tone

ON_A_PAGE = 60
SORT_WORDS = {
    "surest": "The most confident first",
    "least": "The least confident first",
    "loss": "The largest loss first",
    "margin": "The smallest margin first",
    "border": "The smallest logit margin first",
    "distance": "Farthest from its class first",
}
SORT_HELP = glossary.several("Confidence", "Loss", "Margin", "Logit margin", "Distance from its class")


def picture_list(row: Row, stored: Predictions, found: Scores, rows: np.ndarray, names: tuple[str, ...]) -> None:
    """rows: (m,) places in `stored`, m at least 1, in any order."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        options = [one for one in SORT_WORDS if one != "distance" or found.distance is not None]
        sort = state.select(
            "Order",
            "sort",
            options,
            format_func=SORT_WORDS.get,
            clears=("page",),
            width=250,
            help=SORT_HELP,
        )
        rows = scores.arrange(found, rows, sort)
        _keep(stored, found, rows, names)
    large_view(row, stored, rows)
    _thumbnails(stored, found, rows[paging.open_part(len(rows), ON_A_PAGE)], names, sort)
    paging.turn(len(rows), ON_A_PAGE, f"{len(rows)}-{rows[0]}")


def large_view(row: Row, stored: Predictions, rows: np.ndarray, other: Row | None = None) -> None:
    """The picture that the address names, where it is one of the rows, with the way to the one before and after.

    other: a run whose answer stands beside; None: the visitor may choose one.
    """
    place = _place_of(state.get("picture"), stored, rows)
    if place is None:
        return
    with st.container(border=True, key="large"):
        with st.container(horizontal=True, vertical_alignment="center"):
            paging.step(place, len(rows), lambda to: _open(stored, rows, to))
            st.button(
                "Close", shortcut=charts.key("Esc"), on_click=state.put, kwargs={"picture": None}, type="tertiary"
            )
        picture = data.picture_address(stored.source, int(stored.indices[rows[place]]))
        data_pictures.open_picture(picture, row)
        _say_relabelled(row, stored, int(rows[place]))
        other = other or parts.choose_other(row, "Beside it")
        if other is not None:
            _beside(other, picture)
        closer_panel.show(row, picture)
        if stored.source == "test":
            link = {"run": row.run.id, "picture": picture}
            st.page_link("pages/map.py", label="See it on the map", icon=":material/scatter_plot:", query_params=link)


def _say_relabelled(row: Row, stored: Predictions, place: int) -> None:
    """Where a label set calls it otherwise than the data."""
    label = int(stored.labels[place])
    official = int(data.load_split(stored.source).labels[stored.indices[place]])
    if label != official and row.config is not None:
        names = row.config.class_names
        st.markdown(f":material/label: By the chosen label set it is **{names[label]}**, officially {names[official]}.")


def _beside(other: Row, picture: str) -> None:
    """What another run says of the same picture."""
    names = other.config.class_names if other.config else data.CLASS_NAMES
    st.markdown(f":gray[{parts.run_title(other)}]")
    split, index = data.parse_picture_address(picture)
    try:
        logits = cached.logits_of_picture(other.run, split, index)
    except RunError as error:
        st.warning(str(error), icon=":material/broken_image:")
        return
    label = int(data.load_split(split).labels[index])
    parts.probability_bars(calibrated.probabilities(other.run, logits)[0], names, true=label)


def _open(stored: Predictions, rows: np.ndarray, place: int) -> None:
    address = data.picture_address(stored.source, int(stored.indices[rows[place]]))
    state.put(picture=address, page=place // ON_A_PAGE)


def _place_of(address: str | None, stored: Predictions, rows: np.ndarray) -> int | None:
    if address is None:
        return None
    source, index = data.parse_picture_address(address)
    places = np.flatnonzero(stored.indices[rows] == index)
    return int(places[0]) if source == stored.source and len(places) else None


def _thumbnails(stored: Predictions, found: Scores, rows: np.ndarray, names: tuple[str, ...], sort: str) -> None:
    images, addresses = stored.images_at(rows), addresses_of(stored, rows)
    predicted = stored.predicted
    tiles = []
    for image, place, address in zip(images, rows, addresses, strict=True):
        label, called = int(stored.labels[place]), int(predicted[place])
        sure = parts.percent(float(found.confidence[place]), 0)
        figure = sure if sort in ("surest", "least") else f"{float(getattr(found, sort)[place]):.2f}"
        alt = f"{address}: {names[label]}, called {names[called]}, {sure} sure"
        tone: Tone = "right" if label == called else "wrong"
        tiles.append(Tile(image, names[label], f"{figure} {names[called]}", tone, alt))
    title = "Pictures of this choice: what each is, and what it was called"
    data_pictures.addressed_gallery(tiles, addresses, key="cell", label=title, size=88)


def addresses_of(stored: Predictions, rows: np.ndarray) -> list[str]:
    return [data.picture_address(stored.source, int(index)) for index in stored.indices[rows]]


def _keep(stored: Predictions, found: Scores, rows: np.ndarray, names: tuple[str, ...]) -> None:
    """Both files are only made once they are asked for."""
    with st.popover("Download", icon=":material/download:"):
        st.download_button(
            f"Table of {len(rows):,} (CSV)",
            lambda: as_table(stored, found, rows, names),
            "pictures.csv",
            "text/csv",
            on_click="ignore",
        )
        st.download_button(
            "Contact sheet (PNG)",
            lambda: as_sheet(stored, found, rows, names),
            "pictures.png",
            "image/png",
            on_click="ignore",
        )
        if len(rows) > contact_sheet.MOST_PICTURES:
            st.caption(f"The sheet holds the first {contact_sheet.MOST_PICTURES:,}.")


def as_table(stored: Predictions, found: Scores, rows: np.ndarray, names: tuple[str, ...]) -> str:
    header = [
        "picture",
        "label",
        "called",
        "right",
        *(name for name in Scores._fields if getattr(found, name) is not None),
    ]
    predicted = stored.predicted
    lines = []
    for place, address in zip(rows, addresses_of(stored, rows), strict=True):
        label, called = int(stored.labels[place]), int(predicted[place])
        figures = [f"{float(getattr(found, name)[place]):.6g}" for name in header[4:]]
        lines.append([address, names[label], names[called], "yes" if label == called else "no", *figures])
    return contact_sheet.table(header, lines)


def as_sheet(stored: Predictions, found: Scores, rows: np.ndarray, names: tuple[str, ...]) -> bytes:
    predicted = stored.predicted[rows]
    first = rows[: contact_sheet.MOST_PICTURES]
    lines = [
        (names[label], f"{100 * sure:.0f} % {names[called]}")
        for label, called, sure in zip(stored.labels[rows], predicted, found.confidence[rows], strict=True)
    ]
    images = np.broadcast_to(np.uint8(0), (len(rows), data.SIDE, data.SIDE)).copy()
    images[: len(first)] = data.load_split(stored.source).images[stored.indices[first]]
    title = f"{len(rows):,} {stored.split} pictures: what each is, what the network called it and with which confidence"
    return contact_sheet.contact_sheet(images, lines, predicted == stored.labels[rows], title)
