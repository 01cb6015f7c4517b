"""Rows of the family `matrix`."""

import numpy as np

import moo
from tests.aggregators.table._row import EQUIVARIANT, LOSS_FREE, ROTATION, Row, of_rows


def moon(J):
    """First step on a vector of parameters: the unit vector of the mean."""
    mean = J.mean(axis=0)
    return mean / np.linalg.norm(mean) if mean.any() else mean


def clear_mean(J):
    """Whether the mean is more than the rounding of its terms."""
    return bool(np.linalg.norm(J.mean(axis=0)) > 1e-3 * np.abs(J).max() or not J.any())


ROWS: dict[str, Row] = {
    "moon": Row(
        build=moo.moon,
        oracle=of_rows(moon),
        applies=clear_mean,
        laws=LOSS_FREE | EQUIVARIANT | ROTATION,
    ),
}
