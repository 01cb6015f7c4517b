"""Methods that make the objectives' shares equal."""

from moo.aggregators._registry._method import EQUIVARIANT, HOMOGENEOUS, Law, Method

ROWS: dict[str, Method] = {
    "imtl_g": Method(
        factory="moo.aggregators.equalize._imtl_g:imtl_g",
        family="equalize",
        summary="equal projections onto every unit gradient",
        scale="affine",
        laws=(
            EQUIVARIANT,
            HOMOGENEOUS,
            Law("equal_projections", "independent rows"),
            Law("row_scale_invariant", "independent rows"),
            Law("non_conflicting", "m = 2"),
        ),
        paper="liu2021towards",
        defaults="none",
    ),
    "nash_mtl": Method(
        factory="moo.aggregators.equalize._nash_mtl:nash_mtl",
        family="equalize",
        summary="the Nash bargaining solution: Gw = 1/w, w > 0",
        scale="unit",
        laws=(
            EQUIVARIANT,
            Law("non_conflicting", "not Pareto-stationary"),
            Law("row_scale_invariant", "not Pareto-stationary"),
        ),
        paper="navon2022multitask",
        defaults="max_norm = 1, solved at each step (code)",
    ),
    "aligned_mtl": Method(
        factory="moo.aggregators.equalize._aligned_mtl:aligned_mtl",
        family="equalize",
        summary="all principal components of the gradients scaled to the smallest one",
        scale="sum",
        laws=(EQUIVARIANT, HOMOGENEOUS),
        paper="senushkin2023independent",
        defaults="smallest singular value, preference 1 an objective (code)",
    ),
}
