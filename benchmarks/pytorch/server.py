"""The PyTorch side of the speed comparisons: a process that takes one JSON object a line and answers with one.

Started by client.py, with the Python of .venv-pytorch. Requests are {"do": name, ...}, a method of Session and its
arguments; answers {"result": ...} or {"error": sentence}. Arrays come as files.
"""

import contextlib
import copy
import json
import os
import sys
import time
import traceback
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor

from benchmarks.pytorch.learner import Learner, compute_loss
from benchmarks.pytorch.network import Network

WHITE = 255.0


class Session:
    """One network at a time, and the data that it is trained on or classifies."""

    def start(self) -> str:
        """Returns PyTorch's version."""
        torch.set_flush_denormal(True)  # as TensorFlow does; without it a few tiny weights may slow everything down
        torch.manual_seed(0)
        return str(torch.__version__)

    def load_data(self, path: str) -> None:
        """The arrays inputs, (n, 28, 28) uint8 or (n, features) float, and labels, (n,); all stay in memory."""
        with np.load(path) as arrays:
            self._bytes, labels = arrays["inputs"], arrays["labels"]
        self._labels = torch.from_numpy(labels.astype(np.int64))
        self._inputs = to_floats(self._bytes)

    def build(self, description: dict[str, Any], weights: str, mirror: bool) -> int:
        """Returns the number of weights that could be trained.

        mirror: whether it answers with the mean of its logits for the picture and for the mirror image.
        """
        self._mirror = mirror
        with np.load(weights) as arrays:
            network = Network(description, dict(arrays))
        self._network = network.to(memory_format=torch.channels_last)
        self._half: Network | None = None
        return sum(one.numel() for one in network.parameters() if one.requires_grad)

    def prepare_training(
        self, optimizer: dict[str, Any], steps: int, fused: bool, loss: str, label_smoothing: float
    ) -> None:
        self._new_learner = lambda network: Learner(network, optimizer, steps, fused)
        self._loss = lambda logits, labels: compute_loss(loss, label_smoothing, logits, labels)
        self._learner = self._new_learner(self._network)

    def logits(self, count: int) -> list[list[float]]:
        """Of the first `count` inputs, in float32."""
        with torch.inference_mode():
            return self._answer(self._network.eval(), self._inputs[:count]).tolist()

    def logits_after(self, count: int, steps: int) -> list[list[float]]:
        """The same after steps of the optimizer on them, without dropout; the network itself does not move."""
        network = copy.deepcopy(self._network).eval()
        learner = self._new_learner(network)
        for _ in range(steps):
            learner.zero_grad()
            self._loss(network(self._inputs[:count]), self._labels[:count]).backward()
            learner.step()
        with torch.inference_mode():
            return network(self._inputs[:count]).tolist()

    def train(self, precision: str, threads: int, batch: int, images: int) -> dict[str, float]:
        """An epoch of whole batches of the first `images` inputs, shuffled; precision: float32 or bfloat16."""
        torch.set_num_threads(threads)
        network, learner = self._network.train(), self._learner
        total = torch.zeros(())
        start = time.perf_counter()
        order = torch.randperm(images)
        for first in range(0, images, batch):
            rows = order[first : first + batch]
            with autocast(precision):
                loss = self._loss(network(self._inputs.index_select(0, rows)), self._labels.index_select(0, rows))
            learner.zero_grad()
            loss.backward()
            learner.step()
            total += loss.detach()
        mean = float(total) * batch / images
        return {"seconds": time.perf_counter() - start, "loss": mean}

    def classify(self, precision: str, threads: int, batch: int, calls: int) -> float:
        """Pictures to logits, `calls` times `batch`, from bytes to NumPy; returns the seconds."""
        torch.set_num_threads(threads)
        network, kind = self._network.eval(), torch.float32
        if precision == "bfloat16":  # the weights themselves: autocast would convert them at every call
            network, kind = self._in_bfloat16(), torch.bfloat16
        pictures = self._bytes[:batch]
        start = time.perf_counter()
        with torch.inference_mode():
            for _ in range(calls):
                self._answer(network, to_floats(pictures).to(kind)).numpy()
        return time.perf_counter() - start

    def _answer(self, network: Network, pictures: Tensor) -> Tensor:
        if not self._mirror:
            return network(pictures)
        both = torch.cat([pictures, pictures.flip(2)])  # one large batch is faster than two
        return network(both).unflatten(0, (2, -1)).mean(0)

    def memory_format(self) -> list[str]:
        """Names of layers whose pictures do not lie channels-last in memory: none, or the comparison is unfair."""
        wrong: list[str] = []

        def look(name: str) -> Callable[..., None]:
            def hook(module: torch.nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
                if output.dim() == 4 and not output.is_contiguous(memory_format=torch.channels_last):
                    wrong.append(name)

            return hook

        hooks = [part.register_forward_hook(look(name)) for name, part in self._network.parts.items()]
        self.logits(2)
        for hook in hooks:
            hook.remove()
        return wrong

    def _in_bfloat16(self) -> Network:
        if self._half is None:
            self._half = copy.deepcopy(self._network).eval().to(torch.bfloat16)
        return self._half


def autocast(precision: str) -> contextlib.AbstractContextManager[None]:
    return torch.autocast("cpu", torch.bfloat16) if precision == "bfloat16" else contextlib.nullcontext()


def to_floats(inputs: np.ndarray) -> Tensor:
    """(n, 28, 28) uint8 -> (n, 28, 28, 1) float32 in [0, 1]; features only become float32."""
    tensor = torch.from_numpy(inputs).float()
    return tensor.unsqueeze(-1) / WHITE if inputs.dtype == np.uint8 else tensor


def answer(session: Session, request: dict[str, Any]) -> dict[str, Any]:
    try:
        return {"result": getattr(session, request.pop("do"))(**request)}
    except Exception as error:  # whatever it is, the other side decides what to make of it
        traceback.print_exc()
        return {"error": f"{type(error).__name__}: {error}"}


def main() -> None:
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)  # what a library prints must not be taken for an answer
    session = Session()
    for line in sys.stdin:
        print(json.dumps(answer(session, json.loads(line))), file=answers)


if __name__ == "__main__":
    main()
