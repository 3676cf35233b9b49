"""Five networks by PyTorch and its two exporters, in the environment `.venv-pytorch`.

Run: .venv-pytorch/bin/python -m benchmarks.brought_in.pytorch_models FOLDER
"""

import sys
import warnings
from pathlib import Path

import numpy as np
import torch
from torch import nn

from benchmarks.brought_in.made_by import Made, pictures

BATCH = 128


def trained(network: nn.Module, values: str, shape: tuple[int, ...], epochs: int = 2) -> np.ndarray:
    """Trains it, and returns its answers to the test pictures."""
    torch.manual_seed(1)
    images, labels = (torch.from_numpy(np.ascontiguousarray(one)) for one in pictures("train", values))
    images = images.reshape(-1, *shape)
    rate = 1e-5 if values == "0..255" else 1e-3
    optimizer, loss = torch.optim.Adam(network.parameters(), rate), nn.CrossEntropyLoss()
    network.train()
    for _ in range(epochs):
        for part in torch.randperm(len(images)).split(BATCH):
            optimizer.zero_grad()
            loss(network(images[part]), labels[part]).backward()
            optimizer.step()
    return answers(network, values, shape)


def answers(network: nn.Module, values: str, shape: tuple[int, ...]) -> np.ndarray:
    network.eval()
    test = torch.from_numpy(np.ascontiguousarray(pictures("test", values)[0])).reshape(-1, *shape)
    with torch.no_grad():
        return torch.cat([network(part) for part in test.split(500)]).numpy()


def convolutional(channels: int = 1) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(channels, 16, 3, padding=1),
        nn.BatchNorm2d(16),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(32 * 49, 64),
        nn.ReLU(),
        nn.Dropout(0.2),
        nn.Linear(64, 10),
    )


class Residual(nn.Module):
    """A block with a shortcut, and a mean of each channel instead of dense layers."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second, self.third = (nn.Conv2d(a, b, 3, 2, 1) for a, b in ((1, 16), (16, 32), (32, 32)))
        self.beside, self.last = nn.Conv2d(32, 32, 1), nn.Linear(32, 10)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = torch.relu(self.second(torch.relu(self.first(x.unsqueeze(1)))))
        x = torch.relu(self.third(x) + self.beside(x)[:, :, ::2, ::2])
        return torch.log_softmax(self.last(x.mean((2, 3))), 1)


def main(folder: Path) -> None:
    warnings.filterwarnings("ignore")
    made = Made(folder)
    axes = {"x": {0: "n"}, "y": {0: "n"}}
    legacy = {"dynamo": False, "input_names": ["x"], "output_names": ["y"]}

    def export(network: nn.Module, file: str, example: tuple[int, ...], **told: object) -> None:
        torch.onnx.export(network.eval(), (torch.zeros(example),), folder / file, **told)

    network: nn.Module = convolutional()
    said = trained(network, "standardised", (1, 28, 28))
    free = {"dynamic_shapes": ({0: torch.export.Dim("n")},), "dynamo": True, "external_data": False}
    export(network, "torch_cnn.onnx", (2, 1, 28, 28), **free)
    made.add("torch_cnn.onnx", "PyTorch, torch.export", "nchw,standardised", said)

    network = convolutional()
    said = trained(network, "0..255", (1, 28, 28), 3)
    export(nn.Sequential(network, nn.Softmax(1)), "torch_one_at_a_time.onnx", (1, 1, 28, 28), **legacy)
    made.add("torch_one_at_a_time.onnx", "PyTorch, TorchScript, batch of 1", "nchw,0..255", said)

    network = nn.Sequential(nn.Linear(784, 128), nn.GELU(), nn.LayerNorm(128), nn.Linear(128, 10))
    said = trained(network, "-1..1", (784,))
    export(network, "torch_mlp.onnx", (2, 784), **free)
    made.add("torch_mlp.onnx", "PyTorch, torch.export", "flat,-1..1", said)

    network = convolutional(3)
    said = trained(network, "imagenet", (3, 28, 28))
    export(network, "torch_rgb.onnx", (1, 3, 28, 28), dynamic_axes=axes, **legacy)
    made.add("torch_rgb.onnx", "PyTorch, TorchScript", "nchw3,imagenet", said)

    network = Residual()
    said = trained(network, "0..1", (28, 28), 3)
    export(network, "torch_residual.onnx", (1, 28, 28), dynamic_axes=axes, **legacy)
    made.add("torch_residual.onnx", "PyTorch, TorchScript", "nhw,0..1", said)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
