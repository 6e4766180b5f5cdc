"""The progress bar of the command line, on a terminal and in a log."""

from __future__ import annotations

from nodeforge.cli.bar import Bar
from nodeforge.engine.messages import Failed, Finished, Progress, Queued
from nodeforge.graph.document import NodeId


class Terminal:
    """A stream that is a terminal, or not, and keeps what was written."""

    def __init__(self, live: bool) -> None:
        self.live, self.text = live, ""

    def isatty(self) -> bool:
        return self.live

    def write(self, text: str) -> int:
        self.text += text
        return len(text)

    def flush(self) -> None: ...


def drawn(live: bool) -> str:
    terminal, times = Terminal(live), iter([0.0, 0.0, 10.0, 20.0])
    node = NodeId("n")
    bar = Bar(terminal, {node: "Sample"}, lambda: next(times))
    bar(Queued(1, (node,)))
    bar(Progress(1, node, 0.0))
    bar(Progress(1, node, 0.5, 10, 20))
    bar(Finished(1, node, "key", False, 20.0))
    bar(Failed(1, node, "It broke."))
    bar.close()
    return terminal.text


def test_a_terminal_gets_one_line_that_fills() -> None:
    shown = drawn(live=True)
    assert "[1/1] Sample  ████████████░░░░░░░░░░░░  10/20  0:10 left" in shown
    assert shown.endswith("\r\x1b[K")


def test_a_log_gets_plain_lines() -> None:
    lines = drawn(live=False).splitlines()
    assert lines[0] == "[1/1] Sample  50%  10/20  0:10 left"
    assert lines[1] == "[1/1] Sample  20.0 s"
    assert "failed: It broke." in lines[2]
