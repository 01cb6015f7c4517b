"""Methods that project gradients off each other."""

from moo.aggregators._registry._method import (
    EQUIVARIANT,
    HOMOGENEOUS,
    LINEAR_UNDER_SCALING,
    Law,
    Method,
)

ROWS: dict[str, Method] = {
    "pcgrad": Method(
        factory="moo.aggregators.project._pcgrad:pcgrad",
        family="project",
        summary="each gradient loses its part against the others, in random order; summed",
        scale="sum",
        laws=(
            HOMOGENEOUS,
            LINEAR_UNDER_SCALING,
            Law("permutation_equivariant", "m = 2; in distribution beyond"),
            Law("non_conflicting", "m = 2"),
        ),
        paper="yu2020gradient",
        defaults="none",
    ),
    "upgrad": Method(
        factory="moo.aggregators.project._upgrad:upgrad",
        family="project",
        summary="mean of the gradients, each projected onto the dual cone of all",
        scale="mean",
        laws=(EQUIVARIANT, HOMOGENEOUS, LINEAR_UNDER_SCALING, Law("non_conflicting")),
        paper="quinton2024jacobian",
        defaults="preference 1/m (paper)",
    ),
    "dual_proj": Method(
        factory="moo.aggregators.project._dual_proj:dual_proj",
        family="project",
        summary="the mean gradient projected onto the dual cone of all",
        scale="mean",
        laws=(EQUIVARIANT, HOMOGENEOUS, Law("non_conflicting")),
        paper="lopezpaz2017gradient",
        defaults="preference 1/m",
    ),
}
