"""Which arithmetic a training uses, and the layers that make the cheaper one pay."""

from typing import Any

import keras
import tensorflow as tf

from fmnist_core.machine import fitting_precision

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


# What stands for a Keras layer in a training copy.
FAST: dict[Any, Any] = {keras.layers.BatchNormalization: FusedBatchNormalization, keras.layers.Dropout: FastDropout}


def choose_precision(requested: str, model: keras.Model) -> str:
    """What a training of the model computes in: "float32" or "mixed_bfloat16"."""
    return fitting_precision(requested, any(isinstance(layer, keras.layers.Conv2D) for layer in model.layers))


def training_copy(model: keras.Model, precision: str) -> keras.Model:
    """The same network with the same weights, in `precision`, with the fast layers; logits stay float32.

    What a convolution before a max pooling gives is not rectified yet: the pooling does it.
    """
    pooled = _pooled_next(model)
    pools = set(pooled.values())

    def fast(layer: keras.layers.Layer) -> keras.layers.Layer:
        config = layer.get_config()
        config["dtype"] = "float32" if layer.name == "logits" else precision
        if layer.name in pooled:
            config["activation"] = "linear"
        kind: Any = RectifiedMaxPooling if layer.name in pools else type(layer)
        return FAST.get(kind, kind).from_config(config)

    copy = keras.models.clone_model(model, clone_function=fast)
    copy.set_weights(model.get_weights())
    return copy


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
