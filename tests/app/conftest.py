"""What the tests of pages share: Streamlit's own search for components, made once."""

from collections.abc import Iterator

import pytest
from streamlit.components.v2 import manifest_scanner

from fmnist_core.demo import upkeep
from fmnist_ui import memory, visitor


@pytest.fixture(scope="session", autouse=True)
def _components_found_once() -> Iterator[None]:
    """AppTest reads what every installed package says of itself at each run of a page: more than half of its time."""
    found = manifest_scanner.scan_component_manifests()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(manifest_scanner, "scan_component_manifests", lambda: found)
        yield


@pytest.fixture(scope="session", autouse=True)
def _at_the_machine_and_alone() -> Iterator[None]:
    """AppTest says neither address nor headers of a browser; most pages are opened by who owns all."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(visitor, "at_the_machine", lambda: True)
        patch.setattr(memory, "keep", lambda prepare: None)
        patch.setattr(upkeep, "start", lambda open_pages: None)  # no job starts but by what a test does
        yield
