# Made by .ci/stubs.py from the _PUBLIC table beside it.
from moo.problems._classical import binh_korn as binh_korn
from moo.problems._classical import kursawe as kursawe
from moo.problems._classical import poloni as poloni
from moo.problems._classical import schaffer1 as schaffer1
from moo.problems._classical import schaffer2 as schaffer2
from moo.problems._convex import jos1 as jos1
from moo.problems._convex import lov1 as lov1
from moo.problems._convex import mhhm2 as mhhm2
from moo.problems._convex import sp1 as sp1
from moo.problems._convex import zlt1 as zlt1
from moo.problems._dtlz import dtlz1 as dtlz1
from moo.problems._dtlz import dtlz2 as dtlz2
from moo.problems._dtlz import dtlz3 as dtlz3
from moo.problems._dtlz import dtlz4 as dtlz4
from moo.problems._dtlz import dtlz5 as dtlz5
from moo.problems._dtlz import dtlz6 as dtlz6
from moo.problems._dtlz import dtlz7 as dtlz7
from moo.problems._fonseca import fonseca_fleming as fonseca_fleming
from moo.problems._hu import hu_scalarization as hu_scalarization
from moo.problems._maf import convex_dtlz2 as convex_dtlz2
from moo.problems._maf import inverted_dtlz1 as inverted_dtlz1
from moo.problems._maf import maf1 as maf1
from moo.problems._noisy import noisy_instance as noisy_instance
from moo.problems._problem import Problem as Problem
from moo.problems._quadratics import convex_quadratic_forms as convex_quadratic_forms
from moo.problems._quadratics import elementwise_quadratic as elementwise_quadratic
from moo.problems._quadratics import quadratic_forms as quadratic_forms
from moo.problems._re_many import re41 as re41
from moo.problems._re_many import re61 as re61
from moo.problems._re_three import re31 as re31
from moo.problems._re_three import re32 as re32
from moo.problems._re_three import re33 as re33
from moo.problems._re_three import re34 as re34
from moo.problems._re_three import re37 as re37
from moo.problems._re_two import re21 as re21
from moo.problems._re_two import re24 as re24
from moo.problems._registry import PROBLEMS as PROBLEMS
from moo.problems._registry import ProblemRecord as ProblemRecord
from moo.problems._registry import problem as problem
from moo.problems._regression import gradnorm_regression as gradnorm_regression
from moo.problems._regression import mmoe_regression as mmoe_regression
from moo.problems._repeated import omni_test as omni_test
from moo.problems._repeated import sym_part as sym_part
from moo.problems._stch import stch_f1 as stch_f1
from moo.problems._stch import stch_f2 as stch_f2
from moo.problems._stch import stch_f3 as stch_f3
from moo.problems._stch import stch_f4 as stch_f4
from moo.problems._stch import stch_f5 as stch_f5
from moo.problems._stch import stch_f6 as stch_f6
from moo.problems._stochastic import label_noise as label_noise
from moo.problems._stochastic import noisy_quadratics as noisy_quadratics
from moo.problems._stochastic import online_quadratics as online_quadratics
from moo.problems._toy import two_task_toy as two_task_toy
from moo.problems._toy_noisy import two_task_toy_cagrad as two_task_toy_cagrad
from moo.problems._toy_noisy import two_task_toy_moco as two_task_toy_moco
from moo.problems._toy_noisy import two_task_toy_modo as two_task_toy_modo
from moo.problems._toy_noisy import two_task_toy_sdmgrad as two_task_toy_sdmgrad
from moo.problems._uf import uf1 as uf1
from moo.problems._uf import uf2 as uf2
from moo.problems._uf import uf3 as uf3
from moo.problems._uf import uf7 as uf7
from moo.problems._uf import uf8 as uf8
from moo.problems._viennet import viennet1 as viennet1
from moo.problems._viennet import viennet2 as viennet2
from moo.problems._viennet import viennet3 as viennet3
from moo.problems._wells import fonseca_many as fonseca_many
from moo.problems._wells import fonseca_three as fonseca_three
from moo.problems._zdt import zdt1 as zdt1
from moo.problems._zdt import zdt2 as zdt2
from moo.problems._zdt import zdt3 as zdt3
from moo.problems._zdt import zdt4 as zdt4
from moo.problems._zdt import zdt6 as zdt6

__all__ = [
    "PROBLEMS",
    "Problem",
    "ProblemRecord",
    "binh_korn",
    "convex_dtlz2",
    "convex_quadratic_forms",
    "dtlz1",
    "dtlz2",
    "dtlz3",
    "dtlz4",
    "dtlz5",
    "dtlz6",
    "dtlz7",
    "elementwise_quadratic",
    "fonseca_fleming",
    "fonseca_many",
    "fonseca_three",
    "gradnorm_regression",
    "hu_scalarization",
    "inverted_dtlz1",
    "jos1",
    "kursawe",
    "label_noise",
    "lov1",
    "maf1",
    "mhhm2",
    "mmoe_regression",
    "noisy_instance",
    "noisy_quadratics",
    "omni_test",
    "online_quadratics",
    "poloni",
    "problem",
    "quadratic_forms",
    "re21",
    "re24",
    "re31",
    "re32",
    "re33",
    "re34",
    "re37",
    "re41",
    "re61",
    "schaffer1",
    "schaffer2",
    "sp1",
    "stch_f1",
    "stch_f2",
    "stch_f3",
    "stch_f4",
    "stch_f5",
    "stch_f6",
    "sym_part",
    "two_task_toy",
    "two_task_toy_cagrad",
    "two_task_toy_moco",
    "two_task_toy_modo",
    "two_task_toy_sdmgrad",
    "uf1",
    "uf2",
    "uf3",
    "uf7",
    "uf8",
    "viennet1",
    "viennet2",
    "viennet3",
    "zdt1",
    "zdt2",
    "zdt3",
    "zdt4",
    "zdt6",
    "zlt1",
]
