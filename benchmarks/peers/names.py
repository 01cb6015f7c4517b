"""Which classes of TorchJD 0.18.0 and LibMTL 1.1.5 are which method of moo: all of them."""

import importlib

from benchmarks.peers.others import libmtl

# A weighting is named only where it has no aggregator of its own; scalarizers by their module.
TORCHJD: dict[str, tuple[str, ...]] = {
    "mean": ("Mean", "scalarization.Mean"),
    "sum": ("Sum", "scalarization.Sum"),
    "p_norm": ("Constant", "scalarization.Constant"),
    "mgda": ("MGDA",),
    "upgrad": ("UPGrad",),
    "dual_proj": ("DualProj",),
    "cagrad": ("CAGrad",),
    "nash_mtl": ("NashMTL",),
    "fairgrad": ("FairGrad",),
    "imtl_g": ("IMTLG",),
    "imtl_l": ("scalarization.IMTLL",),
    "aligned_mtl": ("AlignedMTL",),
    "config": ("ConFIG",),
    "pcd": ("PCD",),
    "pcgrad": ("PCGrad",),
    "gradvac": ("GradVac",),
    "graddrop": ("GradDrop",),
    "trimmed_mean": ("TrimmedMean",),
    "krum": ("Krum",),
    "excess_mtl": ("ExcessMTL",),
    "rlw": ("Random", "scalarization.Random"),
    "cr_mogm": ("CRMOGMWeighting",),
    "modo": ("MoDoWeighting",),
    "sdmgrad": ("SDMGradWeighting",),
    "gls": ("scalarization.GeometricMean",),
    "uncertainty": ("scalarization.UW",),
    "dwa": ("scalarization.DWA",),
    "famo": ("scalarization.FAMO",),
    "stch": ("scalarization.STCH",),
    "pbi": ("scalarization.PBI",),
    "cosmos": ("scalarization.COSMOS",),
}

LIBMTL: dict[str, tuple[str, ...]] = {
    "sum": ("EW",),
    "mgda": ("MGDA",),
    "cagrad": ("CAGrad",),
    "imtl_g": ("IMTL",),
    "imtl_l": ("IMTL",),
    "pcgrad": ("PCGrad",),
    "gradvac": ("GradVac",),
    "graddrop": ("GradDrop",),
    "gradnorm": ("GradNorm",),
    "gls": ("GLS",),
    "uncertainty": ("UW",),
    "dwa": ("DWA",),
    "rlw": ("RLW",),
}

# What the packages derive their methods from.
BASES = {
    "Aggregator", "WeightedAggregator", "GramianWeightedAggregator", "Weighting",
    "scalarization.Scalarizer", "AbsWeighting",
}  # fmt: skip

NOT_COMPARED = {
    "graddrop": "draws its masks; the law of `moo`'s is tested in distribution",
    "rlw": "draws its weights; the law of `moo`'s is tested in distribution",
}

ONLY_THEIRS = (
    ("TorchJD", "Constant", "no class of its own: `moo.p_norm` with p = 1 and the weights as "
     "`preference` is the same direction, as compared above"),
    ("TorchJD", "ConFIG(pref_vector)", "unequal target cosines"),
    ("TorchJD", "SDMGradWeighting(pref_vector)", "a target other than the mean gradient"),
    ("TorchJD", "GradDrop(f)", "a function of the purity of signs other than the identity"),
    ("TorchJD", "ExcessMTL(n_warmup_steps)", "a start averaged over several steps"),
    ("LibMTL", "RLW(dist)", "uniform, Dirichlet and Bernoulli weights; `moo.alternation` draws one "
     "objective a step"),
)  # fmt: skip


def classes(table: dict[str, tuple[str, ...]]) -> set[str]:
    """Return all classes that a table names."""
    return {name for names in table.values() for name in names}


def unnamed() -> set[str]:
    """Return the public classes of the installed peers that the tables do not name."""
    torchjd, scalarization = (
        importlib.import_module(f"torchjd.{module}") for module in ("aggregation", "scalarization")
    )
    public = {*torchjd.__all__, *(f"scalarization.{name}" for name in scalarization.__all__)}
    known = classes(TORCHJD) | BASES
    # A weighting of the same stem is what its aggregator combines the rows by.
    missing = {name for name in public if name.removesuffix("Weighting") not in known} - known
    return missing | (known - BASES - public) | (set(libmtl().__all__) ^ classes(LIBMTL)) - BASES
