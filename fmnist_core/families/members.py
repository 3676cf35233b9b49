"""The runs of a family: started together, found again among all runs."""

from collections.abc import Sequence
from dataclasses import dataclass

from fmnist_core.families import varying
from fmnist_core.families.varying import Value
from fmnist_core.jobs import lifecycle
from fmnist_core.jobs.durations import Estimate
from fmnist_core.jobs.status import ACTIVE
from fmnist_core.recipe import Recipe
from fmnist_core.runs import runs
from fmnist_core.runs.catalogue import Row
from fmnist_core.runs.records import Family, Varied, new_group_id
from fmnist_core.storage.folders import RunError
from fmnist_core.training import training_jobs


@dataclass(frozen=True)
class Member:
    """A run of a family."""

    row: Row
    value: Value

    @property
    def is_active(self) -> bool:
        return self.row.state in ACTIVE


@dataclass(frozen=True)
class Members:
    """The runs of one family that are here, in the order in which they were started."""

    id: str
    varies: Varied
    size: int  # how many were started; some may have been deleted since
    base: Recipe  # what they have in common; see `varying.without`
    runs: tuple[Member, ...]

    @property
    def active(self) -> tuple[Member, ...]:
        return tuple(one for one in self.runs if one.is_active)

    @property
    def title(self) -> str:
        """ "learning rate 0.0001, 0.001 or 0.01"."""
        said = [varying.words(self.varies, one.value) for one in self.runs]
        return f"{varying.within(self.varies)} {listed(said, 'or')}"


def listed(words: Sequence[str], last: str = "and") -> str:
    """ "0.1, 1 and 10"."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} {last} {words[-1]}"


def start(recipes: Sequence[Recipe], varies: Varied, expected: Sequence[Estimate | None]) -> str:
    """Queues the trainings of a family, see `varying.recipes_of`; returns its id. expected: how long each will take.

    Raises:
        ValueError, RunError: one cannot be queued; then those before it are stopped.
    """
    family_id, made = new_group_id(), []
    try:
        for place, (chosen, seconds) in enumerate(zip(recipes, expected, strict=True)):
            made.append(training_jobs.submit(chosen, seconds, Family(family_id, varies, place, len(recipes))))
    except (RunError, ValueError):
        for run in made:
            lifecycle.cancel(training_jobs.job(run))
        raise
    return family_id


def find(rows: Sequence[Row], family_id: str) -> Members | None:
    """The runs of that family among these; None where there is none."""
    return families(rows).get(family_id)


def families(rows: Sequence[Row]) -> dict[str, Members]:
    """Every family of which runs are among these, by its id, in the order of the rows.

    A file may say anything of itself: what differs from most runs of a family in more than its value is none of it.
    """
    found: dict[str, list[Row]] = {}
    for row in rows:
        if row.config and row.config.family:
            found.setdefault(row.config.family.id, []).append(row)
    return {family_id: _members(family_id, own) for family_id, own in found.items()}


def _members(family_id: str, rows: list[Row]) -> Members:
    alike: dict[tuple[Varied, int, Recipe], list[Row]] = {}
    for row in rows:
        family, chosen = _told(row)
        alike.setdefault((family.varies, family.size, varying.without(chosen, family.varies)), []).append(row)
    (varies, size, base), most = max(alike.items(), key=lambda one: len(one[1]))
    places: dict[int, Member] = {}
    for row in most:
        family, chosen = _told(row)
        places.setdefault(family.place, Member(row, varying.VARYING[varies].read(chosen)))
    return Members(family_id, varies, size, base, tuple(places[place] for place in sorted(places)))


def _told(row: Row) -> tuple[Family, Recipe]:
    assert row.config is not None and row.config.family is not None  # noqa: S101 - rows were chosen by it
    return row.config.family, row.config.recipe


def stop(members: Members) -> None:
    """Asks all that wait or work to stop. Those that wait end at once, and before the others: else one would begin."""
    for one in sorted(members.active, key=lambda one: one.row.state != "queued"):
        lifecycle.cancel(training_jobs.job(one.row.run))


def run_of(family: Family, chosen: Recipe) -> runs.Run:
    """A run of a family, queued, for a process that does it itself. Raises RunError, ValueError."""
    training_jobs.require_weights(chosen)
    return runs.create(chosen, family)
