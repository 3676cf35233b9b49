"""Finds the favourite pictures of the channels of three networks that ship, so that no visitor waits for theirs.

python -m fmnist_core.release.favourites
"""

import sys

from fmnist_core.inside import favourites
from fmnist_core.inside.session import open_inside
from fmnist_core.runs import runs

MODELS = ("flagship", "cnn_2", "lenet5_rbf")  # the first run of each: residual blocks, plain convolutions, centres


def main() -> None:
    shipped = sorted((run for run in runs.every_run() if run.shipped), key=lambda run: run.id)
    for model in MODELS:
        run = next(run for run in shipped if run.id.startswith(f"{model}-"))
        favourites.save(run.folder / favourites.FILE, favourites.find(open_inside(run)))
        sys.stdout.write(f"{run.id}: {(run.folder / favourites.FILE).stat().st_size / 1e6:.2f} MB\n")


if __name__ == "__main__":
    main()
