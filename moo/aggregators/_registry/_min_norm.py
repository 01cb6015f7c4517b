"""Methods built on the shortest vector of a hull of gradients."""

from moo.aggregators._registry._method import EQUIVARIANT, HOMOGENEOUS, Law, Method

ROWS: dict[str, Method] = {
    "mgda": Method(
        factory="moo.aggregators.min_norm._mgda:mgda",
        family="min_norm",
        summary="the shortest vector in the convex hull of the gradients",
        scale="convex",
        laws=(EQUIVARIANT, HOMOGENEOUS, Law("non_conflicting"), Law("stationary")),
        paper="desideri2012multiple",
        defaults="rows as they are (paper)",
    ),
    "cagrad": Method(
        factory="moo.aggregators.min_norm._cagrad:cagrad",
        family="min_norm",
        summary="the best worst-case decrease within c times the mean gradient's length of it",
        scale="mean",
        laws=(EQUIVARIANT, HOMOGENEOUS, Law("non_conflicting", "c >= 1")),
        paper="liu2021conflict",
        defaults="c = 0.4 (paper's NYUv2 setting)",
    ),
}
