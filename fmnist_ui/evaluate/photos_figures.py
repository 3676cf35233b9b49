"""What a run says of a visitor's own photos: accuracy, folders, ways, pictures, and what each step is worth."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import streamlit as st

from fmnist_core import figures as charts_of
from fmnist_core import glossary
from fmnist_core.metrics import comparison
from fmnist_core.metrics.class_figures import Interval
from fmnist_core.metrics.comparison import Corrected
from fmnist_core.photo.pipeline import MODES
from fmnist_core.photo_sets import photo_sets, records, summary
from fmnist_core.photo_sets.measuring import Answers
from fmnist_core.photo_sets.photo_sets import PhotoSet
from fmnist_core.photo_sets.summary import Figures, Folder
from fmnist_core.photo_sets.variants import DEFAULT, STEP_VARIANTS
from fmnist_core.runs.catalogue import Row
from fmnist_core.storage.folders import RunError
from fmnist_ui import charts, parts, state
from fmnist_ui.widgets import paging
from fmnist_ui.widgets.gallery import Tile, Tone, gallery
from fmnist_ui.widgets.hostile_text import cell, literal, plain_name

ON_A_PAGE = 40
OPENED = "photo_set_opened"  # in the session: set and place of the photo that is open


def show(row: Row, chosen: PhotoSet, answers: dict[str, Answers], names: tuple[str, ...]) -> None:
    """answers: of every mode."""
    mode = state.segmented(
        "Preparation", "mode", tuple(MODES), format_func=lambda name: MODES[name].title, clears=("page",)
    )
    st.caption(MODES[mode].sentence)
    each = {name: summary.figures(chosen.folders, answers[name], names) for name in MODES}
    found = each[mode]
    say(found)
    left, right = st.columns([6, 5], gap="large")
    with left:
        _matrix(row, found, names)
        _unknown(found, names)
    with right:
        if found.known:
            _bars(row, found, each)
    _pictures(chosen, answers[mode], found, mode, names)


def say(found: Figures) -> None:
    if found.interval is None or found.mean_of_folders is None:
        st.info(
            "No folder is named after a class that this network knows, so there is no accuracy.", icon=":material/info:"
        )
        return
    low, high = found.interval
    folders = f"{len(found.known)} folder{'s' * (len(found.known) != 1)}"
    alike = f"; each folder counted alike, {parts.percent(found.mean_of_folders)}"
    st.markdown(
        f"Accuracy on your photos **{parts.percent(found.accuracy)}**: {found.right:,} of {found.photos:,} in "
        f"{folders} :gray[(95 % interval {parts.percent(low)} to {parts.percent(high)}{alike})]",
        help=glossary.several("Accuracy", "Interval"),
    )


def _matrix(row: Row, found: Figures, names: tuple[str, ...]) -> None:
    """A row a folder, known ones first; a click opens the photos of a cell."""
    folders = [*found.known, *found.unknown]
    counts = np.stack([one.called for one in folders])
    right = np.array([[name in one.classes for name in names] for one in folders])
    st.markdown("**Confusion matrix** :gray[a row a folder; framed: right; a click opens the photos]")
    charts.draw(
        charts_of.folder_matrix(counts, right, [plain_name(one.name) for one in folders], names, charts.on_touch()),
        key="photo-matrix",
        alt="; ".join(_in_words(one, names) for one in folders),
        file=f"{row.run.id}-photos",
        on_pick=lambda _, place: state.put(folder=place // len(names), called=place % len(names), page=0),
        shown=(state.get("folder"), state.get("called")),
    )


def _in_words(one: Folder, names: Sequence[str]) -> str:
    most = int(one.called.argmax())
    right = f"{one.right} of {one.photos} right" if one.classes else f"{one.photos} photos of no class"
    return f"{plain_name(one.name)}: {right}, most often called {names[most]} ({one.called[most]})"


def _bars(row: Row, found: Figures, each: dict[str, Figures]) -> None:
    st.markdown("**By folder** :gray[right, with the 95 % interval]")
    by_folder = {f"{plain_name(one.name)} ({one.photos})": Interval(one.accuracy, *one.interval) for one in found.known}
    lowest = min(found.known, key=lambda one: one.accuracy)
    charts.draw(
        charts_of.share_bars(by_folder, "Right"),
        key="photo-folders",
        alt=f"Right by folder: the lowest is {plain_name(lowest.name)}, {parts.percent(lowest.accuracy)}",
        file=f"{row.run.id}-photos-by-folder",
    )
    st.markdown("**By preparation** :gray[the same photos, each way]")
    by_mode = {
        MODES[name].title: Interval(one.accuracy, *one.interval)
        for name, one in each.items()
        if one.accuracy is not None and one.interval is not None
    }
    said = ", ".join(f"{title} {parts.percent(one.value)}" for title, one in by_mode.items())
    charts.draw(
        charts_of.share_bars(by_mode, "Accuracy"),
        key="photo-modes",
        alt=f"Accuracy by preparation: {said}",
        file=f"{row.run.id}-photos-by-preparation",
    )


def _unknown(found: Figures, names: tuple[str, ...]) -> None:
    if not found.unknown:
        return
    st.markdown(
        "**Unknown folders** :gray[no class fits their names: they count in no accuracy]",
        help=glossary.term("Out-of-distribution"),
    )
    rows = []
    for one in found.unknown:
        order = np.argsort(-one.called, kind="stable")[:3]
        taken = ", ".join(f"{names[place]} {one.called[place]}" for place in order if one.called[place])
        warned = "–" if one.strange is None else f"{one.strange} ({parts.percent(one.strange / one.photos, 0)})"
        rows.append(
            {"Folder": cell(plain_name(one.name)), "Photos": one.photos, "Warned of": warned, "Taken for": taken}
        )
    st.dataframe(pd.DataFrame(rows), hide_index=True, height="content", key="photo-unknown")


def _pictures(chosen: PhotoSet, answers: Answers, found: Figures, mode: str, names: tuple[str, ...]) -> None:
    """What the network saw of the photos of a choice; all mistakes where nothing is chosen."""
    folders = [*found.known, *found.unknown]
    rows, title = choice(chosen, answers, folders, names)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.subheader(title)
        _choose_photos(folders, names)
    prepared = records.load_prepared(chosen, mode)
    if not len(rows) or prepared is None:
        st.info("No photo is in this choice.", icon=":material/check_circle:")
        return
    _, right = summary.right_answers(chosen.folders, answers.called, names)
    classes = {one.name: one.classes for one in folders}
    _opened(chosen, answers, prepared[_place(chosen, rows)].picture, rows, names)
    shown = rows[paging.open_part(len(rows), ON_A_PAGE)]
    tiles = []
    for place in shown.tolist():
        photo, called = chosen.photos[place], names[answers.called[place]]
        sure = parts.percent(float(answers.probabilities[place].max()), 0)
        tone: Tone = "neutral" if not classes[photo.folder] else "right" if right[place] else "wrong"
        alt = f"{plain_name(photo.folder)}/{plain_name(photo.name)}, called {called}"
        tiles.append(Tile(prepared[place].picture, plain_name(photo.folder), f"{sure} {called}", tone, alt))
    gallery(
        tiles,
        key="photo-gallery",
        label="What the network saw of these photos",
        size=92,
        selected=_selected(chosen, shown),
        on_pick=lambda index: st.session_state.update({OPENED: (chosen.name, int(shown[index]))}),
    )
    paging.turn(len(rows), ON_A_PAGE, f"photos-{len(rows)}")


def choice(
    chosen: PhotoSet, answers: Answers, folders: Sequence[Folder], names: tuple[str, ...]
) -> tuple[np.ndarray, str]:
    """Places of the photos of the folder and the answer that the address names, and what they are; else of mistakes."""
    folder, called = state.get("folder"), state.get("called")
    if folder is None or folder >= len(folders):
        known, right = summary.right_answers(chosen.folders, answers.called, names)
        rows = np.flatnonzero(known & ~right)
        return rows, f"{len(rows):,} mistake{'s' * (len(rows) != 1)}"
    inside = np.array([one == folders[folder].name for one in chosen.folders])
    title = f"from {literal(plain_name(folders[folder].name))}"
    if called is not None and called < len(names):
        inside &= answers.called == called
        title += f", called {literal(names[called])}"
    return np.flatnonzero(inside), f"{int(inside.sum()):,} {title}"


def _choose_photos(folders: Sequence[Folder], names: tuple[str, ...]) -> None:
    """What a click in the matrix chooses, for who has no mouse."""
    titles = {None: "All mistakes"} | {place: plain_name(one.name) for place, one in enumerate(folders)}
    narrow = {"width": 200, "clears": ("called", "page")}
    words = lambda place: titles[place]  # noqa: E731
    chosen = state.select("Photos of", "folder", list(titles), format_func=words, placeholder="All mistakes", **narrow)
    if chosen is not None:
        answers: dict[int | None, str] = {None: "Anything"} | dict(enumerate(names))
        told = {"width": 200, "clears": ("page",), "placeholder": "Anything"}
        state.select("Called", "called", list(answers), format_func=lambda place: answers[place], **told)


def _place(chosen: PhotoSet, rows: np.ndarray) -> int:
    name, place = st.session_state.get(OPENED, (None, -1))
    return int(place) if name == chosen.name and place in rows else int(rows[0])


def _selected(chosen: PhotoSet, shown: np.ndarray) -> int | None:
    name, place = st.session_state.get(OPENED, (None, -1))
    return shown.tolist().index(place) if name == chosen.name and place in shown else None


def _opened(chosen: PhotoSet, answers: Answers, picture: np.ndarray, rows: np.ndarray, names: tuple[str, ...]) -> None:
    """The photo that was clicked, beside what the network saw of it and what it says; the first until one is."""
    place = _place(chosen, rows)
    photo, called = chosen.photos[place], names[answers.called[place]]
    name = f"{plain_name(photo.folder)}/{plain_name(photo.name)}"
    with st.container(border=True):
        left, middle, right = st.columns([2, 2, 4], vertical_alignment="center", gap="medium")
        try:
            left.image(photo_sets.image(chosen, place), caption=name, width=200, alt=f"Your photo {name}")
        except RunError as error:
            left.warning(str(error), icon=":material/broken_image:")
        middle.image(parts.enlarge(picture, 8), caption="What the network saw", width=200, alt=f"Called {called}")
        with right:
            strange = answers.known is not None and not answers.known[place]
            st.markdown(f"**{literal(called)}** {parts.STRANGE if strange else ''}".rstrip())
            parts.probability_bars(answers.probabilities[place], names, most=4)


def show_steps(chosen: PhotoSet, answers: dict[str, Answers], names: tuple[str, ...]) -> None:
    """A row a step, those that help most first."""
    steps = {way.title: way.name for way in STEP_VARIANTS}
    effects = summary.step_effects(chosen.folders, answers, DEFAULT.name, steps, names)
    if not effects:
        st.info("No folder is named after a class that this network knows.", icon=":material/info:")
        return
    rows = []
    for step, effect in effects.items():
        low, high = effect.interval
        rows.append(
            {
                "Step": step,
                "Points": 100 * effect.points,
                "95 % interval": f"{100 * low:+.1f} to {100 * high:+.1f}",
                "Fixes": effect.compared.test.only_b,
                "Breaks": effect.compared.test.only_a,
                "Right without it": 100 * effect.compared.right[0] / effect.compared.pictures,
                "p": comparison.p_in_words(effect.p_value).removeprefix("p = "),
            }
        )
    table = pd.DataFrame(rows).sort_values("Points", ascending=False, kind="stable")
    st.markdown(steps_in_words(effects))
    column = st.column_config.NumberColumn
    columns = {
        "Points": column(format="%+.1f", help="Accuracy with all steps, less accuracy without this one."),
        "Fixes": column(help="Photos that are right only with it."),
        "Breaks": column(help="Photos that are right only without it."),
        "Right without it": column(format="%.1f %%"),
        "p": st.column_config.TextColumn(help=glossary.term("McNemar test")),
    }
    st.dataframe(table, hide_index=True, height="content", column_config=columns, key="photo-steps")


def steps_in_words(effects: Mapping[str, Corrected]) -> str:
    """Which steps help, and which hurt, beyond what chance makes of so many; effects: by step."""
    helped = [step for step, one in effects.items() if one.real and one.points > 0]
    hurt = [step for step, one in effects.items() if one.real and one.points < 0]
    count = len(effects)
    words = f"Of {count} steps these help: {', '.join(helped)}." if helped else "No step is shown to help."
    if hurt:
        words += f" These hurt: {', '.join(hurt)}."
    if rest := count - len(helped) - len(hurt):
        words += f" Of the other {rest} these photos are too few to tell."
    return f"{words} Intervals and p allow for {count} comparisons at once (Bonferroni)."
