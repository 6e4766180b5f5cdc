"""`nodeforge train`: the command leads to tasks, and says clearly what is missing."""

from __future__ import annotations

from pathlib import Path

import pytest

from nodeforge import cli
from nodeforge.cli.train import OTHERS, TASKS, parser

PACK = Path(__file__).parent / "training" / "pack"


@pytest.mark.parametrize("name", [*TASKS, *OTHERS])
def test_every_command_explains_itself(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        cli.main(["train", name, "--help"])
    assert stopped.value.code == 0
    assert "--out" in capsys.readouterr().out


def test_a_missing_pack_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["train", "vae", "--out", str(tmp_path / "out"), "--minutes", "1", "--small"]
    assert cli.main([*words, "--data", str(tmp_path / "none")]) == 2
    told = capsys.readouterr().err.strip()
    assert "\n" not in told
    assert "none" in told


def test_minutes_must_be_given() -> None:
    with pytest.raises(SystemExit):
        parser().parse_args(["vae", "--out", "x"])


def test_a_task_runs_from_the_command_and_goes_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pack = tmp_path / "pack"
    pack.mkdir()
    for file in PACK.iterdir():
        (pack / file.name).write_bytes(file.read_bytes())
    words = ["train", "vae", "--out", str(tmp_path / "out"), "--minutes", "1", "--small"]
    words += ["--data", str(pack), "--workers", "0"]
    assert cli.main([*words, "--steps", "2"]) == 0
    assert (tmp_path / "out" / "model" / "vae" / "config.json").is_file()
    assert cli.main([*words, "--steps", "3"]) == 0
    told = capsys.readouterr().out
    assert "done after 2 steps" in told
    assert "done after 3 steps" in told
