"""scikit-learn and umap-learn as engines: what they give, seen while they work, stopped, and asked for later pictures.

Run: python -m pytest tests/core/embedding/test_library.py

The first run after an installation compiles for a minute; what is compiled is kept.
"""

import subprocess
import sys
import threading
import time
import warnings

import numpy as np
import pytest
from sklearn import decomposition, manifold

from fmnist_core.embedding import fit_pca, library
from fmnist_core.embedding.quality import knn_accuracy
from fmnist_core.embedding.watching import Watch, watched
from fmnist_core.storage import folders
from tests.core.embedding.test_layouts import groups

methods = pytest.mark.parametrize("method", [library.tsne, library.umap], ids=["tsne", "umap"])


@pytest.fixture(scope="module")
def reference():
    """umap-learn by itself on 200 points: the fitted object."""
    umap = library._import_umap()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return umap.UMAP(random_state=3, n_jobs=1, n_epochs=60).fit(groups()[0])


# What comes out is the library's


@pytest.mark.parametrize("dims", [2, 3])
def test_tsne_is_that_of_scikit_learn(dims):
    vectors, _ = groups()
    theirs = manifold.TSNE(dims, init="pca", perplexity=20, max_iter=300, random_state=0).fit_transform(vectors)
    ours = library.tsne(vectors, dims, perplexity=20, iterations=300)
    np.testing.assert_allclose(ours.coordinates, theirs - theirs.mean(axis=0), atol=1e-3)
    assert (ours.iterations, ours.stopped, ours.notes) == (300, False, ())


@pytest.mark.long
def test_umap_is_that_of_umap_learn(reference):
    vectors, labels = groups()
    ours = library.umap(vectors, iterations=60, seed=3)
    assert knn_accuracy(ours.coordinates, labels) == 1
    theirs = reference.embedding_ - reference.embedding_.mean(axis=0)
    np.testing.assert_allclose(ours.coordinates, theirs, atol=1e-5)
    assert (ours.iterations, ours.stopped) == (60, False)


@pytest.mark.parametrize("dims", [2, 3])
def test_pca_is_that_of_scikit_learn(dims):
    vectors, _ = groups()
    theirs = decomposition.PCA(dims).fit_transform(vectors)
    np.testing.assert_allclose(library.pca(vectors, dims).coordinates, theirs, atol=1e-3)


@methods
def test_parameters_reach_the_library(method):
    vectors, labels = groups(100)
    plain = {"iterations": 250} if method is library.tsne else {"iterations": 40}
    only = (
        ({"perplexity": 5.0}, {"learning_rate": 20.0}, {"early_exaggeration": 4.0})
        if method is library.tsne
        else ({"n_neighbors": 5}, {"min_dist": 0.9}, {"labels": labels}, {"densmap": True}, {"seed": 5})
    )
    first = method(vectors, **plain).coordinates
    for changed in (*only, {"metric": "cosine"}):
        other = method(vectors, **plain | changed)
        assert not np.allclose(other.coordinates, first, atol=1e-2), changed
        assert other.coordinates.shape == (100, 2) and other.coordinates.dtype == np.float32


# Watched and stopped


@methods
def test_every_iteration_is_shown_and_the_first_is_pca(method):
    vectors, _ = groups(100)
    count, seen = 250 if method is library.tsne else 20, {}
    found = method(vectors, iterations=count, on_iteration=lambda number, shown: seen.update({number: shown.copy()}))
    assert list(seen) == list(range(count + 1))
    np.testing.assert_allclose(seen[0], fit_pca(vectors, 2).transform(vectors), atol=1e-4)
    np.testing.assert_array_equal(seen[count], found.coordinates)
    assert all(np.abs(seen[number + 1] - seen[number]).max() > 0 for number in range(1, count))


@methods
def test_stopping_keeps_what_is_there_and_leaves_the_library_as_it_was(method):
    from sklearn.manifold import _t_sne

    umap = library._import_umap()
    before = (_t_sne._kl_divergence_bh, umap.umap_.optimize_layout_euclidean, umap.layouts.tqdm)
    vectors, _ = groups(100)
    seen = {}

    def watch(number, shown):
        seen[number] = shown
        return number == 7

    found = method(vectors, on_iteration=watch)
    assert (found.iterations, found.stopped, max(seen)) == (7, True, 7)
    np.testing.assert_array_equal(found.coordinates, seen[7])
    start = method(vectors, on_iteration=lambda number, shown: True)
    assert (start.iterations, start.stopped) == (0, True) and start.coordinates.any()
    assert before == (_t_sne._kl_divergence_bh, umap.umap_.optimize_layout_euclidean, umap.layouts.tqdm)


def test_who_stops_while_a_library_compiles_does_not_wait_for_it():
    hurry, told, start = threading.Event(), [], np.ones((5, 2), np.float32)
    watch = Watch(lambda number, shown: told.append(number) or len(told) > 1, start)

    def compile_for_long():
        hurry.wait(60)
        told.append(watch(1, start))

    began = time.monotonic()
    found = watched(compile_for_long, watch)
    assert time.monotonic() - began < 5 and (found.iterations, found.stopped) == (0, True)
    hurry.set()
    while len(told) < 3:
        time.sleep(0.01)
    assert told == [0, 0, True]  # what comes later is told to nobody, and ends


@methods
def test_what_the_library_refuses_is_raised(method):
    with pytest.raises(ValueError, match="metric"):
        method(groups(50)[0], metric="no-such-metric")


# Edges


@methods
@pytest.mark.parametrize("dims", [2, 3])
@pytest.mark.parametrize("n", [1, 3, 4, 5, 6, 12])
def test_few_points_are_laid_out_with_a_note(method, n, dims):
    found = method(groups(n)[0], dims, iterations=250)
    assert found.coordinates.shape == (n, dims) and np.isfinite(found.coordinates).all() and found.notes
    assert found.coordinates.any() == (n > 1)


@methods
def test_identical_points_are_no_trouble(method):
    vectors, _ = groups(60)
    vectors[:30] = vectors[0]
    assert np.isfinite(method(vectors, iterations=250).coordinates).all()
    assert "same values: one point" in method(np.full((40, 5), 0.3, np.float32)).notes[0]


@pytest.mark.parametrize("method", [library.tsne, library.umap, library.pca])
def test_values_that_are_not_finite_are_refused(method):
    vectors, _ = groups(50)
    vectors[3, 2] = np.nan
    with pytest.raises(ValueError, match="only finite values"):
        method(vectors)


# Pictures that come later


@pytest.mark.parametrize("metric", ["euclidean", "cosine"])
def test_transform_is_that_of_the_fitted_object(reference, metric):
    vectors, _ = groups()
    new = vectors[[3, 90]] + np.random.default_rng(1).normal(scale=0.3, size=(2, 10)).astype(np.float32)
    if metric == "cosine":
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            options = {"random_state": 3, "n_jobs": 1, "n_epochs": 60}
            reference = library._import_umap().UMAP(metric=metric, **options).fit(vectors)
    theirs = reference.transform(new)
    ours = library.umap_transform(new, vectors, reference.embedding_, metric=metric, iterations=60)
    np.testing.assert_allclose(ours, theirs, atol=1e-5)


def test_transform_of_pca_is_where_the_map_has_it():
    vectors, _ = groups()
    np.testing.assert_allclose(library.pca_transform(vectors[:3], vectors, 2), library.pca(vectors).coordinates[:3])


WITHOUT_TENSORFLOW = """
import sys
from fmnist_core.embedding import library
library._import_umap()
print(sorted({"tensorflow", "keras", "torch"} & set(sys.modules)))
"""


def test_umap_comes_without_tensorflow():
    command = [sys.executable, "-c", WITHOUT_TENSORFLOW]
    answer = subprocess.run(command, cwd=folders.PROJECT, capture_output=True, text=True, check=True)
    assert answer.stdout == "[]\n"
