"""The figures of the tables: what is drawn, and what is made of it."""

import numpy as np
import pytest

from benchmarks.speed import tables
from benchmarks.speed._table_parts import PASSES, READ, WRITE

pytestmark = pytest.mark.usefixtures("unoptimised")


def test_ids_follow_zipf_s_law_all_over_the_table():
    draw = np.random.default_rng(0)
    ids = np.concatenate([tables._zipf(draw, 1250) for _ in range(200)])
    assert ids.min() >= 0
    assert ids.max() < 1250
    shares = np.sort(np.bincount(ids, minlength=1250))[::-1] / len(ids)
    ranks = np.arange(1, 1251)
    law = np.log1p(1 / ranks) / np.log(1251)
    np.testing.assert_allclose(shares[:20], law[:20], rtol=0.1)
    np.testing.assert_allclose(shares[100:].sum(), law[100:].sum(), rtol=0.05)
    assert np.abs(np.argsort(np.bincount(ids))[-100:].mean() - 625) < 150  # not the first ones


def test_both_paths_are_measured(monkeypatch):
    for name in ("STEPS", "ROUNDS", "WARM", "FIELDS"):
        monkeypatch.setattr(tables, name, 1)
    found = tables.measure(800)
    assert found.tables == 800 * 16 * 4
    assert found.peak > found.tables
    assert found.milliseconds > 0
    assert set(found.parts) == {READ, PASSES, WRITE}
    assert min(found.parts.values()) > 0
    assert min(tables.compare(800)) > 0


def test_ratios_are_those_of_the_sizes(monkeypatch):
    def alone(what, num_rows, huge=True):
        if what is tables.compare:
            return 700.0, 2.0
        taken = num_rows / 100 if huge else 5.0
        return tables.Measured(taken, 2.0, 64 * num_rows, 99, {PASSES: 1.75})

    monkeypatch.setattr(tables, "_alone", alone)
    found = tables.tables((100, 10**7, 10**8))
    assert found["largest / smallest"] == 10**6
    assert found["largest, 4 kB pages / smallest"] == 5
    assert found["dense / sparse at 1e+07 rows"] == 350
    assert found["dense / passes on the rows read, at 1e+07 rows"] == 400
    assert found[f"{PASSES}, ms at 1e+08"] == 1.75
    assert (found["peak resident bytes"], found["table bytes"]) == (99, 64 * 10**8)
