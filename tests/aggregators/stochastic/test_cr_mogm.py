import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

import moo
from tests.aggregators.follow import follow
from tests.aggregators.parts import FIRST, SECOND, weights_of_pair

pytestmark = pytest.mark.usefixtures("unoptimised")

ONE, TWO, EVEN = weights_of_pair(FIRST), weights_of_pair(SECOND), np.array([0.5, 0.5])
RATES = jnp.array([0.1, 0.05])


@pytest.mark.parametrize(
    ("options", "first", "second", "published"),
    [
        ({"initial": "uniform"}, 0.9 * EVEN + 0.1 * ONE, None, (0.502078, 0.514878)),
        ({}, ONE, None, (0.520782, 0.531711)),
        ({"decay": moo.tied_decay(lambda k: RATES[k])}, ONE, (ONE + TWO) / 2, (0.520782, 0.575427)),
    ],
    ids=["uniform", "first", "tied to the learning rate"],
)
def test_worked_numbers(options, first, second, published):
    second = 0.9 * first + 0.1 * TWO if second is None else second
    v, state = follow(moo.cr_mogm(2, **options), FIRST, SECOND)
    np.testing.assert_allclose([first[0], second[0]], published, atol=1e-6)
    np.testing.assert_allclose(v, [first @ FIRST, second @ SECOND], atol=1e-6)
    np.testing.assert_allclose(state.weights, second, atol=1e-6)


def test_opposite_rows_are_diluted_by_the_past():
    """MGDA alone returns 0; the average still remembers equal weights."""
    rows = np.array([[1.0, 0], [-3.0, 0]])
    v, _ = follow(moo.cr_mogm(2, initial="uniform"), rows)
    np.testing.assert_allclose(v[0], 0.9 * EVEN @ rows, atol=1e-6)


def test_any_linear_base():
    built = moo.cr_mogm(3, base=lambda m: moo.cagrad(m, c=0.5), decay=0.5)
    assert (built.linear, built.num_objectives) == (True, 3)
    with pytest.raises(ValueError, match="reuses weights"):
        moo.cr_mogm(2, base=moo.moco)


def test_a_start_counts_the_active_objectives():
    tx = moo.cr_mogm(3, decay=0.5, initial="uniform")
    _, state = follow(tx, np.diag([1.0, 9.0, 2.0]), active=[True, False, True])
    np.testing.assert_allclose(state.weights, [0.25 + 0.4, 0, 0.25 + 0.1], rtol=1e-5)
    with pytest.raises(ValueError, match="initial must be one of first, uniform"):
        moo.cr_mogm(2, initial="zero")


@pytest.mark.parametrize("rate", [0.1, lambda k: 0.1 * (k > 0)])
def test_decays_that_cannot_be_tied(rate):
    with pytest.raises((TypeError, ValueError), match="learning_rate must"):
        moo.tied_decay(rate)


def settle(build, steps, lanes):
    """Return the mean of the last half of the path on the noisy instance, over all lanes."""
    problem = moo.problem("noisy_instance")

    def schedule(k):
        return 0.05 / jnp.sqrt(1 + k / 200)

    tx = optax.chain(build(schedule), optax.sgd(schedule))

    def step(carry, key):
        x, state = carry
        updates, state = tx.update(moo.jacobian(problem.objectives, x, key), state, x)
        return (optax.apply_updates(x, updates), state), x[0]

    def lane(key):
        start = jnp.array([4.0])
        _, path = jax.lax.scan(step, (start, tx.init(start)), jax.random.split(key, steps))
        return path[steps // 2 :].mean()

    return float(jax.jit(jax.vmap(lane))(jax.random.split(jax.random.key(0), lanes)).mean())


METHODS = {
    "mgda": lambda schedule: moo.mgda(2),
    "constant": lambda schedule: moo.cr_mogm(2),
    "tied": lambda schedule: moo.cr_mogm(2, decay=moo.tied_decay(schedule)),
    "moco": lambda schedule: moo.moco(2, beta=0.5),
}


def test_averaged_weights_reach_the_pareto_set_under_noise():
    """MGDA on single samples settles at 10/7; the Pareto set is [-1, 1]."""
    found = {name: settle(METHODS[name], 1500, 16) for name in ("mgda", "constant")}
    assert found["mgda"] > 1.2
    assert found["constant"] < 1.05


@pytest.mark.conformance
def test_the_noisy_instance_in_full():
    found = {name: settle(build, 40_000, 4) for name, build in METHODS.items()}
    assert abs(found["mgda"] - 10 / 7) < 0.1
    for name in ("constant", "tied", "moco"):
        assert abs(found[name]) < 1, (name, found[name])


def test_a_name_is_no_base():
    with pytest.raises(TypeError, match="base must be a function of num_objectives"):
        moo.cr_mogm(2, base="mgda")
