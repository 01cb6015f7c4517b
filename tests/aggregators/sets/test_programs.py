"""Ways to run a method of sets: on accelerators, eagerly, on larger sets, with schedules."""

import importlib
import inspect
import itertools

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

import moo
from moo.aggregators import SETS
from tests.aggregators.conformance.lowering import ACCELERATORS, on_host, platforms, primitives
from tests.aggregators.sets.stack import LANES, answer
from tests.aggregators.sets.table import (
    TABLE,
    build,
    drawn,
    first_step,
    options,
    start,
    stepper,
)

STEPS = 5
LARGEST = {"hv_gradient": 3}
# Those that take no more than a second to run operation by operation.
PLAIN = ("stch_set", "tch_set", "cosmos", "phn")
# A number for what is None by default.
NUMBERS = {"moo_svgd": {"bandwidth": 0.5}, "hv_gradient": {"reference": 3.0}}
methods = pytest.mark.parametrize("name", TABLE)


@methods
def test_no_host_in_the_step(name):
    traced = jax.jit(first_step(name, m=3)).trace(drawn(0, 3, 3))
    found = set(primitives(traced.jaxpr.jaxpr))
    assert "dot_general" in found
    assert on_host(found) == set()


@methods
def test_lowers_for_accelerators(name):
    assert platforms(first_step(name, m=3), drawn(0, 3, 3)) == ACCELERATORS


@pytest.mark.parametrize("manifold", [moo.pareto_manifold, moo.low_rank_manifold])
def test_manifolds_lower_for_accelerators(manifold):
    params, rays = start("lorpman"), jnp.eye(2)
    params = params if manifold is moo.low_rank_manifold else jnp.ones((2, 1, 2))
    fn = manifold(lambda matrix: jnp.stack([matrix.sum(), (matrix**2).sum()]))

    def step(params):
        return moo.ray_jacobian(fn, params, rays).combine(rays)

    assert on_host(primitives(jax.make_jaxpr(step)(params).jaxpr)) == set()
    assert platforms(step, params) == ACCELERATORS


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=[] if name in PLAIN else [pytest.mark.conformance])
        for name in TABLE
    ],
)
def test_eager_equals_jit(name):
    asked = jax.tree.map(jnp.asarray, LANES["base", "worked"])
    with jax.disable_jit():
        _, v = first_step(name)(asked)
    np.testing.assert_allclose(v, answer(name, "base", "worked")[1], rtol=1e-5, atol=1e-6)


@methods
@pytest.mark.conformance
@pytest.mark.parametrize(("m", "number"), [(8, 16), (512, 2)])
def test_finite_on_larger_sets(name, m, number):
    m = min(m, LARGEST.get(name, m))
    state, v = jax.jit(first_step(name, m, number))(drawn(1, m, number))
    assert np.isfinite(v).all()
    assert all(np.isfinite(leaf).all() for leaf in jax.tree.leaves(state))
    assert getattr(state, "converged", jnp.ones(number, bool)).all()


@pytest.mark.conformance
@pytest.mark.parametrize("rays", [False, True])
def test_no_two_methods_alike(rays):
    found = {name: _directions(name) for name, row in TABLE.items() if row.rays == rays}
    gaps = {
        pair: np.abs(found[pair[0]] - found[pair[1]]).max()
        for pair in itertools.combinations(found, 2)
    }
    assert {pair: gap for pair, gap in gaps.items() if gap < 1e-4} == {}


def _directions(name):
    """Return the directions of five steps on changing rows and losses, each of length 1."""
    state, found = build(name, m=3).init(start(name, m=3)), []
    step = jax.jit(stepper(name, build(name, m=3)))
    for seed in range(STEPS):
        state, v = step(state, drawn(seed, 3, 3))
        found.append(np.ravel(v) / np.linalg.norm(v))
    return np.stack(found)


def factory(name):
    module, _, function = SETS[name].factory.partition(":")
    return getattr(importlib.import_module(module), function)


def numeric(name):
    parameters = inspect.signature(factory(name)).parameters.values()
    return {p.name: p.default for p in parameters if type(p.default) is float} | NUMBERS.get(
        name, {}
    )


@pytest.mark.parametrize("name", [name for name in SETS if numeric(name)])
@pytest.mark.conformance
def test_constant_schedules_change_nothing(name):
    given, numbers = options(name), numeric(name)
    schedules = {key: optax.constant_schedule(x) for key, x in numbers.items()}
    scheduled = moo.inject_hyperparams(factory(name))(**given, **schedules)
    plain = moo.aggregator(name, **given, **numbers)
    asked = LANES["base", "random 0"]
    found, expected = (
        jax.jit(stepper(name, tx))(tx.init(start(name)), asked)[1] for tx in (scheduled, plain)
    )
    np.testing.assert_allclose(found, expected, rtol=1e-6)
