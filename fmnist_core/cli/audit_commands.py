"""The command that audits the labels, and takes care of what people decided about them: audit."""

import argparse
from typing import Any

import numpy as np

from fmnist_core import data
from fmnist_core.analysis import confident_learning
from fmnist_core.cli import label_set_commands
from fmnist_core.cli.job_commands import work_with_bar
from fmnist_core.cli.network_commands import own_network
from fmnist_core.cli.terminal import Answer, tell_notice
from fmnist_core.label_audit import audit_jobs, audit_records
from fmnist_core.label_audit.audit_records import Audit
from fmnist_core.label_audit.audit_spec import AuditSpec, address
from fmnist_core.runs import catalogue, predictions, runs
from fmnist_core.speed import forecasts
from fmnist_core.storage.folders import RunError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    plain = AuditSpec()
    parser.add_argument("--model", default=plain.model, help="whose networks judge (default: %(default)s)")
    parser.add_argument("--layers", metavar="FILE", help="those of an own network that judge; with --model own")
    parser.add_argument("--epochs", type=int, default=plain.epochs, help="of each fold (default: %(default)d)")
    parser.add_argument("--folds", type=int, default=plain.folds, help="default: %(default)d")
    parser.add_argument(
        "--repeats", type=int, default=plain.repeats, help="how often the folds are drawn and trained anew (default: 1)"
    )
    parser.add_argument("--pictures", type=int, default=plain.pictures, help="only the first so many of each split")
    parser.add_argument("--seed", type=int, default=plain.seed)
    parser.add_argument("--split", choices=data.SPLITS, default="train", help="whose suspects are listed")
    parser.add_argument("--top", type=int, default=20, help="how many suspects are listed (default: %(default)d)")
    parser.add_argument("--run", help="whose score without near-duplicates is told (default: the best that ships)")
    parser.add_argument("--again", action="store_true", help="compute it here, also where it came with the app")
    parser.add_argument("--ship", action="store_true", help="keep the first suspects with the app, in assets/audit")
    label_set_commands.add_arguments(parser)


def command(options: Any) -> Answer:
    if (answer := label_set_commands.answer(options)) is not None:
        return answer
    names = ("model", "epochs", "folds", "seed", "repeats", "pictures")
    spec = AuditSpec(**{name: getattr(options, name) for name in names}, network=own_network(options))
    if options.top < 0:
        raise ValueError(f"--top cannot be {options.top}. Expected 0 or more.")
    found = found_or_made(spec, options.again or options.ship)
    if options.ship:
        _ship(found)
    value = _value(found, options.split, options.top) | {"without_duplicates": _without_duplicates(found, options.run)}
    return value, _text(value)


def found_or_made(spec: AuditSpec, again: bool = False) -> Audit:
    """The audit of that specification, made where there is none here; again: also where it came with the app.

    Raises:
        RunError: it failed, was stopped, or is at work in another process.
    """
    found = audit_records.load(spec)
    if found is not None and not (again and found.shipped):
        return found
    if not audit_jobs.prepare(spec):
        raise RunError(f"The audit {spec.name} is being made by another process just now. Wait until it has finished.")
    status = work_with_bar(audit_jobs.job(spec), forecasts.of_audit(spec, catalogue.list_rows()))
    tell_notice(status.notice)
    found = audit_records.load(spec)
    if status.state != "done" or found is None:
        raise RunError(status.message or f"The audit {spec.name} is {status.state}.")
    return found


def _ship(found: Audit) -> None:
    path = audit_records.shipped_file()
    try:
        audit_records.save(path, audit_records.cut(found))
        size = path.stat().st_size
    except OSError as error:
        raise RunError(f"The audit cannot be stored with the app: {error.strerror or error}.") from None
    if size > audit_records.MOST_SHIPPED_BYTES:
        path.unlink()
        raise RunError(f"The audit takes {size:,} bytes, and {audit_records.MOST_SHIPPED_BYTES:,} may ship.")


def _value(found: Audit, split: str, top: int) -> dict[str, Any]:
    opinions, names = found.splits[split], data.CLASS_NAMES
    margins, kinds = opinions.margins, found.kinds[split]
    rows = [
        {
            "rank": int(opinions.ranks[row]),
            "picture": data.picture_address(split, int(opinions.positions[row])),
            "position": int(opinions.positions[row]),
            "label": names[opinions.labels[row]],
            "opinion": names[opinions.opinion[row]],
            "score": round(float(margins[row]), 4),
            "self_confidence": round(float(opinions.probabilities[row, opinions.labels[row]]), 4),
            "kind": found.kinds_of(split, int(opinions.positions[row])) or ["unsure"],
        }
        for row in range(min(top, len(opinions.positions)))
    ]
    return {
        "audit": found.spec.name,
        "model": found.spec.judge,
        "shipped": found.shipped,
        "seconds": found.seconds,
        "split": split,
        "pictures": opinions.total,
        "out_of_fold_accuracy": round(opinions.accuracy, 6),
        "confidently_doubted": opinions.doubted,
        "thresholds": dict(zip(names, opinions.thresholds, strict=True)),
        "near_duplicates": len(found.pairs.first),
        "conflicting_pairs": [
            [address(int(found.pairs.first[row])), address(int(found.pairs.second[row]))]
            for row in np.flatnonzero(found.pairs.conflicting(audit_records.all_labels()))
        ],
        "show_little": len(kinds["faint"]),
        "known_errors": found.known_ranks(),
        "suspects": rows,
    }


def _without_duplicates(found: Audit, run_id: str | None) -> dict[str, Any] | None:
    """The test accuracy of a run, and without the test pictures that are nearly in the training set."""
    if run_id is None:
        row = catalogue.default_run(catalogue.list_rows())
        if row is None:
            return None
        run_id = row.run.id
    stored = predictions.load(runs.find(run_id), "test")
    left_out = np.flatnonzero(np.isin(stored.indices, found.test_pictures_like_training()))
    score = confident_learning.score_if_right(stored.labels, stored.predicted, {}, left_out)
    return {
        "run": run_id,
        "left_out": len(left_out),
        "test_accuracy": confident_learning.score_if_right(stored.labels, stored.predicted, {}).accuracy,
        "without_them": score.accuracy,
        "interval": list(score.interval),
    }


def _text(value: dict[str, Any]) -> str:
    lines = [
        f"{value['audit']}: {value['pictures']:,} {value['split']} pictures judged by networks of {value['model']} "
        f"that had not seen them, {100 * value['out_of_fold_accuracy']:.2f} % as labelled; "
        f"{value['confidently_doubted']:,} confidently something else",
        f"{'rank':>6}  {'picture':<12}{'label':<13}{'opinion':<13}{'score':>8}  kind",
    ]
    lines += [
        f"{row['rank']:>6}  {row['picture']:<12}{row['label']:<13}{row['opinion']:<13}{row['score']:>8.4f}  "
        f"{', '.join(row['kind'])}"
        for row in value["suspects"]
    ]
    ranks = (f"{picture} at {rank:,}" if rank else f"{picture} none" for picture, rank in value["known_errors"].items())
    lines.append(f"Errors that others reported, by rank among the training pictures: {'; '.join(ranks)}")
    lines.append(
        f"{value['near_duplicates']:,} pairs of near-duplicates, {len(value['conflicting_pairs'])} of them with "
        f"different labels; {value['show_little']:,} pictures that show little"
    )
    if (score := value["without_duplicates"]) is not None:
        low, high = score["interval"]
        lines.append(
            f"{score['run']}: {100 * score['test_accuracy']:.2f} % of the test pictures right, "
            f"{100 * score['without_them']:.2f} % (95 % interval {100 * low:.2f} to {100 * high:.2f} %) without the "
            f"{score['left_out']} that are nearly in the training set"
        )
    return "\n".join(lines)
