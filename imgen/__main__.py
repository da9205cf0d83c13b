"""`python -m imgen`, the same as the command `imgen`."""

import sys

from .cli.entry import main

if __name__ == "__main__":
    sys.exit(main())
