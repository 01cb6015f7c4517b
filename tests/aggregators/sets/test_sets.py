"""Every method of sets, by one row each."""

from dataclasses import dataclass
from functools import cache
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

import moo
from moo.aggregators import SETS
from tests.aggregators.sets import worked
from tests.helpers.core import signature

K, DIM = 3, 3


@dataclass(frozen=True)
class Row:
    """How to build a method on three solutions and two objectives."""

    options: Any = ()
    flipped: Any = ()
    rays: bool = False
    positive: bool = False

    def build(self, name, flipped=False):
        return moo.aggregator(
            name, num_objectives=2, **dict(self.flipped if flipped else self.options)
        )


BRIEF = (("inner_steps", 1), ("memory", 1))
# Those in which each solution has a direction of its own.
DIRECTED = {"pmtl", "umod"}


def quarter(order):
    return (("preferences", worked.QUARTER[order].tolist()),)


TABLE = {
    "pmtl": Row(quarter([0, 1, 2]), quarter([2, 1, 0])),
    "moo_svgd": Row(),
    "hv_gradient": Row(),
    "stch_set": Row(),
    "tch_set": Row(),
    "cosmos": Row((("num_rays", 3),), (("num_rays", 3),), rays=True),
    "phn": Row((("num_rays", 3),), (("num_rays", 3),), rays=True),
    "phn epo": Row(
        (("num_rays", 3), ("solver", "epo")), (("num_rays", 3), ("solver", "epo")), True, True
    ),
    "pamal": Row(rays=True),
    "umod": Row(quarter([0, 1, 2]) + BRIEF, quarter([2, 1, 0]) + BRIEF),
}
# Those that take no more than a second to run operation by operation.
PLAIN = ("stch_set", "tch_set", "cosmos", "phn")
POPULATION = [name for name, row in TABLE.items() if not row.rays]
methods = pytest.mark.parametrize("name", TABLE)


def cases():
    """Stacks of losses and Jacobians, by name."""
    F, J = worked.F, worked.J
    zero_row = J.copy()
    zero_row[:, 0] = 0
    opposite = J.copy()
    opposite[:, 1] = -2 * J[:, 0]
    fixed = {
        "worked": (F, J),
        "swapped objectives": (F[:, ::-1], J[:, ::-1]),
        "identical": (F[[0, 0, 0]], J[[0, 0, 0]]),
        "a pair": (F[[0, 0, 2]], J[[0, 0, 2]]),
        "dominated": (np.array([[1, 1], [2, 2], [3, 3.0]]), J),
        "tied": (np.array([[1, 2], [1, 3], [1, 4.0]]), J),
        "zero row": (F, zero_row),
        "all zero": (F, 0 * J),
        "opposite": (F, opposite),
        "small": (F, 1e-20 * J),
        "no losses": (0 * F, J),
        "nothing": (0 * F, 0 * J),
    }
    return {
        "flipped": (F[::-1], J[::-1], worked.RAYS[::-1]),
        **{name: (*case, worked.RAYS) for name, case in fixed.items()},
    }


CASES = cases()


@cache
def update_of(name, flipped=False):
    row = TABLE[name]
    on = worked.on_rays if row.rays else worked.on_population
    return on(row.build(name.split()[0], flipped))


@cache
def answers(name, flipped=False):
    """Return the first step on every case."""
    stacks = (np.stack(part) for part in zip(*CASES.values(), strict=True))
    updates, state = worked.steps(update_of(name, flipped), *stacks)
    each = [
        jax.tree.map(lambda x, k=k: np.asarray(x[k]), (updates, state)) for k in range(len(CASES))
    ]
    return dict(zip(CASES, each, strict=True))


def test_table_and_registry_agree():
    assert {name.split()[0] for name in TABLE} == set(SETS) - {"lorpman"}
    for name in SETS:
        assert moo.aggregator(name, num_objectives=2).linear == SETS[name].linear


@methods
def test_finite_on_degenerate_sets(name):
    for case, (updates, state) in answers(name).items():
        if TABLE[name].positive and case in ("no losses", "nothing"):
            assert np.isnan(updates).all()
        else:
            assert np.isfinite(updates).all(), case
            assert all(np.isfinite(leaf).all() for leaf in jax.tree.leaves(state)), case


@methods
def test_zero_gradients_do_not_move(name):
    assert not answers(name)["all zero"][0].any()


@methods
def test_solutions_may_come_in_any_order(name):
    one = answers(name)["worked"][0]
    other = answers(name, flipped=name in DIRECTED)["flipped"][0]
    np.testing.assert_allclose(one, other if TABLE[name].rays else other[::-1], atol=2e-6)


@pytest.mark.parametrize(
    "name", [name for name in POPULATION if SETS[name].claims("permutation_equivariant")]
)
def test_objectives_may_come_in_any_order(name):
    found = answers(name)
    np.testing.assert_allclose(found["worked"][0], found["swapped objectives"][0], atol=2e-6)


@pytest.mark.parametrize("name", sorted(set(POPULATION) - DIRECTED))
def test_identical_solutions_move_alike(name):
    updates, _ = answers(name)["identical"]
    np.testing.assert_allclose(updates, np.broadcast_to(updates[0], updates.shape), atol=1e-7)


@methods
def test_tiny_gradients_move_as_large_ones(name):
    ordinary, small = answers(name)["worked"][0], answers(name)["small"][0]
    np.testing.assert_allclose(small * 1e20, ordinary, rtol=2e-5, atol=2e-6)


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=[] if name in PLAIN else [pytest.mark.conformance])
        for name in TABLE
    ],
)
def test_eager_equals_jit(name):
    with jax.disable_jit():
        updates, _ = update_of(name)(*(jnp.asarray(x, jnp.float32)[None] for x in CASES["worked"]))
    np.testing.assert_allclose(updates[0], answers(name)["worked"][0], rtol=1e-5, atol=1e-6)


@methods
@pytest.mark.parametrize("dtype", [jnp.float32, jnp.bfloat16])
def test_state_and_updates_keep_their_signature(name, dtype):
    assert_signature(name, dtype, jnp.float32)


@methods
def test_float64_stays(name, x64):
    assert_signature(name, jnp.float64, jnp.float64)


def assert_signature(name, dtype, expected):
    row = TABLE[name]
    tx = row.build(name.split()[0])
    params = jnp.ones(2, dtype) if row.rays else jnp.ones((K, 2), dtype)

    def square(x, *ray):
        return x.astype(expected) ** 2

    def step(params, state):
        if row.rays:
            jac = moo.ray_jacobian(square, params, jnp.asarray(worked.RAYS, expected))
        else:
            jac = moo.population_jacobian(square, params)
        return tx.update(jac, state, params)

    state = jax.eval_shape(tx.init, params)
    updates, after = jax.eval_shape(step, params, state)
    assert signature(after) == signature(state)
    assert (updates.shape, updates.dtype) == (params.shape, dtype)
    kept = state.multipliers if name == "moo_svgd" else state.weights
    assert (kept.shape, kept.dtype) == ((K, 2), expected)


@pytest.mark.parametrize("name", [name for name in TABLE if SETS[name.split()[0]].linear])
def test_linear_methods_follow_their_weights(name):
    updates, state = answers(name)["worked"]
    expected = np.einsum("km,kmd->kd", state.weights, worked.J)
    expected = expected.mean(axis=0) if TABLE[name].rays else expected
    np.testing.assert_allclose(updates, expected, atol=1e-6)


@methods
def test_a_plain_jacobian_is_refused(name):
    row = TABLE[name]
    tx = moo.optimizer(row.build(name.split()[0]), optax.sgd(0.1))
    params = jnp.ones(2) if row.rays else jnp.ones((K, 2))
    wanted = "RayJacobian" if row.rays else "PopulationJacobian"
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
