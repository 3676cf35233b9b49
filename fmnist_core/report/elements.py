"""The parts of a report as HTML, escaped by construction: whatever is not `Html` already becomes text."""

import base64
import html
import io
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from fmnist_core import formatting
from fmnist_core.report.style import STYLE

# Should anything ever slip through the escaping, the browser still fetches nothing and runs nothing.
POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
SPACE = "\N{NO-BREAK SPACE}"
NOTHING = "–"  # stands where there is no value
VOID = ("img", "meta", "link")


class Html(str):
    """Markup. Only `element` and `page` make it, so that everything else is escaped on its way in."""


class Picture(NamedTuple):
    """A picture as a report shows it."""

    pixels: np.ndarray  # (28, 28) uint8
    alt: str
    lines: tuple[str, ...]  # the first one in bold


def text(value: object) -> Html:
    return value if isinstance(value, Html) else Html(html.escape(str(value)))


def joined(contents: Iterable[object]) -> Html:
    return Html("".join(map(text, contents)))


def element(name: str, /, *content: object, **attributes: object) -> Html:
    """An element. Attributes: None leaves one out; class_ is class, stroke_width is stroke-width."""
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{html.escape(str(value))}"'
        for key, value in attributes.items()
        if value is not None
    )
    return Html(f"<{name}{written}>" if name in VOID else f"<{name}{written}>{joined(content)}</{name}>")


def page(title: str, *content: object) -> str:
    """The whole file: its style is within it, and it has no script."""
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=POLICY),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("link", rel="icon", href="data:,"),
        element("title", title),
        element("style", Html(STYLE)),
    )
    return f"<!doctype html>\n{element('html', head, element('body', element('main', *content)), lang='en')}\n"


def section(title: str, *content: object) -> Html:
    return element("section", element("h2", title), *content)


def paragraph(*content: object, quiet: bool = False) -> Html:
    return element("p", *content, class_="quiet" if quiet else None)


def link(title: str, address: str | None) -> Html:
    return element("a", title, href=address, rel="noreferrer") if address else text(title)


def code(content: str) -> Html:
    return element("pre", element("code", content), tabindex="0")


def tiles(figures: Iterable[tuple[str, str, str]]) -> Html:
    """Figures in large print: what it is, its value, a note under it or ""."""
    shown = (
        element("div", element("dt", name), element("dd", value, class_="value"), element("dd", note, class_="quiet"))
        for name, value, note in figures
    )
    return element("dl", *shown, class_="tiles")


def facts(rows: Iterable[tuple[str, object]]) -> Html:
    """Names and what there is to say of each."""
    return element(
        "dl", *(element("div", element("dt", name), element("dd", value)) for name, value in rows), class_="facts"
    )


def table(caption: str, headings: Sequence[str], rows: Iterable[Sequence[object]], foot: int = 0) -> Html:
    """The first column names its row. None is a dash; columns of words begin left, others end right.

    Args:
        foot: so many of the last rows are set off from the others.
    """
    lines = [list(row) for row in rows]
    words = [index for index in range(1, len(headings)) if any(_is_words(line[index]) for line in lines)]
    style = lambda index: "words" if index in words else None  # noqa: E731
    head = (element("th", heading, scope="col", class_=style(index)) for index, heading in enumerate(headings))
    body = [
        element(
            "tr",
            element("th", line[0], scope="row"),
            *(
                element("td", NOTHING if value is None else value, class_=style(i))
                for i, value in enumerate(line[1:], 1)
            ),
            class_="foot" if place == len(lines) - foot else None,
        )
        for place, line in enumerate(lines)
    ]
    inside = element("thead", element("tr", *head)), element("tbody", *body)
    return _scroller(caption, element("table", element("caption", caption), *inside))


def _is_words(value: object) -> bool:
    return isinstance(value, str) and value[:1].isalpha()


def matrix(caption: str, names: Sequence[str], counts: np.ndarray, strengths: np.ndarray, signed: bool = False) -> Html:
    """A matrix with shaded cells; rows are labels, columns what the network says.

    Args:
        strengths: as `counts`, -1 to 1: how strongly a cell is shaded; over 0 as good, under it as bad.
        signed: counts are differences, written with their sign.
    """
    corner = element("th", "Is ↓ called →", scope="col", class_="corner")
    head = element("tr", corner, *(element("th", name, scope="col") for name in names))
    rows = []
    for name, line, shades in zip(names, counts.tolist(), strengths.tolist(), strict=True):
        cells = (_shaded(value, shade, signed) for value, shade in zip(line, shades, strict=True))
        rows.append(element("tr", element("th", name, scope="row"), *cells))
    inside = element("caption", caption), element("thead", head), element("tbody", *rows)
    return _scroller(caption, element("table", *inside, class_="matrix"))


def _shaded(value: int, shade: float, signed: bool) -> Html:
    words = (f"{value:+,}" if signed else f"{value:,}").replace("-", "\N{MINUS SIGN}") if value else "0"
    kind = "none" if not value else "good" if shade > 0 else "bad" if shade < 0 else "plain"
    return element("td", words, class_=kind, style=f"--shade:{abs(shade):.3f}" if kind in ("good", "bad") else None)


def _scroller(caption: str, content: Html) -> Html:
    """What is wider than a phone scrolls by itself; the keyboard can reach it."""
    return element("div", content, class_="scroller", role="region", aria_label=caption, tabindex="0")


def gallery(pictures: Iterable[Picture]) -> Html:
    return element("ol", *map(_figure, pictures), class_="gallery")


def _figure(picture: Picture) -> Html:
    image = element("img", src=png_address(picture.pixels), alt=picture.alt, width=84, height=84)
    first, *others = picture.lines
    return element("li", image, element("div", element("strong", first), *(element("span", line) for line in others)))


def png_address(pixels: np.ndarray) -> str:
    """(28, 28) uint8 as a data address of a PNG with exactly these pixels."""
    from PIL import Image

    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG", optimize=True)
    return f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}"


def percent(value: float | None, digits: int = 2) -> str:
    """A fraction of 1, in percent; a dash where there is none."""
    return formatting.percent(value, digits).replace(" ", SPACE)


def points(value: float | None) -> str:
    """A difference of two fractions, in percentage points with its sign."""
    if value is None or np.isnan(value):
        return NOTHING
    return f"{100 * value:+.2f}".replace("-", "\N{MINUS SIGN}")
