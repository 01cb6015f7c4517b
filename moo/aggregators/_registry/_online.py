"""Methods for losses that change from round to round."""

from moo.aggregators._registry._method import (
    EQUIVARIANT,
    HOMOGENEOUS,
    LINEAR_UNDER_SCALING,
    LOSS_FREE,
    ROTATION,
    Law,
    Method,
)

# The weights know nothing of the rows.
OF_LOSSES = (ROTATION, HOMOGENEOUS, LINEAR_UNDER_SCALING, Law("linear"))

ROWS: dict[str, Method] = {
    "omd_tch": Method(
        factory="moo.aggregators.online._omd_tch:omd_tch",
        family="online",
        summary="multipliers by mirror ascent on the losses; the iterates are averaged",
        needs="losses",
        backward_passes="1",
        state="the mirrored multipliers and the average of the iterates",
        scale="convex",
        laws=(EQUIVARIANT, *OF_LOSSES),
        paper="liu2026adaptive",
        defaults="eta = 1 (code's synthetic runs), exponentiated multipliers, p = 1",
    ),
    "ada_omd_tch": Method(
        factory="moo.aggregators.online._ada_omd_tch:ada_omd_tch",
        family="online",
        summary="as omd_tch, with an average of the iterates that no other dominates",
        needs="losses",
        backward_passes="1",
        state="the mirrored multipliers, and an archive of 16 iterates and its average",
        scale="convex",
        laws=(EQUIVARIANT, *OF_LOSSES),
        paper="liu2026adaptive",
        defaults="eta = 1 (code's synthetic runs), p = 1; 16 iterates (ours; no bound in the code)",
        same_as="omd_tch",
    ),
    "hedge": Method(
        factory="moo.aggregators.online._hedge:hedge",
        family="online",
        summary="w = softmax(eta S) of the total losses S: Hedge over the objectives",
        needs="losses",
        backward_passes="1",
        state="total losses relative to the mixture's, and the round",
        scale="convex",
        laws=(EQUIVARIANT, *OF_LOSSES),
        paper="vaze2025multiobjective",
        defaults="eta = sqrt(8 log m / t) for losses in [0, 1] (Cesa-Bianchi and Lugosi 2006)",
    ),
    "dr_ommd": Method(
        factory="moo.aggregators.online._dr_ommd:dr_ommd",
        family="online",
        summary="the shortest combination, with an L1 penalty for leaving preset weights",
        scale="convex",
        laws=(
            Law("permutation_equivariant", "norms within 1e8"),
            LOSS_FREE,
            ROTATION,
            HOMOGENEOUS,
        ),
        paper="jiang2023multiobjective",
        defaults="alpha = 0.1 mean squared norms (ours; the paper's was not found), equal weights",
    ),
}
