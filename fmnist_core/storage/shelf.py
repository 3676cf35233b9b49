"""A shelf: things that visitors bring and keep, a folder each under a name that is made of 12 hexadecimal digits, such
as results/own-vectors/own_3fa9c1d20b7e/vectors.npz.
"""

import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from fmnist_core.storage import owners
from fmnist_core.storage.folders import RunError, explain, results_folder


@dataclass(frozen=True)
class Shelf:
    """title: of one thing, in a sentence. missing: what is said where {name} is not here, or another visitor's."""

    folder: str  # in that of results
    prefix: str  # of names
    file: str  # without which a folder is no thing
    title: str
    missing: str

    @property
    def home(self) -> Path:
        return results_folder() / self.folder

    def is_name(self, text: str) -> bool:
        return bool(re.fullmatch(rf"{self.prefix}_[0-9a-f]{{12}}", text))

    def folders(self) -> list[Path]:
        """All that there are, whoever asks."""
        return [one for one in self.home.glob(f"{self.prefix}_*") if self.is_name(one.name) and one.is_dir()]

    def mine(self) -> list[Path]:
        """Files of what who asks has kept: of the machine, which owns all, what it kept itself."""
        asking = owners.visitor().id
        return [one / self.file for one in self.folders() if owners.id_of(one) == asking and (one / self.file).exists()]

    def file_of(self, name: str) -> Path:
        """Of the thing of a name. Raises RunError where there is none that who asks may look at."""
        path = self._folder_of(name) / self.file
        if not path.exists():
            raise self.not_here(name)
        return path

    def not_here(self, name: str) -> RunError:
        return RunError(self.missing.format(name=name))

    def delete(self, name: str) -> None:
        """Raises RunError where it is not here, not one's own, or cannot be removed."""
        folder = self._folder_of(name)
        owners.require(folder, self.title)
        try:
            shutil.rmtree(folder)
        except OSError as error:
            raise RunError(f"The {self.title} cannot be removed: {explain(error)}") from None

    def _folder_of(self, name: str) -> Path:
        folder = self.home / name
        if not self.is_name(name) or not folder.is_dir() or not owners.is_visible(owners.read(folder)):
            raise self.not_here(name)
        return folder
