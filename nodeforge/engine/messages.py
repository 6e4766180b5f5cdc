"""All that crosses between the window and the worker. Small, frozen, picklable."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from nodeforge.graph.document import Document, NodeId
from nodeforge.graph.spec import StageSpec
from nodeforge.interop.metadata import Metadata

# Commands, from the window down to the worker


@dataclass(frozen=True)
class Start:
    """Make what the targets need. No targets: every sink (a node whose outputs go nowhere).

    title: the graph's name, for the names of files. marks: whether files that are written say that
    a model drew them. graph: the one that files hold, if not the document.
    """

    job: int
    document: Document
    targets: tuple[NodeId, ...] = ()
    title: str = ""
    marks: bool = True
    graph: Document | None = None


@dataclass(frozen=True)
class Stop:
    """Cancel the running job, between steps."""


@dataclass(frozen=True)
class Plan:
    """Say, without running, what a run of these targets would do."""

    job: int
    document: Document
    targets: tuple[NodeId, ...] = ()


@dataclass(frozen=True)
class Fetch:
    """Send the full picture number `index` that has this key, for the viewer."""

    node: NodeId
    key: str
    index: int = 0


@dataclass(frozen=True)
class Look:
    """Show the results that `Planned` called cached: a `Face` comes for each that is still there.

    job: the plan's. keys: by node.
    """

    job: int
    keys: Mapping[NodeId, str]


@dataclass(frozen=True)
class Free:
    """Let go of all weights now, for other programs. Results stay; a run goes on with its own."""


@dataclass(frozen=True)
class Leave:
    """End now, whatever runs; put the results that can be kept where the next worker finds them."""


@dataclass(frozen=True)
class Quit: ...


Command: TypeAlias = Start | Stop | Plan | Look | Fetch | Free | Leave | Quit

# Events, from the worker up to the window


@dataclass(frozen=True)
class Picture:
    """A small picture to show: encoded JPEG or PNG, and the size of what it stands for."""

    data: bytes
    width: int
    height: int
    count: int = 1


@dataclass(frozen=True)
class Ready:
    """The worker has started; these are the stages it can run, on this device."""

    specs: tuple[StageSpec, ...]
    device: str = "CPU"
    broken: Mapping[str, str] = field(default_factory=dict[str, str])  # pack: why it did not load


@dataclass(frozen=True)
class Planned:
    """fate: "cached", "run", or a sentence that says why it cannot run. faults: the nodes that are
    themselves in the way; others with a sentence wait for one of these. keys: of what each node
    shows: its own results, or the picture that a sink takes."""

    job: int
    fate: Mapping[NodeId, str]
    faults: Collection[NodeId] = ()
    keys: Mapping[NodeId, str] = field(default_factory=dict[NodeId, str])


@dataclass(frozen=True)
class Face:
    """What is seen of a result that was made before; the fields are those of `Finished`."""

    job: int
    node: NodeId
    key: str
    seconds: float = 0.0
    picture: Picture | None = None
    text: str = ""
    held: int = 0


@dataclass(frozen=True)
class Queued:
    """The job has begun: these nodes will run, in this order; the others needed are cached."""

    job: int
    nodes: tuple[NodeId, ...]


@dataclass(frozen=True)
class Progress:
    """fraction: 0 to 1. step, steps: 0 where the stage does not count. doing: what goes on before
    or instead of steps, as "Loading the model"; empty where nothing is told."""

    job: int
    node: NodeId
    fraction: float
    step: int = 0
    steps: int = 0
    preview: Picture | None = None
    doing: str = ""


@dataclass(frozen=True)
class Finished:
    """seconds: what making it took, now or (cached) when it was made."""

    job: int
    node: NodeId
    key: str
    cached: bool
    seconds: float = 0.0
    picture: Picture | None = None
    text: str = ""  # what a stage that makes no picture wants shown: a path, a number
    held: int = 0  # bytes of memory under its results


@dataclass(frozen=True)
class Failed:
    """message: one sentence. details: the traceback."""

    job: int
    node: NodeId
    message: str
    details: str = ""


@dataclass(frozen=True)
class Ended:
    job: int
    cancelled: bool = False
    failed: bool = False
    seconds: float = 0.0


@dataclass(frozen=True)
class Fetched:
    """path: a raw uint8 file of (height, width, channels), the receiver's to delete. told: how the
    picture was made; which graph asked for it, the receiver knows."""

    node: NodeId
    key: str
    index: int
    path: str
    shape: tuple[int, int, int]
    told: Metadata = field(default_factory=Metadata)


@dataclass(frozen=True)
class Memory:
    """Bytes in use and in all, on the device."""

    used: int
    total: int


@dataclass(frozen=True)
class Weights:
    """One component of a model. where: "cuda:0", "cpu"… or "ram" if it waits for the device."""

    name: str
    where: str
    size: int  # bytes


@dataclass(frozen=True)
class Resident:
    """The weights that are loaded, and how the last model is held and why, as one line."""

    weights: tuple[Weights, ...] = ()
    plan: str = ""


@dataclass(frozen=True)
class Died:
    """The worker is gone; a new one is already starting. node: what it was running, if known.
    asked: it was told to. kept: how many of its results the new one has; of a worker that died by
    itself none can be saved."""

    job: int
    message: str
    node: NodeId | None = None
    asked: bool = False
    kept: int = 0


Event: TypeAlias = (
    Ready
    | Planned
    | Face
    | Queued
    | Progress
    | Finished
    | Failed
    | Ended
    | Fetched
    | Memory
    | Resident
    | Died
)
