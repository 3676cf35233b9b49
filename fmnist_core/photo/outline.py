"""The outline of the garment that `best` goes on with: found, painted by the visitor, and refined by GrabCut."""

import functools
from dataclasses import dataclass, replace

import numpy as np
import scipy  # its parts come when they are first used: none is imported before the first page
from PIL import Image

from fmnist_core.data import WHITE
from fmnist_core.photo.garment import LARGEST, SMALLEST, Box, Garment, box_mask, find_garment
from fmnist_core.photo.settings import DEFAULTS, Settings
from fmnist_core.photo.shape import largest_piece

WORK_SIDE = 256  # pixels: enough for a thumbnail of 73, and GrabCut takes a quarter of a second
EDGE = 0.04  # of each side: the frame that is taken for background, as garments rarely reach the border
BRUSH = 0.05  # of the longest side: how far from its painted edge the garment may end
_COMPONENTS = 5  # colours that GrabCut mixes each side of: as many pixels are needed at least


@dataclass(frozen=True, eq=False)
class Photo:
    """What the modes start from; what several of them need is computed once.

    image: mode RGB. painted: (h, w) bool of any size, True where the visitor painted the garment; None or empty if not.
    """

    image: Image.Image
    settings: Settings = DEFAULTS
    painted: np.ndarray | None = None

    def __post_init__(self) -> None:
        painted = self.painted
        if painted is not None and (painted.ndim != 2 or painted.dtype != bool or not painted.size):
            raise ValueError(
                f"Expected a painted mask of shape (height, width) and dtype bool. "
                f"Received: shape {painted.shape}, {painted.dtype}."
            )

    @functools.cached_property
    def gray(self) -> np.ndarray:
        """(h, w) uint8, in full size."""
        return np.asarray(self.image.convert("L"))

    @functools.cached_property
    def small(self) -> Image.Image:
        """Mode RGB, of a longest side of at most 256."""
        small = self.image.copy()
        small.thumbnail((WORK_SIDE, WORK_SIDE), Image.Resampling.BOX)
        return small

    @functools.cached_property
    def garment(self) -> Garment:
        """The garment in the small photo as found by the colours alone, without help from the visitor."""
        return find_garment(np.asarray(self.small))

    @property
    def helped(self) -> bool:
        """Whether the visitor said where the garment is."""
        return self.settings.box is not None or (self.painted is not None and bool(self.painted.any()))

    def first_outline(self) -> Garment:
        """The outline by the settings: painted, found, or with the finding switched off all of the photo or box."""
        size, settings = self.small.size, self.settings
        plain = settings.number("find")
        if self.painted is not None and self.painted.any():
            mask = np.asarray(Image.fromarray(self.painted).convert("L").resize(size, Image.Resampling.BOX)) > WHITE / 2
            if mask.any():
                return Garment(mask, mask.astype(np.uint8) * np.uint8(WHITE), "painted")
        if plain is None:
            mask = box_mask(size[::-1], settings.box)
            return Garment(mask, mask.astype(np.uint8) * np.uint8(WHITE), "nothing")
        if settings.box is None and plain == DEFAULTS.find:
            return self.garment
        return find_garment(np.asarray(self.small), plain, settings.box)


def outlines(photo: Photo) -> list[Garment]:
    """What `best` takes for the garment: the first outline, then the refined one, where one is.

    In front of a plain background the first outline is exact; where nothing was found there is nothing to refine.
    """
    first = photo.first_outline()
    rounds = photo.settings.number("refine")
    searched = photo.settings.number("find") is not None
    if rounds is None or first.found_by == "background" or (first.found_by == "nothing" and searched):
        return [first]
    refined = refined_outline(np.asarray(photo.small), first, round(rounds), photo.settings.box)
    if refined is None:
        return [first]
    return [first, refined] if searched or first.found_by == "painted" else [refined]


def refined_outline(rgb: np.ndarray, garment: Garment, rounds: int, box: Box | None = None) -> Garment | None:
    """The garment in (h, w, 3) uint8 by GrabCut (Rother and others, 2004), started from an outline.

    A found outline is a first guess everywhere but in the frame; a painted one is certain except near its edge. None
    where nothing believable comes out of it.
    """
    certain, labels = _first_labels(garment, box)
    mask = _grab_cut(rgb, labels, rounds)
    if mask is None or not mask.any():
        return None
    mask = largest_piece(scipy.ndimage.binary_fill_holes(mask | certain), whole=True)
    if garment.found_by != "painted" and not SMALLEST <= mask.mean() <= LARGEST:
        return None
    return replace(garment, mask=mask, found_by="painted" if garment.found_by == "painted" else "colours", refined=True)


def _first_labels(garment: Garment, box: Box | None) -> tuple[np.ndarray, np.ndarray]:
    """Where the garment is certain, (h, w) bool, and GrabCut's label of each pixel, (h, w) uint8."""
    import cv2

    mask = garment.mask
    labels = np.where(mask, cv2.GC_PR_FGD, cv2.GC_PR_BGD).astype(np.uint8)
    if garment.found_by != "painted":
        allowed = box_mask(mask.shape, box or (EDGE, EDGE, 1 - EDGE, 1 - EDGE))
        labels[~allowed] = cv2.GC_BGD
        return np.zeros_like(mask), labels
    reach = BRUSH * max(mask.shape)
    certain = scipy.ndimage.distance_transform_edt(mask) > reach
    labels[certain] = cv2.GC_FGD
    labels[scipy.ndimage.distance_transform_edt(~mask) > reach] = cv2.GC_BGD
    return certain, labels


def _grab_cut(rgb: np.ndarray, labels: np.ndarray, rounds: int) -> np.ndarray | None:
    """(h, w) bool; None where one side has too few pixels to start with."""
    import cv2

    garment = (labels == cv2.GC_FGD) | (labels == cv2.GC_PR_FGD)
    if min(garment.sum(), garment.size - garment.sum()) < 2 * _COMPONENTS:
        return None
    cv2.setRNGSeed(0)  # this thread's: the same photo gives the same outline
    models = np.zeros((1, 13 * _COMPONENTS)), np.zeros((1, 13 * _COMPONENTS))
    blue_first = np.ascontiguousarray(rgb[..., ::-1])
    cv2.grabCut(blue_first, labels, None, *models, rounds, cv2.GC_INIT_WITH_MASK)  # type: ignore[call-overload]
    return (labels == cv2.GC_FGD) | (labels == cv2.GC_PR_FGD)
