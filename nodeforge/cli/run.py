"""`nodeforge run`: make a graph's pictures without a window."""

from __future__ import annotations

import argparse
import json
import os
import re
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from nodeforge.cli.bar import Bar
from nodeforge.cli.nodes import parse, place, title, with_seed, with_value
from nodeforge.cli.opening import installed, opened
from nodeforge.cli.saving import saving, telling
from nodeforge.cli.words import CANCELLED, FAILED, GRAPH_FILE, OK, Help, say, tell
from nodeforge.engine.cache import MemoryCache
from nodeforge.engine.execute import execute
from nodeforge.engine.messages import Ended, Event, Failed, Finished, Start
from nodeforge.errors import BadValue
from nodeforge.graph.document import Document, NodeId
from nodeforge.graph.problems import nothing_to_run
from nodeforge.graph.spec import Dice, Specs
from nodeforge.stages.library import Library

EPILOG = """\
examples:
  nodeforge run castle.nodeforge
  nodeforge run castle.nodeforge --seed 7 --out pictures
  nodeforge run castle.nodeforge --set sample.steps=30 --set 'prompt.text=a red dragon'
  nodeforge run castle.nodeforge --json > report.json

NODE is a node's id, its title, or its stage's last name, where only one node fits;
GROUP/NODE is one in a group, and GROUP.PARAM a parameter that the group shows;
`nodeforge stages sample` shows what can be set, and to what.
Pictures go where the graph's Save image nodes say, or to --out; a graph without
Save image has its last pictures written to --out, or to ./renders.

exit codes: 0 all went well, 1 something in the graph failed, 2 the command or the
graph file is wrong, 130 cancelled with Ctrl+C
"""


@dataclass
class Outcome:
    """What the events of one run add up to."""

    pictures: list[str] = field(default_factory=list[str])
    nodes: dict[NodeId, dict[str, object]] = field(default_factory=dict[NodeId, dict[str, object]])
    errors: dict[NodeId, str] = field(default_factory=dict[NodeId, str])
    details: dict[NodeId, str] = field(default_factory=dict[NodeId, str])
    ended: Ended = field(default_factory=lambda: Ended(0))
    idle: str = ""  # why there was nothing to run

    def hear(self, event: Event, saves: set[NodeId]) -> None:
        """Add an event. saves: the nodes whose text is the paths of pictures, one a line."""
        match event:
            case Finished(node=node):
                self.nodes[node] = {
                    "cached": event.cached,
                    "seconds": round(event.seconds, 4),
                    "key": event.key,
                }
                if node in saves:
                    self.pictures += event.text.splitlines()
            case Failed(node=node):
                self.errors[node], self.details[node] = event.message, event.details
            case Ended():
                self.ended = event

    @property
    def code(self) -> int:
        if self.ended.cancelled:
            return CANCELLED
        return FAILED if self.ended.failed or self.errors or self.idle else OK


def main(argv: Sequence[str]) -> int:
    given = _parser().parse_args(argv)
    if given.device:
        os.environ["NODEFORGE_DEVICE"] = given.device
    library = installed()
    specs = library.known
    asked = _asked(given, library)
    document, saves = saving(asked, specs, given.out)
    document = telling(document, saves, specs, given.metadata)
    start = Start(1, document, title=given.file.stem, marks=given.ai_mark, graph=asked)
    outcome = Outcome(idle=nothing_to_run(asked))
    bar = Bar(sys.stderr, {id: title(node, specs) for id, node in document.nodes.items()})

    def emit(event: Event) -> None:
        outcome.hear(event, saves)
        bar(event)

    try:
        with _interrupts() as cancelled:
            if not outcome.idle:
                execute(start, library, MemoryCache(), emit, cancelled)
    finally:
        bar.close()
    _report(outcome, document, specs, given.json)
    return outcome.code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="nodeforge run",
        formatter_class=Help,
        description="Make a graph's pictures without a window.",
        epilog=EPILOG,
    )
    parser.add_argument("file", type=Path, metavar="FILE", help=GRAPH_FILE)
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="NODE.PARAM=VALUE",
        help="change a value for this run; may be given again",
    )
    parser.add_argument("--seed", type=_seed, metavar="N", help="use this seed in every node")
    parser.add_argument("--out", type=Path, metavar="DIR", help="where the pictures go")
    parser.add_argument(
        "--metadata",
        choices=("everything", "settings", "nothing"),
        help="what the pictures tell: the graph and the settings, the settings only, or neither",
    )
    parser.add_argument(
        "--ai-mark",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="whether they say, for everyone, that a model drew them",
    )
    parser.add_argument(
        "--device", type=_device, metavar="NAME", help="cpu, cuda, cuda:1 or mps; else the best"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object at the end")
    return parser


def _seed(text: str) -> int:
    try:
        return int(parse(text, Dice()))
    except BadValue as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _device(name: str) -> str:
    if not re.fullmatch(r"cpu|mps|cuda(:\d+)?", name):
        raise argparse.ArgumentTypeError(f"{name!r} is not cpu, cuda, cuda:1 and so on, or mps")
    return name


def _asked(given: argparse.Namespace, library: Library) -> Document:
    """The graph in the file with the values from the command line."""
    document, specs = opened(given.file, library), library.known
    if given.seed is not None:
        document = with_seed(document, given.seed, specs)
    for assignment in given.set:
        document = with_value(document, assignment, specs)
    return document


@contextmanager
def _interrupts() -> Iterator[Callable[[], bool]]:
    """Whether Ctrl+C was pressed. The first asks the run to stop, the second ends it at once."""
    pressed = False

    def press(signum: int, frame: FrameType | None) -> None:
        nonlocal pressed
        if pressed:
            raise KeyboardInterrupt
        pressed = True

    before = signal.signal(signal.SIGINT, press)
    try:
        yield lambda: pressed
    finally:
        signal.signal(signal.SIGINT, before)


def _report(outcome: Outcome, document: Document, specs: Specs, as_json: bool) -> None:
    if as_json:
        body = {
            "ok": outcome.code == OK,
            "pictures": outcome.pictures,
            "seconds": round(outcome.ended.seconds, 4),
            "nodes": outcome.nodes,
            "errors": outcome.errors,
        }
        tell(json.dumps(body, indent=2))
    else:
        for path in outcome.pictures:
            tell(path)
    for id, message in outcome.errors.items():
        say(f"{place(document, document.nodes[id], specs)} ({id}): {message}")
        if os.environ.get("NODEFORGE_DEBUG"):
            sys.stderr.write(outcome.details[id])
    _say_last(outcome)


def _say_last(outcome: Outcome) -> None:
    """How it ended, where that is not seen."""
    ran = any(not each["cached"] for each in outcome.nodes.values())
    if outcome.ended.cancelled:
        say("Cancelled.")
    elif outcome.idle:
        say(f"Nothing to run. {outcome.idle}")
    elif outcome.errors and not ran:
        say("Nothing else could run.")
    elif not (outcome.pictures or outcome.errors):
        say("The graph ran but makes no picture; add a View or a Save image node.")
