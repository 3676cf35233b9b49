"""A teacher's Markdown as HTML that can do no harm: no tag of theirs, no script, nothing fetched.

markdown-it comes with the first text, never with this module.
"""

import functools
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from fmnist_core import data
from fmnist_core.report import parts

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

ENLARGED = 8  # pixels of a pixel's side: crisp on paper, in whatever way a printer scales
HIGHEST = 3  # of a heading in a text: the page's own have two levels


def to_html(text: str) -> str:
    """Markdown as markup; what is HTML in it is shown as written. Pictures of the data, ![alt](test/4021), are
    embedded, of others their words stand there. Raises DataError where the data is missing.
    """
    found = _markdown()
    tokens = found.parse(text)
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(max(int(token.tag[1]) + 1, HIGHEST), 6)}"
    for opening, inline in zip(tokens, tokens[1:], strict=False):
        if opening.type == "paragraph_open" and _only_pictures(inline.children or []):
            opening.attrSet("class", "pictures")
    html: str = found.renderer.render(tokens, found.options, {})
    return html


def picture(address: str, alt: str) -> parts.Picture:
    """A picture of the data. Raises ValueError where there is none of that address, DataError without the data."""
    split, index = data.parse_picture_address(address)
    return enlarged(data.load_split(split).images[index], alt)


def enlarged(pixels: np.ndarray, alt: str) -> parts.Picture:
    """(28, 28) uint8, each pixel a square of `ENLARGED`."""
    return parts.picture(pixels.repeat(ENLARGED, 0).repeat(ENLARGED, 1), alt)


def _only_pictures(inside: Sequence["Token"]) -> bool:
    kinds = {token.type for token in inside if token.type == "image" or token.content.strip()}
    return kinds == {"image"}


@functools.cache
def _markdown() -> "MarkdownIt":
    from markdown_it import MarkdownIt
    from markdown_it.common.utils import escapeHtml

    def image(self: Any, tokens: Sequence["Token"], place: int, options: Any, environment: Any) -> str:
        alt = tokens[place].content
        try:
            shown = picture(str(tokens[place].attrGet("src")), alt)
        except ValueError:
            return escapeHtml(alt)
        under = f"<span>{escapeHtml(alt)}</span>" if alt else ""
        return f'<span class="picture"><img src="{shown.address}" alt="{escapeHtml(alt)}">{under}</span>'

    def link(self: Any, tokens: Sequence["Token"], place: int, options: Any, environment: Any) -> str:
        tokens[place].attrSet("rel", "noreferrer")
        return str(self.renderToken(tokens, place, options, environment))

    found = MarkdownIt("commonmark", {"html": False}).enable("table")
    found.add_render_rule("image", image)
    found.add_render_rule("link_open", link)
    return found
