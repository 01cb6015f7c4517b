import os
from dataclasses import replace

import pytest

from benchmarks import reports
from benchmarks.reports._readme import newest
from tests.benchmarks.reports.cells import CELL, ENVIRONMENT, write_cell, write_sweep


def test_the_readme_is_generated_with_command_versions_and_date(found, tmp_path):
    path = reports.write_readme([found], tmp_path / "README.md", date="2030-01-02")
    text = path.read_text()
    assert "## tiny, scale small: adam, 10 steps, 2 methods, 3 seeds" in text
    assert "python -m benchmarks run tiny.toml --scale small\n" in text
    assert "- date: 2030-01-02\n" in text
    assert "- versions: jax 1.2\n" in text
    assert "- device: kind cpu, machine m, x64 False\n" in text
    assert "- commit: abc\n" in text
    assert "| mgda | 0.756 [" in text
    assert "| mean | 6 | 3.00 | 12.00 | 500.0 |" in text
    assert str(tmp_path) not in text


def test_cells_of_several_commits_are_said_and_counted(root, suite_file, tmp_path):
    other = ENVIRONMENT | {"commit": "def"}
    assert not any("several" in line for line in _lines(root, suite_file, tmp_path))
    write_cell(root, replace(CELL, method="pcgrad"), 1.6, environment=other)
    lines = _lines(root, suite_file, tmp_path)
    assert any("cells are of several commits or environments" in line for line in lines)
    assert "- commit: abc (12 cells); def (1 cells)" in lines


def _lines(root, suite_file, tmp_path):
    found = reports.comparisons(reports.read(root), suite_file)
    return reports.write_readme(found, tmp_path / "README.md").read_text().splitlines()


def test_the_date_is_that_of_the_newest_cell(found):
    for run in found.runs:
        os.utime(run.path / "env.json", (0, 86400 * 365))
    os.utime(found.runs[3].path / "env.json", (0, 86400 * 366.5))
    assert newest(found) == "1971-01-02"


def test_methods_beyond_the_scale_s_are_in_the_command(root, suite_file, tmp_path):
    write_sweep(root, {("pcgrad", p): [1.0, 1.0, 1.0] for p in ("zdt1", "zdt2")})
    (found,) = reports.comparisons(reports.read(root), suite_file)
    text = reports.write_readme([found], tmp_path / "R.md").read_text()
    assert "--scale small --methods mean mgda pcgrad\n" in text
    assert "18 of 18 finished, 1 of them failed" in text


def test_sections_of_other_sweeps_stay_as_they_are(found, tmp_path):
    path = tmp_path / "README.md"
    command = "python -m benchmarks run other --scale small"
    other = f"## other, scale small\n\n```\n{command}\n```\n\nIts table.\n"
    path.write_text(f"# Old head\n\n{other}")
    first = reports.write_readme([found], path, date="2030-01-02").read_text()
    assert "Old head" not in first
    assert other in first
    again = reports.write_readme([found], path, date="2031-01-02").read_text()
    assert again == first.replace("2030-01-02", "2031-01-02")


def test_two_comparisons_of_one_command_are_refused(found, tmp_path):
    with pytest.raises(reports.DataError, match="two comparisons would be one section: python"):
        reports.write_readme([found, found], tmp_path / "README.md")
