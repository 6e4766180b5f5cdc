"""The commands on parameters: star, port, reset, presets; on words; and the view without canvas."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QApplication

from nodeforge.app.actions import Act
from nodeforge.app.prompt import PromptEdit
from nodeforge.app.row import Row
from nodeforge.app.words import tr

if TYPE_CHECKING:
    from nodeforge.app.window import Window


def parameter_acts(window: Window) -> tuple[Act, ...]:
    panels = window.panels

    def on_row(do: Callable[[Row], object]) -> Callable[[], None]:
        return lambda: panels.on_row(do)

    def in_words(keys: str) -> Callable[[], None]:
        def do() -> None:
            prompt = QApplication.focusWidget()
            if isinstance(prompt, PromptEdit):
                prompt.acts[keys][1]()

        return do

    def writing() -> bool:
        return isinstance(QApplication.focusWidget(), PromptEdit)

    def words(id: str, title: str, keys: str, opens: bool = False) -> Act:
        why = tr("Click into a prompt first.")
        do = in_words(keys)
        return Act(id, title, do, (keys,), "", "Edit", opens, enabled=writing, prompt=True, why=why)

    star, port, reset = on_row(Row.turn_star), on_row(Row.turn_port), on_row(Row.reset)
    return (
        Act("star", tr("Star the parameter"), star, ("S",), "star", "Edit", opens=True),
        Act("port", tr("Parameter as a port, or back"), port, ("Alt+P",), "", "Edit"),
        Act("reset", tr("Reset the parameter"), reset, ("Ctrl+Backspace",), "rotate-ccw", "Edit"),
        Act("presets", tr("Presets…"), panels.inspector.presets.pop, ("Alt+S",), "list", "Edit"),
        words("heavier", tr("More weight"), "Ctrl+Up", opens=True),
        words("lighter", tr("Less weight"), "Ctrl+Down"),
        words("comment", tr("Comment words out, or in"), "Ctrl+/"),
    )


def generator_act(window: Window) -> Act:
    generator = window.generator
    title, keys = tr("Only controls and picture"), ("F11",)
    return Act("generator", title, generator.toggle, keys, "", "View", checked=lambda: generator.on)
