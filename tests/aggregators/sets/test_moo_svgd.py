import jax.numpy as jnp
import numpy as np
import pytest

import moo
from tests.aggregators import oracles
from tests.aggregators.sets import worked


def oracle(F, J, h):
    """The rule, particle by particle."""
    number = len(F)
    descents = [oracles.min_norm(rows) for rows in J]
    out = []
    for k in range(number):
        kernel = [np.exp(-((F[k] - F[j]) ** 2).sum() / h) for j in range(number)]
        mean = sum(kernel[j] * descents[j] for j in range(number))
        apart = sum(kernel[j] * (F[k] - F[j]) for j in range(number))
        out.append((mean - 2 / h * J[k].T @ apart) / number)
    return np.array(out)


def test_worked_directions():
    updates, state = worked.steps(
        worked.on_population(moo.moo_svgd(2)), worked.F[None], worked.J[None]
    )
    expected = [[0.363195, 0.049493, -0.17022], [0.158328, 0.310323, -0.106965],
                [-0.114938, 0.256271, 0.058184]]  # fmt: skip
    np.testing.assert_allclose(updates[0], expected, atol=2e-6)
    np.testing.assert_allclose(updates[0], oracle(worked.F, worked.J, 0.65 / np.log(3)), atol=2e-6)
    np.testing.assert_allclose(state.multipliers[0, 0], [0.520782, 0.479218], atol=1e-6)
    np.testing.assert_allclose(state.multipliers[0, 1], [0.630072, 0.369928], atol=1e-6)


def test_a_bandwidth_of_ones_own_and_the_released_kernel():
    given = worked.on_population(moo.moo_svgd(2, bandwidth=2.0))
    updates, _ = worked.steps(given, worked.F[None], worked.J[None])
    np.testing.assert_allclose(updates[0], oracle(worked.F, worked.J, 2.0), atol=2e-6)
    # The released kernel is the identity: every particle follows a Kth of its own direction.
    released = worked.on_population(moo.moo_svgd(2, kernel="released"))
    updates, state = worked.steps(released, worked.F[None], worked.J[None])
    expected = [oracles.min_norm(rows) / 3 for rows in worked.J]
    np.testing.assert_allclose(updates[0], expected, atol=2e-6)
    assert not np.asarray(state.repulsion).any()


@pytest.mark.parametrize("size", [1e-20, 1e20])
def test_losses_whose_squares_are_no_numbers_repel_by_their_inverse(size):
    update = worked.on_population(moo.moo_svgd(2))
    losses, rows = np.stack([worked.F, worked.F * size]), np.stack([worked.J] * 2)
    updates, state = worked.steps(update, losses, rows)
    assert np.isfinite(updates).all()
    usual, found = state.repulsion
    np.testing.assert_allclose(found * size, usual, rtol=1e-4)


def test_small_losses_repel_over_a_bandwidth_of_ones_own():
    """Where the kernel is 1 throughout, by -2/(hK) times the sum of differences."""
    update = worked.on_population(moo.moo_svgd(2, bandwidth=2.0))
    _, state = worked.steps(update, worked.F[None] * 1e-20, worked.J[None])
    expected = (worked.F.mean(axis=0) - worked.F) * 1e-20
    np.testing.assert_allclose(state.repulsion[0], expected, rtol=1e-4)


def test_wrong_options():
    with pytest.raises(ValueError, match="bandwidth must be finite and above 0"):
        moo.moo_svgd(2, bandwidth=0.0)
    with pytest.raises(ValueError, match="kernel must be one of rbf, released"):
        moo.moo_svgd(2, kernel="linear")
    tx = moo.moo_svgd(2)
    with pytest.raises(TypeError, match=r"must be a moo.PopulationJacobian, got StackedJacobian"):
        tx.update(moo.stacked_jacobian(jnp.eye(2)), tx.init(jnp.ones((2, 2))))
