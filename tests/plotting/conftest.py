import numpy as np
import pytest

from moo._record import Trajectory
from moo.problems import two_task_toy


def spiral(starts=3, time=40, label="", shift=0.0, every=10):
    """Points far apart in print, with losses and weights that are easy to predict."""
    t = np.linspace(0.0, 1.0, time)
    turn = np.arange(starts)[:, None] + 6.0 * t + shift
    params = 8.0 * (1.0 - 0.7 * t)[:, None] * np.stack([np.cos(turn), np.sin(turn)], axis=-1)
    losses = np.stack([-2.0 * t + 0.1 * np.cos(turn), -20.0 * t + np.sin(turn)], axis=-1)
    weights = np.stack([0.5 + 0.4 * np.sin(turn), 0.5 - 0.4 * np.sin(turn)], axis=-1)
    weights[:, -1] = np.nan
    cosine = np.cos(turn)
    one = np.ones_like(cosine)
    cosines = np.stack([one, cosine, cosine, one], axis=-1).reshape(starts, time, 2, 2)
    cosines[:, -1] = np.nan
    return Trajectory(
        steps=every * np.arange(time),
        params=params.astype(np.float32),
        objectives=losses.astype(np.float32),
        weights=weights,
        cosines=cosines,
        label=label,
    )


@pytest.fixture(scope="session")
def toy():
    return two_task_toy()


@pytest.fixture(scope="session")
def path():
    return spiral(label="LS")


@pytest.fixture(scope="session")
def methods():
    return {"LS": spiral(), "MGDA": spiral(shift=0.4), "PCGrad": spiral(shift=0.8)}
