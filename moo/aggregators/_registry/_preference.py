"""Methods that aim at one point of the Pareto front."""

from moo.aggregators._registry._method import (
    EQUIVARIANT,
    HOMOGENEOUS,
    LOSS_FREE,
    ROTATION,
    Law,
    Method,
)

ROWS: dict[str, Method] = {
    "epo": Method(
        factory="moo.aggregators.preference._epo:epo",
        family="preference",
        summary="equal weighted losses first, then their descent, by a linear program each",
        scale="convex",
        laws=(
            EQUIVARIANT,
            ROTATION,
            HOMOGENEOUS,
            Law("loss_scale_invariant", "independent rows"),
            Law("non_conflicting", "weighted losses equal"),
        ),
        paper="mahapatra2020multi",
        defaults="eps 1e-4, restricted descent (code); preference 1/m",
    ),
    "wc_mgda": Method(
        factory="moo.aggregators.preference._wc_mgda:wc_mgda",
        family="preference",
        summary="weights for the largest weighted losses, less u times the length they leave",
        scale="free",
        laws=(
            EQUIVARIANT,
            LOSS_FREE,
            ROTATION,
            HOMOGENEOUS,
            Law("non_conflicting", "weighted losses equal"),
            Law("stationary", "weighted losses equal"),
        ),
        paper="momma2022multi",
        defaults="u = 0.1 (low end of the published range); preference 1/m",
    ),
    "pmgda": Method(
        factory="moo.aggregators.preference._pmgda:pmgda",
        family="preference",
        summary="back to the preferred ray by a linear program, then MGDA",
        scale="free",
        laws=(
            EQUIVARIANT,
            ROTATION,
            Law("homogeneous", "losses on the ray"),
            Law("non_conflicting", "losses on the ray"),
            Law("stationary", "losses on the ray"),
            Law("loss_scale_invariant", "losses on the ray"),
        ),
        paper="zhang2024pmgda",
        defaults="h_eps 0.01, sigma 0.95 (code's configuration); preference 1/m",
    ),
    "png": Method(
        factory="moo.aggregators.preference._png:png",
        family="preference",
        summary="the nearest direction to a criterion's gradient that lowers every loss",
        scale="free",
        laws=(
            EQUIVARIANT,
            ROTATION,
            HOMOGENEOUS,
            Law("non_conflicting", "away from the Pareto set, or losses on the ray"),
            Law("loss_scale_invariant", "losses on the ray"),
        ),
        paper="ye2022pareto",
        defaults="alpha 0.5, threshold 0.1 (port of the code); distance to the ray of ones (ours)",
    ),
    "ferero": Method(
        factory="moo.aggregators.preference._ferero:ferero",
        family="preference",
        summary="multipliers, learned so that losses fall and return to a ray at a constant rate",
        state="two kinds of multipliers",
        scale="learned",
        laws=(
            EQUIVARIANT,
            ROTATION,
            Law("loss_scale_invariant", "losses on the ray"),
        ),
        paper="chen2024ferero",
        defaults="gamma = c = 0.1, one iteration a step (code's single loop); bound 10 (ours)",
    ),
}
