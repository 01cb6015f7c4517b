"""Reading an optimizer's state by field name."""

from typing import Any

import optax


def find(state: Any, name: str) -> Any:
    """Return the outermost NamedTuple field of that name in an optimizer's state.

    It never returns a dict's entry, such as a parameter's moment or a hyper-parameter that
    happens to bear the name, and of nested states (a wrapper's and the wrapped one's) it returns
    the wrapper's.

    Args:
        state: any optax state.
        name: a field, such as `"weights"`, `"gram"`, `"residual"`, `"converged"`, `"skipped"`.

    Returns:
        The field's value, or None if no NamedTuple of the state has such a field.

    Example:
        >>> import jax.numpy as jnp, moo, optax
        >>> tx = optax.chain(moo.mgda(num_objectives=3), optax.adam(1e-3))
        >>> moo.find(tx.init({"weights": jnp.ones(5)}), "weights").shape
        (3,)
    """
    hits = optax.tree.get_all_with_path(
        state, name, filtering=lambda path, value: hasattr(path[-1], "tuple_name")
    )
    return min(hits, key=lambda hit: len(hit[0]))[1] if hits else None
