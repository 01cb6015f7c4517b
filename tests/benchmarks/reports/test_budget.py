from benchmarks.reports import _budget


def test_times_are_shares_summed_over_all_runs(found):
    sheet = _budget.time_sheet(found)
    # Six runs of one second for two seeds, and four seconds of compilation for two cells.
    row = {name: entry.key for name, entry in zip(sheet.columns, sheet.rows[0], strict=True)}
    assert row == {
        "method": "mean", "runs": 6, "seconds running": 3.0, "seconds compiling": 12.0,
        "ms running a run": 500.0,
    }  # fmt: skip
