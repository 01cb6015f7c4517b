import dataclasses

import moo
from benchmarks import strip


def test_ends_are_told_by_the_exact_set():
    path = strip.trajectory("mean", 20)
    assert path.params.shape == (5, 21, 2)
    params = path.params.copy()
    params[:, -1] = moo.problem("two_task_toy").pareto_set(5)
    ended = dataclasses.replace(path, params=params)
    assert strip._ends(path) == "○○○○○"
    assert strip._ends(ended) == "●●●●●"


def test_figures_of_both_spaces(tmp_path, monkeypatch):
    monkeypatch.setattr(strip, "METHODS", {"mean": {}})
    strip.strip(tmp_path / "new", steps=10)
    drawn = {file.name for file in (tmp_path / "new").iterdir()}
    assert drawn == {"strip_params.svg", "strip_objectives.svg"}
