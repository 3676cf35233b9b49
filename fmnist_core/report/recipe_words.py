"""A recipe in a report: in words, as JSON, and as the command that trains it again."""

import json
import re

from fmnist_core import recipe as recipes
from fmnist_core import zoo
from fmnist_core.data import SIZES
from fmnist_core.networks import layers
from fmnist_core.recipe import Augmentation, Optimizer, Recipe, Split, Stage
from fmnist_core.runs import recipe_options
from fmnist_core.runs.recipe_options import EXCLUDED_FILE, RELABELLED_FILE
from fmnist_core.splits import corrected_labels

OPTIMIZERS = {"sgd": "SGD", "adam": "Adam", "nadam": "Nadam", "adamw": "AdamW", "rmsprop": "RMSprop"}


def in_words(recipe: Recipe) -> list[tuple[str, str]]:
    """What is done, a name and a phrase each; what is switched off is left out."""
    model = zoo.find(recipe)
    if zoo.kind_of(recipe) == "brought in":
        return [("Model", f"{zoo.model_of(recipe).title}: made elsewhere"), ("Recipe", "not known")]
    rows = [("Model", f"{model.title} ({recipe.model})" if model else recipe.model)]
    if recipe.network is not None:
        rows.append(("Layers", "; ".join(map(layers.in_words, recipe.network.layers))))
    rows.append(("Training pictures", _training(recipe)))
    rows.append(("Validation pictures", _validation(recipe.split)))
    if not recipe.has_epochs:
        return [*rows, ("Epochs", "none: fitted once"), ("Seed", str(recipe.seed))]
    rows.append(("Epochs", "; then ".join(map(stage, recipe.stages))))
    batches = f"{recipe.batch_size:,} pictures" + (", only whole ones" if recipe.drop_last_batch else "")
    rows += [("Batches", batches), ("Optimizer", _optimizer(recipe.optimizer)), ("Loss", _loss(recipe))]
    if penalised := _penalised(recipe):
        rows.append(("Against overfitting", penalised))
    best = "the epoch with the best validation accuracy"
    rows.append(("Weights kept", f"those of {best if recipe.keep == 'best' else 'the last epoch'}"))
    if recipe.mirror:
        rows.append(("Test-time augmentation", "the mean over the picture and its mirror image"))
    if recipe.watch_test:
        rows.append(("Watched", "the test set after each epoch, as published; it chooses nothing"))
    precision = "what the machine is fastest with" if recipe.precision == "auto" else recipe.precision.replace("_", " ")
    return [*rows, ("Precision", precision), ("Seed", str(recipe.seed))]


def _training(recipe: Recipe) -> str:
    words = f"{SIZES['train'] - recipe.split.validation:,}"
    if recipe.images is not None:
        words = f"{recipe.images:,} of {words}, drawn with the seed"
    words += f"; {len(recipe.excluded):,} named ones left out" if recipe.excluded else ""
    if not recipe.teaches_other_labels:
        return words
    if recipe.relabelled:
        words += f"; {len(corrected_labels(recipe).positions):,} under labels corrected by hand"
    if recipe.label_noise:
        words += f"; {100 * recipe.label_noise:g} % of their labels wrong on purpose, drawn with the seed"
    return f"{words}; accuracies are by the official labels, the training loss by those taught"


def _validation(split: Split) -> str:
    if split.kind == "none":
        return "none set aside"
    which = {"first": "the first {}", "last": "the last {}", "random": f"{{}} at random (seed {split.seed})"}[
        split.kind
    ]
    return f"{which.format(f'{split.validation:,}')} of the {SIZES['train']:,}"


def stage(chosen: Stage) -> str:
    words = f"{chosen.epochs} {'epoch' if chosen.epochs == 1 else 'epochs'}"
    if chosen.augmentation:
        words += f" on pictures changed at random: {changes(chosen.augmentation)}"
    return words + ("; the validation pictures are distorted, too" if chosen.augment_validation else "")


def changes(augmentation: Augmentation) -> str:
    turn = "in every other epoch" if augmentation.in_turn else "half of the time"
    part = f" on {100 * augmentation.cutout_chance:g} % of them" if augmentation.cutout_chance < 1 else ""
    phrases = {
        "rotation": f"turned up to {augmentation.rotation:g}°",
        "shift": f"shifted up to {100 * augmentation.shift:g} % of the side",
        "shear": f"sheared up to {augmentation.shear:g}°",
        "zoom": f"zoomed up to {100 * augmentation.zoom:g} %",
        "flip": f"mirrored {turn}",
        "crop": f"shifted up to {augmentation.crop} pixels by cropping",
        "brightness": f"brightness changed up to {100 * augmentation.brightness:g} %",
        "cutout": f"a black square of {augmentation.cutout} pixels{part}",
        "photo_damage": f"{100 * augmentation.photo_damage:g} % of them damaged as photos are: askew, blurred, shaded, "
        "with remains of the background",
    }
    said = [phrase for name, phrase in phrases.items() if getattr(augmentation, name)]
    moved = augmentation.rotation or augmentation.shift or augmentation.shear or augmentation.zoom
    if moved and augmentation.fill == "constant":
        said.append("what comes in from outside is black")
    return ", ".join(said) or "by nothing"


def _optimizer(optimizer: Optimizer) -> str:
    words = f"{OPTIMIZERS[optimizer.name]}, learning rate {optimizer.learning_rate:g}"
    if optimizer.schedule == "one_cycle":
        words += f" at its peak, after a warm-up of {100 * optimizer.warm_up:g} % of all steps, then falling to 0"
    if optimizer.momentum:
        words += f", {'Nesterov ' if optimizer.nesterov else ''}momentum {optimizer.momentum:g}"
    if optimizer.decay:
        words += f", decay {optimizer.decay:g} a step"
    return words + (f", weight decay {optimizer.weight_decay:g}" if optimizer.weight_decay else "")


def _penalised(recipe: Recipe) -> str:
    """L2 regularization and dropout, where the recipe says something of them."""
    said = []
    if recipe.l2:
        said.append(f"L2 regularization {recipe.l2:g}")
    if recipe.dropout is not None:
        said.append(f"dropout of {100 * recipe.dropout:g} %" if recipe.dropout else "dropout switched off")
    return ", ".join(said)


def _loss(recipe: Recipe) -> str:
    words = recipe.loss.replace("_", " ")
    return words + (f", label smoothing {recipe.label_smoothing:g}" if recipe.label_smoothing else "")


def as_text(recipe: Recipe) -> str:
    """The recipe as JSON, a field a line; a list of numbers in one line."""
    written = json.dumps(recipes.to_json(recipe), indent=1)
    written = re.sub(r"\[\s+(\d[\d,\s]*?)\s+\]", lambda found: f"[{' '.join(found[1].split())}]", written)
    # And of its pairs, a position and a class each.
    return re.sub(r"\[\s+(\[\d[\d,\s\[\]]*?\])\s+\]", lambda found: f"[{' '.join(found[1].split())}]", written)


def command(recipe: Recipe) -> tuple[str, str]:
    """The one line that trains this recipe again, and a sentence about it ("" where none is needed)."""
    model = zoo.find(recipe)
    if zoo.kind_of(recipe) == "brought in":
        return "", "It was made elsewhere, so no command trains it again."
    if model is None:
        return "", f"The zoo has no model {recipe.model!r} any more, so no command trains it."
    line = recipe_options.command(recipe, model.recipe)
    notes = []
    if recipe.network is not None:
        notes.append("The long word holds its layers; `python -m fmnist_core network WORD` lists them.")
    if f"--exclude {EXCLUDED_FILE}" in line:
        notes.append(f"Save the numbers of “excluded” above as {EXCLUDED_FILE}.")
    if f"--labels {RELABELLED_FILE}" in line:
        notes.append(f"Save the pairs of “relabelled” above as {RELABELLED_FILE}, one a line: position, space, class.")
    return line, " ".join(notes)


def differences(first: Recipe, second: Recipe) -> list[tuple[str, str, str]]:
    """What `in_words` says of one and of the other, where that differs; a dash where one says nothing."""
    one, other = dict(in_words(first)), dict(in_words(second))
    names = [*one, *(name for name in other if name not in one)]
    rows = [(name, one.get(name, "–"), other.get(name, "–")) for name in names]
    return [row for row in rows if row[1] != row[2]]
