"""Small problems of the early literature: values by hand, sets by geometry."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import moo.problems

# problem -> point and its losses, worked out by hand
BY_HAND = {
    "schaffer1": ([3.0], [9.0, 1.0]),
    "schaffer2": ([3.5], [0.5, 2.25]),
    "binh_korn": ([1.0, 2.0], [5.0, 25.0]),
    "poloni": ([-3.0, -1.0], [None, 0.0]),
    "kursawe": ([1.0, 0.0, 0.0], [-10 * np.exp(-0.2) - 10, 1 + 5 * np.sin(1.0)]),
    "viennet1": ([1.0, 1.0], [1.0, 6.0, 3.0]),
    "viennet2": ([0.0, 0.0], [2 + 1 / 13 + 3, 9 / 36 + 4 / 8 - 17, 1 / 175 - 13]),
    "viennet3": ([0.0, 0.0], [0.0, 2 + 1 / 27 + 15, -0.1]),
    "jos1": ([1.0] * 50 + [3.0] * 50, [5.0, 1.0]),
    "zlt1": ([1.0] * 10, [9.0] * 5),
    "mhhm2": ([0.8, 0.7], [0.01, 0.0025, 0.02]),
    "sp1": ([2.0, 4.0], [5.0, 5.0]),
    "lov1": ([1.0, 1.0], [2.03, 0.99 * 4 + 1.03]),
    "omni_test": ([0.5, 1.0], [1.0, -1.0]),
    "sym_part": ([9.0, -12.0], [4.0, 8.0]),
    "hu_scalarization": ([0.0, 0.0, 2.0], [1.0, 1.0, None]),
}


@pytest.mark.parametrize("name", sorted(BY_HAND))
def test_values_by_hand(name, x64):
    point, expected = BY_HAND[name]
    losses = np.asarray(moo.problems.problem(name).objectives(jnp.asarray(point)))
    known = [i for i, value in enumerate(expected) if value is not None]
    np.testing.assert_allclose(losses[known], [expected[i] for i in known], atol=1e-12)


def test_the_tiles_of_sym_part_and_the_subsets_of_omni_test_are_all_visited():
    tiles = np.round(moo.problems.sym_part().pareto_set(90) / 10)
    assert len(np.unique(tiles, axis=0)) == 9
    digits = moo.problems.omni_test(dim=3).pareto_set(540) // 2
    assert len(np.unique(digits, axis=0)) == 27
    assert len(np.unique(tiles, axis=0, return_counts=True)[1]) == 9


@pytest.mark.parametrize("name", ["viennet1", "viennet2", "mhhm2", "zlt1", "fonseca_three"])
def test_random_points_do_not_dominate_the_set(name):
    problem = moo.problems.problem(name)
    points = problem.pareto_set(20)
    draws = points[:, None] + np.random.default_rng(0).normal(size=(20, 300, problem.dim)) * 0.1
    losses = np.asarray(jax.jit(jax.vmap(jax.vmap(problem.objectives)))(jnp.asarray(draws)))
    assert not (losses < problem.pareto_front(20)[:, None] - 1e-5).all(axis=2).any()


def test_scalarisation_reaches_the_vertices_of_hu_only_at_unit_weights():
    """With orthogonal tasks the losses sum to 2 everywhere: a flat front."""
    problem = moo.problems.hu_scalarization(inner=0.0)
    losses = jax.vmap(problem.objectives)(jnp.asarray(problem.starts))
    np.testing.assert_allclose(losses.sum(axis=1), 2.0, rtol=1e-5)


def test_wrong_options_are_named():
    for name, options, message in [
        ("jos1", {"dim": 0}, "dim: must be at least 1, got 0"),
        ("zlt1", {"dim": 3}, r"num_objectives: must be in \[2, dim=3\], got 5"),
        ("omni_test", {"dim": 0}, "dim: must be at least 1, got 0"),
        ("hu_scalarization", {"inner": -0.5}, r"inner: must be in \(-0.5, 1\), got -0.5"),
        ("fonseca_three", {"dim": 3}, "dim: must be even and at least 2, got 3"),
        ("fonseca_many", {"num_objectives": 1}, "num_objectives: must be at least 2, got 1"),
        ("fonseca_many", {"dim": 0}, "dim: must be at least 1, got 0"),
    ]:
        with pytest.raises(ValueError, match=message):
            moo.problems.problem(name, **options)
