"""Names for the types that travel through the package."""

from collections.abc import Callable, Mapping
from typing import Any, Literal, TypeAlias

import jax
import jax.numpy as jnp
import numpy as np

Array: TypeAlias = jax.Array
PyTree: TypeAlias = Any
Params: TypeAlias = Any
Objectives: TypeAlias = Callable[..., Any]
Extras: TypeAlias = Mapping[str, Any]

Engine: TypeAlias = Literal["auto", "scan", "unroll", "vmap"]
GramKind: TypeAlias = Literal["auto", "rows", "two_pass", "jvp"]
Heads: TypeAlias = Literal["weighted", "plain"]


def solver_dtype(params: Params) -> np.dtype[Any]:
    """Return the dtype of weights and solver state: float32, or float64 with float64 leaves."""
    leaves = [jnp.result_type(leaf) for leaf in jax.tree.leaves(params)]
    return np.dtype(
        jnp.promote_types(jnp.float32, jnp.result_type(*leaves) if leaves else jnp.float32)
    )


def is_typed_key(leaf: Any) -> bool:
    """Say whether a leaf is a typed random key (`jax.random.key`)."""
    dtype = getattr(leaf, "dtype", None)
    return dtype is not None and bool(jnp.issubdtype(dtype, jax.dtypes.prng_key))


def as_typed_key(key: Any) -> Array:
    """Return a typed random key from a seed, or the key itself.

    Raises:
        TypeError: if it is neither, such as a raw key of two integers.
    """
    if is_typed_key(key):
        typed: Array = key
        return typed
    number = isinstance(key, int | np.generic | np.ndarray | jax.Array)
    if not number or np.ndim(key) or not jnp.issubdtype(jnp.result_type(key), jnp.integer):
        raise TypeError(
            f"key must be an int or a typed key, got {type(key).__name__} of shape "
            f"{np.shape(key)}: build it with jax.random.key(seed)"
        )
    return jax.random.key(key)
