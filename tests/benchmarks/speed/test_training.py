import numpy as np
import pytest

import moo
from benchmarks.speed._click_log import FIELDS, Size, click_log
from benchmarks.speed._training import moo_trainer, network_alone

pytestmark = pytest.mark.usefixtures("unoptimised")

SIZE = Size(vocabulary=20, train=512, test=2048, batch=64)


@pytest.fixture(scope="module")
def log():
    return click_log(SIZE)


def test_the_log_is_drawn_again_with_its_seed(log):
    train, test = log
    assert (len(train), len(test)) == (512, 2048)
    again, _ = click_log(SIZE)
    assert all(np.array_equal(train[name], again[name]) for name in (*FIELDS, "click"))
    assert not np.any(train["conversion"] > train["click"])
    counts = np.bincount(train[FIELDS[0]], minlength=20)
    assert counts[0] > 3 * counts[9:11].max()  # 1 beside 1/10


@pytest.mark.parametrize("sparse", [True, False])
def test_training_learns_from_either_path(log, sparse):
    train, test = log
    trainer = moo_trainer("esmm", SIZE, train, batch_norm=False, sparse=sparse)
    assert [trainer.epoch() for _ in range(4)] == [512] * 4
    scores = trainer.scores(test)
    assert np.all(scores[:, 1] <= scores[:, 0])
    assert moo.metrics.auc(test["click"], scores[:, 0]) > 0.55


def test_the_floor_passes_through_the_network_alone(log):
    floor = network_alone("mmoe", SIZE, log[0], batch_norm=True)
    assert floor.epoch() == 512
    assert floor.scores is None
