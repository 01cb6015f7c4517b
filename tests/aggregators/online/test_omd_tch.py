import jax
import jax.numpy as jnp
import numpy as np
import pytest

import moo
from tests.aggregators.losses.steps import (
    LATER_LOSSES,
    LATER_ROWS,
    LOSSES,
    ROWS,
    both_steps,
    take,
)

HALF = (0.5, 0.5)


def test_worked_example_of_exponentiated_multipliers():
    updates, states = both_steps(moo.omd_tch(2, preference=HALF))
    np.testing.assert_allclose(updates[0], [0.05, 0.275, -0.1], rtol=1e-5)
    powers = np.exp(LOSSES / 2)
    np.testing.assert_allclose(updates[1], powers / powers.sum() / 2 @ LATER_ROWS, rtol=1e-5)
    np.testing.assert_allclose(updates[1], [-0.185722, 0.330107, 0.055615], rtol=1e-5)
    powers = np.exp((LOSSES + LATER_LOSSES) / 2)
    np.testing.assert_allclose(np.exp(states[1].mirrored), powers / powers.sum(), rtol=1e-5)
    np.testing.assert_allclose(np.exp(states[1].mirrored), [0.259225, 0.740775], rtol=1e-5)


def test_worked_example_of_projected_multipliers():
    updates, states = both_steps(moo.omd_tch(2, preference=HALF, mirror="gd"))
    np.testing.assert_allclose(states[0].mirrored, [0.25, 0.75], rtol=1e-6)
    np.testing.assert_allclose(updates[1], [-0.275, 0.3875, 0.0875], rtol=1e-5)
    np.testing.assert_allclose(states[1].mirrored, [0, 1], atol=1e-7)


@pytest.mark.parametrize("mirror", ["eg", "gd"])
def test_the_active_share_what_they_had_together(mirror):
    """Objective 0 sits out; 1 and 2 play as alone, on 2/3 of the simplex."""
    method, alone = moo.omd_tch(3, mirror=mirror, eta=0.1), moo.omd_tch(2, mirror=mirror, eta=0.1)
    _, (state,) = take(method, (np.eye(3), [9, 1, 2]), active=[False, True, True])
    _, (small,) = take(alone, (ROWS, [1, 2]))
    as_shares = np.exp if mirror == "eg" else np.asarray
    np.testing.assert_allclose(
        as_shares(state.mirrored), [1 / 3, *(2 / 3 * as_shares(small.mirrored))], rtol=1e-5
    )


def test_average_of_the_points_of_the_gradients():
    method, start = moo.omd_tch(2), {"a": jnp.zeros(2), "b": jnp.zeros((), jnp.bfloat16)}
    state, jac = method.init(start), moo.stacked_jacobian(
        {"a": jnp.ones((2, 2)), "b": jnp.ones(2, jnp.bfloat16)}, jnp.ones(2)
    )  # fmt: skip
    for k in (1.0, 2.0, 6.0):
        point = {"a": jnp.array([k, -k]), "b": jnp.asarray(k, jnp.bfloat16)}
        _, state = method.update(jac, state, point)
    average = moo.find(state, "average")
    np.testing.assert_allclose(average["a"], [3, -3], rtol=1e-6)
    assert float(average["b"]) == 3
    assert average["b"].dtype == jnp.float32


def test_the_average_of_many_points_in_bfloat16_does_not_stall():
    """From round 200 on a step of (1 - a)/k is below the rounding of a in bfloat16."""
    method, rounds = moo.omd_tch(2), 2000
    jac = moo.stacked_jacobian(jnp.ones((2, 1), jnp.bfloat16), jnp.ones(2))

    def step(state, k):
        return method.update(jac, state, jnp.where(k < 100, 0, jnp.ones(1, jnp.bfloat16)))[1], None

    start = method.init(jnp.zeros(1, jnp.bfloat16))
    state, _ = jax.jit(lambda s: jax.lax.scan(step, s, jnp.arange(rounds)))(start)
    np.testing.assert_allclose(state.average, 1 - 100 / rounds, rtol=1e-4)


@pytest.mark.parametrize("mirror", ["eg", "gd"])
def test_huge_losses_take_all_and_nothing_is_nan(mirror):
    _, states = take(
        moo.omd_tch(2, mirror=mirror),
        *((ROWS, losses) for losses in ([1e30, 1], [1, 1e30], [1, 2e30], [1, 1])),
    )
    np.testing.assert_allclose(states[1].weights, [1, 0])
    np.testing.assert_allclose(states[3].weights, [0, 1])


def test_a_loss_that_is_nan_is_announced_in_the_next_round():
    updates, _ = take(moo.omd_tch(2), (ROWS, [np.nan, 1]), (ROWS, [1, 1]))
    assert np.isfinite(updates[0]).all()
    assert np.isnan(updates[1]).all()


def test_params_are_needed():
    method = moo.omd_tch(2)
    with pytest.raises(ValueError, match="params is missing: omd_tch"):
        method.update(moo.stacked_jacobian(jnp.eye(2), jnp.ones(2)), method.init(jnp.zeros(2)))


def test_unknown_mirror():
    with pytest.raises(ValueError, match="mirror must be one of eg, gd"):
        moo.omd_tch(2, mirror="kl")
