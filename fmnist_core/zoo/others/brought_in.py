"""What stands in for a row of the zoo where a model, or its answers, were made elsewhere."""

from typing import Any

from fmnist_core.recipe import BROUGHT_IN, Recipe, Split
from fmnist_core.zoo.spec import Model, Published, Source


def _build(num_classes: int = 10) -> Any:
    raise ValueError("A model that was brought in cannot be built here: how it was made is not known.")


ROW = Model(
    name=BROUGHT_IN,
    title="Brought in",
    idea="Made elsewhere and brought in as a file. How it was trained is not known here.",
    source=Source("Brought in", None),
    build=_build,
    recipe=Recipe(model=BROUGHT_IN, stages=(), split=Split("none", 0)),
    published=Published(),
    kind="brought in",
)
