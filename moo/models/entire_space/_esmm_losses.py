"""The two losses of the entire-space multi-task model, with the conflict modes."""

import jax
import jax.numpy as jnp
from jax.typing import ArrayLike

from moo.models.entire_space._conflict import Conflict, check_conflict
from moo.models.entire_space._funnel_losses import chain_losses
from moo.models.entire_space._options import check_option
from moo.models.entire_space._rows import Rows, check_rows
from moo.models.entire_space._steps import two_steps


def esmm_losses(
    ctr_logit: ArrayLike,
    cvr_logit: ArrayLike,
    click: ArrayLike,
    conversion: ArrayLike,
    *,
    ctcvr_weight: ArrayLike = 1.0,
    conflict: Conflict = "none",
    coefficient: ArrayLike = 0.5,
    cap: ArrayLike = 1.0,
    where: ArrayLike | None = None,
    sample_weight: ArrayLike | None = None,
) -> jax.Array:
    """CTR loss and CTCVR loss over all impressions.

    With p = sigmoid(a), q = sigmoid(b), pi = p q and labels y, z:

        L1 = mean BCE(y, p),    L2 = w mean BCE(z, pi).

    Per sample, dL1/da = p - y and dL2/da = w (pi - z)(1 - p)/(1 - pi). On a click without
    conversion these oppose each other with the ratio rho = w pi/(1 - pi), in every layer of the
    CTR tower (the complete conflict); from rho > 1 the click counts as a negative. `conflict`
    says how much of dL2/da is kept; values, and the gradient of b, are the same in all modes:

    - `"none"`: all of it (ESMM).
    - `"stop_gradient"`: nothing.
    - `"soft"`: the fraction `coefficient`, one for all rows or one a class.
    - `"cap"`: on (1, 0) rows at most `cap` times abs(dL1/da), that is the fraction min(1, cap/rho).
    - `"mask"`: nothing on (1, 0) rows, all elsewhere.
    - `"unbiased_mask"`: nothing on (1, 0) rows, the fraction (1 - p)/(1 - pi) on converted rows.

    `"none"`, `"stop_gradient"`, `"soft"` with one coefficient and `"unbiased_mask"` have
    expectation zero at the true rates. `"mask"` and `"cap"` where rho > cap are biased: they
    over-predict the CTR. Unequal class coefficients are biased either way, see `funnel_losses`.

    Where pi - z = q (p - y) + y (q - z) splits the residual of the product, `"unbiased_mask"` is
    w (1 - p)/(1 - pi) (q (p - y) + lambda y (q - z)) with lambda = 1 - p: of the CVR's residual,
    which says nothing of the click, the most that a tower can be sent without opposing a click.
    Rare clicks leave it near ESMM, frequent ones near a gradient of the click's own residual.

    Args:
        ctr_logit: (n,) floating, a.
        cvr_logit: (n,) floating, b.
        click: (n,) y in {0, 1}, any real dtype.
        conversion: (n,) z = click * conversion in {0, 1}; it must be 0 where click is 0.
        ctcvr_weight: w >= 0, scalar; the second entry of the result contains it.
        conflict: one of `CONFLICT_MODES`.
        coefficient: read by `"soft"`: in [0, 1], scalar, or (3,) for the classes not clicked;
            clicked and not converted; converted. May be traced (a schedule).
        cap: read by `"cap"`: scalar >= 0.
        where: (n,) boolean; rows that count. With none the losses are 0.
        sample_weight: (n,) >= 0; the means are weighted by it.

    Returns:
        (2,) (L1, L2) in promote(float32, dtype of the logits); finite for any finite logits.

    Raises:
        ValueError: on shapes that differ, an unknown `conflict`, an option out of range; and, where
            they are not traced, on labels other than 0 and 1, a conversion without a click, or a
            negative weight. Traced labels and weights are not checked.
        TypeError: on arguments that are no arrays, logits that are not floating or a `where` that
            is not boolean.

    Example:
        >>> import jax, jax.numpy as jnp
        >>> click, conversion = jnp.array([0.0, 1.0]), jnp.array([0.0, 0.0])
        >>> losses = esmm_losses(jnp.zeros(2), jnp.zeros(2), click, conversion)
        >>> [round(float(loss), 4) for loss in losses]  # log 2 and -log(3/4)
        [0.6931, 0.2877]
        >>> push = lambda a: esmm_losses(a, jnp.zeros(2), click, conversion)
        >>> votes = jax.jit(jax.jacobian(push))(jnp.zeros(2))[:, 1]  # of the click: up, and down
        >>> [round(float(vote), 4) for vote in votes]
        [-0.25, 0.0833]

    Source: Ma et al., "Entire Space Multi-Task Model", SIGIR 2018, arXiv:1804.07931. The
    derivation of the complete conflict is our own.

    Differs from the paper: the modes other than `"none"`; means instead of sums over rows; log
    space instead of a clipped product.
    """
    rows = check_rows(ctr_logit, cvr_logit, click, conversion, where, sample_weight)
    return ctr_and_ctcvr(rows, ctcvr_weight, conflict, coefficient, cap)


def ctr_and_ctcvr(
    rows: Rows, ctcvr_weight: ArrayLike, conflict: str, coefficient: ArrayLike, cap: ArrayLike
) -> jax.Array:
    """The two losses (2,) of checked rows, after checking the options."""
    check_option("ctcvr_weight", ctcvr_weight)
    check_conflict(conflict, coefficient, cap, num_steps=2)
    weights = jnp.stack((jnp.ones(()), jnp.asarray(ctcvr_weight)))
    return chain_losses(two_steps(rows), weights, conflict, coefficient, cap)
