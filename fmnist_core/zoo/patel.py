"""Keval Patel: five steps from a plain network to 93.40%, then photos of his own.

No public code is known. The article names layers, dropout rates and batch sizes in words; what it leaves open is
filled in here and said in each row's note. Hidden activations are taken to be relu.
"""

from typing import TYPE_CHECKING

from fmnist_core.recipe import Optimizer, Recipe, Split, Stage
from fmnist_core.zoo.spec import Model, Published, Source

if TYPE_CHECKING:
    import keras

SOURCE = Source("Keval Patel, a CNN on Fashion-MNIST and real photos", None)


def build_patel_dense(num_classes: int = 10) -> "keras.Model":
    from keras import layers

    from fmnist_core.zoo.layers import chain

    return chain(
        "patel_dense",
        layers.Flatten(name="flatten"),
        layers.Dense(512, activation="relu", name="dense1"),
        layers.Dense(num_classes, name="logits"),
    )


def build_patel_cnn32(num_classes: int = 10) -> "keras.Model":
    return _one_convolution("patel_cnn32", 32, num_classes)


def build_patel_cnn64(num_classes: int = 10) -> "keras.Model":
    return _one_convolution("patel_cnn64", 64, num_classes)


def _one_convolution(name: str, filters: int, num_classes: int) -> "keras.Model":
    from keras import layers

    from fmnist_core.zoo.layers import chain

    return chain(
        name,
        layers.Conv2D(filters, 3, activation="relu", name="conv1"),
        layers.MaxPooling2D(2, name="pool1"),
        layers.Flatten(name="flatten"),
        layers.Dense(512, activation="relu", name="dense1"),
        layers.Dense(num_classes, name="logits"),
    )


def build_patel_deep(num_classes: int = 10) -> "keras.Model":
    from keras import layers

    from fmnist_core.zoo.layers import chain

    return chain(
        "patel_deep",
        layers.Conv2D(64, 3, activation="relu", name="conv1"),
        layers.MaxPooling2D(2, name="pool1"),
        layers.Dropout(0.25, name="dropout1"),
        layers.Conv2D(128, 3, activation="relu", name="conv2"),
        layers.Dropout(0.4, name="dropout2"),
        layers.Flatten(name="flatten"),
        layers.Dropout(0.3, name="dropout3"),
        layers.Dense(512, activation="relu", name="dense1"),
        layers.Dense(num_classes, name="logits"),
    )


def build_patel_final(num_classes: int = 10) -> "keras.Model":
    from keras import layers

    from fmnist_core.zoo.layers import chain

    return chain(
        "patel_final",
        layers.Conv2D(32, 3, padding="same", activation="relu", name="conv1"),
        layers.MaxPooling2D(2, name="pool1"),
        layers.Dropout(0.3, name="dropout1"),
        layers.Conv2D(64, 3, padding="same", activation="relu", name="conv2"),
        layers.MaxPooling2D(2, name="pool2"),
        layers.Dropout(0.3, name="dropout2"),
        layers.Flatten(name="flatten"),
        layers.Dense(128, activation="relu", name="dense1"),
        layers.Dense(num_classes, name="logits"),
    )


def _recipe(model: str, epochs: int, batch_size: int) -> Recipe:
    return Recipe(
        model=model,
        stages=(Stage(epochs),),
        optimizer=Optimizer("adam", learning_rate=1e-3),
        split=Split("none", validation=0),
        loss="sparse_categorical_crossentropy",
        batch_size=batch_size,
    )


NO_SPLIT = "All 60,000 pictures are for training, as published: there is no validation split."

WHY_DIFFERENT = (
    "The article leaves sizes, epochs or batches open, and no code is public: what fills them in here is a guess."
)

ROWS = (
    Model(
        name="patel_dense",
        title="Patel 1: plain",
        idea="The simplest start: one layer of 512 units that looks at all pixels at once.",
        source=SOURCE,
        build=build_patel_dense,
        recipe=_recipe("patel_dense", 10, 32),
        why_different=WHY_DIFFERENT,
        published=Published(test_accuracy=0.88, train_accuracy=0.91),
        note=f"Ours where the source is silent: 512 units, 10 epochs, batches of 32. {NO_SPLIT}",
    ),
    Model(
        name="patel_cnn32",
        title="Patel 2: 32 filters",
        idea="Put 32 filters before the plain network, and it sees edges instead of single pixels.",
        source=SOURCE,
        build=build_patel_cnn32,
        recipe=_recipe("patel_cnn32", 10, 32),
        why_different=WHY_DIFFERENT,
        published=Published(test_accuracy=0.91, train_accuracy=0.98, note="10 epochs are published."),
        note=f"Ours where the source is silent: no padding, 512 units, batches of 32. {NO_SPLIT}",
    ),
    Model(
        name="patel_cnn64",
        title="Patel 3: 64 filters",
        idea="Twice as many filters: does it see more, or only learn the training pictures by heart?",
        source=SOURCE,
        build=build_patel_cnn64,
        recipe=_recipe("patel_cnn64", 10, 32),
        why_different=WHY_DIFFERENT,
        published=Published(test_accuracy=0.92, train_accuracy=0.97),
        note=f"Ours where the source is silent: no padding, 512 units, 10 epochs, batches of 32. {NO_SPLIT}",
    ),
    Model(
        name="patel_deep",
        title="Patel 4: deeper, with dropout",
        idea="A second round of filters, and dropout to keep eight million weights from learning by heart.",
        source=SOURCE,
        build=build_patel_deep,
        recipe=_recipe("patel_deep", 50, 100),
        why_different=WHY_DIFFERENT,
        published=Published(
            test_accuracy=0.93,
            train_accuracy=0.95,
            note='The test accuracy is given as "about 93%"; the article speaks of 10 minutes an epoch.',
        ),
        note=(
            "Ours where the source is silent: no padding, no pooling after the second convolution (his next step "
            "adds one), the third dropout after the flattening (his next step removes it), 512 units, and 50 epochs "
            f'for his "more epochs". {NO_SPLIT}'
        ),
    ),
    Model(
        name="patel_final",
        title="Patel 5: final",
        idea="A second pooling and fewer units make the network nineteen times smaller, and it still gets better.",
        source=SOURCE,
        build=build_patel_final,
        recipe=_recipe("patel_final", 100, 100),
        why_different=WHY_DIFFERENT,
        published=Published(
            test_accuracy=0.9340,
            note="The author finds no over-fitting, and that few of his 30 downloaded photos are recognised.",
        ),
        note=(
            'The source has "all dropouts 0.3": one after each pooling here; a third after dense1 would fit its '
            f"words too. {NO_SPLIT}"
        ),
    ),
)
