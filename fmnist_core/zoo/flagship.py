"""This project's own best networks: residual ones, small enough for two processor cores.

Residual blocks are He, Zhang, Ren and Sun's (Deep Residual Learning for Image Recognition, 2016). How they are laid
out here, and the recipes, were chosen on the validation pictures: benchmarks/training/variants.py, docs/log.md.
"""

import functools
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

from fmnist_core.recipe import Augmentation, Optimizer, Recipe, Split, Stage
from fmnist_core.zoo.spec import Model, Published, Source

if TYPE_CHECKING:
    import keras

MOMENTUM = 0.9  # of the moving averages of batch normalization: a short training must not be judged by its start


def residual_network(
    name: str,
    num_classes: int = 10,
    *,
    stem: tuple[int, int, int] = (32, 3, 1),
    widths: Sequence[int] = (64, 128, 256),
    blocks: Sequence[int] = (1, 1, 0),
    squeeze: bool = False,
    pool: Literal["max", "average"] = "max",
) -> "keras.Model":
    """A convolution, then groups that each begin by halving the picture, a pool over all positions, the logits.

    Args:
        stem: filters, side and stride of the first convolution.
        widths: filters of each group. blocks: residual blocks in each.
        squeeze: whether each group ends with squeeze and excitation (Hu, Shen and Sun, 2018).
        pool: over all positions, before the logits.
    """
    from keras import Model, layers

    from fmnist_core.zoo.layers import picture_input

    convolve = functools.partial(_convolve, counter=_counter())
    picture = picture_input()
    filters, side, stride = stem
    value = convolve(picture, filters, side=side, stride=stride)
    for number, (width, count) in enumerate(zip(widths, blocks, strict=True), start=1):
        halve = number > 1 or stride == 1
        value = convolve(value, width, stride=2 if halve else 1)
        for block in range(1, count + 1):
            inner = convolve(value, width)
            inner = convolve(inner, width, activate=False)
            value = layers.Add(name=f"sum{number}_{block}")([value, inner])
            value = layers.Activation("relu", name=f"block{number}_{block}")(value)
        if squeeze:
            value = _squeeze(value, f"squeeze{number}")
    pooled = layers.GlobalMaxPooling2D if pool == "max" else layers.GlobalAveragePooling2D
    value = pooled(name="pool")(value)
    return Model(picture, layers.Dense(num_classes, name="logits")(value), name=name)


def _counter() -> Callable[[], int]:
    numbers = iter(range(1, 1_000))
    return lambda: next(numbers)


def _convolve(
    value: Any, filters: int, *, counter: Callable[[], int], side: int = 3, stride: int = 1, activate: bool = True
) -> Any:
    """Convolution without bias, batch normalization, and, unless a sum comes first, relu."""
    from keras import layers

    number = counter()
    value = layers.Conv2D(filters, side, stride, padding="same", use_bias=False, name=f"conv{number}")(value)
    value = layers.BatchNormalization(momentum=MOMENTUM, name=f"batch_norm{number}")(value)
    return layers.Activation("relu", name=f"relu{number}")(value) if activate else value


def _squeeze(value: Any, name: str) -> Any:
    """Each channel times a factor in 0..1 that a small network derives from the means of all channels."""
    from keras import layers

    channels = value.shape[-1]
    factor = layers.GlobalAveragePooling2D(keepdims=True, name=f"{name}_mean")(value)
    factor = layers.Conv2D(channels // 8, 1, activation="relu", name=f"{name}_inner")(factor)
    factor = layers.Conv2D(channels, 1, activation="sigmoid", name=f"{name}_factor")(factor)
    return layers.Multiply(name=name)([value, factor])


def build_flagship(num_classes: int = 10) -> "keras.Model":
    return residual_network(
        "flagship", num_classes, widths=(64, 128, 192), blocks=(1, 2, 0), squeeze=True, pool="average"
    )


def build_flagship_small(num_classes: int = 10) -> "keras.Model":
    return residual_network("flagship_small", num_classes, pool="average")


def build_robust(num_classes: int = 10) -> "keras.Model":
    return residual_network("robust", num_classes, pool="average")


AUGMENTATION = Augmentation(flip=True, in_turn=True, crop=2, fill="constant", cutout=10, cutout_chance=0.5)
# What photos do turns, sizes and darkens already; done to every picture it cost more than a point (docs/log.md).
DAMAGED = replace(AUGMENTATION, crop=4, cutout=0, photo_damage=0.1)
OPTIMIZER = Optimizer("sgd", 0.2, 0.9, True, weight_decay=5e-4, schedule="one_cycle", warm_up=0.2)


def recipe(model: str, epochs: int, augmentation: Augmentation = AUGMENTATION) -> Recipe:
    return Recipe(
        model=model,
        stages=(Stage(epochs, augmentation),),
        optimizer=OPTIMIZER,
        split=Split("last", validation=5_000),
        loss="categorical_crossentropy",
        label_smoothing=0.1,
        batch_size=256,
        mirror=True,
    )


SOURCE = Source("This project", None)
OURS = "Ours: the layout and the recipe, chosen on the validation pictures (docs/log.md)."


def _ours(
    name: str, title: str, idea: str, build: Callable[..., Any], epochs: int, augmentation: Augmentation = AUGMENTATION
) -> Model:
    return Model(
        name=name,
        title=title,
        idea=idea,
        source=SOURCE,
        build=build,
        recipe=recipe(name, epochs, augmentation),
        published=Published(note="Its figures are this project's own; nothing was published before."),
        note=f"{OURS} It looks at each picture and at its mirror image, and answers with the mean.",
    )


ROWS = (
    _ours(
        "flagship",
        "Flagship",
        "Residual blocks: what a layer learns is added to what came in, so that nothing has to be learned twice.",
        build_flagship,
        60,
    ),
    _ours(
        "flagship_small",
        "Flagship in ten minutes",
        "The best that ten minutes of training on two cores bring: the flagship's idea with fewer layers.",
        build_flagship_small,
        16,
    ),
    _ours(
        "robust",
        "Robust",
        "The ten-minute network, trained on pictures that are turned, moved and damaged as snapshots are.",
        build_robust,
        16,
        DAMAGED,
    ),
)
