"""A small job, whose programs are compiled once a process."""

import functools
from dataclasses import replace

import pytest

from benchmarks.runner import _execute, _plan
from benchmarks.runner._cell import Cell
from benchmarks.runner._program import Program

CELL = Cell(
    suite="test", problem="elementwise_quadratic", method="rlw", seed=0, steps=12, every=5,
    learning_rate=0.1, starts=2, lanes=2,
)  # fmt: skip

_compiled = functools.cache(Program)


@pytest.fixture(autouse=True)
def _compile_once(monkeypatch):
    """What does not enter a program is made equal, so that the cell can be the cache's key."""
    any_of = {"seed": 0, "learning_rate": 0.1, "steps": 12, "every": 5}
    monkeypatch.setattr(
        _execute, "Program", lambda cell, specs: _compiled(replace(cell, **any_of), specs)
    )


@pytest.fixture
def cell():
    """One cell of the small job: random weights, so that keys in the state matter."""
    return CELL


@pytest.fixture
def job(cell):
    """Two seeds of the cell, in one block."""
    (only,) = _plan.jobs([replace(cell, seed=seed) for seed in (0, 1)])
    return only
