"""Multi-target regression: the `MultiTarget` record, and the loader of Mulan's files."""

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from moo._names import find_name
from moo.data import _splits
from moo.data._arff import Arff, Attribute, read_arff
from moo.data._error import DataError
from moo.data._record import Record
from moo.data._source import find_source, provenance

_NAME = "multi_target"
# Number of targets, the last attributes of each file.
TABLES = {"edm": 2, "enb": 2, "jura": 3, "scpf": 3, "sf2": 3, "slump": 3, "wq": 14}


@dataclasses.dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class MultiTarget(Record):
    """Rows of features with several numbers to predict, all of them measured.

    Args:
        features: (n, d) float32, 0 where missing.
        missing: (n, d) bool.
        targets: (n, T) float32.
        feature_names: the d names; a nominal feature is one-hot, as `name=value`.
        target_names: the T names.

    Raises:
        DataError: if lengths differ, or a number is not finite.

    Example:
        >>> import numpy as np
        >>> few = MultiTarget(name="few", features=np.array([[1], [0], [3]], np.float32),
        ...                   missing=np.array([[False], [True], [False]]),
        ...                   targets=np.array([[1, 2], [3, 4], [5, 9]], np.float32),
        ...                   feature_names=("x",), target_names=("y", "z"))
        >>> few
        MultiTarget('few': 3 rows, 1 feature, 2 targets)
        >>> few.standardize(few).features.ravel().tolist()
        [-1.0, 0.0, 1.0]
    """

    features: NDArray[np.float32]
    missing: NDArray[np.bool_]
    targets: NDArray[np.float32]
    feature_names: tuple[str, ...]
    target_names: tuple[str, ...]

    def split_at_random(
        self, fractions: Sequence[float], *, seed: int = 0
    ) -> tuple["MultiTarget", ...]:
        """Cut a random order of the rows by `fractions`, which sum to 1."""
        return tuple(self.take(part) for part in _splits.at_random(len(self), fractions, seed))

    def standardize(self, fit_on: "MultiTarget") -> "MultiTarget":
        """Return the record with features and targets shifted and scaled by what `fit_on` shows.

        Mean and standard deviation are those of `fit_on`, the training part, over what is not
        missing there. A missing feature stays 0, now the mean. A constant is only shifted.
        """
        mean, scale = _moments(fit_on.features, ~fit_on.missing)
        features = np.where(self.missing, 0, (self.features - mean) / scale)
        mean, scale = _moments(fit_on.targets, np.ones(fit_on.targets.shape, bool))
        targets = (self.targets - mean) / scale
        return dataclasses.replace(
            self, features=features.astype(np.float32), targets=targets.astype(np.float32)
        )

    def __repr__(self) -> str:
        sizes = {"feature": self.features.shape[1], "target": self.targets.shape[1]}
        parts = [f"{size} {word}{'s' * (size != 1)}" for word, size in sizes.items()]
        return f"MultiTarget({self.name!r}: {len(self):,} rows, {', '.join(parts)})"


def multi_target(root: Path, *, table: str = "enb") -> MultiTarget:
    """Read one of seven small tables of the Mulan collection.

    ======= ===== ============================================= ===========================
    table   rows  targets                                       from
    ======= ===== ============================================= ===========================
    `edm`   154   2 controls of an electrical discharge machine Karalic and Bratko 1997
    `enb`   768   2 loads, heating and cooling of a building    UCI, CC BY 4.0
    `jura`  359   3 heavy metals in the soil                    Goovaerts 1997
    `scpf`  1,137 3 counts, of views, votes and comments        See Click Predict Fix 2013
    `sf2`   1,066 3 counts of solar flares, mostly 0            UCI, CC BY 4.0
    `slump` 103   3 properties of concrete                      UCI, CC BY 4.0
    `wq`    1,060 14 species in rivers, each from 0 to 5        Dzeroski et al. 2000
    ======= ===== ============================================= ===========================

    Nominal features are one-hot. Only `scpf` has missing features, in most rows; a table with a
    missing target is refused. Rows are exchangeable: split them at random, in several ways, since
    the tables are small.

    Args:
        root: folder that holds the .arff file (or .gz, .xz), or whose folder `multi_target` does.
        table: one of the names above.

    Returns:
        The rows, in the file's order, in their own units.

    Raises:
        ValueError: for another table.
        DataError: for a missing file, or a value the format forbids, with its line.

    Source: Spyromitros-Xioufis et al., Multi-target regression via input space expansion, Machine
    Learning 2016, arXiv:1211.6581; Mulan, Tsoumakas et al., JMLR 2011.
    """
    count = find_name("table", table, TABLES)
    path = find_source(_NAME, root, (_NAME,), f"{table}.arff")
    arff = read_arff(path)
    if len(arff.attributes) <= count:
        raise DataError(f"{path}: {len(arff.attributes)} attributes, {count} of them are targets")
    targets = arff.rows[:, -count:]
    if (bad := np.isnan(targets).any(axis=1)).any():
        raise DataError(f"{path}: row {int(np.argmax(bad)) + 1} below @data: a target is missing")
    names, features = _one_hot(arff, len(arff.attributes) - count)
    missing = np.isnan(features)
    report = {"rows read": len(features), "missing features, set to 0": int(missing.sum())}
    return MultiTarget(
        name=f"{_NAME} ({table})",
        features=np.nan_to_num(features).astype(np.float32),
        missing=missing,
        targets=targets.astype(np.float32),
        feature_names=names,
        target_names=tuple(attribute.name for attribute in arff.attributes[-count:]),
        **provenance(_NAME, [path], report),
    )


def _one_hot(arff: Arff, count: int) -> tuple[tuple[str, ...], NDArray[np.float64]]:
    """Return names and columns of the first `count` attributes, the nominal ones one-hot."""
    names: list[str] = []
    columns: list[NDArray[Any]] = []
    for attribute, column in zip(arff.attributes[:count], arff.rows.T[:count], strict=True):
        for name, values in _columns(attribute, column):
            names.append(name)
            columns.append(values)
    return tuple(names), np.column_stack(columns)


def _columns(
    attribute: Attribute, column: NDArray[np.float64]
) -> list[tuple[str, NDArray[np.float64]]]:
    if attribute.values is None:
        return [(attribute.name, column)]
    return [
        (f"{attribute.name}={value}", np.where(np.isnan(column), np.nan, column == position))
        for position, value in enumerate(attribute.values)
    ]


def _moments(
    values: NDArray[np.float32], given: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return mean and deviation of the columns where `given`; 1 for what is constant there."""
    counts = np.maximum(given.sum(axis=0), 1)
    mean = np.where(given, values, 0).sum(axis=0, dtype=np.float64) / counts
    centred = np.where(given, values - mean, 0)
    deviation = np.sqrt(np.square(centred).sum(axis=0) / counts)
    # Rounding leaves a constant column a tiny deviation that must not divide.
    constant = deviation <= 1e-7 * np.abs(mean)
    return mean, np.where(constant, 1, deviation)
