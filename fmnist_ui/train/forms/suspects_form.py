"""Which training pictures with doubtful labels one's own recipe leaves out."""

import streamlit as st

from fmnist_core import data, glossary
from fmnist_core.analysis import label_issues
from fmnist_core.data import SIZES
from fmnist_ui import parts, received
from fmnist_ui.train.forms.stage_form import KEPT

SUSPECT_WORDS = {"none": "None", "known": "Reported ones", "conflicting": "Contradicting pairs", "own": "My own list"}
SUSPECT_SENTENCES = {
    "none": "All training pictures are trained on, those with doubtful labels too.",
    "known": "Pictures that people have reported to the makers of the dataset, as mislabelled or as no single garment: "
    + ", ".join(f"[issue {url.rpartition('/')[2]}]({url})" for url in dict.fromkeys(label_issues.KNOWN.values()))
    + ".",
    "conflicting": "Pictures of which another training picture is nearly the same, under another label.",
    "own": f"Positions in the training set, 0 to {SIZES['train'] - 1}: numbers or a CSV with a column named position.",
}
MOST_SUSPECTS_SHOWN = 60


def count_suspects(count: int) -> str:
    return f"{count:,} suspect{'' if count == 1 else 's'}"


def choose_suspects() -> tuple[int, ...]:
    """Which training pictures are not trained on, shown with their labels; what cannot be read is said, not used."""
    kind = received.segmented(
        "Training pictures whose labels are in doubt",
        tuple(SUSPECT_WORDS),
        format_func=SUSPECT_WORDS.__getitem__,
        default="none",
        key="suspects",
        help=glossary.term("Label issue"),
        **KEPT,
    )
    st.caption(SUSPECT_SENTENCES[kind])
    positions = label_issues.LISTS.get(kind, ())
    if kind == "own":
        text = st.text_area("Positions", placeholder="45592, 16691", max_chars=400_000, key="suspect_list", **KEPT)
        positions, problem = label_issues.read_positions(text)
        if problem:
            st.warning(problem, icon=":material/rule:")
    show_suspects(positions)
    return positions


def show_suspects(positions: tuple[int, ...]) -> None:
    if not positions:
        return
    shown = positions[:MOST_SUSPECTS_SHOWN]
    only = f", the first {len(shown)} of them here" if len(shown) < len(positions) else ""
    st.caption(f"{count_suspects(len(positions))} with the label each has{only}. Validation and test keep theirs.")
    parts.picture_gallery(
        data.load_split("train").images[list(shown)],
        label_issues.label_names(shown),
        key="suspect_pictures",
        label="Suspects, with their labels",
        size=92,
    )
