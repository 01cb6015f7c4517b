import numpy as np

from moo.aggregators._solvers._equal_projections import equal_projections
from tests.aggregators.stacks import solve


def impartial(gram, active, parameter):
    return equal_projections(gram, active)


def test_sign_trap():
    """Where 1'G⁺d < 0 the ports ascend on every loss; here v descends, and w adds up to -1."""
    J = np.array([[1, 0, 0], [-0.95, 0.3, 0.1], [0.1, -0.2, 30]])
    u = np.linalg.solve(gram(J), np.ones(3)) / np.linalg.norm(J, axis=1)
    rng, found = np.random.default_rng(0), [J] if u.sum() < 0 else []
    while len(found) < 4:
        J = rng.standard_normal((3, 3)) * np.exp(1.5 * rng.standard_normal((3, 1)))
        u = np.linalg.solve(gram(J), np.ones(3)) / np.linalg.norm(J, axis=1)
        if u.sum() < -0.05 * np.abs(u).sum() and np.linalg.cond(gram(J)) < 1e3:
            found.append(J)
    weights, residual, converged = solve(impartial, found)
    assert converged.all()
    assert residual.max() < 1e-4
    np.testing.assert_allclose(weights.sum(axis=1), -1, atol=1e-3)
    for J, w in zip(found, weights, strict=True):
        projections = J @ (w @ J) / np.linalg.norm(J, axis=1)
        np.testing.assert_allclose(projections, projections.mean(), rtol=1e-3)
        assert projections.min() > 0


def gram(J):
    units = J / np.linalg.norm(J, axis=1)[:, None]
    return units @ units.T


def test_equal_angles_give_equal_terms():
    """Three rows at cosine .3, lengths 1, 10, .3: all ‖wᵢgᵢ‖ are the same (GradNorm's rule)."""
    lengths = np.array([1, 10, 0.3])
    units = np.linalg.cholesky(np.full((3, 3), 0.3) + 0.7 * np.eye(3))
    weights, _, _ = solve(impartial, [units * lengths[:, None]])
    np.testing.assert_allclose(weights[0] * lengths, 1 / (1 / lengths).sum(), rtol=1e-5)


def test_no_solution_gives_no_step():
    """Three directions of a plane, or opposite rows and a third: only v = 0 is impartial."""
    plane = [[1, 0, 0], [0, 1, 0], [-1, -0.5, 0]]
    opposite = [[1, 0.2, 0], [-2, -0.4, 0], [0, 0, 1]]
    weights, residual, converged = solve(impartial, [plane, opposite])
    np.testing.assert_array_equal(weights, 0)
    assert residual.min() > 0.1
    assert not converged.any()


def test_duplicates_and_zero_rows_are_defined():
    g, h = [1, 0.2, -0.5], [-0.8, 0.9, 0.1]
    weights, _, converged = solve(impartial, [[g, g, h], [g, h, [0, 0, 0]]])
    assert converged.all()
    d, e = np.linalg.norm(g), np.linalg.norm(h)
    bisector = np.array([e, d]) / (d + e)
    np.testing.assert_allclose([weights[0][:2].sum(), weights[0][2]], bisector, rtol=1e-4)
    np.testing.assert_allclose(weights[1], [*bisector, 0], rtol=1e-5)
