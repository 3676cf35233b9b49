"""Colours of the figures."""

# One colour a class, tellable apart by colour-blind people: Petroff 2021, arXiv 2107.02270.
# .streamlit/config.toml holds the same list for Streamlit's own charts; a test holds the two together.
CLASS_COLORS = (
    "#3f90da",
    "#ffa90e",
    "#bd1f01",
    "#94a4a2",
    "#832db6",
    "#a96b59",
    "#e76300",
    "#b9ac70",
    "#717581",
    "#92dadd",
)
PUBLISHED = "#a35fd6"  # curves that a source reports: none of our own has it, and it is seen on white and on black


def class_colours(count: int) -> tuple[str, ...]:
    """A colour for each of so many classes; classes beyond the tenth share those of the first."""
    return tuple(CLASS_COLORS[place % len(CLASS_COLORS)] for place in range(count))
