"""The house has one staircase and it only goes down. (After Gaphor's test_architecture.py.)"""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from nodeforge import resources
from nodeforge.families.foreign import OTHER
from nodeforge.families.table import FAMILIES

ROOT = Path(__file__).parent.parent / "nodeforge"
LAYERS = [
    *("errors", "resources", "base", "ways", "activity", "imaging", "values"),
    *("graph", "families", "models", "interop", "diffusion", "training", "stages", "engine"),
    *("app", "bench", "cli", "__main__"),
]
# Who may import a library: a folder or a module, from the package down. Benchmarks measure all.
HOMES = {
    "PySide6": ("app", "bench"),
    "shiboken6": ("app", "bench"),
    "NodeGraphQt": ("app/canvas",),
    "Qt": ("app/canvas",),
    "torch": ("diffusion", "training", "bench"),
    "diffusers": ("diffusion", "training", "bench"),
    "transformers": ("diffusion", "training", "bench"),
    "accelerate": ("diffusion",),
    "peft": ("diffusion", "training"),
    "safetensors": ("diffusion", "training", "engine"),
    "spandrel": ("diffusion",),
    "gguf": ("diffusion",),
    "imagecodecs": ("imaging",),
    "tifffile": ("imaging",),
    "pi_heif": ("imaging",),
}
VAGUE = ("Manager", "Helper", "Utils", "Util", "Base")
MODULES = sorted(path for path in ROOT.rglob("*.py") if path.stat().st_size)
every_module = pytest.mark.parametrize(
    "path", MODULES, ids=[path.relative_to(ROOT).as_posix() for path in MODULES]
)


@every_module
def test_imports_go_down(path: Path) -> None:
    here = path.relative_to(ROOT).parts[0].removesuffix(".py")
    for name in ours(path):
        assert LAYERS.index(name.split(".")[1]) <= step(here), f"{here} may not know {name}"


@every_module
def test_every_library_has_one_door(path: Path) -> None:
    here = path.relative_to(ROOT).as_posix()
    for name in imports(path):
        homes = HOMES.get(name.partition(".")[0], ("",))
        assert any(here.startswith(home) for home in homes), f"{name} belongs in {homes}"


@every_module
def test_modules_stay_readable(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 400


@every_module
def test_the_first_line_says_the_idea(path: Path) -> None:
    assert ast.get_docstring(tree(path)), "a module begins with a docstring"


@every_module
def test_names_mean_something(path: Path) -> None:
    classes = [item.name for item in ast.walk(tree(path)) if isinstance(item, ast.ClassDef)]
    assert not [name for name in classes if name.endswith(VAGUE)]


@pytest.mark.parametrize("path", sorted((ROOT / "graph").rglob("*.py")), ids=lambda p: p.name)
def test_the_graph_needs_only_the_standard_library(path: Path) -> None:
    tops = {name.partition(".")[0] for name in imports(path)}
    assert tops <= {"nodeforge", *sys.stdlib_module_names}


def test_the_table_of_families_needs_only_the_standard_library() -> None:
    found = {name for path in (ROOT / "families").glob("*.py") for name in imports(path)}
    tops = {name.partition(".")[0] for name in found}
    assert tops <= {"nodeforge", *sys.stdlib_module_names}
    assert all(name.startswith("nodeforge.families.") for name in found if "nodeforge" in name)


def test_a_family_is_named_in_one_place() -> None:
    """Its entry. A licence may be called "other", too."""
    ids = {*FAMILIES}
    named = {
        path.relative_to(ROOT).as_posix(): found
        for path in MODULES
        if (found := ids & {n.value for n in ast.walk(tree(path)) if isinstance(n, ast.Constant)})
    }
    assert named.pop("models/hub.py", set()) <= {OTHER.id}
    assert named == {"families/table.py": ids - {OTHER.id}, "families/foreign.py": {OTHER.id}}


def test_a_family_has_one_module_and_one_entry() -> None:
    modules = {path.stem for path in (ROOT / "diffusion" / "families").glob("[!_]*.py")}
    assert modules - {"colours"} == {id.replace("-", "_") for id in FAMILIES}


def test_what_may_come_in_one_file_has_a_resource() -> None:
    described = {path.stem for path in resources.path("families").glob("*.json")}
    assert {entry.id for entry in FAMILIES.values() if entry.network} <= described


@pytest.mark.parametrize("path", sorted((ROOT / "models").rglob("*.py")), ids=lambda p: p.name)
def test_the_library_of_models_needs_hardly_more(path: Path) -> None:
    tops = {name.partition(".")[0] for name in imports(path)}
    doors = {"platformdirs", "yaml", "huggingface_hub"}
    assert tops <= {"nodeforge", *doors, *sys.stdlib_module_names}


@pytest.mark.parametrize("path", sorted((ROOT / "app").rglob("*.py")), ids=lambda p: p.name)
def test_the_window_knows_only_the_engines_door(path: Path) -> None:
    for name in ours(path):
        assert not name.startswith(("nodeforge.stages", "nodeforge.diffusion")), name
        if name.startswith("nodeforge.engine"):
            assert name.split(".")[2] in ("client", "messages"), name


def test_the_engine_reaches_the_mathematics_by_imports_alone() -> None:
    """What is loaded late enters itself in `base.mathematics`; a name in a string nobody checks."""
    for path in (ROOT / "engine").glob("*.py"):
        names = {ast.unparse(n) for n in ast.walk(tree(path)) if isinstance(n, ast.Attribute)}
        assert not names & {"sys.modules", "importlib.import_module"}, path.name


def test_the_window_loads_neither_torch_nor_stages() -> None:
    heavy = {"torch", "diffusers", "transformers", "nodeforge.stages", "nodeforge.diffusion"}
    assert not heavy & loaded_by("nodeforge.app.window")


def test_the_graph_loads_neither_numpy_nor_qt() -> None:
    names = [f"nodeforge.graph.{path.stem}" for path in sorted((ROOT / "graph").glob("[!_]*.py"))]
    assert not {"numpy", "PIL", "PySide6", "torch"} & loaded_by(*names)


def test_the_command_line_starts_without_anything_heavy() -> None:
    loaded = loaded_by("nodeforge.cli", "nodeforge.cli.window")
    assert not {"numpy", "PySide6", "torch", "nodeforge.stages"} & loaded


def loaded_by(*modules: str) -> set[str]:
    code = f"import sys, {', '.join(modules)}; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT.parent, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


def step(name: str) -> int:
    """Which stair a file of the package stands on; `nodeforge/__init__.py` is below them all."""
    return -1 if name == "__init__" else LAYERS.index(name)


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def ours(path: Path) -> list[str]:
    names = [name for name in imports(path) if name.startswith("nodeforge.")]
    return [name for name in names if name != "nodeforge.__version__"]


def imports(path: Path) -> Iterator[str]:
    """What a module imports anywhere, apart from what is only named for type checkers."""
    for item in running(tree(path)):
        if isinstance(item, ast.Import):
            yield from (alias.name for alias in item.names)
        elif isinstance(item, ast.ImportFrom):
            yield from (f"{item.module}.{alias.name}" for alias in item.names)


def running(node: ast.AST) -> Iterator[ast.AST]:
    """All below this node but the bodies of `if TYPE_CHECKING`."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING":
            continue
        yield child
        yield from running(child)
