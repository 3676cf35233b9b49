"""Classical baselines: the best row of each family in Zalando's benchmark of 129 scikit-learn classifiers.

Published figures: Table 3 of arXiv 1708.07747, the mean test accuracy of five repeats. What learns here stands in
fmnist_core/classical, which needs scikit-learn; this file does not.
"""

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from fmnist_core.recipe import Recipe, Split
from fmnist_core.zoo.spec import Model, Published, Source

Answers = Literal["log-probabilities", "decision values"]

SOURCE = Source("Zalando, arXiv 1708.07747", "https://arxiv.org/abs/1708.07747")
SPLIT = Split("last", 5_000)
SAME = (
    "Each pixel is standardised by its mean and deviation in the training pictures, as Zalando does. Here the last "
    "5,000 training pictures are set aside for validation and choose nothing; Zalando trains on all 60,000."
)
FIVE_EPOCHS = "Five passes over the pictures, as scikit-learn of 2017 makes by itself; today's would make more."


def _unbuildable(name: str) -> Callable[..., Any]:
    def build(num_classes: int = 10) -> Any:
        raise ValueError(f"{name} is a classical classifier without layers, so no network can be built of it.")

    return build


def _row(name: str, title: str, idea: str, test_accuracy: float, note: str = "", why_different: str = "") -> Model:
    return Model(
        name=name,
        title=title,
        idea=idea,
        source=SOURCE,
        build=_unbuildable(title),
        recipe=Recipe(model=name, stages=(), split=SPLIT),
        published=Published(test_accuracy=test_accuracy),
        note=f"{note} {SAME}".strip(),
        why_different=why_different,
        kind="classical",
    )


ROWS = (
    _row(
        "svc_rbf",
        "Support vector machine",
        "Keeps the training pictures that lie near a border between two classes, and compares with each of them.",
        0.897,
        "C = 10, radial basis functions, gamma one over the number of pixels.",
    ),
    _row(
        "hist_gradient_boosting",
        "Histogram gradient boosting",
        "One small decision tree after the other, each correcting what those before it still get wrong.",
        0.880,
        "100 trees a class of depth 10. Zalando's looks at every value of a pixel; this version sorts them into 255 "
        "bins and lets a tree have 31 leaves, or it would take days on two cores.",
        "Another algorithm than the one that was published: pixels in 255 bins, and trees of at most 31 leaves where "
        "depth 10 alone would allow 1,024. How much of the difference either makes was not measured.",
    ),
    _row(
        "random_forest",
        "Random forest",
        "A hundred decision trees, each grown on other pictures and pixels; they vote.",
        0.873,
        "100 trees of depth 100, entropy.",
    ),
    _row(
        "mlp_100",
        "Multilayer perceptron",
        "One hidden layer of a hundred units between pixels and classes, as scikit-learn trains it.",
        0.871,
        "100 relu units, adam, scikit-learn's other settings.",
    ),
    _row(
        "k_neighbors",
        "Nearest neighbours",
        "Learns nothing: it keeps every training picture, and the five most alike vote.",
        0.854,
        "5 neighbours by the sum of absolute differences, weighted by one over the distance.",
    ),
    _row(
        "logistic_regression",
        "Logistic regression",
        "One weight a pixel and class: each class against all others, most useless weights driven to zero.",
        0.842,
        "C = 1, l1 penalty, one against the rest.",
    ),
    _row(
        "linear_svc",
        "Linear support vector machine",
        "One weight a pixel and class, chosen so that the nearest pictures of other classes lie far from the border.",
        0.836,
        "C = 1, hinge loss, l2 penalty, one against the rest.",
    ),
    _row(
        "sgd_hinge",
        "Linear model by SGD",
        "The same kind of border as a linear support vector machine, found by small steps, a picture at a time.",
        0.819,
        f"Hinge loss, l2 penalty. {FIVE_EPOCHS}",
    ),
    _row(
        "decision_tree",
        "Decision tree",
        "Asks of one pixel after the other whether it is brighter than a threshold, ten times at most.",
        0.798,
        "Depth 10, entropy.",
    ),
    _row(
        "perceptron_l1",
        "Perceptron",
        "The oldest learner of all: whenever it is wrong, the picture is added to its class and taken off the other.",
        0.782,
        f"l1 penalty. {FIVE_EPOCHS}",
        "A single run of it is mostly chance: on all 60,000 pictures, five seeds reach 77.7 to 80.3 %, 79.2 % on "
        "average (benchmarks/classical.py), as the published figure is an average, too.",
    ),
    _row(
        "passive_aggressive",
        "Passive-aggressive",
        "A perceptron that moves just as far as the picture in hand asks for.",
        0.776,
        "C = 1, hinge loss. scikit-learn has given up the class of that name, so that this is its SGDClassifier with "
        f"the step size pa1, the same algorithm. {FIVE_EPOCHS}",
    ),
    _row(
        "extra_tree",
        "Extra tree",
        "A decision tree that looks at a few pixels only, drawn by chance, before each question.",
        0.775,
        "Depth 10, Gini impurity, best split.",
    ),
    _row(
        "gaussian_nb",
        "Gaussian naive Bayes",
        "Takes each pixel of a class for a bell curve of its own, independent of all others.",
        0.511,
        "Equal priors.",
        "Some pixels hardly vary within a class, so that the little that is added to each variance decides: on all "
        "60,000 pictures 1e-12 of the largest one gives 55.6 %, 1e-9, as here, 57.0 %, and 1e-6 59.0 %. How much "
        "scikit-learn added when the benchmark ran is not said.",
    ),
)
MODELS = {row.name: row for row in ROWS}


@dataclass(frozen=True)
class Facts:
    """What is true of one of these models and has to be known before it is fitted."""

    answers: Answers = "log-probabilities"  # what its logits are; decision values: distances from its borders
    too_large: bool = False  # for an ONNX file: it keeps tens of thousands of pictures, or hundreds of deep trees
    slow: bool = False  # its fits or answers take long, so that it is fitted to fewer sizes


_DECIDES = Facts("decision values")
FACTS = {name: Facts() for name in MODELS} | {
    "svc_rbf": Facts("decision values", too_large=True, slow=True),
    "hist_gradient_boosting": Facts(slow=True),
    "random_forest": Facts(too_large=True),
    "k_neighbors": Facts(too_large=True, slow=True),
    "logistic_regression": Facts(slow=True),
    "linear_svc": Facts("decision values", slow=True),
    "sgd_hinge": _DECIDES,
    "perceptron_l1": _DECIDES,
    "passive_aggressive": _DECIDES,
}

# What of a recipe such a model heeds; all else must be as its row says.
HEEDED = ("split", "images", "excluded", "relabelled", "label_noise", "seed")


def check(chosen: Recipe) -> None:
    """Raises ValueError where the recipe of one of these asks for what only a network has."""
    usual = MODELS[chosen.model].recipe
    for field in dataclasses.fields(Recipe):
        if field.name not in HEEDED and getattr(chosen, field.name) != getattr(usual, field.name):
            what = "epochs" if field.name == "stages" else field.name.replace("_", " ")
            raise ValueError(
                f"{MODELS[chosen.model].title} has no {what} that could be chosen: it is no network. Of its recipe, "
                "training and validation pictures, those left out, labels, label noise and seed can be changed."
            )


def facts_of(name: str) -> Facts:
    """name: any model; of one that is none of these the usual."""
    return FACTS.get(name, Facts())


def has_loss(name: str) -> bool:
    """Whether the cross-entropy of a model's raw answers says anything; of distances it does not. name: any model."""
    return facts_of(name).answers == "log-probabilities"


def answers_of(name: str) -> Answers:
    """What a classical model's logits are."""
    return FACTS[name].answers
