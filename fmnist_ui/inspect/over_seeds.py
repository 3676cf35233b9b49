"""What two runs say of their recipes: whether another seed might turn their order around."""

from fmnist_core.metrics import seed_difference
from fmnist_core.metrics.comparison import Comparison
from fmnist_core.recipe import Recipe
from fmnist_core.runs import seeds
from fmnist_core.runs.catalogue import Row
from fmnist_core.runs.seeds import Seeds
from fmnist_ui import cached, parts


def sentences(a: Row, b: Row, compared: Comparison) -> list[str]:
    """None where they are of one recipe, or of no networks; one that says what is missing where seeds are too few.

    compared: A and B on the test pictures; on others the seeds' figures say nothing.
    """
    if a.recipe is None or b.recipe is None or not (a.recipe.stages and b.recipe.stages):
        return []
    if seeds.key_of(a.recipe) == seeds.key_of(b.recipe):
        return ["Both are of one recipe: what tells them apart is their seed alone."]
    known = seeds.of_rows(cached.list_rows())
    found = [known.get(seeds.key_of(row.recipe)) for row in (a, b) if row.recipe]
    lacking = [row for row, one in zip((a, b), found, strict=True) if one is None or one.count < seeds.ENOUGH]
    names = parts.name_runs([a, b])
    if lacking:
        said = " and ".join(f"of {names[row.run.id]} {_counted(known, row)}" for row in lacking)
        return [f"This is about these two runs. Of their recipes too few seeds are known ({said}): another may differ."]
    of_a, of_b = (one.test_accuracies for one in found if one)
    difference = seed_difference.seed_difference(of_a, of_b, compared)
    return [seed_difference.in_words(names[a.run.id], names[b.run.id], difference)]


def _counted(known: dict[Recipe, Seeds], row: Row) -> str:
    found = known.get(seeds.key_of(row.recipe)) if row.recipe else None
    count = found.count if found else 0
    return "one" if count == 1 else f"{count}" if count else "none"
