"""Run: python -m pytest tests/core/inference/test_telemetry.py"""

import os
import subprocess
import sys

from tests.tiny import shipped_run

LOAD = """
import sys
from pathlib import Path
import fmnist_core, onnxruntime
onnxruntime.InferenceSession(Path(sys.argv[1]).read_bytes(), providers=["CPUExecutionProvider"])
"""


def test_nothing_is_collected_for_microsoft(tmp_path):
    """ONNX Runtime would keep a number of this machine and a queue of events below the home folder, and send them."""
    home = {"HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path)}
    model = str(shipped_run("simple_nn").folder / "model.onnx")
    variables = {key: value for key, value in os.environ.items() if key != "ORT_DISABLE_TELEMETRY"}
    subprocess.run([sys.executable, "-c", LOAD, model], env=variables | home, check=True)
    assert not list(tmp_path.rglob("*onnxruntime*"))
