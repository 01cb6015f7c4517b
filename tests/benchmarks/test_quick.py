"""The main job in smoke form: all parts run, and the report stands on its own."""

import re

import numpy as np
import pytest

from benchmarks import entire_space, quick, real_data, toy
from benchmarks.__main__ import main
from benchmarks.training import pack


@pytest.mark.conformance
def test_quick_writes_a_self_contained_report(tmp_path, monkeypatch):
    for module, methods in ((toy, ["mean", "mgda"]), (entire_space, ["mean"]),
                            (real_data, ["mean"])):  # fmt: skip
        monkeypatch.setattr(module, "METHODS", {name: module.METHODS[name] for name in methods})
    monkeypatch.setattr(real_data, "STUDIES", ("adult",))
    assert main(["quick", "--smoke", "--workers", "1", "--out", str(tmp_path)]) == 0
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert page.count("<svg") == 8
    assert page.count("<table") == 3
    assert not re.search(r'(?:src|href)="http', page)
    assert {path.name for path in (tmp_path / "trajectories").iterdir()} == {
        "mean.npz",
        "mgda.npz",
    }


def test_the_plan_holds_what_the_main_job_promises():
    toys = quick.toy_jobs(smoke=False)
    assert len(toys) == 8
    assert {job.args[1] for job in toys} == {35_000}
    real = real_data.present()
    jobs = quick.training_jobs(real, smoke=False)
    trained = [name for job in jobs if job.part == "adult" for name in job.args[1]]
    assert sorted(trained) == sorted(real_data.METHODS)
    assert len(trained) >= 6
    assert len(entire_space.METHODS) >= 4
    assert entire_space.ROWS >= 20_000
    assert entire_space.MODES == ("none", "stop_gradient", "soft", "cap", "mask")
    assert "adult" in real
    assert len(quick.SEEDS) == 3


def test_packing_returns_what_it_took():
    params = {"trunk": {"a": np.ones((2, 3)), "b": np.arange(2.0)}, "tower": np.full(4, 7.0)}
    packed, unpack = pack(params, {"trunk": True, "tower": False})
    assert {name: vector.shape for name, vector in packed.items()} == {
        "shared": (8,),
        "heads": (4,),
    }
    back = unpack(packed)
    np.testing.assert_array_equal(back["trunk"]["b"], params["trunk"]["b"])
    np.testing.assert_array_equal(back["tower"], params["tower"])
