"""How all points of a t-SNE layout push each other away: the sum over all pairs, by fast Fourier transforms.

Every pair pushes, which would be n squared terms. But the potential of the pushes is a convolution of the points with
1 / (1 + r^2), so it is computed on a grid: points are spread to the grid by cubic B-splines, the grid is convolved by
FFT, and the potential and its slope are read off at the points through the same splines (as particle-mesh methods of
molecular dynamics do; for t-SNE the idea is that of Linderman et al. 2019, https://doi.org/10.1038/s41592-018-0308-4,
who interpolate polynomials in boxes instead). Two transforms an iteration, in two or three dimensions.
"""

import numpy as np
import scipy  # its parts come when they are first used: none is imported before the first page

from fmnist_core.machine import cores

EXACT_POINTS = 600  # up to so many the pairs themselves are faster, and exact
# Distance between grid nodes; the kernel is 1 wide. Mean error of a push: 2 % at 0.4, 8 % at 0.75, 14 % at 1.
SPACING = {2: 0.4, 3: 0.75}
MOST_NODES = {2: 2_000, 3: 128}  # along an axis, before padding; a wider layout gets a coarser grid
GROWTH = 1.15  # a grid is made so much wider than needed, so that it serves for a while
SUPPORT = 4  # nodes that a cubic B-spline covers


class Repulsion:
    """Called with (n, dims) float32 coordinates; keeps its grid from one iteration to the next."""

    def __init__(self, dims: int):
        self._dims = dims
        self._nodes = 0  # along an axis, without the padding that keeps the convolution from wrapping around
        self._spacing = 0.0
        self._size = 0  # along an axis, padded
        self._kernel = np.zeros(0, np.complex64)

    def __call__(self, coordinates: np.ndarray) -> tuple[np.ndarray, float]:
        """Returns the pushes, (n, dims) float32, and the sum of 1 / (1 + r^2) over all ordered pairs.

        The push on i is the sum over j of (y_i - y_j) / (1 + |y_i - y_j|^2)^2.
        """
        if len(coordinates) <= EXACT_POINTS:
            return _exact(coordinates)
        low = coordinates.min(axis=0)
        self._fit_grid(float((coordinates.max(axis=0) - low).max()))
        nodes, weights, slopes = _splines((coordinates - low) / self._spacing + 1)
        places = self._places(nodes)
        weight = self._product(weights)
        shape = [self._size] * self._dims
        charges = np.bincount(places.ravel(), weight.ravel(), self._size**self._dims).astype(np.float32).reshape(shape)
        transformed = scipy.fft.rfftn(charges, workers=cores())
        transformed *= self._kernel
        potential = scipy.fft.irfftn(transformed, s=shape, workers=cores()).ravel()[places].reshape(weight.shape)
        total = float((potential * weight).sum(dtype=np.float64)) - len(coordinates)  # each point's push on itself: 1
        pushes = np.empty_like(coordinates)
        for axis in range(self._dims):
            slope = self._product(weights, slopes, axis)
            pushes[:, axis] = (potential * slope).reshape(len(coordinates), -1).sum(axis=1)
        pushes *= -0.5 / self._spacing  # the slope of 1 / (1 + r^2) is -2 r / (1 + r^2)^2
        return pushes, total

    def _fit_grid(self, span: float) -> None:
        spacing = max(SPACING[self._dims], GROWTH * span / (MOST_NODES[self._dims] - SUPPORT - 1))
        needed = int(np.ceil(span / self._spacing)) + SUPPORT + 1 if self._nodes else 0
        if self._nodes and self._nodes / GROWTH**3 <= needed <= self._nodes and self._spacing <= GROWTH * spacing:
            return
        self._spacing = spacing
        self._nodes = int(GROWTH * (np.ceil(span / spacing) + SUPPORT)) + 1
        self._size = scipy.fft.next_fast_len(2 * self._nodes, real=True)
        self._kernel = _kernel(self._size, spacing, self._dims)

    def _places(self, nodes: np.ndarray) -> np.ndarray:
        """(n, dims) first nodes -> (n, 4 ** dims) positions in the flat grid."""
        places = np.zeros((len(nodes), 1), np.int64)
        for axis in range(self._dims):
            along = nodes[:, axis, None] + np.arange(SUPPORT)
            places = (places[:, :, None] * self._size + along[:, None, :]).reshape(len(nodes), -1)
        return places

    def _product(self, weights: np.ndarray, slopes: np.ndarray | None = None, sloped: int = -1) -> np.ndarray:
        """(n, dims, 4) -> (n, 4, 4[, 4]): the weight of each node, or its slope along the axis `sloped`."""
        product = np.ones((len(weights), 1), np.float32)
        for axis in range(self._dims):
            factor = slopes if axis == sloped and slopes is not None else weights
            product = (product[:, :, None] * factor[:, axis, None, :]).reshape(len(weights), -1)
        return product


def _splines(places: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(n, dims) in units of nodes -> first nodes (n, dims), weights and their slopes (n, dims, 4)."""
    nodes = np.floor(places).astype(np.int64)
    after = (places - nodes).astype(np.float32)[..., None]
    before = 1 - after
    inner = [3 * x**3 - 6 * x**2 + 4 for x in (after, before)]
    weights = np.concatenate([before**3, *inner, after**3], axis=-1) / 6
    inner = [3 * after**2 - 4 * after, 4 * before - 3 * before**2]
    slopes = np.concatenate([-(before**2), *inner, after**2], axis=-1) / 2
    return nodes - 1, weights, slopes


def _kernel(size: int, spacing: float, dims: int) -> np.ndarray:
    """The transform of 1 / (1 + r^2) on the grid, with the blur of spreading and of reading taken out."""
    steps = np.arange(size)
    along = ((np.minimum(steps, size - steps) * spacing) ** 2).astype(np.float32)
    squared = np.ones((1,) * dims, np.float32)
    for axis in range(dims):
        squared = squared + along.reshape([-1 if other == axis else 1 for other in range(dims)])
    kernel = scipy.fft.rfftn(1 / squared, workers=cores())
    for axis in range(dims):
        frequencies = (scipy.fft.rfftfreq if axis == dims - 1 else scipy.fft.fftfreq)(size)
        sharpening = ((2 + np.cos(2 * np.pi * frequencies)) / 3) ** -2
        kernel *= sharpening.astype(np.float32).reshape([-1 if other == axis else 1 for other in range(dims)])
    return kernel


def _exact(coordinates: np.ndarray) -> tuple[np.ndarray, float]:
    difference = coordinates[:, None] - coordinates
    nearness = 1 / (1 + np.square(difference).sum(axis=2))
    pushes = (np.square(nearness)[..., None] * difference).sum(axis=1)
    return pushes, float(nearness.sum(dtype=np.float64)) - len(coordinates)
