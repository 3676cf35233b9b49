"""The map over a training: what the network saw after each epoch, and how far its classes part."""

import base64

import numpy as np
import streamlit as st

from fmnist_core import data, embedding, glossary
from fmnist_core.colours import class_colours
from fmnist_core.embedding import quality
from fmnist_core.embedding.alignment import align
from fmnist_core.metrics import evaluation
from fmnist_core.release.sprites import sprite_sheet
from fmnist_core.runs import runs
from fmnist_core.runs.catalogue import Row
from fmnist_core.runs.runs import Run
from fmnist_core.splits import replay_indices
from fmnist_core.storage import stored_arrays
from fmnist_core.storage.folders import RunError
from fmnist_ui import parts, state
from fmnist_ui.inspect import data_pictures
from fmnist_ui.widgets.hostile_text import literal
from fmnist_ui.widgets.map_data import Sheet
from fmnist_ui.widgets.sprite_map import Look, MapPoints, sprite_map

SAID = (
    "The same pictures after each stored epoch, by the two principal components of what the network sees, each epoch "
    "turned to lie as nearly as it can on the one before. Press play."
)


def over_epochs(row: Row) -> None:
    """An animation of the run's replay pictures; where it has none, a sentence says so."""
    files = sorted((row.run.folder / "replay").glob("[0-9][0-9][0-9].npz"))
    if len(files) < 2 or row.config is None or row.recipe is None:
        st.info(
            "This run ships without what it saw in each epoch. A run that you train here keeps it; so do CNN 2 and the "
            "Simple NN among the shipped ones.",
            icon=":material/movie:",
        )
        return
    try:
        epochs, frames, predicted, sure = _frames(row.run, files[-1].stat().st_mtime)
    except RunError as error:
        st.warning(str(error), icon=":material/broken_image:")
        return
    indices = replay_indices(row.recipe)
    labels, names = data.load_split("train").labels[indices], row.config.class_names
    address = state.get("picture")
    rows = {data.picture_address("train", int(index)): place for place, index in enumerate(indices)}
    st.caption(SAID)
    st.markdown(_parted(epochs, frames, labels, names), help=glossary.term("kNN accuracy"))
    main, side = st.columns([7, 3], gap="medium")
    with main:
        sprite_map(
            MapPoints(frames[-1][:, 0], frames[-1][:, 1], np.arange(len(indices)), labels, labels, predicted, sure),
            Look(
                class_colours(len(names)),
                names,
                names,
                selected=rows.get(address),
                frames=frames,
                frame_labels=[f"after epoch {epoch}" for epoch in epochs],
            ),
            key="map-epochs",
            sheet=_sheet(row.run, len(indices)),
            on_pick=lambda place: state.put(picture=data.picture_address("train", int(indices[place]))),
        )
    with side:
        if address in rows:
            data_pictures.open_picture(address, row, stacked=True)
        else:
            st.info("Press play below the map. Click a garment to see it large.", icon=":material/play_circle:")


def _parted(epochs: list[int], frames: np.ndarray, labels: np.ndarray, names: tuple[str, ...]) -> str:
    """How well the classes can be told on the first and the last frame, and which are one heap on the last."""
    first, last = (parts.percent(quality.knn_accuracy(frame, labels)) for frame in (frames[0], frames[-1]))
    said = (
        f"By its {quality.NEIGHBOURS} nearest on the map a picture's class is told for **{first}** after epoch "
        f"{epochs[0]} and for **{last}** after epoch {epochs[-1]}. "
    )
    found = [
        in_a_row([literal(names[place]) for place in heap]) for heap in quality.heaps(frames[-1], labels, len(names))
    ]
    if not found:
        return said + "No two classes are one heap at the end."
    heaps = "; so are ".join([f"{found[0]} are one heap at the end", *found[1:]])
    return f"{said}{heaps} :gray[(at least one in eight of the neighbours are of another class of the heap)]."


def in_a_row(words: list[str]) -> str:
    """ "a", "a and b", "a, b and c"."""
    return " and ".join(filter(None, [", ".join(words[:-1]), words[-1]]))


@st.cache_resource(max_entries=4, show_spinner=False)
def _frames(run: Run, stamp: float) -> tuple[list[int], np.ndarray, np.ndarray, np.ndarray]:
    """Epochs, (k, n, 2) float32 places, and by the last epoch (n,) predictions and confidences of 255."""
    epochs: list[int] = []
    frames: list[np.ndarray] = []
    logits = np.zeros((0, 10))
    for path in sorted((run.folder / "replay").glob("[0-9][0-9][0-9].npz")):
        try:
            stored = stored_arrays.load(path, "features", "logits")
        except (OSError, ValueError) as error:
            raise RunError(
                f"The run {run.id} is damaged: {path.name} cannot be read ({type(error).__name__})."
            ) from None
        features, logits = stored["features"].astype(np.float32), stored["logits"].astype(np.float32)
        places = embedding.fit_pca(features, 2).transform(features)
        places /= max(float(np.sqrt(np.square(places).sum(axis=1).mean())), 1e-6)  # features grow while it learns
        frames.append(align(places, frames[-1]).astype(np.float32) if frames else places)
        epochs.append(int(path.stem))
    probabilities = evaluation.softmax(logits)
    sure = np.round(255 * probabilities.max(axis=1)).astype(np.uint8)
    return epochs, np.stack(frames), probabilities.argmax(axis=1).astype(np.uint8), sure


@st.cache_resource(max_entries=2, show_spinner=False)
def _sheet(run: Run, count: int) -> Sheet:
    images = data.load_split("train").images[replay_indices(runs.read_config(run).recipe)]
    return Sheet("data:image/png;base64," + base64.b64encode(sprite_sheet(images)).decode(), count)
