"""Which method of moo is which of TorchJD and LibMTL, its certificate, and why they differ."""

from collections.abc import Callable
from math import exp
from typing import Any, NamedTuple

import optax

import moo
from benchmarks.peers import certificates
from benchmarks.peers.answers import Answers, Jacobian, batches, given, linear, of_moo, on_ray
from benchmarks.peers.cases import OBJECTIVES as M
from benchmarks.peers.others import of_libmtl, of_scalarizer, of_torchjd, of_weighting

EVEN, UNEVEN = [1 / M] * M, [0.2, 0.3, 0.5]


class Peer(NamedTuple):
    """A class of another package, at our hyper-parameters.

    Attributes:
        package: `TorchJD` or `LibMTL`.
        name: its name there.
        answers: its answers, built when called.
        scale: what its direction is multiplied by to have our length.
    """

    package: str
    name: str
    answers: Callable[[], Answers]
    scale: float = 1.0


class Entry(NamedTuple):
    """One method: how each package builds it, at equal hyper-parameters and in its first step.

    Attributes:
        moo: our answers.
        peers: the others', those that draw nothing at random.
        certificate: the certificate, and its name.
        why: why the answers differ, in one sentence; empty where they do not.
        tests: the tests of ours that compute what the sentence says.
        objectives: how many rows of each Jacobian; with 2 an order drawn at random is no matter.
    """

    moo: Callable[[], Answers]
    peers: tuple[Peer, ...]
    certificate: tuple[str, certificates.Certificate] | None = None
    why: str = ""
    tests: tuple[str, ...] = ()
    objectives: int = M


def _ours(
    name: str, *, objectives: int = M, jacobian: Jacobian = given, **options: Any
) -> Callable[[], Answers]:
    return lambda: of_moo(getattr(moo, name)(objectives, **options), jacobian)


def _torchjd(name: str, *, scale: float = 1.0, **options: Any) -> Peer:
    return Peer("TorchJD", name, lambda: of_torchjd(name, **options), scale)


def _weighting(name: str, **options: Any) -> Peer:
    return Peer("TorchJD", name, lambda: of_weighting(name, **options))


def _scalarizer(name: str, **options: Any) -> Peer:
    return Peer("TorchJD", f"scalarization.{name}", lambda: of_scalarizer(name, **options))


def _libmtl(name: str, *, scale: float = 1.0, **options: Any) -> Peer:
    return Peer("LibMTL", name, lambda: of_libmtl(name, **options), scale)


GAP = ("gap of the hull", certificates.hull_gap)
CONFLICT = ("worst conflict", certificates.conflict)
SPREAD = ("spread of projections", certificates.projections)

ENTRIES: dict[str, Entry] = {
    "mean": Entry(_ours("mean"), (_torchjd("Mean"), _scalarizer("Mean"))),
    "sum": Entry(_ours("sum"), (_torchjd("Sum"), _scalarizer("Sum"), _libmtl("EW"))),
    "p_norm": Entry(
        _ours("p_norm", p=1, preference=UNEVEN),
        (_torchjd("Constant", weights=UNEVEN), _scalarizer("Constant", weights=UNEVEN)),
    ),
    "mgda": Entry(
        _ours("mgda"), (_torchjd("MGDA"), _libmtl("MGDA", mgda_gn="none")), GAP,
        "TorchJD's Frank-Wolfe stops after 100 steps without a certificate; LibMTL's clips weights "
        "at .999",
        ("test_mgda_is_exact_where_frank_wolfe_stops",
         "test_mgda_gives_a_vertex_all_of_the_weight"),
    ),
    "upgrad": Entry(
        _ours("upgrad"), (_torchjd("UPGrad"),), CONFLICT,
        "a ridge of 1e-4 of the trace breaks non-conflict once lengths differ; below a norm of "
        "1e-2 the answer is the mean",
        ("test_a_ridge_relative_to_the_trace_breaks_non_conflict",
         "test_a_threshold_on_the_trace_gives_the_mean"),
    ),
    "dual_proj": Entry(
        _ours("dual_proj"), (_torchjd("DualProj"),), CONFLICT,
        "the same ridge and threshold",
        ("test_a_ridge_relative_to_the_trace_breaks_non_conflict",
         "test_a_threshold_on_the_trace_gives_the_mean"),
    ),
    "cagrad": Entry(
        _ours("cagrad", c=0.5),
        (_torchjd("CAGrad", c=0.5), _libmtl("CAGrad", calpha=0.5, rescale=0)),
        ("best worst decrease missed", certificates.worst_decrease(0.5)),
        "where the norm is below 1e-2, or the shortest combination below 1e-4 of it, TorchJD "
        "returns 0, which lies outside CAGrad's own ball; for small gradients LibMTL's SLSQP keeps "
        "the uniform weights that it starts from",
        ("test_cagrad_never_leaves_its_ball", "test_cagrad_does_not_stop_at_uniform_weights"),
    ),
    "nash_mtl": Entry(
        _ours("nash_mtl"), (_torchjd("NashMTL", n_tasks=M),),
        ("inequality of α (Gα)", certificates.fairness(1.0)),
        "the program, linearised at α = 1, has no minimum where G·1 has an entry slightly below 0, "
        "and equal α come back: all of the difference above; its products are only bounded from "
        "below, and for lengths far apart the rounds settle with one above the others",
        ("test_bargaining_does_not_start_from_an_unbounded_program",
         "test_bargaining_makes_every_product_equal"),
    ),
    "fairgrad": Entry(
        _ours("fairgrad", alpha=2.0), (_torchjd("FairGrad", alpha=2.0),),
        ("inequality of w^(1/α) (Gw)", certificates.fairness(0.5)),
        "least squares without scaling stops early for small gradients",
        ("test_fairness_is_solved_for_small_gradients",),
    ),
    "imtl_g": Entry(
        _ours("imtl_g"), (_torchjd("IMTLG"), _libmtl("IMTL")), SPREAD,
        "where the sum of weights before normalisation is negative, the closed form ascends on "
        "all losses, and moo takes the opposite sign; TorchJD's pseudo-inverse of G drops short "
        "rows; LibMTL divides a zero row by its length. moo declines, with v = 0, where the "
        "rounding of weights can make projections differ by more than a thousandth",
        ("test_imtl_g_never_ascends_on_all", "test_imtl_g_keeps_short_rows",
         "test_imtl_g_leaves_a_zero_row_out", "test_imtl_g_says_so_where_it_declines"),
    ),
    "aligned_mtl": Entry(
        _ours("aligned_mtl"), (_torchjd("AlignedMTL", scale=M),),
        ("distance from aligned components", certificates.components),
        "the length differs by m; rank is judged by eigenvalues of the Gramian, whose squares "
        "lose half the digits",
        ("test_aligned_mtl_keeps_the_small_component",),
    ),
    "config": Entry(
        _ours("config"), (_torchjd("ConFIG"),), SPREAD,
        "near a stationary point TorchJD is the more exact: it multiplies by the pseudo-inverse of "
        "the unit rows U, while moo finds weights of the rows from their Gramian, and rounding "
        "weights to float32 alone moves v by up to cond(U) times that rounding",
        ("test_config_is_as_exact_as_weights_of_rows_can_be",),
    ),
    "pcd": Entry(_ours("pcd"), (_torchjd("PCD"),)),
    "pcgrad": Entry(
        _ours("pcgrad", objectives=2), (_torchjd("PCGrad"), _libmtl("PCGrad")), objectives=2
    ),
    "gradvac": Entry(
        _ours("gradvac", objectives=2, decay=0.5),
        (_torchjd("GradVac", beta=0.5), _libmtl("GradVac", beta=0.5)),
        why="not on these Jacobians; for lengths of 1e-4 TorchJD's floor of 1e-8 under their "
        "product halves the cosine",
        tests=("test_gradvac_has_no_floor_under_lengths",), objectives=2,
    ),
    "trimmed_mean": Entry(
        _ours("trimmed_mean", trim=1), (_torchjd("TrimmedMean", trim_number=1),)
    ),
    "krum": Entry(
        _ours("krum", num_byzantine=0, num_selected=1),
        (_torchjd("Krum", n_byzantine=0, n_selected=1),),
        why="scores add up distances, where the paper adds up their squares",
        tests=("test_krum_scores_are_squared_distances",),
    ),
    "excess_mtl": Entry(
        _ours("excess_mtl", variant="torchjd", learning_rate=1.0), (_torchjd("ExcessMTL"),)
    ),
    "cr_mogm": Entry(
        _ours("cr_mogm", initial="uniform"),
        (_weighting("CRMOGMWeighting", base="MGDAWeighting", initial_weights=EVEN),),
        why="the Frank-Wolfe of the base, MGDA",
        tests=("test_mgda_is_exact_where_frank_wolfe_stops",),
    ),
    "modo": Entry(_ours("modo", jacobian=batches), (_weighting("MoDoWeighting", batches=2),)),
    "sdmgrad": Entry(
        _ours("sdmgrad", inner="published", batches=1), (_weighting("SDMGradWeighting"),),
        why="the authors' loop jumps between vertices of the simplex, and a floor of 1e-8 instead "
        "of their 1e-4 ends it on another one; by default moo solves the problem exactly",
        tests=("test_the_loop_of_sdmgrad_ends_where_its_floor_says",),
    ),
    "gls": Entry(_ours("gls"), (_scalarizer("GeometricMean"), _libmtl("GLS"))),
    "uncertainty": Entry(
        _ours("uncertainty"), (_scalarizer("UW", shape=M), _libmtl("UW", scale=exp(-0.5))),
        why="LibMTL's log-variances start at -1/2, so its first length differs by the root of e",
        tests=("test_uncertainty_starts_at_variance_one",),
    ),
    "imtl_l": Entry(_ours("imtl_l"), (_scalarizer("IMTLL", shape=M),)),
    "dwa": Entry(_ours("dwa"), (_scalarizer("DWA"), _libmtl("DWA", T=2.0))),
    "gradnorm": Entry(_ours("gradnorm"), (_libmtl("GradNorm", alpha=1.5, epoch=1),)),
    "famo": Entry(
        _ours("famo", jacobian=linear, optimizer=optax.identity(), max_norm=None),
        (_scalarizer("FAMO", shape=M),),
    ),
    "stch": Entry(_ours("stch", mu=0.5), (_scalarizer("STCH", mu=0.5),)),
    "pbi": Entry(_ours("pbi"), (_scalarizer("PBI", theta=5.0, weights=EVEN),)),
    "cosmos": Entry(
        _ours("cosmos", jacobian=on_ray), (_scalarizer("COSMOS", lambda_=2.0, weights=EVEN),)
    ),
}  # fmt: skip
