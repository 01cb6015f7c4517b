"""Every problem of the registry keeps the same promises."""

import functools
import subprocess
import sys

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.optimize import nnls

import moo.problems
from moo.metrics import hypervolume, nondominated

pytestmark = pytest.mark.usefixtures("unoptimised")

# Their Pareto sets are unknown, or sampled by a search.
SAMPLED = {"poloni", "kursawe", "viennet3", "hu_scalarization"}
SAMPLED |= {"re24", "re31", "re32", "re33", "re34", "re37", "re41", "re61"}
UNKNOWN = {"two_task_toy_modo", "mmoe_regression", "gradnorm_regression"}
# Their slopes are infinite on the whole Pareto set, as their docstrings say.
INFINITE_ON_THE_SET = {"zdt6", "dtlz6"}


def losses_and_rows(problem):
    return jax.jit(jax.vmap(lambda x: (problem.objectives(x), jax.jacrev(problem.objectives)(x))))


build = functools.cache(moo.problems.problem)


@pytest.fixture(params=sorted(moo.problems.PROBLEMS))
def built(request):
    return build(request.param)


@pytest.fixture(params=sorted(set(moo.problems.PROBLEMS) - SAMPLED - UNKNOWN))
def known(request):
    """A problem whose Pareto set is known without a search."""
    return build(request.param)


def test_there_are_fifty():
    assert len(moo.problems.PROBLEMS) >= 50


def test_record(built):
    assert built.name in moo.problems.PROBLEMS
    assert built.starts.shape[1] == built.dim
    assert len(built.objective_names) == built.num_objectives
    assert built.source
    assert (built.max_hypervolume is None) == (built.hypervolume_from == "")
    assert built.hypervolume_from in ("", "closed form", "quadrature", "sampled")
    assert ("sampled" in built.source) == built.sampled == (built.name in SAMPLED)
    assert (built.pareto_set is None) == (built.pareto_front is None) == (built.name in UNKNOWN)
    if built.bounds is not None:
        low, high = built.bounds
        assert (low < high).all()
        assert ((low <= built.starts) & (built.starts <= high)).all()
    if built.nadir_point is not None:
        assert (built.ideal_point < built.nadir_point).all()
        assert (built.nadir_point < built.reference_point).all()


def test_losses_and_gradients_are_finite_at_the_starts(built):
    losses, rows = losses_and_rows(built)(jnp.asarray(built.starts, jnp.float32))
    assert losses.shape == (len(built.starts), built.num_objectives)
    assert rows.shape == (*losses.shape, built.dim)
    assert losses.dtype == rows.dtype == jnp.float32
    assert np.isfinite(losses).all()
    assert np.isfinite(rows).all()


def test_losses_and_gradients_follow_the_dtype(built):
    x = jax.ShapeDtypeStruct((3, built.dim), jnp.bfloat16)
    losses, rows = jax.eval_shape(losses_and_rows(built), x)
    assert losses.dtype == rows.dtype == jnp.bfloat16
    assert not losses.weak_type


def test_noise_comes_from_the_key(built):
    x, keys = jnp.asarray(built.starts, jnp.float32), jax.random.split(jax.random.key(0))
    draw = jax.vmap(jax.vmap(built.objectives, (None, 0)), (0, None))
    assert jax.eval_shape(draw, x, keys).shape == (len(x), 2, built.num_objectives)
    if built.stochastic:
        draws = jax.jit(draw)(x, keys)
        assert (draws[:, 0] != draws[:, 1]).any()


def test_set_and_front_belong_together_and_are_stationary(known, x64):
    """The front is the image of the set, and there no direction improves all losses."""
    points = known.pareto_set(25)
    assert points.shape == (25, known.dim)
    assert points.dtype == np.float64
    losses, rows = losses_and_rows(known)(jnp.asarray(points))
    np.testing.assert_allclose(losses, known.pareto_front(25), rtol=1e-11, atol=1e-12)
    finite = np.isfinite(rows).all(axis=(1, 2))
    assert finite.sum() >= 20 or known.name in INFINITE_ON_THE_SET
    for point, gradients in zip(points[finite], np.asarray(rows)[finite], strict=True):
        assert stationarity(gradients, point, known.bounds) < 1e-6


def stationarity(gradients, point, bounds):
    """Least norm of a convex combination of unit gradients plus what the box pushes back."""
    norms = np.linalg.norm(gradients, axis=1, keepdims=True)
    if (norms < 1e-12).any():
        return 0.0
    columns = [gradients / norms]
    if bounds is not None:
        eye = np.eye(len(point))
        columns += [-eye[point <= bounds[0]], eye[point >= bounds[1]]]
    matrix = np.concatenate(columns).T
    sums = 1.0 * (np.arange(matrix.shape[1]) < len(gradients))
    # A heavy row asks for weights that sum to one.
    solution, residual = nnls(
        np.concatenate([matrix, 1e3 * sums[None]]), np.append(np.zeros(len(point)), 1e3)
    )
    assert solution.sum() > 0.5
    return residual


def test_front_points_do_not_dominate_each_other(known):
    front = np.unique(known.pareto_front(201).round(9), axis=0)
    assert nondominated(front).mean() >= 0.99


def test_the_set_is_at_distance_zero_from_itself(known):
    curve = known.num_objectives == 2 and known.connected
    assert known.distance_to_set(known.pareto_set(99), n=20_001 if curve else 99).max() < 1e-5


def test_the_set_is_in_the_box(known):
    if known.bounds is None:
        assert np.isfinite(known.pareto_set(99)).all()
    else:
        low, high = known.bounds
        points = known.pareto_set(99)
        assert ((low - 1e-12 <= points) & (points <= high + 1e-12)).all()


def test_sampled_fronts_reach_the_hypervolume_from_below(known):
    if known.max_hypervolume is None:
        assert known.reference_point is None or known.num_objectives > 3
        return
    value = hypervolume(known.pareto_front(1001), known.reference_point)
    assert value <= known.max_hypervolume * (1 + 1e-9)
    assert value >= known.max_hypervolume * (0.99 if known.num_objectives == 2 else 0.94)


def test_unknown_name_names_the_nearest():
    with pytest.raises(ValueError, match=r"'two_task_toi'.*two_task_toy"):
        moo.problems.problem("two_task_toi")


def test_a_name_is_a_str():
    with pytest.raises(TypeError, match="problem name must be a str, got int"):
        moo.problems.problem(3)


def test_unknown_option_names_those_there_are():
    with pytest.raises(TypeError, match="two_task_toy has no option sale; it takes scale, setting"):
        moo.problems.problem("two_task_toy", sale=1.0)


def test_listing_needs_no_jax():
    code = "import sys, moo.problems; moo.problems.PROBLEMS; assert 'jax' not in sys.modules"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
