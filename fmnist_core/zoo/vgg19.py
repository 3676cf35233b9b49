"""James Le, 2018: a VGG19 that learned from photos (ImageNet), frozen, and a small new head.

References: notebook VGG19-GPU in https://github.com/khanhnamle1994/fashion-mnist (all figures below); Simonyan and
Zisserman, Very Deep Convolutional Networks for Large-Scale Image Recognition, arXiv 1409.1556.

The notebook divides pixels by 255 before Keras' VGG19 preprocessing, which expects 0 to 255: it subtracts about
104, 117 and 124, so every input lies between -124 and -103 and pictures hardly differ. The zoo keeps that model as
published, and a second one with the mistake mended.
"""

import hashlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fmnist_core.recipe import Optimizer, Recipe, Stage
from fmnist_core.zoo import james_le
from fmnist_core.zoo.spec import Model, Published, WeightsUnavailable

if TYPE_CHECKING:
    import keras

SIDE = 150  # pixels; the published size
TRUNK = "flatten"
BLUE_GREEN_RED_MEANS = (103.939, 116.779, 123.68)  # of ImageNet, in the channel order that VGG19 was trained with
WHITE = 255.0
SCALES = {"vgg19_published": 1.0, "vgg19_fixed": WHITE}  # what a white pixel, 1 at the input, is before preprocessing
HEAD_UNITS, HEAD_DROPOUT = 512, 0.5

WEIGHTS_VARIABLE = "FMNIST_VGG19_WEIGHTS"
WEIGHTS_FILE = "vgg19_weights_tf_dim_ordering_tf_kernels_notop.h5"
WEIGHTS_ADDRESS = f"https://storage.googleapis.com/tensorflow/keras-applications/vgg19/{WEIGHTS_FILE}"
SECONDS_TO_ANSWER = 4.0
WEIGHTS_MD5 = "253f8cb515780f3b799900260a226db6"


def build_vgg19_published(num_classes: int = 10) -> "keras.Model":
    return _build("vgg19_published", num_classes)


def build_vgg19_fixed(num_classes: int = 10) -> "keras.Model":
    return _build("vgg19_fixed", num_classes)


def _build(name: str, num_classes: int) -> "keras.Model":
    import keras
    from keras import layers

    from fmnist_core.zoo.layers import NearestResize, picture_input

    picture = picture_input()
    # The published resizing is Pillow's default of 2018. Gray in all channels: red-green-blue or the reverse is one.
    x = NearestResize(SIDE, name="resize")(picture)
    x = layers.Concatenate(name="channels")([x, x, x])
    x = layers.Rescaling(SCALES[name], offset=[-mean for mean in BLUE_GREEN_RED_MEANS], name="preprocess")(x)
    # Trunk: 16 convolutions and 5 poolings, 150x150x3 -> 4x4x512. Random until `load_trunk`.
    vgg19 = keras.applications.VGG19(include_top=False, weights=None, input_tensor=x)
    vgg19.trainable = False
    x = layers.Flatten(name=TRUNK)(vgg19.output)
    # Head
    x = layers.Dense(HEAD_UNITS, activation="relu", name="dense1")(x)
    x = layers.Dropout(HEAD_DROPOUT, name="dropout1")(x)
    return keras.Model(picture, layers.Dense(num_classes, name="logits")(x), name=name)


def vgg19_weights_path() -> Path | None:
    """The ImageNet weights on this machine: the file FMNIST_VGG19_WEIGHTS names, else the one in Keras' cache.

    None: neither is there, and `load_trunk` would have to download 80 MB. Looks at names only; the content is
    checked by `load_trunk`.
    """
    if named := os.environ.get(WEIGHTS_VARIABLE):
        path = Path(named)
    else:
        path = Path(os.environ.get("KERAS_HOME") or Path.home() / ".keras").expanduser() / "models" / WEIGHTS_FILE
    return path if path.is_file() else None


def missing_weights() -> str:
    """What a visitor should know before a training begins, as Markdown; "" where the weights are here."""
    if vgg19_weights_path() is not None:
        return ""
    return (
        f"VGG19 starts from its ImageNet weights, 80 MB, which are not on this machine. A training first downloads "
        f"them; without a network get [the file]({WEIGHTS_ADDRESS}) elsewhere, and start the app with "
        f"{WEIGHTS_VARIABLE} set to its path."
    )


def require_weights() -> None:
    """Asks whether the weights could be had, in seconds and without fetching them. Raises WeightsUnavailable."""
    if vgg19_weights_path() is not None:
        return
    if named := os.environ.get(WEIGHTS_VARIABLE):
        raise WeightsUnavailable(_sentence(f"{WEIGHTS_VARIABLE} names {Path(named).name}, and there is no such file"))
    import urllib.request

    try:
        request = urllib.request.Request(WEIGHTS_ADDRESS, method="HEAD")
        with urllib.request.urlopen(request, timeout=SECONDS_TO_ANSWER):
            return
    except OSError as error:  # as all that urllib raises
        reason = getattr(error, "reason", None) or error
        why = getattr(reason, "strerror", None) or reason
        raise WeightsUnavailable(_sentence(f"they are not on this machine and no download works ({why})")) from None


def load_trunk(model: Any) -> None:
    """Gives the frozen convolutions of a VGG19 of this module their ImageNet weights.

    They come from the file that FMNIST_VGG19_WEIGHTS names; without that variable from Keras' cache, where they are
    downloaded to if need be. Either way the MD5 is checked: weights of another network may fit and mean nothing.

    Raises:
        WeightsUnavailable: there is no such file, it cannot be downloaded, or it is another one.
    """
    import keras

    path = _find_or_download()
    convolutions = keras.Model(model.input, model.get_layer("block5_pool").output)
    try:
        convolutions.load_weights(path)
    except (OSError, ValueError, KeyError) as error:
        raise WeightsUnavailable(_sentence(f"{path.name} does not hold them ({type(error).__name__})")) from error


def _find_or_download() -> Path:
    if named := os.environ.get(WEIGHTS_VARIABLE):
        require_weights()
        return _checked(Path(named))
    import keras

    try:
        return Path(keras.utils.get_file(WEIGHTS_FILE, WEIGHTS_ADDRESS, cache_subdir="models", file_hash=WEIGHTS_MD5))
    except Exception as error:  # a failed download is a plain Exception in Keras
        why = error.strerror if isinstance(error, OSError) and error.filename else error  # without a path of the host
        raise WeightsUnavailable(_sentence(f"they are not on this machine and no download works ({why})")) from error


def _checked(path: Path) -> Path:
    """The path, once the file's content was seen to be the published one."""
    try:
        with path.open("rb") as file:
            found = hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise WeightsUnavailable(_sentence(f"{path.name} cannot be read ({why})")) from None
    if found != WEIGHTS_MD5:
        raise WeightsUnavailable(_sentence(f"{path.name} is another file, of MD5 {found}"))
    return path


def _sentence(problem: str) -> str:
    return (
        f"VGG19 needs its ImageNet weights: {problem}. Expected the file {WEIGHTS_FILE} (80 MB, MD5 {WEIGHTS_MD5}). "
        f"Get it from {WEIGHTS_ADDRESS} and set {WEIGHTS_VARIABLE} to its path."
    )


def _recipe(model: str) -> Recipe:
    return Recipe(
        model=model,
        stages=(Stage(50),),
        optimizer=Optimizer("adam", learning_rate=1e-3),
        split=james_le.SPLIT,
        loss="categorical_crossentropy",
        batch_size=256,
    )


COST = (
    "A picture costs 8.4 billion multiplications in the frozen part, so all 70,000 take hours on a CPU: they are "
    "computed once, and a smaller number of pictures in the recipe shortens them. The published split cannot be "
    "rebuilt: it was drawn from a file of the pictures in another order. Ours has the same sizes and seed."
)

WHY_NO_RUN = (
    "It starts from ImageNet weights (80 MB) that do not come with the app. Where Keras can download them, or "
    f"{WEIGHTS_VARIABLE} names the file, `make reproduce MODEL=%s` trains it."
)

ROWS = (
    Model(
        name="vgg19_published",
        title="VGG19, frozen, as published",
        idea="Filters learned from a million photos are reused as they are, and only the last two layers learn.",
        source=james_le.SOURCE,
        build=build_vgg19_published,
        recipe=_recipe("vgg19_published"),
        why_no_run=WHY_NO_RUN % "vgg19_published",
        published=Published(
            test_accuracy=0.7664,
            test_loss=0.62384,
            train_accuracy=0.7010,
            train_loss=0.7914,
            validation_accuracy=0.7605,
            validation_loss=0.6370,
            seconds_per_epoch="3 on a cloud GPU, for the head alone; 398 before that for the frozen part",
            precision_recall=(
                ((0.63, 0.83), (0.94, 0.95), (0.68, 0.56), (0.81, 0.79), (0.62, 0.76))
                + ((0.77, 0.95), (0.50, 0.27), (0.89, 0.77), (0.87, 0.94), (0.91, 0.85))
            ),
            note=(
                "The best validation accuracy was 76.60%, in epoch 43. An older notebook of the same repository "
                "trains the head for 10 epochs; the published GPU notebook, followed here, for 50."
            ),
        ),
        trunk=TRUNK,
        load_trunk=load_trunk,
        missing=missing_weights,
        require=require_weights,
        note=(
            "Contains the published mistake: pixels are divided by 255 and only then preprocessed for 0 to 255, "
            f"which leaves nearly constant pictures and explains the low accuracy. {COST}"
        ),
    ),
    Model(
        name="vgg19_fixed",
        title="VGG19, frozen, input mended",
        idea="The same reused filters, but now they are given the bright and dark pictures that they were made for.",
        source=james_le.SOURCE,
        build=build_vgg19_fixed,
        recipe=_recipe("vgg19_fixed"),
        why_no_run=WHY_NO_RUN % "vgg19_fixed",
        published=Published(note="Nobody has published this variant; the published one has 76.64%."),
        trunk=TRUNK,
        load_trunk=load_trunk,
        missing=missing_weights,
        require=require_weights,
        note=f"Ours: as published, but pixels are 0 to 255 when they are preprocessed. {COST}",
    ),
)
