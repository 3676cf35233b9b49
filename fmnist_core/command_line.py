"""What `python -m fmnist_core` understands. With --json the last line of standard output is one JSON value."""

import argparse
import json
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from fmnist_core import (
    averaging,
    catalogue,
    embedding_commands,
    evaluation,
    evaluation_commands,
    exchange,
    predictions,
    report_commands,
    runs,
    suspects,
)
from fmnist_core.classifier import Classifier, open_classifier
from fmnist_core.data import DataError
from fmnist_core.predictions import Predictions
from fmnist_core.runs import RunError
from fmnist_core.training_commands import Answer, percent, reproduce, train, work


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
    training = add("train", train, "train a model of the zoo, by its published recipe or with changed values")
    training.add_argument("model", nargs="?", help="a name that `models` lists")
    training.add_argument("--epochs", type=int)
    training.add_argument("--images", type=int, help="train on so many pictures only")
    training.add_argument("--batch", type=int)
    training.add_argument("--seed", type=int)
    training.add_argument("--precision", choices=("auto", "float32", "mixed_bfloat16"))
    exclude = f"leave out the training pictures that FILE lists, or one of: {', '.join(suspects.LISTS)}"
    training.add_argument("--exclude", metavar="FILE", help=exclude)
    training.add_argument("--resume", metavar="RUN", help="go on with a stopped run instead")
    reproducing = add("reproduce", reproduce, "train a published recipe and compare with what was published")
    reproducing.add_argument("model", help="a name that `models` lists")
    reproducing.add_argument("--seed", type=int, default=0)
    reproducing.add_argument("--replace", action="store_true", help="ship it in place of the run that ships now")
    evaluate = add("evaluate", _evaluate, "accuracy and confusion matrix of a run")
    evaluate.add_argument("run")
    evaluate.add_argument("--split", choices=predictions.SPLITS, default="test")
    evaluate.add_argument("--against", metavar="RUN", help="another run on the same pictures: what it mends and breaks")
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
    embedding_commands.add_arguments(add("embed", embedding_commands.embed, "make a map of pictures"))
    report_commands.add_arguments(add("report", report_commands.report, "write a run's report as one HTML file"))
    working = add("work", work, "do the job of a queued run (the app starts it)")
    working.add_argument("run")
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
        figures = f"{percent(entry.published):>9}  {percent(entry.reproduced):>8}"
        lines.append(f"{entry.model.name:<18}{entry.parameters:>12,}  {figures}  {entry.model.title}")
    return rows, "\n".join(lines)


def _evaluate(options: Any) -> Answer:
    if options.against:
        if options.averaging != "none":
            raise ValueError("--against compares what is stored; leave out --averaging.")
        return evaluation_commands.against(options.run, options.against, options.split)
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
    head = f"{run.id} on {len(stored.labels):,} {options.split} pictures: {percent(accuracy)}"
    rows = [f"{name:>12} " + "".join(f"{count:6d}" for count in row) for name, row in zip(names, matrix, strict=True)]
    lines = [f"{head} (95 % interval {percent(low)} to {percent(high)})"]
    if effect:
        plain_accuracy = effect.right[0] / effect.pictures
        value |= {"plain_accuracy": plain_accuracy, "p_value": effect.test.p_value}
        lines.append(f"{percent(plain_accuracy)} without averaging. {averaging.effect_in_words(effect)}")
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
    return ", ".join(f"{name} {percent(probability)}" for probability, name in best)


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
            "flagship": row.flagship,
        }
        for row in catalogue.list_rows()
        if row.run.shipped or not options.shipped
    ]
    lines = [f"{row['run']:<48}{row['status']:<13}{percent(row['test_accuracy']):>8}" for row in rows]
    return rows, "\n".join(lines) or "No runs yet. Train one: python -m fmnist_core train cnn_2"


def _export(options: Any) -> Answer:
    run = runs.find(options.run)
    if options.format == "run":
        target = exchange.export_run(run, options.to)
    else:
        source = run.folder / f"model.{options.format}"
        target = options.to / f"{run.id}.{options.format}"
        runs.read_result(run)
        if run.shipped and not source.exists():
            raise RunError(
                f"The run {run.id} ships without its model.{options.format}, to keep the app small. Export another "
                f"format, or train it again: python -m fmnist_core reproduce {run.id.split('-')[0]}"
            )
        try:
            options.to.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)
        except OSError as error:
            raise RunError(f"The model cannot be exported to {target}: {error.strerror or error}.") from None
    return {"run": run.id, "file": str(target)}, str(target)


def _import(options: Any) -> Answer:
    run = exchange.import_run(options.file)
    return {"run": run.id}, f"Imported {run.id}."
