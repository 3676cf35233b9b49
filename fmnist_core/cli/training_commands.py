"""The commands that train: train, reproduce."""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from fmnist_core.analysis import label_set_files
from fmnist_core.cli import label_set_commands
from fmnist_core.cli.network_commands import own_network
from fmnist_core.cli.terminal import Answer, tell_notice
from fmnist_core.families import members, summary, varying
from fmnist_core.formatting import epochs, percent
from fmnist_core.jobs import lifecycle, queue
from fmnist_core.jobs.status import Status
from fmnist_core.recipe import Recipe
from fmnist_core.report import recipe_words
from fmnist_core.runs import catalogue, runs, size_curve
from fmnist_core.runs.recipe_options import OPTIONS, from_options
from fmnist_core.runs.records import EpochLine, Family, Line, new_group_id
from fmnist_core.runs.runs import Run
from fmnist_core.speed import measurement
from fmnist_core.speed.estimate import estimate
from fmnist_core.storage.folders import RunError
from fmnist_core.training import training_jobs
from fmnist_core.zoo import get_trainable
from fmnist_core.zoo.own_network import recipe as own_recipe


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Those of `train`."""
    add_recipe_arguments(parser)
    several = ", ".join(row.option for row in varying.VARYING.values())
    family = f"train one after the other with these values of one of: {several}; a line says what they show"
    parser.add_argument("--family", metavar="learning-rate=0.0001,0.001,0.01", help=family)
    parser.add_argument("--resume", metavar="RUN", help="go on with a stopped run instead")


def add_reproducing_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("model", help="a name that `models` lists")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--replace", action="store_true", help="ship it in place of the run that ships now")


def add_recipe_arguments(parser: argparse.ArgumentParser) -> None:
    """What `recipe_of` reads: a model, and what of its recipe is changed."""
    parser.add_argument("model", nargs="?", help="a name that `models` lists")
    add_changes(parser)


def add_changes(parser: argparse.ArgumentParser) -> None:
    """What of a recipe is changed."""
    parser.add_argument(
        "--layers",
        metavar="FILE",
        help="with the model own: a JSON file of its layers, such as `network NAME --json` writes, or a shared network",
    )
    for option in OPTIONS:
        if option.kind is bool:
            parser.add_argument(f"--{option.name}", action=argparse.BooleanOptionalAction, help=option.help)
        else:
            action = "append" if option.several else "store"
            told: dict[str, Any] = {"metavar": option.metavar, "help": option.help.replace("%", "%%")}
            parser.add_argument(f"--{option.name}", type=option.kind, action=action, **told)


def train(options: Any) -> Answer:
    if options.family is not None and options.model and not options.resume:
        return _train_family(options)
    if options.resume:
        others = [f"the model {options.model!r}"] if options.model is not None else []
        refuse_changes(options, others + ["--family"] * (options.family is not None), "the run's own recipe")
        run = runs.find(options.resume)
        training_jobs.require_weights(runs.read_config(run).recipe)
        lifecycle.requeue(training_jobs.job(run))
    elif options.model:
        chosen = recipe_of(options)
        training_jobs.require_weights(chosen)
        run = runs.create(chosen)
        queue.expect(training_jobs.job(run), estimate(chosen, catalogue.list_rows(), measurement.read()))
    else:
        raise ValueError("Name a model (see `models`), or a stopped run with --resume.")
    print(f"run {run.id}", file=sys.stderr)
    status = _work_with_bar(run)
    if status.state == "failed":
        raise RunError(status.message)
    value: dict[str, Any] = {"run": run.id, "epochs": None}
    value |= {"val_accuracy": None, "images_per_second": None, "seconds": None}
    if not (run.folder / "result.json").exists():
        return value, f"{run.id}: {status.state} before it had trained"
    result = runs.read_result(run)
    value |= {name: getattr(result, name) for name in value if name != "run"}
    learned = epochs(result.epochs) if result.epochs else f"fitted in {result.seconds:.1f} s"
    text = f"{run.id}: {learned}, test accuracy {percent(result.test_accuracy)}"
    return value, f"{text}, validation {percent(result.val_accuracy)}"


def _train_family(options: Any) -> Answer:
    """One run after the other; the answer is what `families.summary` says of them."""
    varies, values = varying.parse(options.family)
    recipes = varying.recipes_of(recipe_of(options), varies, values)
    family_id, rows = new_group_id(), []
    for place, (chosen, value) in enumerate(zip(recipes, values, strict=True)):
        run = members.run_of(Family(family_id, varies, place, len(recipes)), chosen)
        queue.expect(training_jobs.job(run), estimate(chosen, catalogue.list_rows(), measurement.read()))
        print(f"run {run.id}: {varying.named(varies, value)}", file=sys.stderr)
        _work_with_bar(run)  # of one that failed the line says so
        rows.append(catalogue.describe(run))
    found = members.find(rows, family_id)
    assert found is not None  # noqa: S101 - they were just made
    told = summary.summarise(found)
    figures = summary.rows(told)
    answer = {"family": family_id, "varies": varies, "runs": figures, "learned": summary.learned(told)}
    lines = [f"{row['value']:>12}  validation {percent(row['validation'])}" for row in figures]
    return answer, "\n".join([*lines, summary.learned(told)])


def reproduce(options: Any) -> Answer:
    from fmnist_core.release import reproduce as reproducing

    training_jobs.require_weights(get_trainable(options.model).recipe)
    before = reproducing.shipped_run(replace(get_trainable(options.model).recipe, seed=options.seed))
    run = reproducing.reproduce(options.model, options.seed, replace=options.replace, work=_work_with_bar)
    row = catalogue.describe(run)
    published = get_trainable(options.model).published.test_accuracy
    value: dict[str, Any] = {
        "run": run.id,
        "published_test_accuracy": published,
        "shipped_test_accuracy": before.test_accuracy if before else None,
        "test_accuracy": row.test_accuracy,
        "interval": list(row.interval or ()),
    }
    text = f"{run.id}: test accuracy {percent(value['test_accuracy'])}, published {percent(published)}"
    return value, f"{text}, shipped before {percent(value['shipped_test_accuracy'])}"


def given(options: Any) -> dict[str, Any]:
    """What OPTIONS were given, by their names."""
    values = {option.name: getattr(options, option.name.replace("-", "_")) for option in OPTIONS}
    return {name: value for name, value in values.items() if value is not None}


def refuse_changes(options: Any, others: Sequence[str], whose: str) -> None:
    """What goes on keeps the recipe it began with: what would change it must not be passed over in silence.

    others: further options that were given, as they are written.
    """
    found = [f"--{'no-' if value is False else ''}{name}" for name, value in given(options).items()]
    if options.layers is not None:
        found.insert(0, "--layers")
    if found := [*others, *found]:
        raise ValueError(f"--resume goes on with {whose}; leave out {', '.join(found)}.")


def recipe_of(options: Any) -> Recipe:
    """The published recipe of the model, or one to begin with of an own network, with what was given."""
    network = own_network(options)
    published = own_recipe(network) if network else get_trainable(options.model).recipe
    said = given(options)
    if "labels" in said:
        said["labels"] = label_set_files.from_argument(said["labels"], label_set_commands.find)
    chosen = from_options(published, said)
    if "epochs" in said and len(published.stages) > 1:
        tell_notice(f"Its stages are: {'; then '.join(map(recipe_words.stage, chosen.stages))}. --stage sets each.")
    return chosen


def _work_with_bar(run: Run) -> Status:
    """Raises KeyboardInterrupt with what is done and how it goes on."""
    with_epochs = runs.read_config(run).recipe.has_epochs
    try:
        return _work(run) if with_epochs else _work_with_words(run)
    except KeyboardInterrupt:
        status, sizes = runs.read_status(run), len(size_curve.read(run))
        done = f"{status.epoch} of {status.epochs} epochs are done" if with_epochs else f"training sizes done: {sizes}"
        again = f"python -m fmnist_core train --resume {run.id}"
        raise KeyboardInterrupt(f"Stopped; {done}. To go on: {again}") from None


def _work_with_words(run: Run) -> Status:
    """Of a classical baseline, which has no epochs that a bar could count."""
    from rich.console import Console

    with Console(stderr=True).status("preparing") as words:
        return training_jobs.run_job(run, lambda standing: words.update(standing.phase))


def _work(run: Run) -> Status:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = TextColumn("epoch {task.fields[epoch]}"), BarColumn(), TextColumn("{task.fields[figures]}")
    with Progress(*columns, TimeRemainingColumn(), console=Console(stderr=True)) as bar:
        epochs = runs.read_config(run).recipe.epochs
        task = bar.add_task("training", total=epochs, epoch="1", figures="preparing")

        told: list[str] = []

        def report(line: Line) -> None:
            if not told:  # what the job has to say before it trains; later nothing is added
                told.append(getattr(lifecycle.read_status(training_jobs.job(run)), "notice", ""))
                tell_notice(told[0])
            figures = f"loss {line.loss} accuracy {percent(line.accuracy)}"
            if isinstance(line, EpochLine) and line.val_accuracy is not None:
                figures += f" validation {percent(line.val_accuracy)}"
            bar.update(task, completed=line.epochs_done, epoch=f"{line.epoch}/{epochs}", figures=figures)

        return training_jobs.run_job(run, report)
