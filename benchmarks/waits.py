"""How good the estimates of maps, audits and measurements of robustness are: what was foretold beside what it took.

    python -m benchmarks.waits [--rounds N]

Every job is queued as the pages do, one after the other, in a folder of runs of its own. The first round begins with
nothing done here but the measurement of this machine; in the next the jobs before have set the estimates right.
"""

import argparse
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from fmnist_core.inference import robustness_records
from fmnist_core.jobs import lifecycle
from fmnist_core.jobs.durations import Estimate
from fmnist_core.jobs.lifecycle import Job
from fmnist_core.jobs.status import ACTIVE
from fmnist_core.label_audit import audit_jobs
from fmnist_core.label_audit.audit_spec import AuditSpec
from fmnist_core.machine import describe_machine
from fmnist_core.maps import map_jobs, maps
from fmnist_core.maps.map_spec import MapSpec, Parameters, PictureChoice
from fmnist_core.runs import catalogue
from fmnist_core.runs.runs import Run
from fmnist_core.speed import forecasts, measurement

POLL_SECONDS = 0.1
MAPS = (  # method, engine, dimensions, pictures, iterations
    ("pca", "built-in", 2, 3_000, None),
    ("pca", "library", 3, 1_000, None),
    ("tsne", "built-in", 2, 500, None),
    ("tsne", "built-in", 2, 5_000, 500),
    ("tsne", "built-in", 3, 1_000, 300),
    ("tsne", "library", 2, 1_500, 500),
    ("umap", "built-in", 2, 1_000, None),
    ("umap", "built-in", 3, 8_000, None),
    ("umap", "library", 2, 1_000, None),
    ("umap", "built-in", 2, 20_000, 50),
)
AUDITS = (AuditSpec(epochs=2, folds=2, pictures=4_000), AuditSpec("simple_nn", 2, 3, pictures=9_000))
MODELS = ("simple_nn", "cnn_2", "minivggnet")


def spec_of(method: str, engine: str, dims: int, pictures: int, iterations: int | None, seed: int) -> MapSpec:
    """seed: another one makes the same map anew, but of PCA, which has none: there it shifts the pictures."""
    shift = seed if method == "pca" else 0
    choice = PictureChoice("train", positions=tuple(range(shift, pictures + shift)))
    return MapSpec(method, "pixels", None, dims, choice, Parameters(iterations=iterations, seed=seed), engine=engine)


def show(name: str, expected: Estimate | None, job: Job, submit: Callable[[], object]) -> float:
    """Does the job; seconds that it took, over what was foretold."""
    if expected is None:
        raise RuntimeError("No run tells how fast this machine trains.")
    start = time.time()
    submit()
    while (status := lifecycle.read_status(job)) is not None and status.state in ACTIVE:
        start = status.started_at or start
        time.sleep(POLL_SECONDS)
    if status is not None and status.state != "done":
        raise RuntimeError(status.message)
    took = time.time() - start
    print(f"| {name} | {expected.seconds:.1f} | {took:.1f} | {took / expected.seconds:.2f} |", flush=True)
    return took / expected.seconds


def measure(seed: int) -> list[float]:
    """Foretells and does each job once."""
    ratios = []
    for method, engine, dims, pictures, iterations in MAPS:
        spec = spec_of(method, engine, dims, pictures, iterations, seed).canonical
        expected, job = forecasts.of_map(spec), map_jobs.job(maps.files_of(spec))
        name = f"{maps.describe(spec)}, {pictures:,} pictures"
        ratios.append(show(name, expected, job, lambda spec=spec, expected=expected: map_jobs.submit(spec, expected)))
    rows = catalogue.list_rows()
    for plain in AUDITS:
        audit = AuditSpec(plain.model, plain.epochs, plain.folds, seed, pictures=plain.pictures)
        expected = forecasts.of_audit(audit, rows)
        submit = lambda audit=audit, expected=expected: audit_jobs.submit(audit, expected)  # noqa: E731
        ratios.append(show(f"audit by {audit.model}, {audit.pictures:,}", expected, audit_jobs.job(audit), submit))
    for model in MODELS:
        run = next(row.run for row in rows if row.run.shipped and row.model == model)
        expected, job = forecasts.of_robustness(run), robustness_records.job(run)
        ratios.append(show(f"robustness of {model}", expected, job, lambda run=run, e=expected: _again(run, e)))
    return ratios


def _again(run: Run, expected: Estimate) -> None:
    robustness_records.submit(run, expected)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=2)
    rounds = parser.parse_args().rounds
    print(describe_machine())
    with tempfile.TemporaryDirectory() as folder:
        os.environ["FMNIST_RUNS"] = str(Path(folder) / "runs")
        job = measurement.job()
        measurement.begin()
        while measurement.is_at_work():
            time.sleep(POLL_SECONDS)
        if measurement.read() is None:
            raise RuntimeError(f"This machine could not be measured: {lifecycle.read(job).message}")
        for number in range(rounds):
            print(f"\nRound {number + 1}\n\n| Job | Foretold, s | Took, s | Ratio |\n| --- | ---: | ---: | ---: |")
            ratios = measure(number)
            off = [max(ratio, 1 / ratio) for ratio in ratios]
            within = sum(one <= 1.5 for one in off)
            print(f"\noff by {median(off):.2f} (median), {max(off):.1f} at most; within 1.5: {within} of {len(off)}")


if __name__ == "__main__":
    main()
