"""Where the two levels get their data: a validation Jacobian, or two halves of one batch."""

from typing import Any

import jax
import jax.numpy as jnp
from jax.typing import ArrayLike

from moo._jacobian import Jacobian
from moo._types import Params, PyTree
from moo.aggregators._base import expect_jacobian


def levels(
    jac: Jacobian, validation: Jacobian | None, params: Params, method: str
) -> tuple[Jacobian, Jacobian]:
    """Return the Jacobians of the lower (training) and of the upper (validation) level.

    Args:
        jac: the Jacobian that came.
        validation: one on a validation batch at the same parameters; None: halves of `jac`'s.
        params: the parameters, which the method must be given.
        method: its name, for messages.

    Raises:
        TypeError: if `validation` is no Jacobian.
        ValueError: if it has another number of objectives, `params` is missing, or the batch
            cannot be split.
    """
    if params is None:
        raise ValueError(f"params is missing: {method} looks at the losses after an inner step")
    if validation is not None:
        expect_jacobian(validation, jac.num_objectives, "validation")
        return jac, validation
    train, held_out = jac.split(2)
    return train, held_out


def extra_jacobian(extra: dict[str, Any]) -> Jacobian | None:
    """Read `validation` from the extra arguments of `update`."""
    found: Jacobian | None = extra.get("validation")
    return found


def ahead(params: Params, v: PyTree, learning_rate: ArrayLike) -> Params:
    r"""Return $\theta - \alpha v$ in the parameters' own dtypes."""
    return jax.tree.map(
        lambda x, step: x - (learning_rate * step).astype(jnp.result_type(x)), params, v
    )
