"""deploy/nginx.conf with this machine's nginx, before two web processes and a worker as deploy/server.sh starts them.

Run: python -m pytest tests/browser/test_proxy.py --slow
"""

import json
import os
import re
import shutil
import signal
import ssl
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import psutil
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, Response, expect

from fmnist_ui.visitor import COOKIE
from tests.browser.serving import ROOT, Server, free_port, wait_until_healthy
from tests.browser.test_broken_session import draw, has_drawing
from tests.browser.waiting import settle

NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(NGINX is None, reason="These tests need nginx: apt install nginx"),
]
PATH = "/fashion/"
MEGABYTE = 2**20
FRAME = """
daemon off; pid {folder}/nginx.pid; error_log stderr crit; worker_processes 1; {user}
events {{ worker_connections 512; }}
http {{
    include {types};
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
    {rest}
}}
"""
# Proxies of others: one that takes the prefix away, in front of a web process that knows of none; one with nginx' own
# limit of uploads.
OTHERS = """
map $http_upgrade $upgraded {{ default upgrade; "" ""; }}
server {{
    listen {strips};
    proxy_http_version 1.1;
    proxy_set_header Host $http_host;
    proxy_set_header Upgrade $http_upgrade;
    proxy_set_header Connection $upgraded;
    location = /lab {{ return 301 $scheme://$http_host/lab/; }}
    location /lab/ {{ client_max_body_size 1m; proxy_pass http://127.0.0.1:{plain}/; }}
}}
"""


class Deployed:
    """What stands for a demo on a server: its processes, and where each of them answers."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.runs = folder, folder / "data" / "runs"
        self.web: list[Server] = []
        self.worker: subprocess.Popen[bytes]
        self.running: list[subprocess.Popen[bytes]] = []
        self.port, self.strips, self.tls = free_port(), free_port(), free_port()
        self.url = f"http://localhost:{self.port}{PATH.rstrip('/')}"
        self.stripped = f"http://localhost:{self.strips}/lab"

    def start(self, command: list[str], log: Path, **environment: str) -> subprocess.Popen[bytes]:
        variables = {**os.environ, "FMNIST_RUNS": str(self.runs), "FMNIST_MEASURE": "no", **environment}
        variables.pop("PYTHONPATH", None)
        with log.open("wb") as output:
            process = subprocess.Popen(
                command, cwd=self.folder, env=variables, stdout=output, stderr=output, start_new_session=True
            )
        self.running.append(process)
        return process

    def start_web(self, path: str) -> Server:
        port, log = free_port(), self.folder / f"web-{len(self.web)}.txt"
        settings = {"FMNIST_PORT": str(port), "FMNIST_PATH": path, "FMNIST_WORKER": "elsewhere"}
        process = self.start([str(ROOT / "deploy" / "server.sh"), "web"], log, **settings)
        self.web.append(Server(f"http://localhost:{port}{path.rstrip('/')}", self.runs, log, process))
        return self.web[-1]

    def start_proxy(self) -> None:
        ports = [re.findall(r":(\d+)", one.url)[0] for one in self.web]
        filled = {
            "FMNIST_WEB": "".join(f"server 127.0.0.1:{port};" for port in ports[:2]),
            "FMNIST_PATH": PATH,
            "FMNIST_LISTEN": str(self.port),
        }
        ours = re.sub(r"\$\{(FMNIST_\w+)\}", lambda found: filled[found[1]], (ROOT / "deploy/nginx.conf").read_text())
        ours = ours.replace("/etc/nginx/tls", str(self.tls_folder()))
        others = OTHERS.format(strips=self.strips, plain=ports[2])
        frame = FRAME.format(
            folder=self.folder,
            user="user root;" if os.getuid() == 0 else "",
            types="/etc/nginx/mime.types",
            rest=ours + others,
        )
        (self.folder / "nginx.conf").write_text(frame)
        assert NGINX
        self.start([NGINX, "-p", str(self.folder), "-c", str(self.folder / "nginx.conf")], self.folder / "nginx.txt")

    def tls_folder(self) -> Path:
        """With a certificate of its own, and the example as it ships."""
        folder = self.folder / "tls"
        folder.mkdir()
        made = ["-keyout", str(folder / "privkey.pem"), "-out", str(folder / "fullchain.pem")]
        options = ["-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
        subprocess.run(["openssl", "req", *options, *made], check=True, capture_output=True)
        example = (ROOT / "deploy" / "tls" / "listen.conf.example").read_text()
        listen = example.replace("8443", str(self.tls)).replace("/etc/nginx/tls", str(folder))
        (folder / "listen.conf").write_text(listen)
        return folder

    def stop(self) -> None:
        for process in reversed(self.running):
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGTERM)
                process.wait(timeout=30)


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    made = Deployed(tmp_path_factory.mktemp("deployed"))
    try:
        for path in (PATH, PATH, "/"):
            made.start_web(path)
        for one in made.web:
            wait_until_healthy(one)
        made.worker = made.start([str(ROOT / "deploy" / "server.sh"), "worker"], made.folder / "worker.txt")
        made.start_proxy()
        wait_until_healthy(Server(made.url, made.runs, made.folder / "nginx.txt", made.running[-1]))
        yield made
    finally:
        made.stop()


@pytest.fixture
def visit(browser: Browser) -> Iterator[Callable[[str], Page]]:
    """visit(ADDRESS): a page of a new visitor, in which every answer of a server that is an error is noted."""
    contexts = []

    def open_page(address: str) -> Page:
        context = browser.new_context(viewport={"width": 1440, "height": 900}, reduced_motion="reduce")
        contexts.append(context)
        page = context.new_page()
        page.failed = []  # type: ignore[attr-defined]
        page.on("response", lambda answer: _note(page, answer))
        page.on("pageerror", lambda error: page.failed.append(str(error)))  # type: ignore[attr-defined]
        page.goto(address)
        settle(page)
        return page

    yield open_page
    for context in contexts:
        context.close()


def _note(page: Page, answer: Response) -> None:
    if answer.status >= 400:
        page.failed.append(f"{answer.status} {answer.url}")  # type: ignore[attr-defined]


def failures(page: Page) -> list[str]:
    """What was not served. Streamlit looks for its server below the page's own address first, in vain."""
    found: list[str] = page.failed  # type: ignore[attr-defined]
    probe = re.compile(r"404 .*/[a-z]+/_stcore/(health|host-config)$")
    return [one for one in found if not probe.match(one)]


def fetched(address: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
    """What a server answers: status, headers in small letters, content."""
    unchecked = ssl._create_unverified_context()  # the certificate is its own
    try:
        with urllib.request.urlopen(urllib.request.Request(address, headers=headers), context=unchecked) as answer:
            return answer.status, {key.lower(): value for key, value in answer.headers.items()}, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, {key.lower(): value for key, value in error.headers.items()}, error.read()


@pytest.mark.parametrize("way", ["kept", "kept, no slash", "stripped", "stripped, no slash"])
def test_a_page_below_a_path_is_whole(deployed: Deployed, visit, way: str):
    base = deployed.stripped if "stripped" in way else deployed.url
    page = visit(base if "no slash" in way else f"{base}/")
    assert page.url == f"{base}/"
    assert page.evaluate("document.fonts.check('16px Inter')")
    assert page.evaluate("[...document.fonts].some((one) => one.family.includes('Inter') && one.status === 'loaded')")
    page.get_by_role("link", name="Map").first.click()
    with page.expect_response(lambda answer: "/app/static/" in answer.url and ".woff2" not in answer.url) as sheet:
        page.goto(f"{base}/map")
    assert sheet.value.ok  # the sprites
    settle(page)
    page.goto(f"{base}/evaluate")
    expect(page.locator("[data-testid^=stBidiComponent]").first).to_be_attached()
    settle(page)
    assert failures(page) == []
    (path,) = (one["path"] for one in page.context.cookies() if one["name"] == COOKIE)
    assert path == ("/" if "stripped" in way else PATH.rstrip("/"))  # the rest of the site learns no secret


def test_embedding_survives_another_page(deployed: Deployed, visit):
    page = visit(f"{deployed.url}/?embed=true")
    for name in ("Data", "Train"):
        page.locator(f'[data-testid=stPageLink-NavLink]:has-text("{name}"), a[href*="{name.lower()}"]').first.click()
        page.wait_for_url(f"**/{name.lower()}?*embed=true*")
        settle(page)
    assert failures(page) == []
    page = visit(f"{deployed.url}/models?embed=true")
    assert "embed=true" in page.url


def test_fifteen_megabytes_arrive_and_what_a_proxy_refuses_is_said(deployed: Deployed, visit, tmp_path):
    noise = np.random.default_rng(0).integers(0, 255, (2200, 2400, 3), dtype=np.uint8)
    Image.fromarray(noise).save(tmp_path / "large.bmp")
    assert (tmp_path / "large.bmp").stat().st_size > 15 * MEGABYTE
    page = visit(f"{deployed.url}/predict?way=upload")
    page.locator("input[type=file]").set_input_files(tmp_path / "large.bmp")
    expect(page.get_by_text("Drop a photo of one garment")).to_have_count(0)
    expect(page.get_by_test_id("stFileChipIconError")).to_have_count(0)
    settle(page)
    assert failures(page) == []

    page = visit(
        f"{deployed.stripped}/predict?way=upload"
    )  # behind a proxy that lets 1 MB through, as nginx does by itself
    page.locator("input[type=file]").set_input_files(tmp_path / "large.bmp")
    expect(page.get_by_test_id("stFileUploader")).to_have_attribute("data-refused", re.compile("larger than the way"))


def test_static_files_are_packed_and_private_ones_are_not_there(deployed: Deployed):
    status, headers, content = fetched(f"{deployed.url}/")
    assert status == 200 and "fmnist_web=" in headers["set-cookie"]
    script = re.search(rb'src="([^"]+\.js)"', content)
    assert script
    file = script[1].decode().removeprefix("./").removeprefix(PATH)
    status, headers, packed = fetched(f"{deployed.url}/{file}", **{"Accept-Encoding": "gzip"})
    assert status == 200 and headers["content-encoding"] == "gzip" and packed[:2] == b"\x1f\x8b"
    for private in ("metrics", "agent/schema", "script-health-check"):
        assert fetched(f"{deployed.url}/_stcore/{private}")[0] == 404
    assert fetched(f"{deployed.web[0].url}/_stcore/metrics")[0] == 200  # so it is the proxy that hides it
    status, headers, _ = fetched(f"https://localhost:{deployed.tls}{PATH}")
    assert status == 200 and headers["set-cookie"].endswith("; Secure")


# As a network does that lets none through.
WITHOUT_WEBSOCKETS = """WebSocket = class extends EventTarget {
    constructor() { super(); setTimeout(() => this.dispatchEvent(new CloseEvent("close", { code: 1006 }))); }
    close() {}
    send() {}
}"""


def test_where_no_websockets_pass_the_empty_page_says_so(deployed: Deployed, browser: Browser):
    context = browser.new_context()
    page = context.new_page()
    page.add_init_script(WITHOUT_WEBSOCKETS)
    page.goto(f"{deployed.url}/evaluate")
    expect(page.get_by_role("alert")).to_contain_text("lets no WebSockets through")
    context.close()


def serving(deployed: Deployed) -> list[Server]:
    """The web processes behind the proxy with an open page: nginx keeps no other connection to them."""
    of = {int(re.findall(r":(\d+)", one.url)[0]): one for one in deployed.web[:2]}
    open_now = [one for one in psutil.net_connections("tcp") if one.status == psutil.CONN_ESTABLISHED and one.laddr]
    return [of[port] for port in {one.laddr.port for one in open_now} & of.keys()]


def until(holds: Callable[[], object], what: str, seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"It never came true that {what}."
        time.sleep(0.2)


def state_of(deployed: Deployed, run_id: str) -> str:
    return str(json.loads((deployed.runs / run_id / "status.json").read_text())["state"])


def test_a_worker_trains_and_visitors_of_a_killed_process_come_back(deployed: Deployed, visit):
    """The last of this file: one web process is gone after it."""
    page = visit(f"{deployed.url}/predict?way=draw")
    draw(page)
    page.goto(f"{deployed.url}/train?model=simple_nn")
    page.get_by_role("button", name="Start training").click()
    page.wait_for_url(re.compile(r"[?&]run="))
    run_id = re.findall(r"[?&]run=([^&]+)", page.url)[0]
    until(lambda: state_of(deployed, run_id) == "running", "the training runs")
    assert psutil.Process(deployed.worker.pid).children()
    assert not any(psutil.Process(one.process.pid).children() for one in deployed.web)

    until(lambda: len(serving(deployed)) == 1, "one web process serves the only page")
    (killed,) = serving(deployed)
    os.killpg(killed.process.pid, signal.SIGKILL)
    killed.process.wait()
    until(lambda: [one for one in serving(deployed) if one != killed], "the page connects to the other one by itself")
    settle(page)
    expect(page.get_by_text("There is no run")).to_have_count(0)
    assert run_id in page.url
    until(lambda: state_of(deployed, run_id) == "done", "the training ends")
    page.goto(f"{deployed.url}/models?table=runs&run={run_id}")
    expect(page.get_by_role("button", name="Name and note")).to_be_visible()  # for its owner alone
    page.goto(f"{deployed.url}/predict?way=draw")
    has_drawing(page)

    stranger = visit(f"{deployed.url}/train?run={run_id}")
    expect(stranger.get_by_text("There is no run")).to_be_visible()

    other = next(one for one in deployed.web[:2] if one != killed)
    os.killpg(other.process.pid, signal.SIGKILL)
    status, _, content = fetched(f"{deployed.url}/")
    assert status == 503 and b"asks again every ten seconds" in content
    logs = "".join(file.read_text() for file in deployed.folder.glob("*.txt"))
    assert "127.0.0.1 - " not in logs and "client:" not in logs  # nobody's address is written down
