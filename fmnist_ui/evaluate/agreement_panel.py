"""Any number of networks on the same pictures: which pictures all get right, which none does, and who errs alike."""

import numpy as np
import streamlit as st

from fmnist_core import data, figures
from fmnist_core.metrics import agreement, evaluation
from fmnist_core.metrics.agreement import Agreement
from fmnist_core.runs import predictions
from fmnist_core.runs.catalogue import Row
from fmnist_core.runs.predictions import Predictions
from fmnist_core.storage.folders import RunError
from fmnist_ui import cached, charts, parts, state
from fmnist_ui.inspect import data_pictures, picture_list
from fmnist_ui.widgets import paging
from fmnist_ui.widgets.gallery import Tile, Tone

ON_A_PAGE = 60
WRITTEN = 10  # networks up to which each cell of the table has its figure


def agreement_panel(row: Row, stored: Predictions, names: tuple[str, ...]) -> None:
    """The section of a page. stored: what the run of the page says of the split's pictures."""
    chosen = choose_networks(row, names)
    both = read(chosen, stored)
    if both is None:
        return
    rows, shared = both
    called = np.stack([one.predicted for one in shared])
    found = agreement.agree(shared[0].labels, called, len(names))
    say(found, shared[0].labels)
    titles = list(parts.name_runs(rows).values())
    left, right = st.columns([5, 6], gap="large")
    with left:
        histogram(found.right, len(rows), row.run.id)
        pairs(found, titles, row.run.id)
    with right:
        place = next((number for number, one in enumerate(rows) if one.run.id == row.run.id), 0)
        pictures(rows[place], shared[place], found, len(rows), names)


def choose_networks(row: Row, names: tuple[str, ...]) -> list[Row]:
    """Those that the visitor chooses, the best first; while none is chosen, all that ship and the run of the page."""
    known = [one for one in cached.list_rows() if one.usable and one.config and one.config.class_names == names]
    rows = {one.run.id: one for one in sorted(known, key=lambda one: -(one.test_accuracy or 0))}
    usual = [one for one in rows if rows[one].run.shipped or one == row.run.id]
    label = f"Networks: {len([one for one in state.get('among') if one in rows] or usual)}"
    with st.popover(label, icon=":material/groups:"):
        chosen = state.multiselect(
            "Networks",
            "among",
            tuple(rows),
            format_func=lambda run_id: parts.run_title(rows[run_id]),
            placeholder="All that come with the app, and this one",
        )
    return [rows[one] for one in chosen or usual]


def read(rows: list[Row], stored: Predictions) -> tuple[list[Row], tuple[Predictions, ...]] | None:
    """The networks that have answers to the split, and these; None, with a sentence, where they are fewer than two."""
    readable, found, failed = [], [], []
    for row in rows:
        try:
            found.append(cached.load_predictions(row.run, stored.split))
            readable.append(row)
        except RunError as error:
            failed.append(str(error))
    if failed:
        st.caption(f"{len(failed)} left out: {failed[0]}")
    if len(readable) < 2:
        st.info("Choose two networks or more that have such pictures.", icon=":material/groups:")
        return None
    try:
        return readable, predictions.shared(*found)
    except ValueError as error:
        st.warning(str(error), icon=":material/broken_image:")
        return None


def say(found: Agreement, labels: np.ndarray) -> None:
    """The two ends, and what the networks reach together."""
    total, networks = len(labels), len(found.pairs)
    right = int((found.commonest == labels).sum())
    low, high = evaluation.wilson_interval(right, total)
    doubt = "; a picture that none has right may have a wrong label" if (found.right == 0).any() else ""
    st.markdown(
        f"All {networks} networks are right on **{int((found.right == networks).sum()):,}** of {total:,} pictures, "
        f"none on **{int((found.right == 0).sum()):,}**. If they vote, the commonest answer is right on "
        f"**{parts.percent(right / total, 2)}** :gray[(95 % interval {parts.percent(low, 2)} to "
        f"{parts.percent(high, 2)}){doubt}.]"
    )


def histogram(right: np.ndarray, networks: int, run_id: str) -> None:
    counts = np.bincount(right, minlength=networks + 1)
    st.markdown("**How many are right** :gray[pictures by the number of networks; a click on a bar opens them]")
    charts.draw(
        figures.agreement_bars(counts),
        key="right-networks",
        alt=f"Pictures by how many of {networks} networks are right: none on {counts[0]:,}, all on {counts[-1]:,}",
        file=f"{run_id}-agreement",
        on_pick=lambda _, votes: state.put(votes=votes, page=None, picture=None),
        shown=min(state.get("votes"), networks),
    )


def pairs(found: Agreement, titles: list[str], run_id: str) -> None:
    """Two networks a cell, the best first."""
    st.markdown("**Who answers alike** :gray[the part of the pictures on which two say the same, right or wrong]")
    apart = found.pairs + np.eye(len(titles))
    alt = f"Agreement of {len(titles)} networks, two by two: {parts.percent(float(apart.min()))} at least"
    file = f"{run_id}-agreement-of-pairs"
    charts.draw(figures.agreement_matrix(found.pairs, titles, charts.on_touch()), key="alike", alt=alt, file=file)


def pictures(row: Row, stored: Predictions, found: Agreement, networks: int, names: tuple[str, ...]) -> None:
    """Those that exactly so many networks have right; the most united in error first."""
    votes = state.slider("Pictures that so many networks have right", "votes", 0, networks)
    rows = np.flatnonzero(found.right == votes)
    st.subheader(f"{len(rows):,} {'picture' if len(rows) == 1 else 'pictures'}")
    if not len(rows):
        st.info("None. Move the slider.", icon=":material/check_circle:")
        return
    rows = rows[np.argsort(-found.says_commonest[rows], kind="stable")]
    picture_list.large_view(row, stored, rows)
    shown = rows[paging.open_part(len(rows), ON_A_PAGE)]
    addresses = [data.picture_address(stored.source, int(index)) for index in stored.indices[shown]]
    tiles = []
    for place, address in zip(shown, addresses, strict=True):
        label, common = int(stored.labels[place]), int(found.commonest[place])
        detail = f"{found.says_commonest[place]} × {names[common]}"
        tone: Tone = "right" if label == common else "wrong"
        tiles.append(Tile(stored.images_at(place), names[label], detail, tone, f"{address}: {names[label]}, {detail}"))
    title = "Pictures of this choice: what each is, and what most networks say"
    data_pictures.addressed_gallery(tiles, addresses, key="agreed", label=title, size=92)
    paging.turn(len(rows), ON_A_PAGE, f"agreed-{votes}-{len(rows)}")
