"""An LSTM over the rows of a picture, step by step.

With x the row, h what the units gave after the row before, c their memory, and s the logistic function (Hochreiter and
Schmidhuber, Long Short-Term Memory, 1997; the forget gate is Gers, Schmidhuber and Cummins', 2000):

    i, o, f = s(W x + R h + b)      input, output and forget gate
    g       = tanh(W x + R h + b)   what could be remembered
    c       = f * c + i * g         what is remembered
    h       = o * tanh(c)           what the units give
"""

from dataclasses import dataclass

import numpy as np

from fmnist_core.inside.layers import Layer

GATES = ("input", "output", "forget", "cell")


@dataclass(frozen=True)
class Gate:
    name: str  # one of GATES
    from_row: float  # W x
    from_memory: float  # R h
    bias: float
    value: float  # after s or tanh of their sum


@dataclass(frozen=True)
class Played:
    """float64; k steps, u units."""

    states: np.ndarray  # (k, u): h after each step
    cells: np.ndarray  # (k, u): c after each step
    from_rows: np.ndarray  # (k, 4, u)
    from_memory: np.ndarray  # (k, 4, u)
    bias: np.ndarray  # (4, u)

    def gates(self, unit: int, step: int) -> tuple[Gate, ...]:
        found = []
        for place, name in enumerate(GATES):
            row, memory = float(self.from_rows[step, place, unit]), float(self.from_memory[step, place, unit])
            bias = float(self.bias[place, unit])
            found.append(Gate(name, row, memory, bias, float(_gate(place, np.array(row + memory + bias)))))
        return tuple(found)

    def cell_before(self, unit: int, step: int) -> float:
        return float(self.cells[step - 1, unit]) if step else 0.0


def _gate(place: int, total: np.ndarray) -> np.ndarray:
    return np.tanh(total) if GATES[place] == "cell" else 1 / (1 + np.exp(-total))


def play(layer: Layer, picture: np.ndarray) -> Played:
    """picture: (1, rows, columns) float32, read row by row from the top."""
    assert layer.kernel is not None and layer.recurrent is not None and layer.bias is not None  # noqa: S101
    units = layer.recurrent.shape[1]
    kernel, recurrent = layer.kernel.astype(np.float64), layer.recurrent.astype(np.float64)
    bias = layer.bias.astype(np.float64).reshape(4, units)
    state, cell = np.zeros(units), np.zeros(units)
    states, cells, rows, memories = [], [], [], []
    for row in picture.reshape(picture.shape[-2:]).astype(np.float64):
        taken, remembered = (kernel @ row).reshape(4, units), (recurrent @ state).reshape(4, units)
        take, give, forget, new = (_gate(place, taken[place] + remembered[place] + bias[place]) for place in range(4))
        cell = forget * cell + take * new
        state = give * np.tanh(cell)
        states.append(state)
        cells.append(cell)
        rows.append(taken)
        memories.append(remembered)
    return Played(np.stack(states), np.stack(cells), np.stack(rows), np.stack(memories), bias)
