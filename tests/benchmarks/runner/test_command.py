import pytest

from benchmarks import studies
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


def run(tmp_path, problems, *more):
    path = tmp_path / "own.toml"
    path.write_text(SUITE.replace("PROBLEMS", problems))
    return main(["run", str(path), "--out", str(tmp_path / "out"), *more])


@pytest.mark.parametrize(
    ("problems", "code"), [('["all"]', _sweep.DONE), ('["adult", "coat"]', _sweep.DATA)]
)
def test_data_that_is_not_here_is_said_and_an_error_by_name(
    tmp_path, capsys, swept, problems, code
):
    assert run(tmp_path, problems) == code
    assert swept == ["adult"]
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("not run: coat: MOO_DATA_ROOT is not set; the data is from https://")


def test_a_scale_none_of_whose_data_is_here_is_an_error(tmp_path, capsys, swept, monkeypatch):
    monkeypatch.setattr(studies, "missing", lambda name: "gone")
    assert run(tmp_path, '["all"]') == _sweep.DATA
    assert swept == []
    assert capsys.readouterr().err.splitlines() == [
        "not run: adult: gone", "not run: coat: gone",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("option", "value"),
    [("--workers", "0"), ("--trials", "0"), ("--checkpoint-seconds", "0"),
     ("--checkpoint-seconds", "nan")],
)  # fmt: skip
def test_options_out_of_their_range_are_named(tmp_path, capsys, swept, option, value):
    assert run(tmp_path, '["adult"]', option, value) == _sweep.USAGE
    assert swept == []
    assert capsys.readouterr().err.startswith(f"error: {option} must be ")
