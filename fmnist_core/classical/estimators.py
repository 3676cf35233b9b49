"""Each baseline as scikit-learn has it: how it is made, what it answers, what can be counted in it."""

from collections.abc import Callable
from typing import Any

import numpy as np

from fmnist_core.machine import cores
from fmnist_core.zoo.others import classical

FLOOR = 1e-6  # a probability below it counts as it: a tree's leaf without a class would cost infinitely much
_FIVE_EPOCHS: dict[str, Any] = {"max_iter": 5, "tol": None}


def make(name: str, seed: int) -> Any:
    """A pipeline, not yet fitted: pixels, (n, 784) float32, are standardised, then classified."""
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    return make_pipeline(StandardScaler(), _MAKERS[name](seed))


def _svc(seed: int) -> Any:
    from sklearn.svm import SVC

    return SVC(C=10, kernel="rbf", gamma="auto", cache_size=1_000, random_state=seed)


def _linear_svc(seed: int) -> Any:
    from sklearn.svm import LinearSVC

    return LinearSVC(C=1, loss="hinge", penalty="l2", dual=True, random_state=seed)


def _boosting(seed: int) -> Any:
    from sklearn.ensemble import HistGradientBoostingClassifier

    return HistGradientBoostingClassifier(max_iter=100, max_depth=10, early_stopping=False, random_state=seed)


def _forest(seed: int) -> Any:
    from sklearn.ensemble import RandomForestClassifier

    told: dict[str, Any] = {"n_estimators": 100, "max_depth": 100, "criterion": "entropy"}
    return RandomForestClassifier(**told, n_jobs=cores(), random_state=seed)


def _mlp(seed: int) -> Any:
    from sklearn.neural_network import MLPClassifier

    return MLPClassifier((100,), activation="relu", random_state=seed)


def _neighbours(seed: int) -> Any:
    from sklearn.neighbors import KNeighborsClassifier

    return KNeighborsClassifier(5, weights="distance", p=1, n_jobs=cores())


def _logistic(seed: int) -> Any:
    from sklearn.linear_model import LogisticRegression
    from sklearn.multiclass import OneVsRestClassifier

    one = LogisticRegression(C=1, l1_ratio=1, solver="liblinear", tol=0.01, random_state=seed)
    return OneVsRestClassifier(one)


def _descent(seed: int) -> Any:
    from sklearn.linear_model import SGDClassifier

    return SGDClassifier(loss="hinge", penalty="l2", random_state=seed, **_FIVE_EPOCHS)


def _perceptron(seed: int) -> Any:
    from sklearn.linear_model import Perceptron

    return Perceptron(penalty="l1", random_state=seed, **_FIVE_EPOCHS)


def _passive_aggressive(seed: int) -> Any:
    from sklearn.linear_model import SGDClassifier

    told: dict[str, Any] = {"loss": "hinge", "penalty": None, "learning_rate": "pa1", "eta0": 1.0}
    return SGDClassifier(**told, random_state=seed, **_FIVE_EPOCHS)


def _tree(seed: int) -> Any:
    from sklearn.tree import DecisionTreeClassifier

    return DecisionTreeClassifier(max_depth=10, criterion="entropy", splitter="best", random_state=seed)


def _extra_tree(seed: int) -> Any:
    from sklearn.tree import ExtraTreeClassifier

    return ExtraTreeClassifier(max_depth=10, criterion="gini", splitter="best", random_state=seed)


def _bayes(seed: int) -> Any:
    from sklearn.naive_bayes import GaussianNB

    return GaussianNB(priors=np.full(10, 0.1))


_MAKERS: dict[str, Callable[[int], Any]] = {
    "svc_rbf": _svc,
    "hist_gradient_boosting": _boosting,
    "random_forest": _forest,
    "mlp_100": _mlp,
    "k_neighbors": _neighbours,
    "logistic_regression": _logistic,
    "linear_svc": _linear_svc,
    "sgd_hinge": _descent,
    "decision_tree": _tree,
    "perceptron_l1": _perceptron,
    "passive_aggressive": _passive_aggressive,
    "extra_tree": _extra_tree,
    "gaussian_nb": _bayes,
}


def logits(name: str, fitted: Any, pixels: np.ndarray, classes: int) -> np.ndarray:
    """(n, 784) float32 -> (n, classes) float32: log-probabilities, or decision values where there are no probabilities.

    A class that the fitted one has never seen gets the least that there is.
    """
    if classical.answers_of(name) == "decision values":
        values = fitted.decision_function(pixels)
        if values.ndim == 1:  # of two classes: how far on the side of the second
            values = np.stack([-values, values], axis=1)
        missing = float(values.min()) - 1
    else:
        values, missing = np.log(np.maximum(fitted.predict_proba(pixels), FLOOR)), float(np.log(FLOOR))
    found = np.full((len(pixels), classes), missing, np.float32)
    found[:, fitted.classes_.astype(int)] = values
    return found


def count_parameters(fitted: Any) -> int:
    """Numbers that were learned: weights, means and variances, stored pictures' pixels, or the nodes of trees."""
    last = fitted[-1]
    if hasattr(last, "support_vectors_"):
        return int(last.support_vectors_.size + last.dual_coef_.size + last.intercept_.size)
    if hasattr(last, "coefs_"):
        return int(sum(array.size for array in (*last.coefs_, *last.intercepts_)))
    if hasattr(last, "coef_"):
        return int(last.coef_.size + last.intercept_.size)
    if hasattr(last, "theta_"):
        return int(last.theta_.size + last.var_.size)
    if hasattr(last, "_fit_X"):
        return int(last._fit_X.size)
    if hasattr(last, "_predictors"):  # of histogram gradient boosting: a tree a class and round
        return int(sum(len(tree.nodes) for trees in last._predictors for tree in trees))
    parts = last.estimators_ if hasattr(last, "estimators_") else [last]
    if hasattr(parts[0], "tree_"):
        return int(sum(part.tree_.node_count for part in parts))
    return int(sum(part.coef_.size + part.intercept_.size for part in parts))
