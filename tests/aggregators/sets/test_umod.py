import itertools

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

import moo
from moo.aggregators.sets._front_model import FrontModel, least_distance, predict, spread
from moo.aggregators.sets._umod import angles_of, directions_of
from tests.aggregators.sets import worked

pytestmark = pytest.mark.usefixtures("unoptimised")


def test_the_worst_ratio_has_the_weight():
    """Ratios of the worked losses with the shares (.8, .6), (.6, .8) and (0, 1)."""
    shares = [[0.8, 0.6], [0.6, 0.8], [0.0, 1.0]]
    tx = moo.umod(2, preferences=shares, inner_steps=1, memory=1)
    expected = [[0, 1 / 0.6], [1 / 0.6, 0], [100, 0]]
    np.testing.assert_allclose(worked.weights_of(worked.on_population(tx)), expected, rtol=1e-5)


@pytest.mark.parametrize("m", [2, 3, 5])
def test_angles_and_directions_are_inverse(m):
    rows = np.abs(np.random.default_rng(m).normal(size=(6, m)))
    rows[0] = np.eye(m)[0]
    units = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    angles = angles_of(units)
    assert angles.shape == (6, m - 1)
    np.testing.assert_allclose(directions_of(jnp.asarray(angles)), units, atol=1e-6)


def test_the_least_distance_is_that_of_the_nearest_pair():
    distances = [np.linalg.norm(a - b) for a, b in ((0, 1), (0, 2), (1, 2))
                 for a, b in [(worked.F[a], worked.F[b])]]  # fmt: skip
    np.testing.assert_allclose(distances, [0.943398, 1.697056, 0.806226], atol=1e-6)
    assert float(least_distance(jnp.asarray(worked.F))) == pytest.approx(0.806226, abs=1e-6)
    assert least_distance(jnp.ones((1, 2))) == 0
    slope = jax.grad(least_distance)(jnp.ones((2, 2)))
    np.testing.assert_array_equal(slope, 0)


def test_a_fitted_model_spreads_the_angles():
    """On a quarter circle the network learns it, and neighbours move apart."""
    angles = jnp.linspace(0, jnp.pi / 2, 16)[:, None]
    close = jnp.array([[0.6], [0.7], [0.8]])

    def run(key):
        model = FrontModel.init(key, 2, jnp.float32, 1e-3)
        model = model.fit(angles, directions_of(angles), jnp.ones(16, bool), 500, 1e-3)
        return predict(model.layers, angles), spread(model.layers, close, 500, 1e-3)

    front, moved = jax.jit(run)(jax.random.key(0))
    np.testing.assert_allclose(front, directions_of(angles), atol=0.05)
    assert float(least_distance(directions_of(moved))) > 2 * float(
        least_distance(directions_of(close))
    )
    assert ((moved >= 0) & (moved <= jnp.pi / 2)).all()


def test_preferences_move_at_the_end_of_a_period():
    tx = moo.optimizer(
        moo.umod(2, preferences=[[1, 2], [1, 1.8]], period=2, inner_steps=20, memory=2),
        optax.sgd(0.01),
    )
    population = jnp.array([[0.4, 0.8], [0.5, 0.7]])

    def step(state, _):
        jac = moo.population_jacobian(lambda x: x, population)
        state = tx.update(jac, state, population)[1]
        return state, moo.find(state, "angles")

    state, path = jax.jit(lambda s: jax.lax.scan(step, s, length=5))(tx.init(population))
    moved = [bool((a != b).any()) for a, b in itertools.pairwise(path)]
    assert moved == [False, True, False, True]
    assert moo.find(state, "rounds") == 2
    np.testing.assert_allclose(moo.find(state, "past_losses"), [population, population])


def test_wrong_options():
    with pytest.raises(ValueError, match="num_objectives must be at least 2"):
        moo.umod(1)
    with pytest.raises(ValueError, match="period must be at least 1"):
        moo.umod(2, period=0)
    with pytest.raises(ValueError, match="preferences is missing: with 3 objectives"):
        moo.umod(3)
