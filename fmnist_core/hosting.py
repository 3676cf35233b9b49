"""How the app is served: on one's own machine, or as a demo that strangers share. Read from the environment, each time
it is asked for."""

import hmac
import os

DEMO = "FMNIST_DEMO"
OWNER_SECRET = "FMNIST_OWNER_SECRET"
SHORTEST_SECRET = 16  # characters: nobody guesses so many


def is_demo() -> bool:
    """Whether strangers share this installation: FMNIST_DEMO is set to anything but 0 or no."""
    return os.environ.get(DEMO, "").strip().casefold() not in ("", "0", "no", "false", "off")


def owner_secret() -> str:
    """What opens the page /owner; "" where FMNIST_OWNER_SECRET is not set, and there is no such page."""
    return os.environ.get(OWNER_SECRET, "").strip()


def is_owner(said: str) -> bool:
    """Whether this is the owner's secret. One that is too short opens nothing."""
    secret = owner_secret()
    return len(secret) >= SHORTEST_SECRET and hmac.compare_digest(said.strip().encode(), secret.encode())
