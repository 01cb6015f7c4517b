"""`Molecules`: fingerprints and descriptors of molecules with partly measured labels."""

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from moo.data import _splits
from moo.data._error import DataError
from moo.data._record import Record


@dataclasses.dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Molecules(Record):
    """Molecules, what is computed from their structure, and what was measured of them.

    Most labels of most molecules were never measured: `labels` is 0 there and says nothing, and
    `mask` is False. A loss has to be averaged under the mask.

    Args:
        inchikeys: (n,) str objects, the hashed structure, unique.
        smiles: (n,) str objects, the structure.
        scaffolds: (n,) str objects, Bemis-Murcko scaffold; `""` for a molecule without rings.
        fingerprints: (n, bits) uint8 of 0 and 1.
        descriptors: (n, d) float32 in their own units.
        labels: (n, T) float32, 0 where not measured.
        mask: (n, T) bool, whether the label was measured.
        descriptor_names: the d names.
        tasks: the T names of the labels.
        kinds: of each task, `"regression"` or `"classification"` (0 or 1).

    Raises:
        DataError: if lengths differ, a number is not finite, or a label stands under no mask.

    Example:
        >>> import numpy as np
        >>> names = np.array(["A", "B", "C"], object)
        >>> few = Molecules(name="few", inchikeys=names, smiles=names,
        ...                 scaffolds=np.array(["ring", "", "ring"], object),
        ...                 fingerprints=np.eye(3, 8, dtype=np.uint8),
        ...                 descriptors=np.zeros((3, 0), np.float32), descriptor_names=(),
        ...                 labels=np.array([[1.5], [0.0], [-2.0]], np.float32),
        ...                 mask=np.array([[True], [False], [True]]),
        ...                 tasks=("logS",), kinds=("regression",))
        >>> few
        Molecules('few': 3 molecules, 1 task; logS measured on 2)
        >>> [part.smiles.tolist() for part in few.split_by_scaffold((0.7, 0.3))]
        [['A', 'C'], ['B']]
    """

    inchikeys: NDArray[Any]
    smiles: NDArray[Any]
    scaffolds: NDArray[Any]
    fingerprints: NDArray[np.uint8]
    descriptors: NDArray[np.float32]
    labels: NDArray[np.float32]
    mask: NDArray[np.bool_]
    descriptor_names: tuple[str, ...]
    tasks: tuple[str, ...]
    kinds: tuple[str, ...]

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.labels.shape != self.mask.shape or self.labels.shape[1] != len(self.tasks):
            raise DataError(
                f"{self.name}: labels {self.labels.shape}, mask {self.mask.shape} and "
                f"{len(self.tasks)} tasks do not fit"
            )
        if np.any(self.labels[~self.mask] != 0):
            raise DataError(f"{self.name}: a label that was not measured is not 0")

    def split_by_scaffold(
        self, fractions: Sequence[float] = (0.8, 0.1, 0.1)
    ) -> tuple["Molecules", ...]:
        """Give every scaffold to one part, so that a test asks for structures never seen.

        The largest scaffolds come first and go to the first part with room for them, the split of
        MoleculeNet (Wu et al., Chemical Science 2018, arXiv:1703.00564): nothing is drawn, the
        common scaffolds are for training, the rare ones for the test. Sizes are near `fractions`,
        which sum to 1. Molecules without rings are one group.

        Raises:
            DataError: when a part would be empty.
        """
        parts = _splits.by_group(self.scaffolds.astype(str), fractions)
        return tuple(self.take(part) for part in parts)

    def __repr__(self) -> str:
        counts = ", ".join(
            f"{task} measured on {count:,}"
            for task, count in zip(self.tasks, self.mask.sum(axis=0), strict=True)
        )
        count = len(self.tasks)
        plural = "s" * (count != 1)
        return f"Molecules({self.name!r}: {len(self):,} molecules, {count} task{plural}; {counts})"
