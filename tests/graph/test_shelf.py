from __future__ import annotations

from pathlib import Path

import pytest

from nodeforge.errors import BadFile, DiskError
from nodeforge.graph.document import Document, Spot
from nodeforge.graph.file import SUFFIX, dumps, load
from nodeforge.graph.groups import grouped, reveal_param
from nodeforge.graph.shelf import keep, kept, read_kept
from tests.graph.samples import SPECS, n, picture


def sharpening(title: str = "Crisp") -> tuple[Document, str]:
    document, inner = grouped(picture(), SPECS, [n("sharp")], "Inner")
    document, outer = grouped(document, SPECS, [inner], title)
    return reveal_param(document, outer, Spot(n("sharp"), "amount")), outer


def test_a_kept_group_comes_back_with_its_ports_and_parameters(tmp_path: Path) -> None:
    document, id = sharpening()
    path = keep(tmp_path / "groups", document, n(id))
    assert path.name == "Crisp.nodeforge"
    (found,), said = kept(path.parent)
    assert said == []
    assert found.name == "Crisp"
    assert set(found.document.nodes) == {"sharp"}
    assert not found.document.nodes[n("sharp")].links
    assert found.group == document.groups[n(id)]
    assert load(path) == found.document


def test_groups_of_one_name_are_kept_beside_one_another(tmp_path: Path) -> None:
    names = []
    for title in ("Crisp", "Crisp", "a/b: c?", "", "x" * 300):
        document, id = sharpening(title)
        names.append(keep(tmp_path, document, n(id)).stem)
    assert names == ["Crisp", "Crisp 2", "a b c", "Group", "x" * 80]


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("", "bad.nodeforge cannot be opened"),
        (dumps(picture()), "does not hold just one group"),
        (dumps(Document()), "does not hold just one group"),
        ('{"format": 2, "groups": {"g": {"inputs": 3}}}', "bad.nodeforge is damaged"),
        ('{"format": 9}', "newer NodeForge"),
    ],
)
def test_what_holds_no_group_is_passed_over_with_a_sentence(
    text: str, word: str, tmp_path: Path
) -> None:
    document, id = sharpening()
    keep(tmp_path, document, n(id))
    (tmp_path / f"bad{SUFFIX}").write_text(text)
    (tmp_path / "notes.txt").write_text("not ours")
    found, said = kept(tmp_path)
    assert [each.name for each in found] == ["Crisp"]
    assert len(said) == 1
    assert word in said[0]
    assert said[0].endswith(".")
    with pytest.raises(BadFile):
        read_kept(tmp_path / f"bad{SUFFIX}")


def test_where_nothing_can_be_written_it_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    document, id = sharpening()
    with pytest.raises(DiskError, match="cannot be made"):
        keep(tmp_path / "file", document, n(id))
    assert kept(tmp_path / "nowhere") == ([], [])
