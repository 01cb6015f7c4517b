"""Methods built on the shortest vector of a hull of gradients."""

from moo.aggregators._registry._method import (
    EQUIVARIANT,
    HOMOGENEOUS,
    LOSS_FREE,
    ROTATION,
    Law,
    Method,
)

ROWS: dict[str, Method] = {
    "mgda": Method(
        factory="moo.aggregators.min_norm._mgda:mgda",
        family="min_norm",
        summary="the shortest vector in the convex hull of the gradients",
        scale="convex",
        laws=(
            EQUIVARIANT,
            ROTATION,
            LOSS_FREE,
            HOMOGENEOUS,
            Law("non_conflicting"),
            Law("stationary"),
        ),
        paper="desideri2012multiple",
        defaults="rows as they are (paper)",
    ),
    "cagrad": Method(
        factory="moo.aggregators.min_norm._cagrad:cagrad",
        family="min_norm",
        summary="the best worst-case decrease within c times the mean gradient's length of it",
        scale="mean",
        laws=(EQUIVARIANT, ROTATION, LOSS_FREE, HOMOGENEOUS, Law("non_conflicting", "c >= 1")),
        paper="liu2021conflict",
        defaults="c = 0.4 (paper's NYUv2 setting)",
    ),
    "edm": Method(
        factory="moo.aggregators.min_norm._edm:edm",
        family="min_norm",
        summary="the shortest vector in the hull of the unit gradients, at a convex scale",
        scale="convex",
        laws=(
            EQUIVARIANT,
            LOSS_FREE,
            ROTATION,
            HOMOGENEOUS,
            Law("non_conflicting"),
            Law("stationary", "no zero row"),
            Law("row_scale_invariant", "not Pareto-stationary"),
        ),
        paper="katrutsa2020follow",
        defaults="none",
    ),
    "capped_mgda": Method(
        factory="moo.aggregators.min_norm._capped_mgda:capped_mgda",
        family="min_norm",
        summary="the shortest vector among convex combinations with no weight above a cap",
        scale="convex",
        laws=(EQUIVARIANT, LOSS_FREE, ROTATION, HOMOGENEOUS),
        paper="hu2026unified",
        defaults="cap = 0.5 (ours)",
    ),
    "imgrad": Method(
        factory="moo.aggregators.min_norm._imgrad:imgrad",
        family="min_norm",
        summary="between the conflict-averse and the min-norm direction, by their imbalance",
        scale="mean",
        laws=(
            EQUIVARIANT,
            ROTATION,
            HOMOGENEOUS,
            LOSS_FREE,
        ),
        paper="zhou2025injecting",
        defaults="c = 0.5 (code), objective of Eq. 9 (paper)",
    ),
}
