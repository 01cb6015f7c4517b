import pytest

import moo
from benchmarks.reports import _budget


@pytest.mark.parametrize(
    ("text", "expected"),
    [("1", 1), ("m", 4), ("2m", 8), ("2m + 1", 9), ("m + 1", 5), ("(2m + 1)/3", 3),
     ("1, and m in every T-th step", 1), ("n + 1", None), ("K m", None), ("T + m", None)],
)  # fmt: skip
def test_words_of_the_registry_become_numbers(text, expected):
    assert _budget.passes(text, 4) == expected


def test_most_methods_have_a_number():
    rows = moo.aggregators.METHODS.values()
    known = [_budget.passes(row.backward_passes, 3) for row in rows]
    assert sum(count is not None for count in known) >= len(known) - 8


def test_times_are_shares_summed_over_all_runs(found):
    sheet = _budget.time_sheet(found)
    # Six runs of one second for two seeds, and four seconds of compilation for two cells.
    row = {name: entry.key for name, entry in zip(sheet.columns, sheet.rows[0], strict=True)}
    assert row == {
        "method": "mean", "runs": 6, "seconds running": 3.0, "seconds compiling": 12.0,
        "ms running a run": 500.0,
    }  # fmt: skip
