"""`python -m imgen.cli`, the same as the command `imgen`."""

import sys

from .entry import main

sys.exit(main())
