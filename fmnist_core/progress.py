"""How far something is, told while it works: what long computations of the library call with the share that is done.

The share lies in 0..1 and does not fall; how often it is told is up to whoever computes.
"""

from collections.abc import Callable

OnShare = Callable[[float], None]  # is told only
OnShareOrStop = Callable[[float], bool | None]  # is told and may ask to stop, with a true answer
OnPhase = Callable[[str], object]  # is told what comes next, in words that go after "is still": "exporting the model"
