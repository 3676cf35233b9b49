"""The examples of classes that are taught, as the browser's tab keeps them for when the session breaks."""

import base64
import binascii
from typing import Any

import numpy as np
import streamlit as st

from fmnist_core.data import SIDE
from fmnist_ui import received
from fmnist_ui.predict.teach import taught_examples
from fmnist_ui.predict.teach.taught_examples import MOST_CLASSES, MOST_EXAMPLES, WAYS, Draft
from fmnist_ui.widgets import browser_tab

NAME = "teach"
HEAD_GONE = (
    "The connection broke, or the page was loaded again. Your examples are still here; what was taught from them is "
    "gone: teach it again."
)
_MOST_NUMBER = 2**31  # of drafts, and of additions to one


def keep(taught: bool) -> None:
    """taught: whether there is something that was taught from them, too, which does not come back."""
    drafts = taught_examples.drafts()
    begun = any(draft.pictures or draft.name for draft in drafts)
    browser_tab.keep(
        NAME, {"classes": [written(one) for one in drafts], "taught": taught} if begun else None, take_back
    )


def written(draft: Draft) -> dict[str, Any]:
    """As JSON has it, the pictures as base64."""
    return {
        "number": draft.number,
        "name": draft.name,
        "way": st.session_state.get(draft.key("way")),
        "added": draft.added,
        "pictures": base64.b64encode(b"".join(one.tobytes() for one in draft.pictures)).decode("ascii"),
        "left_out": sorted(draft.left_out),
    }


def take_back(kept: Any) -> None:
    """kept: untrusted. What does not fit is left out as a whole; so is what comes late, after other examples."""
    try:
        drafts = drafts_of(kept)
    except ValueError:
        received.drop()
        return
    if any(draft.pictures for draft in taught_examples.drafts()):
        return
    taught_examples.replace_drafts(drafts)
    for draft, one in zip(drafts, kept["classes"], strict=True):
        st.session_state[draft.key("name")] = draft.name
        if one.get("way") in tuple(WAYS):
            st.session_state[draft.key("way")] = one["way"]
    if kept.get("taught") is True:
        browser_tab.say_gone(NAME, HEAD_GONE)


def drafts_of(kept: Any) -> list[Draft]:
    """kept: untrusted. Raises ValueError: it is not what `keep` had kept."""
    classes = received.part(kept, "classes")
    if not isinstance(kept, dict) or not isinstance(classes, list) or not 1 <= len(classes) <= MOST_CLASSES:
        raise ValueError("Expected some classes.")
    drafts = [_draft_of(one) for one in classes]
    if len({draft.number for draft in drafts}) < len(drafts):
        raise ValueError("Expected a number for each class.")
    return drafts


def _draft_of(one: Any) -> Draft:
    if not isinstance(one, dict):
        raise ValueError("Expected a class.")
    number, added, name, left_out = (one.get(key) for key in ("number", "added", "name", "left_out"))
    pictures = _pictures_of(one.get("pictures"))
    if not received.is_place(number, _MOST_NUMBER) or not received.is_place(added, _MOST_NUMBER):
        raise ValueError("Expected whole numbers.")
    if not isinstance(name, str) or len(name) > taught_examples.LONGEST_NAME:
        raise ValueError("Expected a name.")
    if not isinstance(left_out, list) or not all(received.is_place(place, len(pictures)) for place in left_out):
        raise ValueError("Expected places of pictures.")
    return Draft(number, name, pictures, set(left_out), added=added)


def _pictures_of(text: Any) -> list[np.ndarray]:
    """Each (28, 28) uint8."""
    size = SIDE * SIDE
    if not isinstance(text, str) or len(text) > 4 * (MOST_EXAMPLES * size // 3 + 1):
        raise ValueError("Expected pictures.")
    try:
        content = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("Expected pictures as base64.") from None
    if len(content) % size:
        raise ValueError("Expected whole pictures.")
    return list(np.frombuffer(content, np.uint8).reshape(-1, SIDE, SIDE).copy())
