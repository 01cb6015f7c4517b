"""One training step: objectives, their Jacobian, an optimizer's update, and a record of it."""

from collections.abc import Callable, Mapping
from typing import Any

import jax
import jax.numpy as jnp
import optax

from moo._jacobian import Jacobian, jacobian
from moo._record import Record
from moo._types import Objectives, Params, PyTree, is_typed_key
from moo.aggregators._base import active_mask
from moo.aggregators._checks import expect_transformation
from moo.aggregators._state import find

Step = Callable[..., tuple[Params, PyTree, Record]]


def make_step(
    objectives: Objectives,
    tx: optax.GradientTransformation,
    *,
    has_aux: bool = False,
    **jacobian_options: Any,
) -> Step:
    r"""Build the training step $\theta \leftarrow \theta + \mathrm{update}(J(\theta))$.

    Args:
        objectives: `objectives(params, *args) -> losses`, shape (m,); with `has_aux`,
            `(losses, aux)`.
        tx: an optimizer whose first member is an aggregator, as from `moo.optimizer`.
        has_aux: whether the objectives return auxiliary output, which comes back in the record.
        **jacobian_options: `shared`, `heads`, `active`, `batched`, `engine`, `gram`,
            `memory` of `moo.jacobian`.

    Returns:
        A pure function `step(params, state, *args, **extra) -> (params, state, Record)`; `extra`
        goes to the optimizer, such as `preference` for `upgrad`; names that no member of the
        chain takes are ignored, as in optax. Jit it, with `donate_argnums=(0, 1)` in a loop.

    Example:
        >>> import jax, jax.numpy as jnp, moo, optax
        >>> tx = moo.optimizer("mean", optax.sgd(0.5), num_objectives=2)
        >>> step = jax.jit(moo.make_step(lambda x: jnp.stack([x @ x, 3 * x @ x]), tx))
        >>> x, state, record = step(jnp.ones(1), tx.init(jnp.ones(1)))
        >>> record.losses.tolist(), record.weights.tolist(), x.tolist()
        ([1.0, 3.0], [0.5, 0.5], [-1.0])
    """
    expect_transformation(tx, "tx")
    inner = optax.with_extra_args_support(tx)

    def step(
        params: Params, state: PyTree, *args: Any, **extra: Any
    ) -> tuple[Params, PyTree, Record]:
        jac = jacobian(objectives, params, *args, has_aux=has_aux, **jacobian_options)
        updates, state = inner.update(jac, state, params, **extra)
        if isinstance(updates, Jacobian):
            raise TypeError(
                "tx returned the Jacobian as it came: its first member must be an aggregator, as "
                "in moo.optimizer(method, *after, num_objectives=m)"
            )
        return optax.apply_updates(params, updates), state, _record(jac, updates, state)

    return step


def jacobian_settings(options: Mapping[str, Any]) -> dict[str, str]:
    """Describe how a Jacobian is taken, for a trajectory's `settings`."""
    plain = {"heads": "weighted", "gram": "rows", "engine": "auto"}
    found = {name: str(options.get(name, default)) for name, default in plain.items()}
    for name in ("shared", "active"):
        found[name] = "all" if options.get(name) is None else "some"
    return found


def check_key(key: Any) -> None:
    """Refuse what is no single typed key; None is none.

    Raises:
        TypeError: if the key is not typed.
        ValueError: if it is an array of keys.
    """
    if key is None:
        return
    if not is_typed_key(key):
        raise TypeError("key must be a typed key: build it with jax.random.key(seed)")
    if key.shape != ():
        raise ValueError(f"key must be one key, got shape {key.shape}: every use folds its own")


def _record(jac: Jacobian, updates: PyTree, state: PyTree) -> Record:
    finite = [jnp.isfinite(leaf).all() for leaf in jax.tree.leaves(updates)]
    finite.append((jnp.isfinite(jac.losses) | ~active_mask(jac)).all())
    residual, converged = find(state, "residual"), find(state, "converged")
    return Record(
        losses=jac.losses,
        weights=find(state, "weights"),
        gram=find(state, "gram"),
        residual=jnp.zeros((), jac.losses.dtype) if residual is None else residual,
        converged=jnp.ones((), bool) if converged is None else converged,
        finite=jnp.stack(finite).all(),
        aux=jac.aux,
    )
