"""NodeForge: a node editor for making images. `nodeforge/docs/architecture.md` is the map."""

__version__ = "0.1.0"
