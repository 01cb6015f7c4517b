import math

from benchmarks.speed._bars import BARS, Bar, verdicts
from benchmarks.speed._rows import ROWS


def test_every_bar_is_of_a_row():
    assert {bar.row for bar in BARS} == set(ROWS) - {"libmtl", "trades"}
    assert len({(bar.row, bar.key) for bar in BARS}) == len(BARS)


def test_a_bound_itself_is_reached_and_nothing_measured_is_not():
    least, most = Bar("a", "b", 2.0, True, " ×", ""), Bar("a", "b", 2.0, False, " s", "")
    assert [least.held(v) for v in (1.99, 2.0, 3.0, math.nan)] == [False, True, True, False]
    assert [most.held(v) for v in (1.99, 2.0, 3.0, math.nan)] == [True, True, False, False]
    assert (least.asked, most.asked) == ("≥ 2 ×", "≤ 2 s")


def test_rows_that_failed_or_lack_a_value_fall_short():
    found = {"imports": {"values": {"moo": 0.1, "help": None}}, "sweeps": {"failed": "no"}}
    told = {(v.bar.row, v.bar.key): v for v in verdicts(found, ("imports", "sweeps", "toy"))}
    assert [verdict.held for verdict in told.values()] == [False, False, True, False]
    assert told["imports", "moo"].measured == "0.1 s"
    assert told["sweeps", "loop"].measured == "not measured"
    assert len(verdicts(found, tuple(ROWS))) == len(BARS)
