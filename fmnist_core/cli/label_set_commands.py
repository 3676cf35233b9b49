"""Label sets on the command line: `audit` with one of four options, and what `train` and `evaluate` read."""

import argparse
from pathlib import Path
from typing import Any

from fmnist_core.analysis import label_set, label_set_files
from fmnist_core.analysis.label_set import LabelSet
from fmnist_core.cli.terminal import Answer, tell_notice, write_file
from fmnist_core.label_audit import audit_decisions, label_comparison, label_sets
from fmnist_core.storage.folders import RunError

_OPTIONS = ("decisions", "take", "compare", "sets")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("label sets", "what people decided; SET is a file, mine, or what --sets lists")
    one = group.add_mutually_exclusive_group()
    one.add_argument("--decisions", metavar="FILE", type=Path, help="write one's own decisions as CSV or JSON")
    one.add_argument("--take", metavar="FILE", type=Path, help="keep a label set beside one's own decisions")
    one.add_argument("--compare", nargs=2, metavar="SET", help="two people: agreement, Cohen's kappa, where not")
    one.add_argument("--sets", action="store_true", help="list the label sets that are here")
    group.add_argument("--name", help="with --decisions or --take: the set's name")


def answer(options: Any) -> Answer | None:
    """None where none of these was asked for."""
    asked = next((name for name in _OPTIONS if getattr(options, name)), None)
    if options.name is not None and asked not in ("decisions", "take"):
        raise ValueError("--name names a label set; it goes with --decisions or --take.")
    if asked is None:
        return None
    return {"decisions": _write, "take": _take, "compare": _compare, "sets": _list}[asked](options)


def find(said: str) -> LabelSet:
    """A label set by its id, its name, or its file.

    Raises:
        ValueError: the file is none.
        RunError: it is not here, or damaged.
    """
    if label_sets.is_id(said):
        return label_sets.load(said)
    if said == label_sets.MY_NAME:
        return label_sets.load(label_sets.MINE)
    if Path(said).suffix.casefold() in label_set_files.SUFFIXES:
        return label_set_files.read(*label_set_files.read_file(Path(said)))
    named = [one for one in label_sets.list_kept() if one.labels.name == said]
    if len(named) == 1:
        return named[0].labels
    what = "several label sets are called" if named else "there is no label set"
    raise RunError(f"{what.capitalize()} {said[:60]!r}. Name a CSV or JSON file, mine, or what `audit --sets` lists.")


def _write(options: Any) -> Answer:
    target: Path = options.decisions
    mine = LabelSet(label_set.checked_name(options.name or label_set.plain_name(target.stem)), audit_decisions.load())
    if not mine.decisions:
        raise RunError("Nothing is decided yet, so there is no label set. Decide about suspects on Data, Suspects.")
    suffix = target.suffix.casefold()
    if suffix not in label_set_files.SUFFIXES:
        raise ValueError(f"A label set is a file that ends in {' or '.join(label_set_files.SUFFIXES)}.")
    text = label_set_files.to_csv(mine.decisions) if suffix == ".csv" else label_set_files.to_json(mine)
    write_file(target, text.encode(), "label set")
    return {"file": str(target), **_value(mine)}, f"{target} ({_counts(mine)})"


def _take(options: Any) -> Answer:
    found = label_set_files.read(*label_set_files.read_file(options.take), name=options.name)
    new = label_sets.keep(found)
    return {"set": new, **_value(found)}, f"{new}: {found.name} ({_counts(found)})"


def _compare(options: Any) -> Answer:
    found = label_comparison.compare(*map(find, options.compare))
    value = label_comparison.as_value(found)
    rows = [
        f"{one['picture']:<12}{one['label']:<13}{one['decisions'][0]:<16}{one['decisions'][1]}"
        for one in value["disagreements"]
    ]
    head = [f"{'picture':<12}{'label':<13}{found.names[0]:<16}{found.names[1]}"] if rows else []
    return value, "\n".join([*label_comparison.in_words(found), *head, *rows])


def _list(options: Any) -> Answer:
    try:
        found = label_sets.list_sets()
    except RunError as error:  # one's own decisions are damaged
        tell_notice(str(error))
        found = label_sets.list_kept()
    value: list[dict[str, Any]] = [{"set": one.id, "own": one.own, **_value(one.labels)} for one in found]
    lines = [f"{one.id:<18}{one.labels.name} ({_counts(one.labels)})" for one in found]
    return value, "\n".join(lines) or "No label sets yet. Decide about suspects on Data, or take one: audit --take FILE"


def _value(labels: LabelSet) -> dict[str, Any]:
    counts = labels.counts()
    return {"name": labels.name, "decisions": len(labels.decisions)} | {
        kind: {split: counts[split, kind] for split in ("train", "test")} for kind in label_set.KINDS
    }


def _counts(labels: LabelSet) -> str:
    relabelled, ambiguous = (
        sum(held.kind == kind for held in labels.decisions.values()) for kind in ("relabel", "ambiguous")
    )
    return f"{len(labels.decisions):,} decisions, {relabelled:,} relabelled, {ambiguous:,} ambiguous"
