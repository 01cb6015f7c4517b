from dataclasses import replace

import pytest

import moo
from benchmarks.runner import _plan
from benchmarks.runner._plan import cells, jobs
from benchmarks.runner._suite import UsageError, load_suite

SYNTHETIC = load_suite("synthetic")


def test_every_scale_names_what_exists():
    for scale in ("smoke", "small"):
        found = cells(SYNTHETIC, scale)
        assert len({cell.address for cell in found}) == len(found) > 0
        assert {cell.problem for cell in found} <= moo.problems.PROBLEMS.keys()
        assert {cell.method for cell in found} <= moo.aggregators.METHODS.keys()
    assert SYNTHETIC.scales["full"].problems == SYNTHETIC.scales["full"].methods == ["all"]


def test_the_small_scale_is_large_enough_to_compare():
    small = SYNTHETIC.scales["small"]
    assert len(set(small.methods) - {"p_norm"}) == 16
    assert small.seeds >= 5
    assert min(cell.steps for cell in cells(SYNTHETIC, "small")) >= 2000


def test_budgets_are_equal_in_backward_passes():
    found = cells(SYNTHETIC, "smoke", ["mean", "mgda", "moml", "sdmgrad"])
    lengths = {(cell.method, cell.problem): (cell.steps, cell.every) for cell in found}
    # 100 passes an objective and a row in 20 of them, at 1, m, 2m + 1 and (2m + 1)/3 a step.
    assert [lengths[m, "zdt1"] for m in ("mean", "mgda", "moml", "sdmgrad")] == [
        (200, 40), (100, 20), (40, 8), (120, 24),
    ]  # fmt: skip
    assert [lengths[m, "dtlz2"] for m in ("mean", "mgda", "moml", "sdmgrad")] == [
        (300, 60), (100, 20), (42, 9), (128, 26),
    ]  # fmt: skip
    assert {cell.passes for cell in found} == {100}


def test_trials_share_a_program():
    found = cells(SYNTHETIC, "small", ["cagrad", "p_norm"])
    for job in jobs(found):
        assert len({(cell.learning_rate, str(cell.options)) for cell in job.cells}) == 3


def test_all_means_every_method_that_the_problems_can_serve():
    methods = {cell.method for cell in cells(SYNTHETIC, "smoke", ["all"])}
    assert methods == moo.aggregators.METHODS.keys() - {"bayes_agg"}


def test_trials_are_the_product_of_options_and_learning_rates():
    suite = replace(
        SYNTHETIC,
        methods={"cagrad": [{"c": 0.2}, {"c": 0.4}]},
        scales={"s": replace(SYNTHETIC.scales["smoke"], problems=["two_task_toy"],
                             methods=["mean", "cagrad"], seeds=3, trials=1,
                             learning_rates=[0.1, 0.01])},
    )  # fmt: skip
    found = cells(suite, "s")
    assert sum(cell.method == "mean" for cell in found) == 2 * 3
    assert sum(cell.method == "cagrad" for cell in found) == 2 * 2 * 3
    assert {cell.options.get("c") for cell in found} == {None, 0.2, 0.4}


@pytest.mark.parametrize(
    ("scale", "methods", "message"),
    [
        ("medium", [], "unknown scale 'medium'"),
        ("smoke", ["mgad"], "unknown method 'mgad'; did you mean mgda"),
        ("smoke", ["bayes_agg"], "bayes_agg needs variance, which the problems do not give"),
    ],
)
def test_what_does_not_exist_is_named(scale, methods, message):
    with pytest.raises(UsageError, match=message):
        cells(SYNTHETIC, scale, methods)


def test_jobs_do_not_depend_on_the_order_of_cells():
    found = cells(SYNTHETIC, "smoke", ["mean", "mgda"])
    assert jobs(found) == jobs(reversed(found))
    assert sorted(cell.address for job in jobs(found) for cell in job.cells) == sorted(
        cell.address for cell in found
    )


def test_cells_of_a_job_share_method_and_shape():
    for job in jobs(cells(SYNTHETIC, "smoke")):
        assert len({cell.method for cell in job.cells}) == 1
        shapes = {(p.num_objectives, p.dim) for p in map(_plan.build, job.specs)}
        assert len(shapes) == 1
        assert {block.spec for block in job.blocks} <= set(job.specs)


def test_a_block_is_a_fixed_range_of_seeds(cell):
    wanted = [replace(cell, lanes=3, seed=seed) for seed in (1, 2, 4)]
    (job,) = jobs(wanted)
    assert [block.seeds for block in job.blocks] == [(0, 1, 2), (3, 4, 5)]
    assert [[c.seed for c in block.cells] for block in job.blocks] == [[1, 2], [4]]
    assert job.blocks[0].address == replace(cell, lanes=3, seed=0).address


def test_ideal_stands_for_a_point_just_below_each_problems_own():
    found = {c.problem: c.options for c in cells(SYNTHETIC, "small", ["famo"], trials=1)}
    # The front of zdt1 runs from (0, 1) to (1, 0), and a hundredth of its range is .01.
    assert found["zdt1"]["lower_bounds"] == pytest.approx([-0.01, -0.01])
    for problem, options in found.items():
        front = moo.problem(problem, **SYNTHETIC.problems.get(problem, {})).pareto_front(99)
        assert (front > options["lower_bounds"]).all()


def test_a_method_keeps_its_default_where_no_ideal_point_is_known():
    scale = replace(SYNTHETIC.scales["smoke"], problems=["gradnorm_regression"])
    found = cells(replace(SYNTHETIC, scales={"s": scale}), "s", ["famo"])
    assert {str(cell.options) for cell in found} == {"{}"}
