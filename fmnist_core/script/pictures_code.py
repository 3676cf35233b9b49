"""Pictures as code: their files, which of them train and which validate, and how they are changed at random."""

import dataclasses
from collections.abc import Sequence

from fmnist_core.data import SIDE, SIZES, WHITE
from fmnist_core.recipe import Augmentation, Recipe, Split, Stage
from fmnist_core.runs.recipe_options import EXCLUDED_FILE, RELABELLED_FILE
from fmnist_core.script.lines import INDENT, Block, code, definition, filled, literal
from fmnist_core.splits import NOISE

MOST_LISTED_LINES = 2  # of positions in the script; more come from a file
AFFINE = ("rotation", "shift", "shear", "zoom")
_CENTRE = (SIDE - 1) / 2


def write_data(recipe: Recipe) -> list[Block]:
    """What makes x_train, y_train, x_validation, y_validation, x_test, y_test; validation only where there is some."""
    lines = [
        "(x_train, y_train), (x_test, y_test) = keras.datasets.fashion_mnist.load_data()",
        f'x_train, x_test = (x[..., np.newaxis].astype("float32") / {WHITE} for x in (x_train, x_test))',
    ]
    chooses = recipe.excluded or recipe.images is not None or recipe.teaches_other_labels
    if not chooses and recipe.split.kind != "random":
        return [code(*lines, *_slices(recipe.split))]
    lines += _split(recipe.split)
    if recipe.excluded:
        lines += _exclude(recipe.excluded)
    if recipe.images is not None:
        chosen = f"np.random.default_rng({literal(recipe.seed)}).permutation(train)[:{literal(recipe.images)}]"
        lines.append(f"train = {chosen}")
    if recipe.label_noise:
        lines.append("train.sort()")
    if recipe.split.validation:
        lines.append("x_validation, y_validation = x_train[validation], y_train[validation]")
    if recipe.relabelled:
        lines += _relabel(recipe.relabelled)
    taught = "labels" if recipe.relabelled else "y_train"
    lines.append(f"x_train, y_train = x_train[train], {taught}[train]")
    if recipe.label_noise:
        lines += _spoil(recipe)
    return [code(*lines)]


def _slices(split: Split) -> list[str]:
    """Where all pictures that do not validate train, in one piece."""
    count = literal(split.validation)
    if split.kind == "none":
        return []
    if split.kind == "first":
        return [
            f"x_validation, y_validation = x_train[:{count}], y_train[:{count}]",
            f"x_train, y_train = x_train[{count}:], y_train[{count}:]",
        ]
    return [
        f"x_validation, y_validation = x_train[-{count}:], y_train[-{count}:]",
        f"x_train, y_train = x_train[:-{count}], y_train[:-{count}]",
    ]


def _split(split: Split) -> list[str]:
    total = SIZES["train"]
    positions = f"np.arange({literal(total)})"
    if split.kind == "none":
        return [f"train = {positions}"]
    if split.kind == "last":
        return [f"train, validation = np.split({positions}, [{literal(total - split.validation)}])"]
    if split.kind == "random":
        positions = f"np.random.RandomState({literal(split.seed)}).permutation({literal(total)})"
    return [f"validation, train = np.split({positions}, [{literal(split.validation)}])"]


def relabelled_inline(pairs: Sequence[tuple[int, ...]]) -> list[str] | None:
    """Positions and classes as lines of a dictionary, if they are few."""
    lines = filled(f"{position}: {label}" for position, label in pairs)
    return lines if len(lines) <= MOST_LISTED_LINES else None


def _relabel(pairs: Sequence[tuple[int, ...]]) -> list[str]:
    """After the validation pictures have got their labels, which stay the official ones."""
    told, listed = f"{len(pairs):,} labels corrected by hand", relabelled_inline(pairs)
    lines = ["labels = y_train.copy()"]
    if listed is None:
        return [
            *lines,
            f'where, label = np.loadtxt("{RELABELLED_FILE}", dtype=int, ndmin=2).T  # {told}, one a line',
            "labels[where] = label",
        ]
    if len(listed) == 1:
        lines.append(f"corrected = {{{listed[0].strip().rstrip(',')}}}  # by hand")
    else:
        lines += [f"corrected = {{  # {told}", *listed, "}"]
    return [*lines, "labels[list(corrected)] = list(corrected.values())"]


def excluded_inline(positions: tuple[int, ...]) -> list[str] | None:
    """Positions as lines of a list, if they are few."""
    lines = filled(map(str, positions))
    return lines if len(lines) <= MOST_LISTED_LINES else None


def _exclude(positions: tuple[int, ...]) -> list[str]:
    told = f"{len(positions):,} suspects"
    listed = excluded_inline(positions)
    if listed is None:
        lines = [f'excluded = np.loadtxt("{EXCLUDED_FILE}", dtype=int)  # {told}, a position a line']
    elif len(listed) == 1:
        lines = [f"excluded = [{listed[0].strip().rstrip(',')}]"]
    else:
        lines = [f"excluded = [  # {told}", *listed, "]"]
    return [*lines, "train = train[~np.isin(train, excluded)]"]


def _spoil(recipe: Recipe) -> list[str]:
    """The same pictures and wrong labels as `splits.wrong_labels`."""
    seed = ", ".join(map(literal, (recipe.seed, *NOISE)))
    return [
        f"noise, n = np.random.default_rng(({seed})), len(y_train)",
        f"wrong, step = noise.permutation(n)[: round({literal(recipe.label_noise)} * n)], noise.integers(1, 10, n)",
        f"y_train[wrong] = (y_train[wrong] + step[wrong]) % 10  # {100 * recipe.label_noise:g} % of labels are wrong",
    ]


# Augmentation


def augmentation_of(stage: Stage) -> Augmentation | None:
    """What the script does with a stage's pictures; None where it leaves them as they are."""
    if stage.augmentation is None:
        return None
    usual = Augmentation()
    said = dataclasses.replace(stage.augmentation, photo_damage=0.0)
    if not said.cutout or not said.cutout_chance:
        said = dataclasses.replace(said, cutout=0, cutout_chance=usual.cutout_chance)
    if not any(getattr(said, name) for name in (*AFFINE, "crop")):
        said = dataclasses.replace(said, fill=usual.fill)
    said = dataclasses.replace(said, in_turn=said.in_turn and said.flip)
    return None if said == usual else said


def parameters(used: Sequence[Augmentation]) -> dict[str, bool | int | float | str]:
    """What the function `augment` takes besides pictures, each with the value of the first augmentation."""
    said = lambda name: any(getattr(one, name) != getattr(Augmentation(), name) for one in used)  # noqa: E731
    names = [name for name in AFFINE if any(said(affine) for affine in AFFINE)]
    names += [name for name in ("crop", "brightness", "cutout") if said(name)]
    if said("cutout_chance"):
        names.append("cutout_chance")
    if said("flip") and not all(one.flip for one in used):
        names.append("flip")
    if len({one.fill for one in used if _moves(one)}) > 1:
        names.append("fill")
    return {name: getattr(used[0], name) for name in names}


def _moves(one: Augmentation) -> bool:
    return any(getattr(one, name) for name in (*AFFINE, "crop"))


def in_turn(used: Sequence[Augmentation]) -> bool:
    """Whether the training says who is mirrored; where some stages do so and others draw by chance, it does in all."""
    return any(one.in_turn for one in used)


def write_augment(used: Sequence[Augmentation]) -> list[Block]:
    """The function `augment`, able to do what any of these say; nothing where there are none."""
    if not used:
        return []
    takes = parameters(used)
    fill = "fill" if "fill" in takes else literal(next((one.fill for one in used if _moves(one)), "nearest"))
    words = ["images", *(["mirrored"] if in_turn(used) else [])]
    words += [f"{name}={short(value)}" for name, value in takes.items()]
    lines = [f"def augment({', '.join(words)}):"]
    affine = any(getattr(one, name) for one in used for name in AFFINE)
    if affine:
        lines += _warp("crop" in takes, fill)
    elif "crop" in takes:
        lines += _pad(fill)
    if any(one.flip for one in used):
        lines += _mirror(in_turn(used), "flip" in takes)
    if "brightness" in takes:
        lines += [
            "factor = rng.uniform(1 - brightness, 1 + brightness, (len(images), 1, 1, 1))",
            'images = np.clip(images * factor, 0, 1).astype("float32")',
        ]
    if "cutout" in takes:
        lines += _cut("cutout_chance" in takes)
    given, _, made = lines[-1].partition("images = ")
    lines[-1:] = [f"return {made}"] if not given else [lines[-1], "return images"]
    return [definition(lines[0], *(INDENT + line for line in lines[1:]))]


def short(value: bool | int | float | str) -> str:
    return literal(int(value) if isinstance(value, float) and value.is_integer() else value)


def _warp(crop: bool, fill: str) -> list[str]:
    """One map a picture, of all that moves it: rotation . shift . shear . zoom about the centre."""
    shift = f"rng.uniform(-{SIDE} * shift, {SIDE} * shift, (2, n))"
    crops = " + rng.integers(-crop, crop + 1, (2, n))" if crop else ""
    return [
        "n = len(images)  # output pixel (x, y) shows input pixel (a x + b y + c, d x + e y + f)",
        "angle, slant = np.radians(rng.uniform(-1, 1, (2, n)) * [[rotation], [shear]])",
        f"right, down = {shift}{crops}",
        "wide, high = rng.uniform(1 - zoom, 1 + zoom, (2, n))",
        "a, b = np.cos(angle + slant) * wide, np.sin(angle) * high",
        "d, e = -np.sin(angle + slant) * wide, np.cos(angle) * high",
        f"c = np.cos(angle) * right + np.sin(angle) * down + {_CENTRE} * (1 - a - b)",
        f"f = np.cos(angle) * down - np.sin(angle) * right + {_CENTRE} * (1 - d - e)",
        "maps = np.stack([a, b, c, d, e, f, 0 * a, 0 * a], axis=1)",
        f'images = np.array(ops.image.affine_transform(images, maps, "bilinear", {fill}))',
    ]


def _pad(fill: str) -> list[str]:
    """Whole pixels: the picture with a border, and a part of it."""
    mode = {'"nearest"': ', mode="edge"', '"constant"': ""}.get(
        fill, ', mode="edge" if fill == "nearest" else "constant"'
    )
    return [
        f"wider = np.pad(images, ((0, 0), (crop, crop), (crop, crop), (0, 0)){mode})",
        "starts = rng.integers(0, 2 * crop + 1, (len(images), 2))",
        f"images = np.stack([x[i : i + {SIDE}, j : j + {SIDE}] for x, (i, j) in zip(wider, starts, strict=True)])",
    ]


def _mirror(given: bool, switch: bool) -> list[str]:
    lines = [] if given else ["mirrored = rng.random(len(images)) < 0.5"]
    if switch:
        lines.append("mirrored = mirrored & flip")
    return [*lines, "images[mirrored] = images[mirrored, :, ::-1]"]


def _cut(chance: bool) -> list[str]:
    square = "image[max(top, 0) : top + cutout, max(left, 0) : left + cutout] = 0"
    corners = f"rng.integers(0, {SIDE}, (len(images), 2)) - cutout // 2"
    lines = [f"for image, (top, left) in zip(images, {corners}, strict=True):"]
    if not chance:
        return [*lines, INDENT + square]
    return [*lines, f"{INDENT}if rng.random() < cutout_chance:", INDENT * 2 + square]
