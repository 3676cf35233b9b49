"""Probabilities that can be believed: what is made of a network's logits before anybody reads them. Arrays only.

One temperature (Guo et al. 2017, arXiv 1706.04599) mends a network that is too sure, or too modest, everywhere by the
same factor. One that was trained with smoothed labels and answers twice is too modest where it is right and too sure
where it is not; no one number mends both. There a curve says how often each confidence is right, and every picture
gets the temperature of its own that brings its largest probability there: the order of the classes stays as it is.

Cross-fitting chooses: the curve is taken only where validation pictures that it was not fitted on are clearly better
predicted with it.
"""

from dataclasses import dataclass

import numpy as np
import scipy  # its parts come when they are first used: none is imported before the first page

from fmnist_core.metrics.calibration import fit_temperature

KNOTS = 9  # of the curve, at equal shares of the pictures
SMOOTHING = 1e-4  # of its slope's changes
FOLDS = 5
CLEARLY = 1.0  # standard errors by which the curve must be better: the rule of Breiman et al. 1984, CART, section 3.4
_BISECTIONS = 32
_HOTTEST = 12.0  # logarithm of a picture's own temperature, either way


@dataclass(frozen=True, eq=False)
class Calibrator:
    """Logits in, probabilities out.

    temperature: by which logits are divided. knots and heights: (k,) float64, rising, the curve from the logit of
    the largest probability at that temperature to the logit of how often it is right; both empty where there is no
    curve. pictures: that it was fitted on; 0 for RAW.
    """

    temperature: float
    knots: np.ndarray
    heights: np.ndarray
    pictures: int

    @property
    def curved(self) -> bool:
        return len(self.knots) > 0

    def probabilities(self, logits: np.ndarray) -> np.ndarray:
        """(n, classes) logits -> (n, classes) float64; rows sum to 1, the largest is where it was.

        Raises:
            ValueError: logits that are not finite.
        """
        if not np.isfinite(logits).all():
            raise ValueError("The logits hold values that are not finite (NaN or infinity): the training has diverged.")
        values = logits.astype(np.float64) / self.temperature
        if self.curved and len(values):
            values = _sharpened(values, _along(self.knots, self.heights, largest_logit(values)))
        return np.asarray(scipy.special.softmax(values, axis=1))


RAW = Calibrator(1.0, np.empty(0), np.empty(0), 0)


def fit(logits: np.ndarray, labels: np.ndarray) -> Calibrator:
    """What (n, classes) logits of validation pictures with (n,) labels give; n at least 1.

    Raises:
        ValueError: no pictures, or logits that are not finite.
    """
    temperature = fit_temperature(logits, labels)
    only = Calibrator(temperature, np.empty(0), np.empty(0), len(labels))
    confidence = largest_logit(logits.astype(np.float64) / temperature)
    right = logits.argmax(axis=1) == labels
    if len(labels) < KNOTS * FOLDS or right.all() or not right.any() or not _is_better(confidence, right):
        return only
    return Calibrator(temperature, *_curve(confidence, right), len(labels))


def largest_logit(logits: np.ndarray) -> np.ndarray:
    """(n, classes) -> (n,): the logit of the largest probability of each row, log p / (1 - p), without rounding it."""
    ordered = np.sort(logits, axis=1)
    return np.asarray(ordered[:, -1] - scipy.special.logsumexp(ordered[:, :-1], axis=1))


def _is_better(confidence: np.ndarray, right: np.ndarray) -> bool:
    """Whether the curve predicts which pictures are right better than the confidences themselves, cross-fitted."""
    fold = np.random.default_rng(0).permutation(len(right)) % FOLDS
    curved = np.empty(len(right))
    for number in range(FOLDS):
        others, own = fold != number, fold == number
        if right[others].all() or not right[others].any():
            return False
        curved[own] = _along(*_curve(confidence[others], right[others]), confidence[own])
    gained = _surprise(confidence, right) - _surprise(curved, right)
    return bool(gained.mean() > CLEARLY * gained.std(ddof=1) / np.sqrt(len(gained)))


def _surprise(logits: np.ndarray, right: np.ndarray) -> np.ndarray:
    """(n,) nats: the negative log likelihood of being right or not, given the logit of being right."""
    return np.logaddexp(0, np.where(right, -logits, logits))


def _curve(confidence: np.ndarray, right: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(knots, heights): the rising broken line of least surprise, smoothed."""
    knots = np.unique(np.quantile(confidence, np.linspace(0.005, 0.995, KNOTS)))
    if len(knots) < 2:
        return np.empty(0), np.empty(0)
    steps = _steps(confidence, knots)

    def cost(parameters: np.ndarray) -> tuple[float, np.ndarray]:
        slopes = np.exp(parameters[1:])
        logits = parameters[0] + steps @ slopes
        bends = np.diff(parameters[1:])
        pulled = (scipy.special.expit(logits) - right) / len(right)
        gradient = np.concatenate([[pulled.sum()], (steps.T @ pulled) * slopes])
        gradient[1:-1] -= 2 * SMOOTHING * bends
        gradient[2:] += 2 * SMOOTHING * bends
        return float(_surprise(logits, right).mean() + SMOOTHING * bends @ bends), gradient

    found = scipy.optimize.minimize(cost, np.zeros(len(knots)), jac=True, method="L-BFGS-B").x
    return knots, found[0] + np.concatenate([[0], np.cumsum(np.diff(knots) * np.exp(found[1:]))])


def _steps(values: np.ndarray, knots: np.ndarray) -> np.ndarray:
    """(n, k - 1): how far each value has come within each interval; the first and the last go on beyond the ends."""
    low, high = knots[:-1].copy(), knots[1:].copy()
    low[0], high[-1] = -np.inf, np.inf
    return np.asarray(np.clip(values[:, None], low, high) - knots[:-1])


def _along(knots: np.ndarray, heights: np.ndarray, values: np.ndarray) -> np.ndarray:
    if not len(knots):
        return values
    slopes = np.diff(heights) / np.diff(knots)
    return np.asarray(heights[0] + _steps(values, knots) @ slopes)


def _sharpened(logits: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Each row times a number above 0, so that the logit of its largest probability is the wanted one."""
    ordered = np.sort(logits, axis=1)
    behind = ordered[:, :-1] - ordered[:, -1:]  # 0 and less: nothing overflows
    low, high = np.full(len(logits), -_HOTTEST), np.full(len(logits), _HOTTEST)
    with np.errstate(divide="ignore"):  # the others of a row may be too far behind to count: sure beyond all bounds
        for _ in range(_BISECTIONS):
            middle = (low + high) / 2
            too_sure = -np.log(np.exp(behind * np.exp(middle)[:, None]).sum(axis=1)) > wanted
            low, high = np.where(too_sure, low, middle), np.where(too_sure, middle, high)
    return np.asarray(logits * np.exp((low + high) / 2)[:, None])
