"""What every method of sets must stand, and what it refuses."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from jax.flatten_util import ravel_pytree

import moo
from moo.aggregators import SETS
from tests.aggregators.sets import worked
from tests.aggregators.sets.stack import LANES, K, answer
from tests.aggregators.sets.table import TABLE, build, start
from tests.helpers.core import signature

CASES = [key for key in LANES if key[0] in ("base", "permuted", "rotated")]
POPULATION = [name for name, row in TABLE.items() if not row.rays]
UNDIRECTED = [name for name in POPULATION if not TABLE[name].directed]
DRIVEN = [name for name, row in TABLE.items() if not row.penalised]
# Those whose weights are the rays, or the rays where a penalty is out of its range.
BY_RAYS = {"phn", "pamal", "lorpman"}
methods = pytest.mark.parametrize("name", TABLE)


def test_table_and_registry_agree():
    assert {name.split()[0] for name in TABLE} == set(SETS)
    for name in SETS:
        assert moo.aggregator(name, num_objectives=2).linear == SETS[name].linear


@methods
def test_finite_on_degenerate_sets(name):
    for key in CASES:
        state, v = answer(name, *key)
        if TABLE[name].positive and key[1] in ("no losses", "nothing"):
            assert np.isnan(v).all()
        else:
            assert np.isfinite(v).all(), key
            assert all(np.isfinite(leaf).all() for leaf in jax.tree.leaves(state)), key


@methods
def test_gradients_that_are_not_finite_are_announced(name):
    for value in ("NaN", "infinity"):
        _, v = answer(name, "spoilt", f"{value} in rows")
        assert np.isnan(v if TABLE[name].rays else v[1]).any()


@pytest.mark.parametrize("name", sorted(TABLE.keys() - BY_RAYS))
def test_losses_that_are_not_finite_are_announced(name):
    state, v = answer(name, "spoilt", "NaN in losses")
    assert np.isnan(v).any()
    assert not state.converged.all()


@pytest.mark.parametrize("name", DRIVEN)
def test_zero_gradients_do_not_move(name):
    assert not answer(name, "base", "all zero")[1].any()


@methods
def test_solutions_may_come_in_any_order(name):
    _, one = answer(name, "base", "worked")
    _, other = answer(name, "flipped", "worked", flipped=TABLE[name].directed)
    np.testing.assert_allclose(one, other if TABLE[name].rays else other[::-1], atol=2e-6)


@pytest.mark.parametrize("name", UNDIRECTED)
def test_identical_solutions_move_alike(name):
    _, v = answer(name, "base", "identical")
    np.testing.assert_allclose(v, np.broadcast_to(v[0], v.shape), atol=1e-7)


@pytest.mark.parametrize("name", DRIVEN)
def test_tiny_gradients_move_as_large_ones(name):
    ordinary, small = (answer(name, "base", case)[1] for case in ("worked", "small"))
    np.testing.assert_allclose(small * 1e20, ordinary, rtol=2e-5, atol=2e-6)


@methods
@pytest.mark.parametrize("dtype", [jnp.float32, jnp.bfloat16])
def test_state_and_updates_keep_their_signature(name, dtype):
    assert_signature(name, dtype, jnp.float32)


@methods
def test_float64_stays(name, x64):
    assert_signature(name, jnp.float64, jnp.float64)


def assert_signature(name, dtype, expected):
    tx = build(name)
    params = jax.tree.map(lambda leaf: leaf.astype(dtype), start(name))

    def square(params, *ray):
        return ravel_pytree(params)[0][:2].astype(expected) ** 2

    def step(params, state):
        if TABLE[name].rays:
            jac = moo.ray_jacobian(square, params, jnp.asarray(worked.RAYS, expected))
        else:
            jac = moo.population_jacobian(square, params)
        return tx.update(jac, state, params)

    state = jax.eval_shape(tx.init, params)
    updates, after = jax.eval_shape(step, params, state)
    assert signature(after) == signature(state)
    assert signature(updates) == signature(params)
    kept = state.multipliers if name == "moo_svgd" else state.weights
    assert (kept.shape, kept.dtype) == ((K, 2), expected)


@pytest.mark.parametrize("name", [name for name in TABLE if SETS[name.split()[0]].linear])
def test_linear_methods_follow_their_weights(name):
    state, v = answer(name, "base", "worked")
    expected = np.einsum("km,kmd->kd", state.weights, LANES["base", "worked"].rows)
    np.testing.assert_allclose(
        v, expected.mean(axis=0) if TABLE[name].rays else expected, atol=1e-6
    )


@methods
def test_a_plain_jacobian_is_refused(name):
    tx, params = moo.optimizer(build(name), optax.sgd(0.1)), start(name)
    wanted = "RayJacobian" if TABLE[name].rays else "PopulationJacobian"
    with pytest.raises(TypeError, match=f"must be a moo.{wanted}, got StackedJacobian"):
        tx.update(moo.stacked_jacobian(jnp.eye(2), jnp.ones(2)), tx.init(params), params)


def test_a_set_is_refused_by_methods_of_one_solution():
    tx = moo.mgda(2)
    jac = moo.population_jacobian(lambda x: x, jnp.eye(2))
    with pytest.raises(TypeError, match=r"must be a moo.Jacobian, got PopulationJacobian"):
        tx.update(jac, tx.init(jnp.eye(2)))


def test_wrong_numbers_are_refused():
    tx = moo.stch_set(2)
    state = tx.init(jnp.ones((3, 2)))
    with pytest.raises(ValueError, match="state was made for 3 solutions or rays"):
        tx.update(moo.population_jacobian(lambda x: x, jnp.ones((4, 2))), state)
    with pytest.raises(ValueError, match="num_objectives is 2, but the objectives return 3"):
        tx.update(moo.population_jacobian(lambda x: x, jnp.ones((3, 3))), state)


def test_a_chain_compiles_once():
    tx = moo.optimizer("stch_set", optax.adam(0.1), num_objectives=2)

    @jax.jit
    def step(population, state):
        jac = moo.population_jacobian(lambda x: x**2, population)
        updates, state = tx.update(jac, state, population)
        return optax.apply_updates(population, updates), state

    population = jnp.array([[1.0, 2.0], [2.0, 1.0]])
    state = tx.init(population)
    for _ in range(3):
        population, state = step(population, state)
    assert step._cache_size() == 1
    assert moo.find(state, "weights").shape == (2, 2)


def test_a_step_that_is_not_finite_can_be_skipped():
    tx = moo.skip_nonfinite(moo.optimizer("tch_set", optax.sgd(0.1), num_objectives=2))
    population = jnp.array([[1.0, 2.0], [2.0, 1.0]])

    def update(scale):
        jac = moo.population_jacobian(lambda x: scale * x, population)
        return tx.update(jac, tx.init(population), population)

    updates, state = jax.jit(jax.vmap(update))(jnp.array([1.0, jnp.nan]))
    np.testing.assert_array_equal(state.skipped, [0, 1])
    assert updates[0].any()
    assert not updates[1].any()
