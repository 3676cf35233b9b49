"""How the app is served: on one's own machine, or as a demo that strangers share. Read from the environment, each time
it is asked for."""

import os

DEMO = "FMNIST_DEMO"


def is_demo() -> bool:
    """Whether strangers share this installation: FMNIST_DEMO is set to anything but 0 or no."""
    return os.environ.get(DEMO, "").strip().casefold() not in ("", "0", "no", "false", "off")
