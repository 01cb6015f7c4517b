import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

import moo
from tests.aggregators import oracles
from tests.aggregators.sets import worked

pytestmark = pytest.mark.usefixtures("unoptimised")


@pytest.fixture(scope="module")
def stages():
    """Weights of both stages, unscaled and rescaled, on the three worked solutions."""

    def weights(steps, rescale):
        tx = moo.pmtl(2, preferences=worked.QUARTER, warmup=20, rescale=rescale)
        state = tx.init(worked.start(3, 3))
        state = state._replace(inner=state.inner._replace(steps=steps))
        jac = worked.population(jnp.asarray(worked.F), jnp.asarray(worked.J))
        return tx.update(jac, state)[1]

    def run(steps):
        return weights(steps, False), weights(steps, True)

    return jax.jit(jax.vmap(run))(jnp.array([0, 20], jnp.int32))


def test_worked_weights(stages):
    plain, rescaled = (np.asarray(state.weights) for state in stages)
    middle = [0.630072, 0.369928]
    first = [[-0.292893, 0.707107], middle, [0.707107, -0.292893]]
    second = [[0.301075, 0.349462], middle, [0.444444, 0.111111]]
    np.testing.assert_allclose(plain, [first, second], atol=2e-6)
    np.testing.assert_allclose(rescaled[1, [0, 2]], [[0.92562, 1.07438], [1.6, 0.4]], atol=1e-5)
    np.testing.assert_allclose(rescaled[0, [0, 2]], [first[0], first[2]], atol=2e-6)


def test_the_directions_are_shortest_vectors(stages):
    """Stage 1 over the violated rows, stage 2 over the gradients as well."""
    weights = np.asarray(stages[0].weights, np.float64)
    for k in range(3):
        towards = worked.QUARTER - worked.QUARTER[k]
        rows = towards[towards @ worked.F[k] > 0] @ worked.J[k]
        both = np.concatenate([worked.J[k], rows])
        for stage, hull in enumerate([rows if len(rows) else both, both]):
            expected = oracles.min_norm(hull)
            np.testing.assert_allclose(weights[stage, k] @ worked.J[k], expected, atol=2e-6)


def test_what_has_been_reached_stays(stages):
    inner = stages[0].inner
    np.testing.assert_array_equal(inner.reached, [[False, True, False]] * 2)
    np.testing.assert_array_equal(inner.steps, [1, 21])
    assert np.asarray(stages[0].converged).all()


def test_solutions_reach_their_sectors():
    """On the concave front every solution ends nearest to its own direction."""
    problem = moo.problem("fonseca_fleming", dim=2)
    number, steps = 5, 100
    angles = np.linspace(0.05, np.pi / 2 - 0.05, number)
    directions = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    tx = optax.chain(moo.pmtl(2, preferences=directions), optax.sgd(0.3))
    population = jnp.asarray(np.random.default_rng(0).uniform(-0.5, 0.5, (number, 2)), jnp.float32)

    def step(carry, _):
        population, state = carry
        jac = moo.population_jacobian(problem.objectives, population)
        updates, state = tx.update(jac, state, population)
        return (optax.apply_updates(population, updates), state), None

    start = (population, tx.init(population))
    (after, _), _ = jax.jit(lambda c: jax.lax.scan(step, c, length=steps))(start)
    losses = np.asarray(jax.vmap(problem.objectives)(after), np.float64)
    np.testing.assert_array_equal((losses @ directions.T).argmax(axis=1), np.arange(number))
    # On the Pareto set both coordinates are equal.
    np.testing.assert_allclose(after[:, 0], after[:, 1], atol=0.02)


@pytest.mark.parametrize(
    ("m", "options", "error", "message"),
    [
        (3, {}, ValueError, "preferences is missing: with 3 objectives give one direction a"),
        (2, {"preferences": [1.0, 0.0]}, ValueError, r"must have shape \(K, 2\), got \(2,\)"),
        (2, {"preferences": [[1.0, -1.0]]}, ValueError, "preferences must be non-negative"),
        (2, {"preferences": [[0.0, 0.0]]}, ValueError, "none of them all 0"),
        (2, {"preferences": [["a", "b"]]}, TypeError, "preferences must consist of real numbers"),
        (2, {"warmup": 1.5}, TypeError, "warmup must be an int"),
    ],
)
def test_wrong_options(m, options, error, message):
    with pytest.raises(error, match=message):
        moo.pmtl(m, **options)


def test_preferences_cannot_be_traced():
    def build(preferences):
        return moo.pmtl(2, preferences=preferences).init(jnp.ones((2, 1)))

    with pytest.raises(TypeError, match="preferences must be known while tracing"):
        jax.jit(build)(jnp.eye(2))


def test_one_direction_a_solution():
    tx = moo.pmtl(2, preferences=[[1.0, 0.0], [0.0, 1.0]])
    with pytest.raises(ValueError, match="holds 2 directions for 3 solutions"):
        tx.init(jnp.ones((3, 1)))


def test_small_steps_reach_their_sectors_as_well():
    tx = optax.chain(moo.pmtl(2), optax.sgd(0.03))
    population = jnp.asarray(np.random.default_rng(0).normal(size=(5, 2)), jnp.float32)

    def objectives(x):
        return jnp.stack([jnp.sum((x - 1) ** 2), jnp.sum((x + 1) ** 2)]) / 4

    def step(carry, _):
        population, state = carry
        updates, state = tx.update(moo.population_jacobian(objectives, population), state)
        return (optax.apply_updates(population, updates), state), None

    start = (population, tx.init(population))
    (_, state), _ = jax.jit(lambda c: jax.lax.scan(step, c, length=1500))(start)
    assert moo.find(state, "reached").all()
