"""t-SNE and PCA of scikit-learn, UMAP and densMAP of umap-learn: the reference that our own methods are held against.

What comes out is what the libraries' `fit_transform` gives, to the digit; they are only watched. scikit-learn's
t-SNE is seen where it asks for its gradient, umap-learn where it counts its epochs; both then take an answer too,
so that they can be stopped.

For jobs only: the libraries are imported inside the functions, and take seconds.
"""

import contextlib
import os
import sys
import warnings
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from fmnist_core.embedding import tsne as own_tsne
from fmnist_core.embedding import umap as own_umap
from fmnist_core.embedding.layout import Layout, OnIteration, pca_start
from fmnist_core.embedding.neighbours import Metric
from fmnist_core.embedding.watching import Watch, begin, needed, watched
from fmnist_core.machine import cores

FEWEST_ITERATIONS = 250  # of scikit-learn's t-SNE: so long is its early exaggeration
MORE_EPOCHS = 200  # that densMAP takes by default, as umap-learn has it
TRANSFORM_SEED = 42  # umap-learn's default


class _Stop(Exception):
    """Raised into scikit-learn's t-SNE, which has no other way out."""


def tsne(
    vectors: np.ndarray,
    dims: int = 2,
    *,
    perplexity: float = own_tsne.PERPLEXITY,
    learning_rate: float | None = None,
    early_exaggeration: float = own_tsne.EXAGGERATION,
    iterations: int = own_tsne.ITERATIONS,
    metric: Metric = "euclidean",
    seed: int = 0,
    on_iteration: OnIteration = lambda iteration, coordinates: None,
) -> Layout:
    """sklearn.manifold.TSNE: Barnes-Hut, from PCA. It may end before the last iteration, where nothing moves any more.

    Args:
        perplexity: lowered to (n - 1) / 3, and a note says so.
        learning_rate: None is "auto". iterations: 250 or more.

    Raises:
        ValueError: no vectors, values that are not finite, a parameter that scikit-learn refuses.
        LibraryError: it is not installed.
    """
    watch = begin(vectors, dims, "t-SNE", on_iteration)
    if isinstance(watch, Layout):
        return watch
    perplexity = watch.lowered("The perplexity", perplexity, (len(vectors) - 1) / 3)

    def compute() -> None:
        _rest_while_waiting()
        with needed("scikit-learn"):
            from sklearn.manifold import TSNE

        method = TSNE(
            dims,
            perplexity=perplexity,
            early_exaggeration=early_exaggeration,
            learning_rate=learning_rate or "auto",
            max_iter=iterations,
            metric=metric,
            init="pca",
            random_state=seed,
            n_jobs=cores(),
        )
        with _gradients_seen(watch, dims) as asked, contextlib.suppress(_Stop):
            found = method.fit_transform(vectors)
            watch(len(asked), found)

    return watched(compute, watch)


@contextlib.contextmanager
def _gradients_seen(watch: Watch, dims: int) -> Iterator[list[bool]]:
    """scikit-learn's t-SNE has no callback; but it asks this function for a gradient once an iteration.

    Yields a list that grows by one with each.
    """
    from sklearn.manifold import _t_sne

    gradient = _t_sne._kl_divergence_bh
    asked: list[bool] = []

    def seen(flat: np.ndarray, *arguments: Any, **options: Any) -> Any:
        if asked and watch(len(asked), flat.reshape(-1, dims)):
            raise _Stop
        asked.append(True)
        return gradient(flat, *arguments, **options)

    _t_sne._kl_divergence_bh = seen
    try:
        yield asked
    finally:
        _t_sne._kl_divergence_bh = gradient


def umap(
    vectors: np.ndarray,
    dims: int = 2,
    *,
    n_neighbors: int = own_umap.NEIGHBOURS,
    min_dist: float = own_umap.MIN_DIST,
    metric: Metric = "euclidean",
    labels: np.ndarray | None = None,
    densmap: bool = False,
    iterations: int | None = None,
    seed: int = 0,
    on_iteration: OnIteration = lambda iteration, coordinates: None,
) -> Layout:
    """umap.UMAP, from its spectral start; what is shown before its first epoch are the principal components.

    Args:
        n_neighbors: lowered to n - 1, and a note says so.
        labels: (n,) whole numbers: supervised. None: not.
        densmap: keep how dense the pictures lie, too (Narayan, Berger, Cho 2021).
        iterations: epochs; None is 500 up to 10,000 points, else 200, and 200 more for densMAP.

    Raises:
        ValueError: no vectors, values that are not finite, a parameter that umap-learn refuses.
        LibraryError: it is not installed.
    """
    watch = begin(vectors, dims, "UMAP", on_iteration)
    if isinstance(watch, Layout):
        return watch
    n_neighbors = int(watch.lowered("n_neighbors", n_neighbors, len(vectors) - 1))

    def compute() -> None:
        method = _import_umap().UMAP(
            n_neighbors=n_neighbors,
            n_components=dims,
            min_dist=min_dist,
            metric=metric,
            n_epochs=iterations,
            densmap=densmap,
            # Eigenvectors are sought by a method that wants more points than vectors.
            init="spectral" if len(vectors) > dims + 2 else "pca",
            random_state=seed,
            n_jobs=1,
        )
        with _epochs_seen(watch):
            method.fit(vectors, labels)

    return watched(compute, watch)


@contextlib.contextmanager
def _epochs_seen(watch: Watch) -> Iterator[None]:
    """umap-learn counts its epochs by a progress bar, which is ours here; it moves one array in place meanwhile."""
    from umap import layouts, umap_

    optimise, bar, moved = umap_.optimize_layout_euclidean, layouts.tqdm, []

    def begin(coordinates: np.ndarray, *arguments: Any, **options: Any) -> Any:
        moved.append(coordinates)
        return optimise(coordinates, *arguments, **options)

    def epochs(numbers: Iterable[int], **options: Any) -> Iterator[int]:
        for number in numbers:
            yield number
            if watch(number + 1, moved[-1]):
                return

    umap_.optimize_layout_euclidean, layouts.tqdm = begin, epochs
    try:
        yield
    finally:
        umap_.optimize_layout_euclidean, layouts.tqdm = optimise, bar


def pca(vectors: np.ndarray, dims: int = 2) -> Layout:
    """sklearn.decomposition.PCA. Raises ValueError for no vectors or values that are not finite, and LibraryError."""
    start = pca_start(vectors, dims)
    if min(vectors.shape) < dims or not start.any():
        return Layout(start, 0)  # fewer directions than axes: scikit-learn would refuse
    return Layout(_fit_pca(vectors, dims).transform(vectors).astype(np.float32), 0)


def _fit_pca(vectors: np.ndarray, dims: int) -> Any:
    _rest_while_waiting()
    with needed("scikit-learn"):
        from sklearn.decomposition import PCA

    return PCA(dims, random_state=0).fit(vectors)


def pca_transform(new: np.ndarray, vectors: np.ndarray, dims: int) -> np.ndarray:
    """PCA.transform: (m, d) new vectors on the map of the (n, d) vectors, (m, dims) float32."""
    return _fit_pca(vectors, dims).transform(new).astype(np.float32)


def umap_transform(
    new: np.ndarray,
    vectors: np.ndarray,
    coordinates: np.ndarray,
    *,
    n_neighbors: int = own_umap.NEIGHBOURS,
    min_dist: float = own_umap.MIN_DIST,
    metric: Metric = "euclidean",
    iterations: int | None = None,
) -> np.ndarray:
    """UMAP.transform: (m, d) new vectors on a map that umap-learn has made, (m, dims) float32.

    The fitted object is built again from what the map keeps, so that none has to be unpickled. Neighbours are sought
    among all vectors, as umap-learn does below 4,096 points; beyond, its own search is an approximation.

    Args:
        vectors: (n, d), what the map was made of. coordinates: (n, dims), where they lie.
        n_neighbors, min_dist, metric, iterations: as in `umap`.

    Raises:
        LibraryError: umap-learn is not installed.
    """
    method = _import_umap().UMAP(
        n_neighbors=min(n_neighbors, len(vectors) - 1),
        n_components=coordinates.shape[1],
        min_dist=min_dist,
        metric=metric,
        n_epochs=iterations,
        random_state=0,
        transform_seed=TRANSFORM_SEED,
        n_jobs=1,
    )
    from umap.umap_ import find_ab_params

    method._raw_data = np.ascontiguousarray(vectors, np.float32)
    method.embedding_ = coordinates.astype(np.float32)
    method._initial_alpha = method.learning_rate
    method._validate_parameters()
    method._a, method._b = find_ab_params(method.spread, method.min_dist)
    method._n_neighbors, method._small_data, method._input_hash = method.n_neighbors, True, None
    return method.transform(np.ascontiguousarray(new, np.float32))


def _import_umap() -> Any:
    """The package umap, without TensorFlow, and with what it compiles kept from one process to the next.

    Its ParametricUMAP would import TensorFlow, for 20 seconds and half a gigabyte. Of what it compiles it keeps only
    some by itself: another 25 seconds before the first frame, or 9 before a `transform`, in every new process.
    """
    _rest_while_waiting()
    known = sys.modules.get("tensorflow")
    sys.modules["tensorflow"] = None  # type: ignore[assignment]
    try:
        with needed("umap-learn"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import umap
    finally:
        if known is None:
            del sys.modules["tensorflow"]
        else:
            sys.modules["tensorflow"] = known
    _keep_compiled("umap", "pynndescent")
    return umap


def _rest_while_waiting() -> None:
    """Before scikit-learn is loaded: its threads would spin while they wait, ten times as slow beside other work."""
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")


def _keep_compiled(*packages: str) -> None:
    """Has numba write to disk what it compiles of these packages, as it does where they ask for it themselves."""
    from numba.core.caching import NullCache
    from numba.core.dispatcher import Dispatcher

    modules = [module for name, module in list(sys.modules.items()) if name.split(".")[0] in packages]
    for compiled in (value for module in modules for value in list(vars(module).values())):
        if isinstance(compiled, Dispatcher) and isinstance(getattr(compiled, "_cache", None), NullCache):
            with contextlib.suppress(RuntimeError, OSError):  # no folder can be written: it compiles anew
                compiled.enable_caching()
