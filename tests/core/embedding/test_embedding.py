"""Principal components, against scikit-learn and at the edges.

Run: python -m pytest tests/core/embedding/test_embedding.py
"""

import numpy as np
import pytest
from sklearn import decomposition

from fmnist_core.embedding import fit_pca

TALL, WIDE = (200, 12), (12, 200)  # through the covariance, through the Gram matrix
both = pytest.mark.parametrize("shape", [TALL, WIDE])


def vectors(shape: tuple[int, int]) -> np.ndarray:
    """Points whose variances differ from one direction to the next, far from the origin."""
    scales = 1.5 ** -np.arange(shape[1])
    return (np.random.default_rng(1).normal(size=shape) * scales + 7).astype(np.float32)


@both
def test_components_are_those_of_scikit_learn(shape):
    points = vectors(shape)
    ours, theirs = fit_pca(points, 5), decomposition.PCA(5, svd_solver="full").fit(points.astype(np.float64))
    signs = np.sign((ours.components * theirs.components_).sum(axis=1))
    np.testing.assert_allclose(ours.components, theirs.components_ * signs[:, None], atol=2e-4)
    np.testing.assert_allclose(ours.variances, theirs.explained_variance_, rtol=1e-4)
    np.testing.assert_allclose(ours.explained, theirs.explained_variance_ratio_, rtol=1e-4)
    np.testing.assert_allclose(ours.transform(points), theirs.transform(points) * signs, atol=1e-3)


@both
@pytest.mark.parametrize("factor", [2.0**83, 2.0**-83])  # about 1e25
def test_size_of_the_values_changes_no_digit(shape, factor):
    points = vectors(shape)
    usual, extreme = fit_pca(points, 5), fit_pca(points * np.float32(factor), 5)
    np.testing.assert_array_equal(usual.components, extreme.components)
    np.testing.assert_allclose(extreme.variances, usual.variances * factor**2, rtol=1e-12)
    np.testing.assert_array_equal(extreme.transform(points * np.float32(factor)), usual.transform(points) * factor)


@both
def test_components_are_orthonormal_and_their_signs_fixed(shape):
    found = fit_pca(vectors(shape), 8)
    np.testing.assert_allclose(found.components @ found.components.T, np.eye(8), atol=1e-5)
    largest = np.abs(found.components).argmax(axis=1)
    assert (found.components[np.arange(8), largest] > 0).all()
    assert found.components.dtype == found.mean.dtype == np.float32
    assert (np.diff(found.variances) <= 0).all()


@both
def test_no_more_components_than_there_are_directions(shape):
    found = fit_pca(vectors(shape), 64)
    assert found.components.shape == (12, shape[1])
    assert found.explained.sum() == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize("scale", [1e-3, 1, 1e3])
def test_directions_without_variance_are_zero(scale):
    """Twelve points leave eleven directions: the twelfth must not be noise that repeats the others."""
    found = fit_pca(scale * vectors(WIDE), 12)
    norms = np.linalg.norm(found.components, axis=1)
    np.testing.assert_allclose(norms, [1] * 11 + [0], atol=1e-5)
    gram = found.components @ found.components.T
    np.testing.assert_allclose(gram, np.diag(np.diag(gram)), atol=1e-4)


@pytest.mark.parametrize("kind", [np.float32, np.float64])
@pytest.mark.parametrize("shape", [(1, 5), (6, 3), (3, 6), (10, 30)])
def test_points_that_are_one_have_no_variance(shape, kind):
    points = np.full(shape, 0.3, kind)
    found = fit_pca(points, 2)
    assert found.total_variance == 0
    np.testing.assert_array_equal(found.explained, np.zeros(len(found.explained)))
    np.testing.assert_allclose(found.transform(points), 0, atol=1e-6)
    assert np.isfinite(found.components).all()


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_values_that_are_not_finite_are_refused(value):
    points = vectors(TALL)
    points[3, 4] = value
    with pytest.raises(ValueError, match="only finite values"):
        fit_pca(points, 2)


def test_no_points_are_refused():
    with pytest.raises(ValueError, match="at least one picture"):
        fit_pca(np.zeros((0, 5)), 2)
