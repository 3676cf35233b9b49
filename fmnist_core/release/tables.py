"""Tables in README.md and docs/ that `python -m fmnist_core.release.tables` (`make generated`) writes from the runs.

Each stands between two marks, <!-- NAME --> and <!-- end of NAME -->.
"""

from collections.abc import Iterable
from pathlib import Path

from fmnist_core import data
from fmnist_core.analysis.robustness import CHANGES
from fmnist_core.data import SIZES
from fmnist_core.formatting import percent
from fmnist_core.lessons import answers
from fmnist_core.metrics import evaluation
from fmnist_core.runs import catalogue, leaderboard
from fmnist_core.runs.catalogue import Row
from fmnist_core.runs.leaderboard import Entry
from fmnist_core.runs.records import Result
from fmnist_core.storage import folders
from fmnist_core.zoo import get_model
from fmnist_core.zoo.summaries import total_parameters

ROOT = folders.PROJECT
MEGABYTE = 1_000_000
OWN_BEST = (catalogue.FLAGSHIP, "flagship_small", "robust")


def reproductions() -> str:
    """Published, reproduced, difference, interval: a line a model, two where the recipe has two stages."""
    lines = [
        "| Model | Published | Reproduced | Difference | 95 % interval | Seconds an epoch | Over seeds |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    notes = []
    for entry in leaderboard.list_entries(catalogue.list_rows()):
        lines += _reproduction(entry)
        if entry.explanation:
            notes.append(f"* {entry.model.title}: {entry.explanation}")
    return "\n".join([*lines, "", *notes])


def _reproduction(entry: Entry) -> list[str]:
    title, first = entry.model.title, entry.first_stage
    seconds = entry.result.seconds_per_epoch if entry.result else None
    took = "–" if seconds is None else f"{seconds:.1f}"
    seeds = _over_seeds(entry)
    if first is None:
        return [f"{_line(title, entry.published, entry.reproduced, took)} {seeds} |"]
    published = entry.model.published.first_stage.test_accuracy
    before = f"{_line(f'{title}, first stage', published, first.test_accuracy, '')} |"
    return [before, f"{_line(f'{title}, both stages', entry.published, entry.reproduced, took)} {seeds} |"]


def _over_seeds(entry: Entry) -> str:
    """Mean and standard deviation of the test accuracies of several seeds."""
    found = entry.seeds
    if found is None or found.deviation is None:
        return "–"
    return f"{100 * found.mean:.2f} ± {100 * found.deviation:.2f} % ({found.count})"


def _line(title: str, published: float | None, reproduced: float | None, seconds: str) -> str:
    difference, interval = "–", "–"
    if reproduced is not None:
        low, high = evaluation.wilson_interval(round(reproduced * SIZES["test"]), SIZES["test"])
        interval = f"{100 * low:.2f} to {100 * high:.2f} %"
        if published is not None:
            difference = f"{100 * (reproduced - published):+.2f}".replace("-", "−")
    return f"| {title} | {percent(published)} | {percent(reproduced)} | {difference} | {interval} | {seconds} |"


def classical() -> str:
    """The classical baselines: published, reproduced, difference, interval, seconds of the fit, size: a line each."""
    lines = [
        "| Model | Published | Reproduced | Difference | 95 % interval | Seconds | MB | ONNX ships |",
        "| --- | --- | --- | --- | --- | ---: | ---: | --- |",
    ]
    notes = []
    for entry in leaderboard.list_classical_entries(catalogue.list_rows()):
        result = entry.result
        took = f"{result.seconds:,.1f}" if result else "–"
        line = _line(entry.model.title, entry.published, entry.reproduced, took)
        size = "–" if entry.bytes is None else f"{entry.bytes / MEGABYTE:,.2f}"
        live = "yes" if entry.row and entry.row.has("model.onnx") else "no" if entry.row else "–"
        lines.append(f"{line} {size} | {live} |")
        if entry.explanation:
            notes.append(f"* {entry.model.title}: {entry.explanation}")
    return "\n".join([*lines, "", *notes])


def flagship() -> str:
    """This project's own best networks: a line a run, and the mean of each network's seeds."""
    lines = [
        "| Network | Parameters | Seed | Test | Test, single view | Validation | Minutes of training |",
        "| --- | ---: | --- | --- | --- | --- | ---: |",
    ]
    for model in OWN_BEST:
        seeds = _shipped(model)
        found = [_flagship_figures(row.result) for row in seeds if row.result]
        start = f"| {get_model(model).title} | {total_parameters(model):,} |"
        for row, figures in zip(seeds, found, strict=True):
            lines.append(f"{start} {_seed(row)} {_flagship_cells(*figures)}")
        if len(found) > 1:
            mean = [sum(values) / len(found) for values in zip(*found, strict=True)]
            lines.append(f"{start} mean of {len(found)} {_flagship_cells(*mean)}")
    return "\n".join(lines)


def best() -> str:
    """The same in short: a line a network, means where there are several seeds."""
    lines = ["| Network | Parameters | Test accuracy | Minutes of training |", "| --- | ---: | --- | ---: |"]
    for model in OWN_BEST:
        found = [_flagship_figures(row.result) for row in _shipped(model) if row.result]
        test, _, _, minutes = (sum(values) / len(found) for values in zip(*found, strict=True))
        several = f", mean of {len(found)} seeds" if len(found) > 1 else ""
        start = f"| {get_model(model).title} | {total_parameters(model):,} |"
        lines.append(f"{start} {percent(test)}{several} | {minutes:.0f} |")
    return "\n".join(lines)


def _shipped(model: str) -> list[Row]:
    """The runs of a model that ship, by their seeds."""
    rows = (row for row in catalogue.list_rows() if row.run.shipped and row.model == model and row.usable)
    return sorted(rows, key=_seed)


def _seed(row: Row) -> int:
    return row.recipe.seed if row.recipe else 0


def _flagship_figures(result: Result) -> tuple[float, float, float, float]:
    """Test accuracy with and without test-time augmentation, validation accuracy, minutes."""
    plain = result.without_test_time_augmentation or result
    return result.test_accuracy, plain.test_accuracy, result.val_accuracy or 0.0, result.seconds / 60


def _flagship_cells(test: float, plain: float, validation: float, minutes: float) -> str:
    return f"| {percent(test)} | {percent(plain)} | {percent(validation)} | {minutes:.0f} |"


def assets() -> str:
    """What takes how much of assets/, in megabytes."""
    folder = ROOT / "assets"
    lines = [
        "| In `assets/` | MB | Of it weights | Logits | Features, maps | Replay |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    places = [folder / "data", *sorted((folder / "runs").glob("[a-z]*"))]
    for place in places:
        parts = [_size(place, pattern) for pattern in ("model.*", "predictions.npz", "maps/*", "replay/*")]
        figures = " | ".join(f"{part / MEGABYTE:.1f}" if part else "" for part in parts)
        lines.append(f"| {place.relative_to(folder)} | {_size(place) / MEGABYTE:.1f} | {figures} |")
    lines.append(f"| all | {_size(folder) / MEGABYTE:.1f} | | | | |")
    return "\n".join(lines)


def lesson_answers() -> str:
    """What a lesson's question may ask for: a line a row of the table in the code."""
    lines = ["| Answer | What it is | Kinds | Asked of |", "| --- | --- | --- | --- |"]
    for name, row in answers.ANSWERS.items():
        asked = [f"`{option}`" + (f" ({of.default})" if of.default else "") for option, of in row.of.items()]
        lines.append(f"| `{name}` | {row.help} | {', '.join(row.kinds)} | {', '.join(asked) or '–'} |")
    named = (("class", data.CLASS_NAMES), ("change", CHANGES))
    notes = [f"* `{option}`: one of {', '.join(values)}" for option, values in named]
    return "\n".join([*lines, "", *notes])


def _size(folder: Path, pattern: str = "**/*") -> int:
    return sum(path.stat().st_size for path in folder.glob(pattern) if path.is_file())


TABLES = {
    "best": ("README.md", best),
    "reproductions": ("docs/figures.md", reproductions),
    "classical": ("docs/figures.md", classical),
    "flagship": ("docs/figures.md", flagship),
    "assets": ("docs/assets.md", assets),
    "answers": ("docs/lessons.md", lesson_answers),
}


def fill(text: str, name: str, table: str) -> str:
    """The text with the table between its marks. ValueError: the marks are missing."""
    before, opening, rest = text.partition(f"<!-- {name} -->\n")
    _, closing, after = rest.partition(f"<!-- end of {name} -->")
    if not opening or not closing:
        raise ValueError(
            f"The marks of the table {name} are missing. Expected <!-- {name} --> and <!-- end of {name} -->."
        )
    return f"{before}{opening}{table.strip()}\n{closing}{after}"


def stale() -> Iterable[str]:
    """The names of the tables that do not say what the runs say now."""
    for name, (file, table) in TABLES.items():
        text = (ROOT / file).read_text(encoding="utf-8")
        if fill(text, name, table()) != text:
            yield name


if __name__ == "__main__":
    for _name, (_file, _table) in TABLES.items():
        _path = ROOT / _file
        _path.write_text(fill(_path.read_text(encoding="utf-8"), _name, _table()), encoding="utf-8")
