"""Makes what photo calibrations come from, and the calibration of each shipped run.

python -m fmnist_core.release.photo_reference [--runs-only]
"""

import argparse
import sys

from fmnist_core.inference import photo_calibrations, photo_reference
from fmnist_core.inference.classifier import open_classifier
from fmnist_core.runs import runs


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs-only", action="store_true", help="keep the pictures, make the runs' calibrations")
    if not parser.parse_args().runs_only:
        photo_reference.save(photo_reference.make())
        photo_reference.load.cache_clear()
    for run in runs.list_runs():
        if run.shipped and (run.folder / "model.onnx").exists():
            made = photo_calibrations.make(open_classifier(run))
            photo_calibrations.save(run.folder / photo_calibrations.FILE, made)
            sys.stdout.write(f"{run.id}: temperature {made.temperature:.3f}\n")


if __name__ == "__main__":
    main()
