import pytest

from benchmarks.__main__ import main
from tests.benchmarks.reports.cells import CELL


def test_a_report_is_written_into_the_folder(undrawn, root, suite_file, capsys):
    assert main(["report", str(root), "--suite", suite_file]) == 0
    assert (root / "report" / "report.html").is_file()
    assert capsys.readouterr().out == f"{root / 'report' / 'report.html'}\n"


def test_damage_is_listed_and_answered_with_3(undrawn, root, suite_file, tmp_path, capsys):
    (root / "cells" / CELL.address / "env.json").unlink()
    out = tmp_path / "out"
    assert main(["report", str(root), "--suite", suite_file, "--out", str(out)]) == 3
    line = f"damaged, left out: {CELL.address[:16]}: env.json is missing"
    assert line in capsys.readouterr().err
    text = (out / "report.html").read_text()
    assert line in text
    assert "left out of all comparisons: problems zdt1" in text


def test_a_folder_with_nothing_but_damage_is_listed_too(root, suite_file, capsys):
    for path in (root / "cells").iterdir():
        (path / "env.json").unlink()
    assert main(["report", str(root), "--suite", suite_file]) == 3
    error, *listed = capsys.readouterr().err.splitlines()
    assert error == "error: no cell is finished and whole: there is nothing to report"
    assert len(listed) == 12
    assert f"damaged, left out: {CELL.address[:16]}: env.json is missing" in listed
    assert not (root / "report").exists()


def test_readme_and_event_files(root, suite_file, tmp_path):
    readme, events = tmp_path / "README.md", tmp_path / "events"
    given = ["--readme", "--out", str(readme), "--tensorboard", str(events)]
    assert main(["report", str(root), "--suite", suite_file, *given]) == 0
    assert readme.read_text().startswith("# Benchmarks\n")
    assert len(list(events.rglob("*tfevents*"))) == 12


@pytest.mark.parametrize("folders", [["nowhere"], ["a", "b"]])
def test_what_does_not_fit_is_a_usage_error(folders, tmp_path, capsys):
    assert main(["report", *(str(tmp_path / name) for name in folders)]) == 2
    assert capsys.readouterr().err.startswith("error: ")
