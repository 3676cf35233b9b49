"""A Keras file as ONNX, in the sandbox: read by Keras' own reader in its safe mode, after its layers were looked at.

`main` finds the file as NAME (.keras or .h5) in the working folder and leaves model.onnx there.
"""

import json
import zipfile
from pathlib import Path
from typing import Any

from fmnist_core.brought_in.tables import Refused

NAMES = {"keras": "model.keras", "h5": "model.h5"}
LARGEST = 200_000_000  # bytes of a .keras file, once unpacked
_ENTRIES = frozenset(("metadata.json", "config.json", "model.weights.h5"))
_RUNS_CODE = frozenset(("Lambda", "TFSMLayer", "TorchModuleWrapper", "JaxLayer", "FlaxLayer"))
_TEXT = frozenset(("TextVectorization", "StringLookup", "IntegerLookup", "Hashing", "HashedCrossing"))


def main(arguments: list[str]) -> str | None:
    """Why the file is refused; None where it was converted."""
    (kind,) = arguments
    try:
        _check_layers(_config_of(kind))
        _convert(kind)
    except Refused as refusal:
        return str(refusal)
    return None


def _config_of(kind: str) -> Any:
    """What the file says of its layers. Raises Refused."""
    try:
        return json.loads(_zipped() if kind == "keras" else _in_hdf5())
    except (Refused, MemoryError):
        raise
    except Exception as error:  # damage leads zipfile and h5py to errors of all kinds
        raise Refused(f"It cannot be read as a Keras file ({type(error).__name__}): it is damaged.") from None


def _zipped() -> str:
    with zipfile.ZipFile(NAMES["keras"]) as archive:
        entries = archive.infolist()
        if odd := next((one.filename for one in entries if one.filename not in _ENTRIES), None):
            raise Refused(f"It holds {odd[:60]!r}. Expected a model's config and weights, and nothing else.")
        if sum(one.file_size for one in entries) > LARGEST:
            raise Refused(f"It unpacks to more than {LARGEST // 10**6} MB.")
        return archive.read("config.json").decode()


def _in_hdf5() -> str:
    import h5py

    with h5py.File(NAMES["h5"], "r") as file:
        _check_links(file)
        if (config := file.attrs.get("model_config")) is None:
            raise Refused("It holds weights alone. Save the whole model: model.save(FILE), and not save_weights.")
        return config.decode() if isinstance(config, bytes) else str(config)


def _check_links(group: Any, levels: int = 16) -> None:
    """Refuses what lies in other files."""
    import h5py

    for name in group:
        if isinstance(group.get(name, getlink=True), h5py.ExternalLink):
            raise Refused("Its weights lie in another file. Save the whole model into one.")
        one = group.get(name)
        if isinstance(one, h5py.Group) and levels:
            _check_links(one, levels - 1)
        elif isinstance(one, h5py.Dataset) and (one.external or one.is_virtual):
            raise Refused("Its weights lie in another file. Save the whole model into one.")


def _check_layers(config: Any) -> None:
    """Refuses layers that run code, or that Keras does not have: they come with code of their own."""
    if isinstance(config, list):
        for one in config:
            _check_layers(one)
    elif isinstance(config, dict):
        name, module = config.get("class_name"), str(config.get("module") or "keras")
        if isinstance(name, str):  # whatever stands beside it: of a function, its name is all
            kind = name.rpartition(">")[2]
            if kind in _RUNS_CODE or kind in _TEXT:
                what = "is a program" if kind in _RUNS_CODE else "is for text"
                raise Refused(f"It has a layer {kind}, which {what}. Expected Keras' own layers for numbers alone.")
            if module.partition(".")[0] not in ("keras", "builtins") or ">" in name:
                raise Refused(f"It has a layer {name[:40]!r} of its own. Expected Keras' own layers alone.")
        for one in config.values():
            _check_layers(one)


def _convert(kind: str) -> None:
    import keras
    import numpy as np

    from fmnist_core.training.finish import teach_exporter

    try:
        model = keras.models.load_model(NAMES[kind], compile=False, safe_mode=True)
    except MemoryError:
        raise
    except Exception as error:  # Keras has no base class for what is wrong with a file
        reason = " ".join(str(error).split())[:120]
        raise Refused(f"Keras cannot open it ({type(error).__name__}: {reason}).") from None
    shape = model.input_shape
    if not isinstance(shape, tuple) or isinstance(shape[0], tuple | list):
        raise Refused("It has several inputs. Expected one, for pictures of 28 by 28 pixels.")
    if not 2 <= len(shape) <= 4:
        raise Refused(f"Its input has {len(shape)} axes. Expected pictures of 28 by 28 pixels.")
    try:
        model(np.zeros((1, *(size or 28 for size in shape[1:])), np.float32))  # Keras exports what was called once
        teach_exporter()
        model.export("model.onnx", format="onnx", verbose=False)
    except Exception as error:  # of TensorFlow and tf2onnx, which share no base class
        raise Refused(f"It cannot be converted to ONNX ({type(error).__name__}).") from None
    if not Path("model.onnx").is_file():
        raise Refused("It cannot be converted to ONNX.")
