"""What is switched off, as the address says it, for one network: `conv2:3.7,conv4:all`."""

from collections.abc import Mapping

from fmnist_core.inside.layers import Network

Off = dict[str, tuple[int, ...]]


def read(text: str, network: Network) -> tuple[Off, tuple[str, ...]]:
    """text: as `fields.OFF` allows it. Returns what is off, and the layers that this network has not, or not so."""
    off: Off = {}
    unknown: list[str] = []
    for part in filter(None, text.split(",")):
        name, channels = part.split(":")
        count = network[name].channels if name in network.switchable else 0
        found = range(count) if channels == "all" else sorted({int(one) for one in channels.split(".")})
        if not count or found[-1] >= count:
            unknown.append(name)
        else:
            off[name] = tuple(sorted({*off.get(name, ()), *found}))
    return off, tuple(unknown)


def write(off: Mapping[str, tuple[int, ...]], network: Network) -> str:
    """The inverse of `read`."""
    parts = []
    for name, channels in off.items():
        whole = len(channels) == network[name].channels
        parts.append(f"{name}:{'all' if whole else '.'.join(map(str, channels))}")
    return ",".join(parts)
