"""Keras' optimizers whose step is one kernel of TensorFlow a variable.

Keras writes a step as about ten operations, each of which reads and writes every weight; a large dense layer then
costs more by its update than by its gradient (benchmarks/training/engine.py). The kernels compute the same
formulas with the same state. Nadam and RMSprop are left as Keras has them: no kernel fits the first, no published
recipe has the second.
"""

from typing import Any

import keras
import tensorflow as tf


class FusedSGD(keras.optimizers.SGD):
    def update_step(self, gradient: tf.Tensor, variable: tf.Variable, learning_rate: Any) -> None:
        rate = tf.cast(learning_rate, variable.dtype)
        if not self.momentum:
            tf.raw_ops.ResourceApplyGradientDescent(var=variable.handle, alpha=rate, delta=gradient)
            return
        tf.raw_ops.ResourceApplyKerasMomentum(
            var=variable.handle,
            accum=self.momentums[self._get_variable_index(variable)].value.handle,
            lr=rate,
            grad=gradient,
            momentum=tf.constant(self.momentum, variable.dtype),
            use_nesterov=self.nesterov,
        )


class _AdamStep:
    """Adam's step, for optimizers that differ elsewhere. Keras' alpha, m, v and epsilon are the kernel's."""

    def update_step(self: Any, gradient: tf.Tensor, variable: tf.Variable, learning_rate: Any) -> None:
        dtype, index = variable.dtype, self._get_variable_index(variable)
        step = tf.cast(self.iterations + 1, dtype)
        beta_1, beta_2 = (tf.constant(beta, dtype) for beta in (self.beta_1, self.beta_2))
        tf.raw_ops.ResourceApplyAdam(
            var=variable.handle,
            m=self._momentums[index].value.handle,
            v=self._velocities[index].value.handle,
            beta1_power=tf.pow(beta_1, step),
            beta2_power=tf.pow(beta_2, step),
            lr=tf.cast(learning_rate, dtype),
            beta1=beta_1,
            beta2=beta_2,
            epsilon=tf.constant(self.epsilon, dtype),
            grad=gradient,
        )


class FusedAdam(_AdamStep, keras.optimizers.Adam):
    pass


class FusedAdamW(_AdamStep, keras.optimizers.AdamW):
    pass
