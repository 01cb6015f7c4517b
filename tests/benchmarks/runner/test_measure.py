from types import SimpleNamespace

import numpy as np
import pytest

from benchmarks.runner import _measure

FONSECA = ("fonseca_fleming", '{"dim":3}')
STEPS = np.array([0, 5])


def test_rows_hold_what_the_definitions_say():
    # Two starts: both ends of the front, and then its middle twice.
    end, middle = -np.expm1(-4.0), -np.expm1(-1.0)
    losses = np.array([[[0.0, end], [middle, middle]], [[end, 0.0], [middle, middle]]])
    first, last = _measure.rows(FONSECA, STEPS, losses)
    assert (first["step"], last["step"]) == (0, 5)
    np.testing.assert_allclose(first["objectives"], [end / 2, end / 2])
    # Each end dominates a strip of width 1 - end below the reference point (1, 1).
    np.testing.assert_allclose(first["hypervolume"], 2 * (1 - end) - (1 - end) ** 2)
    np.testing.assert_allclose(last["hypervolume"], (1 - middle) ** 2)
    assert first["distance_to_front"] < 1e-9
    assert last["distance_to_front"] < 1e-9


def test_what_is_unknown_or_not_finite_is_none(monkeypatch):
    nothing = SimpleNamespace(reference_point=None, pareto_front=None)
    monkeypatch.setattr(_measure, "build", lambda spec: nothing)
    losses = np.array([[[1.0, 2.0], [np.nan, np.inf]]], np.float32)
    first, last = _measure.rows(("unknown", "{}"), STEPS, losses)
    unknown = {"hypervolume": None, "distance_to_front": None}
    assert first == {"step": STEPS[0], "objectives": [1.0, 2.0], **unknown}
    assert last == {"step": STEPS[1], "objectives": [None, None], **unknown}


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (None, None),
        ("loss", "non-finite in 1 of 2 starts, first from start 1 at or before step 5"),
        ("step", "non-finite in 1 of 2 starts, first from start 0 at or before step 5"),
    ],
)
def test_the_verdict_names_the_first_failure(bad, reason):
    losses, finite = np.zeros((2, 2, 2)), np.ones((2, 1), bool)
    if bad == "loss":
        losses[1, 1, 0] = np.inf
    if bad == "step":
        finite[0] = False
    status = "done" if reason is None else "failed"
    assert _measure.verdict(STEPS, losses, finite) == {"status": status, "reason": reason}
