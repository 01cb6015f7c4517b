"""What a method says of itself to the shared tests, and the ranges in which laws hold."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tests.aggregators import oracles

Matrix = np.ndarray
Range = Callable[[Matrix], bool]


def always(J: Matrix) -> bool:
    return True


def two_rows(J: Matrix) -> bool:
    return len(J) == 2


def movable(J: Matrix) -> bool:
    """Whether some direction clearly decreases every loss."""
    return bool(np.linalg.norm(oracles.min_norm(units(J))) > 0.02)


def comparable(J: Matrix) -> bool:
    """Whether no row is so short beside another that float32 products lose it."""
    lengths = np.linalg.norm(J, axis=1)
    return bool(lengths.max(initial=0) < 1e8 * lengths[lengths > 0].min(initial=np.inf))


def independent(J: Matrix) -> bool:
    return bool(np.linalg.norm(J, axis=1).all() and np.linalg.cond(units(J)) < 1e3)


def measurable(J: Matrix) -> bool:
    """Whether no row is so long that its component across v, rounded, hides the others."""
    lengths = np.linalg.norm(J, axis=1)
    longest, shortest = lengths.max(initial=0), lengths[lengths > 0].min(initial=np.inf)
    return independent(J) or bool(longest < 1e3 * shortest)


def units(J: Matrix) -> Matrix:
    lengths = np.linalg.norm(J, axis=1)[:, None]
    return J / np.where(lengths > 0, lengths, 1)


# Where most methods violate a law; "random 0" for those that are not here.
COUNTEREXAMPLES = {
    "linear_under_scaling": "pair, random 4",
    "non_conflicting": "stationary",
    "stationary": "stationary",
}


@dataclass(frozen=True, kw_only=True)
class Row:
    """One method's row.

    Attributes:
        build: m -> the aggregator under test; for a method that wraps, around `optax.sgd(1.0)`.
        oracle: (J, losses) -> v of the first step, in float64, slow and obvious; J has the active
            rows only. None where a file of the method's own compares.
        applies: the matrices on which the oracle and the code must agree.
        laws: every law of the registry's row, with the matrices that it is tested on.
        breaks: the case that violates a law that is not claimed, where it is not the law's usual
            one in `COUNTEREXAMPLES`.
        extras: m -> what `update` is given beside the Jacobian, such as `preference`.
        lazy: whether it asks for sub-batches, or for another point: the probe is then a batch of
            linear objectives instead of stacked rows.
        level: whether its laws are stated for losses that are all equal, as they then are here.
    """

    build: Callable[[int], Any]
    oracle: Callable[[Matrix, Matrix], Matrix] | None = None
    applies: Range = always
    laws: Mapping[str, Range] = field(default_factory=dict)
    breaks: Mapping[str, str] = field(default_factory=dict)
    extras: Callable[[int], Mapping[str, Any]] = lambda m: {}
    lazy: bool = False
    level: bool = False

    def counterexample(self, law: str) -> str:
        """Return the case on which the method violates a law that it does not claim."""
        return self.breaks.get(law, COUNTEREXAMPLES.get(law, "random 0"))


def of_rows(oracle: Callable[[Matrix], Matrix]) -> Callable[[Matrix, Matrix], Matrix]:
    """Make an oracle of one that knows no losses."""
    return lambda J, losses: oracle(J)


EQUIVARIANT = {"permutation_equivariant": always}
HOMOGENEOUS = {"homogeneous": always}
LINEAR_UNDER_SCALING = {"linear_under_scaling": always}
NON_CONFLICTING = {"non_conflicting": always}
ROTATION = {"orthogonal_equivariant": always}
LOSS_FREE = {"loss_scale_invariant": always}
