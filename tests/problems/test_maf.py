"""Inverted and convex fronts by their equations, volumes by counting random points."""

import numpy as np
import pytest

from moo.problems import convex_dtlz2, inverted_dtlz1, maf1

# factory -> residual of the front, and whether a point below the reference is dominated
SHAPES = {
    maf1: (
        lambda f: f.sum(axis=1) - (f.shape[1] - 1),
        lambda p: np.minimum(p, 1).sum(axis=1) >= p.shape[1] - 1,
    ),
    inverted_dtlz1: (
        lambda f: f.sum(axis=1) - (f.shape[1] - 1) / 2,
        lambda p: np.minimum(p, 0.5).sum(axis=1) >= (p.shape[1] - 1) / 2,
    ),
    convex_dtlz2: (
        lambda f: np.sqrt(f[:, :-1]).sum(axis=1) + f[:, -1] - 1,
        lambda p: np.sqrt(p[:, :-1]).sum(axis=1) + p[:, -1] >= 1,
    ),
}


@pytest.mark.parametrize("m", [2, 3, 5])
@pytest.mark.parametrize("factory", SHAPES)
def test_fronts_obey_their_equations_and_hold_their_corners(factory, m):
    front = factory(num_objectives=m).pareto_front(64)
    np.testing.assert_allclose(SHAPES[factory][0](front), 0.0, atol=1e-12)
    top = 0.5 if factory is inverted_dtlz1 else 1.0
    np.testing.assert_allclose(front.max(axis=0), top, atol=1e-12)
    np.testing.assert_allclose(front.min(axis=0), 0.0, atol=1e-12)


@pytest.mark.parametrize("m", [2, 3, 4])
@pytest.mark.parametrize("factory", SHAPES)
def test_hypervolumes_by_counting(factory, m):
    problem = factory(num_objectives=m)
    box = problem.reference_point
    points = np.random.default_rng(0).uniform(0, box, (400_000, m))
    share = SHAPES[factory][1](points).mean()
    deviation = 0.5 / np.sqrt(len(points))
    assert problem.max_hypervolume / np.prod(box) == pytest.approx(share, abs=4 * deviation)


def test_the_volume_under_the_inverted_simplex_by_hand():
    assert maf1().max_hypervolume == pytest.approx(1 / 6 + 0.15 + 0.03 + 0.001)


@pytest.mark.parametrize("factory", SHAPES)
def test_wrong_options_are_named(factory):
    with pytest.raises(ValueError, match="num_objectives: must be at least 2, got 1"):
        factory(num_objectives=1)
