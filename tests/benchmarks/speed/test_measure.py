"""Rows that need no peer, in processes of their own and on grids that only show that they run."""

import sys

from benchmarks.speed._run import run_rows, stored


def test_start_up_is_measured_in_a_process_of_its_own(tmp_path):
    run_rows(tmp_path, ["imports"], sys.executable, small=True, again=False)
    found = stored(tmp_path)["imports"]
    assert found["values"]["moo"] > 0
    assert len(found["tables"][0]["rows"]) == 3
    assert {"date", "machine", "versions", "cores"} <= found["facts"].keys()
    assert "torch" in found["facts"]["versions"]
    assert [path.name for path in (tmp_path / "rows").iterdir()] == ["imports.json"]


def test_a_process_that_ends_badly_is_told(tmp_path, capfd):
    run_rows(tmp_path, ["toy"], "/bin/false", small=True, again=False)
    assert stored(tmp_path)["toy"]["failed"].startswith("exit code 1")
