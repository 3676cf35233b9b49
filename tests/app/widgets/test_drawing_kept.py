"""A drawing is kept as soon as it arrives, also where the page that comes then has no canvas.

Run: python -m pytest tests/app/widgets/test_drawing_kept.py
"""

from types import SimpleNamespace

from fmnist_ui import received
from fmnist_ui.widgets import drawing


def test_what_arrives_is_kept_before_the_script_and_what_is_no_drawing_is_not(monkeypatch):
    session: dict[str, object] = {}
    monkeypatch.setattr(drawing, "st", SimpleNamespace(session_state=session))
    sent = [{"width": 0.06, "erase": False, "points": [0.1, 0.2]}]
    monkeypatch.setattr(received, "sent", lambda key, name: sent)
    drawing._keep("canvas")
    assert session["canvas-kept"] == drawing.strokes_of(sent)
    sent = [{"width": "wide"}]
    drawing._keep("canvas")
    assert session["canvas-kept"] == (drawing.Stroke(0.06, False, (0.1, 0.2)),)
