import io

import pytest
from rich.console import Console

from moo import _progress
from moo._progress import Meter


@pytest.fixture
def clock(monkeypatch):
    """A clock that the test sets."""
    now = [0.0]
    monkeypatch.setattr(_progress.time, "monotonic", lambda: now[0])
    return now


@pytest.fixture(autouse=True)
def _no_terminal(monkeypatch):
    for name in ("FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
        monkeypatch.delenv(name, raising=False)


def _loop(meter, steps, clock=None, seconds=0.0):
    with meter:
        for i in meter.follow(range(steps)):
            meter.note = f"losses {i}"
            if clock is not None:
                clock[0] += seconds


def test_plain_lines_where_there_is_no_terminal(capsys, clock):
    _loop(Meter("mgda", 6, True), 6, clock, 4.0)
    captured = capsys.readouterr()
    assert captured.err.splitlines() == ["mgda 3/6 losses 2", "mgda 6/6 losses 5"]
    assert captured.out == ""


def test_a_short_loop_gives_one_line(capsys):
    _loop(Meter("fit", 3, True), 3)
    assert capsys.readouterr().err == "fit 3/3 losses 2\n"


def test_an_unknown_end(capsys):
    _loop(Meter("fit", None, True), 2)
    assert capsys.readouterr().err == "fit 2 losses 1\n"


def test_silence(capsys):
    _loop(Meter("fit", 3, False), 3)
    captured = capsys.readouterr()
    assert captured.err == captured.out == ""


def test_an_error_passes_through(capsys):
    def body(meter):
        with meter:
            for _ in meter.follow(range(3)):
                raise KeyError("stop")

    with pytest.raises(KeyError):
        body(Meter("fit", 3, True))
    assert capsys.readouterr().err == "fit 0/3\n"


@pytest.mark.parametrize("total", [3, None])
def test_a_bar_on_a_terminal(monkeypatch, capsys, total):
    screen = io.StringIO()
    monkeypatch.setattr(
        _progress, "Console", lambda stderr: Console(file=screen, force_terminal=True, width=80)
    )
    meter = Meter("mgda", total, True)
    _loop(meter, 3)
    assert meter.done == 3
    assert "mgda" in screen.getvalue()
    assert capsys.readouterr().err == ""


def test_items_are_counted_when_their_body_is_done():
    meter = Meter("fit", 3, False)
    with meter:
        seen = [(item, meter.done) for item in meter.follow("abc")]
    assert seen == [("a", 0), ("b", 1), ("c", 2)]
    assert meter.done == 3
