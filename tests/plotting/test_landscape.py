import jax.numpy as jnp
import numpy as np
from matplotlib.figure import Figure

from moo.plotting._landscape import contours, draw_landscape, landscape
from moo.problems import Problem


def bowls():
    """Two round bowls: the cosine is that of the angle between x - u and x + u."""

    def objectives(x, key=None):
        u = jnp.array([1.0, 0.0])
        return jnp.stack([((x - u) ** 2).sum(), 1e-20 * ((x + u) ** 2).sum(), x[0]])

    return Problem(
        name="bowls",
        dim=2,
        num_objectives=3,
        objectives=objectives,
        starts=np.zeros((1, 2)),
        source="test",
    )


def test_the_cosine_is_that_of_the_two_gradients_at_any_scale():
    low, high = np.array([-3.0, -3.0]), np.array([3.0, 3.0])
    ground = landscape(bowls(), low, high, (0, 1), 12)
    x, y = np.meshgrid(ground.x, ground.y)
    dot = (x - 1) * (x + 1) + y * y
    expected = dot / np.hypot(x - 1, y) / np.hypot(x + 1, y)
    np.testing.assert_allclose(ground.cosine, expected, atol=1e-5)
    assert np.abs(ground.cosine).max() <= 1
    np.testing.assert_allclose(ground.losses[0], (x - 1) ** 2 + y**2, rtol=1e-5)


def test_cells_are_centred_in_the_limits():
    low, high = np.array([0.0, 10.0]), np.array([4.0, 12.0])
    ground = landscape(bowls(), low, high, (0, 2), 4)
    assert ground.x.tolist() == [0.5, 1.5, 2.5, 3.5]
    assert ground.y.tolist() == [10.25, 10.75, 11.25, 11.75]


def test_a_zero_gradient_is_a_hole():
    low, high = np.array([-1.5, -1.5]), np.array([3.5, 1.5])
    ground = landscape(bowls(), low, high, (0, 2), 5)
    assert np.argwhere(np.isnan(ground.cosine)).tolist() == [[2, 2]]
    assert (ground.x[2], ground.y[2]) == (1.0, 0.0)


def test_contours_ignore_spikes():
    x = np.linspace(0, 1, 30)
    values = np.tile(x, (30, 1))
    values[3, 3], values[7, 7] = -1e6, np.inf
    lines = contours(x, x, values)
    middles = sorted(line[:, 0].mean() for line in lines if len(line) > 20)
    assert len(middles) >= 5
    assert 0.0 < middles[0] < middles[-1] < 1.0


def test_a_constant_loss_draws_no_contour_and_nothing_finite_neither():
    x = np.linspace(0, 1, 5)
    assert all(len(line) for line in contours(x, x, np.ones((5, 5))))
    assert contours(x, x, np.full((5, 5), np.nan)) == []


def test_the_map_shows_the_cosine_on_its_whole_scale():
    axes = Figure().add_subplot()
    low, high = np.array([-3.0, -3.0]), np.array([3.0, 3.0])
    ground = landscape(bowls(), low, high, (0, 1), 8)
    image = draw_landscape(axes, ground, low, high, np.full(2, 0.01))
    assert image.get_clim() == (-1.0, 1.0)
    assert tuple(image.get_extent()) == (-3.0, 3.0, -3.0, 3.0)
    assert np.array_equal(np.asarray(image.get_array()), ground.cosine)
