"""`@stage`: the signature of a function is the declaration of a node."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Generic, ParamSpec, TypeVar, overload

from nodeforge.errors import BadStage
from nodeforge.graph.spec import ANY, Port, StageSpec, Value, Variant
from nodeforge.stages.signature import WIRES, Words, describe, run_name

P = ParamSpec("P")
R = TypeVar("R")
F = TypeVar("F", bound=Callable[..., Any])
Values = Mapping[str, Value]
Upgrade = Callable[[Values], Values]


class Stage(Generic[P, R]):
    """A function the graph can run. It is still called like a function.

    run_name: the parameter that takes the Run, or empty. doing: what it does, as it is shown while
    no steps are. upgrades: by the version they lead to.
    """

    def __init__(self, fn: Callable[P, R], words: Words) -> None:
        self.fn = fn
        self.spec: StageSpec = describe(fn, words)
        self.run_name: str = run_name(fn)
        self.doing = words.doing
        self.upgrades: dict[int, Upgrade] = {}
        functools.update_wrapper(self, fn)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        return self.fn(*args, **kwargs)

    def __repr__(self) -> str:
        return f"<stage {self.spec.id}>"

    def results(self, returned: object) -> list[object]:
        """What was returned, as the value of each output port, in order.

        Raises BadStage when it is not what the signature promised.
        """
        outputs = self.spec.outputs
        if len(outputs) < 2:
            values: Sequence[object] = [returned][: len(outputs)]
        elif isinstance(returned, tuple) and len(returned) == len(outputs):
            values = returned
        else:
            raise BadStage(f"{self.spec.title} should have returned {len(outputs)} values")
        for port, value in zip(outputs, values, strict=True):
            self._check(port, value)
        return list(values)

    def _check(self, port: Port, value: object) -> None:
        types = tuple(wire for wire, name in WIRES.items() if name == port.type)
        if port.type != ANY and not isinstance(value, types):
            raise BadStage(
                f"{self.spec.title} should have made {port.type} for {port.name}, "
                f"but made {type(value).__name__}: the fault is in the pack {self.spec.pack}"
            )

    def upgrade(self, to: int) -> Callable[[F], F]:
        """Register how saved values of version `to - 1` become version `to`.

        Such a function takes and returns Values: only what differed from the defaults then.
        """
        if not 1 < to <= self.spec.version:
            raise BadStage(
                f"The stage {self.spec.id} cannot be upgraded to version {to}: "
                f"it has versions 1 to {self.spec.version}"
            )

        def register(upgrade: F) -> F:
            self.upgrades[to] = upgrade
            return upgrade

        return register

    def upgraded(self, values: Values, version: int) -> Values:
        """Values saved by `version`, as the current version means them."""
        for to in range(version + 1, self.spec.version + 1):
            values = self.upgrades[to](values) if to in self.upgrades else values
        return values


@overload
def stage(fn: Callable[P, R], /) -> Stage[P, R]: ...
@overload
def stage(
    *,
    version: int = 1,
    effect: bool = False,
    icon: str = "",
    title: str = "",
    category: str = "",
    variants: tuple[Variant, ...] = (),
    doing: str = "",
) -> Callable[[Callable[P, R]], Stage[P, R]]: ...
def stage(fn: Any = None, /, **words: Any) -> Any:
    """Declare a stage.

    version: raise it when saved values change their meaning, and register an upgrade.
    effect: it writes something, so it always runs and is never cached. icon: a Lucide name.
    title: from the function's name if empty. category: the palette group, and the first half of
    the id; the module's name if empty. variants: further palette entries of the same stage.
    doing: what it does while it runs, as "Reading the prompt", if it may take a while.

    Raises BadStage, with a sentence that names the function, when the declaration is wrong.
    """

    def declare(fn: Callable[P, R]) -> Stage[P, R]:
        return Stage(fn, Words(**words))

    return declare if fn is None else declare(fn)
