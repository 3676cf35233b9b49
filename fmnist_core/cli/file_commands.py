"""The commands that write a file to read: a recipe as Keras code (script, export --format script), a run's report."""

import argparse
from pathlib import Path
from typing import Any

from fmnist_core.cli import training_commands
from fmnist_core.cli.terminal import Answer, tell_notice, write_file
from fmnist_core.recipe import Recipe
from fmnist_core.runs import runs
from fmnist_core.script import keras_script as scripts
from fmnist_core.storage.folders import RunError
from fmnist_core.zoo import kind_of


def add_script_arguments(parser: argparse.ArgumentParser) -> None:
    training_commands.add_recipe_arguments(parser)
    parser.add_argument("--to", metavar="FILE.py", type=Path, help="a file to write; without, it is printed")


def script(options: Any) -> Answer:
    if options.model is None:
        raise ValueError("Name a model (see `models`).")
    chosen = training_commands.recipe_of(options)
    text = scripts.keras_script(chosen)
    if options.to is None:
        _tell(chosen)
        if files := scripts.files_beside(chosen):
            tell_notice(f"It reads {' and '.join(files)}: --to writes {'these' if len(files) > 1 else 'that'}, too.")
        return {"script": text, "left_out": list(scripts.left_out(chosen))}, text.rstrip("\n")
    return _write(chosen, text, options.to)


def export(name: str, folder: Path) -> Answer:
    """The recipe of a run, as FOLDER/RUN.py."""
    run = runs.find(name)
    chosen = runs.read_config(run).recipe
    if kind_of(chosen) == "brought in":
        raise RunError(f"The run {run.id} was brought in: how it was made is not known, so there is no code of it.")
    value, text = _write(chosen, scripts.keras_script(chosen), folder / f"{run.id}.py")
    return {"run": run.id} | value, text


def _write(chosen: Recipe, text: str, target: Path) -> Answer:
    _tell(chosen)
    write_file(target, text.encode(), "script")
    for name, content in scripts.files_beside(chosen).items():
        write_file(target.with_name(name), content.encode(), "list of pictures that it reads")
    told = f"{target} ({len(text.splitlines())} lines)"
    return {"file": str(target), "left_out": list(scripts.left_out(chosen))}, told


def _tell(chosen: Recipe) -> None:
    if phrases := scripts.left_out(chosen):
        tell_notice(f"The script leaves out {'; '.join(phrases)}.")


def add_report_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run")
    parser.add_argument("--to", required=True, metavar="FILE.html", type=Path)
    parser.add_argument("--against", metavar="OTHER", help="another run: what it fixes and breaks of RUN")


def report(options: Any) -> Answer:
    from fmnist_core.report import page

    chosen = [runs.find(name) for name in (options.run, options.against) if name is not None]
    html = page.run_report(*chosen) if len(chosen) == 1 else page.comparison_report(*chosen)
    content, target = html.encode(), options.to
    write_file(target, content, "report")
    return {"report": str(target), "bytes": len(content)}, f"{target} ({len(content) / 1024:,.0f} KB)"
