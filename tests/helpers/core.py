"""A two-head network, and the smallest aggregators, for tests of the core."""

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

import moo

M = 3


def network(seed: int = 0, dtype=jnp.float32) -> dict:
    """Parameters of a trunk of one layer with three heads."""
    rng = np.random.default_rng(seed)
    shapes = {"trunk": {"w": (3, 4), "b": (4,)}, "a": (4,), "b": (4,), "c": (4,)}
    leaves, tree = jax.tree.flatten(shapes, is_leaf=lambda leaf: isinstance(leaf, tuple))
    return jax.tree.unflatten(tree, [jnp.asarray(rng.normal(size=s), dtype) for s in leaves])


def batch(seed: int = 1, rows: int = 8, dtype=jnp.float32) -> dict:
    """Inputs (rows, 3) and labels (rows, 3)."""
    rng = np.random.default_rng(seed)
    return {
        "x": jnp.asarray(rng.normal(size=(rows, 3)), dtype),
        "y": jnp.asarray(rng.normal(size=(rows, M)), dtype),
    }


def outputs(params: dict, x: jax.Array) -> jax.Array:
    """Predictions of the three heads, shape (rows, 3)."""
    hidden = jnp.tanh(x.astype(params["trunk"]["w"].dtype) @ params["trunk"]["w"])
    heads = jnp.stack([params["a"], params["b"], params["c"]], axis=1)
    return (hidden + params["trunk"]["b"]) @ heads


def objectives(params: dict, data: dict) -> jax.Array:
    """Three mean squared errors, in at least float32."""
    error = outputs(params, data["x"]).astype(data["y"].dtype) - data["y"]
    return (error**2).mean(axis=0)


SHARED = {"trunk": True, "a": False, "b": False, "c": False}


def dense(rows) -> np.ndarray:
    """Stacked gradients as one matrix (m, d), in float64."""
    leaves = jax.tree.leaves(rows)
    return np.concatenate([np.asarray(x, np.float64).reshape(len(x), -1) for x in leaves], axis=1)


def flat(tree) -> np.ndarray:
    """A pytree as one vector, in float64."""
    return np.concatenate([np.asarray(x, np.float64).ravel() for x in jax.tree.leaves(tree)])


def assert_close(tree, expected, rtol: float = 1e-5, atol: float = 1e-6) -> None:
    """Assert that two pytrees have one structure and nearly equal leaves."""
    assert jax.tree.structure(tree) == jax.tree.structure(expected)
    for one, two in zip(jax.tree.leaves(tree), jax.tree.leaves(expected), strict=True):
        np.testing.assert_allclose(one, two, rtol=rtol, atol=atol)


def assert_identical(tree, expected) -> None:
    """Assert that two pytrees have one structure, the same dtypes and the same bits."""
    assert jax.tree.structure(tree) == jax.tree.structure(expected)
    for one, two in zip(jax.tree.leaves(tree), jax.tree.leaves(expected), strict=True):
        if jnp.issubdtype(one.dtype, jax.dtypes.prng_key):
            one, two = jax.random.key_data(one), jax.random.key_data(two)
        assert one.dtype == two.dtype
        np.testing.assert_array_equal(one, two)


def compiled(fn, *args):
    """Call a function as one program: eagerly, every operation would be compiled alone."""
    return jax.jit(fn)(*args)


def products(jaxpr) -> int:
    """Count the matrix products of a jaxpr, those of the called ones included."""
    found = sum(eqn.primitive.name == "dot_general" for eqn in jaxpr.eqns)
    params = [value for eqn in jaxpr.eqns for value in jax.tree.leaves(list(eqn.params.values()))]
    inner = [getattr(value, "jaxpr", value) for value in params]
    return found + sum(products(called) for called in inner if hasattr(called, "eqns"))


def signature(tree) -> list:
    """Structure, shapes, dtypes and weak types: what must not change from step to step."""
    leaves, structure = jax.tree.flatten(tree)
    return [structure, [(x.shape, x.dtype, getattr(x, "weak_type", False)) for x in leaves]]


def unit_rows(num_objectives: int = M) -> moo.Aggregator:
    """From the Gramian: the mean of the active gradients, each divided by its length."""

    def weigh(gram, losses, state, *, active):
        length = jnp.where(gram.lengths > 0, gram.lengths, 1)
        return jnp.where(active, 1 / length, 0) / active.sum(), state

    return moo.from_gram(num_objectives, lambda params, dtype: (), weigh)


def min_norm() -> moo.Aggregator:
    """From the Gramian: the two-objective min-norm weights in closed form."""

    def weigh(gram, losses, state, *, active):
        g = gram.matrix
        gap = g[0, 0] + g[1, 1] - 2 * g[0, 1]
        share = jnp.clip((g[1, 1] - g[0, 1]) / jnp.where(gap > 0, gap, 1), 0, 1)
        return jnp.stack([share, 1 - share]), state

    return moo.from_gram(2, lambda params, dtype: (), weigh)


def by_loss(num_objectives: int = M) -> moo.Aggregator:
    """From the losses: weights proportional to them, over the active ones."""

    def weigh(losses, state, *, active):
        kept = jnp.where(active, losses, 0)
        return kept / kept.sum(), state

    return moo.from_losses(num_objectives, lambda params, dtype: (), weigh)


def mean(num_objectives: int = M) -> moo.Aggregator:
    """From nothing: equal weights."""

    def weigh(losses, state, *, active):
        return active / active.sum(), state

    return moo.from_losses(num_objectives, lambda params, dtype: (), weigh)


def preferred(num_objectives: int = 2) -> moo.Aggregator:
    """From an extra argument: the preference itself."""

    def weigh(losses, state, *, active, preference):
        return preference, state

    return moo.from_losses(num_objectives, lambda params, dtype: (), weigh)


def tilted(num_objectives: int = M) -> moo.Aggregator:
    """From the Gramian and an extra argument: the preference over the gradients' lengths."""

    def weigh(gram, losses, state, *, active, preference):
        return preference / gram.lengths, state

    return moo.from_gram(num_objectives, lambda params, dtype: (), weigh)


class Draws(NamedTuple):
    """State of `drawn`."""

    key: jax.Array


def drawn(num_objectives: int = 2, key: int = 0) -> moo.Aggregator:
    """From a typed key in its state: weights drawn uniformly in every step."""

    def weigh(losses, state, *, active):
        key, now = jax.random.split(state.key)
        return jax.random.uniform(now, losses.shape, losses.dtype), Draws(key)

    return moo.from_losses(num_objectives, lambda p, dtype: Draws(jax.random.key(key)), weigh)


class Counter(NamedTuple):
    """State of `counting`: how often each objective was active."""

    calls: jax.Array


def counting(num_objectives: int = 2) -> moo.Aggregator:
    """From the losses: weights that name the call, (n, n, ...) in the n-th one."""

    def weigh(losses, state, *, active):
        calls = state.calls + 1
        return jnp.full(num_objectives, calls, losses.dtype), Counter(calls)

    return moo.from_losses(num_objectives, lambda p, dtype: Counter(jnp.int32(0)), weigh)
