"""James Le's frozen VGG19 as code: what its ImageNet filters make of each picture, and the head that is trained."""

from fmnist_core.data import SIDE
from fmnist_core.networks.layers import Layer, Network
from fmnist_core.script.lines import INDENT, Block, code, definition, literal, one_a_line
from fmnist_core.script.model_code import PICTURE, steps_of, with_dropout
from fmnist_core.zoo import vgg19
from fmnist_core.zoo.vgg19 import SCALES

HEAD = Network("head", (Layer("dense", units=vgg19.HEAD_UNITS), Layer("dropout", rate=vgg19.HEAD_DROPOUT)))


def write(model: str, dropout: float | None) -> list[Block]:
    """Makes `picture`, `trunk`, `head`, and the function `features`."""
    side = vgg19.SIDE
    means = ", ".join(literal(-mean) for mean in vgg19.BLUE_GREEN_RED_MEANS)
    head = ["keras.Input(trunk.output_shape[1:])", *steps_of(with_dropout(HEAD, dropout))]
    return [
        code(
            f"picture = {PICTURE}",
            f"places = np.cumsum([{SIDE // 2} / {side}] + [{SIDE} / {side}] * {side - 1})  # as Pillow's nearest",
            "pixels = places.astype(int)",
            "x = ops.take(ops.take(picture, pixels, axis=1), pixels, axis=2)",
            f"x = layers.Rescaling({literal(SCALES[model])}, [{means}])(layers.Concatenate()([x, x, x]))",
            'vgg19 = keras.applications.VGG19(weights="imagenet", include_top=False, input_tensor=x)',
            "trunk = keras.Model(picture, layers.Flatten()(vgg19.output))",
            "trunk.trainable = False",
            "head = keras.Sequential(",
            f"{INDENT}[",
            *one_a_line(head, INDENT * 2),
            f"{INDENT}]",
            ")",
        ),
        definition(
            "def features(images):",
            f'{INDENT}"""What the frozen layers make of pictures, computed once; half precision halves the memory."""',
            f"{INDENT}parts = np.array_split(images, -(-len(images) // 1000))",
            f'{INDENT}return np.concatenate([trunk.predict(x, verbose=0).astype("float16") for x in parts])',
        ),
    ]
