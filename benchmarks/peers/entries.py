"""Which method of moo is which of TorchJD and LibMTL, its certificate, and why they differ."""

from collections.abc import Callable
from typing import Any, NamedTuple

import moo
from benchmarks.peers import certificates
from benchmarks.peers.answers import Answers, of_libmtl, of_moo, of_scalarizer, of_torchjd
from benchmarks.peers.cases import OBJECTIVES as M

EVEN = [1 / M] * M
TESTS = "tests/aggregators/test_peers.py"


class Entry(NamedTuple):
    """One method: how each package builds it, at equal hyper-parameters.

    Attributes:
        moo: our answers.
        torchjd: TorchJD's name.
        theirs: TorchJD's answers, built when called.
        libmtl: LibMTL's answers, built when called; None where 1.1.5 has none, or a random one.
        scale: what TorchJD's direction is multiplied by to have our length.
        certificate: the certificate, and its name.
        why: why the answers differ, in one sentence; empty where they do not.
        test: the test of ours that shows it.
    """

    moo: Callable[[], Answers]
    torchjd: str
    theirs: Callable[[], Answers]
    libmtl: Callable[[], Answers] | None = None
    scale: float = 1.0
    certificate: tuple[str, certificates.Certificate] | None = None
    why: str = ""
    test: str = ""


def _ours(name: str, **options: Any) -> Callable[[], Answers]:
    return lambda: of_moo(moo.aggregator(name, num_objectives=M, **options))


def _aggregator(name: str, **options: Any) -> tuple[str, Callable[[], Answers]]:
    return name, lambda: of_torchjd(name, **options)


def _scalarizer(name: str, **options: Any) -> tuple[str, Callable[[], Answers]]:
    return name, lambda: of_scalarizer(name, **options)


def _libmtl(name: str, **options: Any) -> Callable[[], Answers]:
    return lambda: of_libmtl(name, **options)


GAP = ("gap of the hull", certificates.hull_gap)
CONFLICT = ("worst conflict", certificates.conflict)
SPREAD = ("spread of projections", certificates.projections)

ENTRIES: dict[str, Entry] = {
    "mean": Entry(_ours("mean"), *_aggregator("Mean")),
    "sum": Entry(_ours("sum"), *_aggregator("Sum"), _libmtl("EW")),
    "mgda": Entry(
        _ours("mgda"), *_aggregator("MGDA"), _libmtl("MGDA", mgda_gn="none"), certificate=GAP,
        why="Frank-Wolfe stops after 100 steps without a certificate, or clips weights at .999",
        test=f"{TESTS}::test_mgda_is_exact_where_frank_wolfe_stops",
    ),
    "upgrad": Entry(
        _ours("upgrad"), *_aggregator("UPGrad"), certificate=CONFLICT,
        why="a ridge of 1e-4 of the trace breaks non-conflict once lengths differ; below a norm of "
        "1e-2 the answer is the mean",
        test=f"{TESTS}::test_a_ridge_relative_to_the_trace_breaks_non_conflict",
    ),
    "dual_proj": Entry(
        _ours("dual_proj"), *_aggregator("DualProj"), certificate=CONFLICT,
        why="the same ridge and threshold",
        test=f"{TESTS}::test_a_ridge_relative_to_the_trace_breaks_non_conflict",
    ),
    "cagrad": Entry(
        _ours("cagrad", c=0.5), *_aggregator("CAGrad", c=0.5),
        _libmtl("CAGrad", calpha=0.5, rescale=0),
        certificate=("best worst decrease missed", certificates.worst_decrease(0.5)),
        why="where the shortest combination vanishes, or the norm is below 1e-2, 0 is returned, "
        "which lies outside CAGrad's own ball; SLSQP keeps uniform weights for small gradients",
        test=f"{TESTS}::test_cagrad_never_leaves_its_ball",
    ),
    "nash_mtl": Entry(
        _ours("nash_mtl"), *_aggregator("NashMTL", n_tasks=M),
        certificate=("inequality of α (Gα)", certificates.fairness(1.0)),
        why="the iterate before the last is kept, and its stopping test mixes two scales",
        test=f"{TESTS}::test_bargaining_is_solved_at_every_scale",
    ),
    "fairgrad": Entry(
        _ours("fairgrad", alpha=2.0), *_aggregator("FairGrad", alpha=2.0),
        certificate=("inequality of w^(1/α) (Gw)", certificates.fairness(0.5)),
        why="least squares without scaling stops early for small gradients",
        test=f"{TESTS}::test_bargaining_is_solved_at_every_scale",
    ),
    "imtl_g": Entry(
        _ours("imtl_g"), *_aggregator("IMTLG"), _libmtl("IMTL"), certificate=SPREAD,
        why="where the sum of weights before normalisation is negative, the closed form ascends on "
        "all losses; moo takes the opposite sign",
        test=f"{TESTS}::test_imtl_g_never_ascends_on_all",
    ),
    "aligned_mtl": Entry(
        _ours("aligned_mtl"), *_aggregator("AlignedMTL"), scale=M,
        certificate=("distance from aligned components", certificates.components),
        why="the length differs by m; rank is judged by eigenvalues of the Gramian, whose squares "
        "lose half the digits",
        test=f"{TESTS}::test_aligned_mtl_keeps_the_small_component",
    ),
    "config": Entry(_ours("config"), *_aggregator("ConFIG"), certificate=SPREAD),
    "pcd": Entry(_ours("pcd"), *_aggregator("PCD")),
    "trimmed_mean": Entry(
        _ours("trimmed_mean", trim=1), *_aggregator("TrimmedMean", trim_number=1)
    ),
    "krum": Entry(
        _ours("krum", num_byzantine=0, num_selected=1),
        *_aggregator("Krum", n_byzantine=0, n_selected=1),
        why="scores add up distances, where the paper adds up their squares",
        test=f"{TESTS}::test_krum_scores_are_squared_distances",
    ),
    "excess_mtl": Entry(
        _ours("excess_mtl", variant="torchjd", learning_rate=1.0), *_aggregator("ExcessMTL")
    ),
    "gls": Entry(_ours("gls"), *_scalarizer("GeometricMean"), _libmtl("GLS")),
    "uncertainty": Entry(_ours("uncertainty"), *_scalarizer("UW", shape=M)),
    "imtl_l": Entry(_ours("imtl_l"), *_scalarizer("IMTLL", shape=M)),
    "dwa": Entry(_ours("dwa"), *_scalarizer("DWA"), _libmtl("DWA", T=2.0)),
    "stch": Entry(_ours("stch", mu=0.5), *_scalarizer("STCH", mu=0.5)),
    "pbi": Entry(_ours("pbi"), *_scalarizer("PBI", theta=5.0, weights=EVEN)),
}  # fmt: skip
