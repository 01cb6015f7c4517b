"""`python -m moo` is the `moo` command."""

import sys

from moo.cli import main

if __name__ == "__main__":
    sys.exit(main())
