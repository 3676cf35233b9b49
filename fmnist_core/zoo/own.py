"""Two architectures that the sources mention but do not give; how they are laid out and trained is this project's."""

from typing import TYPE_CHECKING

from fmnist_core.data import SIDE
from fmnist_core.recipe import Optimizer, Recipe, Split, Stage
from fmnist_core.zoo import adc
from fmnist_core.zoo.spec import Model, Published, Source

if TYPE_CHECKING:
    import keras

SOURCE = Source("This project", None)


def build_lenet5_valid(num_classes: int = 10) -> "keras.Model":
    """LeNet-5 with LeCun's sizes: 32 -> 28 -> 14 -> 10 -> 5 -> 1.

    Reference: LeCun, Bottou, Bengio and Haffner, Gradient-Based Learning Applied to Document Recognition, 1998.
    """
    from keras import layers

    from fmnist_core.zoo.layers import chain

    return chain(
        "lenet5_valid",
        layers.ZeroPadding2D(2, name="padding1"),
        layers.Conv2D(6, 5, activation="tanh", name="conv1"),
        layers.AveragePooling2D(2, name="pool1"),
        layers.Conv2D(16, 5, activation="tanh", name="conv2"),
        layers.AveragePooling2D(2, name="pool2"),
        layers.Conv2D(120, 5, activation="tanh", name="conv3"),
        layers.Flatten(name="flatten"),
        layers.Dense(84, activation="tanh", name="dense1"),
        layers.Dense(num_classes, name="logits"),
    )


def build_lstm_rows(num_classes: int = 10) -> "keras.Model":
    """Each picture is a sequence of 28 rows; the LSTM's state after the last row is judged."""
    from keras import layers

    from fmnist_core.zoo.layers import chain

    return chain(
        "lstm_rows",
        layers.Reshape((SIDE, SIDE), name="rows"),
        layers.LSTM(128, name="lstm1"),
        layers.Dense(num_classes, name="logits"),
    )


LENET5_VALID = Model(
    name="lenet5_valid",
    title="LeNet-5 with LeCun's sizes",
    idea="LeCun's network of 1998 in its true sizes: each round shrinks the picture, until one point is left.",
    source=SOURCE,
    build=build_lenet5_valid,
    recipe=adc.recipe("lenet5_valid", adc.ADAM),
    published=Published(note="Nobody has published this recipe on this dataset, as far as we know."),
    note=(
        "Ours, to compare with the two LeNets of a-d-c.ca, whose padding makes them 3.5 times larger: no padding in "
        "the convolutions, plain average pooling, every map connected, ten ordinary units at the end; their recipe."
    ),
)

LSTM_ROWS = Model(
    name="lstm_rows",
    title="LSTM over rows",
    idea="It reads a picture as one reads a page, row by row from the top, and remembers what it has seen.",
    source=SOURCE,
    build=build_lstm_rows,
    recipe=Recipe(
        model="lstm_rows",
        stages=(Stage(20),),
        optimizer=Optimizer("adam", learning_rate=3e-3),
        split=Split("last", validation=5_000),
        batch_size=128,
        keep="best",
    ),
    published=Published(
        note="Keval Patel's article cites 92.54% for somebody else's LSTM (Shen, ANU), whose layout is not given."
    ),
    note="Ours: the layout and the recipe.",
)
