"""What a run's probabilities are worth on photos, and whether a photo shows anything that it knows. Arrays only.

No photo is fitted to. Validation pictures are put through what photos do, cut out several times each as the views of a
photo are (photo/corruptions.py), and say two things about the network:

**Calibration.** On such pictures a network favours some classes, and is too sure or too modest. A temperature and a
number for each class, added to its logits, mend both (bias-corrected temperature scaling: Alexandari, Kundaje and
Shrikumar 2020, arXiv 1901.06852).

**Out-of-distribution.** A strange garment is taken for a class whose outlines it does not have: shorts are called
trousers, and are half as long. So the outline is compared with those of the training pictures. The score is how much
farther from it the classes are that the network gives probability to, than the class of the nearest outlines. Where
validation pictures, damaged as photos are, seldom score as high, the photo is strange. Of a drawing there is nothing
but its outline: it is strange where outlines of validation pictures, drawn with a pen, seldom lie as far from all of
the training pictures (`verdict`, photo/alike.py).
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import scipy  # its parts come when they are first used: none is imported before the first page

DRAWN_FALSE_ALARMS = 0.04  # the same of drawings, whose outlines tell more (docs/log.md)
FALSE_ALARMS = 0.15  # the share of known garments that is flagged all the same: fewer would leave most strange ones out
PULL = 0.01  # of the classes' numbers towards 0
KEPT = 200  # quantiles of the validation pictures' scores: closer than the share that they tell can be known


class Verdict(NamedTuple):
    """known: whether it is. in_distribution_score: the share, 0 to 1, of known pictures that look as strange.
    false_alarms: the share of known pictures that is called strange by mistake."""

    known: bool
    in_distribution_score: float
    false_alarms: float


def verdict(score: float, scores: np.ndarray, false_alarms: float) -> Verdict:
    """score: the larger, the stranger. scores: (k,), rising, of known pictures."""
    farther = len(scores) - np.searchsorted(scores, score, side="left")
    share = (farther + 1) / (len(scores) + 1)  # conformal: at most that share by mistake
    return Verdict(bool(share > false_alarms), float(share), false_alarms)


@dataclass(frozen=True, eq=False)
class PhotoCalibration:
    """temperature: by which logits are divided. bias: (classes,) float64, added to them then. scores: (k,) float64,
    rising, of damaged validation pictures. pictures: how many these were."""

    temperature: float
    bias: np.ndarray
    scores: np.ndarray
    pictures: int
    false_alarms: float = FALSE_ALARMS

    def probabilities(self, logits: np.ndarray) -> np.ndarray:
        """(n, classes) logits -> (n, classes) float64; rows sum to 1. Raises ValueError for values not finite."""
        if not np.isfinite(logits).all():
            raise ValueError("The logits hold values that are not finite (NaN or infinity): the training has diverged.")
        return np.asarray(scipy.special.softmax(logits.astype(np.float64) / self.temperature + self.bias, axis=1))

    def judge(self, probabilities: np.ndarray, distances: np.ndarray) -> Verdict:
        """Of one photo: (classes,) probabilities of all its views, and (10,) `mean_distances` of its outlines."""
        score = outline_scores(probabilities[np.newaxis], distances[np.newaxis])[0]
        return verdict(score, self.scores, self.false_alarms)


def outline_scores(probabilities: np.ndarray, distances: np.ndarray) -> np.ndarray:
    """(n, classes) and (n, 10) -> (n,) float64, 0 or more: the larger, the less the outline fits the answer.

    The logarithm of the expected distance under the answer over the least one. Classes beyond the dataset's, which a
    visitor taught, have no outlines: for these any is as near as the nearest.
    """
    least = distances.min(axis=1, keepdims=True)
    taught = probabilities.shape[1] - distances.shape[1]
    known = np.concatenate([distances, np.repeat(least, max(0, taught), axis=1)], axis=1)
    expected = (probabilities * known).sum(axis=1)
    return np.log((expected + 1) / (least[:, 0] + 1))


def fit(logits: np.ndarray, labels: np.ndarray, distances: np.ndarray) -> PhotoCalibration:
    """Of pictures that are damaged as photos are, in several views each.

    Args:
        logits: (n, views, classes). labels: (n,). distances: (n, 10), the mean over the views of each class's distance.

    Raises:
        ValueError: fewer than 1 / FALSE_ALARMS pictures, as one false alarm could not be told, or values not finite.
    """
    if len(labels) < 1 / FALSE_ALARMS or len(logits) != len(labels) or len(distances) != len(labels):
        raise ValueError(
            f"A photo calibration needs {int(1 / FALSE_ALARMS) + 1} pictures or more. Received: {len(labels)} labels, "
            f"{len(logits)} times logits, {len(distances)} distances."
        )
    if not np.isfinite(logits).all():
        raise ValueError("The logits hold values that are not finite (NaN or infinity): the training has diverged.")
    values = logits.astype(np.float64)
    rows = np.arange(len(labels))

    def cost(parameters: np.ndarray) -> tuple[float, np.ndarray]:
        """The negative log likelihood of the views' mean, and its gradient."""
        views = scipy.special.softmax(values * np.exp(parameters[0]) + parameters[1:], axis=2)
        right = views[rows, :, labels]
        mean = np.maximum(right.mean(axis=1), 1e-12)
        share = right / (mean[:, np.newaxis] * right.shape[1])  # how much each view's likelihood counts
        pulled = -share[..., np.newaxis] * views
        pulled[rows, :, labels] += share
        gradient = -pulled.sum(axis=1)
        along = -(pulled * values).sum() * np.exp(parameters[0]) / len(labels)
        loss = -np.log(mean).mean() + PULL * np.square(parameters[1:]).mean()
        slopes = gradient.mean(axis=0) + 2 * PULL * parameters[1:] / len(parameters[1:])
        return float(loss), np.concatenate([[along], slopes])

    found = scipy.optimize.minimize(cost, np.zeros(1 + values.shape[2]), jac=True, method="L-BFGS-B").x
    temperature, bias = float(np.exp(-found[0])), found[1:]
    probabilities = scipy.special.softmax(values / temperature + bias, axis=2).mean(axis=1)
    return PhotoCalibration(temperature, bias, kept(outline_scores(probabilities, distances)), len(labels))


def kept(scores: np.ndarray) -> np.ndarray:
    """(n,) scores of known pictures -> rising, at most KEPT of them: quantiles."""
    return np.quantile(scores, (np.arange(KEPT) + 0.5) / KEPT) if len(scores) > KEPT else np.sort(scores)
