"""How models are run, as the artist chooses it: kept in the settings, handed to the worker."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from nodeforge import ways
from nodeforge.app import picture_metadata, settings
from nodeforge.app.actions import Act
from nodeforge.app.words import tr
from nodeforge.base import units
from nodeforge.engine.messages import Event, Resident
from nodeforge.errors import BadValue

if TYPE_CHECKING:
    from nodeforge.app.session import Session
    from nodeforge.app.window import Window
    from nodeforge.app.worker import Worker

REST = 700  # ms without another choice, before the worker starts anew
MENU = "Run"
USUAL = {
    ways.MEMORY: "auto",
    ways.ATTENTION: "auto",
    ways.COMPILE: "auto",
    ways.LAST: "0",
}  # in other words


@dataclass(frozen=True)
class Option:
    """value: of the variable; empty is the usual one. about: what it does, in a line or two."""

    value: str
    title: str
    about: str


@dataclass(frozen=True)
class Choice:
    """prefix: what the ids of its acts begin with. variable: one of `ways.VARIABLES`."""

    prefix: str
    variable: str
    title: str
    options: tuple[Option, ...]


@cache
def choices() -> tuple[Choice, ...]:
    return (
        Choice("attention_", ways.ATTENTION, tr("Attention"), tuple(_routines())),
        Choice(
            "compile_",
            ways.COMPILE,
            tr("Compiling"),
            (
                Option(
                    "",
                    tr("Automatic"),
                    tr("A GPU replays what it did in a step: the same picture, quicker."),
                ),
                Option("off", tr("Off"), tr("Each step as the model was written.")),
                Option(
                    "blocks",
                    tr("Repeated blocks"),
                    tr("Seconds the first time, then quicker; the picture changes a little."),
                ),
                Option(
                    "whole",
                    tr("The whole model"),
                    tr("Minutes the first time, then quicker; the picture changes a little."),
                ),
            ),
        ),
        Choice(
            "channels_",
            ways.LAST,
            tr("Channels last"),
            (
                Option("", tr("Off"), tr("Weights lie as the model was written.")),
                Option(
                    "1",
                    tr("On"),
                    tr("As tensor cores like it: often quicker for SD 1.5 and SDXL on a GPU."),
                ),
            ),
        ),
        Choice("memory_", ways.MEMORY, tr("Memory"), tuple(_held())),
    )


def _routines() -> Iterator[Option]:
    yield Option("", tr("Automatic"), tr("The quickest that fits, as torch chooses it."))
    yield Option("flash", tr("Flash"), tr("Quick and lean, for 16 bits on newer GPUs."))
    yield Option("cudnn", tr("cuDNN"), tr("NVIDIA's own; often the quickest on H100 and newer."))
    yield Option("efficient", tr("Memory efficient"), tr("Lean, also on older GPUs."))
    yield Option("math", tr("Plain mathematics"), tr("Works everywhere; slow, and needs memory."))
    for value, title, package in (
        ("sage", tr("Sage"), "sageattention"),
        ("_flash_3", tr("Flash 3"), "flash_attn_interface"),
    ):
        if importlib.util.find_spec(package):
            yield Option(value, title, tr("From a package you installed; newer models only."))


def _held() -> Iterator[Option]:
    yield Option(
        "", tr("Automatic"), tr("The quickest way that fits into the memory that is free.")
    )
    yield Option("resident", tr("All on the GPU"), tr("The quickest, if the model fits."))
    yield Option("offload", tr("Parts take turns"), tr("What waits lies in main memory."))
    yield Option("stream", tr("Blocks take turns"), tr("For models larger than the GPU; slower."))
    yield Option("fp8", tr("8 bits"), tr("Half the memory; the picture changes a little."))
    for value, title, package in (
        ("int8", tr("8 bits, integers"), "torchao"),
        ("nf4", tr("4 bits"), "bitsandbytes"),
    ):
        about = tr("Even less memory; the picture changes a little.")
        if not importlib.util.find_spec(package):
            about = tr("Needs the package {}, which is not installed.").format(package)
        yield Option(value, title, about)


def outside(variable: str) -> bool:
    """Whether it was set before the program started: then that counts."""
    return bool(os.environ.get(variable, "").strip())


def chosen() -> dict[str, str]:
    """By variable, what is not as usual. What this version does not know is left out."""
    found = {choice.variable: settings.text(choice.variable) for choice in choices()}
    for choice in choices():
        if found[choice.variable] not in [option.value for option in choice.options]:
            del found[choice.variable]
    limit = settings.text(ways.LIMIT)
    if not fault(limit):
        found[ways.LIMIT] = limit
    return {name: value for name, value in found.items() if value}


def fault(limit: str) -> str:
    """What is wrong with a memory limit, as a sentence, or ""."""
    try:
        units.read_amount(limit, lambda: 1)
    except BadValue as error:
        said = str(error)
        return f"{said[:1].upper()}{said[1:]}."
    return ""


def engine(say: Callable[[Event], None]) -> Worker:
    """A worker process that runs models as is chosen when it starts."""
    from nodeforge.engine.client import Engine  # a process: only when asked

    return Engine(say, chosen, picture_metadata.marks)


class Tuning(QObject):
    """The choices of this window, and the worker that may still run as it was before."""

    changed = Signal()
    renewed = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.wanted = chosen()
        self._old = self.wanted  # what the worker was started with
        self._rest = QTimer(self, singleShot=True, interval=REST)
        self._rest.timeout.connect(self.settle)
        session.settling.connect(self.settle)
        session.running_changed.connect(lambda _: self.settle())

    @property
    def pending(self) -> bool:
        """Whether the worker runs otherwise than is chosen."""
        return self.session.worker is not None and self._old != self.wanted

    def value(self, variable: str) -> str:
        """In force now or from the next run on: from outside, else as it is chosen."""
        value = ways.told(variable) if outside(variable) else self.wanted.get(variable, "")
        return "" if value == USUAL.get(variable) else value

    def option(self, choice: Choice) -> Option:
        value = self.value(choice.variable)
        found = [option for option in choice.options if option.value == value]
        return found[0] if found else Option(value, value, "")

    def choose(self, variable: str, value: str) -> None:
        """From the next run on; one that goes on is not disturbed."""
        if value == settings.text(variable) or outside(variable):
            return
        settings.put(variable, value)
        self.wanted = chosen()
        if self.session.worker is None:
            self._old = self.wanted
        elif self.session.running and self.pending:
            self.session.noticed.emit(
                "info", tr("This run goes on as it began; the next one is so."), ""
            )
        self._rest.start()
        self.changed.emit()

    def settle(self) -> None:
        """Where nothing runs, start the worker anew as is chosen now."""
        if self.session.running or not self.pending:
            return
        self._rest.stop()
        self._old = self.wanted
        assert self.session.worker is not None
        self.session.worker.renew()
        self.session.runs.device = ""
        self.session.news.emit(Resident())
        words = tr(
            "The worker starts anew with this choice. The next run makes its pictures again."
        )
        self.session.noticed.emit("info", words, "")
        self.renewed.emit()


def tuning_acts(window: Window) -> Iterator[Act]:
    """One for each option, and one that goes to the limit."""
    tuning = window.tuning
    for choice in choices():
        for number, option in enumerate(choice.options):
            yield Act(
                f"{choice.prefix}{option.value or 'usual'}",
                option.title,
                partial(tuning.choose, choice.variable, option.value),
                menu=MENU,
                opens=choice is choices()[0] and not number,
                checked=partial(_is_on, tuning, choice, option),
                enabled=partial(_is_free, choice.variable),
                within=choice.title,
                about=option.about,
                why=from_outside(choice.variable),
            )
    yield Act(
        "memory-limit",
        tr("Memory limit…"),
        lambda: window.show_preferences().go_to(ways.LIMIT),
        menu=MENU,
        enabled=partial(_is_free, ways.LIMIT),
        why=from_outside(ways.LIMIT),
    )


def from_outside(variable: str) -> str:
    return tr("{} is set outside, and that counts.").format(variable)


def _is_on(tuning: Tuning, choice: Choice, option: Option) -> bool:
    return tuning.option(choice) == option


def _is_free(variable: str) -> bool:
    return not outside(variable)
