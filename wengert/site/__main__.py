"""`python -m wengert.site DIRECTORY [--force] [--try] [--pyodide PATH]`: write the reference."""

from __future__ import annotations

import argparse
import sys

from ..ground.errors import WengertError
from .build import build


def main() -> int:
    """Write the pages, and tell how many there are."""
    parser = argparse.ArgumentParser(
        prog="python -m wengert.site",
        description="Write the reference: a page for each op, sample and diagnostic code.",
    )
    parser.add_argument("directory", help="where the pages go; it is made if it is missing")
    parser.add_argument("--force", action="store_true", help="replace pages that are there already")
    parser.add_argument(
        "--try", action="store_true", dest="tries", help="with an editor in which wengert runs: some 10 MB more"
    )
    parser.add_argument(
        "--pyodide",
        metavar="PATH",
        help="for --try, the package of Pyodide, a file or a folder (default: npm fetches it)",
    )
    given = parser.parse_args()
    try:
        pages = build(given.directory, given.force, given.tries or given.pyodide is not None, given.pyodide)
    except WengertError as problem:
        print(problem, file=sys.stderr)
        return problem.exit_code
    print(f"{len(pages)} pages; begin with {pages[0]}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
