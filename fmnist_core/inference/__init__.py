"""A finished run's model at work, without TensorFlow.

In: a run and pictures of the data or of a visitor. Out: logits, features and activations by ONNX Runtime; the answer
to a photo with its out-of-distribution score; predictions with test-time augmentation; a run that was taught another
class.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fmnist_core.inference.photo_answer import PhotoAnswer
    from fmnist_core.photo.steps import Prepared


def answer(prepared: "Prepared", run: str | None = None) -> "PhotoAnswer":
    """What the app answers to a prepared photo or drawing: `.label`, `.confidence`, `.top()`, `.known` and more.

    run: the id of a run; by default the one that the app opens with.

    Raises:
        RunError: there is no such run, or it has no model.
    """
    from fmnist_core.inference.photo_model import kept_model
    from fmnist_core.storage.folders import runs_folder

    return kept_model(run, runs_folder()).answer(prepared)
