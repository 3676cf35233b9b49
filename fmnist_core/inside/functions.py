"""The activations, as ONNX defines them."""

import math
from collections.abc import Callable

from fmnist_core.inside.layers import Step


def _sigmoid(value: float) -> float:
    return 1 / (1 + math.exp(-value)) if value >= 0 else math.exp(value) / (1 + math.exp(value))


_SELU = 1.67326319217681884765625, 1.05070102214813232421875  # ONNX' defaults for alpha and gamma

FUNCTIONS: dict[str, Callable[[float, float], float]] = {
    "relu": lambda value, alpha: max(value, 0.0),
    "tanh": lambda value, alpha: math.tanh(value),
    "sigmoid": lambda value, alpha: _sigmoid(value),
    "elu": lambda value, alpha: value if value >= 0 else alpha * math.expm1(value),
    "leaky_relu": lambda value, alpha: value if value >= 0 else alpha * value,
    "gelu": lambda value, alpha: value * 0.5 * (1 + math.erf(value / math.sqrt(2))),
    "swish": lambda value, alpha: value * _sigmoid(value),
    "softplus": lambda value, alpha: max(value, 0.0) + math.log1p(math.exp(-abs(value))),
    "selu": lambda value, alpha: _SELU[1] * (value if value >= 0 else _SELU[0] * math.expm1(value)),
    "hard_sigmoid": lambda value, alpha: min(max(alpha * value + 0.5, 0.0), 1.0),
}


def activate(step: Step, value: float) -> float:
    """Raises ValueError for a function that is not known."""
    if step.function not in FUNCTIONS:
        raise ValueError(f"The activation {step.function!r} is not known here. Known are: {', '.join(FUNCTIONS)}.")
    return FUNCTIONS[step.function](value, step.alpha)
