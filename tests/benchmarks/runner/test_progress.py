import io

import pytest
from rich.console import Console

from benchmarks.runner import _progress
from benchmarks.runner._progress import Meter


@pytest.fixture
def clock(monkeypatch):
    """A clock that the test sets."""
    now = [0.0]
    monkeypatch.setattr(_progress.time, "monotonic", lambda: now[0])
    return now


def test_lines_say_how_much_is_left(clock):
    text = io.StringIO()
    with Meter("sweep", 10, Console(file=text, width=20)) as meter:
        meter.add(0, 0)
        assert meter.line() == "sweep 0/10 cells, 0 s"
        clock[0] = 12.0
        meter.add(4, 1)
        clock[0] = 14.0
        meter.add(6, 0)
    assert text.getvalue().splitlines() == [
        "sweep 4/10 cells, 12 s, 1 failed, about 18 s left",
        "sweep 10/10 cells, 14 s, 1 failed",
    ]


def test_a_bar_on_a_terminal(monkeypatch):
    screen = io.StringIO()
    with Meter("sweep", 2, Console(file=screen, force_terminal=True, width=100)) as meter:
        meter.add(1, 1)
    assert "sweep" in screen.getvalue()
    assert "1 failed" in screen.getvalue()
