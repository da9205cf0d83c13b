"""`python -m imgen`, the same as the command `imgen`."""

import sys

from .cli import main

if __name__ == "__main__":
    sys.exit(main())
