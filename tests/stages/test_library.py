"""Packs come in through entry points; a broken one is named and harms nothing."""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Callable, Iterator
from importlib.metadata import EntryPoint
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from nodeforge.errors import UnknownStage
from nodeforge.stages import library as library_module
from nodeforge.stages.library import BUILT_IN, GROUP, Library
from nodeforge.values import Image

ROOT = Path(__file__).parents[2]
PACKS = ROOT / "tests" / "packs"
OURS = set(Library.installed().specs)
Declare = Callable[..., None]

GOOD = '''
from nodeforge.stages.stage import stage

@stage(category="{category}")
def {name}(value: float = 0.0) -> float:
    """Hand on."""
    return value
'''


@pytest.fixture(autouse=True)
def _forget_packs() -> Iterator[None]:
    """Packs imported by a test are not there in the next."""
    before = set(sys.modules)
    yield
    for name in set(sys.modules) - before:
        if name.startswith(("pack_", "nodeforge_")):
            del sys.modules[name]


@pytest.fixture
def declare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Declare:
    """Write modules by name and let an entry point of the same name lead to each."""
    monkeypatch.syspath_prepend(tmp_path)
    points: list[EntryPoint] = []
    monkeypatch.setattr(library_module, "entry_points", lambda group: points)

    def declare(**sources: str) -> None:
        for name, source in sources.items():
            (tmp_path / f"{name}.py").write_text(source)
            points.append(EntryPoint(name, name, GROUP))

    return declare


def good(name: str, category: str = "packed") -> str:
    return GOOD.format(name=name, category=category)


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Install one of our packs as an installer would, metadata and all, for one test."""

    def install(name: str) -> None:
        project = tomllib.loads((PACKS / name / "pyproject.toml").read_text())["project"]
        info = tmp_path / f"{project['name'].replace('-', '_')}-{project['version']}.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n"
        )
        points = project["entry-points"][GROUP].items()
        lines = "".join(f"{point} = {target}\n" for point, target in points)
        (info / "entry_points.txt").write_text(f"[{GROUP}]\n{lines}")
        monkeypatch.syspath_prepend(PACKS / name)
        monkeypatch.syspath_prepend(tmp_path)

    return install


def test_our_own_stages_are_all_there() -> None:
    library = Library.installed()
    assert set(BUILT_IN) >= {"source", "guide", "generate", "picture", "finish"}
    assert {
        *("source.load_model", "source.load_image", "source.empty_latent"),
        *("source.text", "source.number", "guide.prompt"),
        *("generate.sample", "generate.encode", "generate.decode"),
        *("picture.resize", "picture.sharpen", "picture.blend"),
        *("finish.view", "finish.save_image"),
    } <= set(library)
    assert library.specs["picture.resize"] is library["picture.resize"].spec
    assert len(library) == len(library.specs)


def test_a_stage_nobody_has_is_said_in_a_sentence() -> None:
    library = Library()
    assert "x.y" not in library
    with pytest.raises(UnknownStage, match=r"No installed pack has the stage 'x\.y'"):
        library["x.y"]


def test_the_example_pack_loads_through_a_real_entry_point(
    installed: Callable[[str], None],
) -> None:
    installed("invert")
    library = Library.installed()
    assert "invert" not in library.broken
    invert = library["picture.invert"]
    assert (invert.spec.title, invert.spec.pack) == ("Invert", "nodeforge_invert")
    white = Image(np.ones((1, 8, 8, 3), np.float32))
    result = invert(white)
    assert not result.pixels.any()
    assert result.pixels.dtype == np.float32


def test_the_broken_pack_is_named_and_the_rest_loads(installed: Callable[[str], None]) -> None:
    installed("broken")
    library = Library.installed()
    assert "SystemExit('this pack wants a licence')" in library.broken["broken"]
    assert set(library) == OURS


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ("import nowhere_at_all", "No module named 'nowhere_at_all'"),
        ("syntax error", "SyntaxError"),
        ("raise SystemExit(3)", r"SystemExit\(3\)"),
        ("raise GeneratorExit", "GeneratorExit"),
        (good("f").replace('"""Hand on."""', ""), r"The stage pack_bad\.f has no docstring"),
        (good("resize", "picture"), "Two stages are called picture.resize"),
        (good("mine") + good("resize", "picture"), "nodeforge.stages.picture and one in pack_bad"),
        (good("twice") + "once = twice\n" + good("twice"), "Two stages are called packed.twice"),
    ],
)
def test_a_broken_pack_harms_nothing(declare: Declare, source: str, sentence: str) -> None:
    declare(pack_bad=source, pack_good=good("fine"))
    library = Library.installed()
    with pytest.raises(AssertionError, match=sentence):
        raise AssertionError(library.broken["pack_bad"])
    assert list(library.broken) == ["pack_bad"]
    assert set(library) == OURS | {"packed.fine"}
    assert library["picture.resize"].spec.pack == "nodeforge"


def test_of_two_packs_with_one_id_the_first_by_name_stays(declare: Declare) -> None:
    declare(pack_b=good("same"), pack_a=good("same"))
    library = Library.installed()
    assert library["packed.same"].spec.pack == "pack_a"
    assert "one in pack_a and one in pack_b" in library.broken["pack_b"]


def test_a_pack_may_borrow_our_stages(declare: Declare) -> None:
    declare(pack_borrows="from nodeforge.stages.picture import resize\n" + good("own"))
    library = Library.installed()
    assert not library.broken
    assert set(library) == OURS | {"packed.own"}


def test_an_entry_point_may_lead_to_a_list_of_modules(
    declare: Declare, monkeypatch: pytest.MonkeyPatch
) -> None:
    declare(pack_one=good("one"), pack_two=good("two"))
    both = "import pack_one, pack_two\nmodules = [pack_one, pack_two]\nother = 3"
    declare(pack_both=both)
    points = [
        EntryPoint("pack", "pack_both:modules", GROUP),
        EntryPoint("pack", "pack_both:other", GROUP),
        EntryPoint("pack", "pack_both:nothing", GROUP),
    ]
    monkeypatch.setattr(library_module, "entry_points", lambda group: points)
    library = Library.installed()
    assert set(library) == OURS | {"packed.one", "packed.two"}
    assert "no attribute 'nothing'" in library.broken["pack"]
    assert "neither a module" in library.broken["pack (pack_both:other)"]


def test_metadata_that_cannot_be_read_leave_our_own_stages(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def unreadable(group: str) -> list[EntryPoint]:
        raise TypeError("no = in a line")

    monkeypatch.setattr(library_module, "entry_points", unreadable)
    library = Library.installed()
    assert set(library) == OURS
    assert "no = in a line" in library.broken["packs"]


def test_our_own_faults_are_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(name: str) -> ModuleType:
        raise ImportError(name)

    monkeypatch.setattr(library_module, "import_module", failing)
    with pytest.raises(ImportError):
        Library.installed()


def test_interrupting_the_start_is_not_a_broken_pack(declare: Declare) -> None:
    declare(pack_slow="raise KeyboardInterrupt")
    with pytest.raises(KeyboardInterrupt):
        Library.installed()


def test_the_page_on_stages_shows_the_pack_that_is_tested() -> None:
    page = (ROOT / "nodeforge" / "docs" / "stages.md").read_text(encoding="utf-8")
    for file, language in (("nodeforge_invert.py", "python"), ("pyproject.toml", "toml")):
        source = (PACKS / "invert" / file).read_text(encoding="utf-8")
        assert f"```{language}\n{source}```" in page
    code = (PACKS / "invert" / "nodeforge_invert.py").read_text(encoding="utf-8")
    assert len([line for line in code.splitlines() if line]) == 8
