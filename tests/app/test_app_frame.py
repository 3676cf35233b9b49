"""The frame around the pages: from wherever it is started, and what the server tells of itself.

Run: python -m pytest tests/app/test_app_frame.py
"""

from streamlit import error_util, net_util
from streamlit.runtime.stats import StatsManager
from streamlit.testing.v1 import AppTest

from fmnist_core.storage import folders
from fmnist_ui import frame, parts

WORD_ERRORS = frame.word_errors  # the tests of pages switch it off: see conftest.py


class Caches:
    stats_families = ("cache_memory_bytes",)

    def get_stats(self, family_names=None):
        return {"cache_memory_bytes": ["what somebody looks at"]}


def test_it_starts_from_any_folder_and_tells_nobody_what_is_looked_at(tmp_path, monkeypatch):
    for name in ("registered_families", "get_stats"):
        monkeypatch.setattr(StatsManager, name, getattr(StatsManager, name))
    monkeypatch.chdir(tmp_path)
    app = AppTest.from_file(folders.PROJECT / "app.py", default_timeout=60).run()
    assert not app.exception and len(app.title) == 1
    assert net_util.get_external_ip() is None  # without asking a site of another's
    manager = StatsManager()
    manager.register_provider(Caches())
    assert not manager.registered_families()
    assert not manager.get_stats() and not manager.get_stats(["cache_memory_bytes"])


def test_an_error_that_nobody_foresaw_is_said_in_our_words(monkeypatch):
    def fail(title: str, sentence: str) -> None:
        raise KeyError("a word of the inside")

    monkeypatch.setattr(error_util, "show_uncaught_app_exception", error_util.show_uncaught_app_exception)
    WORD_ERRORS()
    app = AppTest.from_file(folders.PROJECT / "app.py", default_timeout=60).run()
    monkeypatch.setattr(parts, "header", fail)
    app.switch_page("pages/data.py").run()
    assert "that nobody foresaw" in app.error[0].value and not app.exception
