"""Rows of the family `equalize`."""

import numpy as np

import moo
from tests.aggregators import gramian_oracles, oracles
from tests.aggregators.table._row import (
    EQUIVARIANT,
    HOMOGENEOUS,
    LOSS_FREE,
    ROTATION,
    Row,
    always,
    independent,
    measurable,
    movable,
    of_rows,
    two_rows,
    units,
)


def clear_rank(J):
    """Whether no singular value is so small that float32 may take it for 0."""
    sizes = np.linalg.svd(J, compute_uv=False)
    faint = np.linalg.norm(J, axis=1).min(initial=np.inf) < 1e-4 * sizes[0]
    return not (faint and sizes[-1] < 1e-4 * sizes[0]) or not sizes[-1]


def db_mtl(J, losses):
    """First step: a tenth of the unit log gradients, at the length of the longest."""
    rows = 0.1 * J / losses[:, None]
    return np.linalg.norm(rows, axis=1).max() * units(rows).sum(axis=0)


def apart(J):
    """Whether the unit rows do not cancel."""
    return bool(np.linalg.norm(units(J).sum(axis=0)) > 0.02)


def momentum_config(J):
    """First step: nothing until all had a turn; Adam of a lone objective."""
    return J[0] / (np.abs(J[0]) + 1e-8) if len(J) == 1 else 0 * J[0]


ROWS: dict[str, Row] = {
    "imtl_g": Row(
        build=moo.imtl_g,
        oracle=of_rows(oracles.imtl_g),
        applies=independent,
        laws=ROTATION
        | LOSS_FREE
        | EQUIVARIANT
        | HOMOGENEOUS
        | {
            "equal_projections": independent,
            "row_scale_invariant": independent,
            "non_conflicting": two_rows,
        },
        breaks={"stationary": "pair, zero row"},
    ),
    "nash_mtl": Row(
        build=moo.nash_mtl,
        laws=ROTATION
        | LOSS_FREE
        | EQUIVARIANT
        | {
            "non_conflicting": movable,
            "row_scale_invariant": movable,
            "scale_invariant": movable,
            "stationary": always,
        },
    ),
    "aligned_mtl": Row(
        build=moo.aligned_mtl,
        oracle=of_rows(oracles.aligned_mtl),
        applies=clear_rank,
        laws=ROTATION | LOSS_FREE | HOMOGENEOUS | {"permutation_equivariant": clear_rank},
    ),
    "config": Row(
        build=moo.config,
        oracle=of_rows(gramian_oracles.config),
        applies=independent,
        laws=LOSS_FREE
        | {
            "permutation_equivariant": measurable,
            "orthogonal_equivariant": measurable,
            "homogeneous": measurable,
            "linear_under_scaling": measurable,
            "equal_projections": independent,
            "non_conflicting": independent,
            "row_scale_invariant": independent,
        },
    ),
    "gradnorm": Row(
        build=moo.gradnorm,
        oracle=of_rows(lambda J: J.sum(0)),
        laws=LOSS_FREE | EQUIVARIANT | ROTATION,
    ),
    "fairgrad": Row(
        build=moo.fairgrad,
        laws=EQUIVARIANT
        | ROTATION
        | LOSS_FREE
        | {"non_conflicting": movable, "stationary": always},
    ),
    "db_mtl": Row(
        build=moo.db_mtl,
        oracle=db_mtl,
        laws=EQUIVARIANT | ROTATION | HOMOGENEOUS | {"row_scale_invariant": apart},
    ),
    "momentum_config": Row(
        build=moo.momentum_config,
        oracle=of_rows(momentum_config),
        laws=LOSS_FREE
        | dict.fromkeys(["permutation_equivariant", "row_scale_invariant"], independent),
    ),
}
