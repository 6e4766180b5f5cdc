"""`python -m nodeforge` is `nodeforge`."""

from __future__ import annotations

import sys

from nodeforge.cli import main

# The worker is a spawned process that imports this module under another name.
if __name__ == "__main__":
    sys.exit(main())
