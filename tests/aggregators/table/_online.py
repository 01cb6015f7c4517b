"""Rows of the family `online`."""

import clarabel
import numpy as np
from scipy import sparse

import moo
from tests.aggregators.table._row import (
    EQUIVARIANT,
    HOMOGENEOUS,
    LINEAR_UNDER_SCALING,
    LOSS_FREE,
    ROTATION,
    Row,
    always,
    comparable,
    of_rows,
)

# The weights know nothing of the rows.
OF_LOSSES = ROTATION | HOMOGENEOUS | LINEAR_UNDER_SCALING | {"linear": always}


def dr_ommd(J, alpha=0.1):
    """Solve for the weights and bounds t on their distances from 1/m, by an interior point."""
    m, scale = len(J), np.abs(J).max() or 1.0
    G = J @ J.T / scale**2
    alpha = alpha * np.trace(G) / m
    eye, none = np.eye(m), np.zeros((m, m))
    goal = sparse.csc_matrix(np.triu(np.block([[2 * G, none], [none, none]])))
    rows = np.block([[np.ones((1, m)), np.zeros((1, m))], [-eye, none], [eye, -eye], [-eye, -eye]])
    sides = np.concatenate([[1], np.zeros(m), np.full(m, 1 / m), np.full(m, -1 / m)])
    cones = [clarabel.ZeroConeT(1), clarabel.NonnegativeConeT(3 * m)]
    settings = clarabel.DefaultSettings()
    settings.verbose = False
    slopes = np.repeat([0, alpha], m)
    problem = clarabel.DefaultSolver(goal, slopes, sparse.csc_matrix(rows), sides, cones, settings)
    return np.array(problem.solve().x[:m]) @ J


ROWS: dict[str, Row] = {
    "omd_tch": Row(
        build=moo.omd_tch,
        oracle=of_rows(lambda J: J.mean(0)),
        laws=EQUIVARIANT | OF_LOSSES,
    ),
    "ada_omd_tch": Row(
        build=lambda m: moo.ada_omd_tch(m, capacity=4),
        oracle=of_rows(lambda J: J.mean(0)),
        laws=EQUIVARIANT | OF_LOSSES,
    ),
    "hedge": Row(
        build=moo.hedge,
        oracle=of_rows(lambda J: J.mean(0)),
        laws=EQUIVARIANT | OF_LOSSES,
    ),
    "dr_ommd": Row(
        build=moo.dr_ommd,
        oracle=of_rows(dr_ommd),
        laws=LOSS_FREE | ROTATION | HOMOGENEOUS | {"permutation_equivariant": comparable},
    ),
}
