import numpy as np
import pytest

from moo.data import DataError, ImagePairs
from moo.data._idx import Digits
from moo.data._image_pairs import overlay

# One bright pixel at the upper left corner of each image tells its place, and its value which.
COUNT = 12
IMAGES = np.zeros((COUNT, 28, 28), np.uint8)
IMAGES[:, 0, 0] = np.arange(1, COUNT + 1)
DIGITS = Digits(IMAGES, np.arange(COUNT, dtype=np.uint8) % 10)


def test_places_and_labels():
    images, labels = overlay(DIGITS, 60, seed=3)
    assert images.shape == (60, 36, 36)
    for image, (first, second) in zip(images, labels, strict=True):
        (upper, lower) = np.argwhere(image)
        assert max(upper) <= 2
        assert 6 <= min(lower) <= max(lower) <= 8
        assert (image[tuple(upper)] - 1) % 10 == first
        assert (image[tuple(lower)] - 1) % 10 == second


def test_every_image_is_used_as_often_in_either_place():
    _, labels = overlay(Digits(IMAGES[:10], DIGITS.labels[:10]), 30, seed=0)
    for place in labels.T:
        np.testing.assert_array_equal(np.bincount(place), 3)


def test_the_brighter_pixel_counts():
    full = Digits(np.full((2, 28, 28), 9, np.uint8), np.zeros(2, np.uint8))
    images, _ = overlay(full, 5, seed=0)
    assert set(np.unique(images)) == {0, 9}


def test_the_seed_decides():
    first, again, other = (overlay(DIGITS, 20, seed) for seed in (5, 5, 6))
    np.testing.assert_array_equal(first[0], again[0])
    np.testing.assert_array_equal(first[1], again[1])
    assert (first[0] != other[0]).any()


def test_sizes():
    assert len(overlay(DIGITS, None, 0)[0]) == COUNT
    with pytest.raises(ValueError, match="size must be at least 1, got 0"):
        overlay(DIGITS, 0, 0)


@pytest.mark.parametrize("labels", [[[1, 2], [3, 2]], [[1], [0]]])
def test_labels_without_a_class(labels):
    with pytest.raises(DataError, match="pairs: labels must be"):
        ImagePairs(
            name="pairs",
            images=np.zeros((2, 4, 4), np.uint8),
            labels=np.array(labels, np.int32),
            class_names=("a", "b", "c"),
        )
