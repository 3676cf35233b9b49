"""Where a class finds this machine, and the address as a picture for cameras of phones."""

import io
import ipaddress
import os
import platform
import re
import socket

import psutil
import segno

QUIET_ZONE = 4  # modules of white around: what the standard asks for
LONGEST = 250  # characters: of some more the modules are too many for decoders
# Of containers, virtual machines and tunnels, on Linux, macOS and Windows: no pupil's device is behind them.
_VIRTUAL = re.compile(
    r"docker|br-|bridge|veth|virbr|vmnet|vmenet|vbox|virtualbox|vmware|vethernet|hyper-v|wsl|lxc|lxd|podman|cni|flannel"
    r"|cali|kube|tun|tap|utun|wg|ppp|zt|tailscale|nordlynx|awdl|llw|anpi|dummy|sit|gre|bluetooth|loopback",
    re.IGNORECASE,
)
_AVAHI = "/run/avahi-daemon/socket"


def local_addresses() -> list[str]:
    """IPv4 addresses under which devices in the same network reach this machine, the likeliest first.

    Last its name with ".local", where something here answers to it. Nothing is sent for it. In a container it finds the
    container's address only, which nobody outside reaches.
    """
    up = {name for name, state in psutil.net_if_stats().items() if state.isup and not _VIRTUAL.match(name)}
    found = {
        one.address: name
        for name, addresses in psutil.net_if_addrs().items()
        for one in addresses
        if name in up and one.family == socket.AF_INET and _is_reachable(one.address)
    }
    outward = _outward_address()
    ordered = sorted(found, key=lambda one: (one != outward, not ipaddress.ip_address(one).is_private, found[one], one))
    return ordered + ([name] if ordered and (name := _local_name()) else [])


def _is_reachable(address: str) -> bool:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    return not (parsed.is_loopback or parsed.is_link_local or parsed.is_unspecified or parsed.is_multicast)


def _outward_address() -> str:
    """Of this machine's addresses the one by which it would reach others; "" without any network."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        try:
            asking.connect(("192.0.2.1", 9))  # chooses a route and sends nothing; the address is nobody's (RFC 5737)
        except OSError:
            return ""
        return str(asking.getsockname()[0])


def _local_name() -> str:
    """What multicast DNS calls this machine; "" where it has no such service."""
    name = socket.gethostname().partition(".")[0].lower()
    answers = platform.system() in ("Darwin", "Windows") or os.path.exists(_AVAHI)
    return f"{name}.local" if answers and re.fullmatch(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", name) else ""


def qr_svg(address: str) -> str:
    """A QR code as an <svg> that takes the width it is given: black on white in any theme, as phones expect it.

    Raises ValueError where the address is empty or longer than `LONGEST`.
    """
    if not 0 < len(address) <= LONGEST:
        raise ValueError(f"An address of {len(address)} characters makes no code to scan. Expected 1 to {LONGEST}.")
    written = io.BytesIO()
    segno.make(address, error="m", micro=False).save(
        *(written, "svg"), border=QUIET_ZONE, dark="#000", light="#fff", omitsize=True, xmldecl=False, svgclass=None
    )
    return written.getvalue().decode()
