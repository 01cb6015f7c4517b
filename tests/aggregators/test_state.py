from typing import NamedTuple

import jax.numpy as jnp
import numpy as np
import optax
import pytest

import moo
from tests.helpers.core import by_loss, mean, unit_rows

PARAMS = {"weights": jnp.ones(5), "gram": jnp.ones(4), "b": jnp.ones(3)}


class Layer(NamedTuple):
    weights: jnp.ndarray
    bias: jnp.ndarray


CHAINS = {
    "aggregator": unit_rows(2),
    "chain": optax.chain(unit_rows(2), optax.adam(0.1)),
    "momentum": optax.chain(by_loss(2), optax.trace(0.9)),
    "every_k": optax.chain(moo.every_k(unit_rows(2), 3), optax.adam(0.1)),
    "ema_weights": optax.chain(moo.ema_weights(unit_rows(2)), optax.adam(0.1)),
    "nested": optax.chain(moo.every_k(moo.ema_weights(unit_rows(2)), 3), optax.adam(0.1)),
    "skip_nonfinite": moo.skip_nonfinite(optax.chain(unit_rows(2), optax.adam(0.1))),
    "named_chain": optax.named_chain(("weights", unit_rows(2)), ("b", optax.adam(0.1))),
}


@pytest.mark.parametrize("name", CHAINS)
def test_weights_are_found_beside_a_parameter_of_that_name(name):
    assert moo.find(CHAINS[name].init(PARAMS), "weights").shape == (2,)


def test_weights_are_found_with_parameters_in_a_named_tuple():
    params = Layer(jnp.ones(5), jnp.ones(3))
    for name in CHAINS:
        assert moo.find(CHAINS[name].init(params), "weights").shape == (2,)


def test_a_moment_is_never_taken_for_weights():
    pair = moo.Aggregator(lambda p: (), lambda j, s, p=None: (j.combine(jnp.ones(2)), s),
                          num_objectives=2, linear=False)  # fmt: skip
    for after in (optax.adam(0.1), optax.trace(0.9)):
        assert moo.find(optax.chain(pair, after).init(PARAMS), "weights") is None


def test_a_hyperparameter_of_that_name_is_no_field():
    scheduled = moo.inject_hyperparams(lambda weights: optax.scale(weights))
    assert moo.find(scheduled(weights=1.0).init(PARAMS), "weights") is None


def test_the_outermost_of_nested_fields_is_found():
    ema = moo.ema_weights(mean(2), decay=0.5)
    state = ema.init(PARAMS)._replace(weights=jnp.array([1.0, 2.0]))
    np.testing.assert_array_equal(moo.find((state, ()), "weights"), [1, 2])
    np.testing.assert_array_equal(moo.find((state, ()), "inner").weights, [0, 0])


def test_other_fields():
    state = CHAINS["skip_nonfinite"].init(PARAMS)
    assert moo.find(state, "skipped") == 0
    assert moo.find(state, "converged")
    assert moo.find(state, "residual") == 0
    assert moo.find(state, "gram").cosines.shape == (2, 2)
    assert moo.find(state, "mu").keys() == PARAMS.keys()


@pytest.mark.parametrize("state", [(), None, optax.EmptyState(), {"weights": jnp.ones(2)}])
def test_nothing_is_found_where_there_is_none(state):
    assert moo.find(state, "weights") is None
