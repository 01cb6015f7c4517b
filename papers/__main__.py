"""Command line of the reproductions: `python -m papers list | check | figure`."""

import sys

from papers._command import main

if __name__ == "__main__":
    sys.exit(main())
