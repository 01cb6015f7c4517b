"""A Jacobian in the wrong place says what to do; in the right one, nothing changes."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from jax import lax

import moo
from tests.helpers.core import by_loss, unit_rows

PARAMS = {"a": jnp.ones(2), "b": jnp.ones(2)}
SENTENCE = (
    "put the aggregator first in optax.chain; clip, masked, MultiSteps and apply_if_finite go "
    "after it, moo.skip_nonfinite goes around the whole chain, and jit, cond and scan close over it"
)


def _objectives(p):
    return jnp.stack([p["a"] @ p["a"], p["b"].sum() + p["a"].sum()])


def _jacobians():
    lazy = moo.jacobian(_objectives, PARAMS)
    return {
        "autodiff": lazy,
        "materialized": lazy.materialize(),
        "stacked": moo.stacked_jacobian(lazy.rows()),
        "feature": moo.feature_jacobian(lambda p: p["a"], lambda p, z: z, PARAMS),
    }


def _first(transformation):
    return lambda jac: transformation.update(jac, transformation.init(PARAMS), PARAMS)


PLACES = {
    "adam": _first(optax.adam(0.1)),
    "clip": _first(optax.clip(1.0)),
    "clip_by_global_norm": _first(optax.clip_by_global_norm(1.0)),
    "add_decayed_weights": _first(optax.add_decayed_weights(0.1)),
    "zero_nans": _first(optax.zero_nans()),
    "masked": _first(optax.masked(optax.sgd(0.1), {"a": True, "b": False})),
    "MultiSteps": _first(optax.MultiSteps(optax.sgd(0.1), 2)),
    "apply_if_finite": _first(optax.apply_if_finite(optax.sgd(0.1), 2)),
    "adam before the aggregator": _first(optax.chain(optax.adam(0.1), unit_rows(2))),
    "MultiSteps around the aggregator": _first(optax.MultiSteps(unit_rows(2), 2)),
    "masked around the aggregator": _first(optax.masked(unit_rows(2), True)),
    "jit argument": lambda jac: jax.jit(lambda j: j.losses)(jac),
    "jit result": lambda jac: jax.jit(lambda: jac)(),
    "jitted update": lambda jac: jax.jit(unit_rows(2).update)(jac, unit_rows(2).init(PARAMS)),
    "cond operand": lambda jac: lax.cond(True, lambda j: j.losses, lambda j: j.losses, jac),
    "scan carry": lambda jac: lax.scan(lambda j, _: (j, 0), jac, None, 2),
    "vmap argument": lambda jac: jax.vmap(lambda j: j.losses)(jac),
    "tree.map": lambda jac: jax.tree.map(jnp.ones_like, jac),
}


@pytest.mark.parametrize("place", PLACES)
def test_every_wrong_place_says_what_to_do(place):
    for jac in _jacobians().values():
        with pytest.raises(TypeError) as caught:
            PLACES[place](jac)
        assert SENTENCE in str(caught.value)


@pytest.mark.parametrize("first", [optax.sgd(0.1), optax.identity(), unit_rows(2)])
def test_an_aggregator_that_comes_second_receives_gradients_and_says_so(first):
    given = moo.jacobian(_objectives, PARAMS)
    if not isinstance(first, moo.Aggregator):
        given = given.combine(jnp.ones(2))
    tx = optax.chain(first, by_loss(2))
    with pytest.raises(TypeError, match=r"updates must be a moo.Jacobian, got dict: build it with"):
        tx.update(given, tx.init(PARAMS), PARAMS)


AFTER = {
    "clip, adam": optax.chain(optax.clip_by_global_norm(1.0), optax.adam(0.1)),
    "decayed weights": optax.add_decayed_weights(0.1),
    "masked": optax.masked(optax.sgd(0.1), {"a": True, "b": False}),
    "MultiSteps": optax.MultiSteps(optax.sgd(0.1), 2).gradient_transformation(),
    "apply_if_finite": optax.apply_if_finite(optax.sgd(0.1), 2),
    "named_chain": optax.named_chain(("first", optax.sgd(0.1)), ("second", optax.scale(2.0))),
    "schedule": optax.scale_by_schedule(optax.linear_schedule(1.0, 0.0, 10)),
    "partition": optax.partition({"x": optax.sgd(0.1), "y": optax.adam(0.1)}, {"a": "x", "b": "y"}),
}


@pytest.mark.parametrize("after", AFTER)
def test_plain_optax_after_an_aggregator_sees_the_combined_gradient(after):
    weights = jnp.array([0.25, 0.75])
    constant = moo.from_losses(
        2, lambda p, dtype: (), lambda losses, state, *, active: (weights, state)
    )
    tx, plain = optax.chain(constant, AFTER[after]), AFTER[after]

    def ours(p, state):
        return tx.update(moo.jacobian(_objectives, p), state, p)

    def theirs(p, state):
        gradient = jax.grad(lambda q: weights @ _objectives(q))(p)
        return plain.update(gradient, state, p)

    one = jax.jit(lambda: ours(PARAMS, ours(PARAMS, tx.init(PARAMS))[1])[0])()
    two = jax.jit(lambda: theirs(PARAMS, theirs(PARAMS, plain.init(PARAMS))[1])[0])()
    for name in PARAMS:
        np.testing.assert_allclose(one[name], two[name], rtol=1e-5, atol=1e-7)


def test_a_jacobian_cannot_be_rebuilt_from_leaves():
    structure = jax.tree.structure({"a": 0})
    jac = moo.jacobian(_objectives, PARAMS)
    with pytest.raises(TypeError, match=r"a moo\.Jacobian reached code"):
        jax.tree.unflatten(structure, jax.tree.leaves(jac))
