import jax.numpy as jnp
import numpy as np
import optax
import pytest

import moo
from moo import cli
from moo._profile import _square_root

WIDTH, ROWS = 12, 40
X = jnp.asarray(np.random.default_rng(0).normal(size=(ROWS, WIDTH)), jnp.float32)
W = jnp.ones((WIDTH, 3)) / WIDTH


def objectives(w, x):
    """Three linear outputs: 2 ROWS WIDTH 3 flops forward, as many to go back to the kernel."""
    return ((x @ w - 1) ** 2).mean(axis=0)


def made():
    return objectives, W, X


def test_the_flops_are_those_of_the_products():
    product = 2 * ROWS * WIDTH * 3
    one, three = moo.profile(objectives, W, X, methods=["mean", "mgda"], repeats=1)
    assert 2 * product <= one.flops < 3 * product
    assert 4 * product <= three.flops < 6 * product  # a forward pass and three backward ones
    assert (one.engine, three.engine) == ("one backward", "unroll")
    assert (one.backward_passes, three.backward_passes) == ("1", "m")


def test_flops_count_every_gradient_of_a_loop():
    many = jnp.ones((WIDTH, 12)) / WIDTH
    (cost,) = moo.profile(objectives, many, X, methods=["mgda"], repeats=1)
    assert cost.engine == "scan"
    assert cost.flops >= 13 * 2 * ROWS * WIDTH * 12


def test_a_row_at_a_time_is_told_and_has_no_count():
    (cost,) = moo.profile(objectives, W, X, methods=["mgda"], repeats=1, gram="auto", memory=0)
    assert cost.engine == "jvp"
    assert np.isnan(cost.flops)


def test_times_and_shares_are_of_a_step():
    costs = moo.profile(objectives, W, X, methods=["famo", "modo", "nash_mtl"], repeats=3,
                        after=optax.adam(1e-3), batched=(True,))  # fmt: skip
    assert all(cost.milliseconds > 0 and cost.compilation > 0 for cost in costs)
    famo, modo, nash = (cost.solver for cost in costs)
    assert np.isnan(modo)  # of three batches
    assert np.isnan(famo)  # of losses after the step
    assert 0 < nash <= 1


def test_the_parameters_given_are_not_touched():
    before = np.asarray(W).copy()
    moo.profile(objectives, W, X, methods=["mean"], repeats=2)
    np.testing.assert_array_equal(W, before)


def test_the_square_root_has_the_gramian():
    J = np.random.default_rng(1).normal(size=(3, 7)).astype(np.float32)
    rows = np.asarray(_square_root(jnp.asarray(J @ J.T)))
    np.testing.assert_allclose(rows @ rows.T, J @ J.T, rtol=1e-4)


def test_what_cannot_be_measured_is_refused():
    with pytest.raises(ValueError, match="mgd"):
        moo.profile(objectives, W, X, methods=["mgd"])
    with pytest.raises(ValueError, match="repeats must be at least 1, got 0"):
        moo.profile(objectives, W, X, repeats=0)


def test_the_command_prints_a_table(capsys):
    assert cli.main(["profile", f"{__name__}:made", "mean", "mgda", "--repeats", "1"]) == 0
    header, *rows = capsys.readouterr().out.splitlines()
    assert header.split("  ")[0] == "method"
    assert [row.split()[0] for row in rows] == ["mean", "mgda"]


@pytest.mark.parametrize("target", ["no_such_module:made", f"{__name__}:none", "json:loads"])
def test_a_target_that_is_none_is_told(target, capsys):
    assert cli.main(["profile", target]) == 2
    assert "must be MODULE:FUNCTION" in capsys.readouterr().err


def test_a_target_of_another_form_is_told(capsys):
    assert cli.main(["profile", "tempfile:gettempdir"]) == 2
    assert "must return (objectives, params, *args)" in capsys.readouterr().err


def fails():
    raise TypeError("my own bug")


def with_aux():
    return (lambda w, x: (objectives(w, x), w)), W, X


def test_a_method_that_cannot_be_profiled_ends_no_table(capsys):
    call = ["profile", f"{__name__}:made", "mean", "modo", "--repeats", "1"]
    assert cli.main(call) == 0
    _, row, left = capsys.readouterr().out.splitlines()
    assert row.startswith("mean ")
    assert left.startswith("modo: not profiled: ")
    assert "batched" in left
    assert cli.main([*call[:2], "modo", "--repeats", "1"]) == 2
    assert cli.main([*call, "--batched"]) == 0
    assert "not profiled" not in capsys.readouterr().out


def test_options_of_the_jacobian_pass_through(capsys):
    call = ["profile", f"{__name__}:made", "mgda", "--repeats", "1"]
    assert cli.main([*call, "--gram", "auto", "--memory", "0"]) == 0
    assert capsys.readouterr().out.splitlines()[1].split()[:4] == ["mgda", "m", "jvp", "–"]


def test_errors_of_the_user_come_through():
    with pytest.raises(TypeError, match=r"^my own bug$"):
        cli.main(["profile", f"{__name__}:fails"])


def test_what_profile_does_not_take_is_told():
    with pytest.raises(TypeError, match=r"repeats must be an int, got float 1\.5"):
        moo.profile(objectives, W, X, repeats=1.5)
    with pytest.raises(ValueError, match="without auxiliary output"):
        moo.profile(*with_aux(), methods=["mean"])
