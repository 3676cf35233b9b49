"""The builder (widgets/components/builder): a network as a list of layers that one adds, drags, changes and removes.

The list lives in the browser and changes there at once; each change comes here, and what each layer gives and costs
goes back. All arithmetic of shapes is Python's (fmnist_core/networks); the browser has none.
"""

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st

from fmnist_core import glossary
from fmnist_core.networks import layers as networks
from fmnist_core.networks.layers import LONGEST_TITLE, MOST_LAYERS, Layer, Network
from fmnist_core.networks.shapes import Described, describe
from fmnist_core.storage.schema import parse_json
from fmnist_ui import received
from fmnist_ui.javascript import by_address, one_module
from fmnist_ui.networks import layer_fixes, layer_words
from fmnist_ui.widgets import browser_tab

SOURCES = Path(__file__).parents[1] / "widgets" / "components" / "builder"
# Each file stands after those it imports from.
_DRAWN = ("parts", "layers", "history", "fields", "row", "drawing", "drag", "head", "palette", "view")
MODULES = (*_DRAWN, "keys", "builder", "index")
LONGEST_FILE = 100_000  # characters of a file that is opened
NEW_TITLE = "My network"
_STAND_IN = "Network"  # a title, where only layers are read

_component = st.components.v2.component(
    "fmnist_builder",
    css=(SOURCES / "builder.css").read_text(encoding="utf-8"),
    js=by_address("builder", one_module(SOURCES, MODULES)),
)


@dataclass(frozen=True)
class Draft:
    """A network under way: it may have no layers, and any title."""

    title: str = NEW_TITLE  # at most LONGEST_TITLE characters
    layers: tuple[Layer, ...] = ()

    @property
    def network(self) -> Network:
        """As `describe` takes it; whether it can be trained is `networks.shapes.check`'s question."""
        return Network(self.title, self.layers)


@dataclass(frozen=True)
class Sent:
    """What the browser sends after a change. settled: nothing is being typed."""

    draft: Draft
    revision: int
    settled: bool


@dataclass(frozen=True)
class Reply:
    """What the builder is told besides the network itself."""

    revision: int = 0  # of the change that is answered
    token: int = 0  # another one: the draft takes the place of what the browser has
    notice: str = ""  # said with it
    refusal: str = ""  # why something was not taken, in its place
    problem: str = ""  # of the network as a whole, "" where its layers say what there is to say
    linked: bool = False  # whether the page's address holds it


def network_builder(
    draft: Draft,
    reply: Reply,
    *,
    key: str,
    starts: Sequence[tuple[str, dict[str, str]]],
    examples: dict[str, str],
    on_change: Callable[[Sent], None],
    on_start: Callable[[str], None],
    on_open: Callable[[str], None],
) -> None:
    """Draws the builder, which goes on with what the browser has until the reply's token is another one.

    Args:
        starts: what one can start from, by groups: {value: words}.
        examples: a few of these, offered where there is no layer yet.
        on_change: called with what is there now, before the script runs again.
        on_start: called with one of `starts`' values.
        on_open: called with the text of a file, of any origin, at most one character longer than LONGEST_FILE.
    """
    known = {value for _, options in starts for value in options}

    def changed() -> None:
        sent = read_sent(received.sent(key, "network"))
        if sent is None:
            received.drop()
        else:
            on_change(sent)

    def started() -> None:
        value = received.sent(key, "start")
        if isinstance(value, str) and value in known:
            on_start(value)
        else:
            received.drop()

    def opened() -> None:
        text = received.sent(key, "opened")
        if isinstance(text, str):
            on_open(text)
        else:
            received.drop()

    _component(
        key=key,
        data=payload(draft, reply, starts, examples),
        height="content",
        on_network_change=changed,
        on_start_change=started,
        on_opened_change=opened,
    )


def read_sent(value: object) -> Sent | None:
    """A change as the browser sent it; None for anything else: a browser may send anything."""
    if not isinstance(value, dict) or value.keys() != {"revision", "settled", "title", "layers"}:
        return None
    title, revision = value["title"], value["revision"]
    if not isinstance(title, str) or not received.is_place(revision, 10**9) or not isinstance(value["settled"], bool):
        return None
    try:
        draft = read_draft(title, value["layers"])
    except ValueError:
        return None
    return Sent(draft, revision, value["settled"])


def read_draft(title: str, layers: object) -> Draft:
    """Raises ValueError with a sentence where the layers cannot be read."""
    found = () if layers == [] else networks.from_json({"title": _STAND_IN, "layers": layers}).layers
    return Draft(title[:LONGEST_TITLE], found)


def read_file(text: str) -> Network:
    """A network as a file has it. Raises ValueError with a sentence."""
    if len(text) > LONGEST_FILE:
        raise ValueError(f"The file has more than {LONGEST_FILE:,} characters; a network's file has some thousand.")
    try:
        value = parse_json(text)
    except ValueError:
        raise ValueError(
            'The file is not JSON, as a network is saved. Choose one that was saved here, {"title": …, "layers": …}.'
        ) from None
    return networks.from_json(value)


def payload(
    draft: Draft, reply: Reply, starts: Sequence[tuple[str, dict[str, str]]], examples: dict[str, str]
) -> dict[str, Any]:
    """What the browser is sent, ready for JSON."""
    described = describe(draft.network)
    listed = [_described(one, layer_fixes.fixes(draft.layers, described, place)) for place, one in enumerate(described)]
    counted = described[:-1] if draft.layers and draft.layers[-1].kind == "radial_basis" else described
    return {
        "session": browser_tab.mark(),
        **dataclasses.asdict(reply),
        "network": networks.to_json(draft.network),
        "described": listed,
        "totals": {
            "parameters": sum(one.parameters for one in counted),
            "macs": sum(one.macs for one in counted),
        },
        "title_problem": title_problem(draft.title),
        "starts": [{"word": word, "options": _options(options)} for word, options in starts],
        "examples": _options(examples),
        "most": MOST_LAYERS,
        "longest": LONGEST_TITLE,
        "terms": {
            "gives": "Rows, columns and channels of the picture that it makes, or the units of a list.",
            "parameters": glossary.term("Parameters"),
            "macs": glossary.term("MACs"),
            "receptive_field": glossary.term("Receptive field"),
        },
    } | layer_words.FACTS


def title_problem(title: str) -> str:
    """Why a network cannot be called so; "" where it can."""
    try:
        networks.check_title(title)
    except ValueError as error:
        return str(error)
    return ""


def _options(words: dict[str, str]) -> list[dict[str, str]]:
    return [{"value": value, "word": word} for value, word in words.items()]


def _described(one: Described, fixes: list[layer_fixes.Fix]) -> dict[str, Any]:
    seen = one.receptive_field
    return {
        "shape": list(one.shape),
        "parameters": one.parameters,
        "macs": one.macs,
        "sees": None if seen is None else f"{seen}\u2009×\u2009{seen}",
        "problem": one.problem,
        "fixes": [_fix(fix) for fix in fixes],
    }


def _fix(fix: layer_fixes.Fix) -> dict[str, Any]:
    layer = networks.to_json(Network("", (fix.layer,)))["layers"][0] if fix.layer else None
    return {"label": fix.label, "do": fix.do, "place": fix.place, "to": fix.to, "layer": layer}
