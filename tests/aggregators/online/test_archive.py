import jax.numpy as jnp
import numpy as np

from moo.aggregators.online._archive import average, empty, insert


class Book:
    """The rule as written, with lists and no bound."""

    def __init__(self):
        self.entries = []

    def insert(self, losses, point):
        better = [e for e in self.entries if all(e[0] <= losses)]
        if better:
            for entry in better:
                entry[2] += 1 / len(better)
            return
        worse = [e for e in self.entries if all(losses <= e[0])]
        self.entries = [e for e in self.entries if not any(e is w for w in worse)]
        self.entries.append([losses, point, 1 + sum(e[2] for e in worse)])

    def average(self):
        total = sum(e[2] for e in self.entries)
        return sum(e[2] * e[1] for e in self.entries) / total


def filled(history, capacity, points=None):
    archive = empty(jnp.zeros(2), capacity, 2, jnp.float32)
    for k, losses in enumerate(history):
        point = jnp.full(2, float(k)) if points is None else jnp.asarray(points[k])
        archive = insert(archive, jnp.asarray(losses, jnp.float32), point)
    return archive


def test_follows_the_rule_while_there_is_room():
    rng = np.random.default_rng(0)
    along = 9 * rng.random(40)
    history = np.round(np.stack([along, 9 - along], axis=1) + 5 * rng.random((40, 2)))
    points = rng.standard_normal((40, 2)).astype(np.float32)
    book = Book()
    for losses, point in zip(history, points, strict=True):
        book.insert(losses, point.astype(np.float64))
    archive = filled(history, 12, points)
    assert len(book.entries) == int((archive.counts > 0).sum()) > 1
    np.testing.assert_allclose(archive.counts.sum(), 40, rtol=1e-6)
    np.testing.assert_allclose(average(archive), book.average(), rtol=1e-4, atol=1e-6)


def test_equal_losses_leave_the_first_point():
    archive = filled([[1, 1], [1, 1]], 3)
    np.testing.assert_array_equal(archive.counts, [2, 0, 0])
    np.testing.assert_array_equal(average(archive), 0)


def test_when_full_the_lightest_gives_its_place_and_count():
    history = [[0, 9], [0, 9], [1, 8], [2, 7]]
    archive = filled(history, 2)
    np.testing.assert_array_equal(archive.counts, [2, 2])
    np.testing.assert_array_equal(archive.points[:, 0], [0, 3])
    np.testing.assert_allclose(average(archive), 1.5)


def test_what_was_not_seen_is_not_thought_better():
    """The second has no loss for objective 1: it stays beside the first, which is worse at 0."""
    archive = filled([[2, 1], [1, np.inf]], 3)
    np.testing.assert_array_equal(archive.counts, [1, 1, 0])
    archive = filled([[1, 1], [1, np.inf]], 3)
    np.testing.assert_array_equal(archive.counts, [2, 0, 0])
