import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

import moo
from tests.helpers import core

K = 4


def population(dtype=jnp.float32):
    trees = [core.network(seed, dtype) for seed in range(K)]
    return jax.tree.map(lambda *leaves: jnp.stack(leaves), *trees)


def singles():
    return [moo.jacobian(core.objectives, core.network(k), core.batch()) for k in range(K)]


@pytest.fixture(scope="module")
def taken():
    """Everything that a population's Jacobian says, from one program."""
    weights = jnp.arange(1.0, 1 + K * core.M).reshape(K, core.M)

    def everything(population):
        jac = moo.population_jacobian(core.objectives, population, core.batch())
        held = jac.materialize()
        out = jac.losses, jac.rows(), jac.gram(), jac.combine(weights)
        return out, held.combine(weights), held.gram()

    def alone():
        jacs = singles()
        return [
            (j.losses, j.rows(), j.gram(), j.combine(w)) for j, w in zip(jacs, weights, strict=True)
        ]

    return core.compiled(everything, population()), core.compiled(alone)


def test_each_solution_is_a_jacobian_of_its_own(taken):
    (found, _, _), alone = taken
    core.assert_close(found, jax.tree.map(lambda *leaves: jnp.stack(leaves), *alone))


def test_materialized_rows_serve_both(taken):
    (found, combined, gram), _ = taken
    core.assert_close((gram, combined), (found[2], found[3]))


def test_combine_is_one_backward_pass():
    def update(population, weights):
        return moo.population_jacobian(core.objectives, population, core.batch()).combine(weights)

    def alone(params, weights):
        return moo.jacobian(core.objectives, params, core.batch()).combine(weights)

    many = jax.make_jaxpr(update)(population(), jnp.ones((K, core.M)))
    one = jax.make_jaxpr(alone)(core.network(), jnp.ones(core.M))
    assert core.products(many.jaxpr) == core.products(one.jaxpr)


def test_aux_comes_for_each_solution():
    jac = moo.population_jacobian(
        lambda x, shift: (x + shift, {"first": x[0]}), jnp.eye(2), 1.0, has_aux=True
    )
    np.testing.assert_array_equal(jac.aux["first"], [1, 0])
    np.testing.assert_array_equal(jac.losses, [[2, 1], [1, 2]])
    assert (jac.num_solutions, jac.num_objectives) == (2, 2)


def test_gradients_keep_the_dtype_of_the_population():
    jac = moo.population_jacobian(lambda x: x.astype(jnp.float32), jnp.eye(2, dtype=jnp.bfloat16))
    assert jac.combine(jnp.ones((2, 2))).dtype == jnp.bfloat16
    assert jac.gram().norms.dtype == jnp.float32


@pytest.mark.parametrize(
    ("population", "error", "message"),
    [
        (jnp.float32(1), ValueError, r"one leading axis K >= 1 in every leaf, got .*\[\(\)\]"),
        ((jnp.ones((2, 1)), jnp.ones((3, 1))), ValueError, r"leading axes \[\(2,\), \(3,\)\]"),
        ({}, ValueError, "population has no leaf"),
        (jnp.ones((2, 2), int), TypeError, "population has dtype int32"),
    ],
)
def test_what_is_no_population_raises(population, error, message):
    with pytest.raises(error, match=message):
        moo.population_jacobian(lambda x: x, population)


def test_wrong_returns_and_weights_raise():
    with pytest.raises(TypeError, match="with has_aux=True the objectives must return"):
        moo.population_jacobian(lambda x: x, jnp.eye(2), has_aux=True)
    with pytest.raises(ValueError, match="engine must be one of"):
        moo.population_jacobian(lambda x: x, jnp.eye(2), engine="fast")
    jac = moo.population_jacobian(lambda x: x, jnp.eye(2))
    with pytest.raises(ValueError, match=r"weights must have shape \(2, 2\), a row for each"):
        jac.combine(jnp.ones(2))


def test_it_is_no_pytree():
    jac = moo.population_jacobian(lambda x: x, jnp.eye(2))
    with pytest.raises(TypeError, match="put the aggregator first in"):
        jax.tree.leaves(jac)
    with pytest.raises(TypeError, match="put the aggregator first in"):
        optax.sgd(0.1).update(jac, optax.sgd(0.1).init(jnp.eye(2)))
