"""Methods that weigh the objectives by their losses."""

from moo.aggregators._registry._method import (
    EQUIVARIANT,
    HOMOGENEOUS,
    LINEAR_UNDER_SCALING,
    Law,
    Method,
)

ROWS: dict[str, Method] = {
    "mean": Method(
        factory="moo.aggregators.losses._mean:mean",
        family="losses",
        summary="w = 1/m: the gradient of the average loss",
        needs="losses",
        backward_passes="1",
        scale="mean",
        laws=(EQUIVARIANT, HOMOGENEOUS, LINEAR_UNDER_SCALING),
        paper="caruana1997multitask",
        defaults="none",
    ),
    "sum": Method(
        factory="moo.aggregators.losses._sum:sum",
        family="losses",
        summary="w = 1: the gradient of the total loss",
        needs="losses",
        backward_passes="1",
        scale="sum",
        laws=(EQUIVARIANT, HOMOGENEOUS, LINEAR_UNDER_SCALING),
        paper="caruana1997multitask",
        defaults="none",
    ),
    "uncertainty": Method(
        factory="moo.aggregators.losses._uncertainty:uncertainty",
        family="losses",
        summary="w = exp(-s)/2 with trained log-variances s",
        needs="losses",
        backward_passes="1",
        scale="learned",
        laws=(EQUIVARIANT,),
        paper="kendall2018multitask",
        defaults="s = 0 at the start (paper)",
    ),
    "famo": Method(
        factory="moo.aggregators.losses._famo:famo",
        family="losses",
        summary="equal decrease of the log losses, from the losses before and after the step",
        placement="wraps",
        needs="losses",
        backward_passes="1",
        scale="convex",
        linear=False,
        laws=(EQUIVARIANT, Law("loss_scale_invariant", "floors at 0")),
        paper="liu2023famo",
        defaults="logits by Adam at 0.025 (code); decay 1e-3 (paper's NYUv2 setting)",
    ),
}
