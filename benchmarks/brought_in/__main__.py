"""Ten ONNX and five Keras files made elsewhere come in with their makers' accuracy; fifteen others are refused.

Run: make bench-brought-in, or python -m benchmarks.brought_in FOLDER, where FOLDER holds what pytorch_models and
other_models have made; without made.json in it, the fifteen alone.
"""

import json
import os
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.brought_in import hostile
from fmnist_core.brought_in import bringing
from fmnist_core.runs import runs
from fmnist_core.storage.folders import RunError

CLOSE = 0.0001 + 1e-9  # a hundredth of a point


def bring_all(folder: Path) -> bool:
    """Whether all came in as accurate as their makers measured."""
    listed = json.loads((folder / "made.json").read_text())
    good = True
    for one in listed:
        begun = time.monotonic()
        run = bringing.bring_file(folder / one["file"])
        about, accuracy = runs.read_config(run).brought_in, runs.read_result(run).test_accuracy
        same = abs(accuracy - one["accuracy"]) <= CLOSE and about is not None and about.input == one["input"]
        good &= same
        print(
            f"{one['file']:<26}{one['maker']:<34}{one['input']:<20}{about.input if about else '':<20}"
            f"{100 * one['accuracy']:7.2f}{100 * accuracy:7.2f}  {'same' if same else 'OTHER'}  "
            f"{time.monotonic() - begun:.0f} s",
            flush=True,
        )
    print(f"{len(listed)} files, {'all' if good else 'not all'} as accurate as made")
    return good


def refuse_all() -> bool:
    """Whether every one is refused with a sentence."""
    good = True
    for name, content in hostile.files():
        begun = time.monotonic()
        try:
            said = f"TAKEN: {bringing.bring(content, name).id}"
            good = False
        except RunError as error:
            said = str(error)
        print(f"{name:<40}{time.monotonic() - begun:4.0f} s  {said}", flush=True)
    return good


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        os.environ["FMNIST_RUNS"] = str(Path(folder) / "runs")
        made = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(folder)
        good = bring_all(made) if (made / "made.json").exists() else True
        return 0 if refuse_all() and good else 1


if __name__ == "__main__":
    sys.exit(main())
