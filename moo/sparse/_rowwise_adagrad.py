"""Adagrad with one accumulator a row."""

from typing import NamedTuple

import jax
import jax.numpy as jnp
import optax
from jax.typing import ArrayLike

from moo._types import Array, Params, PyTree
from moo.aggregators._checks import check_number


class RowwiseAdagradState(NamedTuple):
    """Sums over steps of each row's mean squared gradient."""

    sums: PyTree  # leaves (V,), () for scalars


def rowwise_adagrad(
    learning_rate: optax.ScalarOrSchedule,
    *,
    initial_accumulator_value: ArrayLike = 0.0,
    eps: ArrayLike = 1e-8,
) -> optax.GradientTransformationExtraArgs:
    r"""Adagrad with one learning rate a row: one number of state for each row of a table.

    $s_r \leftarrow s_r + \frac{1}{d} \sum_j g_{rj}^2, \qquad
    u_r = -\eta\, g_r / (\sqrt{s_r} + \epsilon)$

    A row without gradient stays as it is, so `lazy(rowwise_adagrad(...))` equals the dense method.
    Rows lie along the first axis of every leaf; an entry of a vector is a row, where this is
    Adagrad itself. Use `optax.partition` to give other leaves another method.

    Args:
        learning_rate: $\eta \ge 0$, or a schedule of steps.
        initial_accumulator_value: $s_r$ at the start, at least 0.
        eps: $\epsilon > 0$.

    Returns:
        An optax transformation, inside `lazy` or by itself.

    Raises:
        TypeError: if a hyper-parameter is no number.
        ValueError: if a hyper-parameter is out of range.

    Example:
        >>> import jax.numpy as jnp, moo
        >>> tx = moo.sparse.rowwise_adagrad(1.0)
        >>> g = jnp.array([[2.0, 14.0], [0.0, 0.0]])  # mean square 100
        >>> updates, state = tx.update(g, tx.init(jnp.zeros((2, 2))))
        >>> (-10 * updates).tolist(), state[0].sums.tolist()
        ([[2.0, 14.0], [0.0, 0.0]], [100.0, 0.0])

    Source: "exact row-wise Adagrad" of FBGEMM and TorchRec (Ivchenko et al., RecSys 2022);
    Naumov et al., "Deep Learning Recommendation Model", arXiv 1906.00091.
    """
    if not callable(learning_rate):
        check_number("learning_rate", learning_rate)
    check_number("initial_accumulator_value", initial_accumulator_value)
    check_number("eps", eps, strict=True)

    def init(params: Params) -> RowwiseAdagradState:
        def start(leaf: Array) -> Array:
            dtype = jnp.promote_types(jnp.float32, jnp.result_type(leaf))
            return jnp.full(jnp.shape(leaf)[:1], initial_accumulator_value, dtype)

        return RowwiseAdagradState(jax.tree.map(start, params))

    def update(
        updates: PyTree, state: RowwiseAdagradState, params: Params = None
    ) -> tuple[PyTree, RowwiseAdagradState]:
        sums = jax.tree.map(lambda s, g: s + _mean_square(g, s), state.sums, updates)
        scaled = jax.tree.map(
            lambda s, g: (g / _along(jnp.sqrt(s) + eps, g)).astype(g.dtype), sums, updates
        )
        return scaled, RowwiseAdagradState(sums)

    return optax.chain(
        optax.GradientTransformation(init, update), optax.scale_by_learning_rate(learning_rate)
    )


def _mean_square(gradient: Array, like: Array) -> Array:
    squares = jnp.square(gradient.astype(like.dtype))
    return jnp.mean(squares, axis=tuple(range(1, gradient.ndim)))


def _along(values: Array, leaf: Array) -> Array:
    return values.reshape(values.shape + (1,) * (leaf.ndim - values.ndim))
