"""The command that takes in a run, or makes one of a model or of answers from elsewhere: import."""

import argparse
from pathlib import Path
from typing import Any

from fmnist_core.brought_in import bringing, conventions, words
from fmnist_core.cli.terminal import Answer, tell_notice
from fmnist_core.formatting import percent
from fmnist_core.runs import runs
from fmnist_core.storage.schema import to_json


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, help="a run's zip, .onnx, .keras, .h5, .csv or .npz; what it holds decides")
    parser.add_argument("--name", default="", help="what the run is called; without, as the file")
    layouts, values = ", ".join(conventions.LAYOUTS), ", ".join(conventions.VALUES)
    parser.add_argument(
        "--input",
        default="",
        metavar="LAYOUT,RANGE",
        help=f"how a model takes pictures ({layouts}; {values}); without, it is found out by trying",
    )
    parser.add_argument(
        "--reorder", action="store_true", help="put classes or pictures that clearly come in another order right"
    )


def bring(options: Any) -> Answer:
    run = bringing.bring_file(options.file, options.name, input=options.input, reorder=options.reorder)
    about, accuracy = runs.read_config(run).brought_in, runs.read_result(run).test_accuracy
    if about is None:
        return {"run": run.id}, f"Imported {run.id}."
    notes = words.sentences(about, accuracy)
    if words.order_found(about) and not about.reordered:
        notes.append("With --reorder they are put right.")
    for note in notes:
        tell_notice(note)
    lines = [f"Brought in {run.id}: {percent(accuracy)} of the test pictures right."]
    lines += [f"{name}: {phrase}" for name, phrase in words.facts(about)[2:]]
    value = {"run": run.id, "test_accuracy": accuracy, "brought_in": to_json(about), "notes": notes}
    return value, "\n".join(lines)
