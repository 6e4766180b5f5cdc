"""The command line: what it makes, what it says, and how it ends."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from importlib import import_module
from inspect import signature
from pathlib import Path
from types import ModuleType

import pytest
from PIL import Image as Pil

from nodeforge import __version__, cli, resources
from nodeforge.cli.nodes import find, parse, with_seed, with_value
from nodeforge.cli.saving import SAVE, saving
from nodeforge.cli.stages import describe, kind
from nodeforge.cli.window import has_screen, refuse_qt
from nodeforge.cli.words import USAGE
from nodeforge.errors import BadFile, BadValue, NodeForgeError
from nodeforge.graph.document import Document, Link, Node, NodeId, Spot
from nodeforge.graph.file import load, save
from nodeforge.graph.groups import grouped, reveal_param
from nodeforge.graph.spec import Choice, Dice, Number, Text, Toggle
from nodeforge.interop.metadata import read
from nodeforge.models import hub
from nodeforge.stages.library import Library
from tests.models.hub_server import Hub, serving

SPECS = Library.installed().specs
STARTER = resources.path("graphs/text-to-image.nodeforge")
GRAPHS = sorted(resources.path("graphs").glob("*.nodeforge"))
FEW = ("--set", "sample.steps=2")


def sharpening(folder: Path, **values: str | float) -> Path:
    """A graph without a model: a picture, sharpened, seen."""
    one, two = NodeId("one"), NodeId("two")
    document = Document().add(
        Node(one, "source.load_image", values={"file": "graphs/sketch.png"}),
        Node(two, "picture.sharpen", values=values),
    )
    path = folder / "small.nodeforge"
    save(path, document.connect(one, "image", two, "image"), SPECS)
    return path


# Running


def test_the_starter_graph_makes_a_picture_and_says_where(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["run", str(STARTER), *FEW, "--out", str(tmp_path)]) == 0
    out, err = capfd.readouterr()
    (picture,) = tmp_path.glob("*.png")
    assert out.splitlines() == [str(picture)]
    assert "Sample" in err


def test_json_says_what_was_made(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = sharpening(tmp_path)
    assert cli.main(["run", str(path), "--out", str(tmp_path / "new"), "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["ok"] is True
    assert report["errors"] == {}
    assert report["seconds"] > 0
    assert [Path(picture).is_file() for picture in report["pictures"]] == [True]
    assert report["nodes"]["two"].keys() == {"cached", "seconds", "key"}


@pytest.mark.parametrize("format", ["png", "jpeg", "webp"])
def test_a_picture_is_as_good_as_its_graph(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], format: str
) -> None:
    path = sharpening(tmp_path)
    document = load(path)
    saved = Node(NodeId("save"), SAVE, values={"format": format})
    document = document.add(saved).connect(NodeId("two"), "image", saved.id, "image")
    save(path, document, SPECS)
    out = tmp_path / "private-name"
    assert cli.main(["run", str(path), "--out", str(out)]) == 0
    picture = Path(capsys.readouterr().out.strip())
    assert b"private-name" not in picture.read_bytes()
    assert cli.main(["check", str(picture)]) == 0
    assert "3 nodes, no problems" in capsys.readouterr().out
    assert cli.main(["run", str(picture), "--out", str(out), "--json"]) == 0
    again = json.loads(capsys.readouterr().out)["pictures"][0]
    assert Path(again).read_bytes() == picture.read_bytes()


def test_a_picture_without_a_graph_says_what_it_has(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "bare.png"
    Pil.new("RGB", (8, 8)).save(path)
    assert cli.main(["check", str(path)]) == USAGE
    assert "bare.png holds no NodeForge graph: drop it on the canvas" in capsys.readouterr().err


def test_what_pictures_tell_can_be_chosen(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = sharpening(tmp_path)
    for keep, graph in (("everything", True), ("settings", False), ("nothing", False)):
        out = tmp_path / keep
        assert cli.main(["run", str(path), "--out", str(out), "--metadata", keep]) == 0
        assert bool(read(next(out.glob("*.png"))).graph) == graph
    capsys.readouterr()


def test_another_value_is_another_key(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def keys(*words: str) -> dict[str, str]:
        path = sharpening(tmp_path)
        assert cli.main(["run", str(path), "--out", str(tmp_path), "--json", *words]) == 0
        nodes = json.loads(capsys.readouterr().out)["nodes"]
        return {id: node["key"] for id, node in nodes.items()}

    plain, changed = keys(), keys("--set", "sharpen.amount=0.9")
    assert plain["one"] == changed["one"]
    assert plain["two"] != changed["two"]


def test_what_a_wire_brings_is_not_set_from_outside(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, two, number = sharpening(tmp_path), NodeId("two"), NodeId("number")
    document = load(path).expose(two, "amount")
    save(path, document)
    assert cli.main(["run", str(path), "--set", "sharpen.amount=0.9"]) == 0, "not wired yet"
    document = document.add(Node(number, "source.number", values={"value": 0.5}))
    save(path, document.connect(number, "number", two, "amount"))
    capsys.readouterr()
    assert cli.main(["run", str(path), "--set", "sharpen.amount=0.9"]) == 2
    assert "set Number instead" in capsys.readouterr().err


def test_a_failure_in_the_graph_is_one_sentence_and_code_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["run", str(sharpening(tmp_path)), "--set", "load_image.file=gone.png", "--json"]
    assert cli.main(words) == 1
    out, err = capsys.readouterr()
    assert "gone.png" in json.loads(out)["errors"]["one"]
    assert "gone.png" in err
    assert "Traceback" not in err


def test_a_folder_that_cannot_be_made_is_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "taken").write_text("a file")
    words = ["run", str(sharpening(tmp_path)), "--out", str(tmp_path / "taken" / "in")]
    assert cli.main(words) == 1
    assert "choose another folder" in capsys.readouterr().err


@pytest.mark.skipif(sys.platform == "win32", reason="signals reach threads differently there")
def test_ctrl_c_stops_between_steps_with_code_130(tmp_path: Path) -> None:
    words = [sys.executable, "-m", "nodeforge", "run", str(STARTER), "--out", str(tmp_path)]
    with subprocess.Popen(
        [*words, "--set", "sample.steps=1000"], stderr=subprocess.PIPE, text=True
    ) as process:
        stop = threading.Timer(120, process.kill)
        stop.start()
        assert process.stderr is not None
        for line in process.stderr:
            if "Prompt" in line:
                process.send_signal(signal.SIGINT)
                break
        rest = process.stderr.read()
        stop.cancel()
    assert process.returncode == 130
    assert "Cancelled" in rest
    assert "Traceback" not in rest


@pytest.mark.parametrize("path", GRAPHS, ids=lambda path: path.stem)
def test_starter_graphs_have_no_problems(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["check", str(path)]) == 0
    assert "no problems" in capsys.readouterr().out


def test_every_starter_graph_has_a_picture_a_title_and_a_sentence() -> None:
    index = json.loads(resources.path("graphs/index.json").read_text("utf-8"))
    assert sorted(entry["file"] for entry in index) == [path.name for path in GRAPHS]
    for entry in index:
        assert resources.path(f"graphs/{entry['picture']}").is_file()
        assert entry["title"]
        assert entry["sentence"].endswith(".")


GONE: dict[str, tuple[str, dict[str, str | int | float], str]] = {
    "model": ("source.load_model", {"file": "/gone/dream.safetensors"}, "dream.safetensors"),
    "model by name": ("source.load_model", {"file": "castles-xl"}, "no model “castles-xl”"),
    "LoRA": ("guide.lora", {"file": "/gone/style.safetensors"}, "another LoRA"),
    "control": ("guide.control", {"file": "depths"}, "no control “depths”"),
    "upscaler": ("picture.upscale", {"file": "/gone/x4.safetensors"}, "another upscaler"),
    "picture": ("source.load_image", {"file": "gone.png"}, "no picture “gone.png”"),
    "no picture": ("source.load_image", {}, "No picture is chosen"),
    "folder": ("finish.save_image", {"folder": "/dev/null/in"}, "null is a file"),
    "template": ("finish.save_image", {"name": "{titel}"}, "{titel} means nothing here"),
    "template up": ("finish.save_image", {"name": "../x"}, "../x leads out of the folder"),
    "template away": ("finish.save_image", {"name": "C:\\x"}, "C:\\x leads out of the folder"),
    "folder as picture": ("source.load_image", {"file": "/"}, "is no file: choose another picture"),
    "half a letter": ("guide.prompt", {"text": "a \ud800"}, "sign 3 is half a letter"),
    "range": ("generate.sample", {"steps": 99999}, "99999 is not between 1 and 1000"),
    "seed": ("generate.sample", {"seed": -1}, "-1 is not between 0"),
    "unknown stage": ("comfy.ksampler", {"steps": 3}, "comfy.ksampler is not installed"),
}


@pytest.mark.parametrize("what", GONE)
def test_check_says_in_a_line_each_what_can_be_known_without_a_run(
    what: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stage, values, sentence = GONE[what]
    path = tmp_path / "graph.nodeforge"
    save(path, Document().add(Node(NodeId("x"), stage, values=values)))
    assert cli.main(["check", str(path)]) == 1
    lines = capsys.readouterr().out.splitlines()
    (line,) = [line for line in lines if sentence in line]
    assert "(x): " in line


def test_what_a_file_has_and_nobody_can_take_is_a_problem(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = sharpening(tmp_path)
    body = json.loads(path.read_text("utf-8"))
    body["nodes"]["n"] = {"stage": "source.number", "values": {"value": 10**400}}
    path.write_text(json.dumps(body), "utf-8")
    assert cli.main(["check", str(path)]) == 1
    (line,) = capsys.readouterr().out.splitlines()
    assert "far too large" in line


@pytest.mark.parametrize(
    ("document", "sentence"),
    [
        (Document(), "The graph is empty"),
        (Document().add(Node(NodeId("x"), "source.number", muted=True)), "Everything is muted"),
        (Document().add(Node(NodeId("x"), "dot.Image")), "There are only dots"),
    ],
)
def test_where_there_is_nothing_to_run_that_is_said(
    document: Document, sentence: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "graph.nodeforge"
    save(path, document)
    assert cli.main(["check", str(path)]) == 1
    assert sentence in capsys.readouterr().out
    assert cli.main(["run", str(path)]) == 1
    assert f"Nothing to run. {sentence}" in capsys.readouterr().err


def test_what_does_not_need_an_unknown_stage_runs_and_is_saved(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = sharpening(tmp_path)
    link = Link(NodeId("two"), "image")
    strange = Node(NodeId("x"), "comfy.preview", links={"images": (link,)})
    save(path, load(path).add(strange))
    assert cli.main(["run", str(path), "--out", str(tmp_path / "new")]) == 1
    assert len(list((tmp_path / "new").glob("*.png"))) == 1
    assert "comfy.preview is not installed" in capsys.readouterr().err


# What is saved


def test_a_graph_without_save_has_its_last_pictures_saved() -> None:
    document, saves = saving(load(STARTER), SPECS, None)
    (id,) = saves
    assert document.nodes[id].stage == SAVE
    assert document.nodes[id].links["image"][0].node == "view"


def test_out_moves_the_pictures_of_save_nodes() -> None:
    before = load(resources.path("graphs/finish.nodeforge"))
    document, saves = saving(before, SPECS, Path("here"))
    assert saves == {"save"}
    assert document.nodes[NodeId("save")].values["folder"] == "here"


# Setting values


@pytest.mark.parametrize("name", ["sample", "Sample", "generate.sample", " SAMPLE "])
def test_a_node_goes_by_id_title_or_stage(name: str) -> None:
    assert find(load(STARTER), name, SPECS).id == "sample"


def test_a_parameter_that_only_one_node_has_needs_no_node() -> None:
    document = with_value(load(STARTER), "steps=7", SPECS)
    assert document.nodes[NodeId("sample")].values["steps"] == 7


def test_a_title_with_spaces_and_dots_in_values_are_fine() -> None:
    document = with_value(load(STARTER), "Negative prompt.text=a.b=c", SPECS)
    assert document.nodes[NodeId("negative")].values["text"] == "a.b=c"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("sample.steps", "NODE.PARAM=VALUE"),
        ("smaple.steps=3", "Did you mean Sample"),
        ("sample.stepz=3", "Did you mean steps"),
        ("sample.steps=3.5", "not a whole number"),
        ("sample.steps=0", "not between 1 and 1000"),
        ("sample.steps=nan", "not a whole number"),
        ("sample.seed=18446744073709551616", "18446744073709551616 is not between 0 and 18446744"),
        ("sample.seed=1e19000", "not a whole number"),
        ("width=1.024", "can be read as 1.024 or as 1024: write 1024"),
        ("sample.guidance=7,125", "can be read as 7125 or as 7.125: write 7.1250"),
        ("width=99999", "99999 is not between 8 and 16384"),
        ("sample.guidance=nan", "not a number"),
        ("sample.sampler=eulr", "Did you mean Euler"),
        ("text=x", "Several nodes"),
        ("colour=x", "No node"),
    ],
)
def test_a_wrong_value_is_refused_with_what_there_is(words: str, sentence: str) -> None:
    with pytest.raises(BadValue, match=sentence):
        with_value(load(STARTER), words, SPECS)


def test_an_ambiguous_name_lists_the_candidates() -> None:
    document = Document().add(
        *(Node(NodeId(id), "picture.sharpen", title="Same") for id in ("first", "second"))
    )
    with pytest.raises(BadValue, match=r"first.*second"):
        find(document, "same", SPECS)


def test_seed_reaches_every_node_that_takes_one() -> None:
    document = with_seed(load(STARTER), 42, SPECS)
    assert document.nodes[NodeId("sample")].values["seed"] == 42
    with pytest.raises(BadValue):
        with_seed(load(STARTER), -1, SPECS)
    with pytest.raises(BadValue):
        with_seed(Document(), 1, SPECS)
    largest = with_seed(load(STARTER), 2**64 - 1, SPECS)
    assert largest.nodes[NodeId("sample")].values["seed"] == 2**64 - 1
    with pytest.raises(BadValue, match="18446744073709551616 is not between 0 and 18446744073709"):
        with_seed(load(STARTER), 2**64, SPECS)


def test_values_are_read_by_kind() -> None:
    assert parse("Off", Toggle()) is False
    assert parse("12", Number(whole=True)) == 12
    assert parse("1e-2", Number()) == 0.01
    assert parse("1.024", Number()) == 1.024, "as programs write it"
    assert parse("7,5", Number()) == 7.5
    assert parse("1'024", Number(whole=True)) == 1024
    assert parse("18446744073709551615", Dice()) == 2**64 - 1
    assert parse("EULER", Choice(("Euler", "Heun"))) == "Euler"
    assert parse(" as it is ", Text()) == " as it is "
    with pytest.raises(BadValue):
        parse("maybe", Toggle())


# Groups


def in_groups(folder: Path) -> tuple[Path, NodeId]:
    """one -> ( [ two ] ), the inner group titled Crisp, the outer Finish."""
    document = load(sharpening(folder))
    document, inner = grouped(document, SPECS, [NodeId("two")], "Crisp")
    document, outer = grouped(document, SPECS, [inner], "Finish it")
    document = reveal_param(document, outer, Spot(NodeId("two"), "amount"))
    path = folder / "grouped.nodeforge"
    save(path, document, SPECS)
    return path, outer


@pytest.mark.parametrize(
    "words",
    [
        "finish-it/sharpen.amount=0.9",
        "crisp/sharpen.amount=0.9",
        "Finish it/Crisp/Sharpen.amount=0.9",
        "finish_it/two.amount=0.9",
        "finish it.amount=0.9",
        "sharpen.amount=0.9",
        "amount=0.9",
    ],
)
def test_a_value_in_a_group_is_set_by_its_way_there(words: str, tmp_path: Path) -> None:
    document = load(in_groups(tmp_path)[0])
    assert with_value(document, words, SPECS).nodes[NodeId("two")].values == {"amount": 0.9}


def test_a_wrong_way_into_a_group_is_refused_with_what_there_is(tmp_path: Path) -> None:
    document = load(in_groups(tmp_path)[0])
    for words in ("crisp/load_image.file=x", "crip/sharpen.amount=0.9", "crisp.amount=0.9"):
        with pytest.raises(BadValue, match="Finish it/Crisp/Sharpen"):
            with_value(document, words, SPECS)


def test_a_graph_with_groups_runs_and_is_checked_as_if_there_were_none(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, outer = in_groups(tmp_path)
    keys = []
    for file in (path, tmp_path / "small.nodeforge"):
        assert cli.main(["run", str(file), "--out", str(tmp_path), "--json"]) == 0
        keys.append(json.loads(capsys.readouterr().out)["nodes"]["two"]["key"])
    assert keys[0] == keys[1]
    save(path, load(path).disconnect(NodeId("two"), "image"), SPECS)
    assert cli.main(["check", str(path)]) == 1
    assert "Finish it/Crisp/Sharpen (two): Needs an image" in capsys.readouterr().out
    save(path, load(path).mute(True, outer), SPECS)
    assert cli.main(["check", str(path)]) == 0


# Bad input


@pytest.mark.parametrize(
    "text",
    [
        "",
        "not json",
        '{"format": 1, "nodes": {"a": {"stage": "pic',
        '{"format": 999, "nodes": {}}',
        "[" * 200_000,
        '{"format": 1, "nodes": []}',
        "\x00\x01",
    ],
    ids=["empty", "words", "truncated", "newer", "nested", "list", "binary"],
)
@pytest.mark.parametrize("command", ["run", "check"])
def test_a_hostile_file_is_one_sentence_and_code_2(
    command: str, text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "bad.nodeforge"
    path.write_text(text, encoding="utf-8")
    assert cli.main([command, str(path)]) == 2
    out, err = capsys.readouterr()
    assert err.startswith("nodeforge: bad.nodeforge")
    assert err.count("\n") == 1
    assert not out


def test_a_missing_file_and_a_mistyped_command_are_told_apart(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert cli.main(["run", "nowhere.nodeforge"]) == 2
    assert "no graph file nowhere.nodeforge" in capsys.readouterr().err
    assert cli.main(["stagse"]) == 2
    assert "Did you mean stages?" in capsys.readouterr().err


def test_check_names_the_node_and_what_is_wrong(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "loose.nodeforge"
    save(path, Document().add(Node(NodeId("a"), "picture.sharpen")), SPECS)
    assert cli.main(["check", str(path)]) == 1
    assert capsys.readouterr().out.startswith("Sharpen (a): ")


@pytest.mark.parametrize(
    "words", [["run"], ["run", "x", "--seed", "y"], ["run", "x", "--device", "abacus"], ["bench"]]
)
def test_wrong_usage_is_code_2(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(words)
    assert ended.value.code == 2
    assert "usage:" in capsys.readouterr().err


# Stages


def test_stages_are_a_line_each_beginning_with_the_id(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["stages"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == list(SPECS)


def test_families_are_a_line_each_with_their_tasks(capsys: pytest.CaptureFixture[str]) -> None:
    from nodeforge.families.table import FAMILIES

    assert cli.main(["families"]) == 0
    lines = dict(line.split(maxsplit=1) for line in capsys.readouterr().out.splitlines())
    assert list(lines) == list(FAMILIES)
    assert lines["sd1"].split() == ["text-to-image", "image-to-image", "inpaint", "control"]
    assert lines["pixart"].strip() == "text-to-image"


@pytest.mark.parametrize("name", ["generate.sample", "sample", "Sample"])
def test_one_stage_is_shown_in_full(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["stages", name]) == 0
    shown = capsys.readouterr().out
    for param in SPECS["generate.sample"].params:
        assert param.name in shown
    assert "1 to 1000" in shown


def test_an_unknown_stage_gets_a_suggestion(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["stages", "sharpn"]) == 2
    assert "sharpen" in capsys.readouterr().err


def test_every_stage_can_be_described() -> None:
    for spec in SPECS.values():
        assert all(len(line) <= 100 for line in describe(spec) if " | " not in line)
    assert kind(Number()) == "number"


# The window's door


def test_qt_6_12_is_refused_on_an_older_python() -> None:
    refuse_qt("6.11.3", (3, 11))
    refuse_qt("6.12.0", (3, 12))
    with pytest.raises(NodeForgeError, match=r"6\.12\.0 does not work on Python 3\.11"):
        refuse_qt("6.12.0", (3, 11))


@pytest.mark.skipif(sys.platform != "linux", reason="other systems always have a screen")
def test_without_a_display_the_window_points_to_run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    assert not has_screen()
    assert cli.main([]) == 2
    err = capsys.readouterr().err
    assert "nodeforge run" in err
    assert "packaging/run --headless" in err


def test_the_window_opens_on_the_graph_and_runs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[tuple[Path | None, bool]] = []

    def start(path: Path | None = None, run: bool = False) -> int:
        heard.append((path, run))
        return 0

    real = import_module("nodeforge.app.start")
    assert signature(real.start).parameters.keys() == signature(start).parameters.keys()
    monkeypatch.setattr(real, "start", start)
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    assert cli.main([str(STARTER), "--run"]) == 0
    assert cli.main([]) == 0
    assert heard == [(STARTER, True), (None, False)]


def test_a_benchmark_gets_its_own_options(monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[list[str]] = []
    engine = ModuleType("nodeforge.bench.engine")
    engine.main = heard.append  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, engine.__name__, engine)
    assert cli.main(["bench", "engine", "--json", "--nodes", "5"]) == 0
    assert heard == [["--json", "--nodes", "5"]]


def test_a_terminal_without_the_letters_still_gets_the_words() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "nodeforge", "stages", "sample"],
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, b"")


def test_the_debug_setting_brings_the_traceback_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NODEFORGE_DEBUG", "1")
    with pytest.raises(BadFile):
        cli.main(["check", "nowhere.nodeforge"])


def test_version_and_help(capsys: pytest.CaptureFixture[str]) -> None:
    for words in (["--version"], ["--help"], ["run", "--help"], ["bench", "--help"]):
        with pytest.raises(SystemExit) as ended:
            cli.main(words)
        assert ended.value.code == 0
    shown = capsys.readouterr().out
    assert __version__ in shown
    assert "examples:" in shown


def test_a_reader_that_leaves_early_is_no_error() -> None:
    read, write = os.pipe()
    os.close(read)
    words = [sys.executable, "-m", "nodeforge", "stages"]
    done = subprocess.run(words, stdout=write, stderr=subprocess.PIPE, text=True, check=False)
    os.close(write)
    assert (done.returncode, done.stderr) == (0, "")


# Downloads


def test_a_model_is_downloaded_when_it_is_asked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub, "token", lambda: "")
    with serving(Hub()) as server:
        monkeypatch.setattr(hub, "endpoint", lambda: server.address)
        assert cli.main(["download", "org/name", "--list"]) == 0
        out, err = capsys.readouterr()
        assert "unet/diffusion_pytorch_model.fp16.safetensors" in out
        assert err == "nodeforge: org/name: 1.0 MB, licence openrail++.\n"
        assert len(server.asked) == 1
        assert cli.main(["download", "org/name", "--to", str(tmp_path)]) == 0
        out, err = capsys.readouterr()
        assert out.splitlines() == [str(tmp_path / "org--name")]
        assert "100%  1.0 MB of 1.0 MB" in err
        assert (tmp_path / "org--name" / "model_index.json").is_file()
        assert cli.main(["download", "org/nobody"]) == USAGE
        assert "no model “org/nobody”" in capsys.readouterr().err
