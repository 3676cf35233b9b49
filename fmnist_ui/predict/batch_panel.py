"""Many photos at once: a table that can be sorted, as a file too; choosing a row opens that photo in full."""

import base64
import io
from collections.abc import Sequence
from dataclasses import dataclass, replace

import pandas as pd
import streamlit as st
from PIL import Image

from fmnist_core import glossary
from fmnist_core.inference.photo_answer import PhotoAnswer
from fmnist_core.photo.pipeline import prepare
from fmnist_core.runs.catalogue import Row
from fmnist_ui import cached, charts, parts, received, state
from fmnist_ui.predict import kept_photos, photo_answers, photo_panel, stepper_panel
from fmnist_ui.predict.photo_answers import VisitorPhoto
from fmnist_ui.widgets.hostile_text import cell, literal, plain_name

THUMBNAIL = 96  # pixels
MOST_REMEMBERED = 400  # lines a session: some kilobytes each
FIRST_ON_TOUCH = (
    "Photo",
    "Answer",
    "Confidence",
    "Seen",
    "File",
    "Next",
    "Known",
    "In distribution",
    "Notes",
)  # the answer in sight without scrolling
_LINES = "batch-lines"


@dataclass(frozen=True, eq=False)
class PhotoLine:
    """What one file became; where `error` is a sentence there is no answer."""

    thumbnail: str = ""  # data URI
    seen: str = ""  # the same of the 28x28 picture
    answer: PhotoAnswer | None = None
    notes: str = ""
    error: str = ""


@st.fragment
def show(row: Row, photos: Sequence[VisitorPhoto], mode: str) -> None:
    """The table of all these photos, and the one that is chosen in it."""
    lines = [
        replace(one, notes=f"{photo.note} {one.notes}".strip())
        for photo, one in zip(photos, _all_lines(row, photos, mode), strict=True)
    ]
    st.markdown(summary(lines))
    names = [photo.name for photo in photos]
    chosen = st.dataframe(
        table(names, lines),
        hide_index=True,
        row_height=56,
        placeholder="",
        height=min(620, 38 + 56 * len(lines)),
        column_config=_columns(),
        column_order=FIRST_ON_TOUCH if charts.on_touch() else None,
        on_select="rerun",
        selection_mode="single-row",
        key="batch",
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        st.download_button(
            "All figures as CSV",
            as_csv(names, lines, photo_answers.names_of(row)),
            "predictions.csv",
            "text/csv",
            icon=":material/download:",
            on_click="ignore",
        )
        st.caption("Choose a row to see that photo in full; a click on a heading sorts.", width="content")
    places = received.chosen_rows(chosen, len(photos))
    if places is None:
        received.drop()
    elif places:
        with st.container(border=True):
            photo_panel.show_photo(row, photos[places[0]], mode, "opened")


def _all_lines(row: Row, photos: Sequence[VisitorPhoto], mode: str) -> list[PhotoLine]:
    """Each photo's, remembered: a click while they are made loses none that is done."""
    kept: dict[tuple[str, ...], PhotoLine] = st.session_state.setdefault(_LINES, {})
    keys = [
        (photo.mark, mode, row.run.id, str(cached.stamp(row.run, "model.onnx")), state.get("probabilities"))
        for photo in photos
    ]
    missing = [place for place, key in enumerate(keys) if key not in kept]
    if missing:
        bar = st.progress(0.0, "Getting ready …")
        for done, place in enumerate(missing):
            bar.progress(done / len(missing), f"Photo {done + 1} of {len(missing)}")
            kept[keys[place]] = line(row, photos[place], mode)
        bar.empty()
    lines = [kept[key] for key in keys]
    for old in list(kept)[: max(0, len(kept) - MOST_REMEMBERED)]:
        del kept[old]
    return lines


def line(row: Row, photo: VisitorPhoto, mode: str) -> PhotoLine:
    """One file's; a bad file is a sentence. Raises RunError where the run has no model."""
    try:
        image, notes = kept_photos.read(photo.kept)
        prepared = prepare(image, mode)
        answer = photo_answers.answer(row, prepared)
    except ValueError as error:  # of the photo, or a network that gives no finite values
        return PhotoLine(error=str(error))
    thumbnail, seen = _data_uri(stepper_panel.small(image, THUMBNAIL)), parts.picture_uri(prepared.picture, 2)
    return PhotoLine(thumbnail, seen, answer, " ".join(notes + prepared.warnings))


def _data_uri(image: Image.Image) -> str:
    file = io.BytesIO()
    image.save(file, "JPEG", quality=80)
    return f"data:image/jpeg;base64,{base64.b64encode(file.getvalue()).decode('ascii')}"


def summary(lines: Sequence[PhotoLine]) -> str:
    answers = [one.answer for one in lines if one.answer is not None]
    counts = pd.Series([answer.label for answer in answers], dtype=object).value_counts()
    said = ", ".join(f"{count} {literal(str(name))}" for name, count in counts.items())
    strange, bad = sum(answer.known is False for answer in answers), len(lines) - len(answers)
    words = [f"**{len(answers)} of {len(lines)} photos** are answered{': ' if said else ''}{said}."]
    if strange:
        words.append(
            f"{strange} look{'s' * (strange == 1)} out-of-distribution: not quite like anything it was trained on."
        )
    if bad:
        words.append(f"{bad} could not be read, as the last column says.")
    return " ".join(words)


def table(names: Sequence[str], lines: Sequence[PhotoLine]) -> pd.DataFrame:
    """As it is shown. Cells are plain text, and the table's own toolbar writes them to a CSV file as they are."""
    rows = []
    for name, one in zip(names, lines, strict=True):
        answer = one.answer
        top = [] if answer is None else [f"{title} {100 * share:.0f} %" for title, share in answer.top()[1:]]
        rows.append(
            {
                "Photo": one.thumbnail or None,
                "Seen": one.seen or None,
                "File": cell(name),
                "Answer": None if answer is None else cell(answer.label),
                "Confidence": None if answer is None else 100 * answer.confidence,
                "Next": cell(", ".join(top)),
                "Known": None if answer is None or answer.known is None else "yes" if answer.known else "no",
                "In distribution": None if answer is None else answer.in_distribution_score,
                "Notes": cell(one.error or one.notes),
            }
        )
    return pd.DataFrame(rows).astype({"Confidence": "float64", "In distribution": "float64"})


def _columns() -> dict:
    column = st.column_config
    known = (
        "Whether it looks like what the network was trained on: more of the garments that it knows look as strange "
        f"than are warned of by mistake. {glossary.term('Out-of-distribution')}"
    )
    return {
        "Photo": column.ImageColumn(width=70),
        "Seen": column.ImageColumn(width=70, help="What the network saw: 28 by 28 pixels."),
        "File": column.TextColumn(width=170),
        "Answer": column.TextColumn(width=110),
        "Confidence": column.ProgressColumn(
            format="%.0f %%", min_value=0, max_value=100, width=110, help=glossary.term("Confidence")
        ),
        "Next": column.TextColumn(width=250, help="The second and third choice."),
        "Known": column.TextColumn(width=70, help=known),
        "In distribution": column.ProgressColumn(format="%.2f", min_value=0, max_value=1, width=120, help=known),
        "Notes": column.TextColumn(width=360),
    }


def as_csv(names: Sequence[str], lines: Sequence[PhotoLine], classes: Sequence[str]) -> bytes:
    """A row a photo, with every class's probability; UTF-8, marked as such for spreadsheets."""
    rows = []
    for name, one in zip(names, lines, strict=True):
        answer = one.answer
        top = [("", None)] * 3 if answer is None else (answer.top() + [("", None)] * 3)[:3]
        rows.append(
            {"file": cell(plain_name(name)), "label": cell(top[0][0]), "confidence": top[0][1]}
            | {"second": cell(top[1][0]), "third": cell(top[2][0])}
            | {
                "known": None if answer is None else answer.known,
                "in_distribution_score": None if answer is None else answer.in_distribution_score,
            }
            | {"warnings": cell(one.notes), "error": cell(one.error)}
            | {cell(title): None if answer is None else answer.probabilities[at] for at, title in enumerate(classes)}
        )
    return pd.DataFrame(rows).to_csv(index=False, float_format="%.6g").encode("utf-8-sig")
