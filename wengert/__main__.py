"""Run the command line: `python -m wengert`."""

import sys

from .cli import main

sys.exit(main())
