"""The table of all test problems: module and summary of each, without their code."""

# module -> {name of the factory, which is the problem's: what the problem shows}
FAMILIES: dict[str, dict[str, str]] = {
    "_toy": {
        "two_task_toy": "two losses in the plane with a valley of conflict; Nash-MTL, FAMO",
    },
    "_toy_noisy": {
        "two_task_toy_cagrad": "the toy at scale 1 from CAGrad's starts",
        "two_task_toy_moco": "the toy at scale 2 with gradient noise of deviation 1; MoCo",
        "two_task_toy_sdmgrad": "the toy at scale 1 with gradient noise of deviation .2; SDMGrad",
        "two_task_toy_modo": "the slopes of the toy over bowls tilted by finite samples; MoDo",
    },
    "_quadratics": {
        "elementwise_quadratic": "f_i = x_i^2: one Pareto point, weakly stationary axes; TorchJD",
        "convex_quadratic_forms": "two ill-conditioned forms with a curved Pareto set; TorchJD",
    },
    "_noisy": {
        "noisy_instance": "one dimension, skewed noise: stochastic MGDA ends off the Pareto set",
    },
    "_stochastic": {
        "noisy_quadratics": "opposite curvatures and Gaussian noise: bias of min-norm directions",
        "online_quadratics": "random rounds about two centres: regret of online methods",
        "label_noise": "one regressor, two tasks, one with noisy labels; ExcessMTL",
    },
    "_fonseca": {
        "fonseca_fleming": "concave front in any dimension (VLMOP2); PMTL, EPO",
    },
    "_wells": {
        "fonseca_three": "concave front of three Gaussian wells; EPO",
        "fonseca_many": "concave front of many Gaussian wells; EPO",
    },
    "_convex": {
        "jos1": "two bowls in a hundred dimensions, convex front",
        "zlt1": "many bowls, the Pareto set a simplex",
        "mhhm2": "three bowls with close centres, the Pareto set a small triangle",
        "sp1": "two skew bowls, the Pareto set a curve",
        "lov1": "two bowls of nearly equal shape, the Pareto set a flat curve",
    },
    "_classical": {
        "schaffer1": "two parabolas in one variable (VLMOP1)",
        "schaffer2": "a zigzag and a parabola: front in two pieces",
        "binh_korn": "two bowls in the plane, unconstrained",
        "poloni": "trigonometric, front in two pieces",
        "kursawe": "multimodal, set and front in pieces",
    },
    "_viennet": {
        "viennet1": "three bowls, the Pareto set a triangle",
        "viennet2": "three convex quadratics of unlike shape",
        "viennet3": "three objectives, folded front in pieces (VLMOP3)",
    },
    "_zdt": {
        "zdt1": "convex front at the rim of the box",
        "zdt2": "concave front at the rim of the box",
        "zdt3": "front in five pieces",
        "zdt4": "zdt1 behind 21^9 local fronts",
        "zdt6": "concave front, unevenly covered, infinite slopes on the set",
    },
    "_dtlz": {
        "dtlz1": "simplex front behind 11^5 local ones, any number of objectives",
        "dtlz2": "spherical front, any number of objectives",
        "dtlz3": "dtlz2 behind 3^10 local fronts",
        "dtlz4": "dtlz2 with x^100: dead gradients",
        "dtlz5": "three objectives, front a curve",
        "dtlz6": "dtlz5 with infinite slopes on the set",
        "dtlz7": "three objectives, front in four pieces",
    },
    "_maf": {
        "maf1": "inverted simplex front, any number of objectives",
        "inverted_dtlz1": "inverted simplex front behind local ones",
        "convex_dtlz2": "convex front, any number of objectives",
    },
    "_stch": {
        "stch_f1": "convex front, the Pareto set a parabola; STCH",
        "stch_f2": "convex front, the Pareto set of powers; STCH",
        "stch_f3": "convex front, the Pareto set a spiral; STCH",
        "stch_f4": "concave front, the Pareto set a parabola; STCH",
        "stch_f5": "concave front, the Pareto set of powers; STCH",
        "stch_f6": "concave front, the Pareto set a spiral; STCH",
    },
    "_uf": {
        "uf1": "convex front, the Pareto set a sine in 30 dimensions",
        "uf2": "convex front, the Pareto set a sine of growing width",
        "uf3": "convex front behind local ones, the Pareto set of powers",
        "uf7": "linear front, steep parametrisation",
        "uf8": "spherical front of three objectives, winding Pareto set",
    },
    "_repeated": {
        "omni_test": "3^n equal Pareto subsets: diversity of solutions",
        "sym_part": "nine equal Pareto subsets in the plane",
    },
    "_re_two": {
        "re21": "four-bar truss: volume, displacement",
        "re24": "hatch cover: weight, violation",
    },
    "_re_three": {
        "re31": "two-bar truss: volume, stress, violation",
        "re32": "welded beam: cost, deflection, violation",
        "re33": "disc brake: mass, time, violation",
        "re34": "vehicle crash: mass, acceleration, intrusion",
        "re37": "rocket injector: two temperatures, length",
    },
    "_re_many": {
        "re41": "side impact of a car: four objectives",
        "re61": "water resources: six objectives",
    },
    "_hu": {
        "hu_scalarization": "one shared direction: linear scalarisation misses most of the front",
    },
    "_regression": {
        "mmoe_regression": "two related regressions, shared layer; MMoE",
        "gradnorm_regression": "regressions of unequal scale, deep network; GradNorm",
    },
}
