"""What `python -m fmnist_core` understands. With --json the last line of standard output is one JSON value."""

import argparse
import json
import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from fmnist_core import averaging, catalogue, evaluation, exchange, jobs, predictions, runs, suspects
from fmnist_core.classifier import Classifier, open_classifier
from fmnist_core.data import DataError
from fmnist_core.predictions import Predictions
from fmnist_core.recipe import Recipe, with_epochs
from fmnist_core.runs import Run, RunError
from fmnist_core.zoo import get_model

Answer = tuple[Any, str]  # the JSON value, and the same for people


def main(arguments: list[str] | None = None) -> int:
    """Runs one command. Exit codes: 0 done, 1 it could not be done (a sentence on stderr), 2 wrong usage."""
    options = _parser().parse_args(arguments)
    try:
        value, text = options.command(options)
    except (RunError, DataError, ValueError) as error:
        print(f"error: {error}", file=sys.stderr)
        if options.json:
            _say(json.dumps({"error": str(error)}))
        return 1
    except KeyboardInterrupt:
        return 130
    if text and not options.json:
        _say(text)
    if options.json:
        _say(json.dumps(value))
    return 1 if getattr(options, "failed", False) else 0


def _say(text: str) -> None:
    """Prints to standard output, at once. That nobody reads on, as after `| head -1`, is no error."""
    try:
        print(text, flush=True)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or Python would try again when it ends


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m fmnist_core", description="Fashion-MNIST Explorer's library.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(name: str, command: Callable[[Any], Answer], help: str) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=help, description=help)
        sub.add_argument("--json", action="store_true", help="end with one line of JSON")
        sub.set_defaults(command=command)
        return sub

    add("models", _models, "list the zoo")
    train = add("train", _train, "train a model of the zoo, by its published recipe or with changed values")
    train.add_argument("model", nargs="?", help="a name that `models` lists")
    train.add_argument("--epochs", type=int)
    train.add_argument("--images", type=int, help="train on so many pictures only")
    train.add_argument("--batch", type=int)
    train.add_argument("--seed", type=int)
    train.add_argument("--precision", choices=("auto", "float32", "mixed_bfloat16"))
    exclude = f"leave out the training pictures that FILE lists, or one of: {', '.join(suspects.LISTS)}"
    train.add_argument("--exclude", metavar="FILE", help=exclude)
    train.add_argument("--resume", metavar="RUN", help="go on with a stopped run instead")
    reproduce = add("reproduce", _reproduce, "train a published recipe and compare with what was published")
    reproduce.add_argument("model", help="a name that `models` lists")
    reproduce.add_argument("--seed", type=int, default=0)
    reproduce.add_argument("--replace", action="store_true", help="ship it in place of the run that ships now")
    evaluate = add("evaluate", _evaluate, "accuracy and confusion matrix of a run")
    evaluate.add_argument("run")
    evaluate.add_argument("--split", choices=predictions.SPLITS, default="test")
    evaluate.add_argument("--averaging", choices=averaging.VIEWS, default="none", help="over views of a picture")
    predict = add("predict", _predict, "classify photos")
    predict.add_argument("files", nargs="+", metavar="FILE")
    predict.add_argument("--run", help="default: the shipped run that is best by validation")
    predict.add_argument("--mode", help="how a photo becomes a picture")
    listing = add("runs", _runs, "list the runs")
    listing.add_argument("--shipped", action="store_true", help="only those that come with the app")
    export = add("export", _export, "write a run's model, or the whole run, to a folder")
    export.add_argument("run")
    export.add_argument("--to", required=True, metavar="FOLDER", type=Path)
    export.add_argument("--format", choices=("onnx", "keras", "run"), default="onnx")
    importing = add("import", _import, "take in a run that another installation exported")
    importing.add_argument("file", type=Path)
    work = add("work", _work, "do the job of a queued run (the app starts it)")
    work.add_argument("run")
    return parser


def _models(options: Any) -> Answer:
    from fmnist_core import leaderboard

    rows: list[dict[str, Any]] = []
    lines = [f"{'name':<18}{'parameters':>12}  {'published':>9}  {'here':>8}  title"]
    for entry in leaderboard.list_entries(catalogue.list_rows()):
        rows.append(
            {
                "name": entry.model.name,
                "title": entry.model.title,
                "parameters": entry.parameters,
                "published_test_accuracy": entry.published,
                "reproduced_test_accuracy": entry.reproduced,
                "interval": list(entry.interval) if entry.interval else None,
                "difference": None if entry.difference is None else round(entry.difference, 6),
                "explanation": entry.explanation,
                "run": entry.row.run.id if entry.row else None,
            }
        )
        figures = f"{_percent(entry.published):>9}  {_percent(entry.reproduced):>8}"
        lines.append(f"{entry.model.name:<18}{entry.parameters:>12,}  {figures}  {entry.model.title}")
    return rows, "\n".join(lines)


def _train(options: Any) -> Answer:
    if options.resume:
        _refuse_changes(options)
        run = runs.find(options.resume)
        jobs.requeue(run)
    elif options.model:
        run = runs.create(_recipe(options))
    else:
        raise ValueError("Name a model (see `models`), or a stopped run with --resume.")
    print(f"run {run.id}", file=sys.stderr)
    status = _work_with_bar(run)
    if status.state == "failed":
        raise RunError(status.message)
    result = runs.read_result(run) if (run.folder / "result.json").exists() else {}
    names = ("epochs", "val_accuracy", "images_per_second", "seconds")
    value = {"run": run.id} | {name: result.get(name) for name in names}
    text = f"{run.id}: {result.get('epochs')} epochs, test accuracy {_percent(result.get('test_accuracy'))}"
    return value, f"{text}, validation {_percent(result.get('val_accuracy'))}"


def _reproduce(options: Any) -> Answer:
    from fmnist_core.training.reproduce import reproduce, shipped_run

    before = shipped_run(replace(get_model(options.model).recipe, seed=options.seed))
    run = reproduce(options.model, options.seed, replace=options.replace, work=_work_with_bar)
    row = catalogue.describe(run)
    published = get_model(options.model).published.test_accuracy
    value = {
        "run": run.id,
        "published_test_accuracy": published,
        "shipped_test_accuracy": before.figure("test_accuracy") if before else None,
        "test_accuracy": row.figure("test_accuracy"),
        "interval": list(row.interval or ()),
    }
    text = f"{run.id}: test accuracy {_percent(value['test_accuracy'])}, published {_percent(published)}"
    return value, f"{text}, shipped before {_percent(value['shipped_test_accuracy'])}"


def _refuse_changes(options: Any) -> None:
    """A run that goes on keeps the recipe it began with: what would change it must not be passed over in silence."""
    names = ("epochs", "images", "batch", "seed", "precision", "exclude")
    given = [f"--{name}" for name in names if getattr(options, name) is not None]
    if options.model is not None:
        given.insert(0, f"the model {options.model!r}")
    if given:
        raise ValueError(f"--resume goes on with the run's own recipe; leave out {', '.join(given)}.")


def _recipe(options: Any) -> Recipe:
    chosen = get_model(options.model).recipe
    if options.epochs is not None:
        if options.epochs < 1:
            raise ValueError(f"--epochs cannot be {options.epochs}. Expected 1 or more.")
        chosen = with_epochs(chosen, options.epochs)
    changes = {
        "images": options.images,
        "batch_size": options.batch,
        "seed": options.seed,
        "precision": options.precision,
        "excluded": suspects.from_argument(options.exclude) if options.exclude is not None else None,
    }
    return replace(chosen, **{name: value for name, value in changes.items() if value is not None})


def _work_with_bar(run: Run) -> runs.Status:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = TextColumn("epoch {task.fields[epoch]}"), BarColumn(), TextColumn("{task.fields[figures]}")
    with Progress(*columns, TimeRemainingColumn(), console=Console(stderr=True)) as bar:
        epochs = runs.read_config(run).recipe.epochs
        task = bar.add_task("training", total=epochs, epoch="1", figures="preparing")

        def report(line: dict[str, Any]) -> None:
            done = line["epoch"] if line["kind"] == "epoch" else line["epoch"] - 1 + line["step"] / line["steps"]
            figures = f"loss {line['loss']} accuracy {_percent(line['accuracy'])}"
            if line.get("val_accuracy") is not None:
                figures += f" validation {_percent(line['val_accuracy'])}"
            bar.update(task, completed=done, epoch=f"{line['epoch']}/{epochs}", figures=figures)

        return jobs.work(run, report)


def _evaluate(options: Any) -> Answer:
    run = runs.find(options.run)
    stored = predictions.load(run, options.split)
    names = runs.read_config(run).class_names
    plain, effect = stored, None
    if options.averaging != "none":
        stored = _average_with_bar(plain, open_classifier(run), options.averaging)
        effect = averaging.effect(plain, stored)
    matrix = evaluation.confusion_matrix(stored.labels, stored.predicted, len(names))
    accuracy = evaluation.accuracy(matrix)
    value = {
        "run": run.id,
        "split": options.split,
        "accuracy": accuracy,
        "loss": evaluation.cross_entropy(stored.logits, stored.labels),
        "class_names": list(names),
        "confusion_matrix": matrix.tolist(),
        "averaging": options.averaging,
    }
    low, high = evaluation.wilson_interval(int(matrix.trace()), int(matrix.sum()))
    head = f"{run.id} on {len(stored.labels):,} {options.split} pictures: {_percent(accuracy)}"
    rows = [f"{name:>12} " + "".join(f"{count:6d}" for count in row) for name, row in zip(names, matrix, strict=True)]
    lines = [f"{head} (95 % interval {_percent(low)} to {_percent(high)})"]
    if effect:
        plain_accuracy = effect.right[0] / effect.pictures
        value |= {"plain_accuracy": plain_accuracy, "p_value": effect.test.p_value}
        lines.append(f"{_percent(plain_accuracy)} without averaging. {averaging.effect_in_words(effect)}")
    return value, "\n".join([*lines, *rows])


def _average_with_bar(plain: Predictions, classifier: Classifier, views: averaging.Views) -> Predictions:
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True)) as bar:
        task = bar.add_task("averaging", total=1.0)
        return averaging.averaged_predictions(plain, classifier, views, lambda done: bar.update(task, completed=done))


def _predict(options: Any) -> Answer:
    from fmnist_core.photo.decode import PhotoError, decode
    from fmnist_core.photo.pipeline import DEFAULT_MODE, prepare

    if options.run:
        run = runs.find(options.run)
    elif row := catalogue.default_run(catalogue.list_rows()):
        run = row.run
    else:
        raise RunError("There is no finished run to classify with. Train one: python -m fmnist_core train cnn_2")
    names = runs.read_config(run).class_names
    classifier = open_classifier(run)
    rows: list[dict[str, Any]] = []
    for file in options.files:
        row_: dict[str, Any] = {"file": file, "label": None, "probabilities": None, "error": None, "warnings": []}
        try:
            prepared = prepare(decode(Path(file).read_bytes()), options.mode or DEFAULT_MODE)
            probabilities = evaluation.softmax(classifier.logits(prepared.picture[None]))[0]
            row_["warnings"] = list(prepared.warnings)
            row_ |= {"label": names[int(probabilities.argmax())], "probabilities": probabilities.tolist()}
        except PhotoError as error:
            row_["error"] = str(error)
        except OSError as error:
            row_["error"] = f"The file cannot be read: {error.strerror or error}."
        rows.append(row_)
        for warning in row_["warnings"]:
            print(f"warning: {file}: {warning}", file=sys.stderr)
    options.failed = all(row["error"] for row in rows)
    return rows, "\n".join(f"{row['file']}: {row['error'] or _top(row, names)}" for row in rows)


def _top(row: dict[str, Any], names: tuple[str, ...]) -> str:
    best = sorted(zip(row["probabilities"], names, strict=True), reverse=True)[:3]
    return ", ".join(f"{name} {_percent(probability)}" for probability, name in best)


def _runs(options: Any) -> Answer:
    rows = [
        {
            "run": row.run.id,
            "model": row.model,
            "status": row.state,
            "test_accuracy": row.figure("test_accuracy"),
            "parameters": row.figure("parameters"),
            "seed": row.recipe.seed if row.recipe else None,
            "shipped": row.run.shipped,
        }
        for row in catalogue.list_rows()
        if row.run.shipped or not options.shipped
    ]
    lines = [f"{row['run']:<48}{row['status']:<13}{_percent(row['test_accuracy']):>8}" for row in rows]
    return rows, "\n".join(lines) or "No runs yet. Train one: python -m fmnist_core train cnn_2"


def _export(options: Any) -> Answer:
    run = runs.find(options.run)
    if options.format == "run":
        target = exchange.export_run(run, options.to)
    else:
        source = run.folder / f"model.{options.format}"
        target = options.to / f"{run.id}.{options.format}"
        runs.read_result(run)
        try:
            options.to.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)
        except OSError as error:
            raise RunError(f"The model cannot be exported to {target}: {error.strerror or error}.") from None
    return {"run": run.id, "file": str(target)}, str(target)


def _import(options: Any) -> Answer:
    run = exchange.import_run(options.file)
    return {"run": run.id}, f"Imported {run.id}."


def _work(options: Any) -> Answer:
    os.nice(jobs.NICENESS)
    status = jobs.work(runs.find(options.run))
    options.failed = status.state == "failed"
    return {"state": status.state}, status.message


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.2f} %"
