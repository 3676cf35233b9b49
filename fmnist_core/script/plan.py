"""What the lines of a script depend on: a recipe, and what follows from it."""

from dataclasses import dataclass

from fmnist_core.networks.layers import Network
from fmnist_core.recipe import Augmentation, Recipe
from fmnist_core.script.pictures_code import augmentation_of
from fmnist_core.splits import split_indices


@dataclass(frozen=True)
class Plan:
    recipe: Recipe
    network: Network | None  # None: the head of a frozen trunk
    images: int  # that an epoch has

    @property
    def changes(self) -> tuple[Augmentation | None, ...]:
        """Of each stage."""
        return tuple(augmentation_of(stage) for stage in self.recipe.stages)

    @property
    def used(self) -> tuple[Augmentation, ...]:
        """Each augmentation once, in the order of the stages."""
        return tuple(dict.fromkeys(one for one in self.changes if one is not None))

    @property
    def cut(self) -> int:
        """How many pictures an epoch has where it takes only whole batches and some are left; else 0."""
        recipe = self.recipe
        left = self.images % recipe.batch_size if recipe.drop_last_batch else 0
        return self.images - left if left else 0

    @property
    def best(self) -> bool:
        return self.recipe.keep == "best"

    @property
    def loops(self) -> bool:
        """Whether each epoch is a call of its own."""
        return bool(self.used or self.cut or (self.best and self.recipe.mirror))

    @property
    def one_hot(self) -> bool:
        return self.recipe.label_smoothing > 0

    @property
    def trained(self) -> str:
        return "head" if self.network is None else "model"

    @property
    def answering(self) -> str:
        """What is scored and saved."""
        return "mirroring" if self.recipe.mirror else "model"

    @property
    def own_functions(self) -> bool:
        """Whether the optimizer or the loss is made of a function of the script."""
        return self.recipe.optimizer.schedule == "one_cycle" or self.recipe.loss == "clipped_rbf_crossentropy"

    @property
    def graph(self) -> bool:
        """Whether lines of the training ask for the network's input and output."""
        return self.recipe.mirror or self.own_functions

    @property
    def validates(self) -> bool:
        return self.recipe.split.kind != "none"


def plan_of(recipe: Recipe, network: Network | None) -> Plan:
    return Plan(recipe, network, len(split_indices(recipe).train))
