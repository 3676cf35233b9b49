"""Figures that others report on this test set, to stand beside the zoo: nothing of this was trained here.

Sources: Zalando's benchmark of 129 classical classifiers, Table 3 of arXiv 1708.07747 (each family's best, mean of five
repeats); the dataset's README for people (1,000 random test pictures, three labels each, majority); arXiv 2006.09042
for the best published; Keval Patel's article for the LSTM that it cites.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Reported:
    """test_accuracy: a fraction of 1, as reported."""

    title: str
    source: str
    test_accuracy: float
    note: str = ""


_PAPER = "Zalando, arXiv 1708.07747"
PEOPLE_PICTURES = 1_000  # that these were shown
PEOPLE = Reported(
    "People", "Zalando's README", 0.835, f"Without fashion expertise, on {PEOPLE_PICTURES:,} test pictures."
)

REPORTED = (
    Reported(
        "Fine-tuned DARTS",
        "arXiv 2006.09042",
        0.9691,
        "The best published figure that we know of, after an architecture search on GPUs.",
    ),
    Reported("LSTM", "Shen, ANU, as cited by Keval Patel", 0.9254, "Its layout is not given."),
    Reported("Support vector machine", _PAPER, 0.897, "C = 10, radial basis functions."),
    Reported("Gradient boosting", _PAPER, 0.880, "100 trees of depth 10."),
    Reported("Random forest", _PAPER, 0.873, "100 trees of depth 100, entropy."),
    Reported("Multilayer perceptron", _PAPER, 0.871, "100 relu units."),
    Reported("Nearest neighbours", _PAPER, 0.854, "5 neighbours by the sum of differences, weighted by distance."),
    Reported("Logistic regression", _PAPER, 0.842, "C = 1, l1 penalty, one against the rest."),
    Reported("Linear support vector machine", _PAPER, 0.836, "C = 1, hinge loss."),
    PEOPLE,
    Reported("Linear model by gradient descent", _PAPER, 0.819, "Hinge loss, l2 penalty."),
    Reported("Decision tree", _PAPER, 0.798, "Depth 10, entropy."),
    Reported("Perceptron", _PAPER, 0.782, "l1 penalty."),
    Reported("Passive-aggressive", _PAPER, 0.776, "C = 1."),
    Reported("Extra tree", _PAPER, 0.775, "Depth 10, Gini impurity."),
    Reported("Gaussian naive Bayes", _PAPER, 0.511, "Equal priors."),
)
