"""How long maps, audits and measurements of robustness are said to take.

Run: python -m pytest tests/core/speed/test_forecasts.py
"""

import dataclasses

import pytest

from fmnist_core.jobs import durations
from fmnist_core.jobs.durations import Took
from fmnist_core.label_audit.audit_spec import AuditSpec
from fmnist_core.maps.map_spec import ENGINES, METHODS, MapSpec, Parameters, PictureChoice
from fmnist_core.runs import catalogue
from fmnist_core.speed import forecasts, measurement
from fmnist_core.speed.estimate import estimate
from fmnist_core.sweeps import cluster, plan
from tests.tiny import shipped_run, tiny_recipe


def pixels(method: str, count: int, **changes) -> MapSpec:
    return MapSpec(method, "pixels", pictures=PictureChoice(positions=tuple(range(count))), **changes)


def test_every_map_has_an_estimate_that_grows_with_pictures_and_iterations():
    for method in METHODS:
        for engine in ENGINES:
            for dims in (2, 3):
                how = {"engine": engine, "dims": dims}
                few, many = (forecasts.of_map(pixels(method, count, **how)).seconds for count in (500, 5_000))
                assert 0.5 < few < many < 600
                if method != "pca":
                    long = pixels(method, 500, parameters=Parameters(iterations=3_000), **how)
                    assert forecasts.of_map(long).seconds > few + 1


def test_layers_of_a_large_network_cost_more_than_pixels():
    flagship, pictures = shipped_run("flagship"), PictureChoice("train")
    of = {"pictures": pictures, "parameters": Parameters(iterations=1)}
    plain = forecasts.of_map(MapSpec("umap", "pixels", **of)).seconds
    assert forecasts.of_map(MapSpec("umap", run=flagship.id, **of)).seconds > plain + 5
    tests = dataclasses.replace(pictures, split="test")  # whose features are kept with the run
    assert forecasts.of_map(MapSpec("umap", run=flagship.id, pictures=tests)).seconds == pytest.approx(
        forecasts.of_map(MapSpec("umap", "pixels", pictures=tests)).seconds
    )


def test_a_slow_machine_takes_longer_and_what_was_done_on_it_says_so(monkeypatch):
    spec, run, audit = pixels("umap", 2_000), shipped_run("cnn_2"), AuditSpec()
    rows = catalogue.list_rows()
    ask = lambda: [forecasts.of_map(spec), forecasts.of_robustness(run), forecasts.of_audit(audit, rows)]  # noqa: E731
    before = ask()
    assert [one.basis.startswith("measured on another machine") for one in before] == [True] * 3
    slow = dataclasses.replace(
        forecasts.REFERENCE,
        **{
            name: value / 2
            for name, value in dataclasses.asdict(forecasts.REFERENCE).items()
            if name in ("convolutions", "dense")
        },
        classify_convolutions=forecasts.REFERENCE.classify_convolutions * 2,
        classify_dense=forecasts.REFERENCE.classify_dense * 2,
    )
    monkeypatch.setattr(measurement, "read", lambda: forecasts.REFERENCE)
    same = ask()
    assert [one.seconds for one in same[:2]] == pytest.approx([one.seconds for one in before[:2]])
    monkeypatch.setattr(measurement, "read", lambda: slow)
    assert [one.seconds / other.seconds for one, other in zip(ask(), same, strict=True)] == pytest.approx(
        [2] * 3, rel=0.1
    )
    for one in ask():
        durations.keep(Took(one.like, one.usual, one.usual * 3))
    assert [one.seconds / one.usual for one in ask()] == pytest.approx([3] * 3)


def test_a_large_network_is_measured_longer_and_a_long_audit_takes_longer():
    assert (
        forecasts.of_robustness(shipped_run("flagship")).seconds
        > 2 * forecasts.of_robustness(shipped_run("simple_nn")).seconds
    )
    rows = catalogue.list_rows()
    short = forecasts.of_audit(AuditSpec(epochs=1, folds=2, pictures=1_000), rows)
    assert 5 < short.seconds < 60 < forecasts.of_audit(AuditSpec(), rows).seconds
    assert forecasts.of_audit(AuditSpec(), []) is None


@pytest.mark.parametrize(
    ("cores", "on", "times"), [(8, "local:1", 6), (8, "local:4", 6), (8, "local:8", 8), (4, "local:3", 8)]
)
def test_trainings_together_share_the_cores_and_none_is_done_before_its_own_time(monkeypatch, cores, on, times):
    for module in (cluster, forecasts):
        monkeypatch.setattr(module, "cores", lambda: cores)
    rows, chosen = catalogue.list_rows(), plan.make([tiny_recipe()], {}, range(6))
    alone = estimate(chosen.bases[0], rows, measurement.read()).seconds
    # Eight workers that were asked for are six, one a training, each with one of eight cores; three have one of four.
    assert forecasts.of_sweep(chosen, on, rows).seconds == pytest.approx(times * alone)
    assert forecasts.of_sweep(chosen, "tcp://host:8786", rows) is None
