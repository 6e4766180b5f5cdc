"""A pack as bad as packs get: importing it tries to end the process."""

raise SystemExit("this pack wants a licence")
