"""Which arithmetic a training uses, and the layers that make the cheaper one pay."""

from typing import Any

import keras
import tensorflow as tf

from fmnist_core.machine import fitting_precision
from fmnist_core.recipe import Recipe

MOST_DROPPED = 255 / 256  # a rate; beyond it 8 random bits cannot tell


class FusedBatchNormalization(keras.layers.BatchNormalization):
    """Batch normalization through TensorFlow's fused kernel, which takes bfloat16 as it is.

    Keras' own layer computes moments from several small operations, in float32; on a CPU that costs more than
    bfloat16 gains (benchmarks/training/engine.py). Same weights, same momentum, same epsilon, same moving averages.
    """

    def call(self, inputs: Any, training: bool | None = None, mask: Any = None) -> Any:
        if not training or len(inputs.shape) != 4:
            return super().call(inputs, training=training, mask=mask)
        result = tf.raw_ops.FusedBatchNormV3(
            x=inputs,
            scale=tf.cast(self.gamma, tf.float32),
            offset=tf.cast(self.beta, tf.float32),
            mean=tf.zeros([0]),
            variance=tf.zeros([0]),
            epsilon=self.epsilon,
            is_training=True,
        )
        count = tf.cast(tf.size(inputs) // inputs.shape[-1], tf.float32)
        biased = result.batch_variance * (count - 1) / count  # the kernel divides by count - 1, Keras by count
        for moving, batch in ((self.moving_mean, result.batch_mean), (self.moving_variance, biased)):
            moving.assign(moving * self.momentum + batch * (1 - self.momentum))
        return result.y


class FastDropout(keras.layers.Dropout):
    """Dropout that draws 8 random bits a value, where Keras draws 32 and makes a float of them.

    Drawing is most of dropout's cost, and a quarter of a step of CNN 2 (benchmarks/training/engine.py). A value is
    dropped with the probability `rate`: where that lies between two 256ths, each call draws which of them to use.
    """

    def call(self, inputs: Any, training: bool = False) -> Any:
        if not training or not self.rate:
            return inputs
        if self.rate > MOST_DROPPED:
            return super().call(inputs, training=training)
        shape, count = tf.shape(inputs), tf.size(inputs)
        words = tf.random.stateless_uniform(
            [1 + -(-count // 4)], self.seed_generator.next(), minval=None, maxval=None, dtype=tf.uint32
        )
        drawn = tf.reshape(tf.reshape(tf.bitcast(words[1:], tf.uint8), [-1])[:count], shape)
        kept = tf.cast(drawn >= self._threshold(words[0]), inputs.dtype)
        return inputs * (kept * tf.cast(1 / (1 - self.rate), inputs.dtype))

    def _threshold(self, word: Any) -> Any:
        """uint8, at most 255: drawn so that its mean is 256 times the rate."""
        low, between = divmod(self.rate * 256, 1)
        higher = tf.cast(word, tf.float32) < between * 2.0**32
        return tf.cast(int(low), tf.uint8) + tf.cast(higher, tf.uint8)


class RectifiedMaxPooling(keras.layers.MaxPooling2D):
    """The largest of what ReLU leaves of a patch: ReLU of its largest. So ReLU has less to do, a quarter in 2 x 2."""

    def call(self, inputs: Any) -> Any:
        return keras.ops.relu(super().call(inputs))


class StridedPointwise(keras.layers.Conv2D):
    """A convolution of single pixels that passes over some: they are left out first, all the others convolved then.

    Of the usual way TensorFlow's oneDNN gives a wrong gradient of the kernel where it has few channels and two threads,
    and with one thread it writes beyond its memory, which ends the process (docs/log.md). This is as fast.
    """

    def convolution_op(self, inputs: Any, kernel: Any) -> Any:
        kept = keras.ops.average_pool(inputs, 1, self.strides, padding="valid")
        return keras.ops.conv(kept, kernel, strides=1, padding="valid")


KERNELS = (keras.layers.Dense, keras.layers.Conv2D, keras.layers.SeparableConv2D, keras.layers.DepthwiseConv2D)
PENALTIES = ("kernel_regularizer", "depthwise_regularizer", "pointwise_regularizer")  # as Keras calls those of kernels
# What stands for a Keras layer in a training copy.
FAST: dict[Any, Any] = {keras.layers.BatchNormalization: FusedBatchNormalization, keras.layers.Dropout: FastDropout}


def choose_precision(requested: str, model: keras.Model) -> str:
    """What a training of the model computes in: "float32" or "mixed_bfloat16"."""
    return fitting_precision(requested, any(isinstance(layer, keras.layers.Conv2D) for layer in model.layers))


def training_copy(model: keras.Model, precision: str, chosen: Recipe | None = None) -> keras.Model:
    """The same network with the same weights, in `precision`, with the fast layers; logits stay float32.

    What a convolution before a max pooling gives is not rectified yet: the pooling does it. Of the recipe `chosen` it
    has dropout and L2 regularization, which leave no trace in the weights' shapes; None: as the network is.
    """
    pooled = _pooled_next(model)
    pools = set(pooled.values())
    dropout, l2 = (chosen.dropout, chosen.l2) if chosen else (None, 0.0)
    lacking = dropout if dropout and not any(isinstance(one, keras.layers.Dropout) for one in model.layers) else None

    def fast(layer: keras.layers.Layer) -> keras.layers.Layer:
        config = layer.get_config()
        config["dtype"] = "float32" if layer.name == "logits" else precision
        if layer.name in pooled:
            config["activation"] = "linear"
        if isinstance(layer, keras.layers.Dropout) and dropout is not None:
            config["rate"] = dropout
        config |= _penalties(layer, l2)
        return _fast_kind(layer, layer.name in pools).from_config(config)

    def with_dropout(layer: keras.layers.Layer, inputs: Any, *rest: Any, **named: Any) -> Any:
        if layer.name == "logits":
            inputs = FastDropout(lacking, dtype=precision, name="added_dropout")(inputs)
        return layer(inputs, *rest, **named)

    copy = keras.models.clone_model(model, clone_function=fast, call_function=with_dropout if lacking else None)
    copy.set_weights(model.get_weights())
    return copy


def _fast_kind(layer: keras.layers.Layer, rectifies: bool) -> Any:
    """The class of what stands for the layer in a training copy."""
    if rectifies:
        return RectifiedMaxPooling
    if type(layer) is keras.layers.Conv2D and layer.kernel_size == (1, 1) and layer.strides != (1, 1):
        return StridedPointwise
    return FAST.get(type(layer), type(layer))


def _penalties(layer: keras.layers.Layer, l2: float) -> dict[str, Any]:
    """What the settings of a convolution or a dense layer say of L2 regularization: of each of its kernels."""
    if not l2 or not isinstance(layer, KERNELS):
        return {}
    names = [name for name in layer.get_config() if name in PENALTIES]
    return {name: keras.regularizers.serialize(keras.regularizers.L2(l2)) for name in names}


def _pooled_next(model: keras.Model) -> dict[str, str]:
    """Of each convolution with ReLU that only a max pooling sees, that pooling's name; each of them called once."""
    readers: dict[int, list[Any]] = {id(output): [None] for output in model.outputs}
    for layer in model.layers:
        if len(layer._inbound_nodes) != 1:  # a layer that several places share stays as it is, and all before it
            return {}
        for given in layer.input if isinstance(layer.input, list) else [layer.input]:
            readers.setdefault(id(given), []).append(layer)
    return {
        layer.name: readers[id(layer.output)][0].name
        for layer in model.layers
        if isinstance(layer, keras.layers.Conv2D)
        and layer.activation is keras.activations.relu
        and [type(reader) for reader in readers.get(id(layer.output), [])] == [keras.layers.MaxPooling2D]
    }
