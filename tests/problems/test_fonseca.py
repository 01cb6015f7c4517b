"""The concave front in closed form."""

import jax.numpy as jnp
import numpy as np
import pytest
from scipy.integrate import quad

from moo.metrics import hypervolume
from moo.problems import fonseca_fleming


def test_ends_and_middle_of_the_front():
    front = fonseca_fleming(dim=4).pareto_front(3)
    end, middle = 0.98168436, 0.63212056
    np.testing.assert_allclose(front, [[end, 0], [middle, middle], [0, end]], atol=5e-9)


def test_max_hypervolume_by_quadrature():
    """The area under 1 - f2 over f1, and the strip right of the front's end."""

    def area(s):
        return np.exp(-((s + 1) ** 2)) * 2 * (1 - s) * np.exp(-((s - 1) ** 2))

    expected = quad(area, -1, 1, epsabs=1e-13)[0] + np.exp(-4)
    problem = fonseca_fleming()
    assert problem.max_hypervolume == pytest.approx(expected, abs=1e-12)
    assert problem.max_hypervolume == pytest.approx(0.3421156, abs=5e-8)


def test_sampled_fronts_reach_the_max_hypervolume_from_below():
    problem = fonseca_fleming()
    values = [hypervolume(problem.pareto_front(n), problem.reference_point) for n in (10, 10_000)]
    assert values[0] < values[1] < problem.max_hypervolume
    assert values[1] == pytest.approx(problem.max_hypervolume, abs=1e-4)


@pytest.mark.parametrize("dim", [1, 2, 50])
def test_every_dimension_has_the_same_front_and_live_starts(dim):
    problem = fonseca_fleming(dim=dim, num_starts=3)
    at_set = problem.objectives(jnp.asarray(problem.pareto_set(5)[1]))
    np.testing.assert_allclose(at_set, problem.pareto_front(5)[1], rtol=1e-5)
    assert problem.starts.shape == (3, dim)
    assert float(problem.objectives(jnp.asarray(problem.starts[0])).min()) < 0.99


def test_wrong_options_are_named():
    with pytest.raises(ValueError, match="dim: must be at least 1, got 0"):
        fonseca_fleming(dim=0)
    with pytest.raises(ValueError, match="num_starts: must be at least 1, got 0"):
        fonseca_fleming(num_starts=0)
    with pytest.raises(TypeError, match=r"dim: must be an int, got 2\.5"):
        fonseca_fleming(dim=2.5)
    with pytest.raises(TypeError, match="num_starts: must be an int, got True"):
        fonseca_fleming(num_starts=True)
