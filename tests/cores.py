"""Which cores the processes use that share the tests; to be imported before NumPy and TensorFlow are.

Linear algebra, TensorFlow and ONNX Runtime start a thread a core, and these wait for each other by spinning: two
processes with two threads each on two cores take a fifth longer than with one each (tests/core), and single products
of matrices up to sixty times as long. How many threads there are is settled when the libraries are imported.
"""

import os
from pathlib import Path

_can = hasattr(os, "sched_setaffinity")
ALL = frozenset(os.sched_getaffinity(0)) if _can else frozenset[int]()
_NUMBER, _COUNT = (
    int(os.environ.get(name, alone).removeprefix("gw"))
    for name, alone in (("PYTEST_XDIST_WORKER", "gw0"), ("PYTEST_XDIST_WORKER_COUNT", "1"))
)
OWN = frozenset(sorted(ALL)[_NUMBER % max(1, len(ALL)) :: _COUNT])  # of this process; those of all are ALL


def run_on(cores: frozenset[int]) -> None:
    """Moves this process, all its threads and what it starts from now on."""
    for thread in Path("/proc/self/task").iterdir() if _can and cores else ():
        try:
            os.sched_setaffinity(int(thread.name), cores)
        except ProcessLookupError:  # it has just ended
            continue


run_on(OWN)
