"""Rows of the family `bilevel`."""

import numpy as np

import moo
from tests.aggregators.table._row import EQUIVARIANT, HOMOGENEOUS, LOSS_FREE, ROTATION, Row, of_rows


def auto_lambda(J):
    """Adam's first step, of 1e-4, on weights of 0.1, both levels having the same rows."""
    slope = -0.1 * J @ J.sum(axis=0)
    return (0.1 - 1e-4 * slope / (np.abs(slope) + 1e-8)) @ J


def decided(J):
    """Whether every row clearly agrees or disagrees with the sum, at an ordinary scale."""
    lengths = np.linalg.norm(J, axis=1)
    mass = lengths * lengths.sum()
    return bool((np.abs(J @ J.sum(axis=0)) > 1e-3 * mass).all() and mass.min(initial=1) > 0.01)


ROWS: dict[str, Row] = {
    "auto_lambda": Row(
        build=moo.auto_lambda,
        oracle=of_rows(auto_lambda),
        applies=decided,
        laws=LOSS_FREE | EQUIVARIANT | ROTATION,
        lazy=True,
        breaks={"linear_under_scaling": "random 2"},
    ),
    "moml": Row(
        build=lambda m: moo.moml(m, learning_rate=0.01),
        laws=LOSS_FREE | EQUIVARIANT | ROTATION | HOMOGENEOUS,
        lazy=True,
        breaks={"linear_under_scaling": "random 0"},
    ),
    "forum": Row(
        build=moo.forum,
        laws=EQUIVARIANT | ROTATION | LOSS_FREE,
        lazy=True,
        breaks={"equal_projections": "pair, scale trap"},
    ),
}
