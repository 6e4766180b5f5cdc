"""Which stages exist: whatever `Stage` objects the installed packs' modules hold."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from types import ModuleType
from typing import Any, TypeAlias

from nodeforge.errors import BadStage, NodeForgeError, UnknownStage
from nodeforge.graph.dots import dot_specs
from nodeforge.graph.spec import Specs, StageSpec
from nodeforge.stages.stage import Stage

GROUP = "nodeforge.stages"
BUILT_IN = ("source", "load", "guide", "generate", "picture", "finish")
AnyStage: TypeAlias = Stage[..., Any]


class Library:
    """Stages by id, our own first, in palette order.

    specs: their specs by id. broken: what did not load, and why, in a sentence.
    """

    def __init__(self) -> None:
        self._stages: dict[str, AnyStage] = {}
        self.specs: dict[str, StageSpec] = {}
        self.broken: dict[str, str] = {}

    @classmethod
    def installed(cls) -> Library:
        """Our own stages, then those of packs that declare `nodeforge.stages` entry points.

        Imports them all, so only the worker, the command line and tests call it. A pack that
        does not load is left out and named in `broken`.
        """
        library = cls()
        for name in BUILT_IN:
            library.add(import_module(f"nodeforge.stages.{name}"))
        try:
            points = sorted(entry_points(group=GROUP), key=lambda point: (point.name, point.value))
        except Exception as error:  # noqa: BLE001  one package with broken metadata
            library.broken["packs"] = f"The list of installed packs cannot be read: {error}"
            return library
        for point in points:
            library.load(point)
        return library

    @property
    def known(self) -> Specs:
        """All that a document may hold: the stages, and the dots in wires, which nothing runs."""
        return {**self.specs, **dot_specs(self.specs.values())}

    def add(self, *modules: ModuleType) -> None:
        """All the stages of these modules, or, with BadStage, none of them."""
        new: dict[str, AnyStage] = {}
        for stage in _stages(modules):
            id = stage.spec.id
            there = new.get(id) or self._stages.get(id, stage)
            if there is not stage:
                raise BadStage(
                    f"Two stages are called {id}, one in {there.__module__} and one in "
                    f"{stage.__module__}: rename one of them"
                )
            new[id] = stage
        self._stages |= new
        self.specs |= {id: stage.spec for id, stage in new.items()}

    def load(self, point: EntryPoint) -> None:
        """Add a pack; on any fault, even one that would end the process, name it in `broken`."""
        try:
            self.add(*_modules(point))
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001  a pack may raise anything, SystemExit too
            said = str(error) if isinstance(error, NodeForgeError) else repr(error)
            name = point.name if point.name not in self.broken else f"{point.name} ({point.value})"
            self.broken[name] = f"The pack {point.name} did not load: {said}"

    def __getitem__(self, id: str) -> AnyStage:
        try:
            return self._stages[id]
        except KeyError:
            raise UnknownStage(
                f"No installed pack has the stage {id!r}: install its pack or delete the node"
            ) from None

    def __contains__(self, id: object) -> bool:
        return id in self._stages

    def __iter__(self) -> Iterator[str]:
        return iter(self._stages)

    def __len__(self) -> int:
        return len(self._stages)


def _modules(point: EntryPoint) -> list[ModuleType]:
    """What the entry point leads to: a module or a list of them."""
    loaded = point.load()
    modules = list(loaded) if isinstance(loaded, list | tuple) else [loaded]
    if not all(isinstance(module, ModuleType) for module in modules):
        raise BadStage(f"its entry point {point.value!r} is neither a module nor a list of modules")
    return modules


def _stages(modules: tuple[ModuleType, ...]) -> Iterator[AnyStage]:
    """Stages made in these modules' own packages: one that a pack borrows stays where it is."""
    for module in modules:
        package = module.__name__.partition(".")[0]
        for thing in vars(module).values():
            if isinstance(thing, Stage) and thing.spec.pack == package:
                yield thing
