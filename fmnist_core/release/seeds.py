"""Writes the figures of the zoo's further seeds, which do not ship as runs, to assets/seeds.json.

python -m fmnist_core train cnn_2 --seed 1, or `sweep cnn_2 --seeds 3`; then python -m fmnist_core.release.seeds

Takes the own runs of recipes as published that have a seed which neither ships as a run nor stands there. It only adds:
of a seed that is there, the first training counts.
"""

import json
import sys

from fmnist_core import recipe as recipes
from fmnist_core.runs import catalogue, seeds
from fmnist_core.runs.seeds import Seeds
from fmnist_core.zoo import MODELS


def main() -> None:
    rows = catalogue.list_rows()
    found = seeds.of_rows(rows)
    runs = {(seeds.key_of(row.recipe), row.recipe.seed) for row in rows if row.run.shipped and row.recipe}
    stored = {}
    for name, model in MODELS.items():
        key = seeds.key_of(model.recipe)
        further = [one for one in found[key].trained if (key, one.seed) not in runs] if key in found else []
        if further:
            stored[name] = seeds.as_json(Seeds(tuple(further)), recipes.to_json(key))
            sys.stdout.write(f"{name}: {', '.join(str(one.seed) for one in further)}\n")
    seeds.shipped_file().write_text(json.dumps(stored, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
