"""The figures of devices: what they are measured on, and how they are named."""

import math

import jax
import numpy as np
import pytest

from benchmarks.speed import devices

pytestmark = pytest.mark.usefixtures("unoptimised")


def test_a_difference_is_relative_to_the_norms_of_the_gradients():
    reference = [[4.0, 1.0], [1.0, 100.0]]
    gram = [[4.0, 1.0 + 0.2], [1.0, 100.0 - 1.0]]
    assert math.isclose(devices._difference(gram, reference), 0.01)
    assert math.isclose(devices._difference([[4.0, 3.0], [1.0, 100.0]], reference), 0.1)


def test_eight_devices_move_the_gradients(monkeypatch):
    for name, size in {"WIDTH": 8, "BATCH": 32, "INPUTS": 4}.items():
        monkeypatch.setattr(devices, name, size)
    found = devices._measured(rank=0, processes=1)
    d, m = found["entries"], devices.M
    assert d == 4 * 8 + 2 * 8 * 8 + 8 * 4
    assert found["moved"]["gram"] == {"all-reduce": (1, 4 * m * d)}
    assert found["moved"]["mgda"]["all-reduce"].bytes == 4 * (m * d + m)
    assert found["moved"]["local mgda"]["all-reduce"].bytes < 4 * (d + 2 * m)

    start = devices._drawn(0, first=(4, 8), second=(8, 8), third=(8, 8), heads=(8, m))
    rows = jax.jacrev(devices._losses)(start, devices._drawn(1, x=(32, 4), y=(32, m)))
    flat = np.concatenate([leaf.reshape(m, -1) for leaf in jax.tree.leaves(rows)], axis=1)
    assert devices._difference(found["gram"], flat @ flat.T) < 1e-6


def test_every_way_has_its_figures(monkeypatch):
    def run(num_devices, processes=1):
        return {
            "gram": (np.eye(2) * (1 + 0.25 * (processes - 1))).tolist(),
            "entries": 10,
            "ms": num_devices / 2,
            "moved": {"gram": {"all-reduce": [num_devices, 7]}},
        }

    monkeypatch.setattr(devices, "_run", run)
    assert devices.devices() == {
        "bytes of m gradients": 4 * 4 * 10,
        **{f"ms of a step on {count} devices": count / 2 for count in (1, 2, 4, 8)},
        "8 devices: difference": 0,
        "8 devices: gram, calls of all-reduce": 8,
        "8 devices: gram, bytes of all-reduce": 7,
        "2 processes: difference": 0.25,
        "2 processes: gram, calls of all-reduce": 1,
        "2 processes: gram, bytes of all-reduce": 7,
    }
