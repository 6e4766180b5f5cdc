"""Every text of the window can be translated: no word reaches a widget but through `tr`."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import nodeforge.app

ROOT = Path(nodeforge.app.__file__).parent
MODULES = sorted(ROOT.rglob("*.py"))
SHOWS = {
    *("QLabel", "QAction", "QMenu", "QCheckBox", "QPushButton", "QGroupBox", "QRadioButton"),
    *("Button", "Press", "PanelTitle", "Tabs", "Empty", "Act", "SearchLine"),
    *("setText", "setToolTip", "setWindowTitle", "setPlaceholderText", "setAccessibleName"),
    *("setStatusTip", "addAction", "addMenu", "addTab", "addItem", "drawText"),
    *("edit", "emit", "tell", "say", "sign", "information", "question", "warning"),
}
WORDS = re.compile(r"[A-Z][a-z]+(?![a-z]*[A-Z_])|[a-z]{2,} [a-z]")
NAMES = {"NodeForge", "Esc", "Tab", "Ctrl ↵"}
ACTS = {"Act"}  # of which only the title is a text


def called(node: ast.Call) -> str:
    match node.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""


def texts(node: ast.expr, constants: dict[str, str]) -> Iterator[str]:
    """The words in an argument that did not go through `tr`."""
    match node:
        case ast.Constant(value=str(text)):
            yield text
        case ast.JoinedStr(values=parts):
            yield "".join(str(part.value) for part in parts if isinstance(part, ast.Constant))
        case ast.IfExp(body=one, orelse=other):
            yield from texts(one, constants)
            yield from texts(other, constants)
        case ast.Name(id=name):
            yield constants.get(name, "")
        case ast.Call(func=ast.Attribute(value=inner, attr="format")):
            yield from texts(inner, constants)
        case ast.BinOp(left=one, right=other):
            yield from texts(one, constants)
            yield from texts(other, constants)


def shows(node: ast.Call) -> bool:
    """Whether it puts words into view. `act` is a step of the history where it is a method."""
    history = called(node) == "act" and isinstance(node.func, ast.Attribute)
    return history or called(node) in SHOWS


def untold(source: str) -> list[str]:
    """Texts that are shown as they stand, with their lines."""
    tree = ast.parse(source)
    constants = {
        target.id: node.value.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
        for target in node.targets
        if isinstance(target, ast.Name) and isinstance(node.value.value, str)
    }
    found = []
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not shows(node):
            continue
        arguments = node.args[1:2] if called(node) in ACTS else node.args
        named = [each.value for each in node.keywords if each.arg in ("text", "placeholderText")]
        for argument in (*arguments, *named):
            for text in texts(argument, constants):
                if WORDS.search(text) and text not in NAMES:
                    found.append(f"{node.lineno}: {text}")
    return found


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_text_can_be_translated(path: Path) -> None:
    assert untold(path.read_text("utf-8")) == []


@pytest.mark.parametrize(
    "source",
    [
        'QLabel("Nothing yet")',
        'session.edit(f"Delete {n} nodes", after)',
        'HINT = "Point at it"\nlabel.setText(HINT)',
        'session.act("Mute" if on else tr("Unmute"), after)',
    ],
)
def test_a_text_as_it_stands_is_found(source: str) -> None:
    assert untold(source)
