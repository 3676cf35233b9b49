"""A recipe as one Python script that runs by itself: `keras_script`."""

import re
import textwrap

from fmnist_core import zoo
from fmnist_core.analysis import label_set_files
from fmnist_core.recipe import Recipe
from fmnist_core.runs.recipe_options import EXCLUDED_FILE, RELABELLED_FILE
from fmnist_core.script import model_code, pictures_code, training_code, trunk_code
from fmnist_core.script.lines import LONGEST, WIDEST, Block, code, join, literal
from fmnist_core.script.plan import plan_of
from fmnist_core.zoo.as_layers import as_network

LONGEST_TITLE = 60
DATA = "~/.keras/datasets/fashion-mnist"
_STRANGE = re.compile(r"[^\w\s\-'/&:.,()]|_")


def keras_script(recipe: Recipe) -> str:
    """A script that trains the recipe with Keras and NumPy, prints its accuracy and saves model.keras.

    At most LONGEST lines of at most WIDEST characters, but for networks and recipes that have nearly all there is.

    Raises:
        ValueError: the recipe cannot be trained, with a sentence.
    """
    zoo.check(recipe)
    for spacing, packed in ((1, 2), False), ((0, 2), False), ((0, 2), True), ((0, 1), True):
        lines = _lines(recipe, packed, spacing)
        if len(lines) <= LONGEST:
            break
    return "\n".join(lines) + "\n"


def left_out(recipe: Recipe) -> tuple[str, ...]:
    """What the script does not do, a phrase each."""
    stages = recipe.stages
    said = []
    damaged = max((stage.augmentation.photo_damage for stage in stages if stage.augmentation), default=0)
    if damaged:
        said.append(f"the damage that photos do, to {100 * damaged:g} % of the pictures")
    if any(stage.augment_validation for stage in stages):
        said.append("a second validation accuracy, on distorted pictures")
    if recipe.watch_test and recipe.split.kind != "none":
        said.append("the test accuracy after each epoch")
    if recipe.precision == "mixed_bfloat16":
        said.append("bfloat16: it computes in float32")
    return tuple(said)


def files_beside(recipe: Recipe) -> dict[str, str]:
    """The files that the script reads, content by name: of pictures left out and of labels corrected, where they are
    too many to stand in it."""
    files = {}
    if recipe.excluded and pictures_code.excluded_inline(recipe.excluded) is None:
        files[EXCLUDED_FILE] = "".join(f"{position}\n" for position in recipe.excluded)
    if recipe.relabelled and pictures_code.relabelled_inline(recipe.relabelled) is None:
        files[RELABELLED_FILE] = label_set_files.as_lines(recipe.relabelled)
    return files


def file_name(recipe: Recipe) -> str:
    """ "cnn_2.py", "my_network.py": ASCII letters, figures and underscores."""
    name = recipe.network.title if recipe.network else recipe.model
    return (re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_") or "network")[:LONGEST_TITLE] + ".py"


def plain(title: str) -> str:
    """A title that cannot end the string or the line that it stands in, whoever chose it."""
    return " ".join(_STRANGE.sub(" ", title).split())[:LONGEST_TITLE].strip()


def _lines(recipe: Recipe, packed: bool, spacing: tuple[int, int]) -> list[str]:
    """packed: as of `model_code.write`; spacing: as of `join`."""
    model = zoo.model_of(recipe)
    network = None if model.trunk else (recipe.network or as_network(recipe.model))
    plan = plan_of(recipe, network)
    if network is None:
        made = trunk_code.write(recipe.model, recipe.dropout)
    else:
        made = model_code.write(network, recipe.dropout, plan.graph, packed)
    body = [
        *pictures_code.write_data(recipe),
        *pictures_code.write_augment(plan.used),
        *made,
        *training_code.write_training(plan),
    ]
    return [*_docstring(recipe, model.title), "", *_imports(body), "", *join(_seeded(recipe, body), *spacing)]


def _docstring(recipe: Recipe, title: str) -> list[str]:
    lines = [f'"""{plain(title)}: a network for Fashion-MNIST, trained with Keras and NumPy alone.', ""]
    told = f"Keras downloads the data; without a network put its four .gz files into {DATA}."
    if files := files_beside(recipe):
        told += f" {' and '.join(files)} {'have' if len(files) > 1 else 'has'} to lie where the script is started."
    if left := left_out(recipe):
        told += f" Left out: {'; '.join(left)}."
    return [*lines, *textwrap.wrap(told, WIDEST), '"""']


def _imports(body: list[Block]) -> list[str]:
    written = "\n".join(line for block in body for line in block.lines)
    names = [name for name in ("layers", "ops") if re.search(rf"\b{name}\.", written)]
    return ["import keras", "import numpy as np", f"from keras import {', '.join(names)}"]


def _seeded(recipe: Recipe, body: list[Block]) -> list[Block]:
    seed = literal(recipe.seed)
    lines = [f"keras.utils.set_random_seed({seed})"]
    if any("rng." in line for block in body for line in block.lines):
        lines.append(f"rng = np.random.default_rng({seed})")
    return [code(*lines, *body[0].lines), *body[1:]]
