"""Which arithmetic a training uses, and the layers that make the cheaper one pay."""

from typing import Any

import keras
import tensorflow as tf

from fmnist_core.machine import cpu_has_bfloat16


class FusedBatchNormalization(keras.layers.BatchNormalization):
    """Batch normalization through TensorFlow's fused kernel, which takes bfloat16 as it is.

    Keras' own layer computes moments from several small operations, in float32; on a CPU that costs more than
    bfloat16 gains (benchmarks/engine.py). Same weights, same momentum, same epsilon, same moving averages.
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
    """Dropout that draws 8 or 16 random bits a value, where Keras draws 32 and makes a float of them.

    Drawing is most of dropout's cost, and a quarter of a step of CNN 2 (benchmarks/engine.py). A value is dropped
    with the probability `rate`, exactly where that is a whole number of 256ths, else within 1/131,072.
    """

    def call(self, inputs: Any, training: bool = False) -> Any:
        if not training or not self.rate:
            return inputs
        bits = tf.uint8 if float(self.rate * 256).is_integer() else tf.uint16
        dropped = round(self.rate * 2 ** (8 * bits.size))
        shape, count = tf.shape(inputs), tf.size(inputs)
        words = tf.random.stateless_uniform(
            [-(-count * bits.size // 4)], self.seed_generator.next(), minval=None, maxval=None, dtype=tf.uint32
        )
        drawn = tf.reshape(tf.reshape(tf.bitcast(words, bits), [-1])[:count], shape)
        kept = tf.cast(drawn >= tf.constant(dropped, bits), inputs.dtype)
        return inputs * (kept * tf.cast(1 / (1 - self.rate), inputs.dtype))


# What stands for a Keras layer in a training copy.
FAST: dict[Any, Any] = {keras.layers.BatchNormalization: FusedBatchNormalization, keras.layers.Dropout: FastDropout}


def choose_precision(requested: str, model: keras.Model) -> str:
    """Returns "float32" or "mixed_bfloat16" for "auto": bfloat16 where the processor has it and there are convolutions.

    Dense and recurrent networks of this size are bound by overhead; bfloat16 does not make them faster.
    """
    if requested != "auto":
        return requested
    has_convolution = any(isinstance(layer, keras.layers.Conv2D) for layer in model.layers)
    return "mixed_bfloat16" if has_convolution and cpu_has_bfloat16() else "float32"


def training_copy(model: keras.Model, precision: str) -> keras.Model:
    """The same network with the same weights, in `precision`, with the fast layers; logits stay float32."""

    def fast(layer: keras.layers.Layer) -> keras.layers.Layer:
        config = layer.get_config()
        config["dtype"] = "float32" if layer.name == "logits" else precision
        kind: Any = type(layer)
        return FAST.get(kind, kind).from_config(config)

    copy = keras.models.clone_model(model, clone_function=fast)
    copy.set_weights(model.get_weights())
    return copy
