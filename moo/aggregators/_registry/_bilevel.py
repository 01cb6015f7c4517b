"""Methods that choose weights by a validation batch."""

from moo.aggregators._registry._method import EQUIVARIANT, LOSS_FREE, ROTATION, Law, Method

ROWS: dict[str, Method] = {
    "auto_lambda": Method(
        factory="moo.aggregators.bilevel._auto_lambda:auto_lambda",
        family="bilevel",
        summary="weights learned so that the step they cause lowers the validation losses",
        needs="jacobian",
        backward_passes="3, and one forward-mode pass",
        batches=2,
        state="learned weights with Adam",
        scale="learned",
        laws=(EQUIVARIANT, LOSS_FREE, ROTATION),
        paper="liu2022auto",
        defaults="weights 0.1, Adam at 1e-4 (code's NYUv2 setting); inner step 0.1 (ours)",
    ),
    "moml": Method(
        factory="moo.aggregators.bilevel._moml:moml",
        family="bilevel",
        summary="softmax weights learned along the min-norm direction of the validation losses",
        needs="jacobian",
        backward_passes="2m + 1",
        batches=2,
        state="logits with Adam",
        scale="convex",
        laws=(
            EQUIVARIANT,
            LOSS_FREE,
            ROTATION,
            Law("homogeneous", "losses linear in the parameters"),
        ),
        paper="ye2021multi",
        defaults="inner step 0.1, Adam at 1e-3, unit rows (LibMTL)",
    ),
    "forum": Method(
        factory="moo.aggregators.bilevel._forum:forum",
        family="bilevel",
        summary="all validation losses and the gap of the training loss lowered together",
        needs="jacobian",
        backward_passes="T + m",
        batches=2,
        state="logits, averaged shares, step count",
        scale="free",
        linear=False,
        laws=(
            EQUIVARIANT,
            ROTATION,
            LOSS_FREE,
        ),
        paper="ye2024first",
        defaults="phi = 0.1, T = 5, inner step 0.1, step of the logits 1e-3 (LibMTL)",
    ),
}
