"""Values and fronts against pymoo, where it has the problem and is free of errors."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import moo.problems

pymoo = pytest.importorskip("pymoo.problems", reason="pymoo is not installed")

# ours -> pymoo's name and options. Its SYM-PART sets the tiles 10 apart and cuts them 12 wide.
TABLE = {
    "zdt1": ("zdt1", {}),
    "zdt2": ("zdt2", {}),
    "zdt3": ("zdt3", {}),
    "zdt4": ("zdt4", {}),
    "zdt6": ("zdt6", {}),
    "dtlz1": ("dtlz1", {"n_var": 7, "n_obj": 3}),
    "dtlz2": ("dtlz2", {"n_var": 12, "n_obj": 3}),
    "dtlz3": ("dtlz3", {"n_var": 12, "n_obj": 3}),
    "dtlz4": ("dtlz4", {"n_var": 12, "n_obj": 3}),
    "dtlz5": ("dtlz5", {"n_var": 12, "n_obj": 3}),
    "dtlz6": ("dtlz6", {"n_var": 12, "n_obj": 3}),
    "dtlz7": ("dtlz7", {"n_var": 22, "n_obj": 3}),
    "kursawe": ("kursawe", {}),
}


@pytest.mark.parametrize("name", sorted(TABLE))
def test_values_at_random_points(name, x64):
    ours = moo.problems.problem(name)
    theirs = pymoo.get_problem(TABLE[name][0], **TABLE[name][1])
    low, high = ours.bounds
    points = np.random.default_rng(0).uniform(low, high, (50, ours.dim))
    values = jax.jit(jax.vmap(ours.objectives))(jnp.asarray(points))
    np.testing.assert_allclose(values, theirs.evaluate(points), rtol=1e-9, atol=1e-9)


def test_omni_test(x64):
    theirs = pytest.importorskip("pymoo.problems.multi.omnitest", reason="pymoo is not installed")
    points = np.random.default_rng(0).uniform(0, 6, (50, 3))
    values = jax.vmap(moo.problems.omni_test(dim=3).objectives)(jnp.asarray(points))
    np.testing.assert_allclose(values, theirs.OmniTest(3).evaluate(points), atol=1e-12)


@pytest.mark.parametrize("name", ["zdt1", "zdt2", "zdt3", "zdt4"])
def test_fronts_lie_on_each_other(name):
    ours, theirs = moo.problems.problem(name), pymoo.get_problem(TABLE[name][0])
    front = np.asarray(theirs.pareto_front(n_pareto_points=300) if name != "zdt3" else
                       theirs.pareto_front(n_points=300))  # fmt: skip
    samples = ours.pareto_front(20_001)
    gaps = np.linalg.norm(front[:, None] - samples[None], axis=2).min(axis=1)
    # Between samples sqrt f1 is steep at the left end of zdt1.
    assert gaps.max() < 4e-3
    assert np.median(gaps) < 1e-4


def test_zdt6_lies_on_the_same_parabola():
    front = pymoo.get_problem("zdt6").pareto_front()
    ours = moo.problems.problem("zdt6").pareto_front(2001)
    np.testing.assert_allclose(ours[:, 1], 1 - ours[:, 0] ** 2, atol=1e-12)
    np.testing.assert_allclose(front[:, 1], 1 - front[:, 0] ** 2, atol=1e-12)
    assert ours[:, 0].min() == pytest.approx(front[:, 0].min(), abs=1e-5)
