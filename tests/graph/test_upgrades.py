from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from nodeforge.errors import BadFile
from nodeforge.graph.spec import Value
from nodeforge.graph.upgrades import upgraded
from tests.graph.samples import SPECS, n, node, picture

NEWER = {**SPECS, "picture.sharpen": replace(SPECS["picture.sharpen"], version=3)}


def doubled(stage: str, version: int, values: Mapping[str, Value]) -> Mapping[str, Value]:
    assert (stage, version) == ("picture.sharpen", 1)
    return {"amount": float(values["amount"]) * 2}


def test_an_older_node_gets_the_values_of_the_installed_version() -> None:
    document = upgraded(picture(), NEWER, doubled)
    sharp = document.nodes[n("sharp")]
    assert (sharp.version, dict(sharp.values)) == (3, {"amount": 1.0})
    assert sharp.links == picture().nodes[n("sharp")].links
    assert list(document.nodes) == list(picture().nodes)
    assert upgraded(document, NEWER, doubled) is document


def test_newer_and_unknown_nodes_stay_as_they_are() -> None:
    document = picture().add(node("glow", "pack.glow", amount=1))
    document = document.add(replace(document.nodes[n("sharp")], version=9))
    assert upgraded(document, NEWER, doubled) is document


def test_an_upgrade_that_fails_names_the_node_and_the_pack() -> None:
    with pytest.raises(BadFile) as raised:
        upgraded(picture().reset(n("sharp"), "amount"), NEWER, doubled)
    assert str(raised.value) == (
        "The node picture.sharpen is of version 1 and the pack nodeforge fails to bring it to 3 "
        "('amount'): update the pack, or set the node up anew."
    )
