"""Fits the calibrator of each run that ships, so that no visitor waits for it.

python -m fmnist_core.release.calibrators
"""

import sys

from fmnist_core.inference import calibrated
from fmnist_core.runs import runs


def main() -> None:
    for run in runs.every_run():
        if run.shipped and (found := calibrated.fitted(run)):
            calibrated.save(run.folder / calibrated.FILE, found)
            sys.stdout.write(f"{run.id}: temperature {found.temperature:.3f}{', a curve' * found.curved}\n")


if __name__ == "__main__":
    main()
