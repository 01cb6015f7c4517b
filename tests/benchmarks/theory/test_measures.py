import jax
import numpy as np
import pytest

import moo
from benchmarks.theory import _measures
from benchmarks.theory._entrants import ENTRANTS, OURS, entrant
from benchmarks.theory._toys import ends, off

pytestmark = pytest.mark.usefixtures("unoptimised")

SIZE = _measures.Size(seeds=4, draws=2000, warmup=0)


def held(method):
    found = _measures._held("noisy_instance", method, jax.random.key(1), SIZE)
    return {value.measure: value.seeds for value in found}


def test_what_the_mean_is_away_from():
    """In the Pareto set its direction is x, without bias; the shortest combination is 0."""
    found = held(moo.mean(2))
    x = float(_measures._point(moo.problem("noisy_instance"))[0])
    assert -1 < x < 1
    np.testing.assert_allclose(found["bias"], 0, atol=1e-2)
    np.testing.assert_allclose(found["offset"], x**2, atol=2e-2)
    np.testing.assert_allclose(found["covariance"], 0, atol=1e-2)


def test_weights_of_the_batch_itself_have_a_covariance():
    found = held(moo.mgda(2))
    noise = held(moo.mean(2))["covariance"]
    assert found["covariance"].mean() > 5 * np.abs(noise).max()
    assert found["bias"].mean() > 5 * np.abs(noise).max()


def test_methods_without_weights_have_no_covariance():
    assert np.isnan(held(moo.graddrop(2))["covariance"]).all()


def test_the_lag_of_tracked_gradients_counts_as_covariance(monkeypatch):
    """In its first step MoCo keeps beta of the gradient x of the mean."""
    monkeypatch.setattr(_measures, "_point", lambda problem: np.array([0.8]))
    found = held(moo.moco(2, beta=0.25, gamma=0.0))
    np.testing.assert_allclose(found["covariance"], (0.75 * 0.8) ** 2, rtol=0.05)


@pytest.mark.parametrize("name", ["two_task_toy_moco", "two_task_toy_modo"])
def test_the_end_of_a_run_is_as_far_as_it_is(name):
    problem = moo.problem(name)
    found = off(problem, np.asarray(problem.starts)[None])
    if problem.pareto_set is not None:
        expected = problem.distance_to_set(problem.starts)
    else:
        rows = jax.vmap(jax.jacobian(problem.objectives))(problem.starts.astype(np.float32))
        shares = np.linspace(0, 1, 100_001)[:, None]
        expected = [
            np.linalg.norm(shares * a + (1 - shares) * b, axis=1).min() for a, b in np.asarray(rows)
        ]
    np.testing.assert_allclose(found, np.mean(expected), rtol=1e-3)


def test_runs_on_toys_start_where_the_problem_says():
    problem = moo.problem("two_task_toy_moco")
    options = {"seeds": 2, "steps": 1, "learning_rate": 1e-4, "batch": 2}
    found = ends(problem, moo.mean(2), jax.random.key(0), **options)
    assert found.shape == (2, 5, 2)
    np.testing.assert_allclose(found, np.stack([problem.starts] * 2), atol=2e-4)


def test_every_entrant_is_a_method_for_two_objectives():
    built = {name: build(np.float32(100)) for name, build in ENTRANTS.items()}
    assert OURS in built
    assert {method.num_objectives for method in built.values()} == {2}


def test_measures_by_exact_gradients():
    """Equal weights need no memory: they raise a loss somewhere, and their weights never move."""
    size = _measures.Size(seeds=3, points=40, warmup=0, samples=(8, 64), angles=(0.1,))
    found = list(_measures._exactly(entrant("mean"), jax.random.key(0), size))
    assert [value.measure for value in found] == [
        "rise",
        *["replacement"] * 2,
        *["sensitivity"] * 2,
    ]
    rise, few, many, *jumps = (value.seeds for value in found)
    assert (rise > 0).all()
    assert few.mean() > 3 * many.mean() > 0
    assert np.array(jumps).tolist() == [[0] * 3] * 2


def test_any_method_may_be_measured_and_an_unknown_one_is_refused():
    assert entrant("upgrad")(np.float32(10)).num_objectives == 2
    with pytest.raises(ValueError, match="upgrad"):
        entrant("upgrd")
