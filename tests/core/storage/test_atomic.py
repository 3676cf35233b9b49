"""A file is replaced in one step, whoever writes it at the same time.

Run: python -m pytest tests/core/storage/test_atomic.py
"""

import os
import threading
from pathlib import Path

import pytest

from fmnist_core.storage.atomic import KEPT_HALF_MADE, replacing, sweep_half_made

LENGTH = 200_000


def test_threads_that_write_one_file_tear_nothing(tmp_path):
    file, errors, begin = tmp_path / "status.json", [], threading.Barrier(5)
    file.write_text("0" * LENGTH)

    def write(letter: str) -> None:
        try:
            begin.wait()
            for _ in range(60):
                with replacing(file) as temporary:
                    temporary.write_text(letter * LENGTH)
        except OSError as error:
            errors.append(error)

    def read() -> None:
        begin.wait()
        for _ in range(200):
            text = file.read_text()
            if len(text) != LENGTH or len(set(text)) != 1:
                errors.append(text[:20])

    threads = [threading.Thread(target=write, args=(letter,)) for letter in "1234"] + [threading.Thread(target=read)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors and [path.name for path in tmp_path.iterdir()] == ["status.json"]


def test_what_fails_leaves_the_old_file_and_nothing_else(tmp_path):
    file: Path = tmp_path / "status.json"
    file.write_text("old")
    with pytest.raises(KeyboardInterrupt), replacing(file) as temporary:
        temporary.write_text("half")
        raise KeyboardInterrupt
    assert file.read_text() == "old" and list(tmp_path.iterdir()) == [file]


def test_folders_that_were_never_whole_go_after_an_hour(tmp_path):
    old, young, another = (tmp_path / name for name in (".making-old", ".making-young", "kept"))
    for folder in (old, young, another):
        folder.mkdir()
        (folder / "1.webp").touch()
    hour_ago = young.stat().st_mtime - KEPT_HALF_MADE - 60
    for folder in (old, another):
        os.utime(folder, (hour_ago, hour_ago))
    sweep_half_made(tmp_path, ".making-*")
    assert not old.exists() and young.exists() and another.exists()
