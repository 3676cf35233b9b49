"""A recipe as options of the command `train`, and back: what differs from the published one, an option each.

What has parts is written as the first of them and then the others by their names: `--stage 10,rotation=8,flip`,
`--optimizer sgd,momentum=0.9`, `--validation 5000,kind=random`.
"""

import dataclasses
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from fmnist_core import recipe as recipes
from fmnist_core.analysis import label_issues, label_set, label_set_files
from fmnist_core.networks import sharing
from fmnist_core.recipe import Augmentation, Optimizer, Recipe, Split, Stage

Part = TypeVar("Part", Augmentation, Optimizer, Split)
MOST_LISTED = 500  # pictures left out or relabelled, in a command; more are read from a file
EXCLUDED_FILE, RELABELLED_FILE = "excluded.txt", "relabelled.txt"
CHANGES = ", ".join(field.name for field in dataclasses.fields(Augmentation))
_YES, _NO = ("", "yes", "true"), ("no", "false")


@dataclass(frozen=True)
class Option:
    name: str  # as in `--NAME`
    help: str
    metavar: str = ""
    kind: type = str  # bool: `--NAME` and `--no-NAME`
    field: str = ""  # of the recipe, where it is one number, word or switch
    several: bool = False  # may be given again


OPTIONS = (
    Option("epochs", "of all stages together, these in order", "NUMBER", int),
    Option("stage", f"once for each stage: its epochs, and changes of pictures ({CHANGES})", "10,flip", several=True),
    Option("augmentation", "changes of pictures in every stage, as above, or none", "rotation=8,flip"),
    Option("optimizer", "sgd, adam, nadam, adamw or rmsprop, with what else it has", "sgd,momentum=0.9"),
    Option("learning-rate", "of the optimizer", "NUMBER", float),
    Option("batch", "pictures in a batch", "NUMBER", int, "batch_size"),
    Option("images", "train on so many pictures only", "NUMBER", int, "images"),
    Option("validation", "how many pictures are set aside, and which: first, last or random", "5000,kind=last"),
    Option("exclude", f"positions to leave out, a file of them, or one of: {', '.join(label_issues.LISTS)}", "FILE"),
    Option("labels", "train with a label set: what it relabels, without what it calls ambiguous", "FILE"),
    Option("seed", "of all that is drawn at random", "NUMBER", int, "seed"),
    Option("precision", "auto, float32 or mixed_bfloat16", "NAME", str, "precision"),
    Option("keep", "the weights of the last epoch, or of the best by validation accuracy", "last|best", str, "keep"),
    Option("loss", "the name of a loss", "NAME", str, "loss"),
    Option("label-smoothing", "the part of the target that all classes share", "NUMBER", float, "label_smoothing"),
    Option("l2", "so many times the sum of squares of all kernels joins the loss", "NUMBER", float, "l2"),
    Option("dropout", "the rate of every dropout layer, or of one before the logits", "NUMBER", float, "dropout"),
    Option("label-noise", "this part of the training labels is wrong on purpose", "NUMBER", float, "label_noise"),
    Option("drop-last-batch", "only whole batches in an epoch", kind=bool, field="drop_last_batch"),
    Option("mirror", "answer with the mean over the picture and its mirror image", kind=bool, field="mirror"),
    Option("watch-test", "score the test pictures after each epoch, too", kind=bool, field="watch_test"),
)
_SIMPLE = tuple(option for option in OPTIONS if option.field)


def command(recipe: Recipe, published: Recipe) -> str:
    """The one line that trains this recipe. published: of its model, or what an own network begins with."""
    own = ["--layers", sharing.to_text(recipe.network)] if recipe.network else []
    return shlex.join(["python", "-m", "fmnist_core", "train", recipe.model, *own, *to_options(recipe, published)])


def to_options(recipe: Recipe, published: Recipe) -> list[str]:
    """What `from_options` makes the recipe of; EXCLUDED_FILE and RELABELLED_FILE stand for lists that are too long."""
    words = _stage_options(recipe, published)
    words += _optimizer_options(recipe.optimizer, published.optimizer)
    if recipe.split != published.split:
        base = _split(published.split, recipe.split.validation)
        words += ["--validation", ",".join([str(recipe.split.validation), *_differences(recipe.split, base)])]
    if recipe.excluded != published.excluded:
        words += ["--exclude", _exclude_argument(recipe.excluded)]
    if recipe.relabelled != published.relabelled:
        words += ["--labels", _labels_argument(recipe.relabelled)]
    for option in _SIMPLE:
        value = getattr(recipe, option.field)
        if value == getattr(published, option.field):
            continue
        if option.kind is bool:
            words.append(f"--{option.name}" if value else f"--no-{option.name}")
        else:
            words += [f"--{option.name}", word(value)]
    return words


def given_by(words: Sequence[str]) -> dict[str, Any]:
    """What `to_options` has written, as `from_options` takes it."""
    kinds = {option.name: option for option in OPTIONS}
    found: dict[str, Any] = {}
    left = iter(words)
    for word in left:
        name = word.removeprefix("--")
        if name not in kinds:
            found[name.removeprefix("no-")] = False
        elif kinds[name].kind is bool:
            found[name] = True
        elif kinds[name].several:
            found.setdefault(name, []).append(next(left))
        else:
            found[name] = kinds[name].kind(next(left))
    return found


def from_options(published: Recipe, given: Mapping[str, Any]) -> Recipe:
    """The published recipe with what is given, by the names of OPTIONS; what is None changes nothing.

    Of labels either the words or what they were read as, a `Taught`.

    Raises:
        ValueError: with a sentence, for what cannot be read or what no training could use.
    """
    said = {name: value for name, value in given.items() if value is not None}
    chosen = replace(published, stages=_stages(published, said))
    optimizer = chosen.optimizer
    if "optimizer" in said:
        name, *rest = said["optimizer"].split(",")
        base = optimizer if name == optimizer.name else Optimizer(name, optimizer.learning_rate)
        optimizer = _with(base, rest, "--optimizer")
    if "learning-rate" in said:
        optimizer = replace(optimizer, learning_rate=said["learning-rate"])
    chosen = replace(chosen, optimizer=optimizer)
    if "validation" in said:
        count, *rest = said["validation"].split(",")
        chosen = replace(chosen, split=_with(_split(chosen.split, _whole(count, "--validation")), rest, "--validation"))
    if "exclude" in said:
        chosen = replace(chosen, excluded=label_issues.from_argument(said["exclude"]))
    if "labels" in said:
        found = said["labels"]
        found = found if isinstance(found, label_set.Taught) else label_set_files.from_argument(found)
        excluded = tuple(dict.fromkeys((*chosen.excluded, *found.ambiguous)))
        chosen = replace(chosen, relabelled=found.relabelled, excluded=excluded)
    simple = {option.field: said[option.name] for option in _SIMPLE if option.name in said}
    return recipes.from_json(recipes.to_json(replace(chosen, **simple)))  # which checks every value


def _stages(published: Recipe, said: Mapping[str, Any]) -> tuple[Stage, ...]:
    if "stage" in said:
        if other := [name for name in ("epochs", "augmentation") if name in said]:
            raise ValueError(f"--stage says epochs and augmentation of a stage; leave out --{' and --'.join(other)}.")
        return tuple(_stage(text) for text in said["stage"])
    stages = published.stages
    if not published.has_epochs and (given := [f"--{name}" for name in ("epochs", "augmentation") if name in said]):
        raise ValueError(f"{published.model} learns without epochs; leave out {' and '.join(given)}.")
    if "epochs" in said:
        if said["epochs"] < 1:
            raise ValueError(f"--epochs cannot be {said['epochs']}. Expected 1 or more.")
        stages = recipes.with_epochs(published, said["epochs"]).stages
    if "augmentation" in said:
        words = said["augmentation"].split(",")
        found = None if words == ["none"] else _with(Augmentation(), words, "--augmentation")
        stages = tuple(replace(stage, augmentation=found, augment_validation=False) for stage in stages)
    return stages


def _stage(text: str) -> Stage:
    epochs, *words = text.split(",")
    distorts = "augment_validation" in words
    words = [word for word in words if word != "augment_validation"]
    augmentation = _with(Augmentation(), words, "--stage") if words else None
    return Stage(_whole(epochs, "--stage"), augmentation, distorts)


def _changes(stage: Stage) -> list[str]:
    words = ["augment_validation"] if stage.augment_validation else []
    if stage.augmentation is not None:
        words += _differences(stage.augmentation, Augmentation()) or ["rotation=0"]
    return words


def _stage_options(recipe: Recipe, published: Recipe) -> list[str]:
    if recipe.stages == published.stages:
        return []
    if recipe.stages == recipes.with_epochs(published, recipe.epochs).stages:
        return ["--epochs", str(recipe.epochs)]
    said = (",".join([str(stage.epochs), *_changes(stage)]) for stage in recipe.stages)
    return [word for stage in said for word in ("--stage", stage)]


def _optimizer_options(optimizer: Optimizer, published: Optimizer) -> list[str]:
    words = []
    base = published if optimizer.name == published.name else Optimizer(optimizer.name)
    base = replace(base, learning_rate=optimizer.learning_rate)
    if optimizer.name != published.name or optimizer != base:
        words = ["--optimizer", ",".join([optimizer.name, *_differences(optimizer, base)])]
    if optimizer.learning_rate != published.learning_rate:
        words += ["--learning-rate", word(optimizer.learning_rate)]
    return words


def _split(published: Split, validation: int) -> Split:
    """So many for validation, else as published where that sets any aside."""
    if not validation:
        return replace(published, kind="none", validation=0)
    return replace(published, kind="last" if published.kind == "none" else published.kind, validation=validation)


def _exclude_argument(positions: tuple[int, ...]) -> str:
    named = next((name for name, listed in label_issues.LISTS.items() if listed == positions), None)
    if named is None and len(positions) > MOST_LISTED:
        return EXCLUDED_FILE
    return named or ",".join(map(str, positions)) or "none"


def _labels_argument(relabelled: tuple[tuple[int, ...], ...]) -> str:
    if len(relabelled) > MOST_LISTED:
        return RELABELLED_FILE
    return ",".join(f"{position}={label}" for position, label in relabelled) or "none"


def _differences(value: Any, base: Any) -> list[str]:
    """Each field of a part of a recipe in which it differs from another one: "rotation=8.0"."""
    pairs = ((field.name, getattr(value, field.name)) for field in dataclasses.fields(value))
    return [f"{name}={word(said)}" for name, said in pairs if said != getattr(base, name)]


def word(value: object) -> str:
    """A value as options are written; `read` makes it again."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    short = f"{value:g}" if isinstance(value, float) else str(value)
    return short if not isinstance(value, float) or float(short) == value else repr(value)


def _with(part: Part, words: list[str], option: str) -> Part:
    """A part of a recipe with "name=value" words; of a switch its name alone will do."""
    changes: dict[str, Any] = {}
    names = [field.name for field in dataclasses.fields(part)]
    for word in words:
        name, _, text = word.strip().partition("=")
        if name not in names:
            raise ValueError(f"{option} has no {name[:40]!r}. Expected some of: {', '.join(names)}.")
        changes[name] = read(text, type(getattr(part, name)), f"{option}'s {name}")
    return replace(part, **changes)


def read(text: str, kind: type, what: str) -> Any:
    """A value as it was written. what: it is, in a sentence. Raises ValueError."""
    if kind is bool:
        if text.casefold() not in (*_YES, *_NO):
            raise ValueError(f"{what} cannot be {text[:40]!r}. Expected yes or no.")
        return text.casefold() in _YES
    if kind is int:
        return _whole(text, what)
    if kind is float:
        try:
            return float(text)
        except ValueError:
            raise ValueError(f"{what} cannot be {text[:40]!r}. Expected a number.") from None
    return text


def _whole(text: str, what: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise ValueError(f"{what} cannot be {text[:40]!r}. Expected a whole number.") from None
