"""UF problems: fronts by their equations, losses off the set by hand."""

import jax.numpy as jnp
import numpy as np
import pytest

import moo.problems

FRONTS = {
    "uf1": lambda f: 1 - np.sqrt(f),
    "uf2": lambda f: 1 - np.sqrt(f),
    "uf3": lambda f: 1 - np.sqrt(f),
    "uf7": lambda f: 1 - f,
}


@pytest.mark.parametrize("name", sorted(FRONTS))
def test_fronts_obey_their_equations_from_end_to_end(name):
    f1, f2 = moo.problems.problem(name).pareto_front(301).T
    np.testing.assert_allclose(f2, FRONTS[name](f1), atol=1e-12)
    assert (f1[0], f1[-1]) == (0.0, 1.0)
    assert np.diff(f1).max() < 0.02


def test_uf8_is_on_the_sphere():
    front = moo.problems.uf8().pareto_front(100)
    np.testing.assert_allclose(np.linalg.norm(front, axis=1), 1.0, rtol=1e-12)


# A variable off the set by d (index from 1) changes one loss, by the amount given.
SHIFTS = [
    ("uf1", 3, 0.25, 0, lambda d: 2 * d**2 / 14),
    ("uf1", 2, 0.25, 1, lambda d: 2 * d**2 / 15),
    ("uf2", 30, 0.25, 1, lambda d: 2 * d**2 / 15),
    ("uf3", 2, 0.1, 1, lambda d: 2 / 15 * (4 * d**2 - 2 * np.cos(20 * np.pi * d / 2**0.5) + 2)),
    ("uf7", 5, 0.25, 0, lambda d: 2 * d**2 / 14),
    ("uf8", 4, 0.25, 0, lambda d: 2 * d**2 / 9),
    ("uf8", 5, 0.25, 1, lambda d: 2 * d**2 / 9),
    ("uf8", 3, 0.25, 2, lambda d: 2 * d**2 / 10),
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
