"""What the colours of the map's points mean."""

from dataclasses import dataclass

import numpy as np

from fmnist_core.colours import class_colours
from fmnist_ui import cached
from fmnist_ui.maps.map_source import Scene, Verdicts

WORDS = {
    "class": "Class",
    "predicted": "Prediction",
    "mistakes": "Errors",
    "confidence": "Confidence",
    "loss": "Loss",
    "trust": "Trust: true neighbours kept",
    "agreement": "Neighbours of its class",
    "chosen": "What is chosen",
}
FROM_RUN = ("predicted", "mistakes", "confidence", "loss")
MOST_COMPARED = 10_000  # points whose neighbours a page looks for by itself
GRAY, RED = "#94a4a2", "#bd1f01"
# Five steps from bad to good, dark enough on white and light enough on black.
STEPS = ("#bd1f01", "#e76300", "#ffa90e", "#7aa6a0", "#0f766e")


@dataclass(frozen=True, eq=False)
class Colours:
    index: np.ndarray  # (n,) uint8, into the palette
    palette: tuple[str, ...]
    legend: tuple[str, ...]


def available(scene: Scene, verdicts: Verdicts | None) -> tuple[str, ...]:
    """The ways of colouring that this map has values for."""
    small = len(scene.positions) <= MOST_COMPARED and cached.map_vectors(scene.spec) is not None
    there = {
        "trust": scene.trust is not None,
        "agreement": small,
        **dict.fromkeys(FROM_RUN, verdicts is not None),
    }
    return tuple(mode for mode in WORDS if there.get(mode, True))


def colours_of(
    mode: str, scene: Scene, verdicts: Verdicts | None, names: tuple[str, ...], chosen: np.ndarray
) -> Colours:
    """chosen: (m,) rows. A mode that the map has no values for is that of the classes."""
    labels = scene.labels
    if mode == "chosen":
        return Colours(np.isin(np.arange(len(labels)), chosen).astype(np.uint8), (GRAY, RED), ("others", "chosen"))
    if mode == "trust" and scene.trust is not None:
        legend = ("0 or 1 of 10 kept", "2 or 3", "4 or 5", "6 or 7", "8 or more")
        return _stepped(10 * scene.trust, (1.5, 3.5, 5.5, 7.5), legend)
    if mode == "agreement" and (found := cached.map_vectors(scene.spec)) is not None:
        share = cached.label_agreement(scene.spec.vectors_name, scene.spec.spherize, found[1], labels)
        return _stepped(10 * share, (1.5, 3.5, 5.5, 7.5), ("0 or 1 of 10", "2 or 3", "4 or 5", "6 or 7", "8 or more"))
    if verdicts is not None and mode == "mistakes":
        return Colours((verdicts.predicted != labels).astype(np.uint8), (GRAY, RED), ("right", "wrong"))
    if verdicts is not None and mode == "confidence":
        legend = ("under 50 %", "50–70 %", "70–90 %", "90–99 %", "over 99 %")
        return _stepped(verdicts.confidence, (0.5, 0.7, 0.9, 0.99), legend)
    if verdicts is not None and mode == "loss":
        legend = ("over 3", "1 to 3", "0.3 to 1", "0.05 to 0.3", "under 0.05")
        return _stepped(-verdicts.loss, (-3, -1, -0.3, -0.05), legend)
    index = verdicts.predicted if verdicts is not None and mode == "predicted" else labels
    return Colours(index.astype(np.uint8), class_colours(len(names)), names)


def _stepped(values: np.ndarray, borders: tuple[float, ...], legend: tuple[str, ...]) -> Colours:
    return Colours(np.digitize(values, borders).astype(np.uint8), STEPS, legend)
