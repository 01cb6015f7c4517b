import numpy as np

import moo
from benchmarks import strip


def test_ends_are_told_by_the_exact_set():
    path = strip.trajectory("mean", 20)
    assert path.params.shape == (5, 21, 2)
    on_set = moo.problem("two_task_toy").pareto_set(5)
    ended = path._replace(params=np.stack([path.params[:, -1], on_set], axis=1))
    assert strip._ends(path) == "○○○○○"
    assert strip._ends(ended) == "●●●●●"


def test_figures_of_both_spaces(tmp_path, monkeypatch):
    monkeypatch.setattr(strip, "METHODS", {"mean": {}})
    strip.strip(tmp_path / "new", steps=10)
    drawn = {file.name for file in (tmp_path / "new").iterdir()}
    assert drawn == {"strip_params.svg", "strip_objectives.svg"}
