"""Every method against its oracle and its laws, on the constructed matrices."""

import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import moo
from moo.aggregators._registry import METHODS
from tests.aggregators import oracles
from tests.aggregators.matrices import masks, pairs, quadruples
from tests.aggregators.table import TABLE, units

GRAM = [name for name, method in METHODS.items() if method.needs == "gram"]
SOLVED = [name for name, row in TABLE.items() if row.oracle is not None]
FIRST = [name for name, method in METHODS.items() if method.placement == "first"]
methods = pytest.mark.parametrize("name", FIRST)
CASES = {2: pairs(), 4: quadruples()}


def claiming(law):
    """Parametrize over the methods that claim a law, and the m at which they do."""
    chosen = [
        (name, m)
        for name, row in TABLE.items()
        for m in CASES
        if law in row.laws and lawful(name, law, m)
    ]
    return pytest.mark.parametrize(("name", "m"), chosen)


def lawful(name, law, m):
    """Return the matrices on which a method's law is tested, by name, in float64."""
    applies = TABLE[name].laws[law]
    chosen = {case: J.astype(np.float64) for case, J in CASES[m].items()}
    return {case: J for case, J in chosen.items() if applies(J)}


def updater(name, m, dtype=jnp.float32):
    """Return the whole method as a function of a matrix and a mask."""
    tx = TABLE[name].build(m)

    def update(J, active):
        jac = moo.stacked_jacobian(J, jnp.ones(m, dtype), active=active)
        v, state = tx.update(jac, tx.init(J[0]))
        certified = moo.find(state, "converged")
        return v, state.weights, jnp.bool_(True) if certified is None else certified

    return update


@functools.cache
def compiled(name, m):
    return jax.jit(jax.vmap(updater(name, m)))


def run(name, stack, active=None):
    stack = np.asarray(stack, np.float32)
    m = stack.shape[1]
    active = np.ones(stack.shape[:2], bool) if active is None else np.asarray(active)
    # A stack of one size only, so that a method compiles once for each m.
    lanes = 512
    padded = np.zeros((lanes, *stack.shape[1:]), np.float32)
    padded[: len(stack)] = stack
    mask = np.ones((lanes, m), bool)
    mask[: len(stack)] = active
    v, weights, converged = compiled(name, m)(padded, mask)
    return [np.asarray(x, np.float64)[: len(stack)] for x in (v, weights, converged)]


def every_case(m):
    """Return names, matrices and masks: each matrix under each mask."""
    chosen = [(case, J, mask) for case, J in CASES[m].items() for mask in masks(m)]
    return zip(*chosen, strict=True)


def mass(J, weights):
    """Return the sum of the lengths of v's terms: what rounding is relative to."""
    return max(float(np.abs(weights) @ np.linalg.norm(J, axis=-1)), 1e-30)


def combined(stack, weights):
    return np.einsum("nmd,nm->nd", np.asarray(stack, np.float64), weights)


def test_table_and_registry_agree():
    assert TABLE.keys() == set(FIRST)
    for name, row in TABLE.items():
        assert row.laws.keys() == {law.name for law in METHODS[name].laws}


@pytest.mark.parametrize("name", SOLVED)
@pytest.mark.parametrize("m", [2, 4])
def test_oracle_under_every_mask(name, m):
    """`active` gives what the method gives on J[mask]; inactive weights are exactly 0."""
    row = TABLE[name]
    cases, stack, active = map(list, every_case(m))
    v, weights, _ = run(name, stack, active)
    assert np.all(weights[~np.array(active)] == 0)
    v = combined(stack, weights)
    for k, case in enumerate(cases):
        J = stack[k][active[k]].astype(np.float64)
        if row.applies(J):
            expected = row.oracle(J, np.ones(len(J)))
            tight = 2e-5 if case.startswith("random") else 1e-3
            scale = mass(J, weights[k][active[k]]) + 1e-6 * np.abs(J).max(initial=0)
            np.testing.assert_allclose(v[k], expected, atol=tight * scale, rtol=0, err_msg=case)


@claiming("permutation_equivariant")
def test_permutation(name, m):
    chosen = list(lawful(name, "permutation_equivariant", m).values())
    flipped = [J[::-1] for J in chosen]
    _, before, _ = run(name, chosen)
    _, after, _ = run(name, flipped)
    v, u = combined(chosen, before), combined(flipped, after)
    for k, J in enumerate(chosen):
        np.testing.assert_allclose(v[k], u[k], atol=1e-3 * mass(J, before[k]), rtol=0)


@methods
@pytest.mark.parametrize("m", [2, 4])
def test_common_powers_of_two_change_no_digit(name, m):
    stack = np.stack(list(CASES[m].values()))
    _, weights, converged = run(name, stack)
    power = -1 if METHODS[name].scale == "unit" else 0
    for exponent in (-60, 60):
        _, scaled, same = run(name, np.ldexp(stack, exponent))
        stable = converged == 1 if power else np.ones(len(stack), bool)
        np.testing.assert_array_equal(scaled[stable], np.ldexp(weights[stable], power * exponent))
        np.testing.assert_array_equal(same, converged)


@claiming("non_conflicting")
def test_non_conflicting(name, m):
    chosen = lawful(name, "non_conflicting", m)
    _, weights, _ = run(name, list(chosen.values()))
    for k, (case, J) in enumerate(chosen.items()):
        v, lengths = weights[k] @ J, np.linalg.norm(J, axis=1)
        # 1e-5 of v itself, and what float32 weights leave of the sum of its terms.
        allowed = 1e-5 * np.linalg.norm(v) + 1e-6 * mass(J, weights[k])
        assert (J @ v >= -allowed * lengths).all(), case


@claiming("linear_under_scaling")
def test_linear_under_scaling(name, m):
    stack = np.stack([J for case, J in CASES[m].items() if case.startswith("random")])
    a, b = np.random.default_rng(3).uniform(0.1, 3, (2, len(stack), m, 1)).astype(np.float32)
    parts = [combined(c * stack, run(name, c * stack)[1]) for c in (a, b, a + b)]
    scale = np.abs(parts[2]).max(axis=1, keepdims=True)
    np.testing.assert_allclose((parts[0] + parts[1]) / scale, parts[2] / scale, atol=2e-5)


@claiming("row_scale_invariant")
def test_row_scales_leave_the_direction(name, m):
    chosen = list(lawful(name, "row_scale_invariant", m).values())
    factors = 10.0 ** np.arange(m)[:, None]
    directions = []
    for stack in (chosen, [J * factors for J in chosen]):
        v = combined(stack, run(name, stack)[1])
        directions.append(v / np.linalg.norm(v, axis=1, keepdims=True))
    np.testing.assert_allclose(directions[0], directions[1], atol=2e-3)


@methods
@pytest.mark.parametrize("m", [2, 4])
def test_one_objective_and_none(name, m):
    """A single active row gives a multiple of itself; no active row gives 0."""
    J = CASES[m]["random 0"]
    one = np.arange(m) == 1
    _, weights, _ = run(name, [J, J], [one, ~one & one])
    assert weights[0][1] > 0
    np.testing.assert_array_equal(weights[0][~one], 0)
    np.testing.assert_array_equal(weights[1], 0)


@pytest.mark.parametrize("name", GRAM)
@pytest.mark.parametrize("bad", [np.nan, np.inf])
@pytest.mark.parametrize("m", [2, 4])
def test_what_is_not_finite_is_announced(name, m, bad):
    J = CASES[m]["random 0"].copy()
    J[1, 2] = bad
    inactive = np.arange(m) != 1
    _, weights, converged = run(name, [J, J], [np.ones(m, bool), inactive])
    assert np.isnan(weights[0]).any()
    assert not converged[0]
    assert np.isfinite(weights[1]).all()


@methods
def test_eager_equals_jit(name):
    J, active = CASES[2]["worked"], np.ones(2, bool)
    _, weights, converged = updater(name, 2)(jnp.asarray(J), jnp.asarray(active))
    _, expected, same = run(name, [J])
    np.testing.assert_allclose(weights, expected[0], rtol=1e-6)
    assert bool(converged) == bool(same[0])


@methods
@pytest.mark.parametrize("m", [1, 2, 4])
def test_state_keeps_its_signature(name, m):
    tx, params = TABLE[name].build(m), jnp.zeros(6)
    state = jax.eval_shape(tx.init, params)
    rows, losses, active = jnp.ones((m, 6)), jnp.ones(m), jnp.ones(m, bool)

    def step(state):
        return tx.update(moo.stacked_jacobian(rows, losses, active=active), state, params)[1]

    after = jax.eval_shape(step, state)
    assert jax.tree.structure(after) == jax.tree.structure(state)
    for old, new in zip(jax.tree.leaves(state), jax.tree.leaves(after), strict=True):
        assert (old.shape, old.dtype, old.weak_type) == (new.shape, new.dtype, new.weak_type)


@pytest.mark.parametrize("m", [2, 4])
def test_mgda_stops_at_pareto_stationary_points(m):
    names = {2: ["opposite", "zero row"], 4: ["opposite", "stationary", "zero row"]}[m]
    stack = [CASES[m][case] for case in names]
    _, weights, converged = run("mgda", stack)
    for J, w in zip(stack, weights, strict=True):
        assert np.linalg.norm(w @ J.astype(np.float64)) <= 1e-3 * mass(J, w)
    assert converged.all()


@pytest.mark.parametrize("m", [2, 4])
def test_imtl_g_equal_projections(m):
    claimed = TABLE["imtl_g"].laws["equal_projections"]
    chosen = [J.astype(np.float64) for J in CASES[m].values() if claimed(J.astype(np.float64))]
    assert len(chosen) >= 6
    _, weights, converged = run("imtl_g", chosen)
    assert converged.all()
    np.testing.assert_allclose(np.abs(weights.sum(axis=1)), 1, atol=1e-4)
    for J, w in zip(chosen, weights, strict=True):
        projections = units(J) @ (w @ J)
        assert projections.min() > 0
        allowed = 1e-4 * projections.max() + 1e-6 * mass(J, w)
        np.testing.assert_allclose(projections, projections.mean(), atol=allowed)


@pytest.mark.parametrize("m", [2, 4])
def test_pcgrad_is_one_of_all_orders(m):
    stack = [J for J in CASES[m].values() if np.linalg.norm(J, axis=1).max() < 100]
    _, weights, _ = run("pcgrad", stack)
    for J, w in zip(stack, weights, strict=True):
        J = J.astype(np.float64)
        distance = np.linalg.norm(oracles.pcgrad_all(J) - w @ J, axis=1).min()
        assert distance <= 1e-5 * mass(J, w)


@methods
@pytest.mark.conformance
def test_lone_jit_equals_vmap(name):
    J = CASES[4]["random 0"]
    alone = jax.jit(updater(name, 4))(jnp.asarray(J), jnp.ones(4, bool))
    np.testing.assert_allclose(alone[1], run(name, [J])[1][0], rtol=2e-6, atol=1e-7)


@pytest.mark.parametrize("name", SOLVED)
@pytest.mark.conformance
def test_oracle_in_float64(name, x64):
    row = TABLE[name]
    stack = np.stack([J for case, J in CASES[4].items() if case.startswith("random")])
    stack = stack.astype(np.float64)
    update = jax.jit(jax.vmap(updater(name, 4, jnp.float64)))
    v, weights, _ = update(stack, np.ones(stack.shape[:2], bool))
    assert weights.dtype == np.float64
    for k, J in enumerate(stack):
        np.testing.assert_allclose(
            v[k], row.oracle(J, np.ones(len(J))), atol=1e-9 * mass(J, weights[k])
        )
