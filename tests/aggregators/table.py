"""One row a method: how to build it, its slow oracle, and where each of its laws is tested."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

import moo
from tests.aggregators import oracles


def always(J):
    return True


def two_rows(J):
    return len(J) == 2


def movable(J):
    """Whether some direction clearly decreases every loss."""
    v = oracles.min_norm(units(J))
    return bool(np.linalg.norm(v) > 0.02)


def independent(J):
    return bool(np.linalg.norm(J, axis=1).all() and np.linalg.cond(units(J)) < 1e3)


def clear_rank(J):
    """Whether no singular value is so small that float32 may take it for 0."""
    sizes = np.linalg.svd(J, compute_uv=False)
    faint = np.linalg.norm(J, axis=1).min(initial=np.inf) < 1e-4 * sizes[0]
    return not (faint and sizes[-1] < 1e-4 * sizes[0]) or not sizes[-1]


def units(J):
    lengths = np.linalg.norm(J, axis=1)[:, None]
    return J / np.where(lengths > 0, lengths, 1)


@dataclass(frozen=True)
class Row:
    """One method's row.

    `oracle(J)` gives v for a matrix of active rows, in float64; `applies(J)` says where; `laws` has
    every law of the registry's row with the matrices that it is tested on.
    """

    build: Callable[[int], Any]
    oracle: Callable[[np.ndarray], np.ndarray] | None
    applies: Callable[[np.ndarray], bool] = always
    laws: Mapping[str, Callable[[np.ndarray], bool]] = field(default_factory=dict)


EQUIVARIANT = {"permutation_equivariant": always}
HOMOGENEOUS = {"homogeneous": always}
LINEAR = {"linear_under_scaling": always}
SAFE = {"non_conflicting": always}

TABLE = {
    "mean": Row(moo.mean, lambda J: J.mean(0), laws=EQUIVARIANT | HOMOGENEOUS | LINEAR),
    "sum": Row(moo.sum, lambda J: J.sum(0), laws=EQUIVARIANT | HOMOGENEOUS | LINEAR),
    "uncertainty": Row(
        lambda m: moo.uncertainty(m, likelihood="gaussian"),
        lambda J: J.sum(0) / 2,
        laws=EQUIVARIANT,
    ),
    "mgda": Row(
        moo.mgda,
        oracles.min_norm,
        laws=EQUIVARIANT | HOMOGENEOUS | SAFE | {"stationary": always},
    ),
    "cagrad": Row(
        lambda m: moo.cagrad(m, c=1.0),
        None,
        laws=EQUIVARIANT | HOMOGENEOUS | SAFE,
    ),
    "imtl_g": Row(
        moo.imtl_g,
        oracles.imtl_g,
        applies=independent,
        laws=EQUIVARIANT
        | HOMOGENEOUS
        | {
            "equal_projections": independent,
            "row_scale_invariant": independent,
            "non_conflicting": two_rows,
        },
    ),
    "nash_mtl": Row(
        moo.nash_mtl,
        None,
        laws=EQUIVARIANT | {"non_conflicting": movable, "row_scale_invariant": movable},
    ),
    "aligned_mtl": Row(
        moo.aligned_mtl, oracles.aligned_mtl, applies=clear_rank, laws=EQUIVARIANT | HOMOGENEOUS
    ),
    "pcgrad": Row(
        moo.pcgrad,
        None,
        laws=HOMOGENEOUS
        | LINEAR
        | {"permutation_equivariant": two_rows, "non_conflicting": two_rows},
    ),
    "upgrad": Row(moo.upgrad, oracles.upgrad, laws=EQUIVARIANT | HOMOGENEOUS | LINEAR | SAFE),
    "dual_proj": Row(moo.dual_proj, oracles.dual_proj, laws=EQUIVARIANT | HOMOGENEOUS | SAFE),
}
