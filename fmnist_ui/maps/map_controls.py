"""The controls above the map: of what, by which method, with which parameters."""

import contextlib
import dataclasses
from collections.abc import Collection

import streamlit as st

from fmnist_core import data, glossary
from fmnist_core.jobs.status import FINISHED
from fmnist_core.maps import maps
from fmnist_core.maps.map_spec import (
    ENGINES,
    LIBRARIES,
    METHOD_WORDS,
    TRAIN,
    Engine,
    MapSpec,
    Method,
    Parameters,
    PictureChoice,
)
from fmnist_core.maps.vectors import FEATURES, PIXELS
from fmnist_core.runs import feature_map
from fmnist_core.runs.catalogue import Row
from fmnist_core.storage.folders import RunError
from fmnist_core.zoo.summaries import layers_of
from fmnist_ui import cached, state
from fmnist_ui.maps.map_own_vectors import own_loaded, own_name, own_vectors_uploader

MAP_OF = "map_of"  # in the session: addresses of the pictures that a map is made of; none: of all
METRIC_WORDS = {"euclidean": "Euclidean", "cosine": "Cosine"}
OF_WORDS = {FEATURES: "What the network sees", PIXELS: "Raw pixels"}
PICTURE_WORDS = {"test": "Test, 10,000", "train": "Training, 60,000", "both": "Both, 70,000"}
ENGINE_WORDS = {"built-in": "Built-in", "library": "Library"}
ENGINE_SENTENCES = {
    "pca": "The same components, by sklearn.decomposition.PCA.",
    "tsne": "sklearn.manifold.TSNE, the reference: the built-in t-SNE is faster and gives the same map quality.",
    "umap": "umap.UMAP, the reference: the built-in UMAP shows its first frame sooner.",
}
MAPPED = (
    "convolution",
    "depthwise convolution",
    "max pooling",
    "average pooling",
    "batch normalization",
    "dense",
    "LSTM",
)
SENTENCES = {
    "pca": "Straight directions of the largest variance: distances mean what they say, but two hold only a part.",
    "tsne": "Neighbours stay together. How far apart the groups are, and how large, means nothing.",
    "umap": "As t-SNE, with somewhat more of the whole picture kept.",
}


def choose_spec(row: Row, fixed: bool = False) -> MapSpec:
    """Draws the controls and returns what they say. fixed: the page decides the method and its parameters."""
    told = {"format_func": _of_words, "help": glossary.several("Embedding", "Feature", "Layer"), "width": 190}
    of = state.select("Map of", "of", _layers(row), **told)
    method: Method = "tsne" if fixed else choose_method(row, of)
    with st.popover("Settings", icon=":material/tune:"):
        dims = int(state.segmented("Axes", "dims", ("2", "3"), format_func=lambda count: f"{count}D"))
        engine = ENGINES[0] if fixed else choose_engine(method)
        parameters = Parameters() if fixed else choose_parameters(method, engine)
        sphere = state.toggle("Spherize", "spherize", help=glossary.term("Spherize"))
    with st.popover("Pictures", icon=":material/photo_library:"):
        pictures = choose_pictures()
        own_vectors_uploader()
    return MapSpec(method, of, row.run.id, dims, pictures, parameters, sphere, engine)


def _of_words(name: str) -> str:
    return own_name(name) or OF_WORDS.get(name, f"Layer {name}")


def choose_method(row: Row, of: str) -> Method:
    """By default what was made already: t-SNE, UMAP, else the components."""
    made = _made(row, of) if state.get("method") is None else None
    told = {"format_func": METHOD_WORDS.get, "help": glossary.several("PCA", "t-SNE", "UMAP")}
    return state.segmented("Method", "method", tuple(METHOD_WORDS), fallback=made, **told)


def _made(row: Row, of: str) -> str:
    for method in ("tsne", "umap"):
        try:
            status = maps.read_status(maps.files_of(MapSpec(method, of, row.run.id, engine=state.get("engine"))))
        except RunError:
            continue
        if status is not None and status.state in FINISHED:
            return method
    return "pca"


def _layers(row: Row) -> tuple[str, ...]:
    """Features, pixels, and the layers whose activations the run's model gives."""
    if row.recipe is None or row.known is None:
        return (FEATURES, PIXELS, *own_loaded())
    if row.known.kind != "network":
        seen = [FEATURES] if row.has(feature_map.FILE) else []
        return (*seen, PIXELS, *own_loaded(), *_given(row))
    layers = [layer.name for layer in layers_of(row.recipe) if layer.kind in MAPPED and layer.name != "logits"]
    chosen = state.get("of")  # an address may name a layer of an own architecture
    return tuple(dict.fromkeys([FEATURES, PIXELS, *own_loaded(), *layers, chosen]))


def _given(row: Row) -> list[str]:
    """The layers that the run's own ONNX file gives."""
    if row.has("model.onnx"):
        with contextlib.suppress(RunError):
            return cached.load_classifier(row.run).layers
    return []


def choose_engine(method: str) -> Engine:
    words = f"Built-in: NumPy, the first frame within seconds. Library: {LIBRARIES[method]}, the reference."
    engine: Engine = state.segmented("Engine", "engine", ENGINES, format_func=ENGINE_WORDS.get, help=words)
    if engine == "library":
        st.caption(ENGINE_SENTENCES[method])
    return engine


def choose_parameters(method: str, engine: str = ENGINES[0]) -> Parameters:
    st.caption(SENTENCES[method])
    if method == "pca":
        return Parameters()
    if method == "tsne":
        perplexity = state.slider("Perplexity", "perplexity", 5, 100, help=glossary.term("Perplexity"))
        left, right = st.columns(2)
        with left:
            told = "How far a step moves the points. Empty: what the method thinks best."
            rate = state.number_or_auto("Learning rate", "learning_rate", 10_000, step=50, help=told)
        with right:
            told = glossary.term("Early exaggeration")
            early = state.number("Early exaggeration", "early_exaggeration", 1, 100, help=told)
        own = Parameters(float(perplexity), learning_rate=rate and float(rate), early_exaggeration=float(early))
    else:
        dense = f"{glossary.term('densMAP')} A later picture then lands by its neighbours."
        own = Parameters(
            n_neighbors=state.slider("n_neighbors", "n_neighbors", 2, 100, help=glossary.term("n_neighbors")),
            min_dist=state.decimal("min_dist", "min_dist", 0.0, 0.99, help=glossary.term("min_dist")),
            supervised=state.toggle("The labels help", "supervised", help="Pictures of one class are drawn together."),
            densmap=engine == "library" and state.toggle("densMAP", "densmap", help=dense),
        )
    words = {"format_func": METRIC_WORDS.get, "help": glossary.term("Metric")}
    metric = state.segmented("Metric", "metric", tuple(METRIC_WORDS), **words)
    left, right = st.columns(2)
    with left:
        told = "Empty: as many as the method usually takes."
        steps = state.number_or_auto("Iterations", "iterations", 5_000, step=100, help=told)
    with right:
        seed = state.number("Seed", "seed", 0, 999_999, help=glossary.term("Seed"))
    return dataclasses.replace(own, metric=metric, iterations=steps, seed=seed)


def choose_pictures() -> PictureChoice:
    split = state.select("From", "pictures", tuple(PICTURE_WORDS), format_func=PICTURE_WORDS.get)
    if only := st.session_state.get(MAP_OF):
        st.button(f"Not only the {len(only):,} chosen ones", icon=":material/close:", on_click=_map_of_all)
        return PictureChoice(split, positions=positions_of(only, split))
    label = state.select(
        "Class",
        "only",
        (None, *range(10)),
        format_func=lambda one: "All" if one is None else data.CLASS_NAMES[one],
        placeholder="All",
    )
    wrong = state.toggle("Only errors", "map_errors", help=glossary.term("Errors"))
    return PictureChoice(split, label, wrong)


def _map_of_all() -> None:
    st.session_state.pop(MAP_OF, None)


def positions_of(addresses: Collection[str], split: str) -> tuple[int, ...]:
    """Where these pictures, such as "test/4021", stand in "test", "train" or "both"; those of another split do not."""
    offsets = {"test": {"test": 0}, "train": {"train": 0}, "both": {"train": 0, "test": TRAIN}}[split]
    pairs = (address.split("/") for address in addresses)
    return tuple(sorted(offsets[source] + int(number) for source, number in pairs if source in offsets))
