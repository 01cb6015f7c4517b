"""Quadratic problems against arithmetic."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from moo.problems import convex_quadratic_forms, elementwise_quadratic, quadratic_forms


def test_elementwise_quadratic_under_the_mean_contracts_as_computed():
    """Step .075 on the mean multiplies x by 1 - .075 each time: .020285 after 50."""
    problem = elementwise_quadratic()
    x = jnp.asarray(problem.starts)
    gradient = jax.grad(lambda x: jnp.mean(problem.objectives(x)))
    end = jax.lax.fori_loop(0, 50, lambda _, x: x - 0.075 * jax.vmap(gradient)(x), x)
    np.testing.assert_allclose(end, 0.925**50 * problem.starts, rtol=1e-5)


def test_convex_quadratic_forms_values_at_the_origin():
    """At x = 0, f_i = |B_i'u_i|^2: the first rows of the factors, squared and summed."""
    cos, sin = np.cos(np.pi / 16), np.sin(np.pi / 16)
    expected = [cos**2 + 0.01 * sin**2, 3 * cos**2 + 0.01 * sin**2]
    losses = convex_quadratic_forms().objectives(jnp.zeros(2))
    np.testing.assert_allclose(losses, expected, rtol=1e-6)


def test_convex_quadratic_forms_cosine_at_the_origin():
    """The caption of the published figure says -.925; the formula gives -.92489."""
    g1, g2 = jax.jacrev(convex_quadratic_forms().objectives)(jnp.zeros(2))
    cosine = np.dot(g1, g2) / np.linalg.norm(g1) / np.linalg.norm(g2)
    assert float(cosine) == pytest.approx(-0.92489, abs=1e-5)


def test_the_set_runs_between_the_centres_in_equal_steps():
    points = convex_quadratic_forms().pareto_set(501)
    np.testing.assert_allclose(points[[0, -1]], [[-1.0, 0.0], [1.0, 0.0]], atol=1e-10)
    steps = np.linalg.norm(np.diff(points, axis=0), axis=1)
    assert steps.max() < 1.05 * steps.min()


def test_weighted_minimisers_lie_on_the_set():
    problem = convex_quadratic_forms()
    cos, sin = np.cos(np.pi / 16), np.sin(np.pi / 16)
    b = np.array([[[cos, -0.1 * sin], [sin, 0.1 * cos]],
                  [[np.sqrt(3) * cos, 0.1 * sin], [-np.sqrt(3) * sin, 0.1 * cos]]])  # fmt: skip
    a, u = b @ b.swapaxes(1, 2), np.array([[1.0, 0.0], [-1.0, 0.0]])
    for w in (1e-4, 0.2, 0.6, 0.999):
        total, target = w * a[0] + (1 - w) * a[1], w * a[0] @ u[0] + (1 - w) * a[1] @ u[1]
        assert problem.distance_to_set(np.linalg.solve(total, target)) < 1e-6


def test_three_objectives_have_no_curve():
    problem = quadratic_forms(np.stack([np.eye(2)] * 3), [[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    assert problem.pareto_set is None
    assert problem.pareto_front is None
    np.testing.assert_allclose(problem.objectives(jnp.array([1.0, 0.0])), [1.0, 0.0, 2.0])


@pytest.mark.parametrize(
    ("factors", "centres", "message"),
    [
        (np.eye(2), np.zeros((2, 2)), r"factors: must have shape \(m, d, r\), got \(2, 2\)"),
        (np.ones((2, 3, 1)), np.zeros((2, 2)), r"centres: must have shape \(2, 3\)"),
        (np.full((2, 1, 1), np.nan), np.zeros((2, 1)), "every entry must be finite"),
    ],
)
def test_wrong_shapes_are_named(factors, centres, message):
    with pytest.raises(ValueError, match=message):
        quadratic_forms(factors, centres)
