"""Methods that use the matrix shape of parameters."""

from moo.aggregators._registry._method import EQUIVARIANT, LOSS_FREE, Law, Method

ROWS: dict[str, Method] = {
    "moon": Method(
        factory="moo.aggregators.matrix._moon:moon",
        family="matrix",
        summary="the polar factor of the weighted momentum; weights fall where it helps already",
        needs="jacobian",
        state="logits and momentum",
        scale="unit",
        linear=False,
        laws=(
            EQUIVARIANT,
            LOSS_FREE,
            Law("orthogonal_equivariant", "parameters that are vectors"),
        ),
        paper="zhou2026moon",
        defaults="rate 1e-4, decay 1e-3 (paper, MultiMNIST); momentum 0.95, 5 iterations (Muon)",
    ),
}
