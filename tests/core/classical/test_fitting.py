"""Classical baselines: fitted, counted, exported, stopped and taken up again, on 300 pictures.

Run: python -m pytest tests/core/classical/test_fitting.py
"""

import contextlib
import dataclasses
import multiprocessing
import os
import signal

import numpy as np
import onnx
import pytest

from fmnist_core import data
from fmnist_core.classical import estimators, exporting, fitting
from fmnist_core.inference.classifier import Classifier, open_classifier
from fmnist_core.jobs import lifecycle
from fmnist_core.runs import foreign_model, predictions, runs, size_curve
from fmnist_core.runs.size_curve import Size
from fmnist_core.splits import split_indices
from fmnist_core.storage.folders import RunError
from fmnist_core.training import training_jobs
from fmnist_core.zoo import CLASSICAL
from fmnist_core.zoo.others.classical import FACTS, answers_of
from tests.fitted import WITH_ONNX, WITHOUT_ONNX, fit, small_recipe

EXPORTED = [name for name, facts in FACTS.items() if not facts.too_large]
LESS = {"mlp_100": {"max_iter": 20}, "hist_gradient_boosting": {"max_iter": 2}}  # so that they fit in a moment


def small_data() -> tuple[np.ndarray, np.ndarray]:
    pictures = data.load_split("train")
    return fitting.pixels_of(pictures.images[:300]), pictures.labels[:300].astype(np.int64)


@pytest.fixture(scope="module")
def fitted_models():
    pixels, labels = small_data()
    made = {}
    for name in CLASSICAL:
        model = estimators.make(name, 0)
        model[-1].set_params(**LESS.get(name, {}))
        with pytest.warns() if name == "mlp_100" else contextlib.nullcontext():
            made[name] = model.fit(pixels, labels)
    return made


def test_every_row_has_an_estimator_and_facts():
    assert set(estimators._MAKERS) == set(FACTS) == set(CLASSICAL)


@pytest.mark.some(2)
@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("gaussian_nb", 2 * 10 * 784),
        ("sgd_hinge", 10 * 785),
        ("perceptron_l1", 10 * 785),
        ("passive_aggressive", 10 * 785),
        ("linear_svc", 10 * 785),
        ("logistic_regression", 10 * 785),
        ("mlp_100", 785 * 100 + 101 * 10),
        ("k_neighbors", 300 * 784),
    ],
)
def test_parameters_are_counted(fitted_models, name, parameters):
    assert estimators.count_parameters(fitted_models[name]) == parameters


def test_support_vectors_are_counted_with_their_weights(fitted_models):
    """A vector weighs in the 9 borders of its class; a border of each pair of classes has a place of its own."""
    found = int(fitted_models["svc_rbf"][-1].n_support_.sum())
    assert estimators.count_parameters(fitted_models["svc_rbf"]) == found * (784 + 9) + 45


@pytest.mark.parametrize(
    ("name", "leaves"),
    [
        ("decision_tree", lambda last: [last.get_n_leaves()]),
        ("extra_tree", lambda last: [last.get_n_leaves()]),
        ("random_forest", lambda last: [tree.get_n_leaves() for tree in last.estimators_]),
        (
            "hist_gradient_boosting",
            lambda last: [one.get_n_leaf_nodes() for trees in last._predictors for one in trees],
        ),
    ],
)
def test_the_nodes_of_trees_are_counted(fitted_models, name, leaves):
    """Each question has two answers, so that a tree has a node fewer than twice its leaves."""
    each = leaves(fitted_models[name][-1])
    assert estimators.count_parameters(fitted_models[name]) == 2 * sum(each) - len(each) > 1


@pytest.mark.parametrize("name", CLASSICAL)
def test_logits_are_what_scikit_learn_says(fitted_models, name):
    pixels, _ = small_data()
    model, logits = fitted_models[name], estimators.logits(name, fitted_models[name], pixels, 10)
    assert logits.shape == (300, 10) and logits.dtype == np.float32
    if answers_of(name) == "decision values":
        np.testing.assert_allclose(logits, model.decision_function(pixels), rtol=1e-5)
    else:
        np.testing.assert_allclose(np.exp(logits), np.maximum(model.predict_proba(pixels), 1e-6), rtol=1e-4)
        assert logits.min() >= np.log(np.float32(1e-6)) - 1e-4


def test_a_class_that_was_never_seen_gets_the_least():
    pixels, labels = small_data()
    known = labels != 3
    model = estimators.make("gaussian_nb", 0)
    model[-1].set_params(priors=None)
    logits = estimators.logits("gaussian_nb", model.fit(pixels[known], labels[known]), pixels, 10)
    np.testing.assert_allclose(logits[:, 3], np.log(1e-6), rtol=1e-5)


@pytest.mark.parametrize("name", EXPORTED)
def test_the_onnx_model_answers_as_scikit_learn(fitted_models, name, tmp_path):
    path = tmp_path / "model.onnx"
    path.write_bytes(exporting.to_onnx(name, fitted_models[name]))
    images = data.load_split("test").images[:1_000]
    by_onnx = Classifier(path).logits(images)
    here = estimators.logits(name, fitted_models[name], fitting.pixels_of(images), 10)
    assert (by_onnx.argmax(axis=1) == here.argmax(axis=1)).mean() >= 0.999
    assert foreign_model.problem(onnx.load(path), no_network=True) is None  # such a run may be imported
    width = 100 if name == "mlp_100" else 784
    assert Classifier(path).features(images[:3]).shape == (3, width)


def test_a_model_that_answers_otherwise_is_not_exported(fitted_models, runs_folder):
    run = runs.create(small_recipe("sgd_hinge"))
    with pytest.raises(exporting.ExportMismatch, match="differs from the fitted one"):
        exporting.export(run, "sgd_hinge", fitted_models["sgd_hinge"], lambda images: np.zeros((len(images), 10)))


def test_a_run_holds_what_was_fitted(runs_folder):
    run = fit(WITH_ONNX, images=1_500)
    result, sizes = runs.read_result(run), size_curve.read(run)
    assert [size.pictures for size in sizes] == [1_000, 1_500]
    assert (result.epochs, result.best_epoch, result.seconds_per_epoch) == (0, None, None)
    assert result.seconds == sizes[-1].seconds and result.val_accuracy == pytest.approx(
        sizes[-1].val_accuracy, abs=1e-6
    )
    assert result.model_bytes == (run.folder / "model.onnx").stat().st_size == result.files["model.onnx"].bytes
    test = predictions.load(run, "test")
    assert len(predictions.load(run, "validation").indices) == 500
    assert (test.predicted == test.labels).mean() == pytest.approx(result.test_accuracy, abs=1e-6)
    by_onnx = open_classifier(run).logits(data.load_split("test").images[:100])
    np.testing.assert_array_equal(by_onnx.argmax(axis=1), test.predicted[:100])
    with pytest.raises(RunError, match="has stored no answers to train pictures"):
        predictions.load(run, "train")


def test_what_is_too_large_has_no_onnx_model(runs_folder):
    run = fit(WITHOUT_ONNX)
    result = runs.read_result(run)
    assert "model.onnx" not in result.files and result.model_bytes > 300 * 784 * 4
    assert result.parameters == 300 * 784
    with pytest.raises(RunError, match="too large for an ONNX file"):
        open_classifier(run)


def test_sizes_that_are_done_are_not_fitted_again(runs_folder):
    run = runs.create(small_recipe(WITH_ONNX, images=1_500))
    before = Size(pictures=1_000, training_accuracy=0.5, val_accuracy=0.25, seconds=1.0, classifying_seconds=0.5)
    size_curve.write(run, [before])
    told = []
    fitting.train(run, told.append)
    assert size_curve.read(run)[0] == before
    assert [words for words in told if words.startswith("fitting")] == ["fitting 2 of 2 training sizes: 1,500 pictures"]


def test_wrong_labels_are_taught(runs_folder):
    noisy = fit(WITH_ONNX, label_noise=0.9)
    assert runs.read_result(noisy).test_accuracy < 0.4 < runs.read_result(fit(WITH_ONNX)).test_accuracy


def test_a_job_fits_in_a_process_of_its_own(runs_folder):
    run = runs.create(small_recipe(WITH_ONNX))
    told = []

    def tell(standing):
        told.append(standing.phase)
        if standing.phase.startswith("fitting"):  # Ctrl-C reaches both processes: it ends when this one does
            os.kill(multiprocessing.active_children()[0].pid, signal.SIGINT)

    status = training_jobs.run_job(run, tell)
    assert status.state == "done", status.message
    assert "fitting 1 of 1 training sizes: 300 pictures" in told and told[-1] == "writing the result"
    assert runs.read_result(run).test_accuracy > 0.4
    assert len(split_indices(runs.read_config(run).recipe).train) == 300


def test_a_fit_is_stopped_where_it_is_and_goes_on_later(runs_folder):
    run = runs.create(small_recipe("svc_rbf", images=20_000))  # the last of its fits takes minutes
    job = training_jobs.job(run)

    def stop(standing):
        if standing.phase.startswith("fitting 2"):
            lifecycle.cancel(job)

    status = training_jobs.run_job(run, stop)
    assert (status.state, status.message) == (
        "cancelled",
        "Stopped. Resume goes on with the training sizes that are finished.",
    )
    assert [size.pictures for size in size_curve.read(run)] == [1_000]
    assert not (run.folder / "result.json").exists()


def test_a_fit_that_fails_says_why(runs_folder, monkeypatch, tmp_path):
    run = runs.create(small_recipe(WITH_ONNX))
    monkeypatch.setenv("FMNIST_DATA", str(tmp_path))
    status = training_jobs.run_job(run)
    assert status.state == "failed" and "The dataset file" in status.message


def test_what_fails_is_explained_as_of_every_training_and_logged(runs_folder, capfd):
    run = runs.create(small_recipe(WITH_ONNX))
    (run.folder / size_curve.FILE).mkdir()
    message = training_jobs.run_job(run).message
    assert message.startswith("A file could not be read or written: ") and message.endswith("to try again, resume.")
    log = (run.folder / "log.txt").read_text()
    assert "size_curve.write(run" in log and "Traceback" not in "".join(capfd.readouterr())


@pytest.mark.parametrize("changes", [{"batch_size": 64}, {"dropout": 0.5}, {"mirror": True}])
def test_what_only_a_network_has_is_refused(changes):
    with pytest.raises(ValueError, match="it is no network"):
        runs.create(dataclasses.replace(small_recipe(WITH_ONNX), **changes))
