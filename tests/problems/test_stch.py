"""F1 to F6: fronts by their equations, losses off the set by hand."""

import jax.numpy as jnp
import numpy as np
import pytest

import moo.problems

FRONTS = {
    "stch_f1": lambda f: 1 - np.sqrt(f),
    "stch_f2": lambda f: 1 - np.sqrt(f),
    "stch_f3": lambda f: 1 - np.sqrt(f),
    "stch_f4": lambda f: 1 - f**2,
    "stch_f5": lambda f: 1 - f**2,
    "stch_f6": lambda f: 1 - f**2,
}


@pytest.mark.parametrize("name", sorted(FRONTS))
def test_fronts_obey_their_equations_from_end_to_end(name):
    f1, f2 = moo.problems.problem(name).pareto_front(301).T
    np.testing.assert_allclose(f2, FRONTS[name](f1), atol=1e-12)
    assert (f1[0], f1[-1]) == (0.0, 1.0)
    assert np.diff(f1).max() < 0.02


# A variable off the set by d (index from 1) changes one loss, by the amount given.
SHIFTS = [
    ("stch_f4", 3, 0.25, 0, lambda d: 0.5 * d**2 / 2),
    ("stch_f6", 3, 0.25, 0, lambda d: 0.5 * (2 * d) ** 2 / 2),
    ("stch_f4", 2, 0.25, 1, lambda d: (1 + d**2 / 3) - 0.25 / (1 + d**2 / 3) - 0.75),
]


@pytest.mark.parametrize(("name", "index", "shift", "loss", "change"), SHIFTS)
def test_a_variable_off_the_set_changes_one_loss(name, index, shift, loss, change, x64):
    problem = moo.problems.problem(name)
    at = problem.pareto_set(3)[1]
    moved = at.copy()
    moved[index - 1] += shift
    gain = np.asarray(problem.objectives(jnp.asarray(moved)) - problem.objectives(jnp.asarray(at)))
    expected = np.zeros(problem.num_objectives)
    expected[loss] = change(shift)
    np.testing.assert_allclose(gain, expected, atol=1e-12)


def test_wrong_options_are_named():
    with pytest.raises(ValueError, match="dim: must be at least 3, got 2"):
        moo.problems.stch_f1(dim=2)
