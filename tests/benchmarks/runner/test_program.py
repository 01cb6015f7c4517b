from dataclasses import replace

import jax.numpy as jnp
import numpy as np
import pytest

import moo
from benchmarks.runner import _program
from benchmarks.runner._cell import Cell
from benchmarks.runner._program import MARGIN, Program, evaluator, lanes_of
from benchmarks.runner._steps import fixed_options, tuned

SPECS = (("lov1", "{}"), ("sp1", "{}"), ("two_task_toy_moco", "{}"))


CELL = Cell(
    suite="test", problem="lov1", method="mean", optimizer="sgd", seed=0, steps=3, every=3,
    learning_rate=0.1, starts=2, lanes=2,
)  # fmt: skip


@pytest.fixture(scope="module")
def program():
    return Program(CELL, SPECS)


def run(program, choice, rate, steps=3):
    lanes = lanes_of(program.problems[choice], (0, 1), 2)
    setting = program.setting(choice, tuned(replace(CELL, learning_rate=rate), 2))
    return lanes, program.advance(program.begin(lanes, setting), lanes, setting, 0, steps)


@pytest.mark.parametrize("choice", [0, 1])
def test_one_program_runs_each_of_its_problems(program, choice):
    problem = program.problems[choice]
    lanes, ((points, _), row) = run(program, choice, 1e-3)
    expected = jnp.asarray(lanes.points)
    for _ in range(3):
        gradients = [np.mean(moo.jacobian(problem.objectives, x).rows(), axis=0) for x in expected]
        expected = expected - 1e-3 * np.stack(gradients)
    np.testing.assert_allclose(points, expected, rtol=1e-5)
    np.testing.assert_array_equal(row.weights, 0.5)
    assert row.finite.all()


def test_steps_stay_in_the_box(program):
    lower, upper = program.problems[0].bounds
    margin = MARGIN * (upper - lower)
    _, ((points, _), _) = run(program, 0, 1e6)
    assert (points >= np.float32(lower + margin)).all()
    assert (points <= np.float32(upper - margin)).all()
    on_face = (points == np.float32(lower + margin)) | (points == np.float32(upper - margin))
    assert on_face.any()


def test_noise_is_the_same_again_and_differs_between_lanes(program):
    (lanes, first), (_, again) = run(program, 2, 0.1), run(program, 2, 0.1)
    np.testing.assert_array_equal(first[0][0], again[0][0])
    moved = first[0][0] - lanes.points
    assert len({step.tobytes() for step in np.asarray(moved)}) == 4


def test_evaluation_is_free_of_noise(program):
    points = program.problems[2].starts[:2].astype(np.float32)
    expected = [program.problems[2].objectives(x) for x in points]
    np.testing.assert_allclose(evaluator(SPECS)(2, points), np.stack(expected), rtol=1e-6)


def test_starts_lie_between_the_published_ones():
    problem = _program.build(("two_task_toy", "{}"))
    lanes = lanes_of(problem, (0, 7), 50)
    assert (lanes.points >= problem.starts.min(axis=0)).all()
    assert (lanes.points <= problem.starts.max(axis=0)).all()
    np.testing.assert_array_equal(lanes.seeds, np.repeat([0, 7], 50))
    np.testing.assert_array_equal(lanes.index, np.tile(np.arange(50), 2))
    np.testing.assert_array_equal(lanes_of(problem, (7,), 50).points, lanes.points[50:])


@pytest.mark.parametrize(
    ("method", "name", "start", "value"),
    [("cagrad", "c", 0.4, 0.7), ("stch", "mu", 0.1, 0.5),
     ("p_norm", "preference", [0.5, 0.5], [0.2, 0.8])],
)  # fmt: skip
def test_a_program_is_told_the_hyper_parameters_of_each_trial(method, name, start, value):
    of_trial = [replace(CELL, method=method, options={name: one}) for one in (start, value)]
    assert fixed_options(of_trial[0]) == fixed_options(of_trial[1])
    shared, own = (Program(cell, SPECS) for cell in of_trial)
    lanes = lanes_of(shared.problems[0], (0, 1), 2)
    ends = []
    for program in (shared, own):
        setting = program.setting(0, tuned(of_trial[1], 2))
        ends.append(program.advance(program.begin(lanes, setting), lanes, setting, 0, 3)[0][0])
    np.testing.assert_array_equal(*ends)
    first = shared.setting(0, tuned(of_trial[0], 2))
    other = shared.advance(shared.begin(lanes, first), lanes, first, 0, 3)[0][0]
    assert not np.array_equal(other, ends[0])


def test_a_hyper_parameter_that_the_method_refuses_is_refused_though_traced():
    with pytest.raises(ValueError, match="mu must be finite and above 0"):
        tuned(replace(CELL, method="stch", options={"mu": -1.0}), 2)
