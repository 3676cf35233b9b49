"""Where a class finds this machine, and the code that its phones read.

Run: python -m pytest tests/core/room/test_addresses.py
"""

import re
import socket
from collections import namedtuple

import cv2
import numpy as np
import psutil
import pytest

from fmnist_core.room import addresses

Address = namedtuple("Address", "family address")
State = namedtuple("State", "isup")
CARDS = {
    "lo": "127.0.0.1",
    "docker0": "172.17.0.1",
    "br-8f3a": "172.18.0.1",
    "veth12": "172.19.0.1",
    "tun0": "10.8.0.2",
    "vEthernet (WSL)": "172.20.0.1",
    "eth9": "192.168.9.9",  # down
    "eth1": "169.254.7.7",
    "Aether": "203.1.113.9",
    "wlan0": "192.168.1.20",
    "Wi-Fi": "192.168.1.21",
    "eth0": "10.0.0.7",
}


@pytest.fixture
def cards(monkeypatch):
    other = [Address(socket.AF_INET6, "2a01:4f8::7")]
    monkeypatch.setattr(
        psutil, "net_if_addrs", lambda: {name: [*other, Address(socket.AF_INET, one)] for name, one in CARDS.items()}
    )
    monkeypatch.setattr(psutil, "net_if_stats", lambda: {name: State(name != "eth9") for name in CARDS})
    monkeypatch.setattr(addresses, "_outward_address", lambda: "192.168.1.20")
    monkeypatch.setattr(addresses, "_local_name", lambda: "")


def test_only_what_a_class_reaches_and_the_likeliest_first(cards):
    assert addresses.local_addresses() == ["192.168.1.20", "192.168.1.21", "10.0.0.7", "203.1.113.9"]


def test_a_name_comes_last_and_only_where_something_answers_to_it(cards, monkeypatch):
    monkeypatch.undo()
    monkeypatch.setattr(addresses.platform, "system", lambda: "Darwin")
    for host, name in (("Mac-of-Ada.local", "mac-of-ada.local"), ("x<y", ""), ("", "")):
        monkeypatch.setattr(socket, "gethostname", lambda host=host: host)
        assert addresses._local_name() == name
    monkeypatch.setattr(addresses.platform, "system", lambda: "Linux")
    monkeypatch.setattr(addresses, "_AVAHI", "/nowhere")
    monkeypatch.setattr(socket, "gethostname", lambda: "host")
    assert addresses._local_name() == ""


def test_on_this_machine_it_finds_something_or_nothing_and_sends_nothing():
    found = addresses.local_addresses()
    assert all(not one.startswith(("127.", "169.254.")) for one in found) and len(set(found)) == len(found)


@pytest.mark.parametrize("address", ["http://192.168.1.20:8501/join?room=BCDF", "https://x.example/" + "a" * 232])
def test_a_camera_reads_the_code(address):
    svg = addresses.qr_svg(address)
    picture = cv2.resize(_drawn(svg), None, fx=8, fy=8, interpolation=cv2.INTER_NEAREST)
    assert cv2.QRCodeDetector().detectAndDecode(picture)[0] == address


def _drawn(svg: str) -> np.ndarray:
    """(n, n) uint8 of the svg's one path of horizontal strokes on its white ground; what is not painted is gray."""
    size = int(re.search(r'viewBox="0 0 (\d+) \1"', svg)[1])
    picture = np.full((size, size), 30, np.uint8)  # a dark page
    if re.search(rf'<path fill="#fff" d="M0 0h{size}v{size}h-{size}z"/>', svg):
        picture[:] = 255
    strokes = re.search(r'stroke="#000"[^>]* d="([^"]+)"', svg)[1]
    x = y = 0.0
    for command, numbers in re.findall(r"([Mmh])([-\d. ]+)", strokes):
        values = [float(value) for value in re.findall(r"-?\d*\.?\d+", numbers)]
        if command == "h":
            picture[int(y), int(x) : int(x + values[0])] = 0
            x += values[0]
        else:
            x, y = values if command == "M" else (x + values[0], y + values[1])
    return picture


def test_it_takes_the_width_it_is_given_and_has_its_quiet_zone():
    svg = addresses.qr_svg("http://192.168.1.20:8501/join")
    assert "width=" not in svg.replace("stroke-width=", "") and svg.startswith("<svg")
    drawn = _drawn(svg)
    edge = addresses.QUIET_ZONE
    assert drawn[:edge].min() == drawn[:, -edge:].min() == 255 and drawn[edge, edge] == 0


@pytest.mark.parametrize("address", ["", "x" * 251])
def test_what_makes_no_code_to_scan_is_said(address):
    with pytest.raises(ValueError, match="Expected 1 to"):
        addresses.qr_svg(address)


def test_no_text_gets_out_of_the_picture():
    assert "script" not in addresses.qr_svg('"><script>alert(1)</script>')
