"""Every error NodeForge raises on purpose, worded for the person at the screen.

NodeForgeError
├── GraphError
│   ├── BadLink          a wire that may not be: a cycle, a wrong type, no such port
│   ├── BadFile          a graph file that cannot be read
│   └── BadValue         a parameter value that is not allowed
├── StageError
│   ├── BadStage         a stage whose declaration is wrong
│   └── UnknownStage     no installed pack has this stage
├── ModelError
│   ├── MissingModel     no weights where the recipe says
│   └── BadModel         weights that cannot be used, or not together
├── HubError             a hub that says no, or a connection that broke
├── MemoryFull           the device has no room left, after all was tried
└── DiskError            a picture or folder that cannot be read or written

Cancelled                not an error: the artist asked to stop
"""

from __future__ import annotations


class NodeForgeError(Exception):
    """One sentence: what is wrong, where, and what to do. `str(error)` is shown as it is."""


class GraphError(NodeForgeError): ...


class BadLink(GraphError): ...


class BadFile(GraphError): ...


class BadValue(GraphError): ...


class StageError(NodeForgeError): ...


class BadStage(StageError): ...


class UnknownStage(StageError): ...


class ModelError(NodeForgeError): ...


class MissingModel(ModelError): ...


class BadModel(ModelError): ...


class HubError(NodeForgeError): ...


class MemoryFull(NodeForgeError): ...


class DiskError(NodeForgeError): ...


class Cancelled(Exception):
    """Raised inside a stage to unwind it when the run is cancelled."""
