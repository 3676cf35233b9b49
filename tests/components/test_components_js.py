"""The arithmetic of the JavaScript components, tested by Node's own runner in *.test.mjs; and how files are joined.

Run: python -m pytest tests/components
"""

import subprocess
from pathlib import Path

import pytest
from playwright._impl._driver import compute_driver_executable

from fmnist_ui import frame
from fmnist_ui.evaluate import replay_panel
from fmnist_ui.javascript import one_module
from fmnist_ui.networks import network_builder
from fmnist_ui.predict import live_camera
from fmnist_ui.widgets import browser_tab, curve_chart, drawing, inside_view, matrix, sprite_map

NODE = compute_driver_executable()[0]  # Playwright brings one along: nothing else needs to be installed
FILES = sorted(Path(__file__).parent.glob("*.test.mjs"))
JOINED = {
    "frame": (frame.SOURCES, frame.MODULES),
    "builder": (network_builder.SOURCES, network_builder.MODULES),
    "camera": (live_camera.SOURCES, ("index",)),
    "draw": (drawing.SOURCES, drawing.MODULES),
    "tab": (browser_tab.SOURCES, browser_tab.MODULES),
    "sprite_map": (sprite_map.SOURCES, sprite_map.MODULES),
    "curve_chart": (curve_chart.SOURCES, curve_chart.MODULES),
    "matrix": (matrix._COMPONENTS, ("matrix_colours", "matrix_parts", "matrix_scale", "matrix")),
    "inside": (inside_view.SOURCES, inside_view.MODULES),
    "replay": (replay_panel.SOURCES, replay_panel.MODULES),
}


def run_node(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([NODE, *map(str, arguments)], capture_output=True, text=True, check=False)


@pytest.mark.some(2)
@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_arithmetic(file):
    answer = run_node("--test", "--test-reporter=tap", file)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    passed = next(line for line in answer.stdout.splitlines() if line.startswith("# pass "))
    assert int(passed.split()[-1]) == file.read_text(encoding="utf-8").count("\ntest(")


@pytest.mark.parametrize("name", JOINED)
def test_joined_files_are_one_module_without_imports(tmp_path, name):
    text = one_module(*JOINED[name])
    joined = tmp_path / "joined.mjs"
    joined.write_text(text, encoding="utf-8")
    answer = run_node("--check", joined)
    assert answer.returncode == 0, answer.stderr
    assert text.count("export default") == 1 and "\nimport" not in text


def test_an_import_of_several_lines_goes_and_what_it_brought_stays(tmp_path):
    (tmp_path / "first.js").write_text("export const one = 1;\nexport const two = 2;\n", encoding="utf-8")
    (tmp_path / "index.js").write_text(
        'import {\n  one,\n  two,\n} from "./first.js";\nimport * as all from "./first.js";\n'
        "const important = one;\nexport default () => important + two;\n",
        encoding="utf-8",
    )
    joined = tmp_path / "joined.mjs"
    joined.write_text(one_module(tmp_path, ("first", "index")) + "\n", encoding="utf-8")
    use = tmp_path / "use.mjs"
    use.write_text('import sum from "./joined.mjs";\nconsole.log(sum());\n', encoding="utf-8")
    assert run_node(use).stdout == "3\n"
