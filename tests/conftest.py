"""What all tests share: a runs folder of their own, and one small run that was really trained."""

import shutil
from pathlib import Path

import pytest

import fmnist_core.training  # noqa: F401 - sets TensorFlow up, before a test imports it
from fmnist_core.jobs import lifecycle
from fmnist_core.runs import runs
from fmnist_core.runs.runs import Run
from tests.tiny import tiny_recipe


def pytest_addoption(parser):
    parser.addoption("--slow", action="store_true", help="run the tests that take minutes too")


def pytest_collection_modifyitems(config, items):
    if config.getoption("--slow"):
        return
    for item in items:
        if item.get_closest_marker("slow"):
            item.add_marker(pytest.mark.skip(reason="takes minutes: run with --slow"))


@pytest.fixture(scope="session", autouse=True)
def _no_runs_of_the_user(tmp_path_factory):
    """For what session-wide fixtures start, a server say, before a test has a folder of its own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FMNIST_RUNS", str(tmp_path_factory.mktemp("session") / "runs"))
        yield


@pytest.fixture(autouse=True)
def runs_folder(tmp_path, monkeypatch) -> Path:
    """Where this test's runs lie; it does not exist yet."""
    folder = tmp_path / "runs"
    monkeypatch.setenv("FMNIST_RUNS", str(folder))
    return folder


@pytest.fixture(scope="session")
def trained_run(tmp_path_factory) -> Run:
    """A finished run of a convolutional network, two epochs; trained once and not to be changed: see `run`."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FMNIST_RUNS", str(tmp_path_factory.mktemp("trained")))
        made = runs.create(tiny_recipe("cnn_1", keep="best"))
        status = lifecycle.work(made)
    assert status.state == "done", status.message
    return made


@pytest.fixture
def run(trained_run, runs_folder) -> Run:
    """A copy of `trained_run` in this test's runs folder."""
    shutil.copytree(trained_run.folder, runs_folder / trained_run.id)
    return Run(runs_folder / trained_run.id)
