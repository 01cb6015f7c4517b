"""The losses of a funnel of K steps, with the conflict modes."""

import jax
import jax.numpy as jnp
import numpy as np
from jax.typing import ArrayLike

from moo.models.entire_space._conflict import Conflict, check_conflict, kept_fraction
from moo.models.entire_space._options import check_option
from moo.models.entire_space._probabilities import ctcvr_logit, funnel_logits
from moo.models.entire_space._rows import cross_entropy
from moo.models.entire_space._steps import Steps, check_steps


def funnel_losses(
    logits: ArrayLike,
    labels: ArrayLike,
    *,
    weights: ArrayLike | None = None,
    conflict: Conflict = "none",
    coefficient: ArrayLike = 0.5,
    cap: ArrayLike = 1.0,
    where: ArrayLike | None = None,
    sample_weight: ArrayLike | None = None,
) -> jax.Array:
    r"""One loss a step of a funnel, each over all impressions: ESMM with K steps.

    With $p_j = \sigma(a_j)$, $\pi_k = \prod_{j \le k} p_j$ and labels
    $z_1 \ge z_2 \ge \dots \ge z_K$ (step k was reached),

    $$L_k = w_k \,\mathrm{mean}\, \mathrm{BCE}(z_k, \pi_k), \qquad
    \frac{\partial L_k}{\partial a_j} = w_k (\pi_k - z_k) \frac{1 - p_j}{1 - \pi_k}
    \quad (j \le k)\ \text{per sample}.$$

    A user who passed d steps gives tower j <= d up-votes from $L_j, \dots, L_d$ and down-votes
    from the losses beyond d, all multiples of one vector, in the ratio

    $$\rho_j(d) = \sum_{k > d} \frac{w_k \pi_k}{1 - \pi_k} \Big/ \sum_{k=j}^{d} w_k.$$

    `conflict` says how much of $\partial L_k / \partial a_j$, j < k, is kept; the values, and the
    gradient of $L_k$ by its own step's logit $a_k$, are the same in all modes:

    - `"none"`: all of it.
    - `"stop_gradient"`: nothing.
    - `"soft"`: the fraction `coefficient`, one for all rows, or $c_d$ by the steps passed.
    - `"cap"`: of the down-votes at a tower that has up-votes the fraction
      $\min(1, \mathrm{cap}/\rho_j(d))$, so that they sum to at most `cap` times the up-votes.
    - `"mask"`: no down-votes at a tower that has up-votes (a cap of 0).
    - `"unbiased_mask"`: none either, and of the up-votes of $L_k$ at $a_j$ the fraction
      $(1 - \pi_j)/(1 - \pi_k)$, which balances the down-votes of the users that did not reach j.

    At the true rates the expected gradient is 0 for `"none"`, `"stop_gradient"`,
    `"unbiased_mask"` and `"soft"` with one coefficient. The others are biased. With
    $P(d) = \pi_d (1 - p_{d+1})$, for j < k:

    - `"soft"` by class:
      $w_k \pi_k (1 - p_j)\,(\mathrm{E}[c_d \mid d < k] - \mathrm{E}[c_d \mid d \ge k])$;
    - `"mask"`: $-w_k \pi_k (1 - p_j)\,(\pi_j - \pi_k)/(1 - \pi_k)$;
    - `"cap"`: $-w_k (1 - p_j) \frac{\pi_k}{1 - \pi_k} \sum_{d=j}^{k-1} P(d)\,
      \max(0, 1 - \mathrm{cap}/\rho_j(d))$, summed over k:
      $-(1 - p_j) \sum_{d=j}^{K-1} P(d) \sum_{i=j}^{d} w_i \max(0, \rho_j(d) - \mathrm{cap})$.

    A negative expectation lowers the loss by raising $a_j$: `"mask"` and `"cap"` over-predict
    the early steps.

    Args:
        logits: (n, K) floating, a.
        labels: (n, K) z in {0, 1}, any real dtype, not growing along the steps.
        weights: (K,) w >= 0, ones if None; the result contains them.
        conflict: one of `CONFLICT_MODES`.
        coefficient: read by `"soft"`: in [0, 1], scalar, or (K + 1,) by the number of steps
            passed, 0 to K. May be traced (a schedule).
        cap: read by `"cap"`: scalar >= 0.
        where: boolean, (n,) for rows that count or (n, K) for the steps whose label exists. Each
            loss is a mean over its own rows, and 0 without any. The votes of a row count with
            the weight they have in those means; the steps passed are those its labels show, so
            that `"unbiased_mask"` is unbiased only where a step's label comes with all before it.
        sample_weight: (n,) >= 0; the means are weighted by it.

    Returns:
        (K,) in promote(float32, dtype of the logits); finite for any finite logits.

    Raises:
        ValueError: on shapes that differ, an unknown `conflict`, an option out of range; and, where
            they are not traced, on labels other than 0 and 1, a label 1 after a label 0, or a
            negative weight. Traced labels and weights are not checked.
        TypeError: on arguments that are no arrays, logits that are not floating or a `where` that
            is not boolean.

    Example:
        >>> import jax, jax.numpy as jnp
        >>> labels = jnp.array([[1, 1, 0]])  # click, stay, no like
        >>> losses = funnel_losses(jnp.zeros((1, 3)), labels)
        >>> [round(float(loss), 4) for loss in losses]  # log 2, log 4, log 8/7
        [0.6931, 1.3863, 0.1335]
        >>> votes = jax.jit(jax.jacobian(lambda a: funnel_losses(a, labels)))(jnp.zeros((1, 3)))
        >>> [round(float(vote), 4) for vote in votes[:, 0, 0]]  # up, up and down at the click
        [-0.5, -0.5, 0.0714]

    Source: for K = 2 Ma et al., "Entire Space Multi-Task Model", SIGIR 2018, arXiv:1804.07931;
    products along longer chains in Wen et al., "Entire Space Multi-Task Modeling via
    Post-Click Behavior Decomposition", SIGIR 2020, arXiv:1910.07099. The derivation of the
    conflict for K steps and the modes are our own.
    """
    steps = check_steps(logits, labels, where, sample_weight)
    num_steps = steps.logits.shape[-1]
    check_conflict(conflict, coefficient, cap, num_steps)
    if weights is None:
        weights = np.ones(num_steps)
    check_option("weights", weights, shapes=((num_steps,),))
    return chain_losses(steps, weights, conflict, coefficient, cap)


def chain_losses(
    steps: Steps, weights: ArrayLike, conflict: str, coefficient: ArrayLike, cap: ArrayLike
) -> jax.Array:
    """The losses (K,) of checked rows."""
    total = jnp.sum(steps.weight, axis=0)
    share = jnp.asarray(weights, total.dtype) / jnp.where(total > 0, total, 1)
    votes = share * steps.weight
    fixed = jax.lax.stop_gradient(steps)
    kept = kept_fraction(fixed, funnel_logits(fixed.logits), votes, conflict, coefficient, cap)
    errors = cross_entropy(steps.labels, _routed_logits(steps.logits, jax.lax.stop_gradient(kept)))
    return share * jnp.sum(steps.weight * errors, axis=0)


def _routed_logits(logits: jax.Array, kept: jax.Array) -> jax.Array:
    """`funnel_logits`, with dl_k/da_j scaled by kept[:, k, j]."""
    fixed = jax.lax.stop_gradient(logits)[:, None, :]
    seen = fixed + kept * (logits[:, None, :] - fixed)  # (n, K, K): logit j as loss k sees it
    reached = seen[:, :, 0]
    for step in range(1, logits.shape[-1]):
        later = ctcvr_logit(reached[:, step:], seen[:, step:, step])
        reached = jnp.concatenate((reached[:, :step], later), axis=1)
    return reached
