"""Photos that tests draw, and archives of them."""

import io
import zipfile
from collections.abc import Mapping

import numpy as np
from PIL import Image, ImageDraw


def photo(shape: str = "trouser", seed: int = 0, kind: str = "PNG", **saved) -> bytes:
    """A dark garment on a light wall, some pixels larger and elsewhere with each seed."""
    generator = np.random.default_rng(seed)
    image = Image.new("RGB", (120, 160), (236, 233, 228))
    draw, left = ImageDraw.Draw(image), int(generator.integers(20, 30))
    if shape == "trouser":
        draw.rectangle((left, 10, left + 60, 40), fill=(40, 50, 90))
        draw.rectangle((left, 40, left + 24, 150), fill=(40, 50, 90))
        draw.rectangle((left + 36, 40, left + 60, 150), fill=(40, 50, 90))
    else:  # a bag
        draw.rectangle((left, 70, left + 70, 130), fill=(120, 40, 30))
        draw.arc((left + 15, 40, left + 55, 100), 180, 360, fill=(120, 40, 30), width=5)
    file = io.BytesIO()
    image.save(file, kind, **saved)
    return file.getvalue()


def zipped(files: Mapping[str, bytes], how: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", how) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return file.getvalue()
