import pytest

from benchmarks.__main__ import main
from benchmarks.runner import _sweep

SUITE = """
kind = "studies"
optimizer = "adam"
[methods]
[problems]
adult = {}
coat = {}
[scales.smoke]
problems = PROBLEMS
models = ["shared_bottom"]
methods = ["mean"]
seeds = 1
starts = 1
steps = 2
every = 1
lanes = 1
learning_rates = [0.01]
"""


@pytest.fixture
def swept(monkeypatch):
    """Data sets that a sweep was asked for; it answers that all went well."""
    monkeypatch.delenv("MOO_DATA_ROOT", raising=False)
    asked = []

    def sweep(jobs, out, settings):
        asked.extend(cell.problem for job in jobs for cell in job.cells)
        return _sweep.DONE

    monkeypatch.setattr(_sweep, "sweep", sweep)
    return asked


@pytest.mark.parametrize(
    ("problems", "code"), [('["all"]', _sweep.DONE), ('["adult", "coat"]', _sweep.DATA)]
)
def test_data_that_is_not_here_is_said_and_an_error_by_name(
    tmp_path, capsys, swept, problems, code
):
    path = tmp_path / "own.toml"
    path.write_text(SUITE.replace("PROBLEMS", problems))
    assert main(["run", str(path), "--out", str(tmp_path / "out")]) == code
    assert swept == ["adult"]
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("not run: coat: MOO_DATA_ROOT is not set; the data is from https://")
