"""The zoo: every model of the sources, and four of our own. A new model is one build function and one row.

A row (`spec.Model`) lies below its build function, one architecture family a file. Importing this package imports
neither Keras nor TensorFlow; a build function imports them when it is called.

Every build function takes num_classes and returns a Functional float32 keras.Model, named as its row, from "picture",
(n, 28, 28, 1) float32 in [0, 1], to its last layer "logits", (n, num_classes): raw values. Where the source ends in
a softmax, that layer has none: the loss takes logits, and who shows probabilities applies the softmax. Parameters
and accuracy are the same, and no digits are lost. What "logits" takes are the features of a picture.
"""

from fmnist_core import recipe
from fmnist_core.recipe import BROUGHT_IN, Recipe
from fmnist_core.zoo import adc, flagship, james_le, own, own_network, patel, pyimagesearch, vgg19
from fmnist_core.zoo.others import brought_in, classical
from fmnist_core.zoo.spec import Kind, Model

MODELS: dict[str, Model] = {
    model.name: model
    for model in (
        *flagship.ROWS,
        *james_le.ROWS,
        *vgg19.ROWS,
        *pyimagesearch.ROWS,
        *adc.ROWS,
        own.LENET5_VALID,
        *patel.ROWS,
        own.LSTM_ROWS,
    )
}

CLASSICAL: dict[str, Model] = classical.MODELS  # baselines without layers: nothing that builds networks offers them
ROWS: dict[str, Model] = MODELS | CLASSICAL | {BROUGHT_IN: brought_in.ROW}  # all that a run's recipe can name


def get_model(name: str) -> Model:
    """The row of that name, of a network.

    Raises:
        ValueError: no such model; the message lists those there are.
    """
    if name not in MODELS:
        raise ValueError(f"Unknown model {name!r}. Choose one of: {', '.join(MODELS)}.")
    return MODELS[name]


def get_trainable(name: str) -> Model:
    """As `get_model`, of a network or of a classical baseline."""
    return CLASSICAL.get(name) or get_model(name)


def model_of(chosen: Recipe) -> Model:
    """The row of a recipe's model, or what stands in for one where the network is its user's own or was brought in.

    Raises:
        ValueError: no such model.
    """
    return find(chosen) or get_model(chosen.model)


def find(chosen: Recipe) -> Model | None:
    """As `model_of`; None where the zoo has no such model, as of a run from elsewhere."""
    if chosen.network is not None:
        return own_network.model_of(chosen.network)
    return ROWS.get(chosen.model)


def kind_of(chosen: Recipe) -> Kind:
    """What its model is; one that the zoo does not know has been a network."""
    known = find(chosen)
    return known.kind if known else "network"


def check(chosen: Recipe) -> None:
    """Whether the recipe can be trained: its values, that its model exists, and what that model asks of it.

    Raises:
        ValueError: it cannot; the message is one sentence or two for whoever chose it.
    """
    recipe.check(chosen)
    if chosen.model in CLASSICAL:
        classical.check(chosen)
        return
    if not chosen.has_epochs:
        raise ValueError(f"The recipe of {chosen.model} has no epochs, so it cannot be trained. Expected 1 or more.")
    if model_of(chosen).trunk and any(stage.augmentation for stage in chosen.stages):
        raise ValueError(
            f"The frozen part of {chosen.model} looks at each picture only once, so the pictures cannot be changed "
            "anew in every epoch. Train it without augmentation."
        )
