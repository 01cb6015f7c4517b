"""What a study trains on a table: a network, and the losses on its logits."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from benchmarks.studies._study import Arrays
from moo.data import Column

Losses = Callable[[Any, Arrays], Any]


class Model(NamedTuple):
    """A model as a study trains it.

    Attributes:
        network: its name in `moo.models.MODELS`.
        losses: columns of the labels -> losses of (logits (n, T), arrays).
        funnel: whether it needs a label that is observed where another one is 1.
        objectives: names of the losses, with the labels' names for `{0}` and `{1}`.
        chosen_by: metrics on validation rows, the less the better, by which the step is chosen that
            a run is judged at; empty: by its losses.
    """

    network: str
    losses: Callable[[Sequence[Column]], Losses]
    funnel: bool = False
    objectives: tuple[str, ...] = ("{0}", "{1}")
    chosen_by: tuple[str, ...] = ()

    def name_objectives(self, labels: Sequence[Column]) -> tuple[str, ...]:
        """Return the names of the losses on a table's labels."""
        names = [label.name for label in labels]
        return tuple(name.format(*names) for name in self.objectives)
