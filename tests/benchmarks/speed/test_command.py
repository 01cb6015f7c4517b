import json

import pytest

from benchmarks.__main__ import main
from benchmarks.speed import _measure, _run
from benchmarks.speed._bars import BARS
from benchmarks.speed._run import run_rows, stored


def write(folder, values):
    (folder / "rows").mkdir(parents=True)
    found = {"values": values, "tables": [], "curves": [], "notes": [], "commit": "c0ffee"}
    (folder / "rows" / "imports.json").write_text(json.dumps(found))


def run(*arguments):
    return main(["run", "speed", *map(str, arguments)])


@pytest.mark.parametrize(
    ("given", "said"),
    [(("--only", "stepz"), "no row is called stepz"), (("--scale", "small"), "smoke or full")],
)
def test_what_is_not_understood_is_refused(given, said, tmp_path, capsys):
    assert run(*given, "--out", tmp_path / "out") == 2
    assert said in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_check_prints_what_falls_short_and_exits_with_1(tmp_path, capsys):
    write(tmp_path, {"moo": 0.2, "help": 0.3, "moo_floor": 0.1})
    asked = ("--page", "--only", "imports", "--out", tmp_path)
    assert run(*asked) == 0
    assert "short" not in capsys.readouterr().out
    assert run(*asked, "--check") == 1
    lines = capsys.readouterr().out.splitlines()[1:]
    assert lines == ["short: imports, import moo: 0.2 s, must be ≤ 0.15 s, 0.1 s at its floor"]
    assert run("--page", "--out", tmp_path, "--check") == 1
    assert len(capsys.readouterr().out.splitlines()) == len(BARS)  # the path, and all but one bar


def test_check_is_content_where_every_bar_of_the_rows_is_reached(tmp_path, capsys):
    write(tmp_path, {"moo": 0.15, "help": 0.3})
    assert run("--page", "--only", "imports", "--out", tmp_path, "--check") == 0
    assert "every bar is reached" in capsys.readouterr().out


def test_a_row_without_its_peers_says_so(monkeypatch):
    monkeypatch.setattr(_measure._peers, "absent", lambda *names: list(names))
    assert _measure.measure("toy", small=True) == {"skipped": "not installed: torch, torchjd"}


def test_a_row_is_measured_once_a_commit(tmp_path, monkeypatch, capsys):
    measured = []

    def measure(folder, row, python, small):
        measured.append(row)
        return {"failed": "no"} if row == "toy" else {"values": {}}

    monkeypatch.setattr(_run, "_measured", measure)
    monkeypatch.setattr(_run, "commit", lambda: "c0ffee")

    def rows(small=False, again=False):
        measured.clear()
        run_rows(tmp_path, ["toy", "imports"], "python", small=small, again=again)
        return measured[:]

    assert rows() == ["toy", "imports"]
    assert rows() == ["toy"]  # what failed is tried again
    assert rows(again=True) == ["toy", "imports"]
    assert rows(small=True) == ["toy", "imports"]
    monkeypatch.setattr(_run, "commit", lambda: "c0ffee-dirty")
    assert rows(small=True) == rows(small=True) == ["toy", "imports"]
    assert stored(tmp_path)["imports"] == {
        "values": {}, "key": stored(tmp_path)["imports"]["key"], "commit": "c0ffee-dirty",
        "small": True,
    }  # fmt: skip
    assert "toy ... no, " in capsys.readouterr().out
