"""What a container may use, by made trees of control groups of both versions.

Run: python -m pytest tests/core/test_container.py
"""

from pathlib import Path

import pytest

from fmnist_core import container, machine

GIGABYTE = 2**30
V2 = {
    "proc/self/cgroup": "0::/docker/abc\n",
    "sys/fs/cgroup/docker/abc/cpu.max": "150000 100000\n",
    "sys/fs/cgroup/docker/abc/memory.max": "max\n",
    "sys/fs/cgroup/docker/abc/memory.current": "300000000\n",
    "sys/fs/cgroup/docker/abc/memory.stat": "anon 1\ninactive_file 100000000\nactive_file 2\n",
    "sys/fs/cgroup/docker/cpu.max": "max 100000\n",
    "sys/fs/cgroup/docker/memory.max": f"{GIGABYTE}\n",  # of all around it
}
V1 = {
    "proc/self/cgroup": "12:memory:/docker/abc\n4:cpu,cpuacct:/docker/abc\n1:name=systemd:/docker/abc\n",
    "sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us": "50000\n",  # a container sees its own as the root
    "sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us": "100000\n",
    "sys/fs/cgroup/memory/memory.limit_in_bytes": f"{GIGABYTE}\n",
    "sys/fs/cgroup/memory/memory.usage_in_bytes": "500000000\n",
    "sys/fs/cgroup/memory/memory.stat": "inactive_file 7\ntotal_inactive_file 200000000\n",
}
FREE = {
    "proc/self/cgroup": "12:memory:/\n4:cpu,cpuacct:/\n0::/\n",
    "sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us": "-1\n",
    "sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us": "100000\n",
    "sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
}


def tree(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


@pytest.mark.parametrize(
    ("files", "cores", "memory", "used"),
    [
        (V2, 1.5, GIGABYTE, 200_000_000),
        (V1, 0.5, GIGABYTE, 300_000_000),
        (FREE, None, None, None),
        ({}, None, None, None),
    ],
)
def test_limits_of_a_container_are_found(tmp_path, files, cores, memory, used):
    root = tree(tmp_path, files)
    assert (container.cores(root), container.memory(root), container.memory_used(root)) == (cores, memory, used)


@pytest.mark.parametrize("text", ["", "max", "abc 100000", "100000", "-1 100000", "1 0", "\x00"])
def test_what_cannot_be_read_limits_nothing(tmp_path, text):
    assert container.cores(tree(tmp_path, {"proc/self/cgroup": "0::/\n", "sys/fs/cgroup/cpu.max": text})) is None


def test_libraries_start_no_more_threads_than_a_container_has_cores(monkeypatch):
    monkeypatch.setattr(container, "threads", lambda: None)
    free, found = machine.thread_environment(), machine.cores()
    monkeypatch.setattr(container, "threads", lambda: 1)
    assert free == {} and found >= 1 and machine.cores() == 1
    assert machine.thread_environment()["TF_NUM_INTRAOP_THREADS"] == "1"
