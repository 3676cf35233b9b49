"""What an audit of the labels is asked for, the training of its networks, and one number for each picture."""

import hashlib
import json
from dataclasses import dataclass

import numpy as np

from fmnist_core import data
from fmnist_core.analysis import confident_learning
from fmnist_core.networks import shapes
from fmnist_core.networks.layers import Network
from fmnist_core.recipe import OWN, Optimizer, Recipe, Split, Stage
from fmnist_core.storage.schema import as_plain
from fmnist_core.zoo import MODELS, get_model, own_network

VERSION = 1  # of the files and of what is computed
OPTIMIZER = Optimizer("adamw", 3e-3, weight_decay=0.01, schedule="one_cycle", warm_up=0.2)


@dataclass(frozen=True)
class AuditSpec:
    """What is asked for. CNN 1 is the network that is most often right for the minutes it takes.

    repeats: how often all folds are drawn and trained anew. A picture is judged by the mean of so many networks.
    """

    model: str = "cnn_1"
    epochs: int = 4
    folds: int = 5
    seed: int = 0
    repeats: int = 1
    pictures: int = data.SIZES["train"]  # the first so many of the training set, and as many of the test set
    network: Network | None = None  # whose layers judge, where the model is OWN

    @property
    def name(self) -> str:
        asked = {name: value for name, value in as_plain(self).items() if value is not None}
        told = json.dumps([VERSION, asked, data.fingerprint()], sort_keys=True)
        return f"audit-{hashlib.sha256(told.encode()).hexdigest()[:10]}"

    @property
    def judge(self) -> str:
        """What its networks are called."""
        return self.network.title if self.network else self.model

    @property
    def networks(self) -> int:
        return self.repeats * self.folds

    @property
    def sizes(self) -> dict[str, int]:
        return {split: min(self.pictures, size) for split, size in data.SIZES.items()}


def check(spec: AuditSpec) -> None:
    """Raises ValueError with one sentence for what cannot be done."""
    usable = [name for name, model in MODELS.items() if model.trunk is None]
    if spec.network is not None:
        shapes.check(spec.network)
        usable = [OWN]
    if spec.model not in usable:
        raise ValueError(f"The model cannot be {spec.model!r:.60}. Choose one of: {', '.join(usable)}.")
    for name, low, high in (("epochs", 1, 200), ("folds", 2, 20), ("seed", 0, 1_000_000), ("repeats", 1, 99)):
        if not low <= getattr(spec, name) <= high:
            raise ValueError(f"The {name} of an audit can be {low} to {high:,}. Received: {getattr(spec, name)}.")
    if not 10 * spec.folds <= spec.pictures <= data.SIZES["train"]:
        raise ValueError(
            f"The pictures of an audit can be {10 * spec.folds} to {data.SIZES['train']}. Received: {spec.pictures}."
        )


def folds_of(spec: AuditSpec, repeat: int, labels: np.ndarray) -> np.ndarray:
    """(n,) int64: in which fold each of the pictures with these labels is, drawn anew for each repeat, from 0."""
    return confident_learning.stratified_folds(labels, spec.folds, spec.seed * 100 + repeat)


def recipe_of(spec: AuditSpec, network: int, pictures: int) -> Recipe:
    """How a network is trained on so many pictures: the model's own loss, and one short cycle of the rate.

    network: 0 to `spec.networks` - 1, the folds of the first repeat, then those of the second.
    """
    repeat, fold = divmod(network, spec.folds)
    return Recipe(
        spec.model,
        (Stage(spec.epochs),),
        OPTIMIZER,
        Split("none", 0),
        (own_network.recipe(spec.network) if spec.network else get_model(spec.model).recipe).loss,
        network=spec.network,
        batch_size=min(128, pictures),
        images=pictures,
        seed=spec.seed * 10_000 + repeat * 100 + fold,
    )


def code(split: str, position: int) -> int:
    """One number for each of the 70,000 pictures: the training pictures, then the test pictures."""
    return position if split == "train" else position + data.SIZES["train"]


def place(number: int) -> tuple[str, int]:
    """Split and position of a code."""
    offset = data.SIZES["train"]
    return ("train", int(number)) if number < offset else ("test", int(number) - offset)


def address(number: int) -> str:
    return data.picture_address(*place(number))
