"""Where the report's pictures are drawn: Matplotlib's figures in our colours, as a PNG or as an SVG for a page of HTML,
whose colours and typeface it takes on. Matplotlib comes with the first picture that is drawn, never with this module.
"""

import io
import re
import threading
from typing import TYPE_CHECKING, Any, NamedTuple

from fmnist_core.colours import CLASS_COLORS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

ON_PAGE = (4.6, 3.4)  # inches of a drawing there: small, so that its words are read on a phone, too
drawing = threading.Lock()  # Matplotlib promises nothing to two threads, and every visitor has one


class Paper(NamedTuple):
    """Colours of a drawing; those of .streamlit/config.toml."""

    background: str
    text: str
    faint: str
    red: str  # of the classes' colours, the one that is too dark on black
    good: str
    bad: str


class Svg(NamedTuple):
    """A drawing to stand within <svg viewBox="0 0 width height">. Its colours are the page's: see `PAGE`."""

    width: float
    height: float
    drawn: str  # markup
    alt: str  # what it shows, in words


LIGHT = Paper("#ffffff", "#16211f", "#cbd5d2", CLASS_COLORS[2], "#0f766e", "#d9560c")
DARK = Paper("#101615", "#e7efed", "#3a4744", "#f0654a", "#149688", "#e05c1e")
# On a page a colour is a variable of its style sheet, as the same drawing is seen by day and by night.
PAGE = LIGHT._replace(background="none")
VARIABLES = {colour: f"var(--{name})" for name, colour in PAGE._asdict().items() if name != "background"}


def figure_on(width: float, height: float, paper: Paper) -> "Figure":
    """Never pyplot: its list of figures is shared by all threads and keeps what nobody closes."""
    from matplotlib.figure import Figure

    return Figure((width, height), dpi=200, layout="constrained", facecolor=paper.background)


def as_png(figure: "Figure") -> bytes:
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    file = io.BytesIO()
    FigureCanvasAgg(figure).print_png(file)
    return file.getvalue()


def as_svg(figure: "Figure", name: str, alt: str) -> Svg:
    """Always the same bytes of the same figure. Ids begin with those of the name, so that no two drawings share one."""
    from matplotlib import rc_context
    from matplotlib.backends.backend_svg import FigureCanvasSVG

    file = io.StringIO()
    with rc_context({"svg.fonttype": "none", "svg.hashsalt": name}):
        FigureCanvasSVG(figure).print_svg(file, metadata=dict.fromkeys(("Creator", "Date", "Format", "Type")))
    # The head is left out: its style would hold for the whole page, and templates write the element itself.
    drawn = file.getvalue().partition("</defs>")[2].rpartition("</svg>")[0].replace("xlink:href", "href")
    drawn = re.sub(r'<g id="[^"]*">', "<g>", drawn)  # "axes_1", the same in each drawing; nothing points to it
    drawn = re.sub(r" font-family: [^;]*;", "", drawn)  # the page's holds
    drawn = re.sub(r"#[0-9a-f]{6}\b", lambda found: VARIABLES.get(found[0], found[0]), drawn)
    width, height = 72 * figure.get_size_inches()
    return Svg(width, height, drawn, alt)


def dress(axes: "Axes", paper: Paper) -> None:
    axes.set_facecolor(paper.background)
    for axis in (axes.xaxis, axes.yaxis):
        axis.label.set(color=paper.text, fontsize=9)
    axes.tick_params(colors=paper.text, labelsize=9, color=paper.faint)
    axes.grid(color=paper.faint, linewidth=0.5, alpha=0.7)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(paper.faint)
    count = len(axes.get_legend_handles_labels()[0])
    style: dict[str, Any] = {"frameon": False, "fontsize": 9, "labelcolor": paper.text, "handlelength": 2.6}
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.17), ncols=count if count < 4 else 2, **style)


def percent_tick(value: float, _: object) -> str:
    return f"{round(100 * value, 2):g} %"
