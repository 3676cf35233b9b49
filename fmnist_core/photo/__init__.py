"""Any photo or drawing to a 28x28 picture: bytes -> decode -> pipeline (or drawing) -> picture.

`photo.prepare` is that way for a notebook: docs/notebook.md.
"""

from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL import Image

    from fmnist_core.photo.steps import Prepared


def prepare(photo: "str | PathLike[str] | bytes | Image.Image", mode: str = "best") -> "Prepared":
    """The picture of a photo, as Predict makes it: `.picture` is (28, 28) uint8, garment light on black.

    What the app answers is the mean over its views (`views.views`, `views.combine`); `inference.answer` gives it.

    Args:
        photo: the path or the bytes of a JPEG, PNG, WebP, HEIC, ... file, or a Pillow image.
        mode: how a photo becomes a picture, a key of `pipeline.MODES`; "best" is the app's unless told otherwise.

    Raises:
        PhotoError: it is no photo that can be read.
        OSError: there is no such file.
        ValueError: an unknown mode.
    """
    import dataclasses

    from fmnist_core.photo import pipeline
    from fmnist_core.photo.decode import decode_with_notes

    if isinstance(photo, str | PathLike):
        photo = Path(photo).read_bytes()
    image, notes = decode_with_notes(photo) if isinstance(photo, bytes) else (photo, ())
    prepared = pipeline.prepare(image, mode)
    return dataclasses.replace(prepared, warnings=(*notes, *prepared.warnings))
