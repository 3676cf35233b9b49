"""A room's code: what a teacher says and a pupil types."""

import secrets

# No vowels, so that no word arises; none that looks like another in some font (Q like O, V like W or U).
LETTERS = "BCDFGHJKLMNPRSTWXZ"
LENGTH = 4
_NOT_IN_CLASS = ("FCK", "HJ", "KZ", "NS")  # the last three no number plate in Germany has


def draw() -> str:
    """A random code of different letters; whether a room has it already is asked elsewhere."""
    while True:
        code = "".join(secrets.choice(LETTERS) for _ in range(LENGTH))
        if len(set(code)) == LENGTH and not any(part in code for part in _NOT_IN_CLASS):
            return code


def read(typed: object) -> str:
    """What was typed as a code: in capitals, without spaces and dashes; "" where it can be none."""
    if not isinstance(typed, str) or len(typed) > 40:
        return ""
    code = "".join(one for one in typed.upper() if not one.isspace() and one not in "-‐‑‒–—_.")
    return code if len(code) == LENGTH and set(code) <= set(LETTERS) else ""
