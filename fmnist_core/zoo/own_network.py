"""A network that a user has put together: built in Keras, and as a row like those of the zoo."""

import functools
from typing import TYPE_CHECKING, Any

from fmnist_core.networks import parts
from fmnist_core.networks.layers import Network
from fmnist_core.recipe import OWN, Optimizer, Recipe, Split, Stage
from fmnist_core.zoo.spec import Model, Published, Source

if TYPE_CHECKING:
    import keras

SOURCE = Source("Put together in this app", None)


def build(network: Network, num_classes: int = 10) -> "keras.Model":
    """The network in Keras, its layers named as its parts are. It has passed `shapes.check`."""
    from keras import Model, layers

    from fmnist_core.zoo.layers import RadialBasis, picture_input

    values: dict[str, Any] = {parts.PICTURE: picture_input()}
    for part in parts.expand(network, num_classes):
        kind: Any = RadialBasis if part.op == "RadialBasis" else getattr(layers, part.op)
        given = [values[name] for name in part.inputs]
        values[part.name] = kind(**part.options, name=part.name)(given if len(given) > 1 else given[0])
    return Model(values[parts.PICTURE], values[parts.LOGITS], name=OWN)


def model_of(network: Network) -> Model:
    """A row for the network, with a recipe to begin with."""
    return Model(
        name=OWN,
        title=network.title,
        idea="A network of one's own: its layers were chosen in this app or written in a file.",
        source=SOURCE,
        build=functools.partial(build, network),
        recipe=recipe(network),
        published=Published(),
    )


def recipe(network: Network) -> Recipe:
    """As of CNN 2, but that the run keeps its best epoch: nobody knows before how long such a network learns."""
    return Recipe(
        model=OWN,
        network=network,
        stages=(Stage(20),),
        optimizer=Optimizer("adam", learning_rate=1e-3),
        split=Split("first", validation=5_000),
        loss="sparse_categorical_crossentropy",
        batch_size=32,
        keep="best",
    )
