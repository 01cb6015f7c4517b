"""Certificates of descent, sensitivity of weights, and the fit of a power."""

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import moo
from moo.diagnostics import theory

pytestmark = pytest.mark.usefixtures("unoptimised")

KEY = jax.random.key(5)
QUADRATICS = moo.problem("noisy_quadratics", dim=2)
POINTS = np.random.default_rng(0).normal(size=(40, 2)) * 1.5


def linear(*rows):
    """A problem whose gradients are these rows everywhere."""
    rows = jnp.array(rows)
    dim = rows.shape[1]
    like = moo.problem("noisy_quadratics", dim=dim) if dim > 1 else moo.problem("noisy_instance")
    return dataclasses.replace(
        like, num_objectives=len(rows),
        objectives=lambda x: rows @ x, reference_point=None,
    )  # fmt: skip


@pytest.mark.parametrize("method", ["mgda", "upgrad", "dual_proj", "nash_mtl"])
def test_a_non_conflicting_direction_lowers_every_loss(method):
    found = theory.descent_certificate(QUADRATICS, moo.aggregator(method, num_objectives=2), POINTS)
    assert found.conflict_free.all()
    assert (found.longest > 0).all()


def test_the_mean_raises_a_loss_where_the_gradients_conflict_enough():
    found = theory.descent_certificate(QUADRATICS, moo.mean(2), POINTS)
    rows = np.asarray(jax.vmap(jax.jacobian(QUADRATICS.objectives))(POINTS.astype(np.float32)))
    gram = np.einsum("nid,njd->nij", rows, rows)
    fine = (gram.sum(axis=2) >= 0).all(axis=1)
    np.testing.assert_array_equal(found.conflict_free, fine)
    assert 0 < fine.mean() < 1
    np.testing.assert_array_equal(found.longest[~fine], 0)
    mean = rows.mean(axis=1, keepdims=True)
    cosines = (rows * mean).sum(-1) / np.linalg.norm(rows, axis=-1) / np.linalg.norm(mean, axis=-1)
    np.testing.assert_allclose(found.slopes, cosines, atol=1e-5)


def test_the_longest_step_is_that_of_the_parabola():
    # Where both centres are one, each loss falls along its gradient until 2 / curvature.
    found = theory.descent_certificate(
        QUADRATICS, moo.mean(2), [[1.5, 1.5]], steps=np.linspace(0.1, 4, 40)
    )
    x = np.array([1.5, 1.5])
    curvature, centre = np.array([[0.1, 1.0], [1.0, 0.1]]), np.array([[1, 1], [-1, -1]]) / 2**0.5
    rows = curvature * (x - centre)
    v = rows.mean(axis=0)
    longest = min(2 * (rows @ v) / (curvature * v**2).sum(axis=1))
    assert found.longest[0] <= longest < found.longest[0] + 0.1


@pytest.mark.parametrize(("entry", "free"), [(0.0, True), (np.nan, False)])
def test_no_direction_raises_nothing_and_one_that_is_nan_is_not_certified(entry, free):
    def constant(rows, losses, state, *, active):
        return jnp.full_like(rows[0], entry), state

    stuck = moo.from_rows(2, lambda params, dtype: (), constant)
    found = theory.descent_certificate(QUADRATICS, stuck, POINTS[:2])
    assert found.conflict_free.tolist() == [free, free]


def test_points_and_steps_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match=r"points must be \(n, 2\), got \(1, 3\)"):
        theory.descent_certificate(QUADRATICS, moo.mean(2), np.zeros((1, 3)))
    with pytest.raises(ValueError, match="steps must be positive and increase"):
        theory.descent_certificate(QUADRATICS, moo.mean(2), POINTS, steps=(0.1, 0.1))
    with pytest.raises(ValueError, match="steps must be positive and increase"):
        theory.descent_certificate(QUADRATICS, moo.mean(2), POINTS, steps=())


def test_min_norm_weights_move_as_one_over_the_squared_angle_near_equality():
    found = theory.weight_sensitivity(QUADRATICS, moo.mgda(2), POINTS[0], key=KEY, ratio=np.ones(3))
    assert found.fit.low <= found.fit.exponent <= found.fit.high
    assert found.fit.exponent == pytest.approx(-2, abs=0.1)
    # A change of either length by d moves the share of the other by d / alpha^2.
    steepest = np.sqrt(2) * np.sqrt(2) / found.angles**2
    assert (found.weights <= 1.1 * steepest).all()
    assert (found.weights >= 0.5 * steepest).all()
    expected = found.weights * found.angles / np.sqrt(2)  # (g1 - g2) times the change of one
    np.testing.assert_allclose(found.directions, expected, rtol=0.1)
    np.testing.assert_array_less(found.error, 0.1 * found.weights.mean(axis=0))


def test_min_norm_weights_are_calm_near_opposition():
    found = theory.weight_sensitivity(QUADRATICS, moo.mgda(2), POINTS[0], key=KEY, opposite=True)
    assert (found.weights < 2).all()  # at most about |E| / |g1 - g2| each way


def test_a_longer_gradient_beside_a_shorter_one_gets_no_min_norm_weight():
    found = theory.weight_sensitivity(QUADRATICS, moo.mgda(2), POINTS[0], key=KEY, ratio=2.0)
    np.testing.assert_array_equal(found.weights, 0)
    assert np.isnan(found.fit.exponent)


@pytest.mark.parametrize(("third", "low", "high"), [(0.1, 0, 1e-3), (30.0, 50, 300)])
def test_the_third_gradient_stays_as_it_is(third, low, high):
    """A short one takes all min-norm weight from two nearly equal ones, a long one next to none."""
    fixed = linear([3.0, 0.0, 0.0], [0.0, 3.0, 0.0], [third / 3, third / 3, third])
    found = theory.weight_sensitivity(fixed, moo.mgda(3), np.zeros(3), key=KEY, angles=(0.1,))
    assert (found.weights >= low).all()
    assert (found.weights <= high).all()


@pytest.mark.parametrize(
    ("said", "method", "options"),
    [
        ("method must report weights", moo.graddrop(2), {}),
        (r"angles must be one or more in \(0, pi\)", moo.mean(2), {"angles": (0.1, 0.0)}),
        (r"angles must be one or more in \(0, pi\)", moo.mean(2), {"angles": (4.0,)}),
        (r"angles must be one or more in \(0, pi\)", moo.mean(2), {"angles": ()}),
        ("ratio must be positive.* got -1", moo.mean(2), {"ratio": -1}),
        ("one for each of 3 angles", moo.mean(2), {"ratio": (1.0, 2.0)}),
        ("trials must be at least 1, got 0", moo.mean(2), {"trials": 0}),
        ("within the rounding of float32", moo.mean(2), {"angles": (0.1, 0.003)}),
        ("repeats must be at least 2, got 1", moo.mean(2), {"repeats": 1}),
        ("pair must be two of the 2 objectives", moo.mean(2), {"pair": (0, 2)}),
        (r"x must be \(2,\), got \(3,\)", moo.mean(2), {"x": np.zeros(3)}),
        ("pair must be two of the 2 objectives", moo.mean(2), {"pair": (0, 1, 0)}),
        ("gradients at x must be finite", moo.mean(2), {"x": [np.nan, 0.0]}),
    ],
)
def test_sensitivity_refuses_what_it_cannot_measure(said, method, options):
    options = {"x": POINTS[0], **options}
    with pytest.raises(ValueError, match=said):
        theory.weight_sensitivity(QUADRATICS, method, key=KEY, **options)


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([[0.0, 0.0], [1.0, 0.0]], "gradient of objective 0 at x must not be 0"),
        ([[1.0, 0.0], [0.0, 0.0]], "gradient of objective 1 at x must not be 0"),
        ([[1e-25, 0.0], [0.0, 1e-25]], "lengths from .* in float32, got 1e-25 of objective 0"),
    ],
)
def test_sensitivity_refuses_gradients_that_it_cannot_turn(rows, said):
    with pytest.raises(ValueError, match=said):
        theory.weight_sensitivity(linear(*rows), moo.mgda(2), np.zeros(2), key=KEY)


@pytest.mark.parametrize(
    "rows",
    [
        [[1.0], [-2.0]],
        [[1.0, 0.0, 0.0], [-2.0, 0.0, 0.0]],
        [[1.0, 0.0], [0.0, 1e-7]],
    ],
    ids=["one dimension", "collinear", "unequal"],
)
def test_sensitivity_sees_lengths_alone_wherever_the_gradients_lie(rows):
    """The pair is turned to each angle, so that equal lengths give the same estimates anywhere."""
    options = {"key": KEY, "angles": (0.3, 0.1), "ratio": 1.0}
    found = theory.weight_sensitivity(linear(*rows), moo.mgda(2), np.zeros(len(rows[0])), **options)
    plain = theory.weight_sensitivity(
        linear([0.0, 1.0], [1.0, 0.0]), moo.mgda(2), np.zeros(2), **options
    )
    np.testing.assert_allclose(found.weights, plain.weights, rtol=1e-3)
    assert (plain.weights > 1).all()


def test_sensitivity_of_methods_whose_weights_are_multipliers():
    """Three batches of one Jacobian are one batch: SDMGrad leans its min-norm shares."""
    options = {"key": KEY, "angles": (0.3, 0.1), "opposite": True}
    split, whole = (
        theory.weight_sensitivity(
            QUADRATICS, moo.sdmgrad(2, batches=count), POINTS[0], **options
        ).weights
        for count in (3, 1)
    )
    assert (whole > 0).all()
    np.testing.assert_allclose(split, whole, rtol=1e-2)


def test_the_fit_of_noisy_powers_covers_their_exponent():
    rng = np.random.default_rng(0)
    at = np.array([1.0, 10.0, 100.0])
    hits = 0
    for _ in range(200):
        values = 3 * at**-0.5 * np.exp(0.2 * rng.normal(size=(8, 3)))
        fit = theory.fit_power(at, values)
        hits += fit.low <= -0.5 <= fit.high
    assert hits >= 175  # 95 % of 200, less five standard errors


def test_a_fit_without_positive_values_or_seeds_says_so():
    assert np.isnan(theory.fit_power([1, 2], [[0.0, 1.0], [1.0, 1.0]]).exponent)
    assert np.isnan(theory.fit_power([1, 2], [[1.0, 2.0]]).low)
    with pytest.raises(ValueError, match=r"values must be \(seeds, 2\) like at, got \(1, 3\)"):
        theory.fit_power([1, 2], [1.0, 2.0, 3.0])
    with pytest.raises(ValueError, match="at must be positive"):
        theory.fit_power([0, 2], [1.0, 2.0])


def test_a_method_that_remembers_is_judged_after_it_has_learned():
    """In its first step CALM is the mean, which raises a loss at points beside the Pareto set."""
    problem = moo.problem("noisy_quadratics")
    points = problem.pareto_set(40) + 0.02
    new = theory.descent_certificate(problem, moo.calm(2), points, warmup=0)
    mean = theory.descent_certificate(problem, moo.mean(2), points)
    learned = theory.descent_certificate(problem, moo.calm(2), points, warmup=300)
    np.testing.assert_array_equal(new.conflict_free, mean.conflict_free)
    assert not mean.conflict_free.all()
    assert learned.conflict_free.sum() > mean.conflict_free.sum()


def test_sensitivity_of_methods_that_split_their_batch():
    """MoDo's first step moves its multipliers by gamma times the Gramian's change, projected."""
    found = theory.weight_sensitivity(
        QUADRATICS, moo.modo(2, gamma=0.1, rho=0.0), [0.5, 0.6], key=KEY, angles=(0.6, 0.3),
        ratio=1.0, warmup=1,
    )  # fmt: skip
    assert (found.weights > 0).all()
    assert (found.weights < 1).all()


@pytest.mark.parametrize("method", ["mgda", lambda horizon: moo.mgda(2)], ids=["name", "function"])
@pytest.mark.parametrize(
    ("measure", "options"),
    [
        (theory.direction_bias, {"x": [0.0, 0.0], "key": KEY}),
        (theory.weight_covariance, {"x": [0.0, 0.0], "key": KEY}),
        (theory.weight_sensitivity, {"x": [0.0, 0.0], "key": KEY}),
        (theory.descent_certificate, {"points": POINTS}),
        (theory.replacement_stability, {"rate": 0.1, "key": KEY}),
    ],
)
def test_what_is_no_aggregator_is_refused(measure, options, method):
    with pytest.raises(TypeError, match=r"method must be an aggregator such as moo.mgda\(2\), got"):
        measure(QUADRATICS, method, **options)


def test_every_constant_above_an_eighth_is_seen_at_the_smallest_angle_of_float32():
    """IMTL-G weighs the first by |g2| / (|g1| + |g2|): at equal lengths this moves by 1/2 at most.

    Of 64 random changes one comes within a tenth of the steepest.
    """
    found = theory.weight_sensitivity(QUADRATICS, moo.imtl_g(2), POINTS[0], key=KEY, ratio=1.0)
    assert found.angles[-1] == 0.03
    assert (found.weights.mean(axis=0) > 0.45).all()
    assert (found.weights <= 0.5 * (1 + 1e-2)).all()
