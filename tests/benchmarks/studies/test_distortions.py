import numpy as np
import pytest

from benchmarks.studies import _distortions
from benchmarks.studies._distortions import distorted


def test_the_first_copy_is_the_images_and_a_seed_decides_the_others():
    images = np.random.default_rng(0).integers(0, 2, (3, 12, 12)).astype(np.uint8)
    found = distorted(images, 4)
    assert found.shape == (12, 12, 12)
    assert found.dtype == np.uint8
    np.testing.assert_array_equal(found[:3], images)
    np.testing.assert_array_equal(found, distorted(images, 4))
    assert not np.array_equal(found, distorted(images, 4, seed=1))
    # More copies leave the first ones as they are.
    np.testing.assert_array_equal(distorted(images, 2), found[:6])
    assert not np.array_equal(found[3:6], images)


def test_all_images_of_a_copy_go_through_one_map():
    image = np.arange(64, dtype=np.uint8).reshape(1, 8, 8)
    both = distorted(np.concatenate([image, image]), 3).reshape(3, 2, 8, 8)
    np.testing.assert_array_equal(both[:, 0], both[:, 1])


@pytest.mark.parametrize("shift", [1, -2])
def test_a_shift_alone_moves_pixels_and_fills_with_nothing(shift, monkeypatch):
    for name in ("_TURN", "_SCALE"):
        monkeypatch.setattr(_distortions, name, 0.0)

    class Draw:
        def uniform(self, low, high, size):
            return np.full(size, shift if high == _distortions._SHIFT else 0.0)

    monkeypatch.setattr(np.random, "default_rng", lambda seed: Draw())
    image = np.arange(1, 26, dtype=np.uint8).reshape(1, 5, 5)
    expected = np.zeros((5, 5), np.uint8)
    for row in range(5):
        for column in range(5):
            if 0 <= row + shift < 5 and 0 <= column + shift < 5:
                expected[row, column] = image[0, row + shift, column + shift]
    np.testing.assert_array_equal(distorted(image, 2)[1], expected)
