import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

import moo
from tests.aggregators.follow import ROWS, as_tree, flat, follow, stepper

NEXT = np.array([[0.8, 0.1, -0.4], [-0.9, 1, 0.3]])
THIRD = np.array([[0.6, 0.4, -0.2], [-0.3, 0.8, 0.2]])


def test_worked_numbers():
    v, state = follow(moo.vargrad(2, base=moo.sum), as_tree(ROWS), as_tree(NEXT))
    first = (0.15 + 0.025 * 0.85) * ROWS
    second = 0.85 * first + 0.15 * NEXT + 0.025 * 0.85 * (NEXT - ROWS)
    np.testing.assert_allclose(first, 0.17125 * ROWS)
    known = [[0.261312, 0.041988, -0.130656], [-0.253575, 0.283131, 0.063806]]
    np.testing.assert_allclose(second, known, atol=1e-6)
    np.testing.assert_allclose(flat(v), [first.sum(0), second.sum(0)], atol=1e-6)
    np.testing.assert_allclose(state.inner.corrected["w"], second[:, :1], atol=1e-6)


def test_published_gamma_of_one_is_the_identity():
    batches = np.random.default_rng(0).standard_normal((20, 2, 3))
    v, state = follow(moo.vargrad(2, base=moo.sum, gamma=1.0), *batches)
    np.testing.assert_allclose(v, batches.sum(axis=1), atol=1e-5)
    np.testing.assert_allclose(state.inner.corrected, batches[-1], atol=1e-5)


def test_default_base_is_fairgrad():
    """With alpha = 2 its decreases U v are the weights' inverse roots, so v = U' (Uv)^-2."""
    v = follow(moo.vargrad(2), ROWS)[0][0]
    corrected = 0.17125 * ROWS
    np.testing.assert_allclose(v, (corrected @ v) ** -2 @ corrected, rtol=1e-3)


def quadratic(x, target):
    return jnp.stack([jnp.sum((x - target) ** 2), jnp.sum((x + target) ** 2 * jnp.arange(1.0, 3))])


def test_exact_correction_is_storm():
    """u = g(x; batch) + beta (u⁻ - g(x⁻; batch)), from u = g at the first step."""
    tx = moo.vargrad(2, base=moo.sum, gamma=1.0, correction="exact")
    points = jnp.array([[1.0, 2.0], [0.5, 1.0], [0.0, 0.5]])
    targets = jnp.array([[0.1, 0.3], [-0.5, 0.2], [0.4, 0.4]])
    gradient = jax.jacobian(quadratic)
    state, u = tx.init(points[0]), None
    step = jax.jit(lambda s, x, t: tx.update(moo.jacobian(quadratic, x, t), s, x))
    for k, (x, target) in enumerate(zip(points, targets, strict=True)):
        v, state = step(state, x, target)
        g = gradient(x, target)
        u = g if k == 0 else g + 0.85 * (u - gradient(points[k - 1], target))
        np.testing.assert_allclose(v, u.sum(axis=0), rtol=1e-5, atol=1e-6)


def test_rows_that_were_inactive():
    """Published, they keep their history; exact, they start afresh."""
    tx = moo.vargrad(2, base=moo.sum)
    state, step = tx.init(jnp.zeros(3)), stepper(tx)
    for J, mask in [(ROWS, [True, True]), (NEXT, [True, False]), (THIRD, [True, True])]:
        _, state = step(state, np.float32(J), np.ones(2, np.float32), np.array(mask), {})
    u = 0.85 * 0.17125 * ROWS[1] + 0.15 * THIRD[1] + 0.025 * 0.85 * (THIRD[1] - ROWS[1])
    np.testing.assert_allclose(state.inner.corrected[1], u, atol=1e-6)
    tx = moo.vargrad(2, base=moo.sum, correction="exact")
    x, target = jnp.array([1.0, 2.0]), jnp.array([0.1, 0.3])
    state = tx.init(x)
    step = jax.jit(lambda s, x, on: tx.update(moo.jacobian(quadratic, x, target, active=on), s, x))
    for mask in ([True, False], [True, True]):
        _, state = step(state, x, np.array(mask))
        x = x / 2
    expected = jax.jacobian(quadratic)(2 * x, target)[1]
    np.testing.assert_allclose(state.inner.corrected[1], expected, rtol=1e-5)


def test_extras_reach_the_base():
    wanted = jnp.array([0.9, 0.1])
    v = follow(moo.vargrad(2, base=moo.upgrad, gamma=1.0), ROWS, preference=wanted)[0]
    np.testing.assert_allclose(v, follow(moo.upgrad(2, preference=wanted), ROWS)[0], atol=1e-5)


def test_errors():
    with pytest.raises(ValueError, match="correction must be one of published, exact"):
        moo.vargrad(2, correction="storm")
    for built in ("mgda", optax.sgd(0.1)):
        with pytest.raises(TypeError, match=r"base must build a moo\.Aggregator, got"):
            moo.vargrad(2, base=lambda m, built=built: built)
    tx = moo.vargrad(2, base=moo.sum, correction="exact")
    state = tx.init(jnp.zeros(3))
    with pytest.raises(ValueError, match="params is missing"):
        tx.update(moo.stacked_jacobian(jnp.float32(ROWS)), state)
    with pytest.raises(ValueError, match="cannot be taken at another point"):
        tx.update(moo.stacked_jacobian(jnp.float32(ROWS)), state, jnp.zeros(3))


def test_no_active_objective_is_no_failure():
    _, state = follow(moo.fairgrad(2), np.eye(2), active=[False, False])
    assert state.converged
    assert state.residual == 0


def test_a_name_is_no_base():
    with pytest.raises(TypeError, match="base must be a function of num_objectives"):
        moo.vargrad(2, base="mgda")
