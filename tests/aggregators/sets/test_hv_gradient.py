import jax
import jax.numpy as jnp
import moocore
import numpy as np
import optax
import pytest

import moo
from moo.aggregators.sets._hv_gradient import facets, fronts
from tests.aggregators.sets import worked


def slopes(points, reference):
    """Minus the gradient of the hypervolume, by central differences."""
    out = np.zeros_like(points)
    for index in np.ndindex(points.shape):
        step = np.zeros_like(points)
        step[index] = 1e-6
        ahead, behind = (moocore.hypervolume(points + s, ref=reference) for s in (step, -step))
        out[index] = (behind - ahead) / 2e-6
    return out


def unit_rows(weights):
    return weights / np.linalg.norm(weights, axis=-1, keepdims=True)


def test_worked_weights():
    update = worked.on_population(moo.hv_gradient(2, reference=3.0))
    expected = unit_rows(np.array([[1, 0.5], [0.8, 0.7], [0.4, 0.8]]))
    np.testing.assert_allclose(worked.weights_of(update), expected, atol=1e-6)
    updates, _ = worked.steps(update, worked.F[None], worked.J[None])
    vectors = [[0.536656, 0.581378, -0.402492], [0.009407, 0.733762, -0.103479],
               [0, 0.894427, 0.089443]]  # fmt: skip
    np.testing.assert_allclose(updates[0], vectors, atol=1e-6)


@pytest.mark.parametrize("m", [2, 3])
def test_facets_are_the_slopes_of_the_hypervolume(m):
    """On every front of random points, m = 2 and 3."""
    points = np.random.default_rng(m).uniform(0, 1, (4, 6, m))
    reference = np.full(m, 1.5)

    def both(points):
        front = fronts(points)
        return facets(points, jnp.full(m, 1.5), front), front

    found, front = jax.jit(jax.vmap(both))(points.astype(np.float32))
    assert int(front.max()) >= 1
    for k, number in enumerate(np.asarray(front)):
        for rank in range(number.max() + 1):
            chosen = number == rank
            expected = slopes(points[k][chosen], reference)
            np.testing.assert_allclose(found[k][chosen], expected, atol=1e-4)


def test_fronts_are_peeled_one_by_one():
    points = np.random.default_rng(0).integers(0, 5, (12, 2)).astype(np.float32)
    left, expected = np.ones(12, bool), np.zeros(12, int)
    for rank in range(12):
        beaten = [
            any(left[j] and (points[j] <= p).all() and (points[j] < p).any() for j in range(12))
            for p in points
        ]
        expected[left & ~np.array(beaten)] = rank
        left &= np.array(beaten)
    np.testing.assert_array_equal(fronts(jnp.asarray(points)), expected)


def test_what_has_no_derivative_has_no_weight():
    """Tied in an objective, and equal, points of one front; the reference grows with the worst."""
    points = jnp.array([[1.0, 2.0, 3.0], [1.0, 3.0, 2.0], [2.0, 1.0, 4.0], [2.0, 1.0, 4.0]])
    found = np.asarray(facets(points, jnp.full(3, 5.0), fronts(points)))
    assert not found[:2, 0].any()
    assert (found[:2, 1:] > 0).all()
    np.testing.assert_array_equal(found[2], found[3])
    assert (found[2] > 0).all()


def test_it_enlarges_the_hypervolume():
    problem = moo.problem("fonseca_fleming", dim=2)
    tx = moo.optimizer("hv_gradient", optax.sgd(0.03), num_objectives=2, reference=1.0)
    population = jnp.asarray(problem.starts[:6], jnp.float32)

    def step(carry, _):
        population, state = carry
        jac = moo.population_jacobian(problem.objectives, population)
        updates, state = tx.update(jac, state, population)
        return (optax.apply_updates(population, updates), state), jac.losses

    start = (population, tx.init(population))
    _, path = jax.jit(lambda c: jax.lax.scan(step, c, length=200))(start)
    before, after = (moo.metrics.hypervolume(points, [1, 1]) for points in (path[0], path[-1]))
    assert before < 0.23
    # Six points cannot reach the whole front's .342.
    assert 0.26 < after < problem.max_hypervolume


@pytest.mark.parametrize("size", [1e-20, 1e20])
def test_areas_that_are_no_numbers_weigh_as_those_that_are(size):
    losses = np.array([[1, 5, 2], [2, 2, 3], [4, 1, 1]])
    rows = np.ones((3, 3, 2))

    def weights(unit):
        update = worked.on_population(moo.hv_gradient(3, reference=6 * unit))
        return worked.weights_of(update, losses * unit, rows)

    np.testing.assert_allclose(weights(size), weights(1.0), rtol=1e-5)


def test_wrong_options():
    with pytest.raises(ValueError, match="num_objectives must be at most 3 for hv_gradient, got 4"):
        moo.hv_gradient(4)
    with pytest.raises(ValueError, match=r"reference must be a number or have shape \(2,\)"):
        moo.hv_gradient(2, reference=[1.0, 1.0, 1.0])


@pytest.mark.parametrize(
    ("m", "reference", "error", "message"),
    [
        ("2", None, TypeError, "num_objectives must be an int"),
        (2, "a", TypeError, "reference must be a number"),
        (2, np.nan, ValueError, "reference must be finite"),
    ],
)
def test_wrong_arguments(m, reference, error, message):
    with pytest.raises(error, match=message):
        moo.hv_gradient(m, reference=reference)


def test_the_reference_may_be_a_point():
    methods = (moo.hv_gradient(2, reference=r) for r in (3.0, jnp.array([3.0, 3.0])))
    same = [worked.weights_of(worked.on_population(method)) for method in methods]
    np.testing.assert_array_equal(*same)
