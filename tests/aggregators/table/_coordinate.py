"""Rows of the family `coordinate`."""

import jax.numpy as jnp
import numpy as np

import moo
from tests.aggregators.table._row import (
    EQUIVARIANT,
    HOMOGENEOUS,
    LINEAR_UNDER_SCALING,
    LOSS_FREE,
    ROTATION,
    Row,
    always,
    of_rows,
    units,
)


def krum(J):
    """Average the rows of lowest score, those that tie with the lowest included."""
    distances = np.sum((J[:, None] - J[None]) ** 2, axis=-1)
    nearest = np.sort(distances, axis=1)[:, 1 : max(len(J) - 2, 1) + 1]
    scores = nearest.sum(axis=1)
    return J[scores <= scores.min() * (1 + 3e-6)].mean(axis=0)


def trimmed_mean(J):
    cut = min(1, (len(J) - 1) // 2)
    return np.sort(J, axis=0)[cut : len(J) - cut].mean(axis=0)


def metabalance(J):
    """Rescale each row that is not zero by 0.7 of the way to the first one's length."""
    lengths = np.linalg.norm(J, axis=1)
    return 0.7 * lengths[0] * units(J).sum(axis=0) + 0.3 * J.sum(axis=0)


def adatask(J):
    return (J / (np.abs(J) + 1e-8)).sum(axis=0)


def mtadam(J):
    lengths = np.linalg.norm(J, axis=1)
    anchor = next((length for length in lengths if length > 0), 0.0)
    rows = anchor * units(J)
    return rows.sum(axis=0) / (np.abs(rows).max(axis=0) + 1e-8)


def sam_gs(J):
    """First step: momentum and dissimilarity are those of this step alone."""
    lengths = np.linalg.norm(J, axis=1)
    pairs = [
        2 * a * b / (a**2 + b**2) if a or b else 1.0
        for i, a in enumerate(lengths)
        for b in lengths[i + 1 :]
    ]
    similarity = np.mean(pairs) if pairs else 1.0
    if similarity < 0.1:
        return lengths.mean() * units(J).sum(axis=0)
    return (np.abs(J) * J).sum(axis=0) / np.sqrt((1 - similarity) ** 2 + 1e-6)


def unlike(J):
    """Whether the lengths differ enough for 1 - similarity to be known in float32."""
    lengths = np.linalg.norm(J, axis=1)
    return bool(len(J) == 1 or lengths.max() > 1.2 * lengths.min())


def mean(J):
    return J.mean(axis=0)


def above_eps(J):
    """Whether float32 does not see an epsilon of 1e-8 beside the entries, nor opposite ones."""
    entries = np.abs(J[J != 0])
    signs = np.sign(J).sum(axis=0)
    return bool(entries.size and entries.min() > 0.01 and np.abs(signs).max() >= 1)


ROWS: dict[str, Row] = {
    "graddrop": Row(build=moo.graddrop, laws=LOSS_FREE | EQUIVARIANT | HOMOGENEOUS),
    "krum": Row(
        build=moo.krum,
        oracle=of_rows(krum),
        laws=LOSS_FREE | EQUIVARIANT | ROTATION | HOMOGENEOUS,
        breaks={"linear_under_scaling": "random 2"},
    ),
    "trimmed_mean": Row(
        build=moo.trimmed_mean,
        oracle=of_rows(trimmed_mean),
        laws=LOSS_FREE | EQUIVARIANT | HOMOGENEOUS,
        breaks={"linear_under_scaling": "random 1"},
    ),
    "metabalance": Row(
        build=moo.metabalance,
        oracle=of_rows(metabalance),
        laws=LOSS_FREE | HOMOGENEOUS | LINEAR_UNDER_SCALING | ROTATION,
    ),
    "adatask": Row(
        build=moo.adatask,
        oracle=of_rows(adatask),
        laws=LOSS_FREE | EQUIVARIANT | {"row_scale_invariant": above_eps},
    ),
    "mtadam": Row(
        build=moo.mtadam,
        oracle=of_rows(mtadam),
        laws=LOSS_FREE
        | dict.fromkeys(["permutation_equivariant", "row_scale_invariant"], above_eps),
    ),
    "sam_gs": Row(
        build=moo.sam_gs,
        oracle=of_rows(sam_gs),
        applies=unlike,
        laws=LOSS_FREE | EQUIVARIANT,
        breaks={"scale_invariant": "pair, zero row"},
    ),
    "bayes_agg": Row(
        build=moo.bayes_agg,
        oracle=of_rows(mean),
        extras=lambda m: {"variance": jnp.ones((m, 1))},
        laws=LOSS_FREE
        | EQUIVARIANT
        | HOMOGENEOUS
        | LINEAR_UNDER_SCALING
        | ROTATION
        | {"linear": always},
    ),
    "excess_mtl": Row(
        build=moo.excess_mtl,
        oracle=of_rows(mean),
        laws=LOSS_FREE
        | EQUIVARIANT
        | HOMOGENEOUS
        | LINEAR_UNDER_SCALING
        | ROTATION
        | {"linear": always},
    ),
}
