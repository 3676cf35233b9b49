"""The command that evaluates a run, alone, against another or on photos of one's own: evaluate."""

import argparse
from pathlib import Path
from typing import Any

from fmnist_core.cli import label_set_commands
from fmnist_core.cli.terminal import Answer, share_bar, tell_notice
from fmnist_core.formatting import percent
from fmnist_core.inference import photo_model, test_time_augmentation
from fmnist_core.inference.classifier import open_classifier
from fmnist_core.label_audit import rescored
from fmnist_core.metrics import comparison, evaluation
from fmnist_core.runs import predictions, runs

LISTED = 5  # cells in the text
EVERY_MODE = "all"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run")
    parser.add_argument("--split", choices=predictions.SPLITS, default="test")
    parser.add_argument("--against", metavar="RUN", help="another run on the same pictures: what it fixes and breaks")
    parser.add_argument("--labels", metavar="SET", help="a label set (see `audit`): by its labels, too")
    parser.add_argument(
        "--test-time-augmentation",
        choices=test_time_augmentation.VIEWS,
        default="none",
        help="test-time augmentation: the views of each picture",
    )
    parser.add_argument(
        "--pictures",
        type=Path,
        metavar="FOLDER_OR_ZIP",
        help="photos of your own, in folders named after what they show",
    )
    parser.add_argument(
        "--mode",
        help="with --pictures, how a photo becomes a picture: source, letterbox, zalando, best, which is the default, "
        f"or {EVERY_MODE}: each of them",
    )
    parser.add_argument("--steps", action="store_true", help="with --pictures: which step of the mode best helped")


def evaluate(options: Any) -> Answer:
    if options.pictures is not None:
        return of_photos(options)
    if options.mode or options.steps:
        raise ValueError("--mode and --steps say how photos become pictures; name the photos with --pictures.")
    if options.against:
        if options.labels:
            raise ValueError("--against compares by the official labels; leave out --labels.")
        if options.test_time_augmentation != "none":
            raise ValueError("--against compares what is stored; leave out --test-time-augmentation.")
        return against(options.run, options.against, options.split)
    run = runs.find(options.run)
    stored = predictions.load(run, options.split)
    names = runs.read_config(run).class_names
    plain, effect = stored, None
    if options.test_time_augmentation != "none":
        classifier, views = open_classifier(run), options.test_time_augmentation
        with share_bar("test-time augmentation") as tell:
            stored = test_time_augmentation.averaged_predictions(plain, classifier, views, tell)
        effect = test_time_augmentation.effect(plain, stored)
    matrix = evaluation.confusion_matrix(stored.labels, stored.predicted, len(names))
    accuracy = evaluation.accuracy(matrix)
    value = {
        "run": run.id,
        "split": options.split,
        "accuracy": accuracy,
        "loss": evaluation.cross_entropy(stored.logits, stored.labels),
        "class_names": list(names),
        "confusion_matrix": matrix.tolist(),
        "test_time_augmentation": options.test_time_augmentation,
    }
    low, high = evaluation.wilson_interval(int(matrix.trace()), int(matrix.sum()))
    head = f"{run.id} on {len(stored.labels):,} {options.split} pictures: {percent(accuracy)}"
    rows = [f"{name:>12} " + "".join(f"{count:6d}" for count in row) for name, row in zip(names, matrix, strict=True)]
    lines = [f"{head} (95 % interval {percent(low)} to {percent(high)})"]
    if effect:
        plain_accuracy = effect.right[0] / effect.pictures
        value |= {"plain_accuracy": plain_accuracy, "p_value": effect.test.p_value}
        words = test_time_augmentation.effect_in_words(effect)
        lines.append(f"{percent(plain_accuracy)} without test-time augmentation. {words}")
    if options.labels:
        found = rescored.rescore(stored, label_set_commands.find(options.labels))
        value["by_labels"] = rescored.as_value(found, len(names))
        lines += [rescored.head(found), rescored.in_words(found)]
    return value, "\n".join([*lines, *rows])


def against(first: str, second: str, split: str) -> Answer:
    """The JSON value and the same for people. Raises RunError, and ValueError where they share no pictures."""
    both = [runs.find(name) for name in (first, second)]
    a, b = predictions.shared(*(predictions.load(run, split) for run in both))
    names = runs.read_config(both[0]).class_names
    if runs.read_config(both[1]).class_names != names:
        raise ValueError("The two runs know different classes, so their confusion matrices cannot be compared.")
    changed = comparison.changes(a.labels, a.predicted, b.predicted, len(names))
    found = comparison.compare(both[0].id, a.predicted == a.labels, both[1].id, b.predicted == b.labels)
    low, high = comparison.difference_interval(found)
    value = {
        "runs": [run.id for run in both],
        "split": split,
        "pictures": found.pictures,
        "accuracy": [right / found.pictures for right in found.right],
        "class_names": list(names),
        "confusion_matrices": [
            evaluation.confusion_matrix(one.labels, one.predicted, len(names)).tolist() for one in (a, b)
        ],
        "difference": changed.difference.tolist(),
        "fixed": changed.fixed.tolist(),
        "broken": changed.broken.tolist(),
        "p_value": found.test.p_value,
        "difference_interval": [low, high],
    }
    lines = [f"{run.id}: {percent(right / found.pictures)}" for run, right in zip(both, found.right, strict=True)]
    lines.append(f"{comparison.in_words(found)} The second less the first: {percent(low)} to {percent(high)}.")
    for word, cells, verb in (("fixes", changed.fixed, "was called"), ("breaks", changed.broken, "is called")):
        top = evaluation.most_confused(cells, LISTED)
        listed = ", ".join(f"{count} × {names[true]} that {verb} {names[called]}" for true, called, count in top)
        lines.append(f"The second {word} {int(cells.sum()):,}: {listed or 'none'}.")
    return value, "\n".join(lines)


def of_photos(options: Any) -> Answer:
    """Figures by folder, unknown ones apart; nothing of the official test set. Raises RunError, ValueError."""
    from fmnist_core.photo_sets import intake, measuring, summary
    from fmnist_core.photo_sets.variants import DEFAULT, MODE_VARIANTS, STEP_VARIANTS

    modes = [way.name for way in MODE_VARIANTS]
    mode = _checked_mode(options, modes, DEFAULT.name)
    chosen = [way for way in MODE_VARIANTS if mode in (way.name, EVERY_MODE)]
    ways = [*chosen, *(STEP_VARIANTS if options.steps else ())]
    run = runs.find(options.run)
    names, classifier, calibration, note = photo_model.open_model(run.id)
    tell_notice(note)
    with intake.open_source(options.pictures) as source, share_bar("photos") as tell:
        found = measuring.measure(source, ways, classifier, names, calibration, lambda done, of: tell(done / of))
    if not found.folders:
        raise ValueError(f"None of the {len(source.photos)} photos can be read. {source.left_out[0].why}")
    figures = {way.name: summary.figures(found.folders, found.answers[way.name], names) for way in chosen}
    first = DEFAULT.name if mode == EVERY_MODE else mode
    value = {"run": run.id, "mode": first, "calibrated": calibration is not None, "class_names": list(names)}
    value |= summary.as_json(figures[first], names)
    value |= {"left_out": [{"file": one.file, "error": one.why} for one in source.left_out]}
    value |= {"left_out_beyond": source.more}
    lines = summary.in_lines(figures[first], run.id, first)
    if mode == EVERY_MODE:
        value["modes"] = {name: summary.as_json(one, names) for name, one in figures.items()}
        lines += [f"mode {name}: {one.right} of {one.photos} right" for name, one in figures.items()]
    if options.steps:
        steps = {way.title: way.name for way in STEP_VARIANTS}
        effects = summary.step_effects(found.folders, found.answers, DEFAULT.name, steps, names)
        value["steps"] = [summary.effect_as_json(step, effect) for step, effect in effects.items()]
        lines += [f"{step}: {summary.effect_in_words(effect)}" for step, effect in effects.items()]
    lines += [f"left out, {one.file}: {one.why}" for one in source.left_out]
    return value, "\n".join([*lines, *([f"left out beyond these: {source.more}"] if source.more else [])])


def _checked_mode(options: Any, modes: list[str], default: str) -> str:
    """Raises ValueError where options contradict each other."""
    if options.against or options.labels or options.test_time_augmentation != "none" or options.split != "test":
        raise ValueError(
            "--pictures stands alone: leave out --split, --against, --labels and --test-time-augmentation."
        )
    mode = options.mode or default
    if mode not in (*modes, EVERY_MODE):
        raise ValueError(f"Unknown mode {mode!r}. Choose one of: {', '.join(modes)}, {EVERY_MODE}.")
    if options.steps and mode not in (default, EVERY_MODE):
        raise ValueError(f"--steps is about the mode {default}; leave out --mode.")
    return mode
