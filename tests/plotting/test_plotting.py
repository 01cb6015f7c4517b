import subprocess
import sys

import moo.plotting

_NO_PYPLOT = """
import sys, numpy as np, moo.plotting
assert "matplotlib" not in sys.modules
moo.plotting.plot_losses(np.ones((2, 4, 2)))
moo.plotting.plot_conflict(np.eye(2))
moo.plotting.plot_radar({"a": np.ones(3)})
moo.plotting.plot_front({"a": np.ones((1, 3))}, triple=(0, 1, 2))
assert "matplotlib.pyplot" not in sys.modules
"""


def test_the_package_is_lazy_and_uses_no_pyplot():
    subprocess.run([sys.executable, "-W", "error", "-c", _NO_PYPLOT], check=True)


def test_every_public_name_is_there_and_says_what_it_is():
    for name in moo.plotting.__all__:
        value = getattr(moo.plotting, name)
        assert value.__doc__, name
