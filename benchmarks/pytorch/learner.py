"""Keras' optimizers by PyTorch's own, with Keras' settings; and the loss. Runs where Keras is not."""

import math
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

EPSILON = 1e-7  # Keras' default for all of them; PyTorch's is 1e-8
ADAMW_DECAY = 0.004  # Keras' AdamW, where the recipe does not name any
LOSSES = ("categorical_crossentropy", "sparse_categorical_crossentropy")


class Learner:
    """An optimizer as a recipe describes it, with the rate that each step has in Keras."""

    def __init__(self, network: nn.Module, optimizer: dict[str, Any], steps: int, fused: bool) -> None:
        """optimizer: fmnist_core.recipe.Optimizer as a dict; steps: of the whole training, for "one_cycle"."""
        self._settings, self._steps, self._step = optimizer, steps, 0
        parameters = [one for one in network.parameters() if one.requires_grad]
        self._optimizer = build_optimizer(optimizer, parameters, fused)
        self._decay, self._decayed = optimizer["weight_decay"], [one for one in parameters if one.dim() > 1]
        if optimizer["name"] == "adamw" and not self._decay:
            self._decay, self._decayed = ADAMW_DECAY, parameters

    def zero_grad(self) -> None:
        self._optimizer.zero_grad()

    def step(self) -> None:
        rate = self._rate()
        if self._decay:  # decoupled, as Keras has it for every optimizer, PyTorch for some
            with torch.no_grad():
                for parameter in self._decayed:
                    parameter.mul_(1 - rate * self._decay)
        self._step += 1
        for group in self._optimizer.param_groups:
            group["lr"] = rate
            if self._settings["name"] in ("adam", "adamw"):  # Keras adds its epsilon before the bias correction
                group["eps"] = EPSILON / math.sqrt(1 - group["betas"][1] ** self._step)
        self._optimizer.step()

    def _rate(self) -> float:
        peak, warm_up = self._settings["learning_rate"], self._settings["warm_up"]
        if self._settings["schedule"] == "one_cycle":
            done = (self._step + 1) / (self._steps + 1)
            falling = max(1 - done, 0.0) / (1 - warm_up)
            return peak * (min(done / warm_up, falling) if warm_up else falling)
        return peak / (1 + self._settings["decay"] * self._step)


def build_optimizer(optimizer: dict[str, Any], parameters: list[nn.Parameter], fused: bool) -> torch.optim.Optimizer:
    """fused: one pass over memory where PyTorch has that, which is faster than its default on a CPU."""
    rate, name = optimizer["learning_rate"], optimizer["name"]
    one_pass = {"fused": True} if fused else {}
    if name == "sgd":
        options = {"momentum": optimizer["momentum"], "nesterov": optimizer["nesterov"]}
        return torch.optim.SGD(parameters, rate, **options, **one_pass)
    if name in ("adam", "adamw"):
        return torch.optim.Adam(parameters, rate, eps=EPSILON, **one_pass)
    if name == "nadam":  # Keras' momentum schedule is 0.96 to the step, without PyTorch's further factor
        return torch.optim.NAdam(parameters, rate, eps=EPSILON, momentum_decay=1.0)
    # Not "rmsprop": Keras adds its epsilon under the root, PyTorch beside it, and the steps differ.
    raise ValueError(f"No PyTorch counterpart of the optimizer {name!r}. Expected sgd, adam, adamw or nadam.")


def compute_loss(name: str, label_smoothing: float, logits: Tensor, labels: Tensor) -> Tensor:
    """The mean crossentropy of (n, classes) logits and (n,) int64 labels.

    Raises:
        ValueError: another loss; no published recipe has one.
    """
    if name not in LOSSES:
        raise ValueError(f"No PyTorch counterpart of the loss {name!r}. Expected one of: {', '.join(LOSSES)}.")
    return functional.cross_entropy(logits, labels, label_smoothing=label_smoothing)
