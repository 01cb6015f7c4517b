"""How the documentation is built: `sphinx-build -W -b html docs docs/_build`."""

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parent), str(HERE / "_ext")]

import moo  # noqa: E402

project = "moo"
author = "The moo authors"
project_copyright = author
release = version = moo.__version__

extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx.ext.mathjax",
    "sphinxcontrib.bibtex",
    "sphinx_gallery.gen_gallery",
    "dollars",
    "pages",
]
exclude_patterns = ["_build", "auto_examples/*.py", "auto_examples/GALLERY_HEADER.rst", "examples"]
default_role = "code"

html_theme = "furo"
html_title = f"moo {version}"
html_show_sourcelink = False

bibtex_bibfiles = ["../moo/references.bib"]
bibtex_reference_style = "author_year"

autodoc_typehints = "none"
autodoc_member_order = "bysource"
napoleon_google_docstring = True
napoleon_use_rtype = False
napoleon_use_ivar = True

sphinx_gallery_conf = {
    "examples_dirs": "examples",
    "gallery_dirs": "auto_examples",
    "filename_pattern": r"\.py$",
    "within_subsection_order": "FileNameSortKey",
    "image_scrapers": ("matplotlib", "figures"),
    "abort_on_example_error": True,
    "show_memory": False,
    "min_reported_time": 1e9,
    "download_all_examples": False,
    "remove_config_comments": True,
}
