"""The command that measures a run on changed pictures: robustness."""

import argparse
from typing import Any

from fmnist_core.analysis.robustness import CHANGES
from fmnist_core.cli.terminal import Answer, share_bar
from fmnist_core.inference import robustness_records
from fmnist_core.runs import runs
from fmnist_core.storage import folders
from fmnist_core.storage.folders import RunError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run")
    parser.add_argument("--pictures", type=int, default=robustness_records.PICTURES, help="test pictures")
    parser.add_argument("--ship", action="store_true", help="keep the figures in the run's own folder")


def robustness(options: Any) -> Answer:
    run = runs.find(options.run)
    folder = run.folder if options.ship else robustness_records.job_folder(run)
    try:
        folder.mkdir(parents=True, exist_ok=True)  # before the work, which would be in vain
        with share_bar("changing pictures") as tell:
            found = robustness_records.compute(run, options.pictures, tell)
        robustness_records.save(folder / robustness_records.FILE, found)
    except OSError as error:
        raise RunError(f"The figures cannot be stored: {folders.explain(error)}") from None
    value = {
        "run": run.id,
        "pictures": found.pictures,
        "seconds": found.seconds,
        "flip_gap": found.flip_gap,
        "accuracy": {
            name: dict(zip(map(str, sweep.severities), sweep.accuracy.tolist(), strict=True))
            for name, sweep in found.sweeps.items()
        },
    }
    lines = [f"{run.id} on {found.pictures:,} test pictures in {found.seconds:.0f} s; accuracy in %"]
    for name, sweep in found.sweeps.items():
        pairs = zip(sweep.severities, sweep.accuracy, strict=True)
        cells = "  ".join(f"{severity:g}: {100 * accuracy:.1f}" for severity, accuracy in pairs)
        lines.append(f"{CHANGES[name].title:<20}{CHANGES[name].unit:<12}{cells}")
    return value, "\n".join([*lines, f"A mirrored picture costs {100 * found.flip_gap:.1f} points."])
