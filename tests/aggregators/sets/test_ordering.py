import jax
import jax.numpy as jnp
import numpy as np
import pytest

from moo.aggregators.sets._ordering import manifold_weights, ordering_penalty
from tests.aggregators.sets.worked import RAYS

# Objective 1 has most of the first ray, objective 2 of the last.
RIGHT = np.array([[1.0, 3.0], [1.5, 2.0], [2.5, 1.0]])


def oracle(losses, temperature=1.0):
    """Sort by the share, and penalise each rise between neighbours."""
    total = 0.0
    for i in range(2):
        ordered = losses[np.argsort(RAYS[:, i]), i]
        rises = np.maximum(ordered[1:] - ordered[:-1], 0)
        total += np.log(np.exp(temperature * rises).mean())
    return total


@pytest.mark.parametrize("temperature", [1.0, 2.5])
def test_only_the_wrong_order_is_penalised(temperature):
    wrong = RIGHT[::-1]
    for losses in (RIGHT, wrong):
        found = ordering_penalty(jnp.asarray(RAYS), jnp.asarray(losses), temperature, "intended")
        assert float(found) == pytest.approx(oracle(losses, temperature), abs=1e-6)
    assert oracle(RIGHT) == 0
    assert oracle(wrong) > 1


def test_the_released_order_is_the_other_one():
    args = jnp.asarray(RAYS), jnp.asarray(RIGHT), 1.0
    assert float(ordering_penalty(*args, "released")) == pytest.approx(
        oracle(RIGHT[::-1]), abs=1e-6
    )
    assert ordering_penalty(jnp.asarray(RAYS), jnp.ones((3, 2)), 1.0, "released") == 0


def test_weights_are_the_slopes_of_the_value():
    losses = np.array([[2.0, 1.0], [1.4, 1.3], [1.1, 1.9]])
    weigh = jax.jit(lambda losses, penalty: manifold_weights(
        jnp.asarray(RAYS), losses, penalty, 1.0, "intended"))  # fmt: skip
    found = weigh(losses, 0.5)
    for index in np.ndindex(3, 2):
        step = np.zeros((3, 2))
        step[index] = 1e-5
        ahead, behind = (
            (RAYS * (losses + s)).sum() + 0.5 * oracle(losses + s) for s in (step, -step)
        )
        assert float(found[index]) == pytest.approx((ahead - behind) / 2e-5, abs=1e-5)
    # A penalty above the first term is left out, as in the authors' code.
    np.testing.assert_allclose(weigh(losses, 100.0), RAYS, rtol=1e-6)


def test_one_sample_has_no_order():
    found = manifold_weights(jnp.asarray(RAYS[:1]), jnp.ones((1, 2)), 1.0, 1.0, "intended")
    np.testing.assert_allclose(found, RAYS[:1], rtol=1e-6)
