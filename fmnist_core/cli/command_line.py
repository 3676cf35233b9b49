"""What `python -m fmnist_core` understands. With --json the last line of standard output is one JSON value."""

import argparse
import dataclasses
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from fmnist_core.cli import (
    audit_commands,
    embedding_commands,
    evaluation_commands,
    file_commands,
    import_commands,
    job_commands,
    lesson_commands,
    network_commands,
    prediction_commands,
    robustness_commands,
    sweep_commands,
    training_commands,
)
from fmnist_core.cli.terminal import Answer
from fmnist_core.data import DataError
from fmnist_core.formatting import percent
from fmnist_core.runs import catalogue, runs
from fmnist_core.storage.folders import RunError

EXPORTS = ("onnx", "keras", "tflite", "tflite-int8", "script", "web", "run")
_EXPORT_HELP = (
    "onnx, keras, or LiteRT (tflite in float32, tflite-int8 in whole numbers), each with its card beside it; script: "
    "the recipe as Keras code; web: a folder that answers in a browser, without a network; run: all of it, to import"
)


def main(arguments: list[str] | None = None) -> int:
    """Runs one command. Exit codes: 0 done, 1 it could not be done (a sentence on stderr), 2 wrong usage,
    130 interrupted from the keyboard."""
    options = _parser().parse_args(arguments)
    try:
        value, text = options.command(options)
    except (RunError, DataError, ValueError) as error:
        print(f"error: {error}", file=sys.stderr)
        if options.json:
            _say(json.dumps({"error": str(error)}))
        return 1
    except KeyboardInterrupt as interrupt:
        words = str(interrupt) or "Stopped."
        print(words, file=sys.stderr)
        if options.json:
            _say(json.dumps({"error": words}))
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

    add("models", _models, "list the zoo, classical baselines and own networks")
    network_commands.add_arguments(
        add("network", network_commands.network, "list the layers of a network; with --json what `train own` reads")
    )
    training = add(
        "train",
        training_commands.train,
        "train a model of the zoo or an own network, as published or with changed values",
    )
    training_commands.add_arguments(training)
    training_commands.add_reproducing_arguments(
        add("reproduce", training_commands.reproduce, "train a published recipe and compare with what was published")
    )
    sweep_commands.add_arguments(
        add("sweep", sweep_commands.sweep, "train models with many values and seeds, on many processes or machines")
    )
    evaluation_commands.add_arguments(
        add("evaluate", evaluation_commands.evaluate, "accuracy and confusion matrix of a run")
    )
    prediction_commands.add_arguments(add("predict", prediction_commands.predict, "classify photos"))
    listing = add("runs", _runs, "list the runs")
    listing.add_argument("--shipped", action="store_true", help="only those that come with the app")
    _add_exchange(add)
    embedding_commands.add_arguments(add("embed", embedding_commands.embed, "make a map of pictures"))
    robustness_commands.add_arguments(
        add("robustness", robustness_commands.robustness, "accuracy on shifted, turned, blurred pictures")
    )
    audit_commands.add_arguments(
        add("audit", audit_commands.command, "rank the training or test pictures whose label is in doubt")
    )
    file_commands.add_report_arguments(add("report", file_commands.report, "write a run's report as one HTML file"))
    file_commands.add_script_arguments(
        add("script", file_commands.script, "write a recipe as one Python script that trains it with Keras alone")
    )
    lesson_commands.add_arguments(
        add("lessons", lesson_commands.lessons, "list the lessons, check files of lessons, or write one for paper")
    )
    _add_jobs(add)
    return parser


def _add_jobs(add: Callable[..., argparse.ArgumentParser]) -> None:
    """What a server runs beside the pages."""
    add("worker", job_commands.worker, "start queued jobs, for pages that start none (FMNIST_WORKER=elsewhere)")
    draining = add("drain", job_commands.drain, "let nothing new start, before an update; a worker that starts ends it")
    job_commands.add_draining_arguments(draining)
    job_commands.add_arguments(add("work", job_commands.work, "do a queued job (the app starts it)"))


def _add_exchange(add: Callable[..., argparse.ArgumentParser]) -> None:
    """Runs from one installation to another."""
    export = add(
        "export",
        _export,
        "write a run's model, a page that runs it, its recipe as Keras code, or all of it",
    )
    export.add_argument("run")
    export.add_argument("--to", required=True, metavar="FOLDER", type=Path)
    export.add_argument("--format", choices=EXPORTS, default="onnx", help=_EXPORT_HELP)
    import_commands.add_arguments(
        add(
            "import",
            import_commands.bring,
            "take in a run, your own model (ONNX, Keras), or its answers (CSV, NPZ)",
        )
    )


def _models(options: Any) -> Answer:
    from fmnist_core.runs import leaderboard

    rows: list[dict[str, Any]] = []
    lines = [f"{'name':<23}{'parameters':>12}  {'published':>9}  {'here':>8}  title"]
    rows_of_runs = catalogue.list_rows()
    listings = (leaderboard.list_entries, leaderboard.list_classical_entries, leaderboard.list_own_entries)
    for entry in (entry for listing in listings for entry in listing(rows_of_runs)):
        rows.append(
            {
                "name": entry.model.name,
                "title": entry.model.title,
                "kind": entry.model.kind,
                "parameters": entry.parameters,
                "published_test_accuracy": entry.published,
                "reproduced_test_accuracy": entry.reproduced,
                "interval": list(entry.interval) if entry.interval else None,
                "seeds": _seeds(entry.seeds),
                "difference": None if entry.difference is None else round(entry.difference, 6),
                "explanation": entry.explanation,
                "run": entry.row.run.id if entry.row else None,
                "seconds": entry.result.seconds if entry.result else None,
                "bytes": entry.bytes,
            }
        )
        figures = f"{percent(entry.published):>9}  {percent(entry.reproduced):>8}"
        parameters = "–" if entry.parameters is None else f"{entry.parameters:,}"
        lines.append(f"{entry.model.name:<23}{parameters:>12}  {figures}  {entry.model.title}")
    return rows, "\n".join(lines)


def _seeds(found: Any) -> dict[str, Any] | None:
    """Of several trainings of the recipe: their test accuracies, the mean and the standard deviation."""
    if found is None:
        return None
    figures = [dataclasses.asdict(one) for one in found.trained]
    return {"count": found.count, "mean": found.mean, "deviation": found.deviation, "trained": figures}


def _runs(options: Any) -> Answer:
    rows: list[dict[str, Any]] = [
        {
            "run": row.run.id,
            "model": row.model,
            "status": row.state,
            "test_accuracy": row.test_accuracy,
            "test_accuracy_without_test_time_augmentation": row.test_accuracy_without_test_time_augmentation,
            "validation_accuracy": row.val_accuracy,
            "parameters": row.result.parameters if row.result else None,
            "seconds": row.result.seconds if row.result else None,
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
    if options.format == "script":
        return file_commands.export(options.run, options.to)
    from fmnist_core.exports import files

    run = runs.find(options.run)
    target, card = files.export(run, options.to, options.format)
    value: dict[str, Any] = {"run": run.id, "file": str(target)}
    checked = card.checked if card else None
    if checked is None:
        return value, str(target)
    return value | {"checked": dataclasses.asdict(checked)}, f"{target}\n{checked.in_words()}"
