import gzip

import numpy as np
import pytest

from moo.data import DataError
from moo.data._idx import read_digits
from tests.helpers.idx import idx

IMAGES = np.arange(2 * 3 * 2, dtype=np.uint8).reshape(2, 3, 2)
LABELS = np.array([7, 0], np.uint8)


FILES = {"images": idx(IMAGES), "labels": idx(LABELS)}


@pytest.fixture
def read(tmp_path):
    def write_and_read(images=FILES["images"], labels=FILES["labels"]):
        paths = tmp_path / "images.gz", tmp_path / "labels"
        paths[0].write_bytes(gzip.compress(images))
        paths[1].write_bytes(labels)
        return read_digits(*paths)

    return write_and_read


def test_reads_images_and_labels(read):
    digits = read()
    np.testing.assert_array_equal(digits.images, IMAGES)
    assert digits.labels.tolist() == [7, 0]


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"images": idx(LABELS)}, r"images\.gz: is no idx file of bytes with 3 axes"),
        ({"images": b""}, r"images\.gz: is no idx file"),
        ({"images": idx(IMAGES)[:-1]}, r"holds 11 bytes, its header promises 12 \(\(2, 3, 2\)\)"),
        ({"images": idx(IMAGES) + b"x"}, "holds 13 bytes, its header promises 12"),
        ({"images": idx(IMAGES[:0])}, "header promises 0"),
        ({"labels": idx(LABELS[:1])}, "1 labels of the 2 images"),
        ({"labels": idx(LABELS + np.uint8(3))}, r"item 0: 10 is outside \[0, 9\]"),
        ({"labels": b"\0\0\x08\x01\xff\xff\xff\xffab"}, "holds 2 bytes, its header promises"),
    ],
)
def test_faults_are_named(read, files, message):
    with pytest.raises(DataError, match=message):
        read(**files)
