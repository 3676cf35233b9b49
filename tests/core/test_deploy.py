"""What Docker would do, without it: deploy/install.sh in a bare Debian, then the demo in it, which cannot be written.

Run: python -m pytest tests/core/test_deploy.py --slow       (minutes: it installs two gigabytes)
"""

import dataclasses
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from fmnist_core.demo import limits
from fmnist_ui.frame import PAGES
from tests.browser.serving import ROOT, free_port

DEPLOY = ROOT / "deploy"
MOUNTS = """
mount --bind {root} {root}
mount --bind {root}/data {root}/data
mount --bind /dev {root}/dev
mount -t proc proc {root}/proc
mount -t tmpfs tmpfs {root}/tmp
"""
READ_ONLY = "mount -o remount,bind,ro {root}\n"


def inside(root: Path, command: str, *, as_root: bool = False, **environment: str) -> list[str]:
    """A command in the Debian of that folder, with a /tmp of its own; what is no root can write to /data alone."""
    mounts = MOUNTS + ("" if as_root else READ_ONLY)
    user = "root:root" if as_root else "fmnist:fmnist"
    variables = " ".join(
        f"{name}={value}" for name, value in {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", **environment}.items()
    )
    script = f"set -eu\n{mounts}\nexec chroot --userspec={user} {{root}} env -i {variables} sh -c '{command}'"
    return ["unshare", "--mount", "sh", "-c", script.format(root=root)]


@pytest.fixture(scope="module")
def debian(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bare Debian with the files that Docker would copy."""
    if os.geteuid() or not shutil.which("mmdebstrap"):
        pytest.skip("This test needs root and mmdebstrap: apt install mmdebstrap")
    if subprocess.run(["unshare", "--mount", "true"], check=False).returncode:
        pytest.skip("This test needs mounts of its own, which this machine does not allow.")
    root = tmp_path_factory.mktemp("debian") / "root"
    subprocess.run(["mmdebstrap", "--quiet", "--variant=minbase", "bookworm", str(root)], check=True)
    for kept in re.findall(r"^!(.+)$", (DEPLOY / "Dockerfile.dockerignore").read_text(), re.MULTILINE):
        source, target = ROOT / kept, root / "app" / kept
        target.parent.mkdir(exist_ok=True)
        shutil.copytree(source, target) if source.is_dir() else shutil.copy(source, target)
    (root / "data").mkdir()
    shutil.copy("/etc/resolv.conf", root / "etc/resolv.conf")
    shutil.copy("/etc/ssl/certs/ca-certificates.crt", root / "certificates.crt")
    return root


@pytest.mark.slow
def test_the_demo_runs_in_a_bare_debian_that_it_cannot_write(debian: Path):
    installing = {"PIP_CERT": "/certificates.crt", "PIP_NO_CACHE_DIR": "1", "HOME": "/root"}
    subprocess.run(inside(debian, "/app/deploy/install.sh /data", as_root=True, **installing), check=True)
    refused = subprocess.run(inside(debian, "touch /app/x"), capture_output=True, text=True, check=False)
    assert "Read-only" in refused.stderr or "denied" in refused.stderr

    port = str(free_port())
    settings = {"FMNIST_RUNS": "/data/runs", "FMNIST_PORT": port, "FMNIST_WORKER": "elsewhere"}
    web = subprocess.Popen(inside(debian, "exec /app/deploy/server.sh web", **settings), start_new_session=True)
    try:
        asked = inside(debian, "cd /app; exec .venv/bin/python deploy/healthy.py", FMNIST_PORT=port)
        deadline = time.monotonic() + 60
        while subprocess.run(asked, check=False).returncode:  # as Docker asks
            assert time.monotonic() < deadline and web.poll() is None
            time.sleep(0.5)
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/") as page:
            assert b"<html" in page.read()
        training = ".venv/bin/python -m fmnist_core train simple_nn --stage 1 --images 2000"
        command = f"cd /app; HOME=/data/cache exec {training}"
        subprocess.run(inside(debian, command, FMNIST_RUNS="/data/runs"), check=True, timeout=120)
    finally:
        os.killpg(web.pid, signal.SIGTERM)
        web.wait(timeout=30)
    (model,) = (debian / "data" / "runs").glob("simple_nn-*/model.onnx")
    assert model.stat().st_uid != 0


def test_settings_of_compose_are_read_and_explained():
    compose = (DEPLOY / "compose.yaml").read_text()
    manual = (ROOT / "docs" / "hosting.md").read_text()
    readers = "".join(file.read_text() for file in [*ROOT.glob("fmnist_core/**/*.py"), *DEPLOY.glob("*.*")])
    for name in set(re.findall(r"FMNIST_[A-Z_]+", compose)) - {"FMNIST_WEB", "FMNIST_LISTEN"}:  # of nginx.conf alone
        assert name in manual, name
    for name in set(re.findall(r"^ +(FMNIST_[A-Z_]+):", compose, re.MULTILINE)):  # what containers are told
        assert readers.count(name) > 1, name
    assert (
        "FMNIST_WORKER: elsewhere" in compose and "FMNIST_WORKER: here" in compose
    )  # pages start none, the worker does


def test_a_demo_has_every_limit_of_the_code_in_the_manual():
    manual = (ROOT / "docs" / "hosting.md").read_text()
    for name, value in dataclasses.asdict(limits.Limits()).items():
        assert f"| `{name}` | {value:,g} |" in manual, name


@pytest.mark.parametrize("name", ["server.sh", "install.sh"])
def test_scripts_are_plain_shell(name: str):
    assert os.access(DEPLOY / name, os.X_OK)
    subprocess.run(["sh", "-n", str(DEPLOY / name)], check=True)


IN_THE_IMAGE = """
import sys
from streamlit.testing.v1 import AppTest
app = AppTest.from_file("app.py", default_timeout=60).run()
for page in sys.argv[1:]:
    app.switch_page(f"pages/{page}").run()
    said = [one.value for one in app.error] + [str(one.value) for one in app.exception]
    assert len(app.title) == 1 and not said, (page, said)
"""


@pytest.mark.long
def test_every_page_opens_with_the_files_that_an_image_has(tmp_path, runs_folder):
    admitted = re.findall(r"^!(.+)$", (DEPLOY / "Dockerfile.dockerignore").read_text(), re.MULTILINE)
    for name in admitted:
        (tmp_path / "app" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "app" / name).symlink_to(ROOT / name)
    pages = [row.file for row in PAGES]
    command = [sys.executable, "-c", IN_THE_IMAGE, *pages]
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(command, cwd=tmp_path / "app", env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
