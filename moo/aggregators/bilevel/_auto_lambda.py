"""Auto-lambda: loss weights by the gradient of the validation losses after the step they cause."""

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax
from jax.typing import ArrayLike

from moo._jacobian import Jacobian, check_params
from moo._types import Array, Params, PyTree, solver_dtype
from moo.aggregators._base import (
    Aggregator,
    active_mask,
    check_num_objectives,
    combined,
    expect_jacobian,
)
from moo.aggregators._checks import check_number
from moo.aggregators.bilevel._validation import ahead, extra_jacobian, levels
from moo.aggregators.losses._masked_adam import init_each, step_each


class AutoLambdaState(NamedTuple):
    """The weights used, the weights learned, and their Adam."""

    weights: Array  # (m,), 0 where inactive
    learned: Array  # (m,)
    adam: PyTree


def auto_lambda(
    num_objectives: int,
    *,
    primary: Sequence[bool] | None = None,
    inner_learning_rate: ArrayLike = 0.1,
    learning_rate: ArrayLike = 1e-4,
    initial: ArrayLike = 0.1,
) -> Aggregator:
    r"""Learn loss weights so that the step they cause lowers the primary validation losses.

    $\theta' = \theta - \alpha J^\top \lambda$, $h = \nabla \sum_{i \in P} \ell_i^{val}(\theta')$,
    and Adam moves $\lambda$ along $-\alpha J h$, the exact gradient of those losses in
    $\lambda$; then $v = J^\top \lambda$ with the new $\lambda$.

    Args:
        num_objectives: the number m of objectives.
        primary: P as m bools; None: all objectives.
        inner_learning_rate: $\alpha > 0$. The paper's is the learning rate of the model's
            optimizer, which an aggregator does not know; 0.1 is ours.
        learning_rate: Adam's step size on $\lambda$ (1e-4 in the authors' NYUv2 setting; 3e-5
            Cityscapes, 3e-4 CIFAR-100).
        initial: $\lambda_0$ (0.1 in the authors' code).

    Returns:
        A linear aggregator with an `AutoLambdaState`; its weights are free, negative ones
        included. Two backward passes, one forward-mode pass, and one more backward pass. `update`
        needs `params`, and takes `validation=`, a Jacobian on a validation batch at the same
        parameters; without it the halves of the batch stand for the two levels (`batched=` must
        be known) and v is taken on the whole. An inactive objective keeps its $\lambda$. Where the
        square of a slope in $\lambda$ overflows, that $\lambda$ and v are NaN.

    Raises:
        TypeError: if a hyper-parameter is no number, or `validation` no Jacobian.
        ValueError: if a hyper-parameter is out of range, `params` is missing, or there is neither
            `validation` nor a batch to split.

    Example:
        >>> import jax.numpy as jnp, moo
        >>> x = jnp.zeros(1)  # training wants x to fall, validation wants it to rise
        >>> train = moo.jacobian(lambda x: jnp.stack([x[0], 2 * x[0]]), x)
        >>> held_out = moo.jacobian(lambda x: jnp.stack([-x[0], -x[0]]), x)
        >>> tx = moo.auto_lambda(2, initial=0.5, learning_rate=0.25)
        >>> v, state = tx.update(train, tx.init(x), x, validation=held_out)
        >>> [round(float(weight), 4) for weight in state.weights]
        [0.25, 0.25]

    Source: Liu, James, Davison, Johns, "Auto-Lambda: Disentangling Dynamic Task Relationships",
    TMLR 2022, arXiv 2202.03091; defaults as in its code.
    Differs from the paper: the gradient in $\lambda$ is exact, where the paper has a finite
    difference; the inner step is plain descent, without the optimizer's momentum and decay.
    """
    m = check_num_objectives(num_objectives)
    check_number("inner_learning_rate", inner_learning_rate, strict=True)
    check_number("learning_rate", learning_rate, strict=True)
    goal = np.ones(m, bool) if primary is None else np.asarray(primary)
    if goal.shape != (m,) or goal.dtype != bool or not goal.any():
        raise ValueError(f"primary must hold {m} bools, at least one of them True, got {primary!r}")
    check_number("initial", initial, low=-math.inf)
    adam = optax.adam(learning_rate)

    def init(params: Params) -> AutoLambdaState:
        check_params(params)
        zeros = jnp.zeros(m, solver_dtype(params))
        start = jnp.full_like(zeros, jnp.asarray(initial, zeros.dtype))
        return AutoLambdaState(zeros, start, init_each(adam, zeros))

    def update(
        jac: Jacobian, state: AutoLambdaState, params: Params = None, **extra: Any
    ) -> tuple[PyTree, AutoLambdaState]:
        expect_jacobian(jac, m)
        train, held_out = levels(jac, extra_jacobian(extra), params, "auto_lambda")
        active, dtype = active_mask(train), state.learned.dtype
        inner = combined(train, jnp.where(active, state.learned, 0))
        upper = held_out.at(ahead(params, inner, inner_learning_rate))
        pull = upper.combine(jnp.asarray(goal, dtype))
        along = jax.jvp(train.losses_at, (params,), (pull,))[1].astype(dtype)
        slope = -(inner_learning_rate * along).astype(dtype)
        # Adam squares it: an infinite square would silently end all learning.
        slope = jnp.where(jnp.isfinite(slope**2), slope, jnp.nan)
        learned, moments = step_each(adam, slope, state.adam, state.learned, active)
        learned = learned.astype(dtype)
        weights = jnp.where(active_mask(jac), learned, 0)
        return combined(jac, weights), AutoLambdaState(weights, learned, moments)

    return Aggregator(init, update, num_objectives=m, linear=True)
