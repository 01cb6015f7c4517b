import jax
import jax.numpy as jnp
import numpy as np
import pytest

import moo
from tests.aggregators.sets import worked

LOSSES = np.array([[1, 2], [1.5, 0.5]])


def value(losses, mu):
    """The smooth worst objective of the smooth best solution."""
    best = -mu * np.log(np.exp(-losses / mu).sum(axis=0))
    return mu * np.log(np.exp(best / mu).sum())


def weights(losses=LOSSES, **options):
    return worked.weights_of(worked.on_population(moo.stch_set(2, **options)), losses, worked.J[:2])


@pytest.mark.parametrize(
    ("mu", "expected", "height"),
    [
        (0.1, [[0.986615, 0], [0.006648, 0.006738]], 1.000005),
        (1.0, [[0.346455, 0.080889], [0.210136, 0.36252]], 1.111848),
    ],
)
def test_worked_weights(mu, expected, height):
    assert value(LOSSES, mu) == pytest.approx(height, abs=1e-6)
    np.testing.assert_allclose(weights(mu=mu), expected, atol=1e-6)


def test_weights_are_the_slopes_of_the_value():
    preference, ideal = np.array([0.4, 2.0]), np.array([0.1, -0.2])
    found = weights(mu=0.5, preference=preference, ideal=ideal)
    for index in np.ndindex(2, 2):
        step = np.zeros((2, 2))
        step[index] = 1e-5
        ahead, behind = (value(preference * (LOSSES + s - ideal), 0.5) for s in (step, -step))
        assert found[index] == pytest.approx((ahead - behind) / 2e-5, abs=1e-5)


def test_one_solution_is_smooth_tchebycheff():
    found = worked.weights_of(
        worked.on_population(moo.stch_set(2, mu=0.5)), LOSSES[:1], worked.J[:1]
    )
    np.testing.assert_allclose(found, [jax.nn.softmax(LOSSES[0] / 0.5)], atol=1e-6)


def test_few_solutions_serve_many_objectives():
    """Three points on a line, and nine targets in three groups: each takes a group."""
    targets = jnp.array([-3.1, -3.0, -2.9, -0.1, 0.0, 0.1, 2.9, 3.0, 3.1])
    tx = moo.optimizer("stch_set", num_objectives=9, mu=0.1)

    def step(carry, _):
        points, state = carry
        jac = moo.population_jacobian(lambda x: (x[0] - targets) ** 2, points)
        updates, state = tx.update(jac, state, points)
        return (points - 0.1 * updates, state), None

    points = jnp.array([[-1.0], [0.5], [1.0]])
    start = (points, tx.init(points))
    (after, _), _ = jax.jit(lambda c: jax.lax.scan(step, c, length=400))(start)
    np.testing.assert_allclose(after[:, 0], [-3, 0, 3], atol=0.05)


def test_wrong_options():
    with pytest.raises(ValueError, match="mu must be finite and above 0"):
        moo.stch_set(2, mu=0.0)
    with pytest.raises(ValueError, match=r"preference must have shape \(2,\)"):
        moo.stch_set(2, preference=[1.0])
    with pytest.raises(ValueError, match=r"ideal must be a number or have shape \(2,\)"):
        moo.stch_set(2, ideal=[0.0])
    with pytest.raises(ValueError, match="ideal must be finite"):
        moo.stch_set(2, ideal=np.inf)
