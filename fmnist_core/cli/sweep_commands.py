"""The command that trains many recipes on many workers: sweep."""

import argparse
import contextlib
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from fmnist_core.cli import training_commands
from fmnist_core.cli.terminal import Answer
from fmnist_core.formatting import duration, percent
from fmnist_core.jobs import lifecycle, queue
from fmnist_core.jobs.status import ACTIVE
from fmnist_core.runs import catalogue
from fmnist_core.speed import forecasts
from fmnist_core.storage.folders import RunError
from fmnist_core.sweeps import plan, records, summary, sweep_jobs
from fmnist_core.sweeps.plan import Plan
from fmnist_core.sweeps.records import KEEP_SECONDS, Standing, Sweep
from fmnist_core.sweeps.summary import Summary


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("models", nargs="*", metavar="model", help="names that `models` lists")
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="learning_rate=0.001,0.0003",
        help=f"values of one of: {', '.join(plan.SWEPT)}; all combinations are trained; values that have commas "
        "themselves are parted by ;",
    )
    parser.add_argument(
        "--seeds", metavar="NUMBER", help="how many seeds each has, or which: 5, or 0,7,42 (default: 1)"
    )
    parser.add_argument("--sample", type=int, metavar="NUMBER", help="only so many combinations, drawn at random")
    parser.add_argument("--sample-seed", type=int, metavar="NUMBER", help="of that draw (default: 0)")
    parser.add_argument(
        "--on", metavar="PLACE", help="local, local:N worker processes, or a Dask scheduler, tcp://host:8786"
    )
    parser.add_argument(
        "--checkpoints",
        type=float,
        metavar="SECONDS",
        help=f"between two checkpoints of a training that come home (default: {KEEP_SECONDS:g}, or as before)",
    )
    parser.add_argument("--resume", metavar="SWEEP", help="go on with a stopped sweep")
    parser.add_argument("--cancel", metavar="SWEEP", help="stop a sweep; what it has made stays")
    parser.add_argument("--show", metavar="SWEEP", help="how a sweep stands, and what it shows so far")
    parser.add_argument("--list", action="store_true", help="list the sweeps")
    training_commands.add_changes(parser)


def sweep(options: Any) -> Answer:
    if options.list:
        return _list()
    if options.cancel:
        found = records.find(options.cancel)
        if lifecycle.require(found.job).state not in ACTIVE:
            raise RunError(f"The sweep {found.id} is not at work, and there is nothing to stop.")
        sweep_jobs.cancel(found)
        return {"sweep": found.id}, f"The sweep {found.id} stops; what it has made stays."
    if options.show:
        return _answer(records.find(options.show))
    if options.resume:
        given = [f"the model {name!r}" for name in options.models] + ["--set"] * bool(options.set)
        given += ["--seeds"] * bool(options.seeds) + ["--sample"] * (options.sample is not None)
        given += ["--sample-seed"] * (options.sample_seed is not None)
        training_commands.refuse_changes(options, given, "the sweep's own plan")
        found = sweep_jobs.requeue(records.find(options.resume), options.on, options.checkpoints)
    elif options.models:
        often = KEEP_SECONDS if options.checkpoints is None else options.checkpoints
        found = sweep_jobs.prepare(_plan(options), options.on or "local", often)
        queue.expect(found.job, forecasts.of_sweep(found.plan, found.spec.on, catalogue.list_rows()))
    else:
        raise ValueError("Name a model (see `models`), or a stopped sweep with --resume.")
    print(f"sweep {found.id}: {len(found.plan.tasks)} trainings on {found.spec.on}", file=sys.stderr)
    _work(found)
    status = lifecycle.require(found.job)
    if status.state == "failed":
        raise RunError(status.message)
    value, text = _answer(found)
    return value, "\n".join(filter(None, [text, status.notice, status.message]))


def _plan(options: Any) -> Plan:
    recipes = [
        training_commands.recipe_of(argparse.Namespace(**(vars(options) | {"model": name}))) for name in options.models
    ]
    seeds = _seeds(options.seeds or "1", options.seed or 0)
    return plan.make(recipes, plan.parse_values(options.set), seeds, options.sample, options.sample_seed or 0)


def _seeds(text: str, first: int) -> list[int]:
    """ "5": so many from the first on; "0,7,42": these. Raises ValueError."""
    try:
        numbers = [int(part) for part in text.split(",")]
    except ValueError:
        raise ValueError(f"--seeds cannot be {text[:40]!r}. Expected a number such as 5, or seeds: 0,7,42.") from None
    if len(numbers) > 1:
        return numbers
    if not 1 <= numbers[0] <= plan.MOST_TASKS:
        raise ValueError(f"--seeds cannot be {numbers[0]}. Expected 1 to {plan.MOST_TASKS:,}.")
    return list(range(first, first + numbers[0]))


def _work(found: Sweep) -> None:
    """Raises KeyboardInterrupt with what is done and how it goes on."""
    try:
        with _bar(found) as tell:
            sweep_jobs.run_job(found, tell)
    except KeyboardInterrupt:
        told = sweep_jobs.in_words(sweep_jobs.counted(records.read_standings(found)))
        again = f"python -m fmnist_core sweep --resume {found.id}"
        raise KeyboardInterrupt(f"Stopped; {told}. To go on: {again}") from None


@contextlib.contextmanager
def _bar(found: Sweep) -> Iterator[Callable[[dict[str, Standing]], None]]:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn

    columns = TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[left]}")
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("starting", total=float(len(found.plan.tasks)), left="")

        def tell(standings: dict[str, Standing]) -> None:
            status = lifecycle.read_status(found.job)
            seconds = sweep_jobs.seconds_left(found, standings, status) if status else None
            bar.update(
                task,
                description=sweep_jobs.in_words(sweep_jobs.counted(standings)),
                completed=sum(sweep_jobs.shares(found, standings)),
                left="" if seconds is None else f"{duration(seconds)} left",
            )

        yield tell


def _answer(found: Sweep) -> Answer:
    told = summary.summarise(found)
    standings = records.read_standings(found)
    status = lifecycle.read_status(found.job)
    value = {
        "sweep": found.id,
        "state": status.state if status else None,
        "trainings": sweep_jobs.counted(standings),
        "failed": {name: one.message for name, one in standings.items() if one.state == "failed"},
        "combinations": summary.rows(told),
        "learned": summary.learned(told),
    }
    return value, "\n".join([*_table(told), summary.learned(told)])


def _table(told: Summary) -> list[str]:
    rows = summary.rows(told)
    width = max([len(row["combination"]) for row in rows], default=0) + 2
    lines = [f"{'':<{width}}{'validation':>18}  {'behind the best':<26}{'seeds':>5}"] if rows else []
    for row in rows:
        spread = "" if row["deviation"] is None else f" ± {100 * row['deviation']:.2f}"
        lines.append(
            f"{row['combination']:<{width}}{percent(row['validation']) + spread:>18}  {_behind(row):<26}"
            f"{len(row['seeds']):>5}"
        )
    return lines


def _behind(row: dict[str, Any]) -> str:
    if row["best"]:
        return "best"
    if row["behind"] is None:
        return "not all seeds yet"
    verdict = {True: "real", False: "may be chance", None: ""}[row["real"]]
    return f"{100 * row['behind']:.2f} points {verdict}".strip()


def _list() -> Answer:
    rows: list[dict[str, Any]] = []
    for one in records.list_sweeps():
        status = lifecycle.read_status(one.job)
        told = sweep_jobs.counted(records.read_standings(one))
        rows.append(
            {
                "sweep": one.id,
                "state": status.state if status else None,
                "active": bool(status and status.state in ACTIVE),
                "models": [base.model for base in one.plan.bases],
                "on": one.spec.on,
                "trainings": told,
            }
        )
    lines = [_line(row) for row in rows]
    return rows, "\n".join(lines) or "No sweeps yet. Make one: python -m fmnist_core sweep cnn_2 --seeds 5"


def _line(row: dict[str, Any]) -> str:
    models: Sequence[str] = row["models"]
    return (
        f"{row['sweep']}  {row['state'] or 'damaged':<12}{sweep_jobs.in_words(row['trainings']):<34}{', '.join(models)}"
    )
